"""Asking the feeds, every night, of every firm that is some institution's business. Talks to the outside."""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid
from xinshu.enterprises.models import Relation
from xinshu.guarantees.models import Guarantee
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.asking import ask_source
from xinshu.rules.sources.protocol import ANSWERED, SHUT, DataSource
from xinshu.watch.actions.events import LIVING, Told, take_event
from xinshu.watch.feeds import EVENTS, FEEDS

log = logging.getLogger(__name__)


def poll(at: datetime) -> int:
    """Ask every feed of every firm that it has not answered for lately; returns how many events were told.

    Goes on where it stopped: what was answered is in the log of calls. A feed that fails rests as any source does.
    """
    taken = 0
    for feed in FEEDS.values():
        for firm, house in _firms(feed, at):
            call = ask_source(feed, firm.uscc or "", owner=house, at=at)
            if call.outcome == SHUT:  # it rests: the other firms' calls would only fill the log
                break
            if call.outcome == ANSWERED:
                taken += sum(_take(feed, firm, one, at) for one in call.answer.get(EVENTS) or [])
    return taken


def _firms(feed: DataSource, at: datetime) -> Iterator[tuple[Organisation, Organisation]]:
    """Yield firm and the institution in whose name it is asked for, without those answered for lately."""
    recent = SourceCall.objects.filter(source=feed.code, outcome=ANSWERED, at__gt=at - feed.fresh_for, at__lte=at)
    asked = set(recent.values_list("key", flat=True))
    living = Guarantee.objects.filter(state__in=LIVING).order_by().values_list("applicant", "guarantor").distinct()
    owners: dict[int, int] = dict(living)
    owners |= dict(Relation.objects.order_by().values_list("enterprise__organisation", "guarantor"))
    houses = Organisation.objects.in_bulk(set(owners.values()))
    keys = sorted(owners)
    for start in range(0, len(keys), 500):
        for firm in Organisation.objects.filter(pk__in=keys[start : start + 500], uscc__isnull=False).order_by("pk"):
            if firm.uscc not in asked:
                yield firm, houses[owners[firm.pk]]


def _take(feed: DataSource, firm: Organisation, one: Any, at: datetime) -> bool:
    """Take in one told event; what does not read as one is left out: a feed's mistake stops nobody else's news."""
    try:
        if one["id"] in (None, ""):
            raise ValueError("an event without an id")
        told = Told(
            source=feed.code, id=f"{firm.uscc}:{one['id']}"[:120], title=str(one["title"] or ""),
            kind=str(one.get("kind") or ""), happened_at=moment(date.fromisoformat(one["happened_on"])),
            url=str(one.get("url") or ""),
        )  # fmt: skip
        take_event(firm, told, by=SYSTEM, at=at)
    except (KeyError, TypeError, ValueError, Invalid) as error:
        named = str(one.get("id"))[:80] if isinstance(one, dict) else ""
        log.warning("Feed %s told an event that does not read as one (id %r): %r", feed.code, named, error)
        return False
    return True
