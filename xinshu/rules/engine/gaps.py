"""Whether a decision table leaves cases out (gaps) or takes them twice (overlaps). Pure, and bounded.

Every column is cut where one of its cells changes its mind; one value of each piece stands for the piece. Cells that
speak of today, or of a part of a text, cannot be cut; then nobody claims to have checked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinshu.rules.engine.answers import Types
from xinshu.rules.engine.comparing import Test
from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, TEXT, TRUTH, FactType, shown
from xinshu.rules.engine.tables import ANY, UNIQUE, Table

MOST_STEPS, MOST_SHOWN = 60_000, 5
CANNOT = ("contains", "matches", "within_days", "older_days")


@dataclass(frozen=True)
class Piece:
    """A part of a column in which every cell answers alike: a value that stands for it, and its words."""

    value: Any
    words: str


@dataclass(frozen=True)
class Checked:
    """What was found. `why`: the table could not be checked whole, and why; then nothing is claimed."""

    gaps: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()
    why: str = ""

    @property
    def whole(self) -> bool:
        return not (self.gaps or self.overlaps or self.why)


def check(table: Table, types: Types) -> Checked:
    """Look for cases without a row, and for cases with two where the hit policy allows one (or one answer)."""
    for row in table.rows:
        for cell, code in zip(row.cells, table.inputs, strict=True):
            if cell is not None and cell.op in CANNOT:
                return Checked(
                    why=_("“%(fact)s”的单元格按今天或部分文字判断，无法逐格检查") % {"fact": types[code].label}
                )
    columns = [
        list(_pieces([row.cells[number] for row in table.rows], types[code]))
        for number, code in enumerate(table.inputs)
    ]
    search = _Search(table, columns, types)
    try:
        search.walk(0, tuple(range(len(table.rows))), [])
    except TimeoutError:
        return Checked(why=_("组合太多，没有查完。请减少输入列或行数"))
    return Checked(tuple(search.gaps), tuple(search.overlaps))


class _Search:
    """Goes through the pieces column by column, with the rows that still apply; stops after MOST_STEPS."""

    def __init__(self, table: Table, columns: list[list[Piece]], types: Types) -> None:
        self.table, self.columns, self.types = table, columns, types
        self.gaps: list[str] = []
        self.overlaps: list[str] = []
        self.steps = 0

    def walk(self, column: int, rows: tuple[int, ...], words: list[str]) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TimeoutError
        if not rows:
            if len(self.gaps) < MOST_SHOWN:
                self.gaps.append(_(" 且 ").join(words) or _("任何情形"))
            return
        if column == len(self.columns):
            self.judge(rows, words)
            return
        label = self.types[self.table.inputs[column]].label
        done: dict[tuple[int, ...], bool] = {}
        for piece in self.columns[column]:
            left = tuple(row for row in rows if self.applies(row, column, piece.value))
            if left not in done:  # pieces that the same rows take need one look
                done[left] = True
                whole = all(self.table.rows[row].cells[column] is None for row in rows)
                self.walk(column + 1, left, words if whole else [*words, f"{label} {piece.words}"])

    def applies(self, row: int, column: int, value: Any) -> bool:
        cell = self.table.rows[row].cells[column]
        return cell is None or cell.holds(value, date.min) is True

    def judge(self, rows: tuple[int, ...], words: list[str]) -> None:
        twice = self.table.hit == UNIQUE and len(rows) > 1
        differ = self.table.hit == ANY and len({self.table.rows[row].output for row in rows}) > 1
        if (twice or differ) and len(self.overlaps) < MOST_SHOWN:
            numbers = "、".join(str(row + 1) for row in rows)
            case = _(" 且 ").join(words) or _("任何情形")
            self.overlaps.append(_("第 %(rows)s 行：%(case)s") % {"rows": numbers, "case": case})


def _pieces(cells: Sequence[Test | None], fact: FactType) -> Iterator[Piece]:
    values = {value for cell in cells if cell is not None for value in cell.values}
    if fact.type == TRUTH:
        yield from (Piece(truth, shown(truth, TRUTH)) for truth in (True, False))
    elif fact.type == TEXT:
        known = sorted(values | set(fact.choices))
        yield from (Piece(value, _("是 %s") % value) for value in known)
        if not fact.choices:
            yield Piece("\x00", _("是其他") if known else _("任何值"))
    else:
        yield from _along(sorted(values), fact)


def _along(bounds: list[Any], fact: FactType) -> Iterator[Piece]:
    """Cut a line at `bounds`: each bound, what lies between two, below the first and above the last."""
    if not bounds:
        yield Piece({NUMBER: Decimal(0), AMOUNT: 0, DAY: date(2000, 1, 1)}[fact.type], _("任何值"))
        return
    step: Any = timedelta(days=1) if fact.type == DAY else 1
    words = [shown(bound, fact.type, fact.unit) for bound in bounds]
    if fact.type != DAY or bounds[0] > date.min:
        yield Piece(bounds[0] - step, _("小于 %s") % words[0])
    for number, bound in enumerate(bounds):
        yield Piece(bound, _("等于 %s") % words[number])
        if number + 1 == len(bounds):
            break
        following = bounds[number + 1]
        between = (bound + following) / 2 if fact.type == NUMBER else bound + step
        if bound < between < following:
            yield Piece(between, _("在 %(a)s 和 %(b)s 之间") % {"a": words[number], "b": words[number + 1]})
    if fact.type != DAY or bounds[-1] < date.max:
        yield Piece(bounds[-1] + step, _("大于 %s") % words[-1])
