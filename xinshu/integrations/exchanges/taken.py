"""Which entries say that data was taken away: every export, and what contexts above declare (files)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xinshu.ledger.kinds import named_kinds

Case = tuple[str, int]  # ("guarantees.guarantee", 12)
EXPORTED = ".exported"


@dataclass(frozen=True)
class Whole:
    """A kind of entry that says that something left whole. Its subject belongs to a case, or to none."""

    cases_of: Callable[[Iterable[int]], dict[int, Case]]
    ids_about: Callable[[Case], Iterable[int]]


_whole: dict[str, Whole] = {}


def leaves_whole(
    kind: str, *, cases_of: Callable[[Iterable[int]], dict[int, Case]], ids_about: Callable[[Case], Iterable[int]]
) -> None:
    """Declare that an entry of `kind` says that its subject was taken away as it is. Called in `entries` modules.

    `cases_of` leads from ids of subjects to the cases that they belong to, `ids_about` back again.
    """
    _whole[kind] = Whole(cases_of, ids_about)


def whole() -> dict[str, Whole]:
    """Return the kinds that leave whole."""
    return _whole


def kinds() -> list[tuple[str, str]]:
    """Return all kinds of entries that say that data was taken away, with their names."""
    return [(kind, name) for kind, name in named_kinds() if kind.endswith(EXPORTED) or kind in _whole]
