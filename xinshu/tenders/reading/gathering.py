"""Records to facts: who is what in which lot, what is said of the whole. Doubt makes a fact unsure, and says why."""

import re
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from xinshu.tenders.reading.facts import Fact
from xinshu.tenders.reading.kinds import AWARD, CANDIDATE, CHANGE, CONTRACT, OTHER
from xinshu.tenders.reading.labels import Unreadable, read_days
from xinshu.tenders.reading.layout import Cell
from xinshu.tenders.reading.lots import LONGEST, NOTHING, Lot, Lots, Party
from xinshu.tenders.reading.prices import take_budget, take_price
from xinshu.tenders.reading.records import Pair, Record
from xinshu.tenders.reading.values import NAME, listed, one_name, read_day, read_names, unquoted

WINNING = (AWARD, CONTRACT, OTHER, CHANGE)  # kinds whose parties may have won
PARTIES = ("winner", "candidate", "bidder", "party", "lead")
NAMED = ("lot_name", "lot_number")
TOTALS = ("合计", "总计", "小计", "共计")
WHOLE = ("project", "number", "buyer", "agency", "site", "budget")  # what rows without parties may tell


def gather(records: Iterable[Record], kind: str) -> list[Fact]:
    """Return the facts that the records tell, lot by lot."""
    records = list(records)
    parties = [pair.value.start for record in records for pair in record.all("winner", "candidate", "party")]
    gathering = Gathering(kind, max(parties, default=0))
    for record in records:
        gathering.take(record)
    return sorted([*gathering.whole, *gathering.lots.facts()], key=lambda fact: (fact.lot, fact.start))


class Gathering:
    """Facts as they come in."""

    def __init__(self, kind: str, last_party: int) -> None:
        self.kind = kind
        self.lots = Lots(last_party)
        self.whole: list[Fact] = []  # what is said of the notice as a whole
        self.columns: dict[int, Party] = {}
        self.table = 0

    @property
    def lot(self) -> Lot:
        """The lot that is being read."""
        return self.lots.now

    def take(self, record: Record) -> None:
        """Read one record into the lot that it belongs to."""
        if record.table:
            self._row(record)
        else:
            for pair in record.pairs:
                self._alone(pair)

    # rows of tables

    def _row(self, record: Record) -> None:
        named, parties = record.all(*NAMED), record.all(*PARTIES)
        prices = record.all("price", "capitals")
        fresh, self.table = record.table != self.table, record.table
        if self._no_lot(record):
            return
        if not parties and not (prices and named):
            for pair in record.all(*WHOLE, *NAMED) if "item" not in record.codes or prices else ():
                self._alone(pair)
            return
        if named:
            self.lots.named_in_row(named)
        several = len({party.rank for party in parties}) > 1
        for party in parties if several else parties[:1]:
            self._party_in_row(record, party, fresh=fresh)
        for price in prices:
            self._price(price)
        for pair in record.pairs:
            if pair.code not in (*NAMED, *PARTIES, "price", "capitals"):
                self._alone(pair)

    def _no_lot(self, record: Record) -> bool:
        """Tell whether a row is a sum, goods that were bought, or what bidders built before."""
        if any(re.sub(r"\s", "", pair.value.text) in TOTALS for pair in record.pairs):
            return True
        parties = record.all(*PARTIES)
        if not parties or any(party.rank for party in parties):
            return False
        known = self.lot.has("winner", "candidate")
        if "project" in record.codes and (self.kind == CANDIDATE or ("party" in record.codes and known)):
            return True
        goods = "item" in record.codes and not any(price.firm for price in record.all("price", "capitals"))
        return goods and (known or record.rows > 1 or bool(record.all(*NAMED)))

    def _party_in_row(self, record: Record, party: Pair, *, fresh: bool) -> None:
        named = bool(record.all(*NAMED))
        code = self._role(party, in_rank=bool(party.rank))
        firm = any(price.firm for price in record.all("price"))
        beside = self.lot.has("winner") and not named and not firm
        if self.kind in WINNING and party.code in ("party", "bidder") and (party.rank or beside):
            code = "bidder"  # how all were ranked, or what they offered
        if code == "winner" and not named and self.lot.has("winner"):
            if party.value.text in self.lot.values("winner"):
                return
            self.lots.next()
        elif code == "candidate" and not named and fresh and party.rank == 1 and self.lot.has("candidate"):
            if self._known(party):
                return
            self.lots.next()
        doubt = code == "winner" and record.rows > 1 and not named and not record.all("price", "capitals")
        self._take_party(code, party, party.rank, _("列了多家，没有写明各自的标段") if doubt else "")

    def _known(self, party: Pair) -> bool:
        return any(name in party.value.text for lot in self.lots.all for name in lot.values("candidate"))

    # pairs that stand alone

    def _alone(self, pair: Pair) -> None:
        match pair.code:
            case "lot_name" | "lot_number":
                self.lots.named(pair)
            case "rank_heading":
                self.lot.rank, self.lot.last = pair.rank, None
            case "winner" | "candidate" | "party" | "bidder" | "lead":
                self._party(pair)
            case "member":
                self._member(pair)
            case "loser":
                self._losers(pair)
            case "price" | "capitals":
                self._price(pair)
            case "budget":
                take_budget(self.lot, pair)
            case "contract_days" | "validity_days":
                days = read_days(pair.value.text)
                if days is not None and not (pair.column and self.lot.has(pair.code)):
                    self.lot.add(pair.code, pair.value.text[:LONGEST], pair.value, number=days)
            case "published_on" | "opens_on" | "award_on":
                if (day := read_day(pair.value.text)) is not None:
                    self._say(pair.code, day.isoformat(), pair.value)
            case "buyer" | "agency":
                if name := one_name(pair.value.text):
                    at = Cell(name, pair.value.start + pair.value.text.index(name))
                    self._say(pair.code, name, at)
            case "project" | "number" | "publicity" | "site":
                value = unquoted(pair.value.text)
                if value and not set(value) <= NOTHING:
                    self._say(pair.code, value[:LONGEST], pair.value)
            case _:
                pass

    def _price(self, pair: Pair) -> None:
        if self.kind in (*WINNING, CANDIDATE):
            take_price(self.lot, pair, self.columns.get(pair.column) if pair.column else self.lot.last, self.kind)

    def _say(self, code: str, value: str, at: Cell) -> None:
        """Keep what is said of the whole notice: once per value."""
        if all((fact.code, fact.value) != (code, value) for fact in self.whole):
            self.whole.append(Fact(code, value, at.start, max(at.end, at.start + 1)))

    # who is what

    def _party(self, pair: Pair) -> None:
        rank = pair.rank or self.lot.rank
        code = self._role(pair, in_rank=bool(rank))
        if code == "candidate" and not rank and (several := listed(pair.value.text)):
            for name, start, number in several:
                self._party(replace(pair, code="candidate", value=Cell(name, pair.value.start + start), rank=number))
            return
        if code == "winner" and self.lot.has("winner"):
            if pair.code in ("party", "lead") or any(name in pair.value.text for name in self.lot.values("winner")):
                return
            if not NAME.search(pair.value.text) and len(pair.value.text) > 30:
                return
            self.lots.next()
        if code == "winner" and rank > 1:
            code = "candidate"
        if code == "candidate" and rank and rank in self.lot.ranks and not pair.column:
            if self._known(pair):
                self.lot.last = Party("candidate", pair.value.text, rank)
                return
            if rank == 1:
                self.lots.next()
        if code == "candidate" and not rank and not pair.column and any(self.lot.ranks):
            return  # a summary after the ranking
        self._take_party(code, pair, rank)

    def _role(self, pair: Pair, *, in_rank: bool) -> str:
        """Return as what a party is named: label first, else the kind of the notice."""
        if pair.code == "bidder":
            return "candidate" if in_rank and self.kind == CANDIDATE and not pair.column and self.lot.rank else "bidder"
        if pair.code == "winner" and self.kind != CANDIDATE:
            return "winner" if (pair.rank or self.lot.rank) <= 1 else "candidate"
        if pair.code == "candidate" or in_rank or self.kind == CANDIDATE:
            return "candidate"
        return "winner"

    def _take_party(self, code: str, pair: Pair, rank: int, doubt: str = "") -> None:
        try:
            names, sure, why = read_names(pair.value.text)
        except Unreadable:
            return
        if self.kind not in (*WINNING, CANDIDATE):
            return
        if code in ("candidate", "bidder") and names[0] in self.lot.values("candidate", "winner"):
            if names[0] in self.lot.values("candidate"):
                self.lot.last = Party("candidate", names[0], rank)
            return
        if self.kind == CHANGE:
            sure, why = False, _("更正公告里的名称，可能是更正前的")
        if code == "candidate" and pair.code == "winner" and self.kind != CANDIDATE:
            sure, why = False, _("名次不是第一，可能是另一家中标人")
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
                self.lot.add("winner" if place == 0 else "member", name, at, sure=sure, note=why)
            elif place == 0:
                self.lot.add(code, name, at, number=rank or None, sure=sure, note=why)
        if code == "candidate":
            self.lot.ranks.append(rank)
        self.lot.last = Party(code, names[0], rank)
        if pair.column:
            self.columns[pair.column] = self.lot.last

    def _member(self, pair: Pair) -> None:
        try:
            names, _sure, _why = read_names(pair.value.text)
        except Unreadable:
            return
        for name in names:
            if NAME.search(name) and self.kind in WINNING and name not in self.lot.values("winner", "member"):
                self.lot.add("member", name, Cell(name, pair.value.start + pair.value.text.find(name)))

    def _losers(self, pair: Pair) -> None:
        for met in re.finditer(r"[^、，,；;\s]{4,60}", pair.value.text):
            if NAME.search(met[0]):
                self.lot.add("bidder", met[0], Cell(met[0], pair.value.start + met.start()))
