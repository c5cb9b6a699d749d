"""Who may read the files of an invoice, besides the seller: its buyer."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.billing.models import Invoice
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read


@may_read("billing.invoice")
def reads_invoice(file: File, member: Member, at: datetime) -> bool:
    """Let in both houses of the invoice."""
    assert file.subject_id is not None  # a file of an invoice names it
    return Invoice.objects.visible_to(member, at).filter(pk=file.subject_id).exists()


belongs_to(
    Invoice,
    lambda member, at: Invoice.objects.visible_to(member, at),
    lambda invoice: (
        _("发票 %(n)s") % {"n": invoice.number or ""},
        reverse("billing:invoice", args=[invoice.reference]),
    ),
)
