"""In which order suitable guarantors are shown: three points with open weights, nothing else. No database, no clock.

Spec/domain.md 3.12 no. 62: a ranking must be explainable, free of undisclosed commercial weight, and reproducible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Generic, TypeVar

from django.utils.translation import gettext_lazy

VERSION = "2026.11.1"
PRICE, TIME, EASE = "price", "time", "ease"
LABELS = {PRICE: gettext_lazy("价格"), TIME: gettext_lazy("时间"), EASE: gettext_lazy("自动审批")}
WEIGHTS = {  # how one may ask for the order: what each point weighs, of 100
    #            price     time      ease
    "overall": {PRICE: 60, TIME: 25, EASE: 15},
    "price":   {PRICE: 100, TIME: 0, EASE: 0},
    "time":    {PRICE: 0, TIME: 100, EASE: 0},
}  # fmt: skip
ORDERS = {
    "overall": gettext_lazy("综合"), "price": gettext_lazy("价格最低"), "time": gettext_lazy("时间最短"),
}  # fmt: skip
BY_RULE, BY_PERSON, BY_SEVERAL = "rule", "person", "several"
EASE_POINTS = {BY_RULE: 100, BY_PERSON: 50, BY_SEVERAL: 0}
UNKNOWN_TIME = 50  # points of a guarantor without past decisions: neither praised nor blamed for what nobody knows
SHORTEST = timedelta(hours=1)  # what is faster counts as this: seconds against minutes decide nothing

Offered = TypeVar("Offered")


@dataclass(frozen=True)
class Measure:
    """What one suitable guarantor is judged by: fee in 分, usual time to a decision (None: no past), who decides."""

    fee: int
    time: timedelta | None
    ease: str


@dataclass(frozen=True)
class Ranked(Generic[Offered]):
    """One guarantor in its place: points out of 100 for each measure, and the sum under the weights."""

    place: int
    offered: Offered
    points: dict[str, Fraction]
    score: Fraction


def ranked(offers: Sequence[tuple[Offered, Measure, str]], order: str) -> list[Ranked[Offered]]:
    """Return the offers (each with its measure and name) in the order asked for, best first.

    Price and time are shares of the best among these offers: twice the price is half the points. Equal sums go by the
    lower fee, then by name, so that the same question has the same answer.
    """
    if not offers:
        return []
    weights = WEIGHTS[order]
    cheapest = min(measure.fee for _offered, measure, _name in offers)
    times = [max(measure.time, SHORTEST) for _offered, measure, _name in offers if measure.time is not None]
    fastest = min(times, default=SHORTEST)
    counted = []
    for offered, measure, name in offers:
        points = {
            PRICE: Fraction(100 * cheapest, measure.fee) if measure.fee else Fraction(100),
            TIME: Fraction(UNKNOWN_TIME) if measure.time is None else _share(fastest, max(measure.time, SHORTEST)),
            EASE: Fraction(EASE_POINTS[measure.ease]),
        }
        score = sum((weights[what] * points[what] for what in points), Fraction()) / 100
        counted.append(((-score, measure.fee, name), offered, points, score))
    counted.sort(key=lambda row: row[0])
    return [
        Ranked(place, offered, points, score) for place, (_key, offered, points, score) in enumerate(counted, start=1)
    ]


def _share(best: timedelta, own: timedelta) -> Fraction:
    return Fraction(100 * (best // timedelta(seconds=1)), own // timedelta(seconds=1))
