"""The nightly round: every registered function once per local day, missed days made up, one worker at a time."""

import logging
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from xinshu.core.clock import local_day
from xinshu.core.tracing import trace_of, traced
from xinshu.ledger import reactions
from xinshu.ledger.deliveries import in_words, pause
from xinshu.ledger.models import NightlyRun

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)  # a killed worker's round is taken over after this


def run_due(worker: str, at: datetime) -> int:
    """Run what is due at `at`: for each function the days since it last finished, in order. Returns how many ran.

    A day that fails is tried again later, and holds back the later days of the same function only.
    """
    done = 0
    for name in sorted(reactions.nightly):
        while (day := _next_day(name, local_day(at))) and _run(name, day, worker, at):
            done += 1
    return done


def _next_day(name: str, today: date) -> date | None:
    """Return the day to run next; a function that never ran begins today."""
    last = NightlyRun.objects.filter(function=name, finished_at__isnull=False).aggregate(day=Max("day"))["day"]
    if last is None:
        first = NightlyRun.objects.filter(function=name).order_by("day").values_list("day", flat=True).first()
        return first or today
    following = last + timedelta(days=1)
    return following if following <= today else None


def _run(name: str, day: date, worker: str, at: datetime) -> bool:
    if not _take(name, day, worker, at):
        return False
    mine = NightlyRun.objects.filter(function=name, day=day, leased_by=worker)
    try:
        with traced(trace_of(f"{name} {day}")):
            reactions.nightly[name](day, at)
    except Exception as error:  # noqa: BLE001  kept for a person to read, tried again later
        run = mine.get()
        log.warning("%s failed: %r", run, error)
        mine.update(
            attempts=run.attempts + 1,
            due_at=at + pause(run.attempts + 1),
            leased_until=None,
            leased_by="",
            last_error=in_words(error),
        )
        return False
    return bool(mine.update(finished_at=at, leased_until=None, last_error=""))


def _take(name: str, day: date, worker: str, at: datetime) -> bool:
    """Lease the run of `name` for `day`, unless it is done, not due yet, or another worker is at it."""
    started = datetime.now(UTC)
    with transaction.atomic():
        NightlyRun.objects.bulk_create([NightlyRun(function=name, day=day, due_at=at)], ignore_conflicts=True)
        free = Q(leased_until__isnull=True) | Q(leased_until__lt=started)
        open_run = NightlyRun.objects.filter(free, function=name, day=day, finished_at__isnull=True, due_at__lte=at)
        return bool(open_run.update(leased_by=worker, leased_until=started + LEASE))


def renew(worker: str) -> None:
    """Extend the lease of the round that `worker` is making."""
    held = NightlyRun.objects.filter(leased_by=worker, leased_until__isnull=False)
    held.update(leased_until=datetime.now(UTC) + LEASE)
