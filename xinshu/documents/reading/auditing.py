"""Statements check themselves: identities that do not hold locate the wrong cell and say what it should be.

A cell is wrong only if every identity that it stands in is broken by the same amount, and right enough to be repaired
only if the figure that mends them looks like what was read: a digit taken for its like, dropped or doubled, a lost
minus. Where two cells explain it equally well nothing is proposed; both are shown to the person. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ALIKE = {
    frozenset(pair) for pair in ("38", "17", "56", "08", "68", "09", "06", "27", "49", "35", "89", "14", "39", "58")
}
FAR = 9.0  # a correction that costs more than this is none
MARGIN = 1.2  # the best must be this much likelier than the next


@dataclass(frozen=True)
class Cell:
    """A figure as read, in 分 (None: no figure). `others`: what a second look read; `text`: as it stood there."""

    fen: int | None
    confidence: float = 1.0
    others: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Identity:
    """`total` = the sum of `parts`, each with its sign."""

    total: str
    parts: tuple[tuple[str, int], ...]

    @property
    def signs(self) -> dict[str, int]:
        """Return every name with its sign in: 0 = total - parts."""
        return {self.total: 1, **{name: -sign for name, sign in self.parts}}

    def rest(self, cells: Mapping[str, Cell]) -> int:
        """Return by how much the total exceeds its parts; a cell without a figure counts nothing."""
        return sum(sign * (cells[name].fen or 0) for name, sign in self.signs.items())


@dataclass
class Audit:
    """What the identities say: cells that they confirm, repairs by cell, cells among which the fault lies.

    `depends`: cells that add up only if the repairs are right.
    """

    confirmed: set[str] = field(default_factory=set)
    depends: set[str] = field(default_factory=set)
    repaired: dict[str, int] = field(default_factory=dict)
    suspected: set[str] = field(default_factory=set)
    broken: list[Identity] = field(default_factory=list)


def audit(cells: Mapping[str, Cell], identities: Iterable[Identity]) -> Audit:
    """Hold the cells against the identities; mend what can be mended for sure."""
    sums = [one for one in identities if all(name in cells for name in one.signs)]
    now = dict(cells)
    found = Audit()
    for _round in range(8):
        best = _best(now, sums, found.repaired)
        if best is None:
            break
        name, fen = best
        found.repaired[name] = fen
        now[name] = Cell(fen, text=cells[name].text)
    found.broken = [one for one in sums if one.rest(cells) or any(cells[name].fen is None for name in one.signs)]
    holds = [one for one in sums if not one.rest(now) and all(now[name].fen is not None for name in one.signs)]
    fails = [one for one in sums if one not in holds]
    right = {name for one in holds for name in one.signs}
    first = {name for one in sums if one not in found.broken for name in one.signs}
    found.suspected = {name for one in fails for name in one.signs if name not in first and name not in found.repaired}
    if fails and not found.suspected:  # everything is confirmed by something, and yet it does not add up
        found.suspected = {name for one in fails for name in one.signs} - set(found.repaired)
    found.confirmed = first - set(found.repaired) - found.suspected
    found.depends = right - found.confirmed - set(found.repaired) - found.suspected
    return found


def _best(cells: Mapping[str, Cell], sums: list[Identity], repaired: Mapping[str, int]) -> tuple[str, int] | None:
    """Return the one repair that explains what is broken better than any other, cheapest first."""
    broken = [one for one in sums if one.rest(cells)]
    choices: list[tuple[float, str, int]] = []
    for name in {name for one in broken for name in one.signs}:
        if name in repaired:
            continue
        mine = [one for one in sums if name in one.signs]
        rests = {one.rest(cells) * one.signs[name] for one in mine}
        if len(rests) != 1:  # a sum that holds, or asks for something else, speaks for the cell
            continue
        fen = (cells[name].fen or 0) - rests.pop()
        cost = _cost(cells[name], fen) - 1.5 * (len(mine) - 1)
        if cost < FAR:
            choices.append((cost, name, fen))
    by_fault: dict[frozenset[int], list[tuple[float, str, int]]] = {}
    for choice in choices:
        key = frozenset(number for number, one in enumerate(broken) if choice[1] in one.signs)
        by_fault.setdefault(key, []).append(choice)
    clear = []
    for key, several in by_fault.items():
        rivals = sorted(one for other, some in by_fault.items() if other & key for one in some)
        several.sort()
        if rivals[0] == several[0] and (len(rivals) < 2 or rivals[1][0] - rivals[0][0] >= MARGIN):
            clear.append(several[0])
    if not clear:
        return None
    _cost_of, name, fen = min(clear)
    return name, fen


def _cost(cell: Cell, fen: int) -> float:
    """Return how unlikely it is that `fen` was read as this cell: 0 for what a second look saw there."""
    if fen in cell.others:
        return 0.0
    if cell.fen is None:
        return 2.0
    doubt = min(2.0, 25 * (1 - cell.confidence))  # what was read without doubt is less likely wrong
    if fen == -cell.fen:
        return 2.0 - doubt
    return _distance(str(abs(cell.fen)), str(abs(fen))) + 2.0 * ((fen < 0) != (cell.fen < 0)) - doubt


def _distance(read: str, wanted: str) -> float:
    """Return the cost of turning the digits read into those wanted: likes are cheap, others dear, gaps between."""
    row = [2.5 * n for n in range(len(wanted) + 1)]
    for i, one in enumerate(read, start=1):
        before, row = row, [2.5 * i]
        for j, two in enumerate(wanted, start=1):
            change = 0.0 if one == two else 1.5 if frozenset((one, two)) in ALIKE else 3.2
            row.append(min(before[j] + 2.5, row[j - 1] + 2.5, before[j - 1] + change))
    return row[-1]
