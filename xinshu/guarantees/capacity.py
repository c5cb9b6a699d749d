"""承保能力: what a house has reserved and occupied by kind, region and filed scope, beside its limits; only its own.

A case holds its line as holdings.py says it does: reserved from approval, occupied from issue until the line is
restored. An increase that is agreed and not yet accepted is reserved, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum

from xinshu.accounts.models import Organisation
from xinshu.books.models import TotalDay
from xinshu.core.money import yuan
from xinshu.guarantees import kinds
from xinshu.guarantees.changing import AMENDMENT_OPEN
from xinshu.guarantees.holdings import BEFORE_ISSUE
from xinshu.guarantees.models import Amendment, Guarantee, Tariff
from xinshu.guarantees.tariffs.words import price_in_words
from xinshu.guarantors.models import SETTLED, Scope, in_force

DAYS_BACK = 400  # of history that the page reads


@dataclass(frozen=True)
class Held:
    """What one kind in one region (a code of up to six digits, "" where none was filled in) holds, in 分."""

    kind: str
    region: str
    number: int = 0
    reserved: int = 0
    occupied: int = 0

    @property
    def used(self) -> int:
        return self.reserved + self.occupied


@dataclass(frozen=True)
class Doing:
    """One filed scope: what may be done there, at what price, and what is held there."""

    scope: Scope
    kind: str  # in words
    most: str  # of a single guarantee
    rate: str
    held: Held


def held_by(house: Organisation) -> list[Held]:
    """Return what `house` holds, by kind and region. Two queries."""
    before = Q(state__in=BEFORE_ISSUE)
    live = before | Q(issued_at__isnull=False, restored_at=None, amount__gt=F("paid_amount"))
    left = F("amount") - F("paid_amount")
    rows = Guarantee.objects.filter(live, guarantor=house).values_list("kind", "project__region_code").order_by()
    grouped = rows.annotate(
        reserved=Sum(left, filter=before, default=0), occupied=Sum(left, filter=~before, default=0), number=Count("pk")
    )
    found = {
        (kind, region): Held(kind, region, number, reserved, occupied)
        for kind, region, reserved, occupied, number in grouped
    }
    more = Amendment.objects.filter(
        state__in=AMENDMENT_OPEN, decided_at__isnull=False, new_amount__gt=F("old_amount"), guarantee__guarantor=house
    ).values_list("guarantee__kind", "guarantee__project__region_code")
    for kind, region, extra in more.annotate(extra=Sum(F("new_amount") - F("old_amount"))).order_by():
        old = found.get((kind, region), Held(kind, region))
        found[kind, region] = Held(kind, region, old.number, old.reserved + extra, old.occupied)
    return sorted(found.values(), key=lambda held: (-held.used, held.kind, held.region))


def together(rows: Iterable[Held], kind: str = "", region: str = "") -> Held:
    """Return the sum of `rows`, called `kind` and `region`."""
    rows = list(rows)
    return Held(kind, region, *(sum(getattr(row, name) for row in rows) for name in ("number", "reserved", "occupied")))


def by_kind(rows: list[Held]) -> list[Held]:
    """Return `rows` summed by kind, the largest first."""
    names = {row.kind for row in rows}
    found = [together((row for row in rows if row.kind == kind), kind=kind) for kind in names]
    return sorted(found, key=lambda held: (-held.used, held.kind))


def by_region(rows: list[Held]) -> list[Held]:
    """Return `rows` summed by region, the largest first."""
    names = {row.region for row in rows}
    found = [together((row for row in rows if row.region == region), region=region) for region in names]
    return sorted(found, key=lambda held: (-held.used, held.region))


def business_of(house: Organisation, rows: list[Held], on: date) -> list[Doing]:
    """Return the scopes of `house` that hold on a day, each with price and use. Two queries."""
    scopes = in_force(list(Scope.objects.filter(guarantor=house, state__in=SETTLED).order_by("kind", "pk")), on)
    tariffs: dict[str, Tariff] = {}
    for tariff in Tariff.objects.filter(guarantor=house, valid_from__lte=on).order_by("valid_from", "number"):
        tariffs[tariff.kind] = tariff
    return [
        Doing(
            scope,
            kind_in_words(scope.kind),
            yuan(scope.most_amount) if scope.most_amount is not None else "",
            price_in_words(tariffs[scope.kind].terms()) if scope.kind in tariffs else "",
            together(row for row in rows if scope.kind in ("", row.kind) and row.region.startswith(scope.region_code)),
        )
        for scope in scopes
    ]


def kind_in_words(code: str) -> str:
    """Return what a kind is called; "" for any."""
    return str(kinds.KINDS[code].label) if code in kinds.KINDS else code


def history(house: Organisation, until: date) -> list[TotalDay]:
    """Return how the total stood at the end of each month, the last kept day of the present one first."""
    kept = TotalDay.objects.filter(issuer=house, on__lte=until).order_by("-on")[:DAYS_BACK]
    last: dict[tuple[int, int], TotalDay] = {}
    for day in kept:
        last.setdefault((day.on.year, day.on.month), day)
    return list(last.values())
