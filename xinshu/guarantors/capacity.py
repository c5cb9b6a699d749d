"""承保能力: what a guarantor has taken up, against the multiple of its net assets that the law allows.

The multiple is books.concentration's; the row that holds it is books.TotalLimit, enforced where a line is reserved.
"""

from collections.abc import Collection
from dataclasses import dataclass

from xinshu.accounts.models import Organisation
from xinshu.books.concentration import DECREE_TOTAL as SOURCE
from xinshu.books.models import Capital, TotalLimit

__all__ = ["SOURCE", "Capacity", "capacities"]


@dataclass(frozen=True)
class Capacity:
    """What is taken up (reservations included) and may be, in 分. `most` None: no multiple, or no net assets known."""

    used: int
    most: int | None
    capital: int | None

    @property
    def percent(self) -> int | None:
        """Return how much of it is taken up, 0 to 100; None where nothing is known."""
        return None if not self.most else min(100, self.used * 100 // self.most)

    @property
    def multiple(self) -> int | None:
        """Return how many times the net assets the limit is; None where nothing is known."""
        return None if not self.most or not self.capital else round(self.most / self.capital)


def capacities(houses: Collection[Organisation]) -> dict[int, Capacity]:
    """Return each house's capacity, by id. Two queries."""
    totals = {total.issuer_id: total for total in TotalLimit.objects.filter(issuer__in=houses)}
    reported = Capital.objects.filter(issuer__in=houses).order_by("as_of", "pk").values_list("issuer_id", "amount")
    capital = dict(reported)  # the last of each
    return {
        house.pk: Capacity(
            totals[house.pk].used if house.pk in totals else 0,
            totals[house.pk].ceiling if house.pk in totals else None,
            capital.get(house.pk),
        )
        for house in houses
    }
