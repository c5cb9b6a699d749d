"""Where a workbench's work comes from: guarantees, registrations, deliveries, evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from xinshu.accounts.lifecycle import REGISTRATION
from xinshu.accounts.models import Member, Registration
from xinshu.accounts.queries import registrations, waiting_registrations
from xinshu.certification.queries import waiting as certifications_waiting
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import local_day
from xinshu.core.money import wan
from xinshu.documents.lifecycle import READING
from xinshu.documents.papers.queries import waiting_papers
from xinshu.documents.reading.kinds import kind_label
from xinshu.guarantees import queries as guarantees
from xinshu.guarantees.kinds import KINDS
from xinshu.integrations.models import ApiClient, Call, Subscription
from xinshu.ledger.models import Delivery, Verification
from xinshu.ledger.operations import sealing, workers_alive
from xinshu.tenders.latest import as_work, waiting
from xinshu.web.jinja import address
from xinshu.web.words import days_left, moment
from xinshu.work.cases import KINDS as KINDS_OF_CASES
from xinshu.work.cases import Todo
from xinshu.work.queries import COUNTED, short_approvals, todo_count, todos_of

Figure = dict[str, Any]  # label, value, unit, details, href: what ui.kpis shows
PANEL_ROWS = 4
TODOS = 50  # a workbench shows that many; the list behind it shows all


@dataclass(frozen=True)
class Coming:
    """One line of a panel: something that ends soon."""

    title: str
    detail: str
    href: str
    amount: int
    limit: tuple[str, str]  # tone and words


@dataclass(frozen=True)
class Panel:
    """A side view of where things stand: lines, or shares of a whole as (label, words, percent)."""

    title: str
    note: str = ""
    href: str = ""
    rows: tuple[Coming, ...] = ()
    shares: tuple[tuple[str, str, int], ...] = ()
    template: str = ""  # of a room that shows its own lines; finds `context` as `panel.context`
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Where a desk's work comes from: its figures, its to-dos, how many of those there are (one query), its panels."""

    everything: str  # the page with all to-dos
    query: str
    figures: Callable[[Member, datetime], list[Figure]]
    todos: Callable[[Member, datetime], list[Todo]]
    count: Callable[[Member, datetime], int]
    panels: Callable[[Member, datetime], list[Panel]] = lambda member, at: []


def _guarantee_figures(member: Member, at: datetime) -> list[Figure]:
    return [_as_kpi(figure) for figure in guarantees.workbench_figures(member, at)]


def _as_kpi(figure: dict[str, Any]) -> Figure:
    value, unit = str(figure["value"]), figure.get("unit", "")
    if unit == _("元"):
        value, _space, scale = f"¥{value}".partition(" ")
        unit = scale + unit
    note = figure.get("note", "")
    return {
        "label": figure["label"],
        "value": value,
        "unit": unit,
        "details": [("", note)] if note else [],
        "href": figure.get("url", ""),
    }


def _case_todos(member: Member, at: datetime) -> list[Todo]:
    return todos_of(member, at, TODOS)


def _guarantee_panels(member: Member, at: datetime) -> list[Panel]:
    return [panel for panel in (_ending(member, at), _by_kind(member, at)) if panel.rows or panel.shares]


def _ending(member: Member, at: datetime) -> Panel:
    today, page = local_day(at), f"{address('guarantees:list')}?view=ending"
    found = guarantees.register(member, at, guarantees.Filters(view="ending"))
    soonest = found.select_related("project", "applicant").order_by("expires_on", "id")[:PANEL_ROWS]
    rows = tuple(
        Coming(
            title=case.project.name,
            detail=case.applicant.name,
            href=address("guarantees:detail", case.reference),
            amount=case.available_amount,
            limit=days_left(case.expires_on, today),
        )
        for case in soonest
        if case.expires_on is not None
    )
    return Panel(_("即将到期"), _("30 天内"), page, rows=rows)


def _by_kind(member: Member, at: datetime) -> Panel:
    found = guarantees.register(member, at, guarantees.Filters(view="in_force")).order_by()
    sums = dict(found.values_list("kind").annotate(amount=Sum("available_amount")))
    whole = sum(sums.values())
    shares = tuple(
        (str(kind.label), f"¥{wan(sums[code])}元", round(sums[code] * 100 / whole))
        for code, kind in KINDS.items()
        if whole and sums.get(code)
    )
    return Panel(_("品种结构"), _("在保余额"), shares=shares)


def _registration_figures(member: Member, at: datetime) -> list[Figure]:
    decided = Registration.objects.visible_to(member).filter(state="approved").count()
    page = address("accounts:registrations")
    return [
        {"label": _("待审核注册"), "value": waiting_registrations(member), "unit": _("家"), "href": page},
        {"label": _("已开通注册"), "value": decided, "unit": _("家"), "href": page},
    ]


def _registration_todos(member: Member, at: datetime) -> list[Todo]:
    state = REGISTRATION.states["submitted"]
    calendar = default_calendar()
    return [
        Todo(
            title=registration.organisation_name or registration.contact_name,
            subtitle=f"{registration.get_kind_display()} · {state.awaited}",
            party=registration.contact_name,
            url=address("accounts:registration", registration.reference),
            tone=state.tone,
            state_label=state.label,
            due_on=calendar.add(local_day(registration.submitted_at), state.working_days or 0).on,
        )
        for registration in registrations(member, state="submitted")[:TODOS]
    ]


def _registration_count(member: Member, at: datetime) -> int:
    return waiting_registrations(member)


def _certification_figures(member: Member, at: datetime) -> list[Figure]:
    waits, page = _certification_count(member, at), address("certification:list")
    oldest = certifications_waiting(member, at).first()
    details = [("", _("最早 %(at)s") % {"at": moment(oldest.submitted_at, at)})] if oldest else []
    return [{"label": _("待审核认证"), "value": waits, "unit": _("份"), "href": page, "details": details}]


def _certification_todos(member: Member, at: datetime) -> list[Todo]:
    calendar = default_calendar()
    return [
        Todo(
            title=_("审核企业认证"),
            subtitle=row.uscc,
            party=row.legal_name,
            url=address("certification:review", row.reference),
            tone="warn",
            state_label=row.standing.label,
            due_on=calendar.add(local_day(row.submitted_at), row.standing.working_days or 0).on,
        )
        for row in certifications_waiting(member, at)[:TODOS]
    ]


def _certification_count(member: Member, at: datetime) -> int:
    return certifications_waiting(member, at).count()


def _delivery_figures(member: Member, at: datetime) -> list[Figure]:
    page = address("ledger:deliveries")
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=at).count()
    parked, workers = _parked(member, at), workers_alive().count()
    return [
        {"label": _("搁置的投递"), "value": parked, "unit": _("件"), "href": page,
         "details": [("down", _("多次失败，等您处理"))] if parked else [("", _("没有失败"))]},
        {"label": _("到期未办的投递"), "value": waiting, "unit": _("件"), "href": page,
         "details": [("", _("积压不减时，请检查任务进程"))] if waiting else []},
        {"label": _("任务进程"), "value": workers, "unit": _("个"), "href": page,
         "details": [] if workers else [("down", _("没有在运行，投递不会被办理"))]},
    ]  # fmt: skip


def _delivery_todos(member: Member, at: datetime) -> list[Todo]:
    parked = _parked(member, at)
    if not parked:
        return []
    return [
        Todo(
            title=_("%(n)s 件投递多次失败，已搁置") % {"n": parked},
            subtitle=_("查看原因，排除后重试"),
            party=_("平台任务"),
            url=address("ledger:deliveries"),
            tone="danger",
            state_label=_("搁置"),
        )
    ]


def _parked(member: Member, at: datetime) -> int:
    return Delivery.objects.filter(state=Delivery.State.PARKED).count()


def _evidence_figures(member: Member, at: datetime) -> list[Figure]:
    page, state = address("ledger:evidence"), sealing()
    figures: list[Figure] = [
        {"label": _("已封存记录"), "value": f"{state.sealed:,}", "unit": _("条"), "href": page,
         "details": [("", _("另有 %(n)s 条等待封存") % {"n": state.waiting})] if state.waiting else []},
    ]  # fmt: skip
    if state.checkpoint:
        witnessed = ("", _("见证方已副署")) if state.checkpoint.cosignature else ("down", _("见证方还没有副署"))
        figures.append({"label": _("最近检查点"), "value": moment(state.checkpoint.at, at), "unit": "",
                        "details": [witnessed], "href": page})  # fmt: skip
    verified = Verification.objects.exclude(finished_at=None).order_by("-pk").first()
    if verified:
        result = ("", _("全部相符")) if verified.genuine else ("down", _("有记录不符"))
        figures.append({"label": _("最近一次全面核验"), "value": moment(verified.finished_at, at), "unit": "",
                        "details": [result], "href": page})  # fmt: skip
    return figures


def _altered(member: Member, at: datetime) -> Verification | None:
    latest = Verification.objects.exclude(finished_at=None).order_by("-pk").first()
    return latest if latest and latest.genuine is False else None


def _evidence_todos(member: Member, at: datetime) -> list[Todo]:
    latest = _altered(member, at)
    if latest is None:
        return []
    return [
        Todo(
            title=_("全面核验发现记录不符"),
            subtitle=latest.finding,
            party=_("平台存证"),
            url=address("portal:help_page", "auditor"),
            tone="danger",
            state_label=_("不符"),
        )
    ]


def _evidence_count(member: Member, at: datetime) -> int:
    return 1 if _altered(member, at) else 0


GUARANTEES = Source("guarantees:list", "?view=todo", _guarantee_figures, _case_todos, todo_count, _guarantee_panels)


def _system_figures(member: Member, at: datetime) -> list[Figure]:
    clients = ApiClient.objects.visible_to(member)
    calls = Call.objects.visible_to(member).filter(at__gte=at - timedelta(days=1))
    page = address("integrations:calls")
    return [
        {"label": _("启用的系统"), "value": clients.filter(state="active").count(), "unit": _("个"),
         "href": address("integrations:clients")},
        {"label": _("24 小时内调用"), "value": calls.count(), "unit": _("次"), "href": page},
        {"label": _("其中被拒"), "value": calls.filter(status__gte=400).count(), "unit": _("次"),
         "href": f"{page}?outcome=refused"},
    ]  # fmt: skip


def _short_todos(member: Member, at: datetime) -> list[Todo]:
    return [
        Todo(
            title=_("%(kind)s审批缺人，请指定代签人") % {"kind": KINDS_OF_CASES[approval.kind].label},
            subtitle=_("等“%(level)s”签署") % {"level": approval.level_name},
            party=approval.organisation.name,
            url=address("work:short"),
            tone="danger",
            state_label=_("缺人"),
            due_on=approval.due_on,
        )
        for approval in short_approvals(member).select_related("organisation")[:TODOS]
    ]


def _short_count(member: Member, at: datetime) -> int:
    return short_approvals(member).count()


def _paused(member: Member) -> QuerySet[Subscription]:
    return Subscription.objects.visible_to(member).filter(state="paused")


def _system_todos(member: Member, at: datetime) -> list[Todo]:
    return [
        Todo(
            title=_("事件推送已暂停"),
            subtitle=case.url,
            party=case.client.name,
            url=address("integrations:subscription", case.reference),
            tone="warn",
            state_label=case.standing.label,
        )
        for case in _paused(member).select_related("client").order_by("pk")[:TODOS]
    ]


def _system_count(member: Member, at: datetime) -> int:
    return _paused(member).count()


REGISTRATIONS = Source(
    "accounts:registrations", "?state=submitted", _registration_figures, _registration_todos, _registration_count
)
CERTIFICATIONS = Source(
    "certification:list", "?state=reviewing", _certification_figures, _certification_todos, _certification_count
)
DELIVERIES = Source("ledger:deliveries", "", _delivery_figures, _delivery_todos, _parked)
SYSTEMS = Source("integrations:clients", "", _system_figures, _system_todos, _system_count)
SHORT = Source("work:short", "", lambda member, at: [], _short_todos, _short_count)
SEALED = Source("ledger:evidence", "", _evidence_figures, _evidence_todos, _evidence_count)


def _paper_todos(member: Member, at: datetime) -> list[Todo]:
    return [
        Todo(
            title=_("%(what)s：%(name)s") % {"what": READING.states[row.state].awaited, "name": row.file.name},
            subtitle=_("客户经理%(name)s代为上传") % {"name": row.keeper.user.name}
            if row.keeper is not None and row.owner_id == member.organisation_id else str(kind_label(row.kind)),
            party=row.owner.name,
            url=address("documents:reading", row.reference),
            tone=READING.states[row.state].tone,
            state_label=READING.states[row.state].label,
        )
        for row in waiting_papers(member).select_related("file", "owner", "keeper__user")[:TODOS]
    ]  # fmt: skip


def _paper_count(member: Member, at: datetime) -> int:
    return waiting_papers(member)[:COUNTED].count()


PAPERS = Source("documents:readings", "", lambda member, at: [], _paper_todos, _paper_count)


def _awards(member: Member, at: datetime) -> list[Panel]:
    if not member.can("tenders.view"):
        return []
    rows = [as_work(one, member, at) for one in waiting(member)[:PANEL_ROWS]]
    page = address("tenders:waiting")
    return [Panel(_("中标动态"), "", page, template="tenders/_panel.html", context={"rows": rows})]


AWARDS = Source("", "", lambda member, at: [], lambda member, at: [], lambda member, at: 0, _awards)
