"""资料导入: the list, an upload, its preview and progress, its faults as Excel, the empty form."""

import io
from collections.abc import Callable
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.enterprises.exporting import CLASSES, PLAIN
from xinshu.enterprises.fields import FIELDS
from xinshu.enterprises.importing.actions import discard_import, prepare_import, start_import
from xinshu.enterprises.importing.checking import ASIDE, NEW, labels_of
from xinshu.enterprises.importing.lifecycle import IMPORTS, LIFECYCLE
from xinshu.enterprises.importing.reading import MOST
from xinshu.enterprises.models import ImportRow, RecordImport
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen

PER_PAGE = 50
ACCEPTS = ".xlsx,.csv"


@needs(IMPORTS)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's imports, the latest first."""
    found = RecordImport.objects.visible_to(member_of(request)).select_related("prepared_by__user")
    page = Paginator(found.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state_of": LIFECYCLE.states}
    return render(request, "enterprises/imports.html", context)


@needs(IMPORTS)
def new(request: HttpRequest) -> HttpResponse:
    """Upload a workbook; it is checked at once."""
    error = ""
    if request.method == "POST":
        upload: Any = request.FILES.get("file")
        try:
            if upload is None:
                raise Invalid(_("还没有选择文件。"))
            one = prepare_import(read_upload(upload), upload.name or "", by=member_of(request), at=now())
        except Invalid as refusal:
            error = f"{refusal.message}{refusal.advice}"
        else:
            return redirect("enterprises:import", one.reference)
    context = {"error": error, "most": MOST, "accepts": ACCEPTS}
    return render(request, "enterprises/import_new.html", context, status=422 if error else 200)


@needs(IMPORTS)
def template(request: HttpRequest) -> FileResponse:
    """Download the empty form. It holds no data."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet, text = book.add_worksheet(str(_("客户资料"))), book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EEF3FA", "border": 1})
    for place, field in enumerate(FIELDS.values()):
        sheet.write_string(0, place, field.label, head)
        sheet.set_column(place, place, 24, text)
    sheet.freeze_panes(1, 0)
    book.close()
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=_("客户资料导入模板.xlsx"))


def _import(request: HttpRequest, reference: str) -> RecordImport:
    found = RecordImport.objects.visible_to(member_of(request)).filter(reference=reference)
    one = found.select_related("prepared_by__user", "file").first()
    if one is None:
        raise Unknown(_("没有找到这份导入表。"), advice=_("请从资料导入列表进入。"))
    return one


def _progress(one: RecordImport) -> dict[str, int]:
    told = one.rows.aggregate(
        done=Count("pk", filter=Q(state="done")), failed=Count("pk", filter=Q(state="failed")),
        aside=Count("pk", filter=Q(aside__gt=0)),
    )  # fmt: skip
    settled = told["done"] + told["failed"]
    return {**told, "settled": settled, "total": one.row_count, "share": settled * 100 // max(one.row_count, 1)}


def _rows(one: RecordImport, view: str) -> QuerySet[ImportRow]:
    rows = one.rows.select_related("enterprise__organisation").order_by("line")
    if view == "faults":
        return rows.exclude(faults=[])
    return rows.filter(state="failed") if view == "failed" else rows


@needs(IMPORTS)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what an import would change, row by row; how far it is; what is wrong with it."""
    one = _import(request, reference)
    view = request.GET.get("view", "faults" if one.state == "faulty" else "")
    page = Paginator(_rows(one, view), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "one": one, "state": LIFECYCLE.states[one.state], "acts": LIFECYCLE.possible(one, member_of(request)),
        "page": page, "view": view, "progress": _progress(one), "under_way": one.state in ("running", "finished"),
        "rows": [
            (
                row, [(FIELDS[code].label, words) for code, words in row.faults], labels_of(row.brings, NEW),
                labels_of(row.brings, ASIDE),
            )
            for row in page
        ],
    }  # fmt: skip
    return render(request, "enterprises/import.html", context)


@needs(IMPORTS)
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """Show how far an import is: a fragment; the whole page once it is done."""
    one = _import(request, reference)
    response = render(request, "enterprises/_import_progress.html", {"one": one, "progress": _progress(one)})
    if one.state == "finished":
        response["HX-Refresh"] = "true"
    return response


def _typed(code: str) -> Callable[[ImportRow], str]:
    """Return what reads the cell of one field off a row."""
    return lambda row: row.typed.get(code, "")


COLUMNS = (
    Column(lazy("行"), 8, "enterprises.ImportRow.line", lambda row: row.line),
    *(
        Column(field.label, 22, CLASSES.get(field.kind, PLAIN), _typed(field.code))
        for field in FIELDS.values()
    ),
    Column(
        lazy("要改的地方"), 60, "enterprises.ImportRow.faults",
        lambda row: "；".join(f"{FIELDS[code].label}：{words}" for code, words in row.faults),
    ),
    Column(lazy("将更新"), 40, "enterprises.ImportRow.brings", lambda row: labels_of(row.brings, NEW)),
    Column(lazy("不一致，待决定"), 40, "enterprises.ImportRow.brings", lambda row: labels_of(row.brings, ASIDE)),
    Column(lazy("结果"), 12, "enterprises.ImportRow.state", lambda row: f"{row.get_state_display()}{row.reason}"),
)  # fmt: skip


@needs(IMPORTS)
def faults(request: HttpRequest, reference: str) -> FileResponse:
    """Download all rows as typed with what is wrong beside them: corrected there, it can be uploaded again."""
    one, member = _import(request, reference), member_of(request)
    sheet = export_sheet(
        _("资料导入核对结果"), COLUMNS, _rows(one, ""), kind="import.exported", subject=one, by=member, at=now()
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("资料导入核对结果.xlsx"))


@require_POST
@needs(IMPORTS)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Start or discard an import. The posted version is what the person saw."""
    one, by = _import(request, reference), member_of(request)
    if action == "start_import":
        start_import(as_seen(one, request), by=by, at=now())
        messages.success(request, _("已开始导入，离开页面也会继续。"))
    elif action == "discard_import":
        discard_import(as_seen(one, request), by=by, at=now())
        messages.success(request, _("已作废，资料没有改动。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("enterprises:import", reference)
