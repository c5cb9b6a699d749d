"""The list of announcements: narrowed by words, kind, region, trade, days, amount, source and whose name; in order.

Everything but the amount and whose name it prints is asked of one index of pieces (core/pieces.py): kind, region, trade
and source are marks among the pieces, and its rows are numbered by the day of publication. So a page of a frequent word
costs as little as one of a rare one, and nothing is counted to show a page. Decision 54.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Substr

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.core.divisions import name_of, prefix_of
from xinshu.core.grams import grams_of, looked_up, normalise, terms_of
from xinshu.core.pieces import holding
from xinshu.enterprises.models import Relation
from xinshu.tenders.models import Announcement, Listed, Match, Opportunity

INDEX = "tenders_listedgrams"
SEARCHED = 900  # signs: title, project, number, buyer, winners, and how the text begins
PAGE = 20
NEWEST = 5_000  # so many are ranked by amount
LAST_PAGE = 200  # further than this nobody leafs: words or days narrow better
ORDERS = ("", "published", "-amount", "amount")  # "": the newest first
_SEQUENCE = 1 << 30  # announcements that one second can hold apart
_LATEST = (1 << 33) - 1  # seconds: the year 2242


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
    def narrow(self) -> bool:
        """Whether anything is chosen but the order."""
        return replace(self, sort="") != Filters()

    @property
    def marks(self) -> list[str]:
        """The pieces that stand for what was chosen."""
        chosen = {"kind": self.kind, "region": prefix_of(self.region), "trade": self.trade, "source": self.source}
        return [mark(what, code) for what, code in chosen.items() if code]


def mark(what: str, code: str) -> str:
    """Return the piece that stands for a kind, region, trade or source: longer than any piece of a text."""
    plain = code.lower() if code.isascii() and code.isalnum() else f"{zlib.crc32(code.encode()):08x}"
    return f"{what}{plain}"


def place_of(announcement: Any) -> int:
    """Return the place in the order of publication; where that day is not known, of arrival."""
    at: datetime = announcement.published_at or announcement.received_at
    return _place(at) + announcement.pk % _SEQUENCE


def _place(at: datetime) -> int:
    return min(max(int(at.timestamp()), 0), _LATEST) * _SEQUENCE


def line_of(announcement: Any) -> dict[str, Any]:
    """Return by what an announcement is found, as the fields of its line."""
    lines = [normalise(line) for line in announcement.words[:SEARCHED].split("\n")]
    lines = list(dict.fromkeys(line for line in lines if line))
    code, trade = prefix_of(announcement.region_code), announcement.trade
    marks = {mark("kind", announcement.kind), mark("source", announcement.source)}
    marks |= {mark("region", code[:size]) for size in range(2, len(code) + 1)}
    marks |= {mark("trade", trade[:size]) for size in range(1, len(trade) + 1)}
    return {
        "place": place_of(announcement), "announcement_id": announcement.pk, "text": "\n".join(lines),
        "grams": " ".join(sorted(grams_of(lines) | marks)),
    }  # fmt: skip


def keep_listed(announcement: Announcement) -> None:
    """Make an announcement findable as it is now. Must run in the transaction that changed it."""
    Listed.objects.filter(announcement=announcement).delete()
    Listed.objects.create(**line_of(announcement))


def lines(member: Member, filters: Filters, *, streamed: bool = True) -> QuerySet[Listed]:
    """Return the lines of the announcements meant, in the order asked for. Nothing is counted; slice it.

    Ordered by amount are the NEWEST of them: to rank every notice of a frequent word, all of them would be read.
    `streamed`: SQLite reads its index row by row and stops with the slice; such a query cannot stand inside another.
    """
    if filters.sort in ("amount", "-amount"):
        newest = lines(member, replace(filters, sort="")).exclude(announcement__amount=None)
        some = list(newest.values_list("place", flat=True)[:NEWEST]) if filters.narrow else None
        ranked = (
            Listed.objects.exclude(announcement__amount=None) if some is None else Listed.objects.filter(pk__in=some)
        )
        return ranked.order_by(filters.sort.replace("amount", "announcement__amount"), "-place")
    terms = terms_of(filters.q)
    pieces = [*filters.marks, *dict.fromkeys(gram for term in terms for gram in looked_up(term))]
    streamed = streamed and bool(pieces) and connection.vendor != "postgresql"
    found = Listed.objects.all()
    if pieces:
        found = holding(found, INDEX, pieces, streamed=streamed)
    for term in terms:
        found = found.filter(text__contains=term)  # pieces may stand apart; a term stands together
    for sign, bound in _bounds(filters):
        found = found.filter(**{"place__gte" if sign == ">=" else "place__lt": bound})
        if streamed:  # the index is told as well, so that it begins and ends there
            found = found.extra(where=[f"{INDEX}.rowid {sign} %s"], params=[bound])  # noqa: S610 (bound)
    found = found.filter(_residue(member, filters))
    by = f"{'' if filters.sort else '-'}{INDEX + '.rowid' if streamed else 'place'}"
    return found.extra(order_by=[by]) if streamed else found.order_by(by)


def _bounds(filters: Filters) -> Iterator[tuple[str, int]]:
    if filters.since:
        yield ">=", _place(moment(filters.since))
    if filters.until:
        yield "<", _place(moment(filters.until) + timedelta(days=1))


def _residue(member: Member, filters: Filters) -> Q:
    """Return what no mark says: the amount, and whose name it prints."""
    asked = Q()
    if filters.least is not None:
        asked &= Q(announcement__amount__gte=filters.least)
    if filters.most is not None:
        asked &= Q(announcement__amount__lte=filters.most)
    if filters.view in ("ours", "todo"):
        ours = Opportunity.objects.visible_to(member)
        if filters.view == "todo":
            ours = ours.filter(state="pushed")
            if member.organisation.kind in member.organisation.ISSUERS:
                ours = ours.filter(Q(manager=member) | Q(manager=None))
        asked &= Q(announcement__in=ours.values("announcement"))
    if filters.view == "unsure":
        asked &= Q(announcement__in=concerning(member).filter(sure=False).values("announcement"))
    if filters.firm.strip():
        named = concerning(member)
        for word in filters.firm.replace("\0", "").split()[:5]:
            named = named.filter(Q(organisation__name__icontains=word) | Q(name__icontains=word))
        asked &= Q(announcement__in=named.values("announcement"))
    return asked


def concerning(member: Member) -> QuerySet[Match]:
    """Return the matches with the member's house or its customers. Others' customers stay theirs."""
    customers = Relation.objects.filter(guarantor=member.organisation_id).values("enterprise__organisation")
    return Match.objects.filter(Q(organisation=member.organisation_id) | Q(organisation__in=customers))


@dataclass(frozen=True)
class Page:
    """One page of the list: the announcements with the own house's opportunities as `ours`, and whether more follow."""

    rows: list[Announcement]
    number: int
    more: bool


def page_of(member: Member, filters: Filters, number: int = 1) -> Page:
    """Return one page. One row more than it shows is asked for, so nothing is counted."""
    number = min(max(number, 1), LAST_PAGE)
    first = (number - 1) * PAGE
    order = list(lines(member, filters).values_list("announcement_id", flat=True)[first : first + PAGE + 1])
    return Page(announcements(member, order[:PAGE]), number, len(order) > PAGE and number < LAST_PAGE)


def announcements(member: Member, order: Sequence[int]) -> list[Announcement]:
    """Return these announcements, in this order, with what the own house makes of each. Two questions."""
    ours = Opportunity.objects.visible_to(member).select_related("firm", "match")
    rows = Announcement.objects.filter(pk__in=order).defer("words")
    there = {row.pk: row for row in rows.prefetch_related(Prefetch("opportunities", ours, to_attr="ours"))}
    return [there[pk] for pk in order if pk in there]


def all_of(member: Member, filters: Filters, most: int) -> Iterator[Announcement]:
    """Yield what the filters leave, at most so many, loaded some at a time."""
    order = list(lines(member, filters).values_list("announcement_id", flat=True)[:most])
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
    asked = Q()
    if filters.kind:
        asked &= Q(kind=filters.kind)
    if filters.since:
        asked &= Q(published_at__gte=moment(filters.since))
    if filters.until:
        asked &= Q(published_at__lt=moment(filters.until) + timedelta(days=1))
    within = prefix_of(filters.region)
    if within:
        asked &= Q(region_code__gte=within, region_code__lt=within + "a")
    if filters != Filters(kind=filters.kind, region=filters.region, since=filters.since, until=filters.until):
        found = lines(member, replace(filters, sort=""), streamed=False)
        asked &= Q(pk__in=found.order_by().values("announcement_id"))
    size = 2 if not within else 4 if len(within) == 2 else 6
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
