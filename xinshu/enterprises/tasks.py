"""What follows here from entries of contexts below."""

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.models import Relation
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.recording import record


@reacts_to("member.left")
@transaction.atomic
def hand_over_customers(entry: Entry) -> None:
    """Give the customers of an account manager who left to the colleague who takes over."""
    successor = Member.objects.acting().filter(pk=entry.data["successor"]).first()
    if successor is None:
        return
    at = now()
    mine = Relation.objects.select_for_update().filter(manager=entry.subject_id)
    for relation in mine.select_related("enterprise"):
        relation.manager = successor
        relation.save(update_fields=["manager"])
        record(
            "enterprise.customer_handed_over",
            relation.enterprise,
            by=SYSTEM,
            at=at,
            former=entry.subject_id,
            manager=successor.pk,
        )
