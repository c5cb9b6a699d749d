"""Events for other systems: contexts above offer kinds of entries; each entry is put before whoever subscribed.

An event is thin (CloudEvents 1.0): which case, in which state. Whoever wants more reads it through the door, as far as
it exists for them. Whether the case exists for the subscriber at that moment is asked of the context: before bid
opening nobody but the parties is told anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from ninja import Schema

from xinshu.accounts.models import Member
from xinshu.core import clock
from xinshu.core.actors import SYSTEM
from xinshu.core.sm import hmac_sm3
from xinshu.integrations.leaving import forms, gathered, listed
from xinshu.integrations.models import Caller, Sending, Subscription
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.recording import record


@dataclass(frozen=True)
class Subject:
    """The case of an event, as the subscriber may see it: its reference, its address in the interface, the data."""

    reference: str
    address: str
    data: dict[str, Any]


Tell = Callable[[Entry, Member, datetime], Subject | None]


@dataclass(frozen=True)
class EventKind:
    """One kind that can be subscribed to. `tell` returns None where the case does not exist for the member."""

    kind: str
    label: str | Promise
    tell: Tell
    schema: str  # the name under which the JSON Schema of its data is served


_offered: dict[str, EventKind] = {}
_shapes: dict[str, type[Schema]] = {}


def offer(kinds: dict[str, str | Promise], tell: Tell, *, schema: str, shape: type[Schema]) -> None:
    """Let these kinds of entries be subscribed to; their data have this shape, described under the name `schema`.

    Called in `tasks` of the context that records them.
    """
    for kind, label in kinds.items():
        _offered[kind] = EventKind(kind, label, tell, schema)
    _shapes[schema] = shape
    reacts_to(*kinds)(fan_out)


def schema_address(name: str) -> str:
    """Return where the JSON Schema `name` is served to everybody."""
    return f"{settings.PUBLIC_URL}/api/v1/schemas/{name}"


def schema_of(name: str) -> dict[str, Any] | None:
    """Return the JSON Schema (2020-12) of the data of events, None where no event has this one."""
    shape = _shapes.get(name)
    if shape is None:
        return None
    described = shape.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_address(name), **described}


def subscribers(kind: str) -> list[Caller]:
    """Return in whose names systems are subscribed to `kind`, each as its client acts for them."""
    found = []
    wanting = Subscription.objects.filter(state__in=("active", "paused"), client__state__in=("active", "paused"))
    for subscription in wanting.select_related("client").order_by("pk"):
        if kind in subscription.kinds:
            caller = Caller.objects.acting().filter(pk=subscription.client.principal_id).first()
            if caller is not None:
                caller.client = subscription.client
                found.append(caller)
    return found


def offered() -> list[tuple[str, str]]:
    """Return all kinds with their words, for a choice."""
    return [(kind, str(one.label)) for kind, one in sorted(_offered.items())]


def words_of(kinds: list[str]) -> str:
    """Return kinds in words, for people."""
    return "、".join(str(_offered[kind].label) if kind in _offered else kind for kind in kinds)


def fan_out(entry: Entry) -> None:
    """Make one sending of `entry` for every subscription that wants it and may know. Twice is as good as once."""
    at = clock.now()
    offered_kind = _offered[entry.kind]
    wanting = Subscription.objects.filter(state__in=("active", "paused"), client__state__in=("active", "paused"))
    # JSON lists cannot be searched alike on both databases; subscriptions are few, and read by one column
    for subscription in wanting.select_related("client").order_by("pk"):
        if entry.kind not in subscription.kinds or entry.at < subscription.created_at:
            continue
        caller = Caller.objects.acting().filter(pk=subscription.client.principal_id).first()
        if caller is None:
            continue
        caller.client = subscription.client
        with gathered() as given:
            subject = offered_kind.tell(entry, caller, at)
        if subject is None:
            continue
        held = subscription.state == "paused" or subscription.client.state == "paused"
        sending, new = Sending.objects.get_or_create(
            subscription=subscription,
            entry=entry,
            defaults={
                "kind": entry.kind,
                "subject": subject.reference,
                "event": cloud_event(entry, subject, subscription.reference),
                "fields": listed(given),
                **forms(listed(given)),
                "state": Sending.State.HELD if held else Sending.State.WAITING,
                "at": at,
            },
        )
        if new and not held:
            make_due(sending, at)


def make_due(sending: Sending, at: datetime) -> None:
    """Have a worker send it: an entry, whose delivery is tried again and again like every other."""
    record(
        "event.due", sending, by=SYSTEM, at=at, sealed_until=sending.entry.sealed_until,
        event=sending.event["id"], to=sending.subscription.reference,
    )  # fmt: skip


def cloud_event(entry: Entry, subject: Subject, audience: str) -> dict[str, Any]:
    """Return the event in CloudEvents 1.0. Its id tells nothing of how many there are, and differs per subscriber."""
    mark = hmac_sm3(bytes.fromhex(settings.FILE_KEY), f"event {entry.pk} {audience}".encode()).hex()[:32]
    return {
        "specversion": "1.0",
        "id": mark,
        "source": settings.PUBLIC_URL,
        "type": f"xinshu.{entry.kind}",
        "subject": subject.reference,
        "time": entry.at.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": schema_address(_offered[entry.kind].schema),
        "data": {**subject.data, "href": f"{settings.PUBLIC_URL}{subject.address}"},
    }
