"""The demo's platforms, for whoever opens a notice at its source. Only in a demo."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from xinshu.collecting.sandbox.inside import say


def platform(request: HttpRequest, path: str) -> HttpResponse:
    """Answer as an invented platform would."""
    if not settings.DEMO or request.method not in ("GET", "HEAD"):
        raise Http404
    said = say(request.get_full_path(), {})
    return HttpResponse(said.body, status=said.status, content_type=said.headers.get("Content-Type", "text/plain"))
