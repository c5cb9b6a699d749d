"""The list of announcements: narrowed by words, kind, region, trade, days, amount, source and whose name; in order.

Everything but whose name it prints is asked of one index of pieces (core/pieces.py) over the lines (lines.py): kind,
region, trade, source, and bands of the amount are marks among the pieces, and its rows are numbered by the day of
publication. So a page of a frequent word costs as little as one of a rare one, and nothing is counted to show a page.
What several sources tell is one row. Decision 54.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Count,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Prefetch,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Concat, Substr

from xinshu.accounts.models import Member
from xinshu.core.bands import bands_over, is_deepest, within
from xinshu.core.clock import moment
from xinshu.core.divisions import name_of, prefix_of
from xinshu.core.grams import looked_up, terms_of
from xinshu.core.pieces import holding
from xinshu.enterprises.models import Relation
from xinshu.tenders.lines import FIRST, WEEK, amount_mark, mark, place_at, week_mark
from xinshu.tenders.models import Announcement, Listed, Match, Opportunity

INDEX = "tenders_listedgrams"
PAGE = 20
LAST_PAGE = 200  # further than this nobody leafs: words or days narrow better
ORDERS = ("", "published", "-amount", "amount")  # "": the newest first
RANKED = 500  # so many of one band of amounts are read to put them in order
LONGEST_SPAN = 16  # weeks that PostgreSQL is asked for by their marks; what lies further off by its place alone


@dataclass(frozen=True)
class Filters:
    """How the list is narrowed and ordered. Amounts in 分; `region` and `trade` by what their codes begin with."""

    q: str = ""
    kind: str = ""
    region: str = ""
    trade: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None
    least: int | None = None
    most: int | None = None
    firm: str = ""  # words in the name of the own house or a customer that the notice may print
    view: str = (
        ""  # "", "ours" (concerning the own house), "todo" (of those, waiting), "unsure" (perhaps concerning it)
    )
    sort: str = ""

    @property
    def of_all(self) -> bool:
        """Whether all announcements are meant, not those that concern a house: these are few and are read."""
        return not self.view and not self.firm.strip()

    @property
    def marks(self) -> list[str]:
        """The pieces that stand for what was chosen."""
        chosen = {"kind": self.kind, "region": prefix_of(self.region), "trade": self.trade, "source": self.source}
        return [mark(what, code) for what, code in chosen.items() if code]


@dataclass(frozen=True)
class Asked:
    """What is asked of the index: pieces that a line must hold, of each of `choices` one at least, from where to where.

    A place lies from `first` on, and before `last`.
    """

    terms: tuple[str, ...]
    pieces: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...] = ()
    first: int | None = None
    last: int | None = None

    def also(self, *pieces: str) -> "Asked":
        """Return the same with more pieces."""
        return replace(self, pieces=(*self.pieces, *pieces))

    def between(self, first: int | None, last: int | None) -> "Asked":
        """Return the same among the places from `first` on and before `last`."""
        return replace(self, first=first, last=last)


def asked_by(filters: Filters, *, folded: bool = True) -> Asked:
    """Return what the filters ask of the index; what it cannot tell is left to `_residue`. `folded`: see `lines`."""
    terms = terms_of(filters.q)
    pieces = [FIRST] if folded else []
    pieces += [*filters.marks, *dict.fromkeys(gram for term in terms for gram in looked_up(term))]
    amounts = []
    if filters.least is not None or filters.most is not None:
        amounts.append(tuple(amount_mark(band) for band in bands_over(filters.least, filters.most)) or ("nothing",))
    first = place_at(moment(filters.since)) if filters.since else None
    last = place_at(moment(filters.until) + timedelta(days=1)) if filters.until else None
    return Asked(tuple(terms), tuple(pieces), tuple(amounts), first, last)


def lines(
    member: Member, filters: Filters, *, asked: Asked | None = None, streamed: bool = True, folded: bool = True
) -> QuerySet[Listed]:
    """Return the lines of the announcements meant by the day of publication. Nothing is counted; slice it.

    `streamed`: SQLite reads its index row by row and stops with the slice; such a query cannot stand inside another.
    `folded`: without those that tell again what another source told first; its line holds what they say.
    """
    asked = asked or asked_by(filters, folded=folded)
    indexed = filters.of_all and bool(asked.pieces or asked.choices)
    streamed = streamed and indexed and connection.vendor != "postgresql"
    found = Listed.objects.all()
    if indexed:
        found = holding(found, INDEX, asked.pieces, *asked.choices, streamed=streamed)
    elif filters.marks:  # few are meant, all of them first tellings: they are read
        found = found.alias(held=Concat(Value(" "), "grams", Value(" "), output_field=TextField()))
        found = found.filter(reduce(and_, (Q(held__contains=f" {piece} ") for piece in filters.marks)))
    for term in asked.terms:
        if not indexed or looked_up(term) != [term]:  # pieces may stand apart; a term stands together
            found = found.filter(text__contains=term)
    at = ExpressionWrapper(F("place") + 0, output_field=BigIntegerField())
    found = found.alias(at=at)  # PostgreSQL walks no primary key for it
    place = "at" if indexed and not streamed else "place"
    for sign, bound in ((">=", asked.first), ("<", asked.last)):
        if bound is not None:
            found = found.filter(**{f"{place}__gte" if sign == ">=" else f"{place}__lt": bound})
        if bound is not None and streamed:  # the index is told as well, so that it begins and ends there
            found = found.extra(where=[f"{INDEX}.rowid {sign} %s"], params=[bound])  # noqa: S610 (bound)
    if filters.least is not None or filters.most is not None:
        found = found.alias(price=Coalesce("announcement__amount", -1))
    found = found.filter(_residue(member, filters))
    falling = filters.sort != "published"
    if streamed:
        return found.extra(order_by=[f"{'-' if falling else ''}{INDEX}.rowid"])
    by = "at" if indexed or not filters.of_all else "place"  # else the lines are read in their order
    return found.order_by(f"-{by}" if falling else by)


def _residue(member: Member, filters: Filters) -> Q:
    """Return what no mark says exactly: the amount, and whose name it prints."""
    asked = Q()
    if filters.least is not None:
        asked &= Q(price__gte=max(filters.least, 0))
    if filters.most is not None:
        asked &= Q(price__range=(0, filters.most))
    if filters.view in ("ours", "todo"):
        ours = Opportunity.objects.visible_to(member)
        if filters.view == "todo":
            ours = ours.filter(state="pushed")
            if member.organisation.kind in member.organisation.ISSUERS:
                ours = ours.filter(Q(manager=member) | Q(manager=None))
        asked &= _of_first_tellings(ours)
    if filters.view == "unsure":
        asked &= _of_first_tellings(concerning(member).filter(sure=False))
    if filters.firm.strip():
        named = concerning(member)
        for word in filters.firm.replace("\0", "").split()[:5]:
            named = named.filter(Q(organisation__name__icontains=word) | Q(name__icontains=word))
        asked &= _of_first_tellings(named)
    return asked


def _of_first_tellings(found: QuerySet[Any]) -> Q:
    """Return the condition that these rows, or the like of a notice that tells the same, are of the announcement."""
    return Q(announcement__in=found.values(first=Coalesce("announcement__told_again_of", "announcement")))


def concerning(member: Member) -> QuerySet[Match]:
    """Return the matches with the member's house or its customers. Others' customers stay theirs."""
    customers = Relation.objects.filter(guarantor=member.organisation_id).values("enterprise__organisation")
    return Match.objects.filter(Q(organisation=member.organisation_id) | Q(organisation__in=customers))


def found_in(
    member: Member, filters: Filters, first: int, count: int, *, before: int | None = None, folded: bool = True
) -> list[int]:
    """Return the announcements meant, in the order asked for, from the `first` on: as many as `count`, or all left.

    `before`: only those at an earlier place. `folded`: see `lines`.
    """
    need = first + count
    if filters.sort in ("amount", "-amount"):
        return _by_amount(member, filters, need)[first:]
    asked = asked_by(filters, folded=folded)
    if before is not None:
        asked = asked.between(asked.first, min(before, asked.last or before))
    if connection.vendor != "postgresql" or not filters.of_all or not (asked.pieces or asked.choices):
        return _ids(lines(member, filters, asked=asked, folded=folded)[first:need])
    found: list[int] = []
    for some in _spans(asked, newest=filters.sort != "published"):
        found += _ids(lines(member, filters, asked=some, folded=folded)[: need - len(found)])
        if len(found) >= need:
            break
    return found[first:]


def _ids(rows: QuerySet[Listed]) -> list[int]:
    return list(rows.values_list("announcement_id", flat=True))


def _spans(asked: Asked, *, newest: bool) -> Iterator[Asked]:
    """Yield the same question for stretches of weeks, the newest first (or the oldest), each longer than the last.

    PostgreSQL reads all that an index of pieces holds before it sorts: so it is asked for a few weeks first. A frequent
    word fills the page from those; a rare one costs a handful of questions.
    """
    ends = Listed.objects.aggregate(first=Min("place"), last=Max("place"))
    if ends["first"] is None:
        return
    low = max(asked.first or 0, ends["first"]) // WEEK
    high = min(asked.last or ends["last"], ends["last"]) // WEEK
    size = 1
    while low <= high:
        begin, end = (max(low, high - size + 1), high) if newest else (low, min(high, low + size - 1))
        low, high = (low, begin - 1) if newest else (end + 1, high)
        first, last = max(begin * WEEK, asked.first or 0), min((end + 1) * WEEK, asked.last or (end + 1) * WEEK)
        weeks = tuple(week_mark(week * WEEK) for week in range(begin, end + 1))
        some = asked if size > LONGEST_SPAN else replace(asked, choices=(*asked.choices, weeks))
        yield some.between(first, last)
        size = size * 4 if size <= LONGEST_SPAN else high - low + 1


def _by_amount(member: Member, filters: Filters, need: int) -> list[int]:
    """Return the first announcements by amount, equal ones the newest first: band by band, so that few are read."""
    falling = filters.sort == "-amount"
    order = ("-announcement__amount" if falling else "announcement__amount", "-place")
    asked, by_day = asked_by(filters), replace(filters, sort="")
    if not filters.of_all:
        return _ids(lines(member, by_day).exclude(announcement__amount=None).order_by(*order)[:need])
    most = max(need, RANKED)

    def of(band: str) -> list[int]:
        some = asked.also(amount_mark(band))
        rows = lines(member, by_day, asked=some)
        rows = rows if connection.vendor != "postgresql" else rows.order_by()
        read = list(rows.values_list("announcement__amount", "place", "announcement_id")[: most + 1])
        if len(read) <= most:
            read.sort(key=lambda row: (-(row[0] or 0) if falling else row[0] or 0, -row[1]))
            return [pk for _amount, _place, pk in read]
        if is_deepest(band):
            return _ids(lines(member, by_day, asked=some, streamed=False).order_by(*order)[:need])
        found: list[int] = []
        for inner in sorted(within(band), reverse=falling):
            if len(found) < need and (band or int(inner) <= longest):
                found += of(inner)
        return found

    longest = len(str(Announcement.objects.aggregate(most=Max("amount"))["most"] or 0))
    return of("")[:need]


@dataclass(frozen=True)
class Page:
    """One page of the list: the announcements with the own house's opportunities as `ours`, and whether more follow."""

    rows: list[Announcement]
    number: int
    more: bool


def page_of(member: Member, filters: Filters, number: int = 1) -> Page:
    """Return one page. One row more than it shows is asked for, so nothing is counted."""
    number = min(max(number, 1), LAST_PAGE)
    order = found_in(member, filters, (number - 1) * PAGE, PAGE + 1)
    return Page(announcements(member, order[:PAGE]), number, len(order) > PAGE and number < LAST_PAGE)


def announcements(member: Member, order: Sequence[int]) -> list[Announcement]:
    """Return these announcements, in this order, with what the own house makes of each (`ours`), and who tells it too.

    `others`: the later tellings of other sources. Three questions.
    """
    again = Announcement.objects.only("reference", "source", "told_again_of").order_by("pk")
    rows = Announcement.objects.filter(pk__in=order).defer("words")
    there = {row.pk: row for row in rows.prefetch_related(Prefetch("told_again", again, to_attr="others"))}
    for row in there.values():
        vars(row)["ours"] = []
    tellings = {one.pk: row for row in there.values() for one in (row, *vars(row)["others"])}
    ours = Opportunity.objects.visible_to(member).filter(announcement__in=tellings).select_related("firm", "match")
    for one in ours.order_by("pk"):
        vars(tellings[one.announcement_id])["ours"].append(one)
    return [there[pk] for pk in order if pk in there]


def all_of(member: Member, filters: Filters, most: int) -> Iterator[Announcement]:
    """Yield what the filters leave, at most so many, loaded some at a time."""
    order = found_in(member, filters, 0, most)
    for first in range(0, len(order), 500):
        yield from announcements(member, order[first : first + 500])


def sources() -> list[str]:
    """Return the sources of what came last."""
    last = Announcement.objects.order_by("-pk").values_list("source", flat=True)[:500]
    return sorted(set(last))


@dataclass(frozen=True)
class Region:
    """One region on the map: code ("": none was read), name, how many announcements, and its share of the most."""

    code: str
    name: str
    count: int
    share: int  # percent of the largest


def regions(member: Member, filters: Filters) -> list[Region]:
    """Count what the filters leave by the regions directly within the one chosen, the most first.

    Without words and whose name it is one walk through an index of codes.
    """
    asked = Q(told_again_of=None)
    if filters.kind:
        asked &= Q(kind=filters.kind)
    if filters.since:
        asked &= Q(published_at__gte=moment(filters.since))
    if filters.until:
        asked &= Q(published_at__lt=moment(filters.until) + timedelta(days=1))
    inside = prefix_of(filters.region)
    if inside:
        asked &= Q(region_code__gte=inside, region_code__lt=inside + "a")
    if filters != Filters(kind=filters.kind, region=filters.region, since=filters.since, until=filters.until):
        found = lines(member, replace(filters, sort=""), streamed=False)
        asked &= Q(pk__in=found.order_by().values("announcement_id"))
    size = 2 if not inside else 4 if len(inside) == 2 else 6
    rows = (
        Announcement.objects.filter(asked).order_by().values_list(Substr("region_code", 1, size)).annotate(Count("pk"))
    )
    counted: Counter[str] = Counter()
    for code, count in rows:
        counted[code] += count
    largest = max(counted.values(), default=1)
    return [
        Region(code, name_of(code), count, round(count * 100 / largest))
        for code, count in sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    ]
