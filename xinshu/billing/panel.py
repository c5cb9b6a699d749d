"""What the page of a guarantee shows of its orders: whether they are invoiced, and the way to it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.billing.lifecycle import INVOICE
from xinshu.billing.models import Invoice
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.panels import Link, Panel, register_panel
from xinshu.guarantees.payments import TRANSFER

PAID = (Payment.State.CONFIRMED, Payment.State.REFUNDING, Payment.State.REFUNDED)


@register_panel
def invoices_of_case(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Return orders and invoices for applicant and guarantor; None for others, and where nothing was paid."""
    sides = guarantee.sides_of(member) & {"applicant", "guarantor"}
    if not sides or not member.can("billing.view"):
        return None
    links = []
    if "guarantor" in sides and member.can("billing.reconcile"):
        slips = guarantee.payments.filter(channel=TRANSFER, state=Payment.State.REQUESTED)
        links = [Link(_("核对转账凭证"), reverse("billing:transfer", args=[one.order_number]), "okc") for one in slips]
    orders = list(guarantee.payments.filter(state__in=PAID).order_by("pk"))
    if not orders:
        return Panel(links=tuple(links)) if links else None
    invoices: dict[int, list[Invoice]] = {}
    for invoice in Invoice.objects.filter(payment__in=orders).order_by("pk"):
        invoices.setdefault(invoice.payment_id, []).append(invoice)
    rows = []
    for order in orders:
        own = invoices.get(order.pk, [])
        standing = any(invoice.state != "reversed" for invoice in own)
        asks = order.state == Payment.State.CONFIRMED and not standing
        rows.append(
            {
                "order": order,
                "invoices": [(invoice, INVOICE.states[invoice.state]) for invoice in own],
                "may_ask": asks and "applicant" in sides and member.can("billing.invoice"),
            }
        )
    return Panel("billing/_panel.html", {"rows": rows}, beside=True)
