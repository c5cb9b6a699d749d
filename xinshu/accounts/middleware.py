"""Who is asking: `request.member`, the member as whom this session acts."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from xinshu.accounts.models import Member, User

CHOSEN = "member"  # session key: the id of the member as whom this person acts


class MemberMiddleware:
    """Set `request.member`: a Member with user and organisation loaded, or None for a stranger.

    One query for a browser that brings a session, none for one that does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        brings_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        request.member = member_of(request) if brings_session else None  # type: ignore[attr-defined]
        return self.get_response(request)


def member_of(request: HttpRequest) -> Member | None:
    """Return the member that the session has chosen, as long as user, member and organisation are all active."""
    user_id, chosen = request.session.get(SESSION_KEY), request.session.get(CHOSEN)
    if user_id is None or chosen is None:
        return None
    member = Member.objects.acting().filter(pk=chosen, user_id=user_id).first()
    if member is None or not _password_is_still_the_same(request, member.user):
        return None
    return member


def _password_is_still_the_same(request: HttpRequest, user: User) -> bool:
    # Django's own promise, which request.user keeps with a query of its own: a new password ends every other session.
    known = request.session.get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(known, hash_) for hash_ in hashes)
