"""Paying by bank transfer (转账缴费, BH-24): the applicant hands in the slip, finance says whether the money is there.

The order is one as any other: what follows from its money follows once, however often somebody presses.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.cases import random_code
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.payment import AlreadyPaying, confirm_payment, confirm_refund, refuse_payment
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, Payment, TransferSlip
from xinshu.guarantees.payments import TRANSFER


@transaction.atomic
def hand_in_slip(
    guarantee: Guarantee, *, content: bytes, name: str, payer: str, paid_on: date, by: Member, at: datetime
) -> Payment:
    """Place an order for the whole fee that was paid by transfer, with the bank's slip; finance decides."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("pay", guarantee, by)
    if guarantee.payments.filter(amendment=None).exclude(state=Payment.State.REFUSED).exists():
        raise AlreadyPaying(_("这笔保费已经在支付，没有重复提交。"), advice=_("转账凭证由保证人财务核对后给出结果。"))
    if not payer.strip():
        raise Invalid(_("请填写付款户名。"), fields={"payer": _("还没有填写")})
    if paid_on > local_day(at):
        raise Invalid(_("转账日期不能晚于今天。"), fields={"paid_on": _("晚于今天")})
    assert guarantee.fee_amount is not None
    file = keep_file(content, name, by.organisation, by, at, subject=guarantee, sealed_until=guarantee.secret_until)
    payment = Payment.objects.create(
        guarantee=guarantee, order_number=f"P{random_code(16)}", channel=TRANSFER, amount=guarantee.fee_amount,
        requested_at=at,
    )  # fmt: skip
    TransferSlip.objects.create(
        payment=payment, file=file, payer=payer.strip()[:120], paid_on=paid_on, handed_in_by=by.actor_key
    )
    guarantee.change(step, at=at)
    remember(
        "payment.slip_handed_in", guarantee, by=by, at=at, order=payment.order_number, amount=payment.amount,
        sm3=file.blob.sm3, paid_on=paid_on.isoformat(),
    )  # fmt: skip
    return payment


@transaction.atomic
def confirm_slip(payment: Payment, *, by: Member, at: datetime, receipt: str = "") -> Guarantee:
    """Say that the money is there: the guarantee goes on, once. Raises NotNow when somebody decided before."""
    payment, guarantee = _for_finance(payment, by, Payment.State.REQUESTED)
    if payment.slip.handed_in_by == by.actor_key:
        raise NotPermitted(_("凭证由您上传，须由另一人确认。"))
    _decided(payment, by)
    remember("payment.slip_confirmed", guarantee, by=by, at=at, order=payment.order_number, receipt=receipt)
    return confirm_payment(payment, receipt=receipt or payment.order_number, at=at)


@transaction.atomic
def refuse_slip(payment: Payment, *, reason: str, by: Member, at: datetime) -> Guarantee:
    """Say that the money is not there, and why; the applicant may hand in another slip or pay through a channel."""
    payment, guarantee = _for_finance(payment, by, Payment.State.REQUESTED)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("至少 4 个字")})
    _decided(payment, by)
    remember("payment.slip_refused", guarantee, by=by, at=at, order=payment.order_number, reason=reason.strip()[:200])
    return refuse_payment(payment, reason=reason.strip(), at=at)


@transaction.atomic
def confirm_given_back(payment: Payment, *, receipt: str, by: Member, at: datetime) -> Guarantee:
    """Say that a fee which came by transfer has been transferred back; `receipt` is the bank's number for it."""
    payment, guarantee = _for_finance(payment, by, Payment.State.REFUNDING)
    if not receipt.strip():
        raise Invalid(_("请填写退款的银行流水号。"), fields={"receipt": _("还没有填写")})
    remember("payment.given_back", guarantee, by=by, at=at, order=payment.order_number, receipt=receipt.strip()[:60])
    return confirm_refund(payment, receipt=receipt.strip()[:60], at=at)


def _decided(payment: Payment, by: Member) -> None:
    payment.slip.decided_by = by.actor_label
    payment.slip.save(update_fields=["decided_by"])


def _for_finance(payment: Payment, by: Member, state: str) -> tuple[Payment, Guarantee]:
    """Return order and case as they stand, locked, where `by` keeps the accounts of the guarantor's house."""
    payment = Payment.objects.select_for_update(of=("self",)).select_related("slip").get(pk=payment.pk)
    cases = Guarantee.objects.select_related(*PARTIES).select_for_update(of=("self",))
    guarantee = cases.get(pk=payment.guarantee_id)
    if by.organisation_id != guarantee.guarantor_id or not by.can("billing.reconcile"):
        raise NotPermitted(_("转账由保证人的财务核对。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    if payment.state != state:
        raise NotNow(_("这笔转账已经办理过，没有重复办理。"), advice=_("刷新页面可以看到结果。"))
    return payment, guarantee
