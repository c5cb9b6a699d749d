"""Filters of many subscriptions as columns: sets that occur often are kept once, and answered once per announcement."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xinshu.subscriptions.engine.wanted import NO, YES, within

KEPT = 2048  # answers remembered


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
