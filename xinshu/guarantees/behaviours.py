"""What the course of a guarantee says about its applicant's conduct, told to credit (信用行为)."""

from xinshu.core.clock import local_day, now
from xinshu.credit.actions.behaviours import Seen
from xinshu.credit.telling import ASK_AGAIN, tell
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, reacts_to

SAYS = {  # entry: behaviour of the applicant
    "guarantee.expired": "honoured",
    "guarantee.released": "released",
    "guarantee.lapsed": "fee_late",
}


@reacts_to(*SAYS)
def tell_credit(entry: Entry) -> None:
    """Tell of a guarantee that ended without a payment, and of an application that lapsed for want of its fee.

    Of one that expired while a demand was open nothing is known until that is decided: it may still be paid.
    """
    guarantee = Guarantee.objects.select_related("applicant", "guarantor", "project").get(pk=entry.subject_id)
    if guarantee.reserved_amount:
        raise Later(now() + ASK_AGAIN)
    kind = SAYS[entry.kind]
    if kind != "fee_late" and guarantee.paid_amount:
        return
    case = guarantee.number or guarantee.reference
    seen = Seen(kind, guarantee.applicant, local_day(entry.at), case, guarantee.guarantor)
    tell(entry, [seen], secret_until=guarantee.secret_until)
