"""The doors: sign-in by password, sign-out, switch, registration and its progress; the operator's list."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from xinshu.accounts import codes, queries
from xinshu.accounts.actions.devices import close_session, touch_session
from xinshu.accounts.actions.registration import approve_registration, refuse_registration, register
from xinshu.accounts.actions.sessions import prove_by_password, sign_out, switch_member
from xinshu.accounts.forms import ReasonForm, RegistrationForm, SearchForm, SignInForm
from xinshu.accounts.kinds import DOORS
from xinshu.accounts.lifecycle import REGISTRATION
from xinshu.accounts.middleware import CHOSEN, RECORD
from xinshu.accounts.models import Agreement, Registration, SignInSession
from xinshu.accounts.requests import AnyRequest, MemberRequest
from xinshu.accounts.subjects import subjects_of
from xinshu.accounts.views.arrival import address_of, hold_for_consent, proven, way_on
from xinshu.accounts.views.reading import origin_of, reading
from xinshu.core import clock
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Refusal, Unknown

PER_PAGE = 20


@never_cache
@sensitive_post_parameters("password")
def sign_in_page(request: AnyRequest) -> HttpResponse:
    """密码登录."""
    target = way_on(request)
    if request.member is not None:
        return redirect(target)
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = prove_by_password(**form.cleaned_data, address=address_of(request), at=clock.now())
            return proven(request, user, how="password")
        except Refusal as refusal:
            form.refuse(refusal)
    shown = {"form": form, "next": target, "by_code": codes.available()}
    return render(request, "accounts/sign_in.html", shown, status=form.status)


@require_POST
def sign_out_act(request: AnyRequest) -> HttpResponse:
    """退出登录."""
    if request.member is not None:
        at = clock.now()
        sign_out(request.member, at=at)
        close_session(request.session.get(RECORD, 0), SignInSession.End.LEFT, at=at)
    logout(request)
    return redirect("accounts:sign_in")


@signed_in
def switch_page(request: MemberRequest) -> HttpResponse:
    """切换机构: the list of one's memberships; by POST, act for another."""
    if request.method == "POST":
        chosen = request.POST.get("member", "")
        if not chosen.isascii() or not chosen.isdecimal() or len(chosen) > 18:
            raise Unknown(_("没有找到这个机构，可能您已不在其中。"))
        member = switch_member(request.member, int(chosen), at=clock.now())
        request.session.cycle_key()  # what other processes may still remember of the old key must not count
        request.session[CHOSEN] = member.pk
        hold_for_consent(request, member)
        touch_session(request.session.get(RECORD, 0), request.session.session_key or "", at=clock.now())
        messages.success(request, _("已切换到%(organisation)s。") % {"organisation": member.organisation.name})
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/switch.html", {"subjects": subjects_of(request.member, clock.now())})


@never_cache
@sensitive_post_parameters("password")
def register_page(request: HttpRequest) -> HttpResponse:
    """注册账号."""
    form, at = RegistrationForm(request.POST or None), clock.now()
    terms = reading(request, list(Agreement.objects.current()), at)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            registration = register(
                form.wish(),
                typed["password"],
                agreed=typed["agreed"],
                opened=terms.opened,
                origin=origin_of(request),
                at=at,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("accounts:registration_progress", registration.reference)
    shown = {"form": form, "doors": DOORS, "by_code": codes.available(), "reading": terms}
    return render(request, "accounts/register.html", shown, status=form.status)


@require_POST
def organisation_fields(request: HttpRequest) -> HttpResponse:
    """The part of the registration form that depends on side and kind, with what was typed."""
    form = RegistrationForm(initial={name: request.POST.get(name, "") for name in RegistrationForm.base_fields})
    return render(request, "accounts/organisation_fields.html", {"form": form})


def progress_page(request: HttpRequest) -> HttpResponse:
    """注册进度: asks for the reference."""
    asked = request.GET.get("reference", "").upper()
    reference = "".join(sign for sign in asked if sign.isascii() and sign.isalnum())
    if reference:
        return redirect("accounts:registration_progress", reference[:16])
    return render(request, "accounts/progress.html")


@never_cache
def registration_progress(request: HttpRequest, reference: str) -> HttpResponse:
    """How one registration stands, for whoever knows its reference."""
    registration = Registration.objects.filter(reference=reference.upper()).first()
    if registration is None:
        raise Unknown(_("没有找到这个查询号的注册申请。"), advice=_("请核对查询号，共 12 位。"))
    return render(request, "accounts/registration_progress.html", {"case": registration})


@needs("accounts.approve")
def registrations_page(request: MemberRequest) -> HttpResponse:
    """注册审核: the list; without a chosen view, what waits for a decision."""
    asked = SearchForm(request.GET).asked()
    state = asked["state"] or "submitted"
    found = queries.registrations(request.member, q=asked["q"], state="" if state == "all" else state)
    counts = queries.registrations_by_state(request.member)
    return render(
        request,
        "accounts/registrations.html",
        {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "state": state,
            "q": asked["q"],
            "states": REGISTRATION.states.values(),
            "counts": counts,
        },
    )


@needs("accounts.approve")
def registration_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One registration, and what approving it would lead to."""
    registration = _registration(request, reference)
    return render(
        request,
        "accounts/registration.html",
        {
            "case": registration,
            "prospect": queries.prospect(registration) if registration.state == "submitted" else None,
            "rows": REGISTRATION.possible(registration, request.member),
            "agreed": "、".join(str(one.agreement) for one in registration.consents.select_related("agreement")),
        },
    )


@require_POST
@needs("accounts.approve")
def decide_registration(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """批准开通, 退回注册申请."""
    registration = _registration(request, reference)
    form = ReasonForm(request.POST)
    form.is_valid()
    registration.version = form.cleaned_data.get("version") or 0
    if action == "approve":
        approve_registration(registration, by=request.member, at=clock.now())
        messages.success(request, _("已开通 %(name)s 的账号。") % {"name": registration.contact_name})
    elif action == "refuse":
        refuse_registration(registration, reason=form.cleaned_data.get("reason", ""), by=request.member, at=clock.now())
        messages.success(request, _("已退回%(name)s的注册申请。") % {"name": registration.organisation_name})
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:registration", registration.reference)


def _registration(request: MemberRequest, reference: str) -> Registration:
    found = Registration.objects.visible_to(request.member).filter(reference=reference)
    registration = found.select_related("decided_by__user", "decided_by__organisation", "member__organisation").first()
    if registration is None:
        raise Unknown(_("没有找到这份注册申请。"))
    return registration
