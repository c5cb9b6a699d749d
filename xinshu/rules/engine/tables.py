"""Decision tables (决策表) with the hit policies of DMN 1.5: unique, first, any, collect. Pure.

A row whose cells are not all known may yet apply; the table decides only what comes out whichever way that turns.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine.answers import (
    ASK,
    DIFFER,
    FAILS,
    MEETS,
    NONE_FITS,
    OUTCOMES,
    STILL_OPEN,
    TWICE,
    Answer,
    Decide,
    Problems,
    Result,
    Types,
    evidence_of,
)
from xinshu.rules.engine.comparing import BadTest, Test, read_test
from xinshu.rules.engine.facts import NOTHING, Facts, Truth
from xinshu.rules.engine.kleene import all_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_ROWS, MOST_INPUTS = 200, 8
UNIQUE, FIRST, ANY, COLLECT = "unique", "first", "any", "collect"
HITS: dict[str, "StrOrPromise"] = {
    UNIQUE: lazy("唯一：最多一行适用"),
    FIRST: lazy("首个：取最上面适用的一行"),
    ANY: lazy("任一：适用的各行结论须相同"),
    COLLECT: lazy("收集：列出适用的各行，从严决定"),
}
Output = tuple[str, str]  # outcome, label
GRAVITY = {MEETS: 0, ASK: 1, FAILS: 2}


@dataclass(frozen=True)
class TableRow:
    """One row: a cell per input (None: whatever it is), and what comes out."""

    cells: tuple[Test | None, ...]
    outcome: str
    label: str

    @property
    def output(self) -> Output:
        return self.outcome, self.label


@dataclass(frozen=True)
class Table:
    """A table ready to be asked: the facts of its columns, its rows and hit policy."""

    inputs: tuple[str, ...]
    rows: tuple[TableRow, ...]
    hit: str

    def fits(self, facts: Facts, today: date) -> list[Truth]:
        """Say of every row whether it applies."""
        values = [facts.get(code, NOTHING).value for code in self.inputs]
        return [
            all_of(cell.holds(value, today) for cell, value in zip(row.cells, values, strict=True) if cell is not None)
            for row in self.rows
        ]


def read_table(content: dict[str, Any], types: Types) -> Table:
    """Read a decision table. Raises Problems."""
    inputs, said, hit = content.get("inputs"), content.get("rows"), content.get("hit")
    if not isinstance(inputs, list) or not 1 <= len(inputs) <= MOST_INPUTS or len(set(inputs)) < len(inputs):
        raise Problems([("", _("请选择 1 到 %(n)s 个不同的输入列") % {"n": MOST_INPUTS})])
    if hit not in HITS or any(code not in types for code in inputs):
        raise Problems([("", _("请选择命中方式和输入列"))])
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_ROWS:
        raise Problems([("", _("请填 1 到 %(n)s 行") % {"n": MOST_ROWS})])
    rows, problems = [], []
    for number, one in enumerate(said, 1):
        try:
            rows.append(_read_row(one, inputs, types))
        except BadTest as wrong:
            problems.append((_("第 %(n)s 行") % {"n": number}, str(wrong)))
    if problems:
        raise Problems(problems)
    return Table(tuple(inputs), tuple(rows), str(hit))


def _read_row(said: Any, inputs: list[str], types: Types) -> TableRow:
    cells = said.get("cells") if isinstance(said, dict) else None
    if not isinstance(cells, list) or len(cells) != len(inputs):
        raise BadTest(_("单元格和输入列对不上"))
    if said.get("outcome") not in OUTCOMES:
        raise BadTest(_("请选择结论"))
    tests = tuple(
        None if cell is None else read_test(cell, types[code]) for cell, code in zip(cells, inputs, strict=True)
    )
    return TableRow(tests, str(said["outcome"]), str(said.get("label", "")).strip()[:60])


def reading_of(row: TableRow, inputs: tuple[str, ...], types: Types) -> str:
    """Return the row's conditions in plain words."""
    words = [
        f"{types[code].label}{'：' if cell.kind == 'truth' else ''}{cell.reads(types[code].unit)}"
        for cell, code in zip(row.cells, inputs, strict=True)
        if cell is not None
    ]
    return _(" 且 ").join(words) or _("其余情形")


def decider(table: Table, types: Types) -> Decide:
    """Return how `table` decides. Its answers are named by the rows' numbers; the first carries the evidence of all."""
    words = [reading_of(row, table.inputs, types) for row in table.rows]

    def decide(facts: Facts, today: date) -> Result:
        fits = table.fits(facts, today)
        (outcome, label), why = settled(table, fits)
        evidence = evidence_of(table.inputs, facts, types)
        answers = tuple(
            Answer(str(number + 1), words[number], fits[number], () if number else evidence, row.label)
            for number, row in enumerate(table.rows)
        )
        return Result(outcome, label, answers, why=why)

    return decide


NOBODY: tuple[Output, str] = ((ASK, ""), NONE_FITS)
OPEN: tuple[Output, str] = ((ASK, ""), STILL_OPEN)


def settled(table: Table, fits: list[Truth]) -> tuple[Output, str]:
    """Return what comes out, and of WHYS why where the table does not decide."""
    applies = [row.output for row, fit in zip(table.rows, fits, strict=True) if fit is True]
    maybe = [row.output for row, fit in zip(table.rows, fits, strict=True) if fit is None]
    if table.hit == FIRST:
        end = fits.index(True) + 1 if applies else 0
        reached = {row.output for row, fit in zip(table.rows[:end], fits[:end], strict=True) if fit is not False}
        if not applies:
            return OPEN if maybe else NOBODY
        return (reached.pop(), "") if len(reached) == 1 else OPEN
    if not applies:
        return OPEN if maybe else NOBODY
    if table.hit == COLLECT:
        if maybe:
            return OPEN
        worst = max((outcome for outcome, _label in applies), key=GRAVITY.__getitem__)
        return (worst, "、".join(dict.fromkeys(label for _outcome, label in applies if label))), ""
    if table.hit == UNIQUE and len(applies) > 1:
        return (ASK, ""), TWICE
    if len(set(applies)) > 1:
        return (ASK, ""), DIFFER
    if (maybe and table.hit == UNIQUE) or not set(maybe) <= set(applies):
        return OPEN
    return applies[0], ""
