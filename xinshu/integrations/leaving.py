"""What leaves through the interface: each value as its receiver may have it, each field and its class noted.

Whoever writes an answer or an event puts its values through `given`; the door and the fan-out gather what was given
and keep it with the call or the sending: names and classes of fields, never the values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.classification import Level, class_of

Given = dict[str, dict[str, Any]]
_given: ContextVar[Given | None] = ContextVar("fields_given", default=None)


@contextmanager
def gathered() -> Iterator[Given]:
    """Gather what is given inside the block: the class of each field and whether it was covered."""
    here: Given = {}
    token = _given.set(here)
    try:
        yield here
    finally:
        _given.reset(token)


def given(field: str, value: Any, reader: Actor | None) -> Any:
    """Return `value` of "app.Model.field" as `reader` may have it, and note that it leaves. Raises KeyError."""
    of = class_of(field)
    leaves = of.shown(value, reader)
    here = _given.get()
    if here is not None and value not in (None, ""):
        told = here.setdefault(field, {"field": field, "level": int(of.level), "covered": False})
        told["covered"] = told["covered"] or leaves != value
    return leaves


def give(data: dict[str, Any], fields: dict[str, str], reader: Actor | None) -> dict[str, Any]:
    """Return `data` with those values put through `given` that `fields` names: {"amount": "app.Model.amount"}."""
    return data | {name: given(field, data[name], reader) for name, field in fields.items() if name in data}


def name_field(organisation: Organisation) -> str:
    """Return of which class an organisation's name is: a natural person's is personal."""
    return "accounts.User.name" if organisation.kind == Organisation.Kind.PERSON else "accounts.Organisation.name"


def listed(found: Given) -> list[dict[str, Any]]:
    """Return what was gathered, as the logs keep it: the most sensitive first."""
    return sorted(found.values(), key=lambda one: (-one["level"], one["field"]))


def highest(fields: list[dict[str, Any]]) -> int:
    """Return the highest level among the fields, 0 where none left."""
    return max((one["level"] for one in fields), default=0)


def in_words(fields: list[dict[str, Any]]) -> str:
    """Return fields with their classes, for people."""
    return "、".join(
        f"{one['field']}（{Level(one['level']).label}{'，已遮盖' if one['covered'] else ''}）" for one in fields
    )
