"""Tables as Excel: amounts as numbers in yuan, everything else as text that no program may take for a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter


@dataclass(frozen=True)
class Yuan:
    """An amount in 分, to be shown as yuan."""

    fen: int


Cell = str | Yuan


def workbook(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> io.BytesIO:
    """Return one sheet with a heading (words, width) and rows."""
    content = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, options)
    sheet = book.add_worksheet(title)
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for column, (label, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, bold)
    for line, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Yuan):
                sheet.write_number(line, column, cell.fen / 100, money)
            else:
                sheet.write_string(line, column, cell)
    sheet.freeze_panes(1, 1)
    book.close()
    content.seek(0)
    return content
