"""Reading a bank's statement (银行流水): XLSX by its bytes, else CSV text; columns by their titles. No database."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid
from xinshu.documents.contents import recognise

MOST, LARGEST = 5_000, 4 * 1024 * 1024
TITLES = {  # what banks call a column, longest words first where one holds another
    "on": ("交易日期", "记账日期", "入账日期", "日期"),
    "money_in": ("收入金额", "贷方发生额", "贷方金额", "收入"),
    "money_out": ("支出金额", "借方发生额", "借方金额", "支出"),
    "amount": ("交易金额", "发生额", "金额"),
    "payer": ("对方户名", "对方名称", "付款人名称", "付款人", "户名"),
    "remark": ("附言", "摘要", "用途", "备注"),
    "bank_number": ("交易流水号", "流水号", "凭证号"),
}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")


@dataclass(frozen=True)
class Row:
    """One line as the bank states it; amount in 分, money in positive."""

    row: int
    on: date
    amount: int
    payer: str
    remark: str
    bank_number: str


def read_lines(content: bytes, name: str) -> list[Row]:
    """Return the lines of a bank's statement. Raises Invalid, naming the rows that cannot be read: all or nothing."""
    cells = _csv(content, name) if name.lower().endswith((".csv", ".txt")) else _xlsx(content, name)
    columns: dict[str, list[int]] = {}
    rows: list[Row] = []
    wrong: list[str] = []
    for number, row in enumerate(cells, start=1):
        texts = [_text(cell) for cell in row]
        if not any(texts):
            continue
        if not columns:
            columns = _columns(texts)
            continue
        if len(rows) + len(wrong) >= MOST:
            raise _refused(_("超过 %(most)d 行，没有导入。") % {"most": MOST}, _("请分成几份文件导入。"))
        try:
            if (one := _row(number, row, columns)) is not None:
                rows.append(one)
        except (Invalid, ValueError) as error:
            wrong.append(_("第 %(row)d 行：%(why)s") % {"row": number, "why": getattr(error, "message", error)})
    if not columns:
        raise _refused(_("没有找到标题行，没有导入。"), _("至少要有日期、金额（或收入、支出）、对方户名或摘要。"))
    if wrong:
        more = _("等 %d 行") % len(wrong) if len(wrong) > 5 else ""
        raise _refused(_("有的行读不懂，没有导入：") + "；".join(wrong[:5]) + more, _("改好这些行后重新导入。"))
    if not rows:
        raise _refused(_("文件里没有流水，没有导入。"), _("标题行下面要有至少一笔收入或支出。"))
    return rows


def _columns(texts: list[str]) -> dict[str, list[int]]:
    """Return where each column stands, when this row is the titles: a day, an amount, and somebody or a remark."""
    found: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        title = re.sub(r"[（(].*?[)）]|\s", "", text)
        what = next((what for what, titles in TITLES.items() if title in titles), None)
        if what is not None:
            found.setdefault(what, []).append(place)
    money = "amount" in found or "money_in" in found or "money_out" in found
    return found if "on" in found and money and ("payer" in found or "remark" in found) else {}


def _row(number: int, row: list[Any], columns: dict[str, list[int]]) -> Row | None:
    def said(what: str) -> str:
        places = [place for place in columns.get(what, []) if place < len(row)]
        return " ".join(filter(None, (_text(row[place]) for place in places)))

    amount = _money(said("money_in")) - _money(said("money_out"))
    amount = amount or _money(said("amount"))
    if not amount:
        return None  # opening balances, totals, notes
    places = columns["on"]
    return Row(
        number, _day(row[places[0]] if places[0] < len(row) else ""), amount, said("payer")[:120],
        said("remark")[:200], said("bank_number")[:60],
    )  # fmt: skip


def _money(text: str) -> int:
    negative = text.startswith(("-", "－"))
    size = parse_yuan(text.lstrip("-－+")) if text else 0
    return -size if negative else size


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DAY.match(_text(cell))
    if found is None:
        raise ValueError(_("日期“%s”没有看懂") % _text(cell)[:20])
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise ValueError(_("没有“%s”这一天") % _text(cell)[:20]) from None


def _xlsx(content: bytes, name: str) -> Iterable[list[Any]]:
    kind = recognise(content, name, limit=LARGEST)
    if kind.code != "XLSX":
        raise _refused(_("“%(name)s”不是表格，没有导入。") % {"name": name}, _("请上传 XLSX 或 CSV。"))
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return list(sheet.to_python(skip_empty_area=False, nrows=MOST + 200))
    except (python_calamine.CalamineError, ValueError, OSError, IndexError):
        raise _refused(_("“%(name)s”读不出来，没有导入。") % {"name": name}, _("请另存为 XLSX 后再传。")) from None


def _csv(content: bytes, name: str) -> Iterable[list[str]]:
    if len(content) > LARGEST or b"\0" in content:
        raise _refused(_("“%(name)s”太大或不是文本，没有导入。") % {"name": name}, _("请上传 XLSX 或 CSV。"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused(_("“%(name)s”的编码没有读懂，没有导入。") % {"name": name}, _("请另存为 UTF-8 的 CSV 或 XLSX。"))
    try:
        return list(csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.partition("\n")[0] else ","))
    except csv.Error:
        raise _refused(_("“%(name)s”读不出来，没有导入。") % {"name": name}, _("请另存为 XLSX 后再传。")) from None


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else f"{cell:.2f}"
    return str(cell if cell is not None else "").replace("\0", "").strip()


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
