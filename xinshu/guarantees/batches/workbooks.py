"""The workbooks that leave: the empty form with its guide, the rows with their faults beside them, the results."""

import io
from collections.abc import Iterable
from datetime import datetime

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.guarantees.batches.columns import BY_CODE, MOST, all_columns, title_of
from xinshu.guarantees.batches.columns import Column as Typed
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Product
from xinshu.ledger.exports import Column, Export, export_sheet


def template_for(member: Member, at: datetime) -> bytes:
    """Return the empty form: a sheet to fill in, a guide with examples, the values that are allowed. It holds no data.

    Of products it names those on the shelf: the own house's for a guarantor's people, everybody's for applicants.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#EEF3FA", "border": 1})
    must = book.add_format({"bold": True, "bg_color": "#FCF0D9", "border": 1})
    text = book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet, guide, allowed = (book.add_worksheet(str(title)) for title in (_("批量出函"), _("填写说明"), _("可选值")))
    types = [str(kind.label) for kind in KINDS.values() if not kind.retired]
    products = Product.objects.offered(local_day(at)).select_related("guarantor").order_by("guarantor__name", "pk")
    if member.organisation.kind in Organisation.ISSUERS:
        products = products.filter(guarantor=member.organisation)
    columns = all_columns()
    for place, column in enumerate(columns):
        title = f"{column.title}*" if column.required else str(column.title)
        sheet.write_string(0, place, title, must if column.required else head)
        sheet.set_column(place, place, column.width, text)
    places = {column.code: place for place, column in enumerate(columns)}
    sheet.data_validation(
        1, places["kind"], MOST, places["kind"],
        {"validate": "list", "source": f"='{_('可选值')}'!$A$2:$A${len(types) + 1}", "error_type": "warning"},
    )  # fmt: skip
    sheet.freeze_panes(1, 0)
    for row, words in enumerate(
        [(_("列"), _("必填"), _("例子"), _("怎么填"))]
        + [(str(c.title), _("是") if c.required else "", c.example, str(c.guide)) for c in columns]
    ):
        for place, word in enumerate(words):
            guide.write_string(row, place, word, wrapped if row else head)
    for place, width in enumerate((26, 8, 28, 70)):
        guide.set_column(place, place, width)
    rules = _("一行一笔保函，最多 %(most)s 行。整张表一次核对：有一行不对就不能提交，改好重新上传即可。") % {
        "most": f"{MOST:,}"
    }
    guide.merge_range(len(columns) + 2, 0, len(columns) + 2, 3, rules, wrapped)
    for place, title in enumerate((_("保函类型"), _("产品名称"), _("产品所属类型"), _("保证人"))):
        allowed.write_string(0, place, title, head)
        allowed.set_column(place, place, 28)
    for row, word in enumerate(types, start=1):
        allowed.write_string(row, 0, word)
    for row, product in enumerate(products[:500], start=1):
        for place, word in enumerate((product.name, str(product.get_kind_display()), product.guarantor.name), start=1):
            allowed.write_string(row, place, word)
    book.close()
    return content.getvalue()


def faults_sheet(batch: Batch, *, by: Member, at: datetime) -> Export:
    """Return all rows as they were typed with what is wrong beside them: corrected there, it can be uploaded again."""
    return export_sheet(
        _("批量出函核对结果"), (*(_typed(column) for column in all_columns()), *BESIDE), _all(batch),
        kind="batch.exported", subject=batch, by=by, at=at, sealed_until=batch.secret_until, what="faults",
    )  # fmt: skip


def results_sheet(batch: Batch, *, by: Member, at: datetime) -> Export:
    """Return what became of every row: state, number, reason."""
    typed = (_typed(BY_CODE[code]) for code in ("key", "kind", "project", "applicant", "amount", "note"))
    return export_sheet(
        _("批量出函结果"), (*typed, *RESULTS), _all(batch), kind="batch.exported", subject=batch, by=by, at=at,
        sealed_until=batch.secret_until, what="results",
    )  # fmt: skip


def batches_sheet(found: list[Batch], *, by: Member, at: datetime, sealed_until: datetime | None) -> Export:
    """Return the list of batches."""
    return export_sheet(
        _("批量出函"), LISTED, found, kind="batches.exported", subject=by.organisation, by=by, at=at,
        sealed_until=sealed_until,
    )  # fmt: skip


def faults_in_words(row: BatchRow) -> str:
    """Return what is wrong with a row, column by column, in one line."""
    return " ".join(f"【{title_of(fault['column'])}】{fault['message']}" for fault in row.faults)


def _all(batch: Batch) -> Iterable[BatchRow]:
    return batch.rows.select_related("guarantee").order_by("line").iterator(chunk_size=1_000)


def _typed(column: Typed) -> Column:
    def cell(row: BatchRow) -> str:
        return str(row.typed.get(column.code, ""))

    return Column(column.title, column.width, "guarantees.BatchRow.typed", cell)


def _now(row: BatchRow) -> str:
    return "" if row.guarantee is None else LIFECYCLE.states[row.guarantee.state].label


BESIDE = (
    Column(lazy("行"), 6, "guarantees.BatchRow.line", lambda row: row.line),
    Column(lazy("问题"), 80, "guarantees.BatchRow.faults", faults_in_words),
    Column(lazy("转人工的原因"), 60, "guarantees.BatchRow.notes", lambda row: " ".join(row.notes)),
)
RESULTS = (
    Column(lazy("行"), 6, "guarantees.BatchRow.line", lambda row: row.line),
    Column(lazy("办理结果"), 12, "guarantees.BatchRow.state", lambda row: str(row.get_state_display())),
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: row.guarantee and row.guarantee.number),
    Column(lazy("保函现状"), 12, "guarantees.Guarantee.kind", _now),
    Column(lazy("保费（元）"), 14, "guarantees.BatchRow.fee", lambda row: row.fee and row.fee / 100, money=True),
    Column(lazy("原因"), 60, "guarantees.BatchRow.reason", lambda row: row.reason),
)
LISTED = (
    Column(lazy("批次"), 32, "guarantees.Batch.name", lambda row: row.name),
    Column(lazy("批次编号"), 16, "guarantees.Batch.reference", lambda row: row.reference),
    Column(lazy("准备单位"), 32, "accounts.Organisation.name", lambda row: row.owner.name),
    Column(lazy("保证人"), 32, "accounts.Organisation.name", lambda row: row.guarantor.name),
    Column(lazy("笔数"), 8, "guarantees.Batch.row_count", lambda row: row.row_count),
    Column(lazy("有错的行"), 10, "guarantees.Batch.fault_count", lambda row: row.fault_count),
    Column(lazy("保函金额（元）"), 18, "guarantees.Batch.amount", lambda row: row.amount / 100, money=True),
    Column(lazy("保费（元）"), 16, "guarantees.Batch.fee", lambda row: row.fee / 100, money=True),
    Column(lazy("状态"), 12, "guarantees.Batch.state", lambda row: row.standing.label),
)
