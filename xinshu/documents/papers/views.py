"""材料识别: bring files, see how far they are, confirm them beside their picture, explain contradictions; 识别准确率."""

# ruff: noqa: E501  (a table is read across)

import io
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.lifecycle import BRING, ENTER, READING
from xinshu.documents.models import Reading, ReadValue, random_batch
from xinshu.documents.papers.actions import MOST, bring, confirm, offer, reject, retry, say_kind, settle, withdraw
from xinshu.documents.papers.queries import (
    TARGET,
    Conflict,
    accuracy,
    conflicts_of,
    page_of,
    reading_for,
    readings_of,
    rows_of,
    waits_for,
)
from xinshu.documents.papers.uploading import piecewise, take_in, told
from xinshu.documents.reading.kinds import KINDS
from xinshu.documents.views import whole_bytes
from xinshu.documents.visibility import is_visible
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen, reason_in

VIEW = "readings.view"
PAGE = 20
SPAN = timedelta(days=180)  # over which accuracy is shown


@needs(ENTER, BRING)
def show_list(request: HttpRequest) -> HttpResponse:
    """List the papers with their progress; take in what is uploaded, file by file."""
    member = member_of(request)
    refused: list[Invalid] = []
    if request.method == "POST":
        refused = take_in(request, lambda content, name, batch: bring(content, name, batch, by=member, at=now()))
        if piecewise(request):
            return told(refused)
        if not refused:
            return redirect("documents:readings")
    context = {
        **listed(request, member),
        "conflicts": conflicts_of(member.organisation) if member.can(ENTER) else [],
        "refused": refused,
        "may_view": member.can(VIEW),
        "enters": member.can(ENTER),
    }
    return render(request, "documents/readings.html", context, status=422 if refused else 200)


def listed(request: HttpRequest, member: Member, owner: Organisation | None = None) -> dict[str, Any]:
    """Return what the list and the form above it are drawn from; with an `owner`, of that customer's papers only."""
    view = request.GET.get("view", "")
    rows = {name: readings_of(member, name) for name in ("", "todo", "confirmed")}
    running = Reading.objects.visible_to(member).filter(state__in=("queued", "reading"))
    if owner is not None:
        rows = {name: found.filter(owner=owner) for name, found in rows.items()}
        running = running.filter(owner=owner)
    view = view if view in rows else ""
    return {
        "page": Paginator(rows[view], PAGE).get_page(request.GET.get("page")),
        "view": view,
        "counts": {name: found.count() for name, found in rows.items()},
        "running": running.exists(),
        "states": READING.states,
        "kinds": KINDS,
        "most": MOST,
        "batch": random_batch(),
        "person": (owner or member.organisation).kind == Organisation.Kind.PERSON,
    }


@needs(ENTER, BRING)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One paper: its pages with the fields beside them."""
    member = member_of(request)
    return _page(request, member, reading_for(member, reference))


def _page(
    request: HttpRequest, member: Member, reading: Reading, refusal: Invalid | None = None, reason: str = ""
) -> HttpResponse:
    typed, ticked = _typed(request) if refusal is not None else ({}, frozenset[str]())
    errors = {code: str(words) for code, words in refusal.fields.items()} if refusal is not None else {}
    rows = rows_of(reading, typed, errors, ticked)
    pages = list(reading.pages.defer("lines", "found").order_by("number"))
    heads = [row for row in rows if "|" not in row.code]
    cells = [row for row in rows if "|" in row.code]
    to_confirm = Reading.objects.visible_to(member).filter(waits_for(member), state__in=("read", "offered"))
    context = {
        "reading": reading,
        "state": READING.states[reading.state],
        "acts": {row.action: row for row in READING.possible(reading, member)},
        "pages": pages,
        "boxes": {page.number: [row for row in rows if row.box and row.page == page.number] for page in pages},
        "heads": heads,
        "look": [row for row in cells if row.look or row.corrected],
        "cells": [row for row in cells if not (row.look or row.corrected)],
        "unsure": sum(row.look for row in rows),
        "kind": KINDS.get(reading.kind),
        "kinds": KINDS,
        "refusal": refusal,
        "reason": reason,
        "conflicts": _conflicts(reading, member),
        "original": is_visible(reading.file, member, now()),
        "earlier": to_confirm.filter(pk__gt=reading.pk).order_by("pk").first()
        or to_confirm.filter(pk__lt=reading.pk).order_by("-pk").first(),
        "mine": reading.owner_id == member.organisation_id,
    }  # fmt: skip
    return render(request, "documents/reading.html", context, status=422 if refusal is not None else 200)


def _conflicts(reading: Reading, member: Member) -> list[Conflict]:
    """Return what speaks against this paper: an account manager is told only of papers that exist for them, too."""
    here = [one for one in conflicts_of(reading.owner) if reading.pk in one.papers]
    if reading.owner_id == member.organisation_id or not here:
        return here
    known = set(Reading.objects.visible_to(member).filter(owner=reading.owner_id).values_list("pk", flat=True))
    return [one for one in here if one.papers <= known]


def _typed(request: HttpRequest) -> tuple[dict[str, str], frozenset[str]]:
    """Return what was typed by field, and the fields that were ticked as looked at."""
    typed = {
        name[2:]: value for name, value in request.POST.items() if name.startswith("v-") and isinstance(value, str)
    }
    return typed, frozenset(name[3:] for name in request.POST if name.startswith("ok-"))


@require_POST
@needs(ENTER, BRING)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Confirm, leave it to the customer, send back, say the kind, read again, or take back."""
    member, at = member_of(request), now()
    found = reading_for(member, reference)
    if action not in ("confirm", "offer", "reject", "say_kind", "retry", "withdraw"):
        raise Unknown(_("没有这个操作。"), advice=_("请从材料识别列表进入。"))
    reading = as_seen(found, request)
    try:
        match action:
            case "confirm":
                typed, ticked = _typed(request)
                confirm(reading, _changed(reading, typed, ticked), ticked, by=member, at=at)
                messages.success(request, _("已确认。内容会更新到企业资料，并记明来源。"))
            case "offer":
                offer(reading, by=member, at=at)
                messages.success(request, _("已请申请人确认，结果会通知您。"))
            case "reject":
                reject(reading, reason=reason_in(request), by=member, at=at)
                messages.success(request, _("已退回客户经理，材料里的内容没有进入企业资料。"))
            case "say_kind":
                say_kind(reading, request.POST.get("kind", ""), by=member, at=at)
                messages.success(request, _("已按新的类型重新读取。"))
            case "retry":
                retry(reading, by=member, at=at)
                messages.success(request, _("已重新排队识别。"))
            case "withdraw":
                withdraw(reading, reason=reason_in(request), by=member, at=at)
                messages.success(request, _("已标为不采用，文件保留。"))
    except Invalid as refusal:
        return _page(request, member, reading_for(member, reference), refusal, request.POST.get("reason", ""))
    if action in ("offer", "reject", "retry", "withdraw"):
        return redirect("documents:readings")
    return redirect("documents:reading", reference)


def _changed(reading: Reading, typed: dict[str, str], ticked: frozenset[str]) -> dict[str, str]:
    """Return what was typed that differs from what was read. A proposal left as it stood counts once it is ticked."""
    rows = {row.code: row for row in rows_of(reading)}
    return {
        code: text for code, text in typed.items()
        if code not in rows
        or (text.strip() != rows[code].read and (text.strip() != rows[code].text or not rows[code].look or code in ticked))
    }  # fmt: skip


@require_POST
@needs(ENTER)
def explain(request: HttpRequest) -> HttpResponse:
    """Write why two papers may say different things."""
    member = member_of(request)
    mine = ReadValue.objects.filter(reading__owner=member.organisation_id).select_related("reading")
    keys = [request.POST.get(name, "") for name in ("first", "second")]
    found = [
        mine.filter(pk=key).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None for key in keys
    ]
    if found[0] is None or found[1] is None:
        raise Unknown(_("没有找到这处矛盾。"), advice=_("可能已经处理，请刷新列表。"))
    settle(found[0], found[1], reason_in(request), by=member, at=now())
    messages.success(request, _("已记录说明，这处矛盾不再影响自动审查。"))
    return redirect("documents:readings")


@require_safe
@needs(ENTER, BRING)
def picture(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One page as a picture; of an identity card what is covered is covered in the picture, too."""
    page = page_of(reading_for(member_of(request), reference), number)
    content = whole_bytes(page.picture, _("这一页的图片暂时打不开，识别结果还在。"))
    response = HttpResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@needs(VIEW)
def show_accuracy(request: HttpRequest) -> HttpResponse:
    """How right the machine was, by kind of paper, measured on what people confirmed."""
    rows = accuracy(now() - SPAN)
    context = {
        "rows": rows,
        "days": SPAN.days,
        "target": TARGET,
        "may_export": member_of(request).can("readings.export"),
        "may_enter": member_of(request).can(ENTER),
    }
    return render(request, "documents/accuracy.html", context)


@needs("readings.export")
def export_accuracy(request: HttpRequest) -> FileResponse:
    """Download the figures by kind."""
    member, at = member_of(request), now()
    made = export_sheet(
        _("识别准确率"),
        COLUMNS,
        accuracy(at - SPAN),
        kind="reading.exported",
        subject=member.organisation,
        by=member,
        at=at,
    )
    name = _("识别准确率-%(when)s.xlsx") % {"when": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


_OF = "documents.ReadValue."
COLUMNS: tuple[Column, ...] = (
    Column(lazy("材料类型"), 18, "documents.Reading.kind", lambda row: row.label),
    Column(lazy("已确认材料（份）"), 16, "documents.Reading.kind", lambda row: row.papers),
    Column(lazy("字段（个）"), 12, _OF + "code", lambda row: row.fields),
    Column(lazy("识别正确"), 12, _OF + "code", lambda row: row.right),
    Column(lazy("准确率（%）"), 12, _OF + "code", lambda row: float(row.share)),
    Column(lazy("按勾稽更正后（%）"), 18, _OF + "code", lambda row: float(row.mended)),
    Column(lazy("请人核对的（%）"), 16, _OF + "code", lambda row: float(row.asked)),
    Column(lazy("机器有把握却被改正"), 20, _OF + "code", lambda row: row.sure_wrong),
)
