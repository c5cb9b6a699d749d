"""Orders to stop payment: recorded, shown, prolonged, answered by a suit, lifted."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.claims.actions.injunctions import lift_injunction, note_suit, prolong_injunction, record_injunction
from xinshu.claims.forms import InjunctionForm, ProlongForm, SuitForm
from xinshu.claims.history import INJUNCTIONS
from xinshu.claims.lifecycle import INJUNCTION
from xinshu.claims.models import Injunction
from xinshu.claims.views.doors import injunction_for
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.ledger.queries import history_of
from xinshu.web.posted import as_seen, reason_in


@needs("claims.examine")
def new(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a court's order, with its document."""
    member = member_of(request)
    guarantee = guarantee_for(member, reference)
    if guarantee.guarantor_id != member.organisation_id:
        raise NotPermitted(_("止付由保证人的索赔审核人登记。"))
    form = InjunctionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            injunction = record_injunction(
                guarantee, court=data["court"], document_number=data["document_number"], name=data["file"].name,
                content=read_upload(data["file"]), from_on=data["from_on"], until_on=data["until_on"], by=member,
                at=now(),
            )  # fmt: skip
        except Invalid as refusal:
            show_in(form, refusal, "file")
        else:
            messages.success(request, _("止付已登记，付款已停止；索赔审核照常进行。"))
            return redirect("claims:injunction", injunction.reference)
    return render(request, "claims/stop.html", {"case": guarantee, "form": form}, status=422 if form.is_bound else 200)


@needs("claims.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show an order to the parties of the guarantee."""
    member = member_of(request)
    injunction = injunction_for(member, reference)
    told = [
        {"title": INJUNCTIONS[entry.kind], "by": entry.actor_label, "at": entry.at,
         "text": entry.data.get("reason") or entry.data.get("suit") or entry.data.get("until_on") or ""}
        for entry in history_of(injunction).order_by("-pk")
        if entry.kind in INJUNCTIONS
    ]  # fmt: skip
    return render(
        request,
        "claims/injunction.html",
        {
            "injunction": injunction,
            "case": injunction.guarantee,
            "state": INJUNCTION.states[injunction.state],
            "acts": INJUNCTION.possible(injunction, member),
            "timeline": told,
            "inside": "guarantor" in injunction.sides_of(member),
            "prolong_form": ProlongForm(),
            "suit_form": SuitForm(),
        },
    )


def _prolong(case: Injunction, by: Member, request: HttpRequest) -> object:
    form = ProlongForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请填写续期到哪一天。"), fields={"until_on": _("没有读懂")})
    return prolong_injunction(case, until_on=form.cleaned_data["until_on"], by=by, at=now())


def _sued(case: Injunction, by: Member, request: HttpRequest) -> object:
    form = SuitForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请填写案号和起诉日。"), fields={name: str(errors[0]) for name, errors in form.errors.items()})
    return note_suit(case, suit=form.cleaned_data["suit"], on=form.cleaned_data["on"], by=by, at=now())


ACTS: dict[str, tuple[Callable[[Injunction, Member, HttpRequest], object], str]] = {
    "prolong": (_prolong, "止付已续期。"),
    "note_suit": (_sued, "已登记起诉。"),
    "lift": (
        lambda case, by, request: lift_injunction(case, reason=reason_in(request), by=by, at=now()),
        "止付已解除，可以付款。",
    ),
}


@require_POST
@needs("claims.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of an injunction's lifecycle."""
    member = member_of(request)
    injunction = injunction_for(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(injunction, request), member, request)
    messages.success(request, done)
    return redirect("claims:injunction", reference)
