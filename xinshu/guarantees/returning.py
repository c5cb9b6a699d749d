"""What of the fees of a guarantee comes back when it ends on a day: order by order, by the tariff bound at issue.

The first order paid for the face as issued, from the effective day to the last day as issued. The order of an amendment
paid for the days that it added and for the face that it added. A last day that came earlier by an amendment is the end
of what was paid for; one that came later without a fee (force majeure) is not.
"""

from dataclasses import dataclass
from datetime import date

from xinshu.core.clock import local_day
from xinshu.guarantees.models import Amendment, Guarantee, Payment
from xinshu.guarantees.pricing import Discount, Paid, Quote, QuoteLine, longer, refund


@dataclass(frozen=True)
class Owed:
    """One order and what of it comes back, with the lines that explain it."""

    payment: Payment
    quote: Quote


def owed_back(guarantee: Guarantee, ended_on: date) -> list[Owed]:
    """Return every paid order of `guarantee` with what of it comes back if the cover ends on `ended_on`.

    Without a tariff (a fee agreed by hand) nothing can be counted: the list is empty.
    """
    if guarantee.tariff is None or guarantee.effective_on is None or guarantee.expires_on is None:
        return []
    terms, found = guarantee.tariff.terms(), []
    orders = guarantee.payments.filter(state=Payment.State.CONFIRMED).select_related("amendment").order_by("pk")
    for payment in orders:
        if payment.amendment is not None and payment.amendment.state != "accepted":
            continue  # what never took effect goes back whole, in the amendment's own way
        lines: list[QuoteLine] = []
        for paid in paid_for(guarantee, payment):
            own = terms if payment.amendment is None or paid.follows else terms.without_minimum()
            lines += refund(paid, ended_on, own, guarantee.discount_rate).lines
        found.append(Owed(payment, Quote(sum(line.amount or 0 for line in lines), tuple(lines))))
    return found


def paid_for(guarantee: Guarantee, payment: Payment) -> list[Paid]:
    """Return what an order was paid for; never nothing, and the fees add up to the order."""
    assert guarantee.tariff is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    until = guarantee.expires_on
    if payment.amendment is None:
        amount = guarantee.first_amount or guarantee.amount or 0
        last = min(_last_as_issued(guarantee), until)
        return [Paid(payment.amount, amount, guarantee.effective_on, last)]
    amendment = payment.amendment
    before = date.fromisoformat(amendment.before["expires_on"])
    end = amendment.new_expires_on or before
    terms, off = guarantee.tariff.terms(), Discount(guarantee.discount_rate, guarantee.tier)
    added = longer(amendment.old_amount, guarantee.effective_on, before, end, terms, off)
    found = []
    if added:
        last = max(before, min(end, until))
        found.append(Paid(added, amendment.old_amount, before, last, guarantee.effective_on))
    if payment.amount > added:
        first = max(local_day(amendment.proposed_at), guarantee.effective_on)
        found.append(Paid(payment.amount - added, max(amendment.extra, 0), first, max(first, min(end, until))))
    return found


def _last_as_issued(guarantee: Guarantee) -> date:
    """Return the last day that the letter named first: what the earliest change of it found."""
    changed = Amendment.objects.filter(guarantee=guarantee, state="accepted", new_expires_on__isnull=False)
    found = [(row.ended_at, date.fromisoformat(row.before["expires_on"])) for row in changed if row.ended_at]
    found += [(row.at, row.before) for row in guarantee.prolongings.all()]
    assert guarantee.expires_on is not None
    return min(found)[1] if found else guarantee.expires_on
