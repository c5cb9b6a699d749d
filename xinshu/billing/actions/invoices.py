"""Invoices: asked for once per order, answered by the channel, cancelled by a red letter."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.billing.channels import Answer
from xinshu.billing.history import remember
from xinshu.billing.lifecycle import INVOICE
from xinshu.billing.models import BuyerTitle, Invoice
from xinshu.billing.tax import net_and_tax
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.documents.models import File
from xinshu.documents.uploads import file_of
from xinshu.guarantees.models import FeeReturn, Payment

PARTIES = ("guarantee__project", "buyer", "seller", "payment")


@dataclass(frozen=True)
class Title:
    """What the buyer wants on the invoice; `kind` as in `Invoice.Kind`."""

    kind: str
    title: str
    tax_number: str
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    mail: str = ""


class AlreadyInvoiced(Refusal):
    """The order has an invoice already, or one is being made."""

    status = 409
    title = "这笔订单已经开票"


class Mismatched(Exception):
    """The channel's answer is not about what was asked: nothing is taken over, people must look (任务投递)."""


@transaction.atomic
def request_invoice(payment: Payment, title: Title, *, by: Member, at: datetime) -> Invoice:
    """Ask for the invoice of an order that was paid. The title is remembered for the next one.

    What went back of the order after an early end is not invoiced. Raises NotPermitted, NotNow when the money is not
    there (any more), AlreadyInvoiced.
    """
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    guarantee = payment.guarantee
    if "applicant" not in guarantee.sides_of(by) or not by.can("billing.invoice"):
        raise NotPermitted(_("开票由缴费的申请人申请。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    if payment.state != Payment.State.CONFIRMED:
        raise NotNow(_("这笔保费没有到账或已经退还，不能开票。"), advice=_("到账以后可以申请。"))
    if payment.invoices.exclude(state="reversed").exists():
        raise AlreadyInvoiced(_("这笔订单已经申请过发票，没有重复开具。"), advice=_("在“发票”里可以看到它的进展。"))
    _must_hold(title)
    rate, amount = Decimal(settings.INVOICE_TAX_RATE), payment.amount - returned_of(payment)
    if not amount:
        raise NotNow(_("这笔保费已经全部退还，不能开票。"))
    net, tax = net_and_tax(amount, rate)
    invoice = Invoice.objects.create(
        **asdict(title), guarantee=guarantee, payment=payment, buyer=guarantee.applicant, seller=guarantee.guarantor,
        state="requested", amount=amount, tax_rate=rate, net_amount=net, tax_amount=tax,
        serial=_new_serial(), requested_at=at, changed_at=at,
    )  # fmt: skip
    BuyerTitle.objects.update_or_create(organisation=guarantee.applicant, defaults=asdict(title))
    remember(
        "invoice.requested", invoice, by=by, at=at, serial=invoice.serial, order=payment.order_number,
        amount=invoice.amount, guarantee=guarantee.reference,
    )  # fmt: skip
    return invoice


@transaction.atomic
def correct_invoice(invoice: Invoice, title: Title, *, by: Member, at: datetime) -> Invoice:
    """Ask again, under a new serial, with the title put right. Raises NotNow when the money has gone back meanwhile."""
    invoice = Invoice.objects.locked(invoice)
    step = INVOICE.step("correct", invoice, by)
    if Payment.objects.select_for_update().get(pk=invoice.payment_id).state != Payment.State.CONFIRMED:
        raise NotNow(_("这笔保费已经退还，不再开票。"))
    _must_hold(title)
    invoice.change(step, at=at, serial=_new_serial(), code="", reason="", **asdict(title))
    BuyerTitle.objects.update_or_create(organisation_id=invoice.buyer_id, defaults=asdict(title))
    remember("invoice.corrected", invoice, by=by, at=at, serial=invoice.serial, amount=invoice.amount)
    return invoice


@transaction.atomic
def take_answer(invoice: Invoice, answer: Answer, *, at: datetime) -> Invoice:
    """Take over what the channel says of an invoice asked for. A second answer changes nothing.

    An invoice whose money has gone back meanwhile is cancelled at once. Raises Mismatched.
    """
    invoice = _now(invoice)
    if invoice.state != "requested" or answer.serial != invoice.serial or answer.pending:
        return invoice
    if answer.code:
        step = INVOICE.step("refuse", invoice, SYSTEM)
        invoice.change(step, at=at, code=answer.code, reason=answer.reason)
        remember("invoice.refused", invoice, by=SYSTEM, at=at, code=answer.code, reason=answer.reason)
        return invoice
    _must_match(answer, invoice.amount)
    step = INVOICE.step("issue", invoice, SYSTEM)
    file = _keep(invoice, answer, at)
    invoice.change(step, at=at, number=answer.number, issued_at=answer.issued_at, file=file)
    remember("invoice.issued", invoice, by=SYSTEM, at=at, number=answer.number, sm3=file.blob.sm3)
    if Payment.objects.get(pk=invoice.payment_id).state == Payment.State.REFUNDED:
        return _reversing(invoice, INVOICE.step("reverse", invoice, SYSTEM), SYSTEM, str(_("保费已退还")), at)
    return reduce_after_return(invoice, at=at)


@transaction.atomic
def reverse_invoice(invoice: Invoice, *, by: Member, at: datetime, reason: str) -> Invoice:
    """Ask for the red letter, because something on the invoice is wrong or the last try failed: then of as much."""
    invoice = Invoice.objects.locked(invoice)
    return _reversing(invoice, INVOICE.step("reverse", invoice, by), by, reason, at, invoice.red_amount)


@transaction.atomic
def reverse_after_refund(invoice: Invoice, *, at: datetime) -> Invoice:
    """Ask for the red letter of an invoice whose fee went back; one being made is cancelled once it is there."""
    invoice = _now(invoice)
    if invoice.state != "issued":
        return invoice
    return _reversing(invoice, INVOICE.step("reverse", invoice, SYSTEM), SYSTEM, str(_("保费已退还")), at)


@transaction.atomic
def reduce_after_return(invoice: Invoice, *, at: datetime) -> Invoice:
    """Ask for the red letter of what went back of a fee after an early end; the rest of the invoice stands.

    Nothing is asked for where it was invoiced without that part already, or where the invoice is not there yet: it is
    looked at again as soon as it is.
    """
    invoice = _now(invoice)
    part = invoice.amount - (invoice.payment.amount - returned_of(invoice.payment))
    if invoice.state != "issued" or part <= 0:
        return invoice
    action, red = ("reverse", None) if part == invoice.amount else ("reduce", part)
    step = INVOICE.step(action, invoice, SYSTEM)
    return _reversing(invoice, step, SYSTEM, str(_("提前解保退还部分保费")), at, red)


def returned_of(payment: Payment) -> int:
    """Return what went back of an order after an early end, in 分."""
    found = FeeReturn.objects.filter(payment=payment, state="done").values_list("amount", flat=True).first()
    return found or 0


@transaction.atomic
def take_red_answer(invoice: Invoice, answer: Answer, *, at: datetime) -> Invoice:
    """Take over what the channel says of a red letter. A second answer changes nothing. Raises Mismatched."""
    invoice = _now(invoice)
    if invoice.state != "reversing" or answer.serial != invoice.red_serial or answer.pending:
        return invoice
    if answer.code:
        invoice.change(INVOICE.step("fail_reversal", invoice, SYSTEM), at=at, code=answer.code, reason=answer.reason)
        remember("invoice.reversal_failed", invoice, by=SYSTEM, at=at, code=answer.code, reason=answer.reason)
        return invoice
    _must_match(answer, -invoice.cancelled_amount)
    part = invoice.red_amount is not None
    step = INVOICE.step("confirm_reduction" if part else "confirm_reversal", invoice, SYSTEM)
    file = _keep(invoice, answer, at)
    invoice.change(step, at=at, red_number=answer.number, red_at=answer.issued_at, red_file=file, code="", reason="")
    kind = "invoice.reduced" if part else "invoice.reversed"
    remember(kind, invoice, by=SYSTEM, at=at, number=answer.number, sm3=file.blob.sm3)
    return invoice


def _reversing(
    invoice: Invoice, step: object, by: Member | object, reason: str, at: datetime, part: int | None = None
) -> Invoice:
    serial = _new_serial()
    invoice.change(step, at=at, red_serial=serial, red_reason=reason[:200], red_amount=part)
    remember("invoice.reversal_asked", invoice, by=by, at=at, serial=serial, reason=reason[:200])  # type: ignore[arg-type]
    return invoice


def _now(invoice: Invoice) -> Invoice:
    """Return the invoice as it stands, locked: a channel's word holds whatever version anybody has on a page."""
    return Invoice.objects.select_related(*PARTIES).select_for_update(of=("self",)).get(pk=invoice.pk)


def _keep(invoice: Invoice, answer: Answer, at: datetime) -> File:
    return file_of(
        answer.file, f"{answer.number}.xml", "application/xml", invoice.seller, SYSTEM, at, subject=invoice,
        sealed_until=invoice.guarantee.secret_until,
    )  # fmt: skip


def _must_match(answer: Answer, amount: int) -> None:
    if answer.amount != amount:
        raise Mismatched(f"{answer.serial}: asked for {amount}, the channel invoiced {answer.amount}")


def _must_hold(title: Title) -> None:
    wrong = {}
    if not title.title.strip():
        wrong["title"] = _("请填写发票抬头。")
    if not title.tax_number.isascii() or not title.tax_number.isalnum():
        wrong["tax_number"] = _("纳税人识别号由数字和大写字母组成。")
    if title.kind == Invoice.Kind.SPECIAL and not (title.address and title.phone and title.bank and title.account):
        wrong["kind"] = _("专用发票请填全地址、电话、开户行和账号。")
    if wrong:
        raise Invalid(_("没有提交：有内容需要修改。"), advice=_("填写的内容都还在。"), fields=wrong)


def _new_serial() -> str:
    return f"F{random_code(20)}"
