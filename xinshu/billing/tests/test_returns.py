"""What went back after an early end is cancelled of the invoice, once, in statements and on the bank's lines."""

from datetime import timedelta

import pytest

from xinshu.billing.actions.invoices import request_invoice, reverse_invoice
from xinshu.billing.channels.sandbox import Sandbox
from xinshu.billing.fee_statements import Period, statement_of
from xinshu.billing.models import Invoice
from xinshu.billing.tests.test_invoices import GOOD, asked, worked
from xinshu.books.models import Account
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotNow
from xinshu.documents.blobs import read_blob
from xinshu.guarantees.actions.returns import approve_return
from xinshu.guarantees.models import FeeReturn, Payment
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_returns import back_of, released_now, returning  # noqa: F401
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_sandbox() -> None:
    Sandbox._asked.clear()


def given_back(city: City, case) -> FeeReturn:
    released_now(case, city)
    approve_return(back_of(case), by=city.finance, at=city.at + timedelta(hours=3))
    drain(at=city.at + timedelta(hours=4))
    return back_of(case)


def test_the_invoice_is_cancelled_by_what_went_back_and_the_rest_stands(returning: City) -> None:  # noqa: F811
    case = returning.in_force()
    invoice = worked(asked(Payment.objects.get(guarantee=case), returning), returning)

    back = given_back(returning, case)
    drain(at=returning.at + timedelta(hours=5))

    invoice = Invoice.objects.select_related("red_file__blob").get(pk=invoice.pk)
    assert (invoice.state, invoice.red_amount, invoice.cancelled_amount) == ("reduced", back.amount, back.amount)
    assert invoice.amount - invoice.cancelled_amount == case.fee_amount - back.amount
    file = read_blob(invoice.red_file.blob).decode()
    assert f"<TotalAmount>-{back.amount / 100:.2f}</TotalAmount>" in file
    assert invoice.number in file


def test_an_invoice_that_the_channel_refused_to_cancel_is_tried_again_for_the_same_part(
    returning: City,  # noqa: F811
) -> None:
    case = returning.in_force()
    invoice = worked(asked(Payment.objects.get(guarantee=case), returning, mail="confirm@example.cn"), returning)
    back = given_back(returning, case)
    drain(at=returning.at + timedelta(hours=5))
    invoice = Invoice.objects.get(pk=invoice.pk)
    assert invoice.state == "reverse_failed"

    Invoice.objects.filter(pk=invoice.pk).update(mail="")
    again = reverse_invoice(
        Invoice.objects.select_related("guarantee__project").get(pk=invoice.pk), by=returning.finance,
        at=returning.at + timedelta(hours=6), reason="购买方已确认。",
    )  # fmt: skip
    drain(at=returning.at + timedelta(hours=7))

    assert again.red_amount == back.amount
    assert Invoice.objects.get(pk=invoice.pk).state == "reduced"


def test_what_went_back_before_the_invoice_is_not_invoiced(returning: City) -> None:  # noqa: F811
    case = returning.in_force()
    back = given_back(returning, case)
    order = Payment.objects.get(guarantee=case)

    invoice = request_invoice(order, GOOD, by=returning.applicant, at=returning.at + timedelta(hours=6))

    assert invoice.amount == case.fee_amount - back.amount
    assert worked(invoice, returning, 7).state == "issued"
    whole = returning.in_force()
    row = given_back(returning, whole)
    FeeReturn.objects.filter(pk=row.pk).update(amount=row.payment.amount, stated_reason="全退")
    with pytest.raises(NotNow):
        request_invoice(row.payment, GOOD, by=returning.applicant, at=returning.at + timedelta(hours=8))


def test_the_statement_shows_the_return_under_its_order(returning: City) -> None:  # noqa: F811
    case = returning.in_force()
    back = given_back(returning, case)
    account = Account.objects.get(holder=case.guarantor, party=case.applicant, purpose="fees")
    today = local_day(returning.at)

    told = statement_of(account, Period(today, today + timedelta(days=9)), at=returning.at)

    assert [(one.what, one.amount, one.order) for one in told.movements] == [
        ("fee", case.fee_amount, back.payment.order_number),
        ("refund", -back.amount, back.payment.order_number),
    ]
    assert told.sums.closing == case.fee_amount - back.amount
