"""Writing a subscription: what it would have found in the last 90 days is shown while one types."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.subscriptions import wording
from xinshu.subscriptions.actions.subscriptions import checked, edit_subscription, write_subscription
from xinshu.subscriptions.engine.language import Unreadable
from xinshu.subscriptions.forms import SubscriptionForm, typed_of
from xinshu.subscriptions.lifecycle import EDIT
from xinshu.subscriptions.models import Subscription
from xinshu.subscriptions.queries import subscription_of
from xinshu.subscriptions.store import wanted_of
from xinshu.subscriptions.trying import try_out
from xinshu.subscriptions.views.lists import UNKNOWN
from xinshu.web.posted import as_seen, version_in

NO_NAME = "（试用）"


@needs(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Write a subscription."""
    return _write(request, None)


@needs(EDIT)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a subscription."""
    return _write(request, subscription_of(reference, member_of(request), str(UNKNOWN)))


def _write(request: HttpRequest, row: Subscription | None) -> HttpResponse:
    member, at = member_of(request), now()
    if request.method != "POST":
        form = SubscriptionForm(member=member, initial=typed_of(row) if row else {"unsure": True})
        return _editor(request, form, row, _tried(row) if row else {})
    form = SubscriptionForm(request.POST, member=member)
    if form.is_valid():
        try:
            if row is None:
                row = write_subscription(form.content(), by=member, at=at)
            else:
                row = edit_subscription(as_seen(row, request), form.content(), by=member, at=at)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("订阅已保存，新收到的公告几秒内就会匹配。"))
            return redirect("subscriptions:subscription", row.reference)
    return _editor(request, form, row, _told(form, member))


def _editor(
    request: HttpRequest, form: SubscriptionForm, row: Subscription | None, told: dict[str, Any]
) -> HttpResponse:
    seen = version_in(request) if row and request.method == "POST" else row.version if row else 0
    context = {"form": form, "row": row, "told": told, "seen": seen}
    return render(request, "subscriptions/edit.html", context, status=form.status)


@require_POST
@needs(EDIT)
def try_subscription(request: HttpRequest) -> HttpResponse:
    """Say what the form as it stands would have found. Nothing is kept."""
    member = member_of(request)
    typed = request.POST.copy()
    typed["name"] = NO_NAME
    told = _told(SubscriptionForm(typed, member=member), member)
    return render(request, "subscriptions/_trial.html", {"told": told})


def _told(form: SubscriptionForm, member: Member) -> dict[str, Any]:
    """Return what a trial says of a form: the matches, or why it cannot be tried."""
    wrong = {name: "；".join(map(str, errors)) for name, errors in form.errors.items() if name != "name"}
    if wrong:
        return _problems(form, wrong)
    if "name" in form.errors:
        form.cleaned_data["name"] = NO_NAME
    try:
        columns = checked(form.content(), member)
    except Invalid as refusal:
        return _problems(form, {name: words for name, words in refusal.fields.items() if name != "name"})
    row = Subscription(owner=member, house=member.organisation, **columns)
    return _tried(row)


def _problems(form: SubscriptionForm, wrong: dict[str, str]) -> dict[str, Any]:
    return {
        "problems": [f"{form[name].label}：{words}" if name in form.fields else words for name, words in wrong.items()]
    }


def _tried(row: Subscription) -> dict[str, Any]:
    try:
        trial = try_out(wanted_of(row), now())
    except Unreadable as wrong:
        return {"problems": [str(wrong)]}
    rows = [(one, found, wording.reasons_of(found)) for one, found in trial.first]
    return {"trial": trial, "keywords": wording.keywords(row), "rows": rows}
