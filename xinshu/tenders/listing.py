"""The list of announcements, page by page, in order: by day of publication, or by amount. Decision 54.

Nothing is counted to show a page. What several sources tell is one row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import Max, Min, Prefetch, QuerySet

from xinshu.accounts.models import Member
from xinshu.core.bands import is_deepest, within
from xinshu.tenders.asking import Asked, Filters, asked_by, lines
from xinshu.tenders.lines import WEEK, amount_mark, week_mark
from xinshu.tenders.models import Announcement, Listed, Opportunity

PAGE = 20
LAST_PAGE = 200  # further than this nobody leafs: words or days narrow better
RANKED = 500  # so many of one band of amounts are read to put them in order
LONGEST_SPAN = 16  # weeks that PostgreSQL is asked for by their marks; what lies further off by its place alone


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
