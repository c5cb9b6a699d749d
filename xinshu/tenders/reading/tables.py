"""Tables to records. Four shapes: a label beside its value, a head above rows, ranks or bidders as columns, and mixtures.

Whatever no shape explains is left alone: running text is read from the lines (`lines.py`).
"""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from xinshu.tenders.reading.layout import Cell
from xinshu.tenders.reading.records import Pair, Record, alone
from xinshu.tenders.reading.values import NAME, plain
from xinshu.tenders.reading.words import LONGEST_LABEL, Label, label_of, lot_heading, ordinal, unit_of

Row = list[Cell]
PARTIES = frozenset({"winner", "candidate", "bidder", "party", "member", "lead"})
_BELOW = re.compile(
    r"[（(]?(?:大写|小写|金额|人民币|费率|数值|单位)?[）)]?(?:[（(]?(?:大写|小写|元|万元|亿元|%)[）)]?)*"
)
_UNIT = re.compile(r"[（(]?(?:人民币)?(亿元|万元|元|%)[）)]?")
_FIGURES = re.compile(r"[¥￥]?[\d,.，]+(?:%|元|万元|亿元)?")


def records_of(table: list[Row], number: int) -> list[Record]:
    """Return what a table tells, in reading order."""
    return list(_Table(table, number).records())


def once(row: Row) -> Row:
    """Return the cells of a row, those that span columns once."""
    return [cell for place, cell in enumerate(row) if not place or row[place - 1] != cell]


class _Table:
    """One table on its way from the first row to the last: which head or which columns hold at this row."""

    def __init__(self, rows: list[Row], number: int) -> None:
        self.rows, self.number = rows, number
        self.heads: list[Label | None] = []
        self.columns: dict[int, int] = {}  # column -> rank, where bidders are columns

    def records(self) -> Iterator[Record]:
        waiting: list[Record] = []
        at = 0
        while at < len(self.rows):
            row = self.rows[at]
            self_headed = self._head_at(at)
            if not any(cell.text for cell in row):
                pass
            elif (columns := self._ranked(at)) is not None:
                self.heads, self.columns = [], columns
                yield from _told(waiting)
                waiting = []
            elif self_headed:
                self.heads, self.columns = self_headed[0], {}
                at += self_headed[1]
                yield from _told(waiting)
                waiting = []
                continue
            elif self.columns and (pairs := self._in_columns(row)):
                yield Record(tuple(pairs))
            elif self.heads and self._fits(row):
                if pairs := self._below(row):
                    waiting.append(Record(tuple(pairs), table=self.number))
            elif (found := _named_columns(row, self.number)) is not None:
                self.heads, self.columns = [], dict.fromkeys(range(len(row)), 0)
                yield Record(tuple(found))
            elif len(once(row)) == 1:
                if pair := _lot_row(row[0]):
                    yield from _told(waiting)
                    waiting = []
                    yield alone(pair)
            else:
                yield from _told(waiting)
                waiting, self.heads = [], []
                yield from map(alone, _beside(once(row)))
            at += 1
        yield from _told(waiting)

    def _ranked(self, at: int) -> dict[int, int] | None:
        """Return the columns that are ranks, None where there are none, or where the row is the head of a table of lots."""
        row = self.rows[at]
        ranks = {place: rank for place, cell in enumerate(row) if (rank := ordinal(cell.text))}
        if len({row[place].start for place in ranks}) < 2 or len(set(ranks.values())) < 2:
            return None
        below = self.rows[at + 1] if at + 1 < len(self.rows) else []
        return ranks if below and label_of(below[0].text) is not None else None if self._head_at(at) else ranks

    def _head_at(self, at: int) -> tuple[list[Label | None], int] | None:
        """Return the labels of the columns and over how many rows they stand, None where no head begins."""
        row = self.rows[at]
        heads = [label_of(cell.text) for cell in row]
        if at + 1 >= len(self.rows) or not _headlike(row, heads):
            return None
        below = self.rows[at + 1]
        deep = 1
        if len(below) == len(row) and any(one == two for one, two in zip(row, below, strict=True)):
            lower = [_lower(upper, cell) for upper, cell in zip(heads, below, strict=True)]
            same = [one == two for one, two in zip(row, below, strict=True)]
            if all(is_same or low is not None for is_same, low in zip(same, lower, strict=True)):
                heads = [head if is_same else low for head, low, is_same in zip(heads, lower, same, strict=True)]
                deep = 2
                if at + 2 >= len(self.rows):
                    return None
                below = self.rows[at + 2]
        return (heads, deep) if _values_below(heads, below) else None

    def _fits(self, row: Row) -> bool:
        """Tell whether a row lies below the head: as wide, and not a label of its own beside a value."""
        if len(row) != len(self.heads) or len(once(row)) == 1:
            return False
        first = label_of(row[0].text)
        return first is None or first.rank > 0 or first.code == "item" or (self.heads[0] or first).code == first.code

    def _below(self, row: Row) -> list[Pair]:
        rank = self._rank_in(row)
        pairs: list[Pair] = []
        met: set[tuple[str, int]] = set()
        for head, cell in zip(self.heads, row, strict=True):
            if head is None or not cell.text or (head.code, cell.start) in met:
                continue
            met.add((head.code, cell.start))
            rank = head.rank or rank  # what stands right of 第一中标候选人 is of the first
            if head.code == "price" and pairs and pairs[-1].code == "price" and (unit := _UNIT.fullmatch(cell.text)):
                pairs[-1] = replace(pairs[-1], unit=pairs[-1].unit or unit[1])
                continue
            pairs.append(Pair(head.code, cell, head.unit, head.firm, rank))
        beside = self._unit_in(row)
        return [replace(pair, unit=pair.unit or beside) if pair.code == "price" else pair for pair in pairs]

    def _unit_in(self, row: Row) -> str:
        """Return the unit of money that a column of units (单位) tells, "" for 台 and the like."""
        items = (cell.text for head, cell in zip(self.heads, row, strict=True) if head and head.code == "item")
        told = (str(met[1]) for words in items if (met := _UNIT.fullmatch(words)) is not None)
        return next((unit for unit in told if unit != "%"), "")

    def _rank_in(self, row: Row) -> int:
        for head, cell in zip(self.heads, row, strict=True):
            words = re.sub(r"[\s名]", "", plain(cell.text))
            if head is not None and head.code == "rank" and words.isdecimal() and len(words) < 3:
                return int(words)
        return next((rank for cell in row[:3] if (rank := ordinal(cell.text))), 0)

    def _in_columns(self, row: Row) -> list[Pair]:
        first = label_of(row[0].text)
        if first is None or not len(row) > max(self.columns) or first.code in ("other", "item", "rank"):
            return []
        pairs, met = [], set()
        for place, rank in self.columns.items():
            cell = row[place]
            if place == 0 or cell == row[0] or cell.start in met or label_of(cell.text) is not None or not cell.text:
                continue
            met.add(cell.start)
            pairs.append(Pair(first.code, cell, first.unit, first.firm, rank, self.number * 1000 + place))
        return [replace(pair, code="candidate") if _stands(pair) else pair for pair in pairs]


def _stands(pair: Pair) -> bool:
    """Tell whether a party in a column is a candidate: below a rank every one is."""
    return pair.code in ("winner", "party") or (pair.code == "bidder" and pair.rank > 0)


def _headlike(row: Row, heads: list[Label | None]) -> bool:
    words = once(row)
    known = [label_of(cell.text) for cell in words]
    labels = sum(label is not None for label in known)
    if labels < 2 or len(words) < 2 or all(label is None or label.rank for label in heads):
        return False
    shortly = all(len(cell.text) <= LONGEST_LABEL and not _valuelike(cell.text) for cell in words)
    return shortly and (labels * 2 >= len(words)) and any(one and two for one, two in pairwise(known))


def _valuelike(words: str) -> bool:
    words = plain(words).strip()
    return bool(re.search(r"\d{4}|(?:公司|集团)$", words) or (_FIGURES.fullmatch(words) and len(words) > 1))


def _values_below(heads: list[Label | None], below: Row) -> bool:
    """Tell whether the row below tells values: fewer labels than the head, or ranks."""
    labels = sum(1 for cell in once(below) if (label := label_of(cell.text)) is not None and not label.rank)
    return labels * 2 < sum(head is not None for head in heads) and len(once(below)) > 1


def _lower(upper: Label | None, cell: Cell) -> Label | None:
    """Return what a cell of a second head row means below `upper`."""
    own = label_of(cell.text)
    if upper is not None and upper.code == "price" and (_BELOW.fullmatch(re.sub(r"\s", "", cell.text)) or own):
        unit = unit_of(cell.text) or (own.unit if own else "") or upper.unit
        return Label("capitals", "元") if "大写" in cell.text else Label("price", unit, 0, upper.firm)
    return own


def _named_columns(row: Row, table: int) -> list[Pair] | None:
    """Return the bidders that stand beside one another behind their label, None for any other row."""
    cells = once(row)
    first = label_of(cells[0].text)
    if first is None or first.code not in PARTIES - {"member", "lead"} or first.rank or len(cells) < 3:
        return None
    named = [cell for cell in cells[1:] if cell.text]
    if len(named) < 2 or not all(NAME.search(cell.text.removesuffix("联合体")) for cell in named):
        return None
    code = "candidate" if first.code in ("winner", "party") else first.code
    return [Pair(code, cell, column=table * 1000 + row.index(cell)) for cell in named]


def _lot_row(cell: Cell) -> Pair | None:
    found = lot_heading(cell.text)
    return Pair("lot_number", Cell(found[0], cell.start + found[1])) if found is not None else None


def _beside(row: Row) -> Iterator[Pair]:
    """Yield label and value where one cell stands beside the other, with a part of the label or a unit between or after."""
    place = 0
    while place + 1 < len(row):
        head, value = label_of(row[place].text), row[place + 1]
        if head is None:
            place += 1
            continue
        rest = label_of(value.text)
        if (
            head.code == "price"
            and place + 2 < len(row)
            and _BELOW.fullmatch(re.sub(r"\s", "", value.text))
            and value.text
        ):
            head = Label("capitals") if "大写" in value.text else replace(head, unit=unit_of(value.text) or head.unit)
            place, value, rest = place + 1, row[place + 2], None
        elif (
            rest is not None
            and head.rank
            and rest.code in ("party", "bidder", "winner", "candidate")
            and place + 2 < len(row)
        ):
            place, value, rest = place + 1, row[place + 2], label_of(row[place + 2].text)
        if rest is None:
            if value.text:
                after = _UNIT.fullmatch(row[place + 2].text.strip()) if place + 2 < len(row) else None
                unit = head.unit or (after[1] if after and head.code in ("price", "budget") else "")
                yield Pair(head.code, value, unit, head.firm, head.rank)
            place += 2
        else:
            if head.rank:
                yield Pair("rank_heading", row[place], rank=head.rank)
            place += 1


def _told(waiting: list[Record]) -> Iterator[Record]:
    yield from (replace(record, rows=len(waiting)) for record in waiting)
