"""Trying a parked delivery again: a person's act, recorded like any other."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.refusals import NotNow
from xinshu.ledger.models import Delivery
from xinshu.ledger.recording import record


@transaction.atomic
def retry_delivery(delivery: Delivery, *, by: Actor, at: datetime) -> Delivery:
    """Have a delivery tried again at once, with all its attempts before it. Raises NotNow when it is done."""
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("entry").get(pk=delivery.pk)
    if delivery.state == Delivery.State.DONE:
        raise NotNow(_("这项投递已经完成，不用重试。"))
    before = delivery.attempts
    delivery.state, delivery.attempts = Delivery.State.WAITING, 0
    delivery.due_at = min(at, delivery.due_at)
    delivery.save(update_fields=["state", "attempts", "due_at"])
    record(
        "delivery.retried",
        delivery,
        by=by,
        at=at,
        sealed_until=delivery.entry.sealed_until,
        reaction=delivery.reaction,
        entry=delivery.entry_id,
        attempts=before,
    )
    return delivery
