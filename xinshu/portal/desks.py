"""What each role finds on its workbench: one table of figures, to-dos and starts. A context adds a row's function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.lifecycle import REGISTRATION
from xinshu.accounts.models import Member, Registration
from xinshu.accounts.queries import registrations, waiting_registrations
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import local_day
from xinshu.core.money import wan
from xinshu.guarantees import queries as guarantees
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Delivery
from xinshu.web.jinja import address

Figure = dict[str, Any]  # label, value, unit, details, href: what ui.kpis shows
TODOS = 50  # a workbench shows that many; the list behind it shows all


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the member; `due_on` None: without a time limit."""

    title: str
    subtitle: str
    party: str
    url: str
    tone: str = "info"
    state_label: str = ""
    amount: int | None = None  # 分
    due_on: date | None = None

    def limit(self, today: date) -> tuple[str, str]:
        """Return tone and words of the time limit."""
        if self.due_on is None:
            return "mute", _("不限时")
        days = (self.due_on - today).days
        if days < 0:
            return "danger", _("已超 %(n)s 天") % {"n": -days}
        if days == 0:
            return "warn", _("今天到期")
        return "info", _("%(day)s 前") % {"day": f"{self.due_on:%m-%d}"}

    def is_over(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today

    def is_today(self, today: date) -> bool:
        return self.due_on == today


@dataclass(frozen=True)
class Start:
    """A place where this role often begins; absent while the installation has no such page."""

    label: str
    hint: str
    icon: str
    to: str

    @property
    def href(self) -> str:
        return address(self.to)


@dataclass(frozen=True)
class Source:
    """Where a desk's work comes from: its figures, its to-dos, and how many of those there are (one query)."""

    figures: Callable[[Member, datetime], list[Figure]]
    todos: Callable[[Member, datetime], list[Todo]]
    count: Callable[[Member, datetime], int]
    everything: str  # the page with all to-dos
    query: str = ""


@dataclass(frozen=True)
class Desk:
    """What one role finds."""

    sources: tuple[Source, ...] = ()
    starts: tuple[Start, ...] = ()
    manual: str = ""  # its page in docs/manual


def _guarantee_figures(member: Member, at: datetime) -> list[Figure]:
    return [_as_kpi(figure) for figure in guarantees.workbench_figures(member, at)]


def _as_kpi(figure: dict[str, Any]) -> Figure:
    value, unit = figure.get("value"), figure.get("unit", "")
    if "amount" in figure:
        value, _space, unit = f"¥{wan(figure['amount'])}".partition(" ")
    note = figure.get("note", "")
    return {
        "label": figure["label"],
        "value": value,
        "unit": unit,
        "details": [("", note)] if note else [],
        "href": figure.get("url", ""),
    }


def _guarantee_todos(member: Member, at: datetime) -> list[Todo]:
    return [Todo(**row) for row in guarantees.todo_list(member, at, TODOS)]


def _guarantee_count(member: Member, at: datetime) -> int:
    found = Guarantee.objects.visible_to(member, at).filter(guarantees.waiting_for(member))
    return guarantees.count_of(found)


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
            due_on=calendar.add(local_day(registration.submitted_at), state.working_days).on,
        )
        for registration in registrations(member, state="submitted")[:TODOS]
    ]


def _registration_count(member: Member, at: datetime) -> int:
    return waiting_registrations(member)


def _delivery_figures(member: Member, at: datetime) -> list[Figure]:
    page = address("ledger:deliveries")
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=at).count()
    parked = _parked(member, at)
    return [
        {"label": _("搁置的投递"), "value": parked, "unit": _("件"), "href": page,
         "details": [("down", _("多次失败，等您处理"))] if parked else [("", _("没有失败"))]},
        {"label": _("到期未办的投递"), "value": waiting, "unit": _("件"), "href": page,
         "details": [("", _("积压不减时，请检查任务进程"))] if waiting else []},
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


GUARANTEES = Source(_guarantee_figures, _guarantee_todos, _guarantee_count, "guarantees:list", "?view=todo")
REGISTRATIONS = Source(
    _registration_figures,
    _registration_todos,
    lambda member, at: waiting_registrations(member),
    "accounts:registrations",
)
DELIVERIES = Source(_delivery_figures, _delivery_todos, _parked, "ledger:deliveries")

_l = gettext_lazy
APPLY = Start(_l("申请保函"), _l("选项目、核资料、提交"), "plus", "guarantees:new")
REGISTER = Start(_l("保函台账"), _l("查询、筛选、导出"), "doc", "guarantees:list")
VERIFY = Start(_l("保函查验"), _l("编号、二维码或文件"), "qr", "guarantees:verify")
PROJECTS = Start(_l("工程项目"), _l("项目、参建方与金额"), "build", "projects:list")
EVIDENCE = Start(_l("存证核验"), _l("核对检查点与证明"), "link", "ledger:evidence")
APPROVE = Start(_l("注册审核"), _l("核对机构与联系人"), "users", "accounts:registrations")
USERS = Start(_l("用户管理"), _l("锁定与解除锁定"), "user", "accounts:users")
OPERATE = Start(_l("任务投递"), _l("失败原因与重试"), "redo", "ledger:deliveries")
LOG = Start(_l("操作日志"), _l("谁在何时做了什么"), "clock", "ledger:log")

DESKS: dict[str, Desk] = {
    # role                 work from          starts                                manual
    "applicant":   Desk((GUARANTEES,),     (APPLY, REGISTER, PROJECTS, VERIFY),    "applicant"),
    "manager":     Desk((GUARANTEES,),     (APPLY, REGISTER, PROJECTS, VERIFY),    "manager"),
    "reviewer":    Desk((GUARANTEES,),     (REGISTER, PROJECTS, VERIFY),           "reviewer"),
    "signer":      Desk((GUARANTEES,),     (REGISTER, VERIFY, EVIDENCE),           "signer"),
    "beneficiary": Desk((GUARANTEES,),     (REGISTER, VERIFY, PROJECTS),           "beneficiary"),
    "department":  Desk((GUARANTEES,),     (REGISTER, VERIFY, EVIDENCE),           "department"),
    "bank":        Desk((GUARANTEES,),     (REGISTER, VERIFY),                     "issuer"),
    "insurer":     Desk((GUARANTEES,),     (REGISTER, VERIFY),                     "issuer"),
    "operator":    Desk((REGISTRATIONS,),  (APPROVE, VERIFY, EVIDENCE),            "operator"),
    "sysadmin":    Desk((DELIVERIES,),     (OPERATE, USERS, EVIDENCE),             "sysadmin"),
    "secadmin":    Desk((),                (USERS, EVIDENCE, VERIFY),              "secadmin"),
    "auditor":     Desk((),                (LOG, EVIDENCE, VERIFY),                "auditor"),
}  # fmt: skip


def desks_of(member: Member) -> list[Desk]:
    """Return the desks of the roles that `member` holds, in the table's order."""
    return [desk for role, desk in DESKS.items() if role in member.roles]


def sources_of(member: Member) -> list[Source]:
    """Return where work comes from for `member`, each once."""
    return _once(source for desk in desks_of(member) for source in desk.sources)


def starts_of(member: Member) -> list[Start]:
    """Return the places where `member` often begins, each once, as far as they are there."""
    return [start for start in _once(start for desk in desks_of(member) for start in desk.starts) if start.href]


def waiting_count(member: Member, at: datetime) -> int:
    """Return how many things wait for `member`: the number beside 工作台."""
    return sum(source.count(member, at) for source in sources_of(member))


def _once(items: Iterator[Any]) -> list[Any]:
    return list(dict.fromkeys(items))
