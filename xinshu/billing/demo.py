"""The demo city's billing: invoices in every state, a bank's statement half reconciled; all by the real actions."""

from dataclasses import replace
from datetime import datetime, timedelta

from xinshu.accounts.models import Member, Organisation
from xinshu.billing.actions.invoices import Title, request_invoice, reverse_invoice, take_answer
from xinshu.billing.actions.reconciling import confirm_sure, fees_and_refunds, import_lines
from xinshu.billing.bank_reading import Row
from xinshu.billing.channels import channel
from xinshu.billing.forms import title_of
from xinshu.billing.models import Invoice
from xinshu.billing.tasks import request_of
from xinshu.books.fees import CASH
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.transfers import hand_in_slip
from xinshu.guarantees.demo.changes import PROOF
from xinshu.guarantees.models import Guarantee, Payment

SOON = timedelta(minutes=5)


def build_billing(at: datetime) -> None:
    """Have orders of the demo's applicant invoiced: most of them, so that some are left to try it with."""
    who = {
        member.user.username: member
        for member in Member.objects.filter(user__username__in=("applicant", "finance"))
        .select_related("user", "organisation")
    }  # fmt: skip
    house = who["finance"].organisation
    paid = Payment.objects.filter(
        guarantee__applicant=who["applicant"].organisation, guarantee__guarantor=house,
        state=Payment.State.CONFIRMED, settled_at__lt=at - timedelta(days=1),
    )  # fmt: skip
    _bank_statement(who["finance"], at)
    _slip(who["applicant"], house, at)
    orders = list(paid.select_related("guarantee__applicant").order_by("pk")[:8])
    for number, order in enumerate(orders):
        assert order.settled_at is not None
        wanted = Title(**title_of(order.guarantee.applicant))
        wanted = replace(wanted, mail="mismatch@demo.example.com" if number == 1 else "")
        invoice = request_invoice(order, wanted, by=who["applicant"], at=order.settled_at + SOON)
        invoice = Invoice.objects.select_related("payment", "seller", "buyer").get(pk=invoice.pk)
        for answer in channel().ask(request_of(invoice, invoice.serial)):
            invoice = take_answer(invoice, answer, at=order.settled_at + 2 * SOON)
        if number == 2:
            reverse_invoice(invoice, by=who["finance"], at=at - timedelta(hours=2), reason="购买方开户行有误")


def _slip(applicant: Member, house: Organisation, at: datetime) -> None:
    """Leave one fee paid by transfer for finance to look at."""
    due = Guarantee.objects.filter(state="fee_due", applicant=applicant.organisation, guarantor=house)
    case = due.exclude(payments__state__in=("requested", "confirmed")).order_by("pk").first()
    if case is not None:
        hand_in_slip(
            case, content=PROOF, name="网上银行电子回单.pdf", payer=applicant.organisation.name,
            paid_on=local_day(at - timedelta(hours=1)), by=applicant, at=at - timedelta(hours=1),
        )  # fmt: skip


def _bank_statement(finance: Member, at: datetime) -> None:
    """Import what the house's bank says of the last weeks: most agrees, some does not, some is not ours."""
    house = finance.organisation
    moved = fees_and_refunds(house).filter(at__lt=at - timedelta(hours=12)).select_related("debit__holder")
    rows = []
    for number, one in enumerate(moved.filter(debit__purpose=CASH).order_by("-at")[:24]):
        if number % 8 == 7:
            continue  # the bank knows nothing of it
        late, short = number % 5 == 3, number % 11 == 6
        rows.append(
            Row(
                number + 2, local_day(one.at) + timedelta(days=1 if late else 0), one.amount - (100 if short else 0),
                one.debit.holder.name, "保函费用" if late else f"保费 {one.key}", f"YZB{one.pk:010d}",
            )
        )  # fmt: skip
    rows.append(
        Row(40, local_day(at) - timedelta(days=2), 86_00, "云州市自来水有限公司", "退回多缴水费", "YZB9999999901")
    )
    import_lines(house, rows, name="云州银行-近期流水.xlsx", sm3="0" * 64, by=finance, at=at - timedelta(hours=3))
    confirm_sure(house, by=finance, at=at - timedelta(hours=2))
