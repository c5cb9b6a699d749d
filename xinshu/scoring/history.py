"""Training data from the house's own past: upper rooms tell what was known of each case on the day it was issued.

A case belongs into it once a whole year has passed since its issue: before that nobody can say how it went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.scoring.learning.kinds import Column
from xinshu.scoring.learning.reading import FEWEST_OF_EACH, FEWEST_ROWS

WATCHED = timedelta(days=365)  # after its issue, within which a payment makes a case a default
MOST_CASES = 20_000  # the newest; what is built while a person waits


@dataclass(frozen=True)
class History:
    """The cases of a house: columns with their dictionary, cells row by row, which of them defaulted."""

    columns: tuple[Column, ...]
    rows: list[list[str]]
    bad: int
    first: date | None = None  # days of issue
    last: date | None = None

    @property
    def good(self) -> int:
        return len(self.rows) - self.bad

    @property
    def enough(self) -> bool:
        """Whether a model may be learned from it: the fewest rows, and of each outcome."""
        return len(self.rows) >= FEWEST_ROWS and min(self.bad, self.good) >= FEWEST_OF_EACH


Teller = Callable[[Organisation, date], History]
_tellers: list[Teller] = []


def tells_history(teller: Teller) -> Teller:
    """Register who tells of a house's past cases, issued on the day handed over or before it. Called at start-up."""
    if _tellers and _tellers != [teller]:
        raise ValueError("the past is told already")
    _tellers[:] = [teller]
    return teller


def history_of(house: Organisation, at: datetime) -> History:
    """Return the cases of `house` whose year has passed at the moment `at`."""
    return _tellers[0](house, local_day(at - WATCHED)) if _tellers else History((), [], 0)
