"""/api/v1/project-records and /project-messages: a source tells of its projects, a receiver acknowledges ours."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.exchange.api import ACTS, DecisionIn
from xinshu.exchange.lifecycle import PROJECT_MESSAGE, SUPERVISE
from xinshu.exchange.models import ProjectMessage, ProjectRecord
from xinshu.exchange.projects.facts import Facts
from xinshu.exchange.projects.queries import message_for
from xinshu.exchange.projects.receiving import OUTCOMES, take_delivery
from xinshu.integrations.interface import responses
from xinshu.integrations.leaving import given
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import ActionOut, Day, MoneyIn, actions, caller, moment, page_of, read_cursor
from xinshu.projects.api import KINDS, Days, Moment
from xinshu.projects.models import Project

records = Router(tags=["项目同步"])
messages = Router(tags=["项目同步"])


def _readable(text: str) -> str:
    words = " ".join(text.split())
    if not words.isprintable():
        raise ValueError("不能有控制字符")
    return words


Text = Annotated[str, AfterValidator(_readable)]
Name = Annotated[Text, Field(min_length=4, max_length=120)]


class AwardIn(Schema):
    """中标结果，按中标公告。"""

    winner: Name = Field(description="中标人全称；联合体填牵头单位")
    members: list[Name] = Field([], max_length=20, description="联合体其他成员")
    amount: MoneyIn


class FactsIn(Schema):
    """项目信息。没有的不填；平台不接收投标人名单。"""

    name: Text = Field(min_length=4, max_length=300)
    number: Text = Field(min_length=2, max_length=80, description="招标（标段）编号，凭它与平台已有项目比对")
    buyer: Name = Field(description="建设单位（招标人）全称")
    region_code: str = Field(pattern=r"^[0-9]{6}$")
    kind: str = Field("other", pattern=f"^({KINDS})$")
    site: Text | None = Field(None, max_length=200)
    regime: str | None = Field(None, pattern=f"^({'|'.join(Project.Regime.values)})$")
    estimate: MoneyIn | None = None
    opens_at: Moment | None = None
    bid_validity_days: Days | None = None
    contract_days: Days | None = None
    contract: MoneyIn | None = None
    completed_on: Day | None = None
    award: AwardIn | None = None

    def facts(self) -> Facts:
        """Return what was told, as records keep it."""
        told: Facts = {
            "name": self.name, "number": self.number, "buyer": self.buyer, "region_code": self.region_code,
            "kind": self.kind, "site": self.site or None, "regime": self.regime, "opens_at": moment(self.opens_at),
            "bid_validity_days": self.bid_validity_days, "contract_days": self.contract_days,
            "estimate_amount": _fen("estimate", self.estimate), "contract_amount": _fen("contract", self.contract),
            "completed_on": self.completed_on.isoformat() if self.completed_on else None,
        }  # fmt: skip
        if self.award is not None:
            amount = _fen("award", self.award.amount)
            told["award"] = {"winner": self.award.winner, "members": self.award.members, "amount": amount}
        return {name: value for name, value in told.items() if value is not None}


def _fen(name: str, told: MoneyIn | None) -> int | None:
    """Return 分. Raises Invalid for nothing, which is no amount of a project."""
    if told is None:
        return None
    if (fen := told.fen()) <= 0:
        raise Invalid(_("金额要大于 0。"), fields={name: _("金额要大于 0。")})
    return fen


class DeliveryIn(Schema):
    """一次推送：新增、更新或撤回。"""

    id: Text = Field(min_length=1, max_length=80, description="对方系统中的项目编号，始终不变")
    version: int = Field(ge=1, le=2**31 - 1, description="对方系统中的版本号，每次改动加大")
    withdrawn: bool = Field(False, description="撤回这个项目；撤回时不填 project")
    project: FactsIn | None = None


class DeliveryOut(Schema):
    """收到后的结果。"""

    receipt: str = Field(description="回执编号；同一版本同一内容再来，回执相同")
    outcome: str = Field(
        description=f"{'、'.join(OUTCOMES)}：taken 已采纳；repeated 收过了；older 版本较旧，未覆盖；"
        "conflict 同版本内容不同，先到的有效，等推送单位的人决定；adopted、dismissed 是决定后的结果"
    )
    reference: str
    version: int = Field(description="平台现在采用的版本")
    withdrawn: bool


class RecordOut(Schema):
    """平台现在采用的内容。金额以分为单位。"""

    reference: str
    id: str
    version: int
    withdrawn: bool
    number: str
    facts: dict[str, Any]
    changed_at: str | None


class RecordPage(Schema):
    """一页，最近变动的在前。"""

    items: list[RecordOut]
    next: str | None


class MessageOut(Schema):
    """一份项目推送。content 生成时固定；金额以分为单位。"""

    reference: str
    state: str
    state_label: str
    version: int
    event: str = Field(description="project_new 新项目，project_changed 项目变化")
    order: str = Field(description="同一标段、同一系统的各份推送相同")
    number: int = Field(description="序号，从 1 起")
    message: str = Field(description="报文编号：重复送达时不变，用它去重")
    content: dict[str, Any]
    receipt: str
    answer: str
    created_at: str | None
    actions: list[ActionOut]


class MessagePage(Schema):
    """一页推送，最新的在前。"""

    items: list[MessageOut]
    next: str | None


class PageIn(Schema):
    """翻页。"""

    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


@records.post(
    "", response=responses(DeliveryOut), summary="推送项目", operation_id="deliver_project", url_name="project_records"
)
def deliver(request: HttpRequest, told: DeliveryIn) -> dict[str, Any]:
    """新增、更新或撤回一个项目。可以重复、可以乱序：每个版本只采纳一次，旧版本不会覆盖新版本。"""
    by, at = caller(request, SUPERVISE), now()
    if (told.project is None) != told.withdrawn:
        raise Invalid(_("推送内容不完整。"), fields={"project": _("撤回时不填，其他情况必填")})
    facts = told.project.facts() if told.project else {}
    taken = take_delivery(told.id, told.version, facts, withdrawn=told.withdrawn, by=by, at=at)
    outcome = taken.outcome
    return {
        "receipt": given("exchange.Arrival.receipt", taken.arrival.receipt, by),
        "outcome": outcome,
        "reference": taken.record.reference,
        "version": taken.record.version,
        "withdrawn": taken.record.withdrawn,
    }


@records.get(
    "", response=responses(RecordPage), summary="查询推送过的项目", operation_id="list_project_records",
    url_name="project_records_list",
)  # fmt: skip
def list_records(request: HttpRequest, asked: Query[PageIn]) -> dict[str, Any]:
    """返回本机构推送过的项目，最近登记的在前。"""
    by = caller(request, SUPERVISE)
    rows = _page(_own(by).order_by("-pk"), asked, "records")
    shown, following = page_of(rows, asked.limit, lambda row: ("records", row.pk))
    return {"items": [_record(row, by) for row in shown], "next": following}


@records.get(
    "/{reference}", response=responses(RecordOut), summary="读取推送过的项目", operation_id="read_project_record",
    url_name="project_record",
)  # fmt: skip
def read_record(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回平台现在采用的内容。不存在的和别家推送的，答复相同。"""
    by = caller(request, SUPERVISE)
    found = _own(by).filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这个项目。"))
    return _record(found, by)


@messages.get(
    "", response=responses(MessagePage), summary="查询项目推送", operation_id="list_project_messages",
    url_name="project_messages",
)  # fmt: skip
def list_messages(request: HttpRequest, asked: Query[PageIn]) -> dict[str, Any]:
    """返回平台推送给本机构的项目，最新的在前。"""
    by = caller(request, SUPERVISE)
    told = ProjectMessage.objects.visible_to(by, now()).filter(receiver=by.organisation_id).select_related("project")
    rows = _page(told.order_by("-pk"), asked, "project_messages")
    shown, following = page_of(rows, asked.limit, lambda row: ("project_messages", row.pk))
    return {"items": [_message(row, by) for row in shown], "next": following}


@messages.get(
    "/{reference}", response=responses(MessageOut), summary="读取项目推送", operation_id="read_project_message",
    url_name="project_message",
)  # fmt: skip
def read_message(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一份推送。不存在的和您不能看到的，答复相同。"""
    by = caller(request, SUPERVISE)
    return _message(message_for(by, reference, now()), by)


@messages.post(
    "/{reference}/actions/{action}", response=responses(MessageOut), summary="回执、备案或退回",
    operation_id="act_on_project_message", url_name="project_message_act",
)  # fmt: skip
def act_on_message(request: HttpRequest, reference: str, action: str, told: DecisionIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步：receipt 登记回执，file 备案，return 退回。有回执才算已报送。"""
    by, at = caller(request, SUPERVISE), now()
    case = message_for(by, reference, at)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    case.version = told.version
    ACTS[action](case, by, at, told)
    return _message(message_for(by, reference, at), by)


def _own(by: Caller) -> Any:
    return ProjectRecord.objects.visible_to(by).filter(source=by.organisation_id)


def _page(rows: Any, asked: PageIn, name: str) -> list[Any]:
    if asked.cursor:
        place = read_cursor(asked.cursor)
        if len(place) != 2 or place[0] != name:
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        rows = rows.filter(pk__lt=place[1])
    return list(rows[: asked.limit + 1])


def _record(found: ProjectRecord, by: Caller) -> dict[str, Any]:
    return {
        "reference": found.reference,
        "id": given("exchange.ProjectRecord.external_id", found.external_id, by),
        "version": found.version,
        "withdrawn": found.withdrawn,
        "number": given("exchange.ProjectRecord.number", found.number, by),
        "facts": given("exchange.ProjectRecord.facts", found.facts, by),
        "changed_at": moment(found.changed_at),
    }


def _message(case: ProjectMessage, by: Caller) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "state": case.state,
        "state_label": case.standing.label,
        "version": case.version,
        "event": case.event,
        "order": given("exchange.ProjectMessage.order", case.order, by),
        "number": case.number,
        "message": case.message,
        "content": given("exchange.ProjectMessage.content", case.content, by),
        "receipt": case.receipt,
        "answer": given("exchange.ProjectMessage.answer", case.answer, by),
        "created_at": moment(case.created_at),
        "actions": actions(PROJECT_MESSAGE.possible(case, by), ACTS),
    }
