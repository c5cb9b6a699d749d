"""Tariffs: the house's versions, the draft of the next with what it costs on examples, and its acts."""

import io
from collections.abc import Callable
from datetime import date
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
from xinshu.guarantees import kinds, pricing
from xinshu.guarantees.models import Tariff, TariffDraft
from xinshu.guarantees.tariffs.actions import discard_draft, edit_tariff, publish_draft, write_tariff
from xinshu.guarantees.tariffs.forms import TariffForm, initial_of
from xinshu.guarantees.tariffs.lifecycle import LIFECYCLE
from xinshu.guarantees.tariffs.words import examples_of, price_in_words
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen

NOW, COMING, PAST = ("ok", lazy("现行")), ("info", lazy("待生效")), ("mute", lazy("已替换"))


@needs("guarantees.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's versions, newest first, and the drafts that wait for their second person."""
    member = member_of(request)
    _must_be_issuer(member)
    drafts = TariffDraft.objects.visible_to(member).filter(state="draft").order_by("-changed_at")
    rows = _versions(member.organisation, local_day(now()))
    priced = {row[0].kind for row in rows} | {draft.kind for draft in drafts}
    return render(
        request,
        "guarantees/tariffs.html",
        {
            "rows": rows,
            "unpriced": [(code, label) for code, label in kinds.choices() if code not in priced],
            "drafts": [(draft, price_in_words(draft.terms())) for draft in drafts],
            "writes": member.can("guarantees.review"),
        },
    )


def _must_be_issuer(member: Member) -> None:
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(
            _("只有担保公司、银行和保险公司有自己的费率。"), advice=_("各保证人的价格见产品货架和比一比。")
        )


def _versions(house: Organisation, on: date) -> list[tuple[Tariff, str, tuple[str, Any]]]:
    """Return each version with its price in words and how it stands: of those in force by now the newest holds."""
    rows: list[tuple[Tariff, str, tuple[str, Any]]] = []
    held: set[str] = set()  # kinds whose present version was met
    later: dict[str, date] = {}  # the first day on which a newer version takes over
    for tariff in Tariff.objects.filter(guarantor=house).order_by("kind", "-number"):
        if tariff.valid_from > on:
            superseded = later.get(tariff.kind, date.max) <= tariff.valid_from
            standing = PAST if superseded else COMING
            later[tariff.kind] = min(later.get(tariff.kind, date.max), tariff.valid_from)
        else:
            standing = PAST if tariff.kind in held else NOW
            held.add(tariff.kind)
            later[tariff.kind] = date.min
        rows.append((tariff, price_in_words(tariff.terms()), standing))
    return rows


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the house's versions as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    _must_be_issuer(member)
    rows = _versions(member.organisation, local_day(at))
    sheet = export_sheet(
        _("费率"), COLUMNS, rows, kind="tariffs.exported", subject=member.organisation, by=member, at=at
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("费率.xlsx"))


COLUMNS = (
    Column(lazy("类型"), 18, "guarantees.Tariff.kind", lambda row: str(row[0].get_kind_display())),
    Column(lazy("版本"), 8, "guarantees.Tariff.number", lambda row: row[0].number),
    Column(lazy("收费"), 60, "guarantees.Tariff.annual_rate", lambda row: row[1]),
    Column(lazy("提前解保"), 30, "guarantees.Tariff.refunds", lambda row: str(row[0].get_refunds_display())),
    Column(lazy("生效日"), 14, "guarantees.Tariff.valid_from", lambda row: row[0].valid_from.isoformat()),
    Column(lazy("状态"), 10, "guarantees.Tariff.number", lambda row: str(row[2][1])),
)


@needs("guarantees.review")
def new(request: HttpRequest) -> HttpResponse:
    """Write the next version, beginning with the present one of the kind that a link names."""
    member, on = member_of(request), local_day(now())
    _must_be_issuer(member)
    kind = request.GET.get("kind", "")
    present = _present(member.organisation, kind, on)
    initial = initial_of(present) if present is not None else {"kind": kind}
    form = TariffForm(request.POST or None, initial={**initial, "valid_from": on})
    if request.method == "POST" and form.is_valid():
        try:
            draft = write_tariff(form.offer(), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("费率草稿已保存，请核对试算，再由另一人发布。"))
            return redirect("guarantees:tariff", draft.reference)
    return render(request, "guarantees/tariff_edit.html", {"form": form}, status=form.status)


def _present(house: Organisation, kind: str, on: date) -> Tariff | None:
    found = Tariff.objects.filter(guarantor=house, kind=kind, valid_from__lte=on)
    return found.order_by("-number").first() if kind in kinds.KINDS else None


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a draft: how it charges, three examples beside the present version, who may publish it."""
    member, draft = member_of(request), _draft(request, reference)
    present = _present(draft.guarantor, draft.kind, local_day(now()))
    terms = draft.terms()
    return render(
        request,
        "guarantees/tariff.html",
        {
            "draft": draft,
            "state": LIFECYCLE.states[draft.state],
            "price": price_in_words(terms),
            "present": present,
            "present_price": price_in_words(present.terms()) if present else "",
            "examples": examples_of(terms, present.terms() if present else None, draft.valid_from),
            "daily": draft.period == pricing.DAILY,
            "acts": [row for row in LIFECYCLE.possible(draft, member) if row.action != "edit"],
            "editable": any(row.action == "edit" for row in LIFECYCLE.possible(draft, member)),
            "author": member.user_id in draft.authors,
        },
    )


@needs("guarantees.review")
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    member, draft = member_of(request), _draft(request, reference)
    LIFECYCLE.step("edit", draft, member)
    form = TariffForm(request.POST or None, initial=initial_of(draft))
    if request.method == "POST" and form.is_valid():
        try:
            edit_tariff(as_seen(draft, request), form.offer(), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("费率草稿已保存，请核对试算，再由另一人发布。"))
            return redirect("guarantees:tariff", reference)
    context = {"form": form, "draft": draft, "seen": request.POST.get("version", draft.version)}
    return render(request, "guarantees/tariff_edit.html", context, status=form.status)


Act = Callable[[TariffDraft, Member, HttpRequest], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "publish_tariff": (
        lambda draft, by, request: publish_draft(draft, by=by, at=now()),
        lazy("已发布，自生效日起按新版本报价。"),
    ),
    "discard_tariff": (
        lambda draft, by, request: discard_draft(draft, by=by, at=now(), reason=request.POST.get("reason", "")),
        lazy("草稿已作废，现行费率不变。"),
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    draft = _draft(request, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(draft, request), member_of(request), request)
    messages.success(request, str(done))
    return redirect("guarantees:tariff", reference)


def _draft(request: HttpRequest, reference: str) -> TariffDraft:
    found = TariffDraft.objects.visible_to(member_of(request)).filter(reference=reference)
    draft = found.select_related("guarantor", "tariff").first()
    if draft is None:
        raise Unknown(_("没有找到这份费率。"), advice=_("它可能属于其他机构，请从费率页进入。"))
    return draft
