"""/api/v1/docs: the interface described for people, drawn from the same OpenAPI; no script, nothing from elsewhere."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from xinshu.integrations import interface, signing
from xinshu.integrations.events import offered
from xinshu.integrations.scopes import all_scopes

DEEPEST = 3
TYPES = {
    "string": gettext_lazy("文本"),
    "integer": gettext_lazy("整数"),
    "number": gettext_lazy("数"),
    "boolean": gettext_lazy("是否"),
    "array": gettext_lazy("列表"),
    "object": gettext_lazy("对象"),
}


@dataclass(frozen=True)
class Field:
    """One line of a table of parameters or fields."""

    name: str
    type: str
    required: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    open_to_all: bool
    parameters: list[Field]
    sent: list[Field]
    file_sent: str
    answered: list[Field]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation, how requests are signed, what refusals look like, which events there are."""
    schema = interface.current().get_openapi_schema()
    groups: dict[str, list[Operation]] = {}
    for path, item in schema["paths"].items():
        for method, told in item.items():
            groups.setdefault(told.get("tags", [""])[0], []).append(_operation(schema, path, method, told))
    context = {
        "groups": groups,
        "about": interface.DESCRIPTION.split("\n\n"),
        "schemes": signing.SCHEMES,
        "window": signing.WINDOW,
        "events": offered(),
        "scopes": all_scopes(),
        "base": settings.PUBLIC_URL,
    }
    return render(request, "integrations/docs.html", context)


def _operation(schema: Any, path: str, method: str, told: Any) -> Operation:
    sent = told.get("requestBody", {}).get("content", {})
    answered = told["responses"].get(200, told["responses"].get("200", {})).get("content", {})
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        words=told.get("description", ""),
        open_to_all=not told.get("security"),
        parameters=[
            Field(one["name"], _type(schema, one["schema"]), one.get("required", False), _words(one))
            for one in told.get("parameters", [])
        ],
        sent=_fields(schema, sent["application/json"]["schema"]) if "application/json" in sent else [],
        file_sent="" if "application/json" in sent else "、".join(sent),
        answered=_fields(schema, answered["application/json"]["schema"]) if "application/json" in answered else [],
    )


def _words(one: Any) -> str:
    return str(one.get("description") or one["schema"].get("description") or "")


def _resolved(schema: Any, part: Any) -> tuple[Any, bool]:
    """Return what a schema refers to, and whether it may be empty."""
    empty = False
    if "anyOf" in part:
        empty = any(one.get("type") == "null" for one in part["anyOf"])
        part = {
            **next(one for one in part["anyOf"] if one.get("type") != "null"),
            "description": part.get("description", ""),
        }
    if "$ref" in part:
        words = part.get("description")
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
        part = {**part, "description": words} if words else part
    return part, empty


def _type(schema: Any, part: Any) -> str:
    found, empty = _resolved(schema, part)
    words = str(TYPES.get(found.get("type", "object"), found.get("type", "")))
    if found.get("format") in ("date", "date-time"):
        words = _("日期") if found["format"] == "date" else _("时刻")
    return words + (_("，可空") if empty else "")


def _fields(schema: Any, part: Any, prefix: str = "", depth: int = 1) -> list[Field]:
    found, _empty = _resolved(schema, part)
    lines = []
    for name, inner in found.get("properties", {}).items():
        target, _maybe = _resolved(schema, inner)
        shown = f"{prefix}{name}"
        words = inner.get("description") or ("" if "properties" in target else target.get("description", ""))
        lines.append(Field(shown, _type(schema, inner), name in found.get("required", []), words or ""))
        if depth < DEEPEST:
            if target.get("type") == "array":
                lines += _fields(schema, target["items"], f"{shown}[].", depth + 1)
            elif "properties" in target:
                lines += _fields(schema, target, f"{shown}.", depth + 1)
    return lines
