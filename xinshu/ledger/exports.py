"""One way out for every list that is taken away as Excel: rights, covering by class, watermark, ledger entry."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.cases import new_reference
from xinshu.core.classification import class_of
from xinshu.core.clock import CHINA
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.ledger.recording import record

LIMIT = 50_000
EXPORT = "data.export"  # held by everybody until an emergency measure stops exports
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = 2  # rows above the data: watermark, titles


@dataclass(frozen=True)
class Column:
    """One column: title, width, the classified field it shows ("app.Model.field"), how it is read off a row."""

    title: str | Promise
    width: int
    field: str
    value: Callable[[Any], Any]
    money: bool = False


@dataclass(frozen=True)
class Export:
    """A finished workbook, under the reference that its watermark and its entry carry."""

    content: bytes
    reference: str
    rows: int


def must_export(by: Actor) -> None:
    """Raise NotPermitted for whoever may not take anything away now."""
    if not by.can(EXPORT):
        raise NotPermitted(_("导出已被应急停止。"), advice=_("恢复后可以再导出；页面上的内容照常可看。"))


def export_sheet(
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    kind: str,
    subject: models.Model,
    by: Actor,
    at: datetime,
    sealed_until: datetime | None = None,
    **data: Any,
) -> Export:
    """Return `rows` as a workbook in which sensitive values are covered as `by` sees them, and record `kind`.

    Who took it, when and the reference stand above the data, in the printed head and foot, and in the file's
    properties. Raises NotPermitted while exports are stopped, Invalid beyond 50,000 rows.
    """
    must_export(by)
    reference, content = new_reference(), BytesIO()
    mark = _("%(who)s 于 %(when)s 导出 · 编号 %(reference)s · 内部资料，请勿外传") % {
        "who": by.actor_label,
        "when": f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "reference": reference,
    }
    book = xlsxwriter.Workbook(
        content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": name, "author": by.actor_label, "comments": mark})
    sheet = book.add_worksheet(name[:31])
    sheet.set_header(f"&C{mark.replace('&', '&&')}")
    sheet.set_footer(f"&L{reference}&R&P / &N")
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    marked = book.add_format({"font_color": "#B3261E", "bold": True, "bg_color": "#FCF0D9"})
    sheet.write_string(0, 0, mark, marked)
    for position in range(1, len(columns)):
        sheet.write_blank(0, position, None, marked)
    classes = [class_of(column.field) for column in columns]
    levels = [int(of.level) for of in classes]
    covered: set[str] = set()
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(1, position, str(column.title), bold)
    count = 0
    for count, row in enumerate(rows, 1):
        if count > LIMIT:
            raise Invalid(
                _("符合条件的超过 %s 条，没有导出。") % f"{LIMIT:,}", advice=_("请缩小范围后分次导出，筛选条件还在。")
            )
        for position, column in enumerate(columns):
            value = column.value(row)
            told = classes[position].shown(value, by)
            if told != value:
                covered.add(str(column.title))
            if isinstance(told, str):
                sheet.write_string(HEAD + count - 1, position, told[:32_000])
            elif told is not None:
                sheet.write_number(HEAD + count - 1, position, told, money if column.money else None)
    sheet.freeze_panes(HEAD, 1)
    book.close()
    in_clear = [level for column, level in zip(columns, levels, strict=True) if str(column.title) not in covered]
    told = {
        "fields": [str(column.title) for column in columns],
        "covered": sorted(covered),
        "levels": levels,
        "level": max(levels),
        "clear": max(in_clear, default=0),
    }
    with transaction.atomic():
        record(kind, subject, by=by, at=at, sealed_until=sealed_until, export=reference, rows=count, **told, **data)
    return Export(content.getvalue(), reference, count)
