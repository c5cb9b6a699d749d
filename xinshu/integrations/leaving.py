"""What leaves through the interface: each value as its receiver may have it, each field and its class noted.

Whoever writes an answer or an event puts its values through `given`; the door and the fan-out gather what was given
and keep it with the call or the sending: names and classes of fields, never the values. An operation on one case says
with `about` which one, and until when nobody else may learn that its caller has to do with it (开标前保密).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case
from xinshu.core.classification import Level, class_of


@dataclass(frozen=True)
class About:
    """The one case that a call has to do with; none: a list, or nothing that was found."""

    subject: str = ""  # its reference
    subject_type: str = ""
    subject_id: int | None = None
    sealed_until: datetime | None = None


@dataclass
class Given:
    """What is gathered: by name of the field its class and whether it was covered; and the case."""

    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    about: About = About()


_given: ContextVar[Given | None] = ContextVar("fields_given", default=None)


@contextmanager
def gathered() -> Iterator[Given]:
    """Gather what is given inside the block: the class of each field and whether it was covered; and which case."""
    here = Given()
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
        told = here.fields.setdefault(field, {"field": field, "level": int(of.level), "covered": False})
        told["covered"] = told["covered"] or leaves != value
    return leaves


def about(case: Case, sealed_until: datetime | None) -> None:
    """Note that what is being answered has to do with `case`: said before anything about it can be refused."""
    here = _given.get()
    if here is not None:
        here.about = About(case.reference, case._meta.label_lower, case.pk, sealed_until)


def give(data: dict[str, Any], fields: dict[str, str], reader: Actor | None) -> dict[str, Any]:
    """Return `data` with those values put through `given` that `fields` names: {"amount": "app.Model.amount"}."""
    return data | {name: given(field, data[name], reader) for name, field in fields.items() if name in data}


def name_field(organisation: Organisation) -> str:
    """Return of which class an organisation's name is: a natural person's is personal."""
    return "accounts.User.name" if organisation.kind == Organisation.Kind.PERSON else "accounts.Organisation.name"


def listed(found: Given) -> list[dict[str, Any]]:
    """Return what was gathered, as the logs keep it: the most sensitive first."""
    return sorted(found.fields.values(), key=lambda one: (-one["level"], one["field"]))


def highest(fields: list[dict[str, Any]]) -> int:
    """Return the highest level among the fields, 0 where none left."""
    return max((one["level"] for one in fields), default=0)


def forms(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return in which form fields left, as columns to search by: highest level, highest in the clear, any covered."""
    return {
        "level": highest(fields),
        "clear": highest([one for one in fields if not one["covered"]]),
        "covered": any(one["covered"] for one in fields),
    }


def in_words(fields: list[dict[str, Any]]) -> str:
    """Return fields with their classes, for people."""
    return "、".join(
        f"{one['field']}（{Level(one['level']).label}{'，已遮盖' if one['covered'] else ''}）" for one in fields
    )
