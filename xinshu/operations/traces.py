"""A trace (链路): the request, the entries it made, what followed from each, and who was called for it, with times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from xinshu.core.tracing import brought, trace_of
from xinshu.integrations.models import Attempt
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.veils import Secrecy
from xinshu.messaging.models import Call
from xinshu.operations.models import RequestTrace

MOST = 200  # rows of each sort
_TRACE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Link:
    """An entry with what followed from it."""

    entry: Entry
    secret: bool  # 开标前保密: then nothing is told but times and how it went
    deliveries: list[Delivery]
    calls: list[Call]
    attempts: list[Attempt]


@dataclass(frozen=True)
class Chain:
    """All that belongs to one trace."""

    trace: str
    requests: list[RequestTrace]
    links: list[Link]
    other_calls: list[Call]  # for nothing that has an entry of this trace

    @property
    def secret(self) -> bool:
        return any(link.secret for link in self.links)

    @property
    def empty(self) -> bool:
        return not (self.requests or self.links or self.other_calls)


def trace_named(words: str) -> str:
    """Return the trace that is meant by a trace, a traceparent, or the number of a request."""
    words = words.strip()
    if _TRACE.fullmatch(words.lower()):
        return words.lower()
    if told := brought(words.lower()):
        return told
    known = RequestTrace.objects.filter(number=words[:64].replace("\0", "")).order_by("-pk").first()
    return known.trace if known is not None else trace_of(words)


def chain(trace: str, at: datetime) -> Chain:
    """Return what belongs to `trace`, as it may be told at `at`. Six queries."""
    entries = list(Entry.objects.filter(trace=trace).order_by("pk")[:MOST])
    deliveries = list(Delivery.objects.filter(entry__in=[entry.pk for entry in entries]).order_by("pk"))
    calls = list(Call.objects.filter(trace=trace).order_by("pk")[:MOST])
    attempts = list(Attempt.objects.filter(trace=trace).select_related("sending").order_by("pk")[:MOST])
    links = list(_links(entries, deliveries, calls, attempts, Secrecy(at)))
    placed = {call.pk for link in links for call in link.calls}
    requests = list(RequestTrace.objects.filter(trace=trace).order_by("at")[:MOST])
    return Chain(trace, requests, links, [call for call in calls if call.pk not in placed])


def _links(
    entries: list[Entry], deliveries: list[Delivery], calls: list[Call], attempts: list[Attempt], secrecy: Secrecy
) -> Iterator[Link]:
    for entry in entries:
        yield Link(
            entry,
            secrecy.covers(entry),
            [delivery for delivery in deliveries if delivery.entry_id == entry.pk],
            [call for call in calls if _is_of(entry, "message.queued", call.message_id)],
            [attempt for attempt in attempts if _is_of(entry, "event.due", attempt.sending_id)],
        )


def _is_of(entry: Entry, kind: str, subject: int | None) -> bool:
    return entry.kind == kind and entry.subject_id == subject
