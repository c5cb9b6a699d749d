"""转化漏斗: how many opportunities reached each stage, for what amounts and how soon, by manager, house, region, month.

One grouped statement over `Step`, which has one row per opportunity and stage. Houses see their own down to the single
opportunity; the operator sees sums of all institutions and nobody's customers.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, F, Func, QuerySet, Sum
from django.db.models.functions import Substr, TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import CHINA, moment
from xinshu.core.divisions import lineage, name_of
from xinshu.tenders.models import STAGES, Opportunity, Stage, Step

OVERSEE = "tenders.oversee"
MANAGER, HOUSE, REGION, MONTH = "manager", "house", "region", "month"
GROUPS = {MANAGER: lazy("客户经理"), HOUSE: lazy("机构"), REGION: lazy("地区"), MONTH: lazy("推送月份")}
NOBODY = "-"  # without a manager, without a region
HOUR, DAY = 3600, 86_400


@dataclass(frozen=True)
class Asked:
    """Which opportunities are counted: pushed within the days, of a region, a manager, a house; `stage` for lists."""

    since: date | None = None
    until: date | None = None
    region: str = ""  # leading digits; NOBODY: of no known region
    manager: str = ""  # its key; NOBODY: of nobody
    house: str = ""  # its key, for the operator
    stage: str = ""
    by: str = MANAGER

    @property
    def digits(self) -> int:
        """How many digits tell regions apart: the next smaller kind of division within the one asked for."""
        return {2: 4, 4: 6, 6: 6}.get(len(self.region), 2)


@dataclass(frozen=True)
class Reached:
    """What reached one stage: how many, awards and letters in 分 (where known), seconds since the stage before."""

    count: int = 0
    awards: int = 0
    letters: int = 0
    after: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of the funnel: what it is called, what the address asks to see it alone, what reached each stage."""

    label: str
    asks: dict[str, str | None] = field(default_factory=dict)
    stages: dict[str, Reached] = field(default_factory=dict)

    def at(self, stage: str) -> Reached:
        return self.stages.get(stage, Reached())

    def share(self, stage: str) -> int:
        """Return how many of those pushed reached `stage`, in percent."""
        pushed = self.at(Stage.PUSHED).count
        return round(self.at(stage).count * 100 / pushed) if pushed else 0


def cohort(rows: QuerySet[Opportunity], asked: Asked) -> QuerySet[Opportunity]:
    """Return those of `rows` that are asked for, newest first."""
    if asked.since:
        rows = rows.filter(pushed_at__gte=moment(asked.since))
    if asked.until:
        rows = rows.filter(pushed_at__lt=moment(date.fromordinal(asked.until.toordinal() + 1)))
    if asked.region:
        wanted = {"": ""} if asked.region == NOBODY else {"__startswith": asked.region}
        rows = rows.filter(**{f"announcement__region_code{how}": what for how, what in wanted.items()})
    if asked.manager:
        rows = rows.filter(manager=None if asked.manager == NOBODY else int(asked.manager))
    if asked.house:
        rows = rows.filter(house=int(asked.house))
    if asked.stage in STAGES:
        rows = rows.filter(pk__in=Step.objects.filter(stage=asked.stage).values("opportunity"))
    return rows.order_by("-pushed_at", "-pk")


def listed(member: Member, asked: Asked) -> QuerySet[Opportunity]:
    """Return the own house's opportunities that are asked for, with all that a list tells of them."""
    rows = cohort(Opportunity.objects.visible_to(member), asked)
    return rows.select_related("announcement", "firm", "manager__user", "match").prefetch_related("steps")


def overseen(member: Member) -> QuerySet[Opportunity]:
    """Return the opportunities of all institutions, of which the operator sees sums only."""
    rows = Opportunity.objects.filter(house__kind__in=Organisation.ISSUERS)
    return rows if member.can(OVERSEE) else rows.none()


def total_of(rows: QuerySet[Opportunity], label: str) -> Row:
    """Return what reached the stages in all."""
    return Row(label, {}, {told["stage"]: _reached(told) for told in _counted(rows)})


def rows_of(rows: QuerySet[Opportunity], asked: Asked) -> list[Row]:
    """Return a line per group of `asked.by`, most pushed first (months newest first)."""
    keys: dict[str, str | Func] = {
        MANAGER: "opportunity__manager", HOUSE: "opportunity__house",
        REGION: Substr("opportunity__announcement__region_code", 1, asked.digits),
        MONTH: TruncMonth("opportunity__pushed_at", tzinfo=CHINA),
    }  # fmt: skip
    stages: dict[Any, dict[str, Reached]] = {}
    for told in _counted(rows, keys[asked.by]):
        stages.setdefault(told["group"], {})[told["stage"]] = _reached(told)
    names = _names(asked.by, [one for one in stages if one is not None])
    found = [(one, Row(*_called(asked.by, one, names), reached)) for one, reached in stages.items()]
    if asked.by == MONTH:
        return [row for _key, row in sorted(found, key=lambda pair: pair[0], reverse=True)]
    return [row for _key, row in sorted(found, key=lambda pair: (-pair[1].at(Stage.PUSHED).count, str(pair[0])))]


def _counted(rows: QuerySet[Opportunity], key: str | Func | None = None) -> Iterable[dict[str, Any]]:
    steps = Step.objects.filter(opportunity__in=rows.order_by().values("pk")).order_by()
    groups = {} if key is None else {"group": F(key) if isinstance(key, str) else key}
    return steps.annotate(**groups).values("stage", *groups).annotate(
        n=Count("pk"), awards=Sum("opportunity__amount"), letters=Sum("amount"), wait=Avg("after"),
    )  # fmt: skip


def _reached(told: dict[str, Any]) -> Reached:
    wait = told["wait"]
    return Reached(
        int(told["n"]), int(told["awards"] or 0), int(told["letters"] or 0), None if wait is None else float(wait)
    )  # fmt: skip


def _names(by: str, keys: list[Any]) -> dict[Any, str]:
    if by == MANAGER:
        people = Member.objects.select_related("user").in_bulk(keys)
        return {key: person.user.name for key, person in people.items()}
    return dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name")) if by == HOUSE else {}


def _called(by: str, key: Any, names: dict[Any, str]) -> tuple[str, dict[str, str | None]]:
    """Return what a group is called, and what an address asks for to see it alone."""
    if by == MONTH and isinstance(key, datetime):
        first = key.astimezone(CHINA).date()
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return f"{first:%Y-%m}", {"since": first.isoformat(), "until": last.isoformat()}
    if by == REGION:
        code = str(key or "")
        return (_place(code) if code else _("没有写地区")), {"region": code or NOBODY}
    if by == MANAGER and key is None:
        return _("没有客户经理"), {"manager": NOBODY}
    return names.get(key, ""), {by: str(key)}


def _place(code: str) -> str:
    return name_of(code) if lineage(code) else code


def span(seconds: float | None) -> str:
    """Return a time in words: minutes below an hour, hours below two days, else days with one decimal."""
    if seconds is None:
        return "—"
    if seconds < HOUR:
        return _("%(n)d 分钟") % {"n": max(1, round(seconds / 60))} if seconds >= 30 else _("不到 1 分钟")
    if seconds < 2 * DAY:
        return _("%(n).1f 小时") % {"n": seconds / HOUR}
    return _("%(n).1f 天") % {"n": seconds / DAY}


def without_list(asked: Asked) -> Asked:
    """Return the same without what narrows the list only: the groups beside each other stay in sight."""
    return replace(asked, manager="", stage="")
