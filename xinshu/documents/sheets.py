"""Reading a spreadsheet that somebody brings: XLSX by its bytes, else CSV text in UTF-8 or GBK. No database."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid
from xinshu.documents.contents import recognise

TEXT_FILES = (".csv", ".txt")


def cells_of(content: bytes, name: str, *, rows: int, largest: int) -> list[list[str]]:
    """Return the first `rows` rows of the first sheet as text, cell by cell.

    Days come as 2026-12-01, numbers as they were typed. `largest` is in bytes. Raises Invalid for what is no sheet.
    """
    read = _csv if name.lower().endswith(TEXT_FILES) else _xlsx
    return [[text_of(cell) for cell in row] for row in read(content, name, rows, largest)]


def mime_of(content: bytes, name: str, *, largest: int) -> str:
    """Return what a sheet that was read is kept as. Raises Invalid for what is no file that is known."""
    return "text/csv" if name.lower().endswith(TEXT_FILES) else recognise(content, name, limit=largest).mime


def text_of(cell: Any) -> str:
    """Return a cell as a person would read it, without what no database keeps."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):  # Excel shows 15 digits; more are the dust of its arithmetic
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    return str(cell if cell is not None else "").replace("\0", "").strip()


def _xlsx(content: bytes, name: str, rows: int, largest: int) -> Iterable[list[Any]]:
    kind = recognise(content, name, limit=largest)
    if kind.code != "XLSX":
        raise _refused(_("“%(name)s”不是表格，没有读取。") % {"name": name}, _("请上传 XLSX 或 CSV。"))
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return list(sheet.to_python(skip_empty_area=False, nrows=rows))
    except (python_calamine.CalamineError, ValueError, OSError, IndexError):
        raise _refused(_("“%(name)s”读不出来。") % {"name": name}, _("请另存为 XLSX 后再传。")) from None


def _csv(content: bytes, name: str, rows: int, largest: int) -> Iterable[list[str]]:
    if len(content) > largest or b"\0" in content:
        raise _refused(_("“%(name)s”太大或不是文本，没有读取。") % {"name": name}, _("请上传 XLSX 或 CSV。"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused(_("“%(name)s”的编码没有读懂。") % {"name": name}, _("请另存为 UTF-8 的 CSV 或 XLSX。"))
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    found: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            found.append(row)
            if len(found) >= rows:
                break
    except csv.Error:
        raise _refused(_("“%(name)s”读不出来。") % {"name": name}, _("请另存为 XLSX 后再传。")) from None
    return found


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
