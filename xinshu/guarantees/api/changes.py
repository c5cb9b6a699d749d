"""/api/v1: amendments, reductions, surrenders, renewals of guarantees. Doors and actions are those of the pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.actions import amendments, contract_changes, reductions, surrenders
from xinshu.guarantees.actions.amendment_fees import request_difference
from xinshu.guarantees.actions.renewal import renew_guarantee
from xinshu.guarantees.api.cases import GuaranteeOut, represent
from xinshu.guarantees.changes.desk import TABLES, lifecycle_of
from xinshu.guarantees.changing import GROUNDS
from xinshu.guarantees.models import Amendment, ContractChange, Reduction, Surrender
from xinshu.guarantees.models.changes import WITH_PARTIES, Change
from xinshu.guarantees.payments.sandbox import ACCOUNTS
from xinshu.guarantees.terms_now import NAMES
from xinshu.guarantees.views.changes import change_for
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.integrations.interface import raw_body, responses
from xinshu.integrations.leaving import give
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import ActionOut, Day, Money, MoneyIn, Reason, Version, actions, caller, moment, money

router = Router(tags=["保函变更"])
of_guarantees = Router(tags=["保函变更"])
MATERIAL = ("application/pdf", "image/png", "image/jpeg", "application/octet-stream")
GROUND = f"^({'|'.join(code for code, _label in GROUNDS)})$"


class ChangeOut(Schema):
    """一份修改、减额、主合同变更或退保。`fee` 只对申请人和保证人显示。"""

    kind: str = Field(description="amendment、reduction、contractchange 或 surrender")
    reference: str
    guarantee: str = Field(description="保函的 reference")
    number: int | None = Field(description="第几号修改")
    state: str
    state_label: str
    version: int
    reason: str
    amount: Money | None = Field(description="修改后的金额；减额减少的金额；主合同变更涉及的金额")
    expires_on: str | None = Field(description="修改后的到期日")
    wording: dict[str, str] = Field(description="修改的名称")
    on: str | None = Field(description="约定减额的日期")
    fee: Money | None
    consent: str | None = Field(description="受益人对退保的意见：agreed、objected 或空")
    decision: str | None
    receipt: str | None = Field(description="退保回执编号")
    proposed_at: str
    ended_at: str | None
    actions: list[ActionOut] = Field(description="现在由您办理、可以办理的步骤")


class ChangeList(Schema):
    """一份保函的全部变更，最近变动的在前。"""

    items: list[ChangeOut]


class AmendmentIn(Schema):
    """要改成什么；不改的不填。"""

    version: Version
    reason: Reason
    amount: MoneyIn | None = None
    expires_on: Day | None = None
    applicant: str = Field("", max_length=120)
    beneficiary: str = Field("", max_length=120)
    project: str = Field("", max_length=120)
    project_number: str = Field("", max_length=120)


class ChangeActIn(Schema):
    """办理一步。"""

    version: Version
    reason: str = Field("", max_length=500)
    opinion: str = Field("", max_length=500)
    account: str = Field("", max_length=20)


class RenewIn(Schema):
    """续保不需要填写内容。"""


FIELDS = {
    "amount": "guarantees.Amendment.new_amount",
    "fee": "guarantees.Amendment.fee_amount",
    "reason": "guarantees.Amendment.reason",
}


def tell(change: Any, by: Caller) -> dict[str, Any]:
    """Return a change as `by` may see it."""
    table, inside = lifecycle_of(change), bool(change.sides_of(by) & {"applicant", "guarantor"})
    amended, surrendered = isinstance(change, Amendment), isinstance(change, Surrender)
    fen = change.new_amount if amended else getattr(change, "amount", None)
    expires_on, on = getattr(change, "new_expires_on", None), getattr(change, "on", None)
    told = {
        "kind": change._meta.model_name,
        "reference": change.reference,
        "guarantee": change.guarantee.reference,
        "number": change.number if amended else None,
        "state": change.state,
        "state_label": table.states[change.state].label,
        "version": change.version,
        "reason": change.reason,
        "amount": money(fen, change.guarantee.currency),
        "expires_on": expires_on.isoformat() if expires_on else None,
        "wording": change.wording if amended else {},
        "on": on.isoformat() if on else None,
        "fee": money(change.fee_amount, change.guarantee.currency) if amended and inside else None,
        "consent": change.consent if surrendered else None,
        "decision": change.decision if surrendered else None,
        "receipt": change.receipt_number if surrendered else None,
        "proposed_at": moment(change.proposed_at),
        "ended_at": moment(change.ended_at),
        "actions": actions(table.possible(change, by), ACTS[type(change)]),
    }
    return give(told, FIELDS, by)


@of_guarantees.get(
    "/{reference}/changes", response=responses(ChangeList), summary="保函的变更", operation_id="list_changes",
    url_name="changes",
)  # fmt: skip
def list_changes(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一份保函的修改、减额和退保。"""
    by = caller(request, "guarantees.view")
    case, found = guarantee_for(by, reference), []
    for model, _table, _page in TABLES:
        found += list(model.objects.visible_to(by, now()).filter(guarantee=case).select_related(*WITH_PARTIES))
    found.sort(key=lambda change: (change.changed_at, change.pk), reverse=True)
    return {"items": [tell(change, by) for change in found]}


@of_guarantees.post(
    "/{reference}/amendments", response=responses(ChangeOut), summary="申请修改", operation_id="propose_amendment",
    url_name="amendments_new",
)  # fmt: skip
def propose(request: HttpRequest, reference: str, told: AmendmentIn) -> dict[str, Any]:
    """提出修改。保证人同意并签发、受益人整体接受后生效。"""
    by, at = caller(request, "guarantees.apply"), now()
    case = guarantee_for(by, reference)
    case.version = told.version
    wording = {name: getattr(told, name) for name in NAMES}
    made = amendments.propose_amendment(
        case, by=by, at=at, reason=told.reason, new_amount=told.amount.fen() if told.amount else None,
        new_expires_on=told.expires_on, wording=wording,
    )  # fmt: skip
    return tell(change_for(by, made.reference), by)


@of_guarantees.post(
    "/{reference}/reductions", response=responses(ChangeOut), summary="申请减额", operation_id="ask_reduction",
    url_name="reductions_new", openapi_extra=raw_body("依据文件", *MATERIAL),
)  # fmt: skip
def ask_reduction(
    request: HttpRequest,
    reference: str,
    version: Annotated[Version, Query()],
    amount: Annotated[str, Query(pattern=r"^[0-9]{1,13}(\.[0-9]{1,2})?$", description="减少的金额，元")],
    reason: Annotated[str, Query(min_length=4, max_length=500)],
    name: Annotated[str, Query(min_length=1, max_length=160, description="文件名")],
) -> dict[str, Any]:
    """请求体是依据文件。受益人确认后生效。"""
    by, at = caller(request, "guarantees.apply"), now()
    case = guarantee_for(by, reference)
    case.version = version
    made = reductions.ask_reduction(
        case,
        amount=MoneyIn(amount=amount, currency="CNY").fen(),
        reason=reason,
        content=request.body,
        name=name,
        by=by,
        at=at,
    )
    return tell(change_for(by, made.reference), by)


@of_guarantees.post(
    "/{reference}/surrenders", response=responses(ChangeOut), summary="申请退保", operation_id="ask_surrender",
    url_name="surrenders_new", openapi_extra=raw_body("证明文件", *MATERIAL),
)  # fmt: skip
def ask_surrender(
    request: HttpRequest,
    reference: str,
    version: Annotated[Version, Query()],
    ground: Annotated[str, Query(pattern=GROUND)],
    reason: Annotated[str, Query(min_length=4, max_length=500)],
    name: Annotated[str, Query(min_length=1, max_length=160, description="文件名")],
) -> dict[str, Any]:
    """请求体是证明文件。系统核对后由项目所在地主管部门审核。"""
    by, at = caller(request, "guarantees.apply"), now()
    case = guarantee_for(by, reference)
    case.version = version
    made = surrenders.ask_surrender(case, ground=ground, reason=reason, content=request.body, name=name, by=by, at=at)
    return tell(change_for(by, made.reference), by)


@of_guarantees.post(
    "/{reference}/renewals", response=responses(GuaranteeOut), summary="续保", operation_id="renew_guarantee",
    url_name="renewals_new",
)  # fmt: skip
def renew(request: HttpRequest, reference: str, told: RenewIn) -> dict[str, Any]:
    """按原保函建一份新申请的草稿；已在办理的返回那一份。"""
    by = caller(request, "guarantees.apply")
    renewal = renew_guarantee(guarantee_for(by, reference), by=by, at=now())
    return represent(guarantee_for(by, renewal.reference), by, whole=True)


@router.get(
    "/{reference}", response=responses(ChangeOut), summary="读取变更", operation_id="read_change", url_name="change"
)
def read_change(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一份修改、减额或退保。"""
    by = caller(request, "guarantees.view")
    return tell(change_for(by, reference), by)


@router.post(
    "/{reference}/actions/{action}", response=responses(ChangeOut), summary="办理一步", operation_id="act_on_change",
    url_name="change_act",
)  # fmt: skip
def act_on_change(request: HttpRequest, reference: str, action: str, act: ChangeActIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步。规则与页面相同。"""
    by, at = caller(request, "guarantees.view"), now()
    change = change_for(by, reference)
    if action not in ACTS[type(change)]:
        raise Unknown(_("没有这项操作。"))
    change.version = act.version
    ACTS[type(change)][action](change, by, at, act)
    return tell(change_for(by, reference), by)


Act = Callable[[Any, Caller, datetime, ChangeActIn], object]


def _reason(act: ChangeActIn) -> str:
    if not act.reason.strip():
        raise Invalid(_("请写明原因。"), advice=_("对方会看到您写的内容。"), fields={"reason": _("还没有填写")})
    return act.reason.strip()


def _plain(do: Callable[..., object]) -> Act:
    return lambda change, by, at, act: do(change, by=by, at=at)


def _reasoned(do: Callable[..., object]) -> Act:
    return lambda change, by, at, act: do(change, by=by, at=at, reason=_reason(act))


def _pay(change: Any, by: Caller, at: datetime, act: ChangeActIn) -> object:
    if act.account not in ACCOUNTS:
        raise Invalid(_("请选择付款账户。"), fields={"account": _("没有这个账户")})
    return request_difference(change, channel="sandbox", account=act.account, by=by, at=at)


ACTS: dict[type[Change], dict[str, Act]] = {
    Amendment: {
        "approve": lambda change, by, at, act: amendments.approve_amendment(
            change, by=by, at=at, opinion=act.opinion.strip()
        ),
        "decline": _reasoned(amendments.decline_amendment),
        "withdraw": _reasoned(amendments.withdraw_amendment),
        "pay": _pay,
        "issue": _plain(amendments.issue_amendment),
        "accept": _plain(amendments.accept_amendment),
        "reject": _reasoned(amendments.reject_amendment),
    },
    Reduction: {
        "confirm": _plain(reductions.confirm_reduction),
        "decline": _reasoned(reductions.decline_reduction),
        "withdraw": _reasoned(reductions.withdraw_reduction),
    },
    ContractChange: {
        "consent": _plain(contract_changes.consent_to_change),
        "refuse": _reasoned(contract_changes.refuse_change),
        "withdraw": _reasoned(contract_changes.withdraw_change),
    },
    Surrender: {
        "supply": lambda change, by, at, act: surrenders.supply_proof(
            change, reason=_reason(act), content=None, name="", by=by, at=at
        ),
        "agree": _plain(surrenders.agree_to_surrender),
        "object": _reasoned(surrenders.object_to_surrender),
        "approve": _plain(surrenders.approve_surrender),
        "return": _reasoned(surrenders.return_surrender),
        "refuse": _reasoned(surrenders.refuse_surrender),
        "withdraw": _reasoned(surrenders.withdraw_surrender),
    },
}
