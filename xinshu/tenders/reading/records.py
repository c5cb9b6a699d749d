"""What stands together on a page: labelled values, one by one or as the row of a table, in reading order."""

from dataclasses import dataclass

from xinshu.tenders.reading.layout import Cell


@dataclass(frozen=True)
class Pair:
    """A value with what its label means. `rank`: of the bidder it belongs to, 0 for none; `column` tells bidders apart.

    `outside`: its unit is told for its whole table.
    """

    code: str
    value: Cell
    unit: str = ""
    firm: bool = False
    rank: int = 0
    column: int = 0
    outside: bool = False


@dataclass(frozen=True)
class Record:
    """Pairs that belong together. `table`: of which they are a row below a head, 0 where each stands alone."""

    pairs: tuple[Pair, ...]
    table: int = 0
    rows: int = 1  # of that table, as far as they look alike

    @property
    def start(self) -> int:
        return self.pairs[0].value.start

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(pair.code for pair in self.pairs)

    def all(self, *codes: str) -> list[Pair]:
        """Return the pairs of these codes."""
        return [pair for pair in self.pairs if pair.code in codes]


def alone(pair: Pair) -> Record:
    """Return one pair as a record of its own."""
    return Record((pair,))
