"""Who is asking: `request.member`, the member as whom this session acts, unless it has been idle for too long."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from xinshu.accounts.actions.devices import SEEN_EVERY, close_session, idle_limit, touch_session
from xinshu.accounts.models import Member, SignInSession, User
from xinshu.core import clock
from xinshu.core.composed import composed

CHOSEN = "member"  # session key: the id of the member as whom this person acts
SEEN = "seen"  # session key: when it was last used, in seconds since 1970; known to a minute
OWES = "owes"  # session key: True while agreements wait for this person's consent; set at sign-in and switch
AGED = "aged"  # session key: True while a privileged person's password is too old; set at sign-in
OPEN_WHILE_OWING = ("/terms/", "/sign-out/", "/static/", "/healthz", "/readyz", "/metrics", "/favicon")
OPEN_WHILE_AGED = (*OPEN_WHILE_OWING, "/account/password/")
RECORD = "record"  # session key: the id of its SignInSession


class MemberMiddleware:
    """Set `request.member`: a Member with user and organisation loaded, or None for a stranger.

    One query for a browser that brings a session, none for one that does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        brings_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        member = chosen_member(request) if brings_session else None
        request.member = member  # type: ignore[attr-defined]
        if member is not None and request.session.get(OWES) and not request.path_info.startswith(OPEN_WHILE_OWING):
            return _to_consent(request)
        if member is not None and request.session.get(AGED) and not request.path_info.startswith(OPEN_WHILE_AGED):
            return _away_to(request, reverse("accounts:password"))
        return self.get_response(request)


def _to_consent(request: HttpRequest) -> HttpResponse:
    """Lead to the agreements that came into force, and from there back to where the person was going."""
    consent = reverse("accounts:consent")
    if request.method != "GET" or "HX-Request" in request.headers:
        return _away_to(request, consent)
    return redirect(f"{consent}?{urlencode({'next': request.get_full_path()})}")


def _away_to(request: HttpRequest, address: str) -> HttpResponse:
    if "HX-Request" in request.headers:  # a part of a page: the whole page has to go
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def chosen_member(request: HttpRequest) -> Member | None:
    """Return the member that the session has chosen, as long as user, member and organisation are all active."""
    user_id, chosen = request.session.get(SESSION_KEY), request.session.get(CHOSEN)
    if user_id is None or chosen is None:
        return None
    member = _acting.first(int(chosen), int(user_id))
    if member is None or not _password_is_still_the_same(request, member.user):
        return None
    return member if _is_in_use(request, member) else None


@composed  # asked by every request
def _acting(chosen: int, user: int) -> QuerySet[Member]:
    return Member.objects.acting().filter(pk=chosen, user_id=user)


def _is_in_use(request: HttpRequest, member: Member) -> bool:
    """End a session that nobody used for longer than its member's limit; note, once a minute, that it is in use."""
    seen = request.session.get(SEEN)
    if seen is None:
        return True
    at, session_id = clock.now(), request.session.get(RECORD, 0)
    rest = at - datetime.fromtimestamp(seen, UTC)
    if rest > idle_limit(member):
        close_session(session_id, SignInSession.End.IDLE, at=at)
        request.session.flush()
        return False
    if rest >= SEEN_EVERY:
        request.session[SEEN] = int(at.timestamp())
        touch_session(session_id, request.session.session_key or "", at=at)
    return True


def _password_is_still_the_same(request: HttpRequest, user: User) -> bool:
    # Django's own promise, which request.user keeps with a query of its own: a new password ends every other session.
    known = request.session.get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(known, hash_) for hash_ in hashes)
