"""Further doors: sign-in and registration by SMS code, recovery of a password, the second factor, the demo's SMS."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from xinshu.accounts import codes
from xinshu.accounts.actions.faces import usable
from xinshu.accounts.actions.passwords import ask_to_recover, recover_password
from xinshu.accounts.actions.registration import ask_for_registration_code, register_quickly
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment, due
from xinshu.accounts.actions.sessions import ask_for_sign_in_code, prove_by_code, prove_second_factor
from xinshu.accounts.forms import CodeSignInForm, PhoneForm, QuickForm, RecoverForm, SecondFactorForm, WhoForm
from xinshu.accounts.models import Agreement, SandboxMessage
from xinshu.accounts.requests import AnyRequest
from xinshu.accounts.views.arrival import address_of, begin, come_in, pending, proven, way_on
from xinshu.accounts.views.phone import qr_of, readable_secret
from xinshu.accounts.views.reading import origin_of, reading
from xinshu.core import clock
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal, Unknown


def _must_send() -> None:
    if not codes.available():
        raise Unknown(_("本平台没有开通短信。"))


@never_cache
def code_sign_in_page(request: AnyRequest) -> HttpResponse:
    """短信登录: the number first, then the code."""
    _must_send()
    if request.member is not None:
        return redirect(way_on(request))
    asks = "send" in request.POST or request.method != "POST"
    form = PhoneForm(request.POST or None) if asks else CodeSignInForm(request.POST)
    sent = not asks
    if form.is_valid():
        try:
            if not asks:
                user = prove_by_code(**form.cleaned_data, address=address_of(request), at=clock.now())
                return proven(request, user, how="code")
            phone = form.cleaned_data["phone"]
            ask_for_sign_in_code(phone, address=address_of(request), at=clock.now())
            form, sent = CodeSignInForm(initial={"phone": phone}), True
        except Refusal as refusal:
            form.refuse(refusal)
    shown = {"form": form, "sent": sent, "next": way_on(request)}
    return render(request, "accounts/code_sign_in.html", shown, status=form.status)


@never_cache
@sensitive_post_parameters("password")
def quick_page(request: HttpRequest) -> HttpResponse:
    """快捷注册: mobile, code, password."""
    _must_send()
    asks = "send" in request.POST or request.method != "POST"
    form = PhoneForm(request.POST or None) if asks else QuickForm(request.POST)
    sent, at = not asks, clock.now()
    terms = reading(request, list(Agreement.objects.current()), at)
    if form.is_valid():
        try:
            if not asks:
                registration = register_quickly(
                    **form.cleaned_data, opened=terms.opened, origin=origin_of(request), at=at
                )  # fmt: skip
                return redirect("accounts:registration_progress", registration.reference)
            phone = ask_for_registration_code(form.cleaned_data["phone"], address=address_of(request), at=clock.now())
            form, sent = QuickForm(initial={"phone": phone}), True
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "accounts/quick.html", {"form": form, "sent": sent, "reading": terms}, status=form.status)


@never_cache
@sensitive_post_parameters("new")
def recover_page(request: HttpRequest) -> HttpResponse:
    """找回密码: who, then the code and the new password."""
    _must_send()
    asks = "send" in request.POST or request.method != "POST"
    form = WhoForm(request.POST or None) if asks else RecoverForm(request.POST)
    sent = not asks
    if form.is_valid():
        try:
            if not asks:
                recover_password(**form.cleaned_data, at=clock.now())
                messages.success(request, _("密码已重设，请用新密码登录。"))
                return redirect("accounts:sign_in")
            ask_to_recover(**form.cleaned_data, address=address_of(request), at=clock.now())
            form, sent = RecoverForm(initial=form.cleaned_data), True
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "accounts/recover.html", {"form": form, "sent": sent}, status=form.status)


@never_cache
def second_page(request: HttpRequest) -> HttpResponse:
    """动态口令: what sign-in still takes from somebody with a phone."""
    waiting = pending(request)
    if waiting is None:
        return redirect("accounts:sign_in")
    user, owed = waiting
    form = SecondFactorForm(request.POST or None)
    if form.is_valid():
        try:
            prove_second_factor(user, form.cleaned_data["code"], address=address_of(request), at=clock.now())
            return come_in(request, user, how=owed["how"], target=owed["target"], second_factor=True)
        except Refusal as refusal:
            form.refuse(refusal)
    return render(request, "accounts/second.html", {"form": form, "by_face": usable(user)}, status=form.status)


@never_cache
def bind_page(request: HttpRequest) -> HttpResponse:
    """绑定动态口令: policy asks for a phone before the account opens."""
    waiting = pending(request)
    if waiting is None or due(waiting[0]) != "enrol":
        return redirect("accounts:sign_in")
    user, owed = waiting
    form = SecondFactorForm(request.POST or None)
    if form.is_valid():
        try:
            recovery = confirm_enrolment(user, form.cleaned_data["code"], by=SYSTEM, at=clock.now())
            response = render(request, "accounts/bound.html", {"codes": recovery, "target": owed["target"]})
            begin(request, response, user, how=owed["how"], second_factor=True)
            return response
        except Refusal as refusal:
            form.refuse(refusal)
    secret = begin_enrolment(user, at=clock.now())
    shown = {"form": form, "qr": qr_of(secret, user.username), "secret": readable_secret(secret)}
    return render(request, "accounts/bind.html", shown, status=form.status)


@never_cache
def sandbox_page(request: HttpRequest) -> HttpResponse:
    """演示短信: what the sandbox sent. Only where there is no real person to receive it."""
    if settings.PRODUCTION or not settings.CODE_CHANNEL.endswith(".Sandbox"):
        raise Unknown(_("没有这个页面。"))
    newest = SandboxMessage.objects.order_by("-pk")[:20]
    return render(request, "accounts/sandbox.html", {"newest": newest})
