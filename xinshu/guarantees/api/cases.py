"""/api/v1/guarantees: list, read, apply, act, add material, take the letter.

Everything goes through the doors and actions of the pages; here is only how it is written down.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day, now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import keep_file
from xinshu.documents.views import hand_over
from xinshu.enterprises.models import Relation
from xinshu.guarantees import kinds
from xinshu.guarantees.actions.application import (
    attach_file,
    edit_application,
    start_application,
    submit_application,
    withdraw_application,
)
from xinshu.guarantees.actions.approval import approve_application, ask_papers, decline_application, return_application
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.issuance import cancel_issue, issue_guarantee
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.api.types import CODE
from xinshu.guarantees.applying.requests import open_requests
from xinshu.guarantees.judging.committee import SIGNING, refresh_committee
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, Product, Tariff
from xinshu.guarantees.payments.sandbox import ACCOUNTS
from xinshu.guarantees.queries import Filters, register, returned_because
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.integrations.interface import file_response, raw_body, responses
from xinshu.integrations.leaving import about, give, given
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import (
    ActionOut,
    Day,
    Money,
    MoneyIn,
    PartyOut,
    Version,
    actions,
    caller,
    moment,
    money,
    page_of,
    party,
    read_cursor,
)
from xinshu.projects.queries import project_for, secret_for

router = Router(tags=["保函"])
STATE = f"^({'|'.join(LIFECYCLE.states)})$"
INSIDE = {"applicant", "guarantor"}
MATERIAL = ("application/pdf", "image/png", "image/jpeg", "application/octet-stream")


class ProjectRef(Schema):
    """保函所属的项目。"""

    reference: str
    name: str


class GuaranteeOut(Schema):
    """一笔保函。`fee`、`decided_at`、`returned_because`、`on_behalf` 只对申请人和保证人显示。"""

    reference: str
    number: str | None
    kind: str
    kind_label: str
    state: str
    state_label: str
    version: int
    applicant: PartyOut
    guarantor: PartyOut
    beneficiary: PartyOut
    project: ProjectRef
    amount: Money | None
    available: Money | None = Field(description="尚可索赔的金额")
    effective_on: str | None
    expires_on: str | None
    issued_at: str | None
    delivered_at: str | None
    ended_at: str | None
    changed_at: str
    letter: bool = Field(description="函件是否可以下载")
    fee: Money | None
    decided_at: str | None
    on_behalf: bool | None
    returned_because: str | None = Field(None, description="退回补正的说明；列表中不返回")
    extras: dict[str, Any] = Field(description="类型自己的字段，金额以分计")
    actions: list[ActionOut] = Field(description="现在由您办理、可以办理的步骤")


class GuaranteePage(Schema):
    """一页保函，最近变动的在前。"""

    items: list[GuaranteeOut]
    next: str | None = Field(description="下一页的 cursor；没有下一页时为空")


class GuaranteeFilters(Schema):
    """查询条件，都可以不填。"""

    q: str = Field("", max_length=100, description="编号、机构或项目名称")
    kind: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,19})?$", description="保函类型的代码，见 /guarantee-types")
    state: str = Field("", pattern=f"{STATE[:-1]}?$")
    expires_from: Day | None = None
    expires_to: Day | None = None
    changed_since: AwareDatetime | None = Field(None, description="只要这一刻之后变动过的，用于增量同步")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


Extras = Annotated[
    dict[str, str | int] | None, Field(max_length=8, description="类型字段，按名称填写，见 /guarantee-types")
]


class ApplicationIn(Schema):
    """一份新申请。金额和期限可以以后再填。"""

    kind: str = Field(pattern=CODE, description="保函类型的代码，见 /guarantee-types")
    project: str = Field(max_length=16, description="项目的 reference")
    guarantor: str | None = Field(None, max_length=18, description="保证人的统一社会信用代码；保证人代办时不填")
    applicant: str | None = Field(None, max_length=18, description="申请人的统一社会信用代码；保证人代办时填")
    product: str | None = Field(None, max_length=16, description="产品编号；保证人只有一个这类产品时可以不填")
    amount: MoneyIn | None = None
    effective_on: Day | None = None
    expires_on: Day | None = None
    extras: Extras = None


class ActIn(Schema):
    """办理一步。除 version 外，按步骤需要填写。"""

    version: Version
    reason: str = Field("", max_length=500, description="退回、拒绝、撤回、解除担保时必填")
    opinion: str = Field("", max_length=500, description="审批意见")
    account: str = Field("", max_length=20, description="缴费账户")
    papers: list[Annotated[str, Field(max_length=60)]] = Field(
        [], max_length=10, description="补材料时：要补的材料名称"
    )
    amount: MoneyIn | None = None
    effective_on: Day | None = None
    expires_on: Day | None = None
    extras: Extras = None


FIELDS = {
    "number": "guarantees.Guarantee.number",
    "amount": "guarantees.Guarantee.amount",
    "available": "guarantees.Guarantee.available_amount",
    "fee": "guarantees.Guarantee.fee_amount",
    "returned_because": "work.Signature.opinion",
    "extras": "guarantees.Guarantee.extras",
}


def represent(guarantee: Guarantee, by: Caller, *, whole: bool = False) -> dict[str, Any]:
    """Return `guarantee` as `by` may see it: what is between applicant and guarantor stays there."""
    inside = bool(guarantee.sides_of(by) & INSIDE)
    told = {
        "reference": guarantee.reference,
        "number": guarantee.number,
        "kind": guarantee.kind,
        "kind_label": str(guarantee.get_kind_display()),
        "state": guarantee.state,
        "state_label": LIFECYCLE.states[guarantee.state].label,
        "version": guarantee.version,
        "applicant": party(guarantee.applicant, by),
        "guarantor": party(guarantee.guarantor, by),
        "beneficiary": party(guarantee.beneficiary, by),
        "project": {"reference": guarantee.project.reference, "name": guarantee.project.name},
        "amount": money(guarantee.amount, guarantee.currency),
        "available": money(guarantee.available_amount, guarantee.currency) if guarantee.issued_at else None,
        "effective_on": guarantee.effective_on and guarantee.effective_on.isoformat(),
        "expires_on": guarantee.expires_on and guarantee.expires_on.isoformat(),
        "issued_at": moment(guarantee.issued_at),
        "delivered_at": moment(guarantee.delivered_at),
        "ended_at": moment(guarantee.ended_at),
        "changed_at": moment(guarantee.changed_at),
        "letter": guarantee.letter_id is not None,
        "fee": money(guarantee.fee_amount, guarantee.currency) if inside else None,
        "decided_at": moment(guarantee.decided_at) if inside else None,
        "on_behalf": guarantee.on_behalf if inside else None,
        "returned_because": returned_because(guarantee) if inside and whole else None,
        "extras": {one.name: guarantee.extras.get(one.name) for one in guarantee.type.fields},
        "actions": actions(LIFECYCLE.possible(guarantee, by), ACTS),
    }
    given("projects.Project.name", guarantee.project.name, by)
    return give(told, FIELDS, by)


def _case(by: Caller, reference: str) -> Guarantee:
    """Return one guarantee, noted as what the call is about. Raises Unknown."""
    case = guarantee_for(by, reference)
    about(case, case.secret_until)
    return case


@router.get(
    "", response=responses(GuaranteePage), summary="查询保函", operation_id="list_guarantees", url_name="guarantees"
)
def list_guarantees(request: HttpRequest, filters: Query[GuaranteeFilters]) -> dict[str, Any]:
    """按条件逐页返回您可以看到的保函，最近变动的在前。"""
    by, at = caller(request, "guarantees.view"), now()
    narrowed = filters.dict(include={"q", "kind", "state", "expires_from", "expires_to"})
    found = register(by, at, Filters(**narrowed))
    if filters.changed_since is not None:
        found = found.filter(changed_at__gte=filters.changed_since)
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 3 or place[0] != "guarantees":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        before = datetime.fromisoformat(place[1])
        found = found.filter(Q(changed_at__lt=before) | Q(changed_at=before, id__lt=place[2]))
    rows = list(found.select_related(*PARTIES)[: filters.limit + 1])
    shown, following = page_of(rows, filters.limit, lambda row: ("guarantees", row.changed_at, row.pk))
    return {"items": [represent(row, by) for row in shown], "next": following}


@router.post(
    "", response=responses(GuaranteeOut), summary="新建申请", operation_id="create_guarantee", url_name="guarantees_new"
)
def create_guarantee(request: HttpRequest, application: ApplicationIn) -> dict[str, Any]:
    """新建一份申请草稿。企业自己申请时填保证人；保证人代企业申请时填申请人。"""
    by, at = caller(request, "guarantees.apply"), now()
    project = project_for(by, application.project, at)
    about(project, secret_for(project, by))
    applicant, guarantor = _parties(application, by)
    with transaction.atomic():
        case = start_application(
            kind=application.kind, project=project, applicant=applicant, guarantor=guarantor, by=by, at=at,
            product=_chosen_product(application, by, at),
        )  # fmt: skip
        terms = (application.amount, application.effective_on, application.expires_on)
        if any(part is not None for part in terms):
            case = _edit(case, by, at, application)
    return represent(_case(by, case.reference), by, whole=True)


def _chosen_product(application: ApplicationIn, by: Caller, at: datetime) -> Product | None:
    if not application.product:
        return None
    product = Product.objects.visible_to(by, local_day(at)).filter(reference=application.product).first()
    if product is None:
        raise Invalid(_("没有找到这个产品。"), fields={"product": _("可能已经下架")})
    return product


def _parties(application: ApplicationIn, by: Caller) -> tuple[Organisation, Organisation]:
    """Return applicant and guarantor, out of those whom the wizard would offer too."""
    organisations = Organisation.objects.filter(active=True)
    if by.organisation.kind in Organisation.ISSUERS:
        customers = Relation.objects.filter(guarantor=by.organisation).values("enterprise__organisation")
        applicant = organisations.filter(pk__in=customers, uscc=application.applicant or "-").first()
        if applicant is None:
            raise Invalid(_("请填写申请人，须是本机构的客户。"), fields={"applicant": _("不是本机构的客户")})
        return applicant, by.organisation
    issuers = organisations.filter(pk__in=Tariff.objects.values("guarantor"))
    guarantor = issuers.filter(uscc=application.guarantor or "-").first()
    if guarantor is None:
        raise Invalid(_("请填写保证人，须是已开办业务的机构。"), fields={"guarantor": _("不是已开办业务的保证人")})
    return by.organisation, guarantor


@router.get(
    "/{reference}",
    response=responses(GuaranteeOut),
    summary="读取保函",
    operation_id="read_guarantee",
    url_name="guarantee",
)
def read_guarantee(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一笔保函。不存在的和您不能看到的，答复相同。"""
    by = caller(request, "guarantees.view")
    return represent(_case(by, reference), by, whole=True)


@router.post(
    "/{reference}/actions/{action}", response=responses(GuaranteeOut), summary="办理一步",
    operation_id="act_on_guarantee", url_name="guarantee_act",
)  # fmt: skip
def act_on_guarantee(request: HttpRequest, reference: str, action: str, act: ActIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步。规则与页面相同；办不成时说明原因，业务不变。"""
    by, at = caller(request, "guarantees.view"), now()
    case = _case(by, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    case.version = act.version
    if action in SIGNING:
        refresh_committee(case, by=by, at=at)
    ACTS[action](case, by, at, act)
    return represent(_case(by, reference), by, whole=True)


@router.post(
    "/{reference}/materials", response=responses(GuaranteeOut), summary="上传材料",
    operation_id="add_guarantee_material", url_name="guarantee_materials",
    openapi_extra=raw_body("文件内容", *MATERIAL),
)  # fmt: skip
def add_material(
    request: HttpRequest,
    reference: str,
    version: Annotated[Version, Query()],
    title: Annotated[str, Query(min_length=1, max_length=60, description="材料名称，见 /guarantee-types 的 documents")],
    name: Annotated[str, Query(min_length=1, max_length=160, description="文件名")],
) -> dict[str, Any]:
    """请求体就是文件内容，不用表单。格式按内容识别，不看扩展名。"""
    by, at = caller(request, "guarantees.apply"), now()
    case = _case(by, reference)
    case.version = version
    if title not in (*kinds.titles(), *(request.title for request in open_requests(case))):
        raise Invalid(_("没有这种材料。"), fields={"title": _("请从材料名称中选择")})
    with transaction.atomic():
        kept = keep_file(
            request.body, name, by.organisation, by, at, subject=case, sealed_until=case.secret_until
        )  # fmt: skip
        attach_file(case, kept, title, by=by, at=at)
    return represent(_case(by, reference), by, whole=True)


@router.get(
    "/{reference}/letter", response=responses(None), summary="下载函件",
    operation_id="take_letter", url_name="guarantee_letter",
    openapi_extra=file_response("签章的 PDF", "application/pdf"),
)  # fmt: skip
def take_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """返回签章的 PDF 原件。"""
    by, at = caller(request, "guarantees.view"), now()
    case = _case(by, reference)
    if case.letter is None:
        raise Unknown(_("这笔保函还没有函件。"), advice=_("签发并签章后可以下载。"))
    given("guarantees.Guarantee.number", case.number, by)
    given("guarantees.Guarantee.amount", case.amount, by)
    return hand_over(case.letter.file, by, at)


def _edit(case: Guarantee, by: Caller, at: datetime, told: ActIn | ApplicationIn) -> Guarantee:
    if told.amount is None or told.effective_on is None or told.expires_on is None:
        raise Invalid(
            _("金额、生效日、到期日要一起填写。"),
            fields={
                name: _("还没有填写")
                for name in ("amount", "effective_on", "expires_on")
                if getattr(told, name) is None
            },
        )
    return edit_application(
        case, by=by, at=at, amount=told.amount.fen(), effective_on=told.effective_on, expires_on=told.expires_on,
        extras=told.extras,
    )  # fmt: skip


def _reason(act: ActIn) -> str:
    if not act.reason.strip():
        raise Invalid(_("请写明原因。"), advice=_("对方会看到您写的内容。"), fields={"reason": _("还没有填写")})
    return act.reason.strip()


def _pay(case: Guarantee, by: Caller, at: datetime, act: ActIn) -> object:
    if act.account not in ACCOUNTS:
        raise Invalid(_("请选择付款账户。"), fields={"account": _("没有这个账户")})
    return request_payment(case, channel="sandbox", account=act.account, by=by, at=at)


Act = Callable[[Guarantee, Caller, datetime, ActIn], object]
ACTS: dict[str, Act] = {
    "edit": _edit,
    "submit": lambda case, by, at, act: submit_application(case, by=by, at=at),
    "withdraw": lambda case, by, at, act: withdraw_application(case, by=by, at=at, reason=_reason(act)),
    "approve": lambda case, by, at, act: approve_application(case, by=by, at=at, opinion=act.opinion.strip()),
    "return": lambda case, by, at, act: return_application(case, by=by, at=at, reason=_reason(act)),
    "ask_papers": lambda case, by, at, act: ask_papers(case, act.papers, note=act.reason, by=by, at=at),
    "decline": lambda case, by, at, act: decline_application(case, by=by, at=at, reason=_reason(act)),
    "pay": _pay,
    "issue": lambda case, by, at, act: issue_guarantee(case, by=by, at=at),
    "cancel": lambda case, by, at, act: cancel_issue(case, by=by, at=at, reason=_reason(act)),
    "release": lambda case, by, at, act: release_guarantee(case, by=by, at=at, reason=_reason(act)),
}
