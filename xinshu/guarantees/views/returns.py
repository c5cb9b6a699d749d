"""退费: what goes back of one order, how it was counted, and finance's word on it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Changed, Invalid, Unknown
from xinshu.guarantees.actions import returns
from xinshu.guarantees.changes.desk import due_on
from xinshu.guarantees.changing import FEE_RETURN
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.models import FeeReturn
from xinshu.guarantees.models.changes import WITH_PARTIES
from xinshu.web.fields import AmountField
from xinshu.web.posted import as_seen, reason_in
from xinshu.web.refusals import keep_typed

TYPED = ("state", "give_back")  # acts with a form of their own


class StateForm(RefusableForm):
    """Another amount than the one counted, and why."""

    amount = AmountField(label=lazy("退费金额"), required=True, help_text=lazy("填 0 为不退费"))
    reason = forms.CharField(
        label=lazy("与计算不同的原因"), min_length=4, max_length=500, widget=forms.Textarea({"rows": 3})
    )


class TransferForm(RefusableForm):
    """The bank's number of the transfer that paid it back."""

    receipt = forms.CharField(
        label=lazy("退款的银行流水号"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )


FORMS: dict[str, type[RefusableForm]] = {"state": StateForm, "give_back": TransferForm}
keep_typed("guarantees", {"receipt": TransferForm.base_fields["receipt"].label})


def return_for(member: Member, reference: str) -> FeeReturn:
    """Return the fee return with this reference. Raises Unknown when there is none, or none for this member."""
    found = FeeReturn.objects.visible_to(member, now()).filter(reference=reference)
    row: FeeReturn | None = found.select_related(*WITH_PARTIES, "guarantee__tariff", "payment").first()
    if row is None:
        raise Unknown(_("没有找到这笔退费。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return row


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what goes back and how it was counted."""
    return _page(request, return_for(member_of(request), reference))


def _page(request: HttpRequest, row: FeeReturn, filled: tuple[str, RefusableForm] | None = None) -> HttpResponse:
    member = member_of(request)
    possible = FEE_RETURN.possible(row, member)
    shown = {name: form() for name, form in FORMS.items() if any(one.action == name for one in possible)}
    if filled is not None:
        shown[filled[0]] = filled[1]
    own = row.stated_by_key == member.actor_key
    context = {
        "row": row,
        "case": row.guarantee,
        "state": FEE_RETURN.states[row.state],
        "due_on": due_on(row),
        "acts": [one for one in possible if one.action not in TYPED and not (own and one.action == "confirm")],
        "own": own and row.state == "stated",
        "forms": shown,
        "timeline": timeline_of(row, row.sides_of(member)),
    }
    return render(request, "guarantees/fee_return.html", context, status=filled[1].status if filled else 200)


Act = Callable[[FeeReturn, Member, HttpRequest, dict[str, Any]], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "approve": (
        lambda row, by, request, data: returns.approve_return(row, by=by, at=now()),
        lazy("已核定，款项将原路退回；转账缴的由财务转账。"),
    ),
    "state": (
        lambda row, by, request, data: returns.state_return(
            row, amount=data["amount"], reason=data["reason"], by=by, at=now()
        ),
        lazy("已另定金额，等另一人复核。"),
    ),
    "confirm": (
        lambda row, by, request, data: returns.confirm_stated(row, by=by, at=now()),
        lazy("已复核，按另定的金额办理。"),
    ),
    "send_back": (
        lambda row, by, request, data: returns.send_back_stated(row, reason=reason_in(request), by=by, at=now()),
        lazy("已退回，恢复为计算的金额。"),
    ),
    "retry": (
        lambda row, by, request, data: returns.retry_return(row, by=by, at=now()),
        lazy("已再次向支付渠道申请退款。"),
    ),
    "give_back": (
        lambda row, by, request, data: returns.give_back_by_transfer(row, receipt=data["receipt"], by=by, at=now()),
        lazy("已登记退款。"),
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act on a return. What was typed stays where it is refused."""
    member = member_of(request)
    row = return_for(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    FEE_RETURN.step(action, row, member)
    form = FORMS[action](request.POST) if action in FORMS else None
    if form is not None and not form.is_valid():
        return _page(request, row, (action, form))
    try:
        doing(as_seen(row, request), member, request, form.cleaned_data if form else {})
    except Changed:
        raise
    except Invalid as refusal:
        if form is None:
            raise
        form.refuse(refusal)
        return _page(request, return_for(member, reference), (action, form))
    messages.success(request, str(done))
    return redirect("guarantees:fee_return", reference)
