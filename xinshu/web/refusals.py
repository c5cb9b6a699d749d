"""How a refusal is shown: as a page, as an htmx fragment, or as JSON; always what happened, what is kept, what next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Changed, Refusal
from xinshu.web import history

KEPT_NAMES = {"reason": "您填写的原因", "opinion": "您填写的意见", "q": "您的查询"}
_typed: dict[str, dict[str, Any]] = {}  # context -> field -> label


def keep_typed(context: str, labels: Mapping[str, Any]) -> None:
    """Let a refusal hand back what was typed into these fields (name -> label) on the pages of a context."""
    _typed.setdefault(context, {}).update(labels)


@dataclass(frozen=True)
class Told:
    """What the person is told, whatever the form it takes."""

    status: int
    name: str  # for programs: "changed", "not_permitted"
    title: str
    message: str
    advice: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, str]] = field(default_factory=list)
    way: tuple[str, str] | None = None  # page where it can be mended, words of the link

    def as_json(self) -> dict[str, Any]:
        return {
            "error": self.name,
            "title": self.title,
            "message": self.message,
            "advice": self.advice,
            "fields": self.fields,
            "changes": self.changes,
        }


def told_of(refusal: Refusal, member: Member | None) -> Told:
    """Return what a refusal says to `member`; a Changed with its case also says who changed what and when."""
    case = refusal.case if isinstance(refusal, Changed) else None
    return Told(
        status=refusal.status,
        name=_snake(type(refusal).__name__),
        title=_(refusal.title),
        message=refusal.message,
        advice=refusal.advice,
        fields={name: str(text) for name, text in refusal.fields.items()},
        changes=history.recent_changes(case, member),
        way=refusal.way,
    )


def answer(request: HttpRequest, told: Told) -> HttpResponse:
    """Show `told` in the form that the asker understands."""
    if wants_json(request):
        return JsonResponse(told.as_json(), status=told.status, json_dumps_params={"ensure_ascii": False})
    if request.headers.get("HX-Request") == "true":
        response = render(request, "web/refusal_note.html", {"told": told}, status=told.status)
        response["HX-Retarget"] = "#refusal"
        response["HX-Reswap"] = "innerHTML"
        return response
    posted = request.method == "POST"
    context = {
        "told": told,
        "posted": posted,
        "kept": kept_words(request) if posted else [],
        "back": way_back(request),
    }
    return render(request, "web/refusal.html", context, status=told.status)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the asker reads JSON rather than pages."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def way_back(request: HttpRequest) -> str:
    """Return the page that the person came from when it is one of ours and not this one, else ""."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
        ours = came_from.netloc == request.get_host()
    except (ValueError, DisallowedHost):
        return ""
    if not ours or not came_from.path.startswith("/") or came_from.path.startswith("//"):
        return ""
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return "" if path == request.get_full_path() and request.method != "POST" else path


def kept_words(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what the person had typed, to be taken along: nobody writes a reason twice gladly."""
    posted, match = request.POST, request.resolver_match
    labels = {name: _(label) for name, label in KEPT_NAMES.items()} | _typed.get(match.namespace if match else "", {})
    return [(str(label), posted[name]) for name, label in labels.items() if posted.get(name, "").strip()]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
