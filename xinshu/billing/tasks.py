"""What follows: the channel is asked, its answers are told, a refund cancels the invoice."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.billing.actions.invoices import (
    PARTIES,
    reduce_after_return,
    reverse_after_refund,
    take_answer,
    take_red_answer,
)
from xinshu.billing.channels import Party, Request, channel
from xinshu.billing.models import Invoice
from xinshu.billing.tax import net_and_tax
from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, reacts_to
from xinshu.messaging.notices import notify, notify_members

AGAIN = timedelta(seconds=20)  # after which a channel that is still at work is asked again


def invoice_of(entry: Entry) -> Invoice:
    """Return the invoice that an entry is about, as it stands now."""
    return Invoice.objects.select_related(*PARTIES, "guarantee__manager").get(pk=entry.subject_id)


def request_of(invoice: Invoice, serial: str, red_of: str = "") -> Request:
    """Return what the channel is asked: always the same for the same serial."""
    asked = invoice.requested_at if not red_of else invoice.changed_at
    seller = Party(invoice.seller.name, invoice.seller.uscc or "")
    buyer = Party(
        invoice.title, invoice.tax_number, invoice.address, invoice.phone, invoice.bank, invoice.account, invoice.mail
    )
    amount, net = invoice.amount, invoice.net_amount
    if red_of and invoice.red_amount is not None:  # what is left is split anew, so that it adds up to the last 分
        left, _tax = net_and_tax(invoice.amount - invoice.red_amount, invoice.tax_rate)
        amount, net = invoice.red_amount, invoice.net_amount - left
    return Request(
        serial, seller, buyer, invoice.kind == Invoice.Kind.SPECIAL, amount, net, amount - net, invoice.tax_rate,
        invoice.payment.order_number, asked, red_of,
    )  # fmt: skip


@reacts_to("invoice.requested", "invoice.corrected", together=False)
def ask_for_invoice(entry: Entry) -> None:
    """Ask the channel for the invoice. Asking twice is safe: a serial is invoiced once."""
    invoice, serial = invoice_of(entry), entry.data["serial"]
    if invoice.state != "requested" or invoice.serial != serial:
        return
    for answer in channel().ask(request_of(invoice, serial)):
        if answer.pending:
            raise Later(now() + AGAIN)
        take_answer(invoice, answer, at=now())


@reacts_to("invoice.reversal_asked", together=False)
def ask_for_red_letter(entry: Entry) -> None:
    """Ask the channel for the red letter. Asking twice is safe."""
    invoice, serial = invoice_of(entry), entry.data["serial"]
    if invoice.state != "reversing" or invoice.red_serial != serial:
        return
    for answer in channel().ask(request_of(invoice, serial, invoice.number or "")):
        if answer.pending:
            raise Later(now() + AGAIN)
        take_red_answer(invoice, answer, at=now())


@reacts_to("payment.refunded")
def reverse_refunded(entry: Entry) -> None:
    """Cancel the invoice of a fee that went back."""
    for invoice in Invoice.objects.filter(payment__order_number=entry.data["order"], state="issued"):
        reverse_after_refund(invoice, at=now())


@reacts_to("fee_return.paid")
def reduce_returned(entry: Entry) -> None:
    """Cancel of the invoice what went back of the fee after an early end."""
    for invoice in Invoice.objects.filter(payment__order_number=entry.data["order"], state="issued"):
        reduce_after_return(invoice, at=now())


@reacts_to("invoice.issued", "invoice.refused", "invoice.reversed", "invoice.reduced", "invoice.reversal_failed")
def tell_of_invoice(entry: Entry) -> None:
    """Put what became of an invoice before whom it concerns: buyer (or who keeps its case), or the seller's finance."""
    invoice = invoice_of(entry)
    link = reverse("billing:invoice", args=[invoice.reference])
    number = {"number": entry.data.get("number", ""), "reason": entry.data.get("reason", "")}
    words = {
        "invoice.issued": ("ok", _("发票 %(number)s 已开具，可以下载。") % number),
        "invoice.refused": ("danger", _("开票没有成功：%(reason)s。更正后可以重新申请。") % number),
        "invoice.reduced": ("info", _("发票已按退还的保费部分红冲，红字发票 %(number)s，其余仍然有效。") % number),
        "invoice.reversed": ("info", _("发票已红冲，红字发票 %(number)s。") % number),
        "invoice.reversal_failed": ("danger", _("发票红冲没有成功：%(reason)s。") % number),
    }
    tone, text = words[entry.kind]
    key, at = f"{entry.kind}:{entry.pk}", now()
    if entry.kind == "invoice.reversal_failed":
        notify(
            invoice.seller, text, link=link, permission="billing.reverse", tone=tone, subject=invoice, key=key, at=at
        )
        return
    notify(invoice.buyer, text, link=link, permission="billing.invoice", tone=tone, subject=invoice, key=key, at=at)
    if invoice.guarantee.on_behalf and invoice.guarantee.manager is not None:
        notify_members([invoice.guarantee.manager], text, link=link, tone=tone, subject=invoice, key=key, at=at)
