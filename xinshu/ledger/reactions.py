"""What follows from what: the register of reactions to entries and of nightly rounds, filled by every app's `tasks`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xinshu.ledger.models import Entry


class Later(Exception):
    """Raised by a reaction whose time has not come: it is run again at `at`; nothing has failed, nothing is counted."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at.isoformat())
        self.at = at


ReactionFunction = Callable[["Entry"], None]
RoundFunction = Callable[[date, datetime], None]


@dataclass(frozen=True)
class Reaction:
    """A function that takes an entry. `together`: it runs in one transaction with the mark that it is done."""

    name: str
    run: ReactionFunction
    together: bool = True


by_kind: dict[str, list[Reaction]] = {}
by_name: dict[str, Reaction] = {}
nightly: dict[str, RoundFunction] = {}


def _name(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def reacts_to(*kinds: str, together: bool = True) -> Callable[[ReactionFunction], ReactionFunction]:
    """Run the function, in a worker, once for every entry of these kinds; a subject's entries in their order.

    Its database work commits together with the mark that it is done, so a crash never runs it twice. Say
    `together=False` when it talks to the outside world or runs for seconds (SQLite lets nobody else write meanwhile):
    then it may run again after a crash, and must be harmless the second time.
    """

    def register(function: ReactionFunction) -> ReactionFunction:
        reaction = Reaction(_name(function), function, together)
        by_name[reaction.name] = reaction
        for kind in kinds:
            by_kind.setdefault(kind, []).append(reaction)
        return function

    return register


def every_night(function: RoundFunction) -> RoundFunction:
    """Run `function(on, at)` once for each local day, soon after midnight; missed days are made up in order.

    It keeps its own transactions and must go on where it stopped when it is run again for the same day.
    """
    nightly[_name(function)] = function
    return function
