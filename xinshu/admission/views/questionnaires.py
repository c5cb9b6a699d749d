"""问卷: the list, one questionnaire with versions and sheets, the editor of drafts, sending, the answers as Excel."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.questionnaires import (
    activate_version,
    close_questionnaire,
    discard_version,
    edit_version,
    reopen_questionnaire,
    write_next,
    write_questionnaire,
)
from xinshu.admission.actions.sheets import progress_of, send_questionnaire
from xinshu.admission.lifecycle import EDIT, EXPORT, QUESTIONNAIRE, SHEET, VERSION, VIEW
from xinshu.admission.models import FIRM, SUBJECTS, Carry, Questionnaire, QuestionnaireVersion, Sheet, Tag
from xinshu.admission.questions import FILE, KINDS, Question, Typed
from xinshu.admission.views.doors import customer_in, day_typed, house_of, questionnaire_of, version_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen, reason_in
from xinshu.web.words import moment

PER_PAGE = 50
SPLIT = re.compile(r"[、，,;；\n]+")
BLANK = {"code": "", "text": "", "kind": "single", "choices": "", "unit": "", "required": ""}
Row = dict[str, str]


@needs(VIEW)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the house's questionnaires."""
    member = house_of(request)
    rows = Questionnaire.objects.visible_to(member).order_by("name").prefetch_related("versions")
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(name__icontains=text)
    if subject := request.GET.get("subject", "").replace("\0", "")[:8]:
        rows = rows.filter(subject=subject)
    rows = rows.annotate(
        waiting=Count("versions__sheets", filter=Q(versions__sheets__state="open"), distinct=True),
        answered=Count("versions__sheets", filter=Q(versions__sheets__state="handed_in"), distinct=True),
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [
            (
                one,
                next((version for version in one.versions.all() if version.state == "active"), None),
                next((version for version in one.versions.all() if version.state == "draft"), None),
            )
            for one in page
        ],
        "subjects": list(SUBJECTS.items()), "words": SUBJECTS, "state_of": QUESTIONNAIRE.states,
        "writes": member.can(EDIT),
    }  # fmt: skip
    return render(request, "admission/questionnaires.html", context)


# the editor


def _rows(post: QueryDict) -> list[Row]:
    said = post.get("rows", "")
    many = min(int(said), 80) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
    return [{name: post.get(f"k{n}-{name}", "")[:1_000].strip() for name in BLANK} for n in range(many)]


def _questions(rows: list[Row]) -> list[Question]:
    return [
        Question(
            row["code"][:8], row["text"], row["kind"],
            tuple(choice.strip() for choice in SPLIT.split(row["choices"]) if choice.strip())
            if row["kind"] in ("single", "several") else (),
            row["unit"][:10], bool(row["required"]),
        )
        for row in rows
        if row["text"]
    ]  # fmt: skip


def _rows_of(version: QuestionnaireVersion) -> list[Row]:
    return [
        {
            "code": one.code, "text": one.text, "kind": one.kind, "choices": "、".join(one.choices), "unit": one.unit,
            "required": "on" if one.required else "",
        }
        for one in version.questions
    ]  # fmt: skip


def _editor(
    request: MemberRequest, rows: list[Row], errors: dict[str, str], *, typed: dict[str, str] | None = None,
    one: Questionnaire | None = None, version: QuestionnaireVersion | None = None,
) -> HttpResponse:  # fmt: skip
    seen = version or one
    context = {
        "rows": rows or [dict(BLANK)], "errors": errors, "typed": typed, "one": one, "draft": version,
        "kinds": list(KINDS.items()), "subjects": list(SUBJECTS.items()),
        "seen": request.POST.get("version", str(seen.version))[:10] if seen else "",
    }  # fmt: skip
    return render(request, "admission/questionnaire_edit.html", context, status=422 if errors else 200)


def _wrong(refusal: Invalid) -> dict[str, str]:
    return refusal.fields or {"questions": refusal.message}


@needs(EDIT)
def new(request: MemberRequest) -> HttpResponse:
    """Write a questionnaire."""
    member = house_of(request)
    typed = {name: request.POST.get(name, "")[:60] for name in ("name", "subject")}
    rows = _rows(request.POST)
    if request.method != "POST":
        return _editor(request, [dict(BLANK)], {}, typed={"name": "", "subject": FIRM})
    if request.POST.get("more"):
        return _editor(request, [*rows, dict(BLANK)], {}, typed=typed)
    try:
        version = write_questionnaire(typed["name"], typed["subject"], _questions(rows), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, rows, _wrong(refusal), typed=typed)
    messages.success(request, _("草稿已保存，请由另一人启用。"))
    return redirect("admission:questionnaire", version.questionnaire.reference)


@needs(EDIT)
def draft_next(request: MemberRequest, reference: str) -> HttpResponse:
    """Write the next version, beginning with what the present one asks."""
    one, member = questionnaire_of(request, reference), house_of(request)
    QUESTIONNAIRE.step("draft", one, member)
    if request.method != "POST":
        newest = one.versions.exclude(state="discarded").order_by("-number", "-pk").first()
        return _editor(request, _rows_of(newest) if newest else [], {}, one=one)
    rows = _rows(request.POST)
    if request.POST.get("more"):
        return _editor(request, [*rows, dict(BLANK)], {}, one=one)
    try:
        write_next(as_seen(one, request), _questions(rows), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, rows, _wrong(refusal), one=one)
    messages.success(request, _("草稿已保存，请由另一人启用。"))
    return redirect("admission:questionnaire", reference)


@needs(EDIT)
def edit(request: MemberRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    version, member = version_of(request, reference), house_of(request)
    VERSION.step("edit", version, member)
    one = version.questionnaire
    if request.method != "POST":
        return _editor(request, _rows_of(version), {}, one=one, version=version)
    rows = _rows(request.POST)
    if request.POST.get("more"):
        return _editor(request, [*rows, dict(BLANK)], {}, one=one, version=version)
    try:
        edit_version(as_seen(version, request), _questions(rows), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, rows, _wrong(refusal), one=one, version=version)
    messages.success(request, _("草稿已保存，请由另一人启用。"))
    return redirect("admission:questionnaire", one.reference)


# one questionnaire


def _sheets(request: MemberRequest, one: Questionnaire) -> QuerySet[Sheet]:
    rows = Sheet.objects.filter(version_asked__questionnaire=one).select_related("firm", "version_asked")
    if state := request.GET.get("state", "").replace("\0", "")[:12]:
        rows = rows.filter(state=state)
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(Q(firm__name__icontains=text) | Q(about__icontains=text))
    return rows.order_by("-asked_at", "-pk")


def _page(request: MemberRequest, one: Questionnaire, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    member = house_of(request)
    versions = list(one.versions.order_by("-number", "-pk"))
    present = next((version for version in versions if version.state == "active"), None)
    draft = next((version for version in versions if version.state == "draft"), None)
    page = Paginator(_sheets(request, one), PER_PAGE).get_page(request.GET.get("page"))
    possible = {row.action for row in QUESTIONNAIRE.possible(one, member)}
    context = {
        "one": one, "state": QUESTIONNAIRE.states[one.state], "subject": SUBJECTS[one.subject],
        "present": present, "draft": draft, "kinds": KINDS,
        "versions": [(version, VERSION.states[version.state]) for version in versions],
        "draft_acts": [row for row in VERSION.possible(draft, member) if row.action != "edit"] if draft else [],
        "draft_editable": draft is not None and member.can(EDIT),
        "author": draft is not None and member.user_id in draft.authors,
        "acts": [row for row in QUESTIONNAIRE.possible(one, member) if row.action in ("close", "reopen")],
        "drafts": "draft" in possible and draft is None,
        "sends": "send" in possible and present is not None and one.subject == FIRM,
        "tags": Tag.objects.visible_to(member).filter(state="on").order_by("name"),
        "page": page, "rows": [(sheet, SHEET.states[sheet.state], progress_of(sheet)) for sheet in page],
        "states": [(state.code, state.label) for state in SHEET.states.values()],
        "typed": typed, "errors": errors, "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "admission/questionnaire.html", context, status=422 if errors else 200)


@needs(VIEW)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show a questionnaire: what it asks, its versions, to whom it went, what came back."""
    return _page(request, questionnaire_of(request, reference), {}, {})


@needs(EDIT)
def send(request: MemberRequest, reference: str) -> HttpResponse:
    """Send it to customers: named ones, or all who carry a tag."""
    one, member = questionnaire_of(request, reference), house_of(request)
    if request.method != "POST":
        return redirect("admission:questionnaire", reference)
    typed = {name: request.POST.get(name, "")[:4_000] for name in ("firms", "tag", "due_on")}
    try:
        firms = _firms(typed, member.organisation)
        sent = send_questionnaire(
            as_seen(one, request), firms, due_on=day_typed(typed["due_on"], "due_on"), by=member, at=now()
        )
    except Invalid as refusal:
        named = {"firms": refusal.fields.pop("firm")} if "firm" in refusal.fields else {}
        return _page(request, one, typed, {**refusal.fields, **named} or {"firms": refusal.message})
    messages.success(request, _("已发给 %(n)d 家企业，它们会收到通知。") % {"n": len(sent)})
    return redirect("admission:questionnaire", reference)


def _firms(typed: dict[str, str], house: Organisation) -> list[Organisation]:
    """Return the customers that were named, and those who carry the tag. Raises Invalid for a name that is none's."""
    found: dict[int, Organisation] = {}
    for text in SPLIT.split(typed["firms"]):
        if text.strip():
            firm = customer_in(text, house)
            found[firm.pk] = firm
    if typed["tag"]:
        carried = Carry.objects.filter(tag__house=house, tag__reference=typed["tag"][:16], until=None)
        found |= {one.pk: one for one in Organisation.objects.filter(pk__in=carried.values("firm"))}
    return list(found.values())


@require_POST
@needs(VIEW)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Close or reopen a questionnaire."""
    one, by, at = questionnaire_of(request, reference), house_of(request), now()
    if action == "close":
        close_questionnaire(as_seen(one, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已停用，已有的答案不变。"))
    elif action == "reopen":
        reopen_questionnaire(as_seen(one, request), by=by, at=at)
        messages.success(request, _("已重新启用。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("admission:questionnaire", reference)


@require_POST
@needs(VIEW)
def act_on_version(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Activate or discard a draft."""
    version, by, at = version_of(request, reference), house_of(request), now()
    if action == "activate":
        activate_version(as_seen(version, request), by=by, at=at)
        messages.success(request, _("已启用，之后发出的问卷用这一版。"))
    elif action == "discard":
        discard_version(as_seen(version, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("草稿已作废，现行版本不变。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("admission:questionnaire", version.questionnaire.reference)


# answers


def shown_answer(question: Question, typed: Typed | None) -> str:
    """Return an answer as a page shows it; "" where there is none. A file is shown by its own link."""
    if not typed:
        return ""
    if question.kind == FILE:
        return _("已上传")
    text = "、".join(typed) if isinstance(typed, list) else typed
    return f"{text}{question.unit or (_(' 元') if question.kind == 'amount' else '')}"


def _lines(sheets: Iterable[Sheet]) -> Iterator[dict[str, Any]]:
    for sheet in sheets:
        for question in sheet.version_asked.questions:
            yield {"sheet": sheet, "question": question}


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row["sheet"].firm.name),
    Column(lazy("对象"), 20, "admission.Sheet.about", lambda row: row["sheet"].about),
    Column(
        lazy("版本"), 8, "admission.QuestionnaireVersion.number", lambda row: row["sheet"].version_asked.number or ""
    ),
    Column(lazy("提交"), 18, "admission.Given.on", lambda row: moment(row["sheet"].handed_in_at, now())),
    Column(lazy("题目"), 40, "admission.QuestionnaireVersion.content", lambda row: row["question"].text),
    Column(
        lazy("答案"), 40, "admission.Sheet.typed",
        lambda row: shown_answer(row["question"], row["sheet"].typed.get(row["question"].code)),
    ),
)  # fmt: skip


@needs(EXPORT)
def export(request: MemberRequest, reference: str) -> FileResponse:
    """Download the answers that were handed in, a line each. It is recorded."""
    one, member = questionnaire_of(request, reference), house_of(request)
    found = _sheets(request, one).filter(state="handed_in")
    sheet = export_sheet(
        _("问卷答案"), COLUMNS, _lines(found), kind="questionnaire.exported", subject=one, by=member, at=now()
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("问卷答案.xlsx"))
