"""批量出函: the list, a new batch from a workbook, its preview, its progress, its workbooks."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotNow, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.batches import actions
from xinshu.guarantees.batches.columns import MOST, all_columns, title_of
from xinshu.guarantees.batches.forms import ACCEPTS, NewBatchForm, UploadForm
from xinshu.guarantees.batches.lifecycle import LIFECYCLE, OWN, UNDER_WAY
from xinshu.guarantees.batches.models import PARTIES, Batch, BatchRow
from xinshu.guarantees.batches.queries import (
    SHOWN,
    counts_of,
    progress_of,
    rows_of,
    sums_by_applicant,
    sums_by_kind,
)
from xinshu.guarantees.batches.workbooks import batches_sheet, faults_sheet, results_sheet, template_for
from xinshu.guarantees.forms import PaymentForm
from xinshu.guarantees.lifecycle import LIFECYCLE as GUARANTEE
from xinshu.guarantees.models import Tariff
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.ledger.exports import XLSX, Export
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen

PER_PAGE, EXPORT_UP_TO = 50, 1_000
BEFORE = {"all": lazy("全部"), "faulty": lazy("有错"), "person": lazy("需人工审批")}
AFTER = {"all": lazy("全部"), **{state.value: lazy(state.label) for state in BatchRow.State}}


@require_GET
@needs("guarantees.view")
def show_list(request: HttpRequest) -> HttpResponse:
    """List the batches that exist for the member, newest first."""
    member = member_of(request)
    found = Batch.objects.visible_to(member, now()).select_related(*PARTIES).order_by("-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "guarantees/batches.html", {"page": page, "may_prepare": member.can("guarantees.apply")})


@require_GET
@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the list as Excel. Who took it out is recorded."""
    member, at = member_of(request), now()
    found = list(Batch.objects.visible_to(member, at).select_related(*PARTIES).order_by("-pk")[:EXPORT_UP_TO])
    until = max((batch.secret_until or at for batch in found), default=at)
    made = batches_sheet(found, by=member, at=at, sealed_until=until if until > at else None)
    name = _("批量出函-%(moment)s.xlsx") % {"moment": f"{at.astimezone(CHINA):%Y%m%d-%H%M}"}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


@require_GET
@needs("guarantees.apply")
def template(request: HttpRequest) -> HttpResponse:
    """Download the empty form."""
    response = HttpResponse(template_for(member_of(request), now()), content_type=XLSX)
    response["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E6%89%B9%E9%87%8F%E5%87%BA%E5%87%BD%E6%A8%A1%E6%9D%BF.xlsx"
    )
    return response


@require_http_methods(["GET", "POST"])
@needs("guarantees.apply")
def new(request: HttpRequest) -> HttpResponse:
    """Take in a workbook."""
    member = member_of(request)
    issuer = member.organisation.kind in Organisation.ISSUERS
    houses = Organisation.objects.filter(active=True, pk__in=Tariff.objects.values("guarantor")).order_by("name")
    handed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = NewBatchForm(*handed, guarantors=None if issuer else houses)
    if form.is_valid():
        told = form.cleaned_data
        try:
            batch = actions.prepare_batch(
                read_upload(told["file"]), told["file"].name or "", name=told["name"],
                guarantor=member.organisation if issuer else told["guarantor"], by=member, at=now(),
            )  # fmt: skip
        except Invalid as refusal:
            show_in(form, refusal, "file")
        else:
            messages.success(request, _checked(batch))
            return redirect("guarantees:batch", batch.reference)
    context = {"form": form, "columns": all_columns(), "most": MOST, "accepts": ACCEPTS}
    return render(request, "guarantees/batch_new.html", context, status=422 if form.is_bound else 200)


@require_GET
@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a batch: the preview before it is confirmed, how far it is afterwards."""
    member, at = member_of(request), now()
    batch = _batch(member, reference)
    if batch.owner_id != member.organisation_id:
        looked_at("batch.read", batch, by=member, at=at, sealed_until=batch.secret_until)
    return _page(request, batch, UploadForm())


def _page(request: HttpRequest, batch: Batch, form: UploadForm, status: int = 200) -> HttpResponse:
    member = member_of(request)
    possible = LIFECYCLE.possible(batch, member)
    progress = progress_of(batch)
    views = AFTER if batch.state in UNDER_WAY else BEFORE
    view = request.GET.get("view", "all")
    view = view if view in views else "all"
    counts = counts_of(batch, list(views))
    here = reverse("guarantees:batch", args=[batch.reference])
    applicants = sums_by_applicant(batch)
    page = Paginator(rows_of(batch, view), PER_PAGE).get_page(request.GET.get("page"))
    prepared = member.user_id in batch.authors
    return render(
        request,
        "guarantees/batch.html",
        {
            "batch": batch,
            "acts": [row for row in possible if row.action not in OWN and not _not_theirs(row.action, batch, prepared)],
            "editable": any(row.action == "replace" for row in possible),
            "must_differ": prepared and batch.state == "to_confirm" and "guarantor" in batch.sides_of(member),
            "form": form,
            "payment_form": PaymentForm(),
            "progress": progress,
            "under_way": batch.state in UNDER_WAY,
            "tabs": [(str(views[code]), f"{here}?view={code}", counts[code], code == view) for code in views],
            "page": page,
            "rows": [(row, _faulty(row), _state_of(row)) for row in page],
            "kinds": sums_by_kind(batch),
            "applicants": applicants[:SHOWN],
            "more_applicants": max(0, len(applicants) - SHOWN),
            "short": sum(one.short for one in applicants),
            "persons": batch.rows.filter(faults=[]).exclude(notes=[]).count() if batch.state not in UNDER_WAY else 0,
            "accepts": ACCEPTS,
            "view": view,
        },
        status=status,
    )


def _not_theirs(action: str, batch: Batch, prepared: bool) -> bool:
    """Return whether four eyes keep a button from the member, or there is nothing to do for it."""
    if action == "retry" and not batch.rows.filter(state=BatchRow.State.FAILED).exists():
        return True
    return prepared and action in ("confirm", "retry")


def _faulty(row: BatchRow) -> list[tuple[str, str]]:
    return [(title_of(fault["column"]), fault["message"]) for fault in row.faults]


TONES = {"waiting": "mute", "done": "ok", "referred": "warn", "failed": "danger"}


def _state_of(row: BatchRow) -> tuple[str, str, str]:
    """Return tone and word of what became of a row, and the present state of its guarantee in words."""
    now_ = "" if row.guarantee is None else str(GUARANTEE.states[row.guarantee.state].label)
    return TONES[row.state], str(row.get_state_display()), now_


@require_GET
@needs("guarantees.view")
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell a waiting page how far the batch is; when it stands otherwise than the page says, have it loaded anew."""
    batch = _batch(member_of(request), reference)
    if str(batch.version) != request.GET.get("version"):
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "guarantees/_batch_progress.html", {"batch": batch, "progress": progress_of(batch)})


@require_POST
@needs("guarantees.apply")
def replace(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a corrected workbook."""
    member = member_of(request)
    batch = as_seen(_batch(member, reference), request)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            batch = actions.replace_rows(batch, read_upload(upload), upload.name or "", by=member, at=now())
        except Invalid as refusal:
            show_in(form, refusal, "file")
        else:
            messages.success(request, _checked(batch))
            return redirect("guarantees:batch", reference)
    return _page(request, batch, form, status=422)


def _checked(batch: Batch) -> str:
    if batch.state == "faulty":
        return _("已核对 %(rows)d 行，其中 %(faults)d 行有错；改正后重新上传。") % {
            "rows": batch.row_count,
            "faults": batch.fault_count,
        }
    return _("已核对 %(rows)d 行，全部可以办理，请看预览。") % {"rows": batch.row_count}


Act = Callable[[Batch, Member, HttpRequest, datetime], Batch]


def _submit(batch: Batch, by: Member, request: HttpRequest, at: datetime) -> Batch:
    return actions.submit_batch(batch, account=request.POST.get("account", ""), by=by, at=at)


ACTS: dict[str, tuple[Act, Any]] = {
    "submit": (_submit, lazy("已提交，等保证人的签发人确认。")),
    "withdraw": (lambda case, by, _r, at: actions.withdraw_batch(case, by=by, at=at), lazy("已撤回，可以再提交。")),
    "discard": (lambda case, by, _r, at: actions.discard_batch(case, by=by, at=at), lazy("这一批已作废。")),
    "return": (
        lambda case, by, request, at: actions.return_batch(case, by=by, at=at, reason=request.POST.get("reason", "")),
        lazy("已退回准备人。"),
    ),
    "confirm": (lambda case, by, _r, at: actions.confirm_batch(case, by=by, at=at), lazy("已确认，正在后台逐行办理。")),
    "pause": (lambda case, by, _r, at: actions.pause_batch(case, by=by, at=at), lazy("已暂停，手上这一行办完就停。")),
    "resume": (lambda case, by, _r, at: actions.resume_batch(case, by=by, at=at), lazy("继续办理。")),
    "retry": (lambda case, by, _r, at: actions.retry_failed(case, by=by, at=at), lazy("正在重办失败的行。")),
}  # fmt: skip


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    member = member_of(request)
    batch = _batch(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    batch = doing(as_seen(batch, request), member, request, now())
    if batch.state == "faulty":
        messages.warning(request, _checked(batch))
    else:
        messages.success(request, str(done))
    if not Batch.objects.visible_to(member, now()).filter(pk=batch.pk).exists():  # sent back to another house
        return redirect("guarantees:batches")
    return redirect("guarantees:batch", reference)


@require_GET
@needs("guarantees.view")
def faults(request: HttpRequest, reference: str) -> FileResponse:
    """Download the rows as typed with their faults beside them."""
    member, at = member_of(request), now()
    batch = _batch(member, reference)
    return _workbook(faults_sheet(batch, by=member, at=at), _("核对结果"), batch, at)


@require_GET
@needs("guarantees.export")
def result(request: HttpRequest, reference: str) -> FileResponse:
    """Download what became of every row."""
    member, at = member_of(request), now()
    batch = _batch(member, reference)
    if batch.state not in UNDER_WAY:
        raise NotNow(_("这一批还没有开始办理，没有结果。"), advice=_("可以下载核对结果。"))
    return _workbook(results_sheet(batch, by=member, at=at), _("结果"), batch, at)


def _workbook(made: Export, what: str, batch: Batch, at: datetime) -> FileResponse:
    name = f"{batch.name}-{what}-{at.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _batch(member: Member, reference: str) -> Batch:
    """Return the batch with this reference. Raises Unknown when there is none, or none for this member."""
    found = Batch.objects.visible_to(member, now()).filter(reference=reference).select_related(*PARTIES).first()
    if found is None:
        raise Unknown(_("没有找到这一批。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return found
