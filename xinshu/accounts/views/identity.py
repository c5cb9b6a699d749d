"""我的认证: what one has proven, how strong it is, until when, what it suffices for, and how to raise it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from xinshu.accounts.actions.identity import (
    ask_for_code,
    prove_by_app,
    prove_by_sms,
    prove_real_name,
    settings_now,
    take_back,
)
from xinshu.accounts.assurance import LEVELS, MEANINGS
from xinshu.accounts.assurance.acts import ACTS
from xinshu.accounts.assurance.figures import checks
from xinshu.accounts.assurance.holding import KINDS_OF_FIRMS, held_by, level_of
from xinshu.accounts.assurance.methods import METHODS, PERSON, methods_of
from xinshu.accounts.assurance.settings import in_force
from xinshu.accounts.forms import ProvingForm
from xinshu.accounts.models import IdentityCheck
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.views.arrival import address_of
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Refusal, Unknown, there

PER_PAGE = 20
TONES = {"passed": "ok", "failed": "danger", "silent": "warn", "open": "info"}
ACTIONS = ("send-code", "sms", "app", "real-name")


@never_cache
@signed_in
def identity_page(request: MemberRequest) -> HttpResponse:
    """我的认证."""
    return _page(request, "", ProvingForm(), sent="sent" in request.GET)


@never_cache
@sensitive_post_parameters("number", "code")
@require_POST
@signed_in
def identity_act(request: MemberRequest, action: str) -> HttpResponse:
    """Send a code, or prove oneself by one method; a refusal stands beside what was typed."""
    if action not in ACTIONS:
        raise Unknown(_("没有这样的操作。"))
    form, member, at = ProvingForm(request.POST), request.member, clock.now()
    if not form.is_valid():
        return _page(request, action, form)
    typed = form.cleaned_data
    try:
        if action == "send-code":
            ask_for_code(member, address=address_of(request), at=at)
            messages.success(request, _("验证码已发送，5 分钟内有效。"))
            return redirect(f"{request.path.removesuffix('send-code/')}?sent")
        if action == "sms":
            prove_by_sms(member, typed["code"], at=at)
        elif action == "app":
            prove_by_app(member, typed["code"], address=address_of(request), at=at)
        else:
            prove_real_name(member, typed["number"], three=typed["three"], agreed=typed["agreed"], at=at)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, action, form)
    messages.success(request, _("认证通过，已计入您的级别。"))
    return redirect("accounts:identity")


@require_POST
@signed_in
def take_back_act(request: MemberRequest, reference: str) -> HttpResponse:
    """撤回实名认证."""
    found = IdentityCheck.objects.filter(user=request.member.user_id, reference=reference).first()
    take_back(there(found, _("没有找到这条认证。")), by=request.member, at=clock.now())
    messages.success(request, _("已撤回，这项实名认证不再计入级别。"))
    return redirect("accounts:identity")


@signed_in
def my_checks_page(request: MemberRequest) -> HttpResponse:
    """我的认证记录."""
    page = Paginator(checks(request.member, mine=True), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/my_checks.html", {"page": page, "methods": METHODS, "tones": TONES})


def _page(request: MemberRequest, action: str, form: ProvingForm, *, sent: bool = False) -> HttpResponse:
    user, at, settings = request.member.user, clock.now(), settings_now()
    held = held_by(user, settings, at)
    has = {one.method.code: one for one in held}
    table = in_force()
    level = level_of(held, at)
    acts: list[dict[str, Any]] = []
    for act in ACTS.values() if table else ():
        asked = table.asked(act)  # type: ignore[union-attr]
        if asked.person:
            reached = level_of(held, at, days=asked.days) >= asked.person or (asked.person == 1 and not asked.days)
            acts.append({"name": act.name, "asked": asked, "reached": reached})
    standing = IdentityCheck.objects.standing().filter(user=user, method__startswith="real_name", at__lte=at)
    real = {one.method: one.reference for one in standing.order_by("at", "pk")}
    context = {
        "level": level,
        "levels": LEVELS,
        "meanings": MEANINGS,
        "methods": [
            (one, has.get(one.code), real.get(one.code, "")) for one in methods_of(PERSON) if settings.is_on(one)
        ],
        "has": has,
        "acts": acts,
        "form": form,
        "doing": action,
        "sent": sent or action == "sms",
        "on": {one.code for one in methods_of(PERSON) if settings.is_on(one)},
        "firm": request.member.organisation.kind in KINDS_OF_FIRMS and request.member.can("enterprises.edit"),
    }
    return render(request, "accounts/identity.html", context, status=form.status if action else 200)
