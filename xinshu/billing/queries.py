"""What can be asked: invoices with their filters, orders of a guarantee with what became of their invoice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.billing.models import Invoice, InvoiceQuerySet
from xinshu.core.clock import moment
from xinshu.core.refusals import Unknown
from xinshu.guarantees.models import Guarantee, Payment


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; everything optional, everything in the URL."""

    q: str = ""
    state: str = ""
    since: date | None = None  # day of the request
    until: date | None = None


def invoices_of(member: Member, at: datetime, filters: Filters) -> InvoiceQuerySet:
    """Return the invoices that exist for `member`, last changed first."""
    found = Invoice.objects.visible_to(member, at)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.since:
        found = found.filter(requested_at__gte=moment(filters.since))
    if filters.until:
        found = found.filter(requested_at__lt=moment(filters.until) + timedelta(days=1))
    if filters.q:
        text = filters.q.strip()
        houses = Organisation.objects.filter(Q(name__icontains=text) | Q(uscc=text.upper())).values("pk")
        found = found.filter(
            Q(number__startswith=text)
            | Q(red_number__startswith=text)
            | Q(reference__iexact=text)
            | Q(payment__order_number__iexact=text)
            | Q(guarantee__number__istartswith=text)
            | Q(title__icontains=text)
            | Q(buyer__in=houses)
            | Q(seller__in=houses)
        )
    return found.order_by("-changed_at", "-id")


def orders_to_invoice(member: Member, at: datetime) -> QuerySet[Payment]:
    """Return the orders that were paid and have no invoice, for whoever may ask for one; last paid first."""
    if not member.can("billing.invoice"):
        return Payment.objects.none()
    mine = member.organisation_id
    own = Q(guarantee__applicant=mine) | Q(guarantee__guarantor=mine, guarantee__on_behalf=True)
    standing = Invoice.objects.filter(payment=OuterRef("pk")).exclude(state="reversed")
    found = Payment.objects.filter(own, ~Exists(standing), state=Payment.State.CONFIRMED)
    return found.select_related("guarantee").order_by("-settled_at", "-pk")


def order_for(member: Member, order_number: str, at: datetime) -> Payment:
    """Return the order with this number, where `member` may have it invoiced. Raises Unknown as for one that is not."""
    found = Payment.objects.filter(
        order_number=order_number, guarantee__in=Guarantee.objects.visible_to(member, at).order_by().values("pk")
    )
    order = found.select_related("guarantee__applicant", "guarantee__guarantor", "guarantee__project").first()
    if order is None or "applicant" not in order.guarantee.sides_of(member):
        raise Unknown(_("没有找到这笔订单。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return order
