"""What a request brings, and how somebody who has proven themselves is signed in with it."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from xinshu.accounts.actions.devices import Browser, begin_session, device_named
from xinshu.accounts.actions.second_factor import due
from xinshu.accounts.actions.sessions import let_in
from xinshu.accounts.agreements import owed_by
from xinshu.accounts.middleware import AGED, CHOSEN, OWES, RECORD, SEEN
from xinshu.accounts.models import Member, User
from xinshu.accounts.passwords import expires_at
from xinshu.core import clock

DEVICE = "xinshu_device"  # cookie: tells a browser that somebody has used before from a new one
DEVICE_AGE = 400 * 24 * 3600
PENDING = "pending"  # session key: who has proven the first factor and still owes the second
PENDING_SECONDS = 600


def address_of(request: HttpRequest) -> str:
    """Return the network address that asks: as our own proxy names it where there is one, else the connection's."""
    if settings.SECURE_PROXY_SSL_HEADER:  # set in production only, where a proxy stands in front and appends its client
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return str(forwarded)[:64]
    return str(request.META.get("REMOTE_ADDR", ""))[:64]


def way_on(request: HttpRequest) -> str:
    """Return where to go after sign-in: `next` when it stays on this host, else the workbench."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A path, not just any word: `redirect` takes a word for the name of a page.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def proven(request: HttpRequest, user: User, *, how: str) -> HttpResponseRedirect:
    """Go on with somebody whose first factor is right: into the platform, or to the second factor."""
    target = way_on(request)
    owed = due(user)
    if not owed:
        return come_in(request, user, how=how, target=target)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "how": how,
        "target": target,
        "at": int(clock.now().timestamp()),
    }
    return redirect("accounts:second" if owed == "code" else "accounts:bind")


def pending(request: HttpRequest) -> tuple[User, dict[str, Any]] | None:
    """Return who still owes the second factor in this browser, for ten minutes and while the password is the same."""
    waiting = request.session.get(PENDING) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if not waiting or clock.now().timestamp() - waiting["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != waiting["hash"]:
        return None
    return user, waiting


def come_in(
    request: HttpRequest, user: User, *, how: str, target: str, second_factor: bool = False, by_face: bool = False
) -> HttpResponseRedirect:
    """Sign `user` in in this browser and lead to `target`."""
    response = redirect(target)
    begin(request, response, user, how=how, second_factor=second_factor, by_face=by_face)
    return response


def begin(
    request: HttpRequest, response: HttpResponse, user: User, *, how: str, second_factor: bool, by_face: bool = False
) -> None:
    """Let `user` in, give the session a new key and its record, and the browser its cookie."""
    at = clock.now()
    member = let_in(user, address=address_of(request), how=how, second_factor=second_factor, by_face=by_face, at=at)
    login(request, user)  # a new session key
    request.session.pop(PENDING, None)
    token = request.COOKIES.get(DEVICE, "")
    if not (token.isascii() and token.isalnum() and len(token) == 32):
        token = secrets.token_hex(16)
    browser = Browser(
        session_key=request.session.session_key or "",
        device_key=hashlib.sha256(token.encode()).hexdigest(),
        device=device_named(request.META.get("HTTP_USER_AGENT", "")),
        address=address_of(request),
    )
    session = begin_session(member, browser, how=how, second_factor=second_factor, by_face=by_face, at=at)
    request.session[CHOSEN], request.session[RECORD] = member.pk, session.pk
    request.session[SEEN] = int(at.timestamp())
    hold_for_consent(request, member)
    expires = expires_at(user)
    if expires is not None and expires <= at:
        request.session[AGED] = True  # nothing opens before another password is set (see the middleware)
    response.set_cookie(
        DEVICE, token, max_age=DEVICE_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def hold_for_consent(request: HttpRequest, member: Member) -> None:
    """Note in the session whether `member` has agreements to agree to before anything else (see the middleware)."""
    if owed_by(member):
        request.session[OWES] = True
    else:
        request.session.pop(OWES, None)
