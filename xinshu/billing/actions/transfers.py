"""Confirming a transfer on the bank's own line: the fee is taken as paid and the line matched with it, in one act."""

from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.billing.actions.reconciling import match_by_hand
from xinshu.billing.bank import BankLine, Match
from xinshu.guarantees.actions.transfers import confirm_slip
from xinshu.guarantees.models import Payment


@transaction.atomic
def confirm_on_line(payment: Payment, line: BankLine, *, by: Member, at: datetime) -> Match:
    """Confirm `payment` by `line`. Raises Invalid where the amounts differ, NotNow where either is taken: nothing then
    has happened.
    """
    confirm_slip(payment, by=by, at=at, receipt=line.bank_number or line.reference)
    return match_by_hand(line, payment.order_number, by=by, at=at)
