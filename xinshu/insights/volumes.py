"""经营分析: what a house issued, how long its approvals took, how many applications became guarantees; by trade, type,
region or month. Three statements in SQL over one index, whatever the number of guarantees.

Volume counts by the day of issue, the time of approval by the day of decision, conversion by the day on which the
application was begun. Behind every number stand exactly the register's rows under the same filters.
"""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, DateTimeField, F, FloatField, Func, Q, QuerySet, Sum, TextField
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day, moment
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import NOTHING, REACHED, Filters, in_region
from xinshu.projects.models import Project

SECTOR, KIND, REGION, MONTH = "sector", "kind", "region", "month"
DIMENSIONS = {SECTOR: lazy("工程类别"), KIND: lazy("保函类型"), REGION: lazy("行政区划"), MONTH: lazy("月份")}
LONGEST = 1_100  # days of a period
HOUR = 3600


class _Month(Func):
    """The month of a moment in China as 2026-11. The usual function of Django is Python on SQLite: too slow here."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="strftime('%%%%Y-%%%%m', %(expressions)s, '+8 hours')", **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
        return self.as_sql(compiler, connection, template=template, **more)


class _Bare(Func):
    """A column as it is, which SQLite searches by no index of its own: reading the one index of figures is faster."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


class _Seconds(Func):
    """The seconds from the second moment to the first."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(EXTRACT(EPOCH FROM (%(expressions)s)) AS double precision)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **more)


@dataclass(frozen=True)
class Asked:
    """What a board is narrowed to: days (both included), and one dimension to group by."""

    since: date
    until: date
    by: str = SECTOR
    sector: str = ""
    kind: str = ""
    region: str = ""


@dataclass
class Line:
    """One group, or the total. Amounts in 分; `hours` None: nothing was decided. `urls`: the register's rows behind."""

    label: str
    number: int = 0  # issued
    amount: int = 0
    decided: int = 0
    hours: float | None = None  # from submission to decision, on average
    begun: int = 0
    submitted: int = 0
    approved: int = 0
    issued: int = 0  # of those begun
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def conversion(self) -> str:
        """How many of those begun were issued, in percent."""
        return f"{self.issued * 100 / self.begun:.1f}%" if self.begun else "—"

    @property
    def time(self) -> str:
        """The average time of approval in words."""
        if self.hours is None:
            return "—"
        if self.hours < 1:
            return _("%(n)d 分钟") % {"n": round(self.hours * 60)}
        return _("%(n).1f 小时") % {"n": self.hours} if self.hours < 48 else _("%(n).1f 天") % {"n": self.hours / 24}


def last_year(at: datetime) -> tuple[date, date]:
    """Return the last twelve months up to today, from the first of a month."""
    today = local_day(at)
    first = today.replace(day=1)
    return first.replace(year=first.year - 1), today


def board(house: Organisation, asked: Asked) -> tuple[list[Line], Line]:
    """Return the groups (largest amount first, months in their order) and the total."""
    lines: dict[Any, Line] = defaultdict(lambda: Line(""))
    total = Line(_("合计"))
    issued = _grouped(house, asked, "issued_at").annotate(number=Count("pk"), amount=Sum("first_amount", default=0))
    for group, number, amount in issued.values_list("group", "number", "amount"):
        line = lines[group]
        line.number, line.amount = number, amount
        total.number, total.amount = total.number + number, total.amount + amount
    spent = 0.0
    decided = _grouped(house, asked, "decided_at").filter(submitted_at__isnull=False)
    decided = decided.annotate(number=Count("pk"), mean=Avg(_Seconds(F("decided_at"), F("submitted_at"))))
    for group, number, mean in decided.values_list("group", "number", "mean"):
        line = lines[group]
        line.decided, line.hours = number, mean / HOUR
        total.decided, spent = total.decided + number, spent + mean * number
    total.hours = spent / total.decided / HOUR if total.decided else None
    begun = _grouped(house, asked, "created_at").annotate(
        number=Count("pk"), **{f"n_{code}": Count("pk", filter=met) for code, (_words, met) in REACHED.items()}
    )  # fmt: skip
    for group, *counts in begun.values_list("group", "number", "n_submitted", "n_approved", "n_issued"):
        line = lines[group]
        line.begun, line.submitted, line.approved, line.issued = counts
        for name, count in zip(("begun", "submitted", "approved", "issued"), counts, strict=True):
            setattr(total, name, getattr(total, name) + count)
    for group, line in lines.items():
        line.label, line.urls = _label(asked.by, group), _urls(house, asked, group)
    total.urls = _urls(house, replace(asked, by=""), None)
    if asked.by == MONTH:
        return [lines[group] for group in sorted(lines)], total
    return sorted(lines.values(), key=lambda line: (-line.amount, -line.begun, line.label)), total


def _grouped(house: Organisation, asked: Asked, column: str) -> QuerySet[Any]:
    """Return what the house had to do with, narrowed to the days by `column`, with its `group`.

    What an applicant has begun and not submitted is not there: the house does not see it.
    """
    begins, ends = moment(asked.since), moment(asked.until + timedelta(days=1))
    found = Guarantee.objects.filter(Q(submitted_at__isnull=False) | Q(on_behalf=True), guarantor=house)
    if column == "decided_at":  # has an index of its own, for other questions
        found = found.alias(bare=_Bare(F(column), output_field=DateTimeField())).filter(bare__gte=begins, bare__lt=ends)
    else:
        found = found.filter(**{f"{column}__gte": begins, f"{column}__lt": ends})
    if asked.sector:
        found = found.filter(project__kind=asked.sector)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.region:
        found = found.filter(in_region(asked.region))
    named = {SECTOR: "project__kind", KIND: "kind", REGION: "project__region_code"}
    group = _Bare(F(named[asked.by]), output_field=TextField()) if asked.by in named else _Month(F(column))
    return found.order_by().annotate(group=group).values("group")


def _label(by: str, group: Any) -> str:
    if by == SECTOR:
        return str(dict(Project.Kind.choices).get(group, group))
    return str(KINDS[group].label) if by == KIND else (group or _("没有填写"))


def _urls(house: Organisation, asked: Asked, group: Any) -> dict[str, str]:
    """Return where the register shows the rows behind each number."""
    since, until = asked.since, asked.until
    told = Filters(sector=asked.sector, kind=asked.kind, region=asked.region, guarantor=house.name)
    if asked.by == MONTH:
        first = date.fromisoformat(f"{group}-01")
        since, until = max(since, first), min(until, _last_of(first))
    elif asked.by:
        narrowed: dict[str, Any] = {asked.by: group or NOTHING}
        told = replace(told, **narrowed)
    begun = replace(told, begun_from=since, begun_to=until)
    found = {
        "volume": replace(told, issued_from=since, issued_to=until),
        "decided": replace(told, decided_from=since, decided_to=until),
        "begun": begun,
        **{code: replace(begun, reached=code) for code in REACHED},
    }
    page = reverse("guarantees:list")
    return {
        name: f"{page}?{urlencode({key: value for key, value in vars(filters).items() if value})}"
        for name, filters in found.items()
    }


def _last_of(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])
