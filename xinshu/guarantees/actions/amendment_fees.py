"""Paying the difference that an amendment costs: as the fee of an application, an order of its own."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.fees import collect_fee
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.guarantees.actions.amendments import keep_reserved
from xinshu.guarantees.actions.payment import AlreadyPaying
from xinshu.guarantees.changing import AMENDMENT
from xinshu.guarantees.history import note
from xinshu.guarantees.models import Amendment, Payment
from xinshu.guarantees.models.changes import WITH_PARTIES


@transaction.atomic
def request_difference(amendment: Amendment, *, channel: str, account: str, by: Member, at: datetime) -> Payment:
    """Place an order for the difference with a payment channel; its answer moves the amendment on."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("pay", amendment, by)
    if amendment.payments.exclude(state=Payment.State.REFUSED).exists():
        raise AlreadyPaying(_("这笔保费已经在支付，请等支付结果。"), advice=_("通常几秒内到账，页面会自动更新。"))
    payment = Payment.objects.create(
        guarantee=amendment.guarantee,
        amendment=amendment,
        order_number=f"P{random_code(16)}",
        channel=channel,
        account=account,
        amount=amendment.fee_amount,
        requested_at=at,
    )
    amendment.change(step, at=at)
    note("amendment.fee_requested", amendment, by=by, at=at, order=payment.order_number, amount=payment.amount)
    return payment


@transaction.atomic
def confirm_difference(payment: Payment, *, receipt: str, at: datetime) -> None:
    """Take note that the difference has arrived. A second notice of the same order changes nothing."""
    payment, amendment = _locked(payment)
    if payment.state == Payment.State.CONFIRMED:
        return
    if payment.state != Payment.State.REQUESTED:
        note("amendment.fee_late", amendment, by=SYSTEM, at=at, order=payment.order_number, receipt=receipt)
        return
    step = AMENDMENT.step("confirm_fee", amendment, SYSTEM)
    guarantee = amendment.guarantee
    collect_fee(
        guarantee.applicant, guarantee.guarantor, payment.amount, key=payment.order_number, for_=guarantee, at=at
    )
    keep_reserved(amendment)
    payment.state, payment.settled_at = Payment.State.CONFIRMED, at
    payment.save(update_fields=["state", "settled_at"])
    amendment.change(step, at=at)
    note("amendment.fee_paid", amendment, by=SYSTEM, at=at, order=payment.order_number, receipt=receipt)


@transaction.atomic
def refuse_difference(payment: Payment, *, reason: str, at: datetime) -> None:
    """Take note that the channel refused; the applicant may pay again."""
    payment, amendment = _locked(payment)
    if payment.state != Payment.State.REQUESTED:
        return
    payment.state, payment.reason, payment.settled_at = Payment.State.REFUSED, reason[:200], at
    payment.save(update_fields=["state", "reason", "settled_at"])
    amendment.change(at=at)
    note("amendment.fee_refused", amendment, by=SYSTEM, at=at, order=payment.order_number, reason=reason[:200])


def _locked(payment: Payment) -> tuple[Payment, Amendment]:
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    rows = Amendment.objects.select_related(*WITH_PARTIES).select_for_update(of=("self",))
    return payment, rows.get(pk=payment.amendment_id)
