"""The door: what stands behind the address in the SMS before the code, and the one page of links that open nothing."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from xinshu.accounts.forms import CodeSignInForm, PhoneForm
from xinshu.accounts.views.arrival import address_of
from xinshu.core.clock import now
from xinshu.core.refusals import Refusal
from xinshu.guarantees import verification
from xinshu.links.actions import visiting
from xinshu.links.forms import CodeForm
from xinshu.links.models import Link, Visit
from xinshu.links.rules import LONGEST
from xinshu.web.refusals import kept_words

COOKIE = "xinshu_link"


@never_cache
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the public verification shows, and ask for the code that goes to the bound phone."""
    link = visiting.link_of(token, now())
    if link is None:
        return _closed_with_token(request, token)
    asks = "send" in request.POST
    form, sent = CodeForm(request.POST if request.method == "POST" and not asks else None), asks
    try:
        if asks:
            visiting.ask_code(link, address=address_of(request), at=now())
        elif form.is_valid():
            return _in(visiting.open_by_code(link, form.cleaned_data["code"], address=address_of(request), at=now()))
    except Refusal as refusal:
        form, sent = form if form.is_bound else CodeForm(initial={}), not asks
        form.refusal = refusal
    verdict = verification.by_number(str(link.guarantee.number), now())
    context = {
        "link": link, "case": verdict.guarantee, "verdict": verdict, "form": form, "sent": sent or form.is_bound,
    }  # fmt: skip
    return render(request, "links/arrive.html", context, status=form.status)


def closed(request: HttpRequest) -> HttpResponse:
    """Answer for a room that is not open in this browser: the same page as for a link that opens nothing."""
    return _closed(request, None, sent=False)


def _closed_with_token(request: HttpRequest, token: str) -> HttpResponse:
    """Offer the owner of a link that ran out a new one by code; every other token gets the very same page."""
    asks = "send" in request.POST or request.method != "POST"
    form = PhoneForm(request.POST or None) if asks else CodeSignInForm(request.POST)
    sent = not asks
    if form.is_valid():
        phone, address = form.cleaned_data["phone"], address_of(request)
        try:
            if not asks:
                return _in(visiting.renew_by_code(token, phone, form.cleaned_data["code"], address=address, at=now()))
            visiting.ask_to_renew(token, phone, address=address, at=now())
            form, sent = CodeSignInForm(initial={"phone": phone}), True
        except Refusal as refusal:
            form.refuse(refusal)
    return _closed(request, form, sent=sent)


def _closed(request: HttpRequest, form: PhoneForm | None, *, sent: bool) -> HttpResponse:
    status = form.status if form is not None and form.status != 200 else 404
    kept = kept_words(request) if request.method == "POST" else []
    return render(request, "links/closed.html", {"form": form, "sent": sent, "kept": kept}, status=status)


def _in(opened: tuple[Visit, str]) -> HttpResponse:
    visit, key = opened
    room = reverse("links:room", args=[visit.link.reference])
    response = redirect(room)
    response.set_cookie(
        COOKIE, key, max_age=LONGEST, path=room, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def visit_in(request: HttpRequest, reference: str) -> Visit | None:
    """Return the visit that this browser holds open for the link `reference`; None: it has to come in again."""
    return visiting.visit_of(reference, request.COOKIES.get(COOKIE, ""), now())


def of(link: Link) -> str:
    """Return the address of a link's room."""
    return reverse("links:room", args=[link.reference])


@require_POST
@never_cache
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """Close the room in this browser."""
    visit = visit_in(request, reference)
    if visit is None:
        return closed(request)
    visiting.leave(visit, at=now())
    response = render(request, "links/left.html", {"title": _("已退出")})
    response.delete_cookie(COOKIE, path=of(visit.link), samesite="Lax")
    return response
