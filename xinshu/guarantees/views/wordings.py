"""Houses' own letters (保函文本): list, editor with live preview, one version with what the linter says, its acts."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.documents.letters import render as render_letter
from xinshu.documents.templates import active_version
from xinshu.guarantees.kinds import KINDS, choices
from xinshu.guarantees.letters.library import LIBRARY
from xinshu.guarantees.letters.linting import LEVELS, errors, warnings
from xinshu.guarantees.letters.texts import Text, form_of, places_of, standard
from xinshu.guarantees.models import Wording
from xinshu.guarantees.types.sample import FORMS, draft_values, sample_terms
from xinshu.guarantees.wordings.actions import (
    activate_wording,
    check_wording,
    discard_wording,
    draft_wording,
    edit_wording,
    retire_wording,
)
from xinshu.guarantees.wordings.forms import WordingForm, initial_of, text_of
from xinshu.guarantees.wordings.lifecycle import LIFECYCLE
from xinshu.guarantees.wordings.preview import cases_of, changes_between, preview_for
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.kinds import name_of
from xinshu.ledger.queries import history_of
from xinshu.web.posted import as_seen

READ = needs("wordings.view", "types.manage")
WRITE = needs("wordings.edit", "types.manage")


@READ
def show_all(request: HttpRequest) -> HttpResponse:
    """List type by type what is in use, what is being written, and what the house could begin with."""
    member = member_of(request)
    platform = _is_platform(member)
    context = {"rows": _rows(member), "writes": platform or member.can("wordings.edit"), "own": not platform}
    return render(request, "guarantees/wordings.html", context)


def _is_platform(member: Member) -> bool:
    """Tell whose texts are at issue. Raises NotPermitted for who issues no letters."""
    kind = member.organisation.kind
    if kind not in (*Organisation.ISSUERS, Organisation.Kind.OPERATOR):
        raise NotPermitted(_("只有出具保函的机构有保函文本。"))
    return kind == Organisation.Kind.OPERATOR


def _rows(member: Member) -> list[dict[str, Any]]:
    platform = _is_platform(member)
    forms = list(FORMS) if platform else [form_of(member.organisation.kind)]
    found: dict[tuple[str, str], list[Wording]] = {}
    for wording in Wording.objects.visible_to(member).filter(form__in=forms).order_by("-number"):
        found.setdefault((wording.kind, wording.form), []).append(wording)
    codes = list(dict.fromkeys([*(code for code, _label in choices()), *(kind for kind, _form in found)]))
    rows = []
    for code in codes:
        for form in forms:
            mine = [one for one in found.get((code, form), []) if platform or one.guarantor_id is not None]
            shared = [one for one in found.get((code, form), []) if not platform and one.guarantor_id is None]
            used = next((one for one in (*mine, *shared) if one.state == "active"), None)
            rows.append(
                {
                    "code": code, "label": str(KINDS[code].label) if code in KINDS else code, "form": form,
                    "form_label": str(FORMS[form][2]), "retired": code not in KINDS or KINDS[code].retired,
                    "used": used, "versions": [(one, LIFECYCLE.states[one.state]) for one in mine],
                    "writing": any(one.state in ("draft", "checked") for one in mine),
                }
            )  # fmt: skip
    return rows


@READ
def export(request: HttpRequest) -> FileResponse:
    """Download every version that the member may see as Excel. Who took what out is recorded."""
    member = member_of(request)
    _is_platform(member)
    rows = (
        Wording.objects.visible_to(member).select_related("guarantor").order_by("kind", "form", "guarantor", "number")
    )
    sheet = export_sheet(
        _("保函文本"),
        COLUMNS,
        rows,
        kind="wordings.exported",
        subject=member.organisation,
        by=member,
        at=now(),
        query="",
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保函文本.xlsx"))


COLUMNS = (
    Column(lazy("类型"), 18, "guarantees.Wording.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("出具机构"), 24, "guarantees.Wording.form", lambda row: str(FORMS[row.form][2])),
    Column(
        lazy("归属"), 28, "accounts.Organisation.name", lambda row: row.guarantor.name if row.guarantor else _("平台")
    ),
    Column(lazy("版本"), 8, "guarantees.Wording.number", lambda row: row.number),
    Column(lazy("状态"), 10, "guarantees.Wording.state", lambda row: LIFECYCLE.states[row.state].label),
    Column(lazy("正文"), 80, "guarantees.Wording.paragraphs", lambda row: "\n".join(row.paragraphs)),
    Column(lazy("索赔单据"), 40, "guarantees.Wording.documents", lambda row: "\n".join(row.documents)),
    Column(lazy("说明"), 30, "guarantees.Wording.answer", lambda row: row.answer),
)


@WRITE
def new(request: HttpRequest) -> HttpResponse:
    """Write the next version for ?kind=, beginning with what is in use: own, the platform's, or the standard text."""
    member = member_of(request)
    kind, form = _asked(request, member)
    text = _begin_with(member, kind, form)
    editor = _editor(request, member, kind, text)
    if request.method == "POST" and editor.is_valid():
        try:
            wording = draft_wording(kind, form, editor.text(), by=member, at=now())
        except Invalid as refusal:
            editor.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，检查通过后由另一人启用。"))
            return redirect("guarantees:wording", wording.reference)
    return _edit_page(request, editor, kind, form, text)


def _asked(request: HttpRequest, member: Member) -> tuple[str, str]:
    platform = _is_platform(member)
    kind = request.GET.get("kind", "")
    form = request.GET.get("form", "accessory") if platform else form_of(member.organisation.kind)
    if kind not in KINDS or KINDS[kind].retired or form not in FORMS:
        raise Unknown(_("没有这种保函，或已停办。"), advice=_("请从保函文本列表选择类型。"))
    return kind, form


def _begin_with(member: Member, kind: str, form: str) -> Text:
    used = Wording.objects.visible_to(member).filter(kind=kind, form=form, state="active")
    own = used.exclude(guarantor=None).first() or used.first()
    return own.text if own is not None else standard(KINDS[kind], FORMS[form][0])


def _editor(request: HttpRequest, member: Member, kind: str, text: Text) -> WordingForm:
    return WordingForm(request.POST or None, initial=initial_of(text), cases=_choices(member, kind, now()))


def _choices(member: Member, kind: str, at: datetime) -> list[tuple[str, str]]:
    return [(case.reference, f"{case} {case.applicant.name}") for case in cases_of(member, kind, at)]


def _edit_page(
    request: HttpRequest, editor: WordingForm, kind: str, form: str, text: Text, wording: Wording | None = None
) -> HttpResponse:
    member = member_of(request)
    shown = _typed(request) if editor.is_bound else text
    issuer = FORMS[form][0]
    return render(
        request,
        "guarantees/wording_edit.html",
        {
            "form": editor,
            "kind": KINDS[kind],
            "code": kind,
            "shape": form,
            "shape_label": FORMS[form][2],
            "wording": wording,
            "seen": request.POST.get("version", wording.version if wording else ""),
            "places": places_of(KINDS[kind]),
            "library": [*standard(KINDS[kind], issuer).paragraphs, *_library(kind)],
            "preview": preview_for(member, kind, form, shown, request.POST.get("case", ""), now()),
            "levels": LEVELS,
        },
        status=editor.status,
    )


def _library(kind: str) -> list[str]:
    there = (KINDS[kind].events, *KINDS[kind].more)
    return [text for slot in ("events", "more") for text in LIBRARY[slot].values() if text not in there]


def _typed(request: HttpRequest) -> Text:
    return text_of(request.POST.get("paragraphs", "")[:40_000], request.POST.get("documents", "")[:8_000])


@require_POST
@WRITE
def preview(request: HttpRequest) -> HttpResponse:
    """Return what is being typed as it would read, with what the linter says: a fragment, keeps nothing."""
    member = member_of(request)
    kind, form = _asked(request, member)
    told = preview_for(member, kind, form, _typed(request), request.POST.get("case", ""), now())
    return render(request, "guarantees/_wording_preview.html", {"preview": told, "levels": LEVELS})


@WRITE
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    member, wording = member_of(request), _wording(request, reference)
    LIFECYCLE.step("edit", wording, member)
    editor = _editor(request, member, wording.kind, wording.text)
    if request.method == "POST" and editor.is_valid():
        try:
            edit_wording(as_seen(wording, request), editor.text(), by=member, at=now())
        except Invalid as refusal:
            editor.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，请重新检查。"))
            return redirect("guarantees:wording", reference)
    return _edit_page(request, editor, wording.kind, wording.form, wording.text, wording)


@READ
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version: how it reads, what the linter says, what it changes, what may be done with it."""
    wording, member, at = _wording(request, reference), member_of(request), now()
    told = preview_for(member, wording.kind, wording.form, wording.text, request.GET.get("case", ""), at)
    possible = LIFECYCLE.possible(wording, member)
    writing = wording.state in ("draft", "checked")
    return render(
        request,
        "guarantees/wording.html",
        {
            "wording": wording,
            "kind": KINDS[wording.kind],
            "form_label": FORMS[wording.form][2],
            "state": LIFECYCLE.states[wording.state],
            "preview": told,
            "levels": LEVELS,
            "cases": _choices(member, wording.kind, at),
            "acts": [row for row in possible if row.action not in ("edit", "check_wording")],
            "editable": any(row.action == "edit" for row in possible),
            "checks": any(row.action == "check_wording" for row in possible) and not errors(told.remarks),
            "warned": {remark.rule: remark for remark in warnings(told.remarks)}.values(),
            "author": member.user_id in wording.authors,
            "changes": changes_between(_in_use(wording), wording.text) if writing else [],
            "writing": writing,
            "issued": wording.guarantees.filter(guarantor=member.organisation_id).count(),
            "history": [
                {"title": name_of(entry.kind), "by": entry.actor_label, "moment": entry.at,
                 "text": entry.data.get("reason", "") or entry.data.get("answer", "")}
                for entry in history_of(wording).order_by("-pk")
            ],
        },
    )  # fmt: skip


def _in_use(wording: Wording) -> Text:
    """Return what new letters are filled from as long as `wording` is not activated."""
    same = Wording.objects.filter(kind=wording.kind, form=wording.form, state="active")
    own = same.filter(guarantor=wording.guarantor_id).first() or same.filter(guarantor=None).first()
    return own.text if own is not None else standard(KINDS[wording.kind], FORMS[wording.form][0])


@READ
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the sample letter of this version as the PDF that it would be."""
    wording, on = _wording(request, reference), local_day(now())
    kind = KINDS[wording.kind]
    terms = replace(sample_terms(kind, wording.form, on), text=wording.text)
    layout = active_version(f"{kind.template}_{wording.form}", wording.guarantor)
    content = render_letter(layout, draft_values(terms, on))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{wording.kind}-V{wording.number}.pdf"'
    return answer


Act = Callable[[Wording, Member, HttpRequest, datetime], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "check_wording": (
        lambda case, by, request, at: check_wording(
            case, accepted=request.POST.getlist("accepted"), answer=request.POST.get("answer", ""), by=by, at=at
        ),
        lazy("检查通过，请由另一人启用。"),
    ),
    "activate_wording": (
        lambda case, by, request, at: activate_wording(case, by=by, at=at),
        lazy("已启用，新签发的保函用这个版本。"),
    ),
    "discard_wording": (lambda case, by, request, at: discard_wording(case, by=by, at=at), lazy("草稿已作废。")),
    "retire_wording": (
        lambda case, by, request, at: retire_wording(case, by=by, at=at, reason=request.POST.get("reason", "")),
        lazy("已停用，新签发的保函改用平台文本。"),
    ),
}


@require_POST
@READ
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    wording = _wording(request, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(wording, request), member_of(request), request, now())
    messages.success(request, str(done))
    return redirect("guarantees:wording", reference)


def _wording(request: HttpRequest, reference: str) -> Wording:
    found = (
        Wording.objects.visible_to(member_of(request)).filter(reference=reference).select_related("guarantor").first()
    )
    if found is None:
        raise Unknown(_("没有找到这份文本。"), advice=_("它可能属于其他机构，请从保函文本列表进入。"))
    return found
