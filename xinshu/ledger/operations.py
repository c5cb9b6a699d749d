"""What the operations page shows and does: deliveries, workers, sealing, and asking for a verification."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import models, transaction

from xinshu.core.actors import Actor
from xinshu.ledger.models import Checkpoint, Delivery, Entry, Leaf, NightlyRun, Refused, Verification, Worker
from xinshu.ledger.recording import record
from xinshu.ledger.tree import stored_size

ALIVE = timedelta(seconds=20)  # a worker says every five seconds that it lives


@dataclass(frozen=True)
class Sealing:
    """How far sealing is."""

    sealed: int
    waiting: int
    refused: int
    checkpoint: Checkpoint | None


_VIEWS = {
    "parked": "state = 'parked'",
    "failing": "state = 'waiting' AND attempts > 0",
    "waiting": "state = 'waiting'",
    "done": "state = 'done'",
}


def counts() -> dict[str, int]:
    """Return how many deliveries each view has (parked, failing, waiting, done)."""
    return {view: _of(view).count() for view in _VIEWS}


def deliveries(view: str) -> models.QuerySet[Delivery]:
    """Return the deliveries of one view, newest first."""
    return _of(view).select_related("entry").order_by("-pk")


def _of(view: str) -> models.QuerySet[Delivery]:
    # A literal, not a parameter: only so does SQLite use the indexes on the few that are not done.
    return Delivery.objects.extra(where=[f"ledger_delivery.{_VIEWS[view]}"])  # noqa: S610


def workers_alive() -> models.QuerySet[Worker]:
    """Return the workers that are at work (by the machine's own clock)."""
    return Worker.objects.filter(stopped_at=None, seen_at__gte=datetime.now(UTC) - ALIVE).order_by("started_at")


def sealing() -> Sealing:
    """Return how far sealing is."""
    tip = Leaf.objects.order_by("-position").values_list("entry_id", flat=True).first() or 0
    return Sealing(
        stored_size(),
        Entry.objects.filter(pk__gt=tip).count(),
        Refused.objects.count(),
        Checkpoint.objects.order_by("-size").first(),
    )


def rounds_open() -> models.QuerySet[NightlyRun]:
    """Return nightly rounds that failed and will be tried again."""
    return NightlyRun.objects.filter(finished_at=None, attempts__gt=0).order_by("day")


@transaction.atomic
def request_verification(*, by: Actor, at: datetime) -> Verification:
    """Have a worker recompute the whole ledger; one that is already asked for is not asked for twice."""
    waiting = Verification.objects.filter(finished_at=None, requested_at__gte=at - timedelta(hours=1)).first()
    if waiting is not None:
        return waiting
    asked = Verification.objects.create(requested_at=at)
    record("ledger.verification_requested", asked, by=by, at=at)
    return asked


def open_by_reaction() -> dict[str, tuple[int, int, int]]:
    """Return for each reaction how many deliveries wait, how many of these have failed before, how many are parked."""
    failing = models.Count("pk", filter=models.Q(attempts__gt=0))
    waiting = _of("waiting").values_list("reaction").annotate(models.Count("pk"), failing=failing).order_by()
    found = {reaction: (count, again, 0) for reaction, count, again in waiting}
    for reaction, count in _of("parked").values_list("reaction").annotate(models.Count("pk")).order_by():
        found[reaction] = (*found.get(reaction, (0, 0, 0))[:2], count)
    return found
