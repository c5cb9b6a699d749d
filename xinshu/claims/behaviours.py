"""What demands and recourse say about the conduct of guarantor and applicant, told to credit (信用行为, EP-24).

A refused demand says nothing against anybody by itself: whether it was baseless, or the refusal wrong, is for a court;
its judgment is entered by hand.
"""

from collections.abc import Iterator

from xinshu.claims.conduct import GRACE
from xinshu.claims.models import PARTIES, Demand, Injunction, Payout, Recourse
from xinshu.core.clock import local_day
from xinshu.credit.actions.behaviours import Seen
from xinshu.credit.telling import tell
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to


@reacts_to("claim.accepted", "claim.refused", "claim.precluded", "claim.paid")
def tell_credit_of_claim(entry: Entry) -> None:
    """Tell whether the guarantor answered and paid in time, and of the applicant for whom it had to pay."""
    demand = Demand.objects.select_related(*PARTIES).get(pk=entry.subject_id)
    tell(entry, _conduct(demand, entry), secret_until=demand.secret_until)


def _conduct(demand: Demand, entry: Entry) -> Iterator[Seen]:
    guarantee, day = demand.guarantee, local_day(entry.at)
    told = (day, guarantee.number or guarantee.reference, guarantee.guarantor)
    if entry.kind == "claim.paid":
        if kind := _paid(demand, Payout.objects.get(order_number=entry.data["order"])):
            yield Seen(kind, guarantee.guarantor, *told)
        yield Seen("defaulted", guarantee.applicant, *told)
        return
    late = entry.kind == "claim.precluded" or (demand.due_on is not None and day > demand.due_on)
    yield Seen("answered_late" if late else "answered", guarantee.guarantor, *told)


def _paid(demand: Demand, payout: Payout) -> str:
    """Return whether a payment was in time: by the day it was ordered, how long the channel took is not the house's.

    "" of one that a court forbade on its last day: it was neither in time nor late by the guarantor's own doing.
    """
    due_on = demand.pay_due_on
    if due_on is None or local_day(payout.requested_at) <= due_on:
        return "paid"
    return "" if Injunction.objects.filter(guarantee=demand.guarantee_id).stopped(due_on).exists() else "paid_late"


@reacts_to("recourse.settled", "recourse.written_off")
def tell_credit_of_recourse(entry: Entry) -> None:
    """Tell whether the applicant gave back in time what was paid for it: by the day of the money, not of its entry."""
    case = Recourse.objects.select_related("debtor", "creditor", "demand__guarantee__project").get(pk=entry.subject_id)
    guarantee = case.demand.guarantee
    kind, day = "written_off", local_day(entry.at)
    if entry.kind == "recourse.settled":
        day = case.accrued_to
        kind = "recovered" if day <= local_day(case.opened_at) + GRACE else "recovered_late"
    seen = Seen(kind, case.debtor, day, guarantee.number or guarantee.reference, case.creditor)
    tell(entry, [seen], secret_until=guarantee.secret_until)
