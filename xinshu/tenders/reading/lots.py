"""Which lot a record belongs to: one that is known by its name, the one that is being read, or a new one."""

from dataclasses import dataclass, field, replace

from xinshu.tenders.reading.facts import Fact
from xinshu.tenders.reading.layout import Cell
from xinshu.tenders.reading.records import Pair
from xinshu.tenders.reading.values import unquoted
from xinshu.tenders.reading.words import lot_key

NOTHING = set("/／-—–无*")
LONGEST = 300  # signs of a value that are kept


@dataclass(frozen=True)
class Party:
    """Who was named last: as what, the name and the rank. A price that follows is theirs."""

    code: str
    name: str
    rank: int = 0


@dataclass
class Lot:
    """One lot while it is read. `keys`: what it is called, as compared; `rank`: what a heading told."""

    keys: dict[str, str] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    last: Party | None = None
    rank: int = 0

    def has(self, *codes: str) -> bool:
        """Tell whether one of these facts is known."""
        return any(fact.code in codes for fact in self.facts)

    def values(self, *codes: str) -> list[str]:
        """Return the values of these facts."""
        return [fact.value for fact in self.facts if fact.code in codes]

    def add(self, code: str, value: str, at: Cell, **more: object) -> None:
        """Keep a fact with its place."""
        self.facts.append(Fact(code, value, at.start, max(at.end, at.start + 1), **more))  # type: ignore[arg-type]

    @property
    def told(self) -> bool:
        """Whether it is more than a name."""
        return self.has("winner", "candidate", "bidder", "amount", "rate", "price")


class Lots:
    """The lots of a notice, and which of them is being read (`now`)."""

    def __init__(self, last_party: int) -> None:
        self.all = [Lot()]
        self.now = self.all[0]
        self.last_party = last_party  # where the last party is named: a lot told after it is no new one

    def next(self) -> None:
        """Begin a lot."""
        self.now = Lot()
        self.all.append(self.now)

    def named(self, pair: Pair) -> None:
        """Go on with the lot that a label or a heading names."""
        key = lot_key(pair.value.text)
        for lot in self.all:
            if lot.keys.get(pair.code) == key:
                self._go_on(lot)
                return
        if pair.code in self.now.keys or (self.now.told and pair.value.start < self.last_party):
            self.next()
        self.now.keys[pair.code] = key
        self._call(pair)

    def named_in_row(self, cells: list[Pair]) -> None:
        """Go on with the lot that a row names: by all its cells together, since several may tell it."""
        keys: dict[str, str] = {}
        for pair in cells:
            key = lot_key(pair.value.text)
            keys[pair.code] = f"{keys[pair.code]}/{key}" if pair.code in keys else key
        row = "|".join(keys.values())
        for lot in self.all:
            shared = [code for code in keys if code in lot.keys]
            if lot.keys.get("row", row) == row and shared and all(lot.keys[code] == keys[code] for code in shared):
                self._go_on(lot)
                lot.keys["row"] = row
                return
        if self.now.told or self.now.keys:
            self.next()
        self.now.keys.update(keys, row=row)
        for pair in cells:
            self._call(pair)

    def facts(self) -> list[Fact]:
        """Return the facts of all lots, counted from 0 as they were told; what only names a lot joins its neighbour."""
        kept = [lot for lot in self.all if lot.facts or lot.keys] or self.all[:1]
        named = any(lot.told and lot.keys for lot in kept)
        merged: list[Lot] = []
        for lot in kept:
            if merged and not lot.told and not (lot.keys and named):
                merged[-1].facts += [fact for fact in lot.facts if not merged[-1].has(fact.code)]
                continue
            if merged and lot.told and not merged[-1].told and not merged[-1].keys:
                lot.facts = merged.pop().facts + lot.facts
            merged.append(lot)
        return [replace(fact, lot=number) for number, lot in enumerate(merged) for fact in lot.facts]

    def _go_on(self, lot: Lot) -> None:
        if lot is not self.now:
            self.now, lot.last, lot.rank = lot, None, 0

    def _call(self, pair: Pair) -> None:
        value = unquoted(pair.value.text)
        if value and not set(value) <= NOTHING:
            self.now.add(pair.code, value[:LONGEST], pair.value)
