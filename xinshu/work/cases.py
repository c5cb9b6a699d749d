"""Which kinds of cases there are: each context registers its own, so that plans, to-dos and rounds know it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import CHINA
from xinshu.work.plan import Level

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
    stopped: bool = False  # the clock stands still (计时暂停)

    def limit(self, today: date) -> tuple[str, str]:
        """Return tone and words of the time limit."""
        if self.due_on is None:
            return "mute", _("计时暂停") if self.stopped else _("不限时")
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
class Event:
    """Something on a day of one's schedule: a time limit, an opening of bids, an expiry."""

    on: date
    what: str  # "deadline", "opening", "expiry"
    words: str  # what happens: "待我办理：签发保函"
    title: str
    detail: str
    url: str
    tone: str = "info"
    amount: int | None = None  # 分
    at: datetime | None = None  # where it has an hour
    mine: bool = False  # one of the member's own to-dos

    @property
    def hour(self) -> str:
        """The hour in words, "" where it has none."""
        return f"{self.at.astimezone(CHINA):%H:%M}" if self.at else ""


@dataclass(frozen=True)
class Paper:
    """One document of one's cases: the file, and the case that it belongs to."""

    file: Any  # a documents.File
    what: str  # "电子保函", "材料"
    title: str
    url: str


@dataclass(frozen=True)
class Papers:
    """The documents of one kind of case that a member may read, newest first, and how to tell what they belong to."""

    files: QuerySet[Any]  # of documents.File
    describe: Callable[[list[Any]], list[Paper]]


@dataclass(frozen=True)
class Fact:
    """A fact that a plan may ask for, and the values that it can have (code, word)."""

    label: "StrOrPromise"
    values: Sequence[tuple[Any, "StrOrPromise"]]


@dataclass(frozen=True)
class PastCase:
    """A case that was decided, for trying a plan on: its words, its facts, who made it."""

    title: str
    facts: Mapping[str, Any]
    keepers: frozenset[int]


@dataclass(frozen=True)
class CaseKind:
    """One kind of case. `signs`: without this permission nobody signs; `keeps`: with it one may make such a case."""

    code: str
    label: "StrOrPromise"
    signs: str
    keeps: str
    facts: Mapping[str, Fact]
    scopes: Mapping[str, tuple["StrOrPromise", tuple[str, ...]]]  # what a level may answer for: code → words, facts
    usual_levels: tuple[Level, ...]  # the plan of an organisation that has not made its own
    escalates_to: str
    todos: Callable[[Member, datetime, int], list[Todo]]
    waiting: Callable[[Member, datetime], Sequence[QuerySet[Any]]]  # what `todos` lists, to be counted
    agenda: Callable[[Member, datetime, date, date], list[Event]]  # from one day to another, both included
    papers: Callable[[Member, datetime, str], Papers | None]  # those whose name or case matches the text
    past: Callable[[Organisation, int], list[PastCase]]
    judged: Callable[[Any], Mapping[str, Any]]  # the facts of a case as they are now
    case_of: Callable[[int], Model]
    link: Callable[[Model], str]
    words: Callable[[Model], str]
    sealed_until: Callable[[Model], datetime | None]


KINDS: dict[str, CaseKind] = {}


def register(kind: CaseKind) -> None:
    """Make a kind of case known. Called in an AppConfig's ready()."""
    KINDS[kind.code] = kind
