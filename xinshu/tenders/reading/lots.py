"""Records to facts: to which lot each belongs, who is what in it, which price is whose. Doubt makes a fact unsure."""



import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from xinshu.tenders.reading.facts import Fact
from xinshu.tenders.reading.kinds import AWARD, CANDIDATE, CHANGE, CONTRACT, FAILED, OTHER
from xinshu.tenders.reading.labels import Unreadable, read_days
from xinshu.tenders.reading.layout import Cell
from xinshu.tenders.reading.records import Pair, Record
from xinshu.tenders.reading.values import NAME, Price, one_name, read_day, read_names, read_price
from xinshu.tenders.reading.words import lot_key

WINNING = (AWARD, CONTRACT, OTHER, CHANGE)  # kinds whose parties may have won
NOTHING = set("/／-—–无*")
LONGEST = 300
NAMED = ("lot_name", "lot_number")
_VOID = re.compile(r"废标|流标|终止|无有效|不足三家|采购失败|未成交|/")


@dataclass
class Lot:
    """One lot while it is read."""

    keys: dict[str, str] = field(default_factory=dict)  # lot_name, lot_number -> as compared
    facts: list[Fact] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)

    def has(self, *codes: str) -> bool:
        return any(fact.code in codes for fact in self.facts)

    def values(self, *codes: str) -> list[str]:
        return [fact.value for fact in self.facts if fact.code in codes]

    @property
    def told(self) -> bool:
        return self.has("winner", "candidate", "bidder", "amount", "rate", "price")


class Gathering:
    """Facts as they come in: records are told to lots, values are read."""

    def __init__(self, kind: str, last_party: int) -> None:
        self.kind, self.last_party = (
            kind,
            last_party,
        )  # where the last party is named: a lot told after it is no new one
        self.lots = [Lot()]
        self.lot = self.lots[0]
        self.whole: list[Fact] = []  # what is said of the notice as a whole
        self.rank = 0  # that a heading told: whoever follows holds it
        self.last: tuple[str, str, int] | None = None  # code, name and rank of the party to which a price belongs
        self.columns: dict[int, tuple[str, str, int]] = {}
        self.table = 0

    def take(self, record: Record) -> None:
        """Read one record into the lot that it belongs to."""
        if record.table:
            self._row(record)
        else:
            for pair in record.pairs:
                self._alone(pair)

    def facts(self) -> list[Fact]:
        """Return all facts, lots counted from 0 in the order in which they were told."""
        kept = [lot for lot in self.lots if lot.facts or lot.keys] or self.lots[:1]
        merged: list[Lot] = []
        for lot in kept:
            if merged and not lot.told and not (lot.keys and any(other.told for other in kept if other.keys)):
                merged[-1].facts += [fact for fact in lot.facts if not merged[-1].has(fact.code)]
            elif merged and lot.told and not merged[-1].told and not merged[-1].keys:
                lot.facts = merged.pop().facts + lot.facts
                merged.append(lot)
            else:
                merged.append(lot)
        told = [replace(fact, lot=number) for number, lot in enumerate(merged) for fact in lot.facts]
        return sorted([*self.whole, *told], key=lambda fact: (fact.lot, fact.start))

    # which lot

    def _next_lot(self) -> None:
        self.lot = Lot()
        self.lots.append(self.lot)
        self.last, self.rank = None, 0

    def _lot_told(self, pair: Pair) -> None:
        """Go on with the lot that is named: the one known by this name, this one where it has none yet, a new one."""
        key = lot_key(pair.value.text)
        for lot in self.lots:
            if lot.keys.get(pair.code) == key:
                if lot is not self.lot:
                    self.lot, self.last, self.rank = lot, None, 0
                return
        if pair.code in self.lot.keys or (self.lot.told and self._later(pair)):
            self._next_lot()
        self.lot.keys[pair.code] = key
        value = pair.value.text.strip('“”"')
        if value and not set(value) <= NOTHING:
            self._add(pair.code, value[:LONGEST], pair.value)

    def _later(self, pair: Pair) -> bool:
        """Tell whether a lot that is named after a winner is the next one: it is, where more parties follow."""
        return pair.value.start < self.last_party

    # rows of tables

    def _row(self, record: Record) -> None:
        named = record.all("lot_name", "lot_number")
        parties = record.all("winner", "candidate", "bidder", "party", "lead")
        prices = record.all("price", "capitals")
        items = "item" in record.codes and not any(price.firm for price in prices)
        fresh = record.table != self.table
        self.table = record.table
        if not parties and not (prices and named):
            for pair in record.pairs:
                if pair.code in ("project", "number", "buyer", "agency", "site", "budget", *NAMED) and not items:
                    self._alone(pair)
            return
        if "project" in record.codes and not parties[0].rank and (self.kind == CANDIDATE or self._built_before(record)):
            return
        if items and (named or self.lot.has("winner", "candidate") or record.rows > 1):
            return
        for pair in named:
            self._lot_told(pair)
        for party in parties[:1]:
            self._party_in_row(record, party, named=bool(named), fresh=fresh)
        for price in prices:
            if price.code == "price" or len(prices) == 1:
                self._price(price)
        for pair in record.pairs:
            if pair.code not in (*NAMED, "winner", "candidate", "bidder", "party", "lead", "price", "capitals"):
                self._alone(pair)

    def _built_before(self, record: Record) -> bool:
        """Tell whether a row is of what bidders built before: parties that are known, projects, contracts."""
        return "party" in record.codes and self.lot.has("winner", "candidate")

    def _party_in_row(self, record: Record, party: Pair, *, named: bool, fresh: bool) -> None:
        code = self._role(party, in_rank=bool(party.rank))
        ranked = "rank" in record.codes or party.rank > 0
        if code == "winner" and not named and self.lot.has("winner"):
            if party.value.text in self.lot.values("winner"):
                return
            self._next_lot()
        elif code == "candidate" and not named and ranked and fresh and party.rank == 1 and self.lot.has("candidate"):
            if self._known(party):
                return
            self._next_lot()
        doubt = code == "winner" and record.rows > 1 and not named and not record.all("price", "capitals")
        self._take_party(code, party, party.rank, _("列了多家，没有写明各自的标段") if doubt else "")

    def _known(self, party: Pair) -> bool:
        return any(name in party.value.text for lot in self.lots for name in lot.values("candidate"))

    # pairs that stand alone

    def _alone(self, pair: Pair) -> None:
        match pair.code:
            case "lot_name" | "lot_number":
                self._lot_told(pair)
            case "rank_heading":
                self.rank, self.last = pair.rank, None
            case "winner" | "candidate" | "party" | "bidder" | "lead":
                self._party(pair)
            case "member":
                self._member(pair)
            case "loser":
                self._losers(pair)
            case "price" | "capitals":
                self._price(pair)
            case "budget":
                self._budget(pair)
            case "contract_days" | "validity_days":
                days = read_days(pair.value.text)
                if days is not None and not (pair.column and self.lot.has(pair.code)):
                    self._add(pair.code, pair.value.text[:LONGEST], pair.value, number=days)
            case "published_on" | "opens_on" | "award_on":
                if (day := read_day(pair.value.text)) is not None:
                    self._say(pair.code, day.isoformat(), pair.value)
            case "buyer" | "agency":
                if name := one_name(pair.value.text):
                    at = Cell(name, pair.value.start + pair.value.text.index(name))
                    self._say(pair.code, name, at)
            case "project" | "number" | "publicity" | "site":
                value = pair.value.text.strip('“”"')
                if value and not set(value) <= NOTHING:
                    self._say(pair.code, value[:LONGEST], pair.value)
            case _:
                pass

    def _party(self, pair: Pair) -> None:
        rank = pair.rank or self.rank
        code = self._role(pair, in_rank=bool(rank))
        if code == "winner" and self.lot.has("winner"):
            if pair.code in ("party", "lead") or any(name in pair.value.text for name in self.lot.values("winner")):
                return
            if not NAME.search(pair.value.text) and len(pair.value.text) > 30:
                return
            self._next_lot()
        if code == "winner" and rank > 1:
            code = "candidate"
        if code == "candidate" and rank and rank in self.lot.ranks and not pair.column:
            if self._known(pair):
                self.last = ("candidate", pair.value.text, rank)
                return
            if rank == 1:
                self._next_lot()
        if code == "candidate" and not rank and not pair.column and len(self.lot.ranks) > 0:
            return  # a summary after the ranking
        self._take_party(code, pair, rank)

    def _role(self, pair: Pair, *, in_rank: bool) -> str:
        """Return as what a party is named: label first, else the kind of the notice."""
        if pair.code == "bidder":
            return "candidate" if in_rank and self.kind == CANDIDATE and not pair.column and self.rank else "bidder"
        if pair.code == "candidate" or in_rank or self.kind == CANDIDATE:
            return "candidate"
        return "winner"

    def _take_party(self, code: str, pair: Pair, rank: int, doubt: str = "") -> None:
        try:
            names, sure, why = read_names(pair.value.text)
        except Unreadable:
            return
        if self.kind == FAILED:
            return
        if self.kind == CHANGE:
            sure, why = False, _("更正公告里的名称，可能是更正前的")
        if doubt:
            sure, why = False, doubt
        if not sure and code == "bidder":
            return
        if not sure and code != "winner" and len(names) == 1 and not NAME.search(names[0]):
            return
        for place, name in enumerate(names):
            start = pair.value.text.find(name)
            at = Cell(name, pair.value.start + start) if start >= 0 else pair.value
            if code == "winner":
                self._add("winner" if place == 0 else "member", name, at, sure=sure, note=why)
            elif place == 0:
                self._add(code, name, at, number=rank or None, sure=sure, note=why)
        if code == "candidate":
            self.lot.ranks.append(rank)
        self.last = (code, names[0], rank)
        if pair.column:
            self.columns[pair.column] = self.last

    def _member(self, pair: Pair) -> None:
        try:
            names, _sure, _why = read_names(pair.value.text)
        except Unreadable:
            return
        for name in names:
            if NAME.search(name) and self.kind in WINNING and name not in self.lot.values("winner", "member"):
                self._add("member", name, Cell(name, pair.value.start + pair.value.text.find(name)))

    def _losers(self, pair: Pair) -> None:
        for met in re.finditer(r"[^、，,；;\s]{4,60}", pair.value.text):
            if NAME.search(met[0]):
                self._add("bidder", met[0], Cell(met[0], pair.value.start + met.start()))

    # prices

    def _price(self, pair: Pair) -> None:
        price = read_price(pair.value.text, pair.unit)
        if price is None or self.kind == FAILED:
            return
        owner = self.columns.get(pair.column) if pair.column else self.last
        if pair.rank and (owner is None or owner[2] != pair.rank):
            owner = next(
                (
                    ("candidate", fact.value, pair.rank)
                    for fact in self.lot.facts
                    if fact.number == pair.rank and fact.code == "candidate"
                ),
                owner,
            )
        if owner is not None and owner[0] in ("candidate", "bidder"):
            self._bid(pair, price, owner)
            if owner[0] == "bidder" or owner[2] != 1:
                return
        elif self.kind == CANDIDATE and not pair.firm and pair.rank != 1:
            return
        self._award(pair, price)

    def _bid(self, pair: Pair, price: Price, owner: tuple[str, str, int]) -> None:
        if any(fact.code == "bid" and fact.of == owner[1] for fact in self.lot.facts):
            return
        note = price.note
        if price.fen is not None:
            self._add(
                "bid", pair.value.text[:120], pair.value, number=price.fen, sure=price.sure, note=note, of=owner[1]
            )
        elif price.rate is not None:
            self._add("bid", f"{price.rate.normalize():f}", pair.value, sure=price.sure, note=note, of=owner[1])
        else:
            self._add("bid", pair.value.text[:LONGEST], pair.value, sure=False, note=note, of=owner[1])

    def _award(self, pair: Pair, price: Price) -> None:
        rank = pair.rank or (self.last[2] if self.last and self.last[0] == "candidate" else 0)
        note = price.note or (_("第 %(n)d 名的报价") % {"n": rank} if rank else "")
        known = next((fact for fact in self.lot.facts if fact.code == "amount"), None)
        sure = price.sure and self.kind != CHANGE
        if price.fen is not None:
            if known is None:
                self._add(
                    "amount",
                    pair.value.text[:120],
                    pair.value,
                    number=price.fen,
                    sure=sure,
                    note=note,
                    of="" if pair.firm else "offer",
                )
            elif known.number != price.fen and pair.firm and known.of == "offer":
                self.lot.facts.remove(known)
                self._add("amount", pair.value.text[:120], pair.value, number=price.fen, sure=sure, note=note)
        elif price.rate is not None:
            if not self.lot.has("rate"):
                self._add("rate", f"{price.rate:f}", pair.value, sure=sure, note=note)
        elif price.lowest is not None:
            self._add("lowest", pair.value.text[:120], pair.value, number=price.lowest, sure=sure, note=note)
            self._add("highest", pair.value.text[:120], pair.value, number=price.highest, sure=sure, note=note)
        else:
            self._add("price", pair.value.text[:LONGEST], pair.value, sure=False, note=note)

    def _budget(self, pair: Pair) -> None:
        price = read_price(pair.value.text, pair.unit)
        if price is not None and price.fen is not None and not self.lot.has("budget"):
            self._add("budget", pair.value.text[:120], pair.value, number=price.fen, sure=price.sure, note=price.note)

    # keeping

    def _add(self, code: str, value: str, at: Cell, **more: object) -> None:
        self.lot.facts.append(Fact(code, value, at.start, max(at.end, at.start + 1), **more))  # type: ignore[arg-type]

    def _say(self, code: str, value: str, at: Cell) -> None:
        """Keep what is said of the whole notice: once per value."""
        if all((fact.code, fact.value) != (code, value) for fact in self.whole):
            self.whole.append(Fact(code, value, at.start, max(at.end, at.start + 1)))


def gather(records: Iterable[Record], kind: str) -> Gathering:
    """Return the facts that the records tell, lot by lot."""
    records = list(records)
    parties = [pair.value.start for record in records for pair in record.all("winner", "candidate", "party")]
    gathering = Gathering(kind, max(parties, default=0))
    for record in records:
        gathering.take(record)
    return gathering
