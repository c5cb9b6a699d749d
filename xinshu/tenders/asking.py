"""What is asked of the index of pieces (core/pieces.py) for the list of announcements. Decision 54.

Everything but whose name a notice prints is asked of one index over the lines (lines.py): kind, region, trade, source,
and bands of the amount are marks among the pieces, and its rows are numbered by the day of publication. So a page of a
frequent word costs as little as one of a rare one, and nothing is counted to show a page.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat

from xinshu.accounts.models import Member
from xinshu.core.bands import bands_over
from xinshu.core.clock import moment
from xinshu.core.divisions import prefix_of
from xinshu.core.grams import looked_up, terms_of
from xinshu.core.pieces import holding
from xinshu.enterprises.models import Relation
from xinshu.tenders.lines import FIRST, amount_mark, mark, place_at
from xinshu.tenders.models import Listed, Match, Opportunity

INDEX = "tenders_listedgrams"
ORDERS = ("", "published", "-amount", "amount")  # "": the newest first


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
    view: str = ""  # "", "ours" (concerning the own house), "todo" (of those, waiting), "unsure" (perhaps so)
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
