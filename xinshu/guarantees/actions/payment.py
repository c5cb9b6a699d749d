"""Paying the fee: asked of a channel, answered by it once, however often the answer arrives."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.fees import collect_fee, return_fee
from xinshu.books.lines import keep
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.core.composed import composed
from xinshu.core.refusals import Refusal
from xinshu.core.statements import insert, version_of
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, Payment


class AlreadyPaying(Refusal):
    """A payment for this fee is under way or done."""

    status = 409
    title = "已经在支付"


@transaction.atomic
def request_payment(guarantee: Guarantee, *, channel: str, account: str, by: Member, at: datetime) -> Payment:
    """Place an order for the whole fee with a payment channel; the channel's answer moves the case on."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("pay", guarantee, by)
    if _living(guarantee.pk):
        raise AlreadyPaying(_("这笔保费已经在支付，请等支付结果。"), advice=_("通常几秒内到账，页面会自动更新。"))
    assert guarantee.fee_amount is not None
    payment = Payment(
        guarantee=guarantee,
        order_number=f"P{random_code(16)}",
        channel=channel,
        account=account,
        amount=guarantee.fee_amount,
        requested_at=at,
    )
    insert(payment)
    guarantee.change(step, at=at)
    remember("payment.requested", guarantee, by=by, at=at, order=payment.order_number, amount=payment.amount)
    return payment


@composed
def _living(guarantee: int) -> "QuerySet[Payment, int]":
    found = Payment.objects.filter(guarantee=guarantee, amendment=None).exclude(state=Payment.State.REFUSED)
    return found.values_list("pk", flat=True)[:1]


@transaction.atomic
def confirm_payment(payment: Payment, *, receipt: str, at: datetime) -> Guarantee:
    """Take note that the fee has arrived. A second notice of the same order changes nothing.

    Money that arrives for an order refused before moves nothing either: it is recorded for a person to give back.
    """
    payment, guarantee = _locked(payment)
    if payment.state == Payment.State.CONFIRMED:
        return guarantee
    if payment.state != Payment.State.REQUESTED:  # the channel refused first: another attempt may be live by now
        remember("payment.arrived_late", guarantee, by=SYSTEM, at=at, order=payment.order_number, receipt=receipt)
        return guarantee
    step = LIFECYCLE.step("confirm_fee", guarantee, SYSTEM)
    collect_fee(
        guarantee.applicant, guarantee.guarantor, payment.amount, key=payment.order_number, for_=guarantee, at=at
    )
    keep(guarantee)  # paid for: the reservation waits for the issue, however long that takes
    payment.state, payment.settled_at = Payment.State.CONFIRMED, at
    payment.save(update_fields=["state", "settled_at"])
    guarantee.change(step, at=at)
    remember("payment.confirmed", guarantee, by=SYSTEM, at=at, order=payment.order_number, receipt=receipt)
    return guarantee


@transaction.atomic
def confirm_refund(payment: Payment, *, receipt: str, at: datetime) -> Guarantee:
    """Take note that the fee is back with the payer. A second notice changes nothing."""
    payment, guarantee = _locked(payment)
    if payment.state != Payment.State.REFUNDING:
        return guarantee
    key = f"refund:{payment.order_number}"
    return_fee(guarantee.applicant, guarantee.guarantor, payment.amount, key=key, for_=guarantee, at=at)
    payment.state, payment.settled_at = Payment.State.REFUNDED, at
    payment.save(update_fields=["state", "settled_at"])
    guarantee.change(at=at)
    remember("payment.refunded", guarantee, by=SYSTEM, at=at, order=payment.order_number, receipt=receipt)
    return guarantee


@transaction.atomic
def refuse_payment(payment: Payment, *, reason: str, at: datetime) -> Guarantee:
    """Take note that the channel refused; the applicant may pay again."""
    payment, guarantee = _locked(payment)
    if payment.state != Payment.State.REQUESTED:
        return guarantee
    payment.state, payment.reason, payment.settled_at = Payment.State.REFUSED, reason[:200], at
    payment.save(update_fields=["state", "reason", "settled_at"])
    guarantee.change(at=at)
    remember("payment.refused", guarantee, by=SYSTEM, at=at, order=payment.order_number, reason=reason[:200])
    return guarantee


def _locked(payment: Payment) -> tuple[Payment, Guarantee]:
    """Return payment and case as they stand, locked: a channel's word holds whatever version anybody has on a page."""
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    version_of(Guarantee, payment.guarantee_id)
    return payment, _case(payment.guarantee_id)[0]


@composed
def _case(pk: int) -> QuerySet[Guarantee]:
    return Guarantee.objects.select_related(*PARTIES).filter(pk=pk)
