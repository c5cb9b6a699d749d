"""Reading a table that somebody brings: cells of CSV or XLSX, or ARFF text; its columns, and what is wrong with it.

Missing values: an empty cell, `?`, `NA`, `nan`, `null`, `-`. A missing value stays missing, it is never zero.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid
from xinshu.scoring.learning.kinds import CATEGORY, NUMBER, TARGET, TIME, Column

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "-", "—"})
MOST_COLUMNS, MOST_ROWS = 300, 100_000
FEWEST_ROWS, FEWEST_OF_EACH = 200, 30
LONGEST_NAME = 200  # signs of the name of a column, as drift is kept under it
MOST_LEVELS = 50  # a category with more is a name, not a category
NUMERIC = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
ATTRIBUTE = re.compile(r"@attribute\s+('(?:[^'\\]|\\.)*'|\"[^\"]*\"|\S+)\s+(.+)", re.IGNORECASE)
DAY = re.compile(r"(19|20)\d\d([-/.]?(0[1-9]|1[0-2])([-/.]?([0-2]\d|3[01]))?)?")


@dataclass(frozen=True)
class Sheet:
    """A table as text: names of columns, rows of cells, all of one length."""

    names: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Told:
    """What a column looks like: its likely kind, how many cells are missing, its commonest values."""

    kind: str
    missing: int
    values: tuple[tuple[str, int], ...]
    distinct: int
    unread: int  # cells of a number column that are no number


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def number_of(cell: str) -> float | None:
    """Return a cell as a number: thousands commas and a % sign are taken off. None: missing, or no number."""
    text = cell.strip().replace(",", "").removesuffix("%")
    return float(text) if len(text) < 40 and NUMERIC.fullmatch(text) else None


def sheet_of(cells: list[list[str]]) -> Sheet:
    """Return cells as a table whose first row names the columns. Raises Invalid, saying what is wrong where."""
    rows = [row for row in cells if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise _refused(_("表里没有数据，没有保存。"), _("第一行写列名，以下每行一家企业或一笔业务。"))
    names = [name.strip() for name in rows[0]]
    while names and not names[-1]:
        names.pop()
    return _checked(names, rows[1:], 2)


def arff_sheet(text: str) -> Sheet:
    """Return an ARFF file (dense) as a table. Raises Invalid."""
    if "\0" in text:
        raise _refused(_("文件里有不是文字的内容，没有读取。"), _("请另存为 UTF-8 的 ARFF 或 CSV。"))
    names: list[str] = []
    rows: list[list[str]] = []
    in_data, first = False, 0
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("%"):
            continue
        if in_data:
            if line.startswith("{"):
                raise _refused(_("第 %(n)s 行是稀疏格式，没有读取。") % {"n": number}, _("请另存为普通 ARFF 或 CSV。"))
            try:
                rows.append(next(csv.reader([line], quotechar="'", skipinitialspace=True)))
            except csv.Error:
                raise _refused(_("第 %(n)s 行读不出来。") % {"n": number}, _("请检查这一行的引号和分隔符。")) from None
        elif line.lower().startswith("@data"):
            in_data, first = True, number + 1
        elif found := ATTRIBUTE.match(line):
            names.append(found.group(1).strip("'\""))
    if not names or not rows:
        raise _refused(_("没有读到 ARFF 的列或数据。"), _("文件要有 @attribute 和 @data。"))
    return _checked(names, rows, first)


def _checked(names: list[str], rows: list[list[str]], first: int) -> Sheet:
    twice = [name for name, many in Counter(names).items() if many > 1]
    if not names or not all(names):
        place = names.index("") + 1 if names else 1
        raise _refused(_("第 %(n)s 列没有列名，没有保存。") % {"n": place}, _("请在第一行补上列名后再传。"))
    if twice:
        raise _refused(_("列名“%(name)s”出现了不止一次。") % {"name": twice[0][:60]}, _("请改成不同的列名后再传。"))
    if long := next((place for place, name in enumerate(names, 1) if len(name) > LONGEST_NAME), 0):
        raise _refused(
            _("第 %(n)s 列的列名太长。") % {"n": long}, _("列名最多 %(n)s 个字，请改短后再传。") % {"n": LONGEST_NAME}
        )
    if len(names) > MOST_COLUMNS:
        raise _refused(_("列太多：%(n)s 列。") % {"n": len(names)}, _("最多 %(n)s 列。") % {"n": MOST_COLUMNS})
    if len(rows) > MOST_ROWS:
        raise _refused(_("行太多。"), _("最多 %(n)s 行，请分批或抽样后再传。") % {"n": f"{MOST_ROWS:,}"})
    for number, row in enumerate(rows, first):
        if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
            raise _refused(
                _("第 %(row)s 行有 %(many)s 格，列名只有 %(names)s 个。")
                % {"row": number, "many": len(row), "names": len(names)},
                _("请检查这一行是否多了分隔符。"),
            )
    wide = len(names)
    return Sheet(names, [[*row[:wide], *([""] * (wide - len(row)))] for row in rows])


def look_at(sheet: Sheet) -> list[Told]:
    """Return what each column looks like."""
    found = []
    for position in range(len(sheet.names)):
        counts = Counter(row[position].strip() for row in sheet.rows)
        missing = sum(many for cell, many in counts.items() if is_missing(cell))
        values = {cell: many for cell, many in counts.items() if not is_missing(cell)}
        unread = sum(many for cell, many in values.items() if number_of(cell) is None)
        numeric = bool(values) and unread * 50 <= sum(values.values())
        common = tuple(sorted(values.items(), key=lambda item: (-item[1], item[0]))[:6])
        kind = NUMBER if numeric else CATEGORY
        found.append(Told(kind, missing, common, len(values), unread if numeric else 0))
    return found


def problems_of(sheet: Sheet, columns: Sequence[Column], bad: str) -> list[str]:
    """Return why a table cannot be learned from, in words; nothing when it can. `bad`: the target of a default."""
    found: list[str] = []
    targets = [place for place, column in enumerate(columns) if column.role == TARGET]
    features = [column for column in columns if column.role == "feature"]
    times = [place for place, column in enumerate(columns) if column.role == TIME]
    if len(targets) != 1:
        return [_("请指定一列，也只指定一列为“是否违约”。")]
    if len(times) > 1:
        found.append(_("时间列最多一列。"))
    if not features:
        found.append(_("没有一列用于学习，请至少留一列特征。"))
    outcomes = Counter(row[targets[0]].strip() for row in sheet.rows)
    if any(is_missing(cell) for cell in outcomes):
        many = sum(n for cell, n in outcomes.items() if is_missing(cell))
        found.append(_("“是否违约”有 %(n)s 行没有填写，请补齐或删去这些行。") % {"n": many})
    kept = {cell: n for cell, n in outcomes.items() if not is_missing(cell)}
    if len(kept) > 2:
        found.append(_("“是否违约”有 %(n)s 种取值，只能有两种。") % {"n": len(kept)})
    if bad not in kept:
        found.append(_("“是否违约”里没有取值“%(bad)s”。") % {"bad": bad[:40]})
    bads = kept.get(bad, 0)
    if len(sheet.rows) < FEWEST_ROWS or min(bads, len(sheet.rows) - bads) < FEWEST_OF_EACH:
        found.append(
            _("数据太少：%(rows)s 行，其中违约 %(bad)s 行。至少 %(least)s 行，违约和未违约各 %(each)s 行。")
            % {"rows": len(sheet.rows), "bad": bads, "least": FEWEST_ROWS, "each": FEWEST_OF_EACH}
        )
    told = look_at(sheet)
    for column, one in zip(columns, told, strict=True):
        if column.role == "feature" and column.kind == CATEGORY and one.distinct > MOST_LEVELS:
            found.append(
                _("“%(name)s”有 %(n)s 种取值，像名称而不是类别，请改为不使用。")
                % {"name": column.label, "n": one.distinct}
            )
        if column.role == "feature" and column.kind == NUMBER and one.kind != NUMBER:
            found.append(_("“%(name)s”多数不是数字，请改为类别。") % {"name": column.label})
        if column.role == "feature" and not one.values:
            found.append(_("“%(name)s”一个值也没有，请改为不使用。") % {"name": column.label})
    if times and any(not DAY.match(row[times[0]].strip()) for row in sheet.rows):
        found.append(_("时间列里有不是日期的值，请写成 2026-11-22、2026-11 或 2026。"))
    return found


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
