"""Deliveries: what follows from entries is claimed, run, retried, parked; nothing is lost or done twice."""

import logging
import random
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from xinshu.core.refusals import Refusal
from xinshu.core.tracing import traced
from xinshu.ledger import reactions
from xinshu.ledger.models import Delivery

log = logging.getLogger(__name__)

ATTEMPTS = 8  # failures until a delivery is parked
LEASE = timedelta(seconds=settings.WORK_LEASE)  # a killed worker's deliveries are free again after this
BATCH = 10  # few, so that what follows from the first need not wait for all the others
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=30)

# States stand as literals, worded as in the indexes: only so do both databases use the indexes on part of the table.
_CLAIM = """
UPDATE ledger_delivery SET leased_until = %s, leased_by = %s WHERE id IN (
  SELECT d.id FROM ledger_delivery d
  WHERE d.state = 'waiting' AND d.due_at <= %s AND (d.leased_until IS NULL OR d.leased_until < %s)
    AND NOT EXISTS (
      SELECT 1 FROM ledger_delivery earlier
      WHERE earlier.reaction = d.reaction AND earlier.lane = d.lane AND earlier.entry_id < d.entry_id
        AND NOT (earlier.state = 'done'))
  ORDER BY d.due_at, d.id LIMIT %s {lock})
RETURNING id
"""
_ANY_DUE = "SELECT 1 FROM ledger_delivery WHERE state = 'waiting' AND due_at <= %s LIMIT 1"
_DONE = """
UPDATE ledger_delivery SET state = 'done', done_at = %s, leased_until = NULL, last_error = ''
WHERE id = %s AND state = 'waiting' AND leased_by = %s
"""
_TOOK = "UPDATE ledger_delivery SET milliseconds = %s WHERE id = %s"
_HELD = "WHERE state = 'waiting' AND leased_by = %s AND leased_until IS NOT NULL"


class Taken(Exception):
    """Another worker has this delivery by now: whatever was done for it here is rolled back."""


def claim(worker: str, at: datetime, limit: int = BATCH) -> list[Delivery]:
    """Lease up to `limit` deliveries that are due at `at` to `worker`; of each lane only the foremost.

    Two workers never get the same one: PostgreSQL skips rows that another is just taking, SQLite has one writer.
    """
    started = datetime.now(UTC)
    locking = connection.features.has_select_for_update_skip_locked
    until, due, free = (connection.ops.adapt_datetimefield_value(moment) for moment in (started + LEASE, at, started))
    with connection.cursor() as cursor:
        cursor.execute(_ANY_DUE, [due])
        if cursor.fetchone() is None:
            return []  # an idle worker must not take SQLite's one writer's place several times a second
        with transaction.atomic():
            lock = "FOR UPDATE OF d SKIP LOCKED" if locking else ""
            cursor.execute(_CLAIM.format(lock=lock), [until, worker, due, free, limit])
            numbers = [row[0] for row in cursor.fetchall()]
    if not numbers:
        return []
    return list(Delivery.objects.filter(pk__in=numbers).select_related("entry").order_by("due_at", "pk"))


def run(delivery: Delivery, worker: str, at: datetime) -> bool:
    """Run one claimed delivery; return whether it is done. A failure is kept with its reason, never raised.

    What it records and whom it calls belongs to the trace of the entry.
    """
    with traced(delivery.entry.trace):
        return _run(delivery, worker, at)


def _run(delivery: Delivery, worker: str, at: datetime) -> bool:
    reaction, began = reactions.by_name.get(delivery.reaction), time.perf_counter()
    try:
        if reaction is None:
            raise LookupError(_("没有名为 %s 的后续动作。") % delivery.reaction)
        if reaction.together:
            with transaction.atomic():
                _mark_done(delivery, worker, at)
                reaction.run(delivery.entry)
                _note_time(delivery, began)
        else:
            reaction.run(delivery.entry)
            _mark_done(delivery, worker, at)
            _note_time(delivery, began)
    except Taken:
        return False
    except reactions.Later as later:
        mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, leased_by=worker)
        mine.update(due_at=later.at, leased_until=None, leased_by="")
        return False
    except Exception as error:  # noqa: BLE001  whatever a reaction raises is kept for a person to read
        _fail(delivery, worker, at, error, milliseconds=_since(began))
        return False
    return True


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _note_time(delivery: Delivery, began: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TOOK, [_since(began), delivery.pk])


def _mark_done(delivery: Delivery, worker: str, at: datetime) -> None:
    """Take the row for good before its effects: whoever comes second waits here and then finds it done."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [connection.ops.adapt_datetimefield_value(at), delivery.pk, worker])
        if not cursor.rowcount:
            raise Taken


def _fail(delivery: Delivery, worker: str, at: datetime, error: Exception, *, milliseconds: int) -> None:
    if is_busy(error):  # not the reaction's fault: come back shortly, without counting it
        attempts, due_at = delivery.attempts, at + timedelta(seconds=random.uniform(0.1, 0.6))
    else:
        attempts, due_at = delivery.attempts + 1, at + pause(delivery.attempts + 1)
        log.warning("%s failed (%s of %s): %r", delivery, attempts, ATTEMPTS, error)
    state = Delivery.State.PARKED if attempts >= ATTEMPTS else Delivery.State.WAITING
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, leased_by=worker)
    mine.update(
        state=state, attempts=attempts, due_at=due_at, leased_until=None, leased_by="", last_error=in_words(error),
        milliseconds=milliseconds,
    )  # fmt: skip


def pause(attempts: int) -> timedelta:
    """Return how long to wait after that many failures: doubling, with jitter against crowds."""
    longest = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)


def is_busy(error: BaseException) -> bool:
    """Return whether SQLite had another writer for longer than we wait."""
    return isinstance(error, OperationalError) and "locked" in str(error)


def in_words(error: Exception) -> str:
    """Return what to keep of an error: a refusal's own sentence, else its kind and message."""
    text = error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
    return text[:2000]


def release(worker: str) -> None:
    """Give back what `worker` has claimed and not run."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_delivery SET leased_until = NULL, leased_by = '' {_HELD}", [worker])  # noqa: S608


def renew(worker: str) -> None:
    """Extend the leases of `worker`, which is alive and busy."""
    until = connection.ops.adapt_datetimefield_value(datetime.now(UTC) + LEASE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ledger_delivery {_HELD} LIMIT 1", [worker])  # noqa: S608
        if cursor.fetchone():
            cursor.execute(f"UPDATE ledger_delivery SET leased_until = %s {_HELD}", [until, worker])  # noqa: S608
