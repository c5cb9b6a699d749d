"""清理采集记录: runs and items whose time is over leave, each batch as an act of its own that the ledger remembers.

What stays whatever its age: of each source the last runs (the last good one among them), runs that an alarm tells of,
what waits to be read, and the items that its list may still show: without them every notice would be fetched again.
Announcements are never touched.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from xinshu.collecting.models import Item, Run, Source
from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record

BATCH = 2_000  # rows that go in one transaction
RUNS_KEPT, ITEMS_KEPT = 20, 1_000  # of each source, the newest


def sweep(at: datetime) -> int:
    """Remove what is older than XINSHU_COLLECTING_KEEP_DAYS; return how many rows that were."""
    before = at - timedelta(days=settings.COLLECTING_KEEP_DAYS)
    return sum(_sweep_source(source, before, at) for source in Source.objects.order_by("pk"))


def _sweep_source(source: Source, before: datetime, at: datetime) -> int:
    gone = 0
    while removed := _sweep_batch(source, before, at):
        gone += removed
    return gone


@transaction.atomic
def _sweep_batch(source: Source, before: datetime, at: datetime) -> int:
    runs, items = _over(source, before)
    counts = [rows.model.objects.filter(pk__in=list(rows[:BATCH])).delete()[0] for rows in (runs, items)]
    if any(counts):
        record("collecting.swept", source, by=SYSTEM, at=at, runs=counts[0], items=counts[1], before=before.isoformat())
    return sum(counts)


def _over(source: Source, before: datetime) -> tuple[QuerySet[Run, int], QuerySet[Item, int]]:
    """Return the keys of runs and items whose time is over, oldest first."""
    lasting = set(source.runs.order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT])
    good = source.runs.filter(state=Run.State.DONE).order_by("-pk").values_list("pk", flat=True).first()
    runs = source.runs.filter(ended_at__lt=before, alarms=None).exclude(pk__in=lasting | {good})
    shown = source.items.order_by("-pk").values_list("pk", flat=True)[ITEMS_KEPT : ITEMS_KEPT + 1].first()
    items = source.items.filter(seen_at__lt=before, pk__lte=shown or 0).exclude(outcome=Item.Outcome.WAITING)
    recent = items.exclude(checked_at__gte=before)
    return runs.order_by("pk").values_list("pk", flat=True), recent.order_by("pk").values_list("pk", flat=True)
