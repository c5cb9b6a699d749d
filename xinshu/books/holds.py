"""Reservations that have outlived their time: each is voided once, and its case learns of it in the same act."""

from datetime import datetime

from django.db import transaction

from xinshu.books.models import Transfer
from xinshu.books.subjects import KINDS
from xinshu.books.transfers import void
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, NotNow, Refusal
from xinshu.ledger.recording import record

BATCH = 500


def release_due(at: datetime) -> int:
    """Void every pending transfer that was due by `at`; returns how many.

    A case of a registered kind ends itself (its context knows how) and voids its hold in that one transaction; a
    transfer nobody answers for is voided here. One that is refused is left for the next round and reported at the end,
    so that it keeps nobody else's line.
    """
    released, refused, after = 0, [], 0
    while True:
        due = Transfer.objects.filter(state=Transfer.State.PENDING, due_at__lte=at, pk__gt=after).order_by("pk")
        found = list(due[:BATCH])
        if not found:
            break
        after = found[-1].pk
        for hold in found:
            try:
                released += _release(hold, at)
            except (Changed, NotNow):
                continue  # somebody paid, posted or voided it just now, or is about to: the next round looks again
            except Refusal as refusal:
                refused.append(refusal)
    if refused:
        raise refused[0]
    return released


@transaction.atomic
def _release(hold: Transfer, at: datetime) -> bool:
    kind = KINDS.get(hold.subject_type)
    if kind is not None and hold.subject_id is not None:
        return kind.lapse(hold.subject_id, at)
    return expire_hold(hold, at=at)


def expire_hold(hold: Transfer, *, at: datetime) -> bool:
    """Void one hold because its time is over; False when another was quicker or it is not due any more.

    Two rounds at once, or a round and a payment: the row is voided by one UPDATE that finds it pending, so one of
    them finds nothing.
    """
    now = Transfer.objects.select_for_update().get(pk=hold.pk)
    if now.state != Transfer.State.PENDING or now.due_at is None or now.due_at > at:
        return False
    void(now, at=at)
    kind = KINDS.get(now.subject_type)
    sealed = kind.sealed_until(now.subject_id) if kind and now.subject_id is not None else None
    record(
        "hold.expired", now, by=SYSTEM, at=at, sealed_until=sealed, amount=now.amount, due_at=now.due_at.isoformat(),
        subject_type=now.subject_type, subject_id=now.subject_id,
    )  # fmt: skip
    return True


def due_hold(subject_type: str, subject_id: int, at: datetime) -> Transfer | None:
    """Return the hold of a case that is due by `at`, if it still stands."""
    held = Transfer.objects.filter(
        subject_type=subject_type, subject_id=subject_id, state=Transfer.State.PENDING, due_at__lte=at
    )
    return held.order_by("-pk").first()
