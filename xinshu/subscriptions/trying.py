"""Trying out: what a subscription would have found in the last 90 days, by the engine that will run it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from xinshu.subscriptions.engine.segments import build
from xinshu.subscriptions.engine.truth import cover_of
from xinshu.subscriptions.engine.wanted import Found, Wanted, look
from xinshu.subscriptions.models import Compared
from xinshu.subscriptions.texts import notice_of
from xinshu.tenders.models import Announcement
from xinshu.tenders.reading.kinds import KINDS

DAYS = 90
SHOWN = 20
LOOKED_AT = 20_000  # texts of one trial, newest first
CHUNK = 500


@dataclass(frozen=True)
class Trial:
    """How many were found, the first of them with the reasons; `cut`: there were more texts than are looked at."""

    count: int
    first: tuple[tuple[Announcement, Found], ...]
    cut: bool


def try_out(wanted: Wanted, at: datetime) -> Trial:
    """Return what `wanted` would have found. The database narrows, the engine decides."""
    segment, count, looked = build([wanted], tuple(KINDS)), 0, 0
    first: list[tuple[Announcement, Found]] = []
    for looked, row in enumerate(_narrowed(wanted, at), 1):  # noqa: B007
        notice = notice_of(row.announcement, row)
        if not len(segment.match(notice).ids):
            continue
        count += 1
        if len(first) < SHOWN and (found := look(wanted, notice)):
            first.append((row.announcement, found))
    return Trial(count, tuple(first), looked >= LOOKED_AT)


def _narrowed(wanted: Wanted, at: datetime) -> Iterator[Compared]:
    rows = Compared.objects.filter(published_at__gte=at - timedelta(days=DAYS), published_at__lte=at)
    if wanted.kinds:
        rows = rows.filter(announcement__kind__in=wanted.kinds)
    if words := cover_of(wanted.whole):
        rows = rows.filter(reduce(or_, (Q(title__contains=word) | Q(body__contains=word) for word in words)))
    rows = rows.select_related("announcement").defer("announcement__words").order_by("-published_at", "-pk")
    return rows[:LOOKED_AT].iterator(chunk_size=CHUNK)
