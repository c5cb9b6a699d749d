"""/api/v1/claims: list, read, present, add papers, act. Through the doors and actions of the pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from xinshu.claims.actions.examination import agree_to_pay, propose_payment, propose_refusal, refuse_demand, send_back
from xinshu.claims.actions.payout import request_payout
from xinshu.claims.actions.presentation import (
    Payee,
    attach_paper,
    complete_demand,
    present_demand,
    state_position,
    withdraw_demand,
)
from xinshu.claims.actions.suspension import decline_extension, grant_extension, suspend_payment
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import PARTIES, Demand, Position
from xinshu.claims.queries import Filters, register
from xinshu.claims.views.doors import demand_for
from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.api.cases import MATERIAL
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.integrations.interface import raw_body, responses
from xinshu.integrations.leaving import give, given
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

router = Router(tags=["索赔"])
STATE = f"^({'|'.join(DEMAND.states)})$"
SIDES = {"applicant", "guarantor", "beneficiary"}


class DiscrepancyOut(Schema):
    """拒付通知列明的一处不符。"""

    code: str
    label: str
    source: str
    note: str


class NoticeOut(Schema):
    """拒付通知：每次索赔至多一份，不能修改。"""

    number: str
    amount: Money
    given_at: str
    digest: str = Field(description="通知内容的 SM3")
    discrepancies: list[DiscrepancyOut]


class DemandOut(Schema):
    """一笔索赔。`statement`、`papers`、`notice`、`payee_account` 只对保函的当事人显示。"""

    reference: str
    guarantee: str = Field(description="保函的 reference")
    number: str | None = Field(description="保函编号")
    state: str
    state_label: str
    version: int
    applicant: PartyOut
    guarantor: PartyOut
    beneficiary: PartyOut
    amount: Money
    payable: Money | None = Field(description="认定应付的金额")
    received_on: str
    to_complete: str = Field(description="还要补齐什么；已齐全时为空")
    extend_to: str | None = Field(description="要求展期至；不要求展期时为空")
    due_on: str | None = Field(description="审核时限：最迟在这一天付款或发出拒付通知")
    pay_due_on: str | None
    suspended_until: str | None
    ended_at: str | None
    changed_at: str
    statement: str | None
    payee_account: str | None
    papers: list[str] = Field(description="单据的 SM3")
    notice: NoticeOut | None
    actions: list[ActionOut] = Field(description="现在由您办理、可以办理的步骤")


class DemandPage(Schema):
    """一页索赔，最近变动的在前。"""

    items: list[DemandOut]
    next: str | None = Field(description="下一页的 cursor；没有下一页时为空")


class DemandFilters(Schema):
    """查询条件，都可以不填。"""

    q: str = Field("", max_length=100, description="编号、机构或项目名称")
    state: str = Field("", pattern=f"{STATE[:-1]}?$")
    changed_since: AwareDatetime | None = Field(None, description="只要这一刻之后变动过的，用于增量同步")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


class DemandIn(Schema):
    """一次索赔。单据在提交时即齐全的，先以 `to_complete` 提交，上传单据后办理 complete。"""

    guarantee: str = Field(max_length=16, description="保函的 reference")
    amount: MoneyIn
    statement: str = Field("", max_length=4000, description="说明申请人在哪一方面违约")
    payee_name: str = Field(max_length=80)
    payee_bank: str = Field(max_length=80)
    payee_account: str = Field(pattern="^[0-9]{6,40}$")
    to_complete: str = Field("", max_length=300, description="还要补齐什么；填写的，补齐前不开始审核")
    extend_to: Day | None = Field(None, description="“展期或付款”时填写")


class ActIn(Schema):
    """办理一步。除 version 外，按步骤需要填写。"""

    version: Version
    reason: str = Field("", max_length=500, description="撤回、退回、答复展期时必填")
    opinion: str = Field("", max_length=500)
    statement: str = Field("", max_length=4000)
    amount: MoneyIn | None = Field(None, description="提出部分付款时填写")
    stance: str = Field("", pattern=f"^({'|'.join(Position.Stance.values)})?$")


FIELDS = {
    "number": "guarantees.Guarantee.number",
    "amount": "claims.Demand.amount",
    "payable": "claims.Demand.payable_amount",
    "statement": "claims.Demand.statement",
    "to_complete": "claims.Demand.to_complete",
    "payee_account": "claims.Demand.payee_account",
}


def represent(demand: Demand, by: Caller) -> dict[str, Any]:
    """Return `demand` as `by` may see it."""
    guarantee, inside = demand.guarantee, bool(demand.sides_of(by) & SIDES)
    notice = getattr(demand, "notice", None) if inside else None
    told = {
        "reference": demand.reference,
        "guarantee": guarantee.reference,
        "number": guarantee.number,
        "state": demand.state,
        "state_label": DEMAND.states[demand.state].label,
        "version": demand.version,
        "applicant": party(guarantee.applicant, by),
        "guarantor": party(guarantee.guarantor, by),
        "beneficiary": party(guarantee.beneficiary, by),
        "amount": money(demand.amount),
        "payable": money(demand.payable_amount),
        "received_on": demand.received_on.isoformat(),
        "to_complete": demand.to_complete if inside else "",
        **{
            name: (value.isoformat() if (value := getattr(demand, name)) else None)
            for name in ("extend_to", "due_on", "pay_due_on", "suspended_until")
        },
        "ended_at": moment(demand.ended_at),
        "changed_at": moment(demand.changed_at),
        "statement": demand.statement if inside else None,
        "payee_account": demand.payee_account if inside else None,
        "papers": [paper.file.blob.sm3 for paper in demand.papers.select_related("file__blob")] if inside else [],
        "notice": notice
        and {
            "number": notice.number,
            "amount": money(given("claims.RefusalNotice.refused_amount", notice.refused_amount, by)),
            "given_at": moment(notice.given_at),
            "digest": notice.digest,
            "discrepancies": given("claims.RefusalNotice.discrepancies", notice.discrepancies, by),
        },
        "actions": actions(DEMAND.possible(demand, by), ACTS),
    }
    return give(told, FIELDS, by)


@router.get("", response=responses(DemandPage), summary="查询索赔", operation_id="list_claims", url_name="claims")
def list_claims(request: HttpRequest, filters: Query[DemandFilters]) -> dict[str, Any]:
    """按条件逐页返回您可以看到的索赔，最近变动的在前。"""
    by, at = caller(request, "claims.view"), now()
    found = register(by, at, Filters(q=filters.q, state=filters.state))
    if filters.changed_since is not None:
        found = found.filter(changed_at__gte=filters.changed_since)
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 3 or place[0] != "claims":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        before = datetime.fromisoformat(place[1])
        found = found.filter(Q(changed_at__lt=before) | Q(changed_at=before, id__lt=place[2]))
    rows = list(found.select_related(*PARTIES, "notice")[: filters.limit + 1])
    shown, following = page_of(rows, filters.limit, lambda row: ("claims", row.changed_at, row.pk))
    return {"items": [represent(row, by) for row in shown], "next": following}


@router.post("", response=responses(DemandOut), summary="提出索赔", operation_id="present_claim", url_name="claims_new")
def present_claim(request: HttpRequest, told: DemandIn) -> dict[str, Any]:
    """受益人就一份保函提出索赔。金额超过可索赔余额的照收，但不相符。"""
    by, at = caller(request, "claims.present"), now()
    demand = present_demand(
        guarantee_for(by, told.guarantee),
        amount=told.amount.fen(),
        statement=told.statement.strip(),
        payee=Payee(told.payee_name.strip(), told.payee_bank.strip(), told.payee_account),
        to_complete=told.to_complete.strip(),
        extend_to=told.extend_to,
        by=by,
        at=at,
    )
    return represent(demand_for(by, demand.reference), by)


@router.get(
    "/{reference}", response=responses(DemandOut), summary="读取索赔", operation_id="read_claim", url_name="claim"
)
def read_claim(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一笔索赔。不存在的和您不能看到的，答复相同。"""
    by = caller(request, "claims.view")
    return represent(demand_for(by, reference), by)


@router.post(
    "/{reference}/actions/{action}", response=responses(DemandOut), summary="办理一步",
    operation_id="act_on_claim", url_name="claim_act",
)  # fmt: skip
def act_on_claim(request: HttpRequest, reference: str, action: str, act: ActIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步。规则与页面相同；办不成时说明原因，业务不变。"""
    by, at = caller(request, "claims.view"), now()
    demand = demand_for(by, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    demand.version = act.version
    ACTS[action](demand, by, at, act)
    return represent(demand_for(by, reference), by)


@router.post(
    "/{reference}/papers", response=responses(DemandOut), summary="上传单据",
    operation_id="add_claim_paper", url_name="claim_papers", openapi_extra=raw_body("文件内容", *MATERIAL),
)  # fmt: skip
def add_paper(
    request: HttpRequest,
    reference: str,
    version: Annotated[Version, Query()],
    name: Annotated[str, Query(min_length=1, max_length=160, description="文件名")],
) -> dict[str, Any]:
    """请求体就是文件内容，不用表单。只有待补齐的索赔可以补单据。"""
    by, at = caller(request, "claims.present"), now()
    demand = demand_for(by, reference)
    demand.version = version
    attach_paper(demand, name, request.body, by=by, at=at)
    return represent(demand_for(by, reference), by)


def _reason(act: ActIn) -> str:
    if len(act.reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), advice=_("对方会看到您写的内容。"), fields={"reason": _("还没有填写")})
    return act.reason.strip()


Act = Callable[[Demand, Caller, datetime, ActIn], object]
ACTS: dict[str, Act] = {
    "complete": lambda case, by, at, act: complete_demand(case, statement=act.statement, by=by, at=at),
    "withdraw": lambda case, by, at, act: withdraw_demand(case, reason=_reason(act), by=by, at=at),
    "comment": lambda case, by, at, act: state_position(case, stance=act.stance, text=_reason(act), by=by, at=at),
    "propose_payment": lambda case, by, at, act: propose_payment(
        case, amount=act.amount.fen() if act.amount else None, opinion=act.opinion, by=by, at=at
    ),
    "propose_refusal": lambda case, by, at, act: propose_refusal(case, opinion=act.opinion, by=by, at=at),
    "agree": lambda case, by, at, act: agree_to_pay(case, opinion=act.opinion, by=by, at=at),
    "refuse": lambda case, by, at, act: refuse_demand(case, opinion=act.opinion, by=by, at=at),
    "object": lambda case, by, at, act: send_back(case, reason=_reason(act), by=by, at=at),
    "suspend": lambda case, by, at, act: suspend_payment(case, by=by, at=at),
    "grant_extension": lambda case, by, at, act: grant_extension(case, reason=_reason(act), by=by, at=at),
    "decline_extension": lambda case, by, at, act: decline_extension(case, reason=_reason(act), by=by, at=at),
    "pay": lambda case, by, at, act: request_payout(case, channel="sandbox", by=by, at=at),
}
