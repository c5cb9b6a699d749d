"""答卷: what a firm has to answer; one sheet, filled on desk or phone, kept half-way; the house reads answers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.sheets import Upload, hand_in_sheet, keep_sheet, progress_of, recall_sheet
from xinshu.admission.lifecycle import FILLS, SHEET, VIEW
from xinshu.admission.models import SUBJECTS, Sheet
from xinshu.admission.questions import FILE, LONGEST, SEVERAL, Typed
from xinshu.admission.views.doors import sheet_of
from xinshu.admission.views.questionnaires import shown_answer
from xinshu.core.clock import now
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.models import File
from xinshu.documents.uploads import read_upload
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50


@needs(FILLS)
def mine(request: MemberRequest) -> HttpResponse:
    """Show what the own firm is asked, what waits first."""
    rows = Sheet.objects.filter(firm=request.member.organisation).exclude(state="recalled")
    rows = rows.select_related("house", "version_asked__questionnaire").order_by("-asked_at", "-pk")
    rows = rows.prefetch_related("version_asked__questionnaire__gates")
    waiting = rows.filter(state="open")
    view = request.GET.get("view", "")
    found = rows.filter(state="handed_in").order_by("-handed_in_at") if view == "done" else waiting
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": [(sheet, SHEET.states[sheet.state], progress_of(sheet)) for sheet in page],
        "view": view, "counts": (waiting.count(), rows.filter(state="handed_in").count()),
    }  # fmt: skip
    return render(request, "admission/sheets.html", context)


def _posted(request: MemberRequest, sheet: Sheet) -> tuple[dict[str, Typed], dict[str, Upload]]:
    """Return what was typed, and the files that were brought. Raises Invalid beside the question of a bad file."""
    typed: dict[str, Typed] = {}
    files: dict[str, Upload] = {}
    for question in sheet.version_asked.questions:
        name = f"a-{question.code}"
        if question.kind == FILE:
            upload: Any = request.FILES.get(name)
            if upload is not None:
                try:
                    files[question.code] = read_upload(upload), upload.name or ""
                except Invalid as refusal:
                    refusal.fields = {question.code: refusal.message}
                    raise
        elif question.kind == SEVERAL:
            typed[question.code] = [text.replace("\0", "")[:60] for text in request.POST.getlist(name)[:40]]
        else:
            typed[question.code] = request.POST.get(name, "").replace("\0", "")[: 2 * LONGEST]
    return typed, files


@signed_in
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show a sheet: to fill, for the firm; to read, once it is handed in."""
    sheet, member, at = sheet_of(request, reference), request.member, now()
    asked = sheet.version_asked.questionnaire
    fills = asked.state == "open" and any(row.action == "keep" for row in SHEET.possible(sheet, member))
    errors: dict[str, str] = {}
    typed: dict[str, Typed] = dict(sheet.typed)
    if request.method == "POST":
        SHEET.step("keep", sheet, member)
        try:
            said, files = _posted(request, sheet)
            typed |= said
            if request.POST.get("do") == "keep":
                keep_sheet(as_seen(sheet, request), said, files, by=member, at=at)
                messages.success(request, _("已暂存，随时可以接着填。"))
                return redirect("admission:sheet", reference)
            hand_in_sheet(as_seen(sheet, request), said, files, by=member, at=at)
        except Invalid as refusal:
            errors = refusal.fields or {"": refusal.message}
        else:
            messages.success(request, _("已提交，谢谢。"))
            return redirect("admission:sheet", reference)
    elif member.organisation_id != sheet.firm_id and sheet.state == "handed_in":
        looked_at("sheet.read", sheet, by=member, at=at)
    own = member.organisation_id == sheet.firm_id
    questions = sheet.version_asked.questions
    answers = typed if own or sheet.state == "handed_in" else {}
    references = [str(answers[one.code]) for one in questions if one.kind == FILE and answers.get(one.code)]
    context = {
        "sheet": sheet, "one": asked, "state": SHEET.states[sheet.state], "own": own,
        "subject": SUBJECTS[asked.subject], "fills": fills, "errors": errors,
        "questions": [(one, answers.get(one.code, ""), shown_answer(one, answers.get(one.code))) for one in questions],
        "files": {file.reference: file for file in File.objects.filter(reference__in=references)},
        "progress": progress_of(sheet), "seen": request.POST.get("version", str(sheet.version))[:10],
        "acts": [row for row in SHEET.possible(sheet, member) if row.action == "recall"],
    }  # fmt: skip
    return render(request, "admission/sheet.html", context, status=422 if errors else 200)


@require_POST
@needs(VIEW)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Recall a sheet that nobody has answered."""
    sheet = sheet_of(request, reference)
    if action != "recall":
        raise Unknown(_("没有这项操作。"))
    recall_sheet(as_seen(sheet, request), reason=reason_in(request), by=request.member, at=now())
    messages.success(request, _("已撤回，企业不用再填。"))
    return redirect("admission:sheet", reference)
