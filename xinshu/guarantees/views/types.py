"""The back office's pages of types (保函类型): list, one version with its sample letters and trial, writing, acts."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.extras import SORTS
from xinshu.guarantees.kinds import BASES, DEPOSITS, KINDS, PERIODS, SIDES, STAGES, Kind
from xinshu.guarantees.law.legal import RULES
from xinshu.guarantees.models import Tariff, Wording
from xinshu.guarantees.types.actions import (
    activate_type,
    discard_type,
    draft_type,
    edit_type,
    letter_of,
    retire_type,
    try_type,
)
from xinshu.guarantees.types.forms import TypeForm, initial_of
from xinshu.guarantees.types.lifecycle import LIFECYCLE
from xinshu.guarantees.types.models import TypeVersion
from xinshu.guarantees.types.reading import bring_up_to_date
from xinshu.guarantees.types.sample import FORMS, letters
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.kinds import name_of
from xinshu.ledger.queries import history_of
from xinshu.web.posted import as_seen

RIGHT = "types.manage"


@needs(RIGHT)
def types_page(request: HttpRequest) -> HttpResponse:
    """List the types as they are offered, each with the versions that were written here."""
    written: dict[str, list[TypeVersion]] = {}
    for version in TypeVersion.objects.order_by("-number"):
        written.setdefault(version.code, []).append(version)
    codes = [*KINDS, *(code for code in written if code not in KINDS)]
    rows = [{"code": code, "kind": KINDS.get(code), "versions": _standing(written.get(code, []))} for code in codes]
    return render(
        request, "guarantees/types.html",
        {"rows": rows, "bases": BASES, "sides": SIDES, "states": LIFECYCLE.states},
    )  # fmt: skip


def _standing(versions: list[TypeVersion]) -> list[tuple[TypeVersion, Any]]:
    return [(version, LIFECYCLE.states[version.state]) for version in versions]


@needs(RIGHT)
def export(request: HttpRequest) -> FileResponse:
    """Download the types in use as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    sheet = export_sheet(
        _("保函类型"), COLUMNS, list(KINDS.values()), kind="types.exported", subject=member.organisation, by=member,
        at=at, query="",
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保函类型.xlsx"))


COLUMNS = (
    Column(lazy("代码"), 14, "guarantees.TypeVersion.code", lambda kind: kind.code),
    Column(lazy("名称"), 20, "guarantees.TypeVersion.code", lambda kind: str(kind.label)),
    Column(lazy("版本"), 8, "guarantees.TypeVersion.number", lambda kind: kind.number),
    Column(lazy("编号前缀"), 10, "guarantees.TypeVersion.code", lambda kind: kind.prefix),
    Column(lazy("申请人"), 26, "guarantees.TypeVersion.definition", lambda kind: str(SIDES[kind.applicant])),
    Column(lazy("受益人"), 26, "guarantees.TypeVersion.definition", lambda kind: str(SIDES[kind.beneficiary])),
    Column(lazy("金额基数"), 16, "guarantees.TypeVersion.definition", lambda kind: str(kind.base_label)),
    Column(lazy("阶段"), 32, "guarantees.TypeVersion.definition", lambda kind: str(STAGES[kind.stage])),
    Column(lazy("停办"), 8, "guarantees.TypeVersion.definition", lambda kind: _("是") if kind.retired else ""),
)


@needs(RIGHT)
def new(request: HttpRequest) -> HttpResponse:
    """Write a new type, or with ?from=CODE the next version of one that there is."""
    present = KINDS.get(request.GET.get("from", ""))
    form = TypeForm(request.POST or None, initial=initial_of(present) if present else {}, fixed=present is not None)
    if request.method == "POST" and form.is_valid():
        try:
            version = draft_type(form.kind(), by=member_of(request), at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存。"))
            return redirect("guarantees:type", version.reference)
    return render(request, "guarantees/type_edit.html", {"form": form, "present": present}, status=form.status)


@needs(RIGHT)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    member, version = member_of(request), _version(reference)
    LIFECYCLE.step("edit", version, member)
    form = TypeForm(request.POST or None, initial=initial_of(version.kind), fixed=True)
    if request.method == "POST" and form.is_valid():
        try:
            edit_type(as_seen(version, request), form.kind(), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，请重新试用。"))
            return redirect("guarantees:type", reference)
    context = {"form": form, "version": version, "seen": request.POST.get("version", version.version)}
    return render(request, "guarantees/type_edit.html", context, status=form.status)


@needs(RIGHT)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version: what it says, its sample letters with what the linter found, its trial, what may be done."""
    version, member = _version(reference), member_of(request)
    kind = version.kind
    history = [
        {
            "title": name_of(entry.kind),
            "by": entry.actor_label,
            "moment": entry.at,
            "text": entry.data.get("reason", ""),
        }
        for entry in history_of(version).order_by("-pk")
    ]
    return render(
        request,
        "guarantees/type.html",
        {
            "version": version,
            "kind": kind,
            "state": LIFECYCLE.states[version.state],
            "told": _told(kind),
            "letters": letters(kind, local_day(now())),
            "sorts": SORTS,
            "priced": Tariff.objects.filter(kind=version.code).values("guarantor").distinct().count(),
            "worded": Wording.objects.filter(kind=version.code, state="active", guarantor__isnull=False).count(),
            "rules": [RULES[name].source for name in kind.rules],
            "acts": [row for row in LIFECYCLE.possible(version, member) if row.action != "edit"],
            "editable": any(row.action == "edit" for row in LIFECYCLE.possible(version, member)),
            "author": member.user_id in version.authors,
            "history": history,
        },
    )


def _told(kind: Kind) -> dict[str, Any]:
    return {
        "applicant": SIDES[kind.applicant],
        "beneficiary": SIDES[kind.beneficiary],
        "base": kind.base_label,
        "stage": STAGES[kind.stage],
        "period": PERIODS[kind.period],
        "deposit": DEPOSITS[kind.deposit],
        "share": initial_of(kind)["usual_share"],
    }


@needs(RIGHT)
def preview(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    """Show the sample letter as the PDF that it would be."""
    version = _version(reference)
    if form not in FORMS:
        raise Unknown(_("没有这种函件。"))
    answer = HttpResponse(letter_of(version.kind, form, now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{version.code}-V{version.number}-{form}.pdf"'
    return answer


Act = Callable[[TypeVersion, Member, HttpRequest], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "try": (lambda case, by, request: try_type(case, by=by, at=now()), lazy("试用通过，请由另一人启用。")),
    "activate": (
        lambda case, by, request: activate_type(case, by=by, at=now()),
        lazy("已启用，新申请按这个版本办理。"),
    ),
    "discard": (lambda case, by, request: discard_type(case, by=by, at=now()), lazy("草稿已作废。")),
    "retire": (
        lambda case, by, request: retire_type(case, by=by, at=now(), reason=request.POST.get("reason", "")),
        lazy("已停办，已出具的保函不受影响。"),
    ),
}


@require_POST
@needs(RIGHT)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    version = _version(reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(version, request), member_of(request), request)
    bring_up_to_date()
    messages.success(request, str(done))
    return redirect("guarantees:type", reference)


def _version(reference: str) -> TypeVersion:
    found = TypeVersion.objects.filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这个类型版本。"), advice=_("请从保函类型列表进入。"))
    return found
