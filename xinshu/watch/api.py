"""/api/v1/risk-events: an institution's data partner pushes events about its customers, and alerts are read back."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from xinshu.accounts.models import Organisation
from xinshu.core.clock import now
from xinshu.core.refusals import Invalid
from xinshu.core.uscc import normalise
from xinshu.integrations.interface import responses
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import SensibleMoment, caller, moment, page_of, read_cursor
from xinshu.watch.actions.events import Told, concerns, take_event
from xinshu.watch.lifecycle import HANDLE, VIEW
from xinshu.watch.models import Alert, RiskEvent
from xinshu.watch.patterns import EVENTS

router = Router(tags=["风险事件"])
_KINDS = "|".join(EVENTS)


class EventIn(Schema):
    """一条风险事件。同一 id 再推一次不变；别的来源已讲过的同一件事并入原事件，不重复预警。"""

    id: str = Field(min_length=1, max_length=80, description="来源系统中的事件编号，始终不变")
    uscc: str = Field(min_length=18, max_length=18, description="企业的统一社会信用代码，须是本机构的客户或在保申请人")
    title: str = Field(min_length=4, max_length=300, description="标题，原样")
    happened_at: SensibleMoment
    kind: str | None = Field(None, pattern=f"^({_KINDS})$", description="不填时按标题判断")
    url: str | None = Field(None, max_length=500, pattern=r"^https?://\S+$")


class EventOut(Schema):
    """收下的事件和读出的内容。polarity：-1 负面，0 中性，1 正面；noise 为是的只留存，不预警。"""

    reference: str
    id: str
    kind: str
    title: str
    happened_at: str | None
    polarity: int
    about_firm: bool
    noise: bool
    same_as: str | None


class AlertOut(Schema):
    """一条预警。grade：note 关注，warn 预警，severe 严重。"""

    reference: str
    firm: str
    uscc: str
    kind: str
    grade: str
    state: str
    title: str
    happened_at: str | None
    raised_at: str | None


class AlertPage(Schema):
    """一页预警，新的在前。"""

    items: list[AlertOut]
    next: str | None


class AlertQuery(Schema):
    """查询条件，都可以不填。"""

    state: str = Field("", pattern="^(open|acknowledged|handled|noise)?$")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


def source_of(by: Caller) -> str:
    """Return under which source a client's events stand: its own, so that it never writes over another's."""
    return f"partner.{by.client.reference}"


def _event(event: RiskEvent) -> dict[str, Any]:
    return {
        "reference": event.reference, "id": event.source_id, "kind": event.kind, "title": event.title,
        "happened_at": moment(event.happened_at), "polarity": event.polarity, "about_firm": event.about_firm,
        "noise": event.is_noise, "same_as": event.same_as.reference if event.same_as else None,
    }  # fmt: skip


@router.post(
    "", response=responses(EventOut), summary="推送风险事件", operation_id="deliver_risk_event",
    url_name="risk_events_new",
)  # fmt: skip
def deliver(request: HttpRequest, told: EventIn) -> dict[str, Any]:
    """收下一条事件。负面且与企业有关的，客户经理和风险岗随后收到预警。"""
    by, at = caller(request, HANDLE), now()
    firm = Organisation.objects.filter(uscc=normalise(told.uscc)).first()
    if firm is None or not concerns(firm, by.organisation_id):
        raise Invalid(_("事件没有收下。"), fields={"uscc": _("不是本机构的客户或在保申请人")})
    wish = Told(source_of(by), told.id, told.title, told.happened_at, told.kind or "", told.url or "")
    return _event(take_event(firm, wish, by=by, at=at, house=by.organisation))


@router.get(
    "/alerts", response=responses(AlertPage), summary="查询预警", operation_id="list_risk_alerts",
    url_name="risk_alerts",
)  # fmt: skip
def list_alerts(request: HttpRequest, filters: Query[AlertQuery]) -> dict[str, Any]:
    """逐页返回本机构的预警，新的在前。"""
    by = caller(request, VIEW)
    found = Alert.objects.visible_to(by).select_related("event", "firm").order_by("-pk")
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 2 or place[0] != "alerts":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        found = found.filter(pk__lt=place[1])
    rows, following = page_of(list(found[: filters.limit + 1]), filters.limit, lambda row: ("alerts", row.pk))
    items = [
        {"reference": row.reference, "firm": row.firm.name, "uscc": row.firm.uscc or "", "kind": row.event.kind,
         "grade": row.grade, "state": row.state, "title": row.event.title,
         "happened_at": moment(row.happened_at), "raised_at": moment(row.raised_at)}
        for row in rows
    ]  # fmt: skip
    return {"items": items, "next": following}
