"""By what announcements are found: a line for each, kept in the transaction that changes it. Decision 54.

A line holds the pieces of the whole text, and marks among them of kind, region, trade, source, amount and week. What
several sources tell is one row of the list: the line of the first telling holds what all of them say.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from xinshu.core.bands import bands_of
from xinshu.core.divisions import prefix_of
from xinshu.core.grams import grams_of, normalise
from xinshu.tenders.models import Announcement, Listed

FIRST = "firsttelling"  # the piece of what no other source told before
SHAPE = 2  # what lines hold; those of another shape are made again at night
_SEQUENCE = 1 << 30  # announcements that one second can hold apart
_LATEST = (1 << 33) - 1  # seconds: the year 2242
WEEK = 7 * 86_400 * _SEQUENCE  # how far apart two places are that lie a week apart


def mark(what: str, code: str = "") -> str:
    """Return the piece that stands for a kind, region, trade, source…: longer than any piece of a text."""
    plain = code.lower() if not code or (code.isascii() and code.isalnum()) else f"{zlib.crc32(code.encode()):08x}"
    return f"{what}{plain}"


def amount_mark(band: str = "") -> str:
    """Return the piece that stands for an amount in a band; "": for any."""
    return mark("amount", band)


def week_mark(place: int) -> str:
    """Return the piece that stands for the week that a place lies in."""
    return mark("week", str(place // WEEK))


def place_of(announcement: Any) -> int:
    """Return the place in the order of publication; where that day is not known, of arrival."""
    at: datetime = announcement.published_at or announcement.received_at
    return place_at(at) + announcement.pk % _SEQUENCE


def place_at(at: datetime) -> int:
    """Return the first place of a moment."""
    return min(max(int(at.timestamp()), 0), _LATEST) * _SEQUENCE


def line_of(announcement: Any, told_again: Iterable[Any] = ()) -> dict[str, Any]:
    """Return by what an announcement is found, as the fields of its line; with what tells the same after it."""
    tellings = [announcement, *told_again]
    lines = [normalise(line) for one in tellings for line in one.words.split("\n")]
    lines = list(dict.fromkeys(line for line in lines if line))
    place = place_of(announcement)
    marks = {mark("kind", announcement.kind), week_mark(place)}.union(*map(_marks, tellings))
    if announcement.told_again_of_id is None:
        marks.add(FIRST)
    if announcement.amount is not None:
        marks |= {amount_mark(), *map(amount_mark, bands_of(announcement.amount))}
    return {
        "place": place, "announcement_id": announcement.pk, "text": "\n".join(lines),
        "grams": " ".join(sorted(grams_of(lines) | marks)), "shape": SHAPE,
    }  # fmt: skip


def _marks(announcement: Any) -> set[str]:
    code, trade = prefix_of(announcement.region_code), announcement.trade
    return {
        mark("source", announcement.source),
        *(mark("region", code[:size]) for size in range(2, len(code) + 1)),
        *(mark("trade", trade[:size]) for size in range(1, len(trade) + 1)),
    }


def keep_listed(announcement: Announcement, *, before: int | None = None) -> None:
    """Make an announcement findable as it is now. Must run in the transaction that changed it.

    The line of the first telling is made anew with it, and that of the one that was the first telling `before`.
    """
    firsts = {announcement.told_again_of_id, before} - {None, announcement.pk}
    _keep([announcement, *_locked(sorted(filter(None, firsts), reverse=True))])


def _keep(announcements: Sequence[Announcement]) -> None:
    again: dict[int, list[Announcement]] = {}
    for one in Announcement.objects.filter(told_again_of__in=announcements).order_by("pk"):
        again.setdefault(one.told_again_of_id or 0, []).append(one)
    Listed.objects.filter(announcement__in=announcements).delete()
    Listed.objects.bulk_create(Listed(**line_of(one, again.get(one.pk, ()))) for one in announcements)


def _locked(pks: Sequence[int]) -> list[Announcement]:
    """Return these announcements, locked the latest first, as every act that changes one does."""
    return list(Announcement.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("-pk"))


def unlisted() -> QuerySet[Announcement]:
    """Return the announcements without a line, or with one of another shape."""
    return Announcement.objects.filter(Q(listed=None) | Q(listed__shape=None) | Q(listed__shape__lt=SHAPE))


def list_unlisted(most: int) -> bool:
    """Make up to so many of them findable, the newest first; say whether there are more."""
    missing = list(unlisted().order_by("-pk").values_list("pk", flat=True)[: most + 1])
    with transaction.atomic():
        _keep(_locked(missing[:most]))
    return len(missing) > most
