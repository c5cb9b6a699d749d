"""评分规则: versions of both sides, a draft with its effect on all scores, and the second person who activates it."""

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.credit.actions.cards import activate_card, discard_card, edit_card, write_card
from xinshu.credit.effects import last_effect, measure
from xinshu.credit.forms import CardForm, initial_of
from xinshu.credit.kinds import KINDS, SIDES
from xinshu.credit.lifecycle import CARD, MANAGE, VIEW
from xinshu.credit.models import Card, Effect, EffectLine
from xinshu.credit.standard import STANDARD
from xinshu.credit.views.doors import card_for
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50


@needs(VIEW, MANAGE)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the cards of both sides, newest first."""
    cards = Card.objects.visible_to(request.member).order_by("side", F("number").desc(nulls_first=True), "-pk")
    manages = request.member.can(MANAGE)
    drafted = {card.side for card in cards if card.state == "draft"}
    context = {
        "rows": [(card, CARD.states[card.state]) for card in cards],
        "sides": SIDES,
        "new": [(side, label) for side, label in SIDES.items() if side not in drafted] if manages else [],
    }
    return render(request, "credit/cards.html", context)


@needs(VIEW, MANAGE)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show one card as it reads; a draft with what may be done with it."""
    card, member = card_for(request, reference), request.member
    possible = CARD.possible(card, member)
    context = {
        "card": card,
        "side": SIDES[card.side],
        "state": CARD.states[card.state],
        "content": card.content,
        "kinds": KINDS,
        "acts": [row for row in possible if row.action != "edit"],
        "editable": any(row.action == "edit" for row in possible),
        "author": member.user_id in card.authors,
        "effect": last_effect(card) if member.can(MANAGE) else None,
    }
    return render(request, "credit/card.html", context)


@needs(MANAGE)
def new(request: MemberRequest, side: str) -> HttpResponse:
    """Write the next version of one side's card, beginning with the present one or the platform's proposal."""
    if side not in SIDES:
        raise Unknown(_("没有这种评分规则。"))
    present = Card.objects.filter(side=side, state="active").first()
    initial = initial_of(present.content if present else STANDARD[side])
    form = CardForm(request.POST or None, side=side, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            card = write_card(side, form.content(), by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，请测算影响，再由另一人启用。"))
            return redirect("credit:card", card.reference)
    return _editor(request, form, side, None)


@needs(MANAGE)
def edit(request: MemberRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    card = card_for(request, reference)
    CARD.step("edit", card, request.member)
    form = CardForm(request.POST or None, side=card.side, initial=initial_of(card.content))
    if request.method == "POST" and form.is_valid():
        try:
            edit_card(as_seen(card, request), form.content(), by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，请重新测算影响。"))
            return redirect("credit:card", reference)
    return _editor(request, form, card.side, card)


def _editor(request: MemberRequest, form: CardForm, side: str, card: Card | None) -> HttpResponse:
    context = {
        "form": form, "sections": form.sections(), "side": SIDES[side], "card": card,
        "seen": request.POST.get("version", card.version if card else ""),
        "back": card_url(card),
    }  # fmt: skip
    return render(request, "credit/card_edit.html", context, status=form.status)


def card_url(card: Card | None) -> str:
    """Return where an editor leads back to."""
    return reverse("credit:card", args=[card.reference]) if card else reverse("credit:cards")


def _effect(request: MemberRequest, reference: str) -> Effect:
    found = card_for(request, reference).effects.select_related("card").order_by("-pk").first()
    if found is None:
        raise Unknown(_("这份规则还没有测算影响。"), advice=_("在规则页选择“测算影响”。"))
    return found


def _lines(effect: Effect, request: MemberRequest) -> QuerySet[EffectLine]:
    lines = effect.lines.select_related("record__organisation")
    for name in ("before", "after"):
        if value := request.GET.get(name, "")[:20]:
            lines = lines.filter(**{f"{name}_band": "" if value == "none" else value})
    way = request.GET.get("way", "")
    if way == "up":
        lines = lines.filter(after__gt=F("before"))
    elif way == "down":
        lines = lines.filter(after__lt=F("before"))
    return lines.order_by(F("after") - F("before"), "pk")


@needs(MANAGE)
def effect(request: MemberRequest, reference: str) -> HttpResponse:
    """Show what a draft would do to all scores: how many, from which band to which, and who."""
    found = _effect(request, reference)
    latest = last_effect(found.card)
    context = {
        "card": found.card,
        "side": SIDES[found.card.side],
        "effect": found,
        "stale": latest is None or latest.pk != found.pk,
        "counts": [
            {"before": one, "after": other, "many": many, "same": one == other} for one, other, many in found.counts
        ],
        "page": Paginator(_lines(found, request), PER_PAGE).get_page(request.GET.get("page")),
    }  # fmt: skip
    return render(request, "credit/effect.html", context)


EFFECT_COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda line: line.record.organisation.name),
    Column(lazy("现在的分"), 10, "credit.EffectLine.before", lambda line: line.before),
    Column(lazy("启用后的分"), 10, "credit.EffectLine.after", lambda line: line.after),
    Column(lazy("现在的等级"), 12, "credit.EffectLine.before_band", lambda line: line.before_band),
    Column(lazy("启用后的等级"), 12, "credit.EffectLine.after_band", lambda line: line.after_band),
)


@needs(MANAGE)
def export_effect(request: MemberRequest, reference: str) -> FileResponse:
    """Download the scores that would change as Excel. It is recorded."""
    found, member = _effect(request, reference), request.member
    sheet = export_sheet(
        _("评分影响"), EFFECT_COLUMNS, _lines(found, request), kind="credit_card.exported", subject=found.card,
        by=member, at=now(),
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("评分影响.xlsx"))


@require_POST
@needs(MANAGE)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    card, by, at = card_for(request, reference), request.member, now()
    if action == "measure":
        found = measure(as_seen(card, request), by=by, at=at)
        told = _("%(all)s 家中 %(risen)s 家上升、%(fallen)s 家下降、%(moved)s 家换等级。")
        messages.success(
            request, told % {"all": found.subjects, "risen": found.risen, "fallen": found.fallen, "moved": found.moved}
        )
        return redirect("credit:effect", reference)
    if action == "activate_card":
        activate_card(as_seen(card, request), by=by, at=at)
        messages.success(request, _("已启用，所有信用分已按它重算。"))
    elif action == "discard_card":
        discard_card(as_seen(card, request), by=by, at=at, reason=reason_in(request))
        messages.success(request, _("草稿已作废，现行规则不变。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("credit:card", reference)
