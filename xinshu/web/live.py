"""Where a browser finds the live stream: another port of the host that was asked, or the address in LIVE_URL."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

from xinshu.accounts.models import Member

Path = Callable[[HttpRequest, Member], str]

_paths: list[Path] = []


def stream(path: Path) -> None:
    """Let `path(request, member)` supply the path and signed token of a member's stream, "" where there is none.

    Messaging calls this when ready.
    """
    _paths[:] = [path]


def origin(request: HttpRequest) -> str:
    """Return scheme, host and port of the live stream as the browser of `request` reaches it; "" for a broken host."""
    if settings.LIVE_URL:
        parts = urlsplit(settings.LIVE_URL)
        return f"{parts.scheme}://{parts.netloc}"
    try:
        host = urlsplit(f"//{request.get_host()}").hostname or ""
    except (DisallowedHost, ValueError):
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}" if host else ""


def address(request: HttpRequest, member: Member) -> str:
    """Return the address of `member`'s stream, or "" where nothing streams."""
    base = settings.LIVE_URL.rstrip("/") or origin(request)
    path = _paths[0](request, member) if _paths and base else ""
    return f"{base}{path}" if path else ""


class LivePolicyMiddleware:
    """Adds the live stream of the asked host to the page's Content-Security-Policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if base := origin(request):
            response._csp_update = {"connect-src": [base]}  # type: ignore[attr-defined]
        return response
