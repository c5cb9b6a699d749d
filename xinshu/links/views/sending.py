"""Pages of the parties: send a link, vouch for who has it, revoke it; and the receipt by an account."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted, Refusal, Unknown
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.links.actions.acknowledging import acknowledge
from xinshu.links.actions.sending import revoke, send_to_person, vouch
from xinshu.links.forms import SendForm
from xinshu.links.models import Link
from xinshu.links.panel import may_send
from xinshu.links.rules import days_from
from xinshu.web.posted import as_seen, reason_in


@needs("guarantees.issue", "guarantees.apply")
def send(request: HttpRequest, guarantee: str) -> HttpResponse:
    """Ask for name and phone, and send. The link itself is never shown here: whoever sends must not be able to act."""
    member, at = member_of(request), now()
    case = guarantee_for(member, guarantee)
    form = SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link = send_to_person(case, **form.cleaned_data, by=member, at=at)
        except NotPermitted:
            raise
        except Refusal as refusal:  # nothing typed is lost: it is said above the form
            form.refuse(refusal)
        else:
            messages.success(request, _("链接已发往 %(phone)s。") % {"phone": link.phone_masked})
            return redirect("guarantees:detail", case.reference)
    elif request.method != "POST" and not may_send(case, member, at):
        raise NotPermitted(
            _("这份保函现在不能由您发送办理链接。"), advice=_("开标前、结束后不能发；由签发人、客户经理或申请人发。")
        )
    vouches = member.organisation_id == case.guarantor_id and member.can("guarantees.issue")
    context = {"case": case, "form": form, "days": days_from(local_day(at)), "vouches": vouches}
    return render(request, "links/send.html", context, status=form.status)


Act = Callable[[Link, Member, HttpRequest], Any]
ACTS: dict[str, tuple[Act, str]] = {
    "vouch": (lambda link, by, request: vouch(link, by=by, at=now()), "已核实收件人，对方现在可以答复和解除。"),
    "revoke": (
        lambda link, by, request: revoke(link, reason=reason_in(request), by=by, at=now()),
        "链接已撤销，立即不能再用。",
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, guarantee: str, link: str, action: str) -> HttpResponse:
    """Vouch for a link's holder, or revoke it. The posted version is what the person saw."""
    member = member_of(request)
    case = guarantee_for(member, guarantee)
    found = Link.objects.visible_to(member, now()).filter(guarantee=case, reference=link)
    row = found.select_related("sent_by", "guarantee__project").first()
    if row is None or action not in ACTS:
        raise Unknown(_("没有找到这个链接。"), advice=_("它可能不属于这份保函。"))
    doing, done = ACTS[action]
    doing(as_seen(row, request), member, request)
    messages.success(request, done)
    return redirect("guarantees:detail", case.reference)


@require_POST
@needs("guarantees.view")
def received(request: HttpRequest, guarantee: str) -> HttpResponse:
    """签收 by an account of the beneficiary."""
    member = member_of(request)
    acknowledge(guarantee_for(member, guarantee), by=member, at=now())
    messages.success(request, _("函件已签收。"))
    return redirect("guarantees:detail", guarantee)
