"""我的账号: password, second factor, the browsers in which one is signed in, and the history of it."""

from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from xinshu.accounts import faces, queries
from xinshu.accounts.actions.devices import end_other_sessions, end_session
from xinshu.accounts.actions.faces import usable
from xinshu.accounts.actions.passwords import change_password
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment, due, is_required
from xinshu.accounts.actions.sessions import take_phone_off
from xinshu.accounts.forms import PasswordForm, SecondFactorForm
from xinshu.accounts.middleware import AGED
from xinshu.accounts.models import Agreement, SignInSession
from xinshu.accounts.passwords import SOON, expires_at
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.views.arrival import address_of
from xinshu.accounts.views.phone import qr_of, readable_secret
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Refusal, Unknown

PER_PAGE = 20


@never_cache
@signed_in
def account_page(request: MemberRequest) -> HttpResponse:
    """我的账号."""
    user, at = request.member.user, clock.now()
    expires = expires_at(user)
    return render(
        request,
        "accounts/account.html",
        {
            "sessions": queries.open_sessions(user),
            "here": request.session.session_key,
            "bound": due(user) == "code",
            "required": is_required(user),
            "faces": faces.available() and Agreement.objects.all().apart(Agreement.Kind.FACE) is not None,
            "face": usable(user),
            "recovery_left": user.recovery_codes.filter(used_at=None).count(),
            "expires": expires,
            "expires_soon": expires is not None and expires - SOON <= at,
        },
    )


@never_cache
@sensitive_post_parameters("old", "new", "again")
@signed_in
def password_page(request: MemberRequest) -> HttpResponse:
    """修改密码."""
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            key = request.session.session_key or ""
            user = change_password(request.member, typed["old"], typed["new"], keep=key, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()  # this browser stays signed in
            request.session.pop(AGED, None)
            messages.success(request, _("密码已修改，其他设备已退出登录。"))
            return redirect("accounts:account")
    shown = {"form": form, "aged": bool(request.session.get(AGED))}
    return render(request, "accounts/password.html", shown, status=form.status)


@never_cache
@signed_in
def second_factor_page(request: MemberRequest) -> HttpResponse:
    """动态口令: bind a phone, or take it off."""
    user, form = request.member.user, SecondFactorForm(request.POST or None)
    bound = due(user) == "code"
    if form.is_valid():
        try:
            code, at = form.cleaned_data["code"], clock.now()
            if bound:
                take_phone_off(request.member, code, address=address_of(request), at=at)
                messages.success(request, _("已解除动态口令，登录不再需要它。"))
                return redirect("accounts:account")
            recovery = confirm_enrolment(user, code, by=request.member, at=at)
            return render(request, "accounts/recovery_codes.html", {"codes": recovery})
        except Refusal as refusal:
            form.refuse(refusal)
    shown = {"form": form, "bound": bound, "required": is_required(user)}
    if not bound:
        secret = begin_enrolment(user, at=clock.now())
        shown |= {"qr": qr_of(secret, user.username), "secret": readable_secret(secret)}
    return render(request, "accounts/second_factor.html", shown, status=form.status)


@require_POST
@signed_in
def end_session_act(request: MemberRequest, reference: str) -> HttpResponse:
    """下线: one's own browser elsewhere; for the security administrator anybody's."""
    found = SignInSession.objects.visible_to(request.member).filter(reference=reference).select_related("user").first()
    if found is None:
        raise Unknown(_("没有找到这个设备。"))
    end_session(found, by=request.member, at=clock.now())
    messages.success(request, _("%(device)s已下线。") % {"device": found.device})
    if found.user_id == request.member.user_id:
        return redirect("accounts:account")
    return redirect("accounts:user", found.user.username)


@require_POST
@signed_in
def end_others_act(request: MemberRequest) -> HttpResponse:
    """下线其他全部设备."""
    ended = end_other_sessions(request.member, request.session.session_key or "", at=clock.now())
    messages.success(request, _("已下线其他 %(n)s 个设备。") % {"n": ended} if ended else _("没有其他设备在登录。"))
    return redirect("accounts:account")


@signed_in
def history_page(request: MemberRequest) -> HttpResponse:
    """登录记录: every browser that came in, and every try that did not."""
    user = request.member.user
    page = Paginator(queries.sessions(user), PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "failures": queries.failed_sign_ins(user)}
    return render(request, "accounts/history.html", shown)
