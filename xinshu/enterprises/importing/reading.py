"""Reading the workbook: its headings are those of the export, a cell is a value of that field. No database.

An empty cell, and one that the export had covered (138****6021), leaves the field as it is.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid, Refusal
from xinshu.core.uscc import normalise
from xinshu.documents.sheets import cells_of
from xinshu.enterprises.actions import problem_of
from xinshu.enterprises.fields import FIELDS, Field

MOST, LARGEST, HEAD, LONGEST = 5_000, 8 * 1024 * 1024, 15, 500
_REMARK = re.compile(r"[（(].*?[)）]|[*＊\s]")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
TITLES = {_REMARK.sub("", one.label): one.code for one in FIELDS.values()}
KEYS = ("uscc", "legal_name")  # by what a customer is found


@dataclass(frozen=True)
class Line:
    """One row: where it stands, what was typed by field code, what it means, what is wrong ((code, words))."""

    number: int
    typed: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()


def lines_of(content: bytes, name: str) -> list[Line]:
    """Return the rows below the headings. Raises Invalid for a file that holds none, or no heading that is known."""
    cells = cells_of(content, name, rows=MOST + HEAD + 1, largest=LARGEST)
    heads = [[TITLES.get(_REMARK.sub("", cell), "") for cell in row] for row in cells[:HEAD]]
    place = next((place for place, codes in enumerate(heads) if set(codes) & set(KEYS)), None)
    if place is None:
        raise _refused(_("没有找到“统一社会信用代码”或“企业名称”这一列。"), _("请用“下载模板”里的列名。"))
    codes = heads[place]
    if repeated := sorted({FIELDS[code].label for code in codes if code and codes.count(code) > 1}):
        raise _refused(_("有两列都叫“%(name)s”。") % {"name": repeated[0]}, _("请删掉一列再传。"))
    found = []
    for number, line in enumerate(cells[place + 1 :], place + 2):
        typed = {code: cell[:LONGEST] for code, cell in zip(codes, line, strict=False) if code and cell}
        if typed:
            found.append(read_line(number, typed))
    if not found or len(found) > MOST:
        raise _refused(_("表里要有 1 到 %(most)s 行。") % {"most": f"{MOST:,}"}, _("行数更多的请分几次导入。"))
    return found


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})


def read_line(number: int, typed: dict[str, str]) -> Line:
    """Return a row with its values as the record keeps them, and what cannot be read. Pure."""
    values, faults = {}, []
    for code, text in typed.items():
        if "*" in text:
            continue
        try:
            value = _value(FIELDS[code], text)
        except Refusal as wrong:
            faults.append((code, wrong.message))
            continue
        if problem := problem_of(FIELDS[code], value):
            faults.append((code, problem))
        else:
            values[code] = value
    return Line(number, typed, values, tuple(faults))


def _value(of: Field, text: str) -> str:
    match of.kind:
        case "money":
            return str(parse_yuan(text))
        case "count":
            return text.replace(",", "").removesuffix("人").removesuffix("个")
        case "uscc":
            return normalise(text)
        case "day":
            return _day(text)
    return text


def _day(text: str) -> str:
    found = _DAY.fullmatch(text.strip())
    try:
        return date(*map(int, found.groups())).isoformat() if found else text
    except ValueError:
        return text
