"""Which rule holds for a house: its own version, else the platform's, else the pattern as shipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from xinshu.watch.models import WatchRule, limits_of
from xinshu.watch.patterns import PATTERNS, Pattern


@dataclass(frozen=True)
class InForce:
    """A pattern as it is watched at one house. `rule` None: as shipped."""

    pattern: Pattern
    rule: WatchRule | None

    @property
    def on(self) -> bool:
        return self.pattern.on if self.rule is None else self.rule.on

    @property
    def grade(self) -> str:
        return self.pattern.grade if self.rule is None else self.rule.grade

    @property
    def blocks(self) -> bool:
        return self.pattern.blocks if self.rule is None else self.rule.blocks

    @property
    def number(self) -> int:
        return 0 if self.rule is None else self.rule.number or 0

    @property
    def limits(self) -> dict[str, Any]:
        return limits_of(self.rule, self.pattern)


class Book:
    """The rules in force of some houses (None: of the platform alone), read with one query."""

    def __init__(self, houses: Iterable[int | None]) -> None:
        wanted = {house for house in houses if house is not None}
        rows = WatchRule.objects.filter(Q(owner__in=wanted) | Q(owner=None), state="active")
        self._rules = {(row.owner_id, row.pattern): row for row in rows}

    def of(self, house: int | None, code: str) -> InForce:
        """Return how a house watches a pattern."""
        rule = self._rules.get((house, code)) or self._rules.get((None, code))
        return InForce(PATTERNS[code], rule)

    def loosest(self, houses: Iterable[int], code: str, name: str) -> int:
        """Return the smallest threshold that any of `houses` has: what one statement over all of them looks for."""
        usual = PATTERNS[code].limits[name].usual
        return min((self.of(house, code).limits[name] for house in houses), default=usual)

    def longest(self, houses: Iterable[int], code: str, name: str) -> int:
        """Return the largest threshold that any of `houses` has."""
        usual = PATTERNS[code].limits[name].usual
        return max((self.of(house, code).limits[name] for house in houses), default=usual)
