"""人脸识别: opened and closed in one's own account, asked for at sign-in; the demo's page that plays the provider."""

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from xinshu.accounts import faces
from xinshu.accounts.actions.agreements import consent_apart
from xinshu.accounts.actions.faces import VALID_FOR, FaceWaiting, remove_face, usable
from xinshu.accounts.actions.second_factor import due
from xinshu.accounts.actions.sessions import ask_for_face, ask_for_face_binding, bind_face, prove_face
from xinshu.accounts.agreements import standing_consent
from xinshu.accounts.faces.sandbox import OUTCOMES
from xinshu.accounts.forms import FaceForm
from xinshu.accounts.models import Agreement, FaceCheck, FaceFactor, SandboxFace, User
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.views.arrival import address_of, come_in, pending
from xinshu.accounts.views.reading import Reading, origin_of, reading
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import NotNow, Refusal, Unknown

CHECK = "face"  # session key: the reference of the verification that this browser began


def _must_compare() -> None:
    if not faces.available():
        raise Unknown(_("本平台没有开通人脸识别。"))


def _begun(request: HttpRequest, user: User, purpose: str) -> FaceCheck | None:
    """Return the verification that this browser began and nobody decided; another browser's is not its."""
    mine = FaceCheck.objects.filter(reference=request.session.get(CHECK, ""), user=user, purpose=purpose)
    return mine.filter(state=FaceCheck.State.OPEN).first()


def _live(check: FaceCheck | None) -> FaceCheck | None:
    return check if check is not None and check.begun_at + VALID_FOR > clock.now() else None


def _must_be_begun(check: FaceCheck | None) -> FaceCheck:
    if check is None:
        raise NotNow(_("这次人脸核验已经用过或已结束。"), advice=_("请重新开始，或使用动态口令。"))
    return check


def _where(request: HttpRequest, check: FaceCheck | None) -> dict[str, str]:
    """Return the address of the provider's page, and its QR code as a data address, drawn here."""
    if check is None:
        return {}
    address = request.build_absolute_uri(check.url)
    return {"there": address, "qr": str(segno.make(address, error="m").svg_data_uri(scale=4, border=2))}


@never_cache
def sign_in_face_page(request: HttpRequest) -> HttpResponse:
    """人脸识别登录: instead of the code, for somebody who opened it."""
    _must_compare()
    waiting = pending(request)
    if waiting is None:
        return redirect("accounts:sign_in")
    user, owed = waiting
    if not usable(user):
        return redirect("accounts:second")
    check, at, refusal = _begun(request, user, FaceCheck.Purpose.SIGN_IN), clock.now(), None
    if request.method == "POST":
        try:
            if "done" not in request.POST:
                check = _live(check) or ask_for_face(user, at=at)
                request.session[CHECK] = check.reference
            else:
                prove_face(_must_be_begun(check), address=address_of(request), at=at)
                request.session.pop(CHECK, None)
                return come_in(
                    request, user, how=owed["how"], target=owed["target"], second_factor=True, by_face=True
                )  # fmt: skip
        except Refusal as said:
            refusal = said
            check = check if isinstance(said, FaceWaiting) else None
    check = _live(check)
    shown = {"check": check, "refusal": refusal, **_where(request, check)}
    return render(request, "accounts/face.html", shown, status=refusal.status if refusal else 200)


@never_cache
@sensitive_post_parameters("number")
@signed_in
def own_face_page(request: MemberRequest) -> HttpResponse:
    """我的人脸识别: the separate consent first, then whom to compare with, then the verification; closed any time."""
    _must_compare()
    user, form = request.member.user, FaceForm(request.POST if "number" in request.POST else None)
    terms = Agreement.objects.all().apart(Agreement.Kind.FACE)
    if terms is None:
        raise Unknown(_("人脸信息处理规则还没有发布，不能开启。"))
    check = _begun(request, user, FaceCheck.Purpose.BIND)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if (done := _own_act(request, form, terms, check)) is not None:
                return done
        except Refusal as said:
            refusal = said
            if form.is_bound:
                form.refuse(said)
        check = _begun(request, user, FaceCheck.Purpose.BIND)
    check = _live(check)
    agreed = standing_consent(user, Agreement.Kind.FACE) is not None
    open_now: Reading | None = None if agreed else reading(request, [terms], clock.now())
    shown = {
        "form": form,
        "refusal": None if form.refusal else refusal,
        "phone": due(user) == "code",
        "bound": FaceFactor.objects.filter(user=user).exists() and agreed,
        "agreed": agreed,
        "reading": open_now,
        "check": check,
        **_where(request, check),
    }
    status = refusal.status if refusal else form.status if form.is_bound else 200
    return render(request, "accounts/own_face.html", shown, status=status)


def _own_act(
    request: MemberRequest, form: FaceForm, terms: Agreement, check: FaceCheck | None
) -> HttpResponse | None:  # fmt: skip
    by, at = request.member, clock.now()
    if "close" in request.POST:
        remove_face(by, at=at)
        messages.success(request, _("人脸识别已关闭，身份证号码已删除。"))
        return redirect("accounts:account")
    if "opened" in request.POST:
        opened = reading(request, [terms], at).opened
        agreed = request.POST.get("agreed") == "on"
        consent_apart(terms, opened, agreed=agreed, by=by, origin=origin_of(request), at=at)
        return redirect("accounts:own_face")
    if "done" in request.POST:
        bind_face(_must_be_begun(check), by=by, at=at)
        request.session.pop(CHECK, None)
        messages.success(request, _("人脸识别已开启，下次登录可以代替动态口令。"))
        return redirect("accounts:account")
    if form.is_valid():
        request.session[CHECK] = ask_for_face_binding(by, form.cleaned_data["number"], at=at).reference
        return redirect("accounts:own_face")
    return None


@never_cache
def sandbox_page(request: HttpRequest) -> HttpResponse:
    """演示人脸核验: plays the provider's page. Only where no real provider compares."""
    if settings.PRODUCTION or not settings.FACE_PROVIDER.endswith(".Sandbox"):
        raise Unknown(_("没有这个页面。"))
    token = request.POST.get("token", "") or request.GET.get("token", "")
    found = SandboxFace.objects.filter(token=token.replace("\0", "")[:40]).first()
    outcome = request.POST.get("outcome", "")
    if request.method == "POST" and found is not None and outcome in OUTCOMES and not found.outcome:
        SandboxFace.objects.filter(pk=found.pk, outcome="").update(outcome=outcome)
        found.outcome = outcome
    return render(request, "accounts/face_sandbox.html", {"found": found, "outcomes": OUTCOMES})
