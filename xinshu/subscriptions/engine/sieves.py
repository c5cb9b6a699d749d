"""Filters of many subscriptions as columns. What many have in common is kept once and answered once per announcement.

Sets of codes or tags are numbered (`Sets`), and so is what a subscription asks beside its keywords: its kinds and
regions (`Places`), its trades, tags and amounts (`Terms`). Both answer in the points they give, SHUT where they say no.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xinshu.subscriptions.engine.wanted import FILTER, MAYBE, NO, UNKNOWN, YES, Notice, Wanted, within

KEPT = 2048  # answers remembered
KIND_BITS = 16
SHUT = -500  # less than all points that filters can give
_ANY_KIND = (1 << KIND_BITS) - 1
_MOST = 2**63 - 1
_WORTH = np.array([[SHUT, SHUT, FILTER], [SHUT, UNKNOWN, FILTER]], np.int16)  # by unsure and NO, MAYBE, YES
Numbers = NDArray[np.int32]
Points = NDArray[np.int16]


class Sets:
    """The different sets of a column, numbered; 0 is the empty one, which lets everything pass."""

    def __init__(self) -> None:
        self.numbers: dict[frozenset[Any], int] = {frozenset(): 0}
        self.answers: dict[Hashable, NDArray[np.uint8]] = {}

    def number(self, some: frozenset[Any]) -> int:
        """Return the number of a set, a new one where it is not known."""
        return self.numbers.setdefault(some, len(self.numbers))

    def asked(self, what: Hashable, answer: Callable[[Iterable[Any]], int]) -> NDArray[np.uint8]:
        """Return what every set answers to `what`: NO, MAYBE, YES; remembered."""
        found = self.answers.get(what)
        if found is None or len(found) != len(self.numbers):
            if len(self.answers) >= KEPT:
                self.answers.clear()
            found = np.fromiter((answer(some) if some else YES for some in self.numbers), np.uint8, len(self.numbers))
            self.answers[what] = found
        return found

    def code(self, code: str) -> NDArray[np.uint8]:
        """Return what every set of tree nodes says to a code."""
        return self.asked(code, lambda nodes: within(code, nodes))

    def any_of(self, held: frozenset[Any]) -> NDArray[np.uint8]:
        """Return which sets share something with `held`."""
        return self.asked(held, lambda some: YES if not held.isdisjoint(some) else NO)


class Filters:
    """The different ways in which subscriptions fill some filters: written one by one, then sealed into columns."""

    columns: np.dtype[Any]

    def __init__(self, **sets: Sets) -> None:
        self.sets = sets
        self.numbers: dict[tuple[Any, ...], int] = {}
        self.rows: NDArray[Any] = np.empty(0, self.columns)

    def _number(self, *row: Any) -> int:
        return self.numbers.setdefault(row, len(self.numbers))

    def take(self, other: "Filters", used: Numbers) -> Numbers:
        """Take in rows of another segment's, each once; return the numbers they have here."""
        some, places = np.unique(used, return_inverse=True)
        rows = other.rows[some]
        for name, own in self.sets.items():
            renumbered = np.array([own.number(one) for one in other.sets[name].numbers], np.int32)
            rows[name] = renumbered[rows[name]]
        return np.array([self._number(*row) for row in rows.tolist()], np.int32)[places]

    def seal(self) -> None:
        """Nothing more is written."""
        self.rows = np.array(list(self.numbers), self.columns)
        self.numbers = {}

    def _worth(self, rows: NDArray[Any], name: str, answers: NDArray[np.uint8]) -> Points:
        """Return the points of one filter, by what its sets answer; where nothing is asked none."""
        asked = rows[name]
        return _WORTH[rows["unsure"].view(np.uint8), answers[asked]] * (asked > 0)


class Places(Filters):
    """Kinds of notices and regions. Few announcements differ in them: what all ways answer is remembered."""

    columns = np.dtype([("kinds", np.uint16), ("regions", np.int32), ("unsure", np.bool_)])

    def __init__(self, kinds: Sequence[str]) -> None:
        if len(kinds) >= KIND_BITS:
            raise ValueError("more kinds of notices than bits")
        super().__init__(regions=Sets())
        self.kinds = {kind: number for number, kind in enumerate(kinds)}
        self.answers: dict[tuple[str, str], Points] = {}

    def number(self, wanted: Wanted) -> int:
        """Return the number of what a subscription asks."""
        kinds = sum(1 << self.kinds[kind] for kind in wanted.kinds if kind in self.kinds)
        regions = self.sets["regions"].number(wanted.regions)
        return self._number(kinds if wanted.kinds else _ANY_KIND, regions, wanted.unsure or not regions)

    def points(self, notice: Notice) -> Points:
        """Return what every way gives an announcement."""
        asked = (notice.kind, notice.region)
        found = self.answers.get(asked)
        if found is None:
            if len(self.answers) >= KEPT:
                self.answers.clear()
            kind = np.uint16(1 << self.kinds.get(notice.kind, KIND_BITS - 1))
            worth = self._worth(self.rows, "regions", self.sets["regions"].code(notice.region))
            found = np.where(self.rows["kinds"] & kind > 0, worth, np.int16(SHUT))
            self.answers[asked] = found
        return found


class Terms(Filters):
    """Trades, tags of customers and amounts. Amounts differ: asked anew, of all ways or of those that matter."""

    columns = np.dtype(
        [("least", np.int64), ("most", np.int64), ("trades", np.int32), ("tags", np.int32), ("unsure", np.bool_)]
    )

    def __init__(self) -> None:
        super().__init__(trades=Sets(), tags=Sets())

    def number(self, wanted: Wanted) -> int:
        """Return the number of what a subscription asks."""
        ranged = wanted.least_amount is not None or wanted.most_amount is not None
        least = (wanted.least_amount or 0) if ranged else -1
        most = _MOST if wanted.most_amount is None else wanted.most_amount
        trades, tags = self.sets["trades"].number(wanted.trades), self.sets["tags"].number(wanted.tags)
        return self._number(least, most, trades, tags, wanted.unsure or not (ranged or trades))

    def points(self, notice: Notice, of: Numbers) -> Points:
        """Return what the ways of these numbers give an announcement."""
        if len(self.rows) <= len(of):
            return self._points(self.rows, notice).take(of)
        return self._points(self.rows.take(of), notice)

    def _points(self, rows: NDArray[Any], notice: Notice) -> Points:
        ranged = rows["least"] >= 0
        if notice.amount is None:
            amounts = np.full(len(rows), MAYBE, np.uint8)
        else:
            amounts = np.where((rows["least"] <= notice.amount) & (notice.amount <= rows["most"]), YES, NO)
        points = _WORTH[rows["unsure"].view(np.uint8), amounts] * ranged
        points += self._worth(rows, "trades", self.sets["trades"].code(notice.trade))
        points += self._worth(rows, "tags", self.sets["tags"].any_of(notice.tags))
        return points
