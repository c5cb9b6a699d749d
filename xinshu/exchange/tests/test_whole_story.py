"""One guarantee from the enterprise's record to its renewal (BH-21): every step on its page, and in the ledger."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.billing.actions.invoices import Title, request_invoice
from xinshu.billing.models import Invoice
from xinshu.core.clock import moment, moved_to
from xinshu.enterprises.queries import record_of
from xinshu.exchange.models import Submission
from xinshu.exchange.tests.conftest import Receivers
from xinshu.guarantees.actions.approval import approve_application
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.actions.renewal import renew_guarantee
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain

LEDGER = (
    "guarantee.drafted", "guarantee.edited", "guarantee.submitted", "guarantee.referred", "guarantee.approved",
    "payment.requested", "payment.confirmed", "guarantee.issued", "guarantee.delivered", "guarantee.expired",
)  # fmt: skip
SHOWN = (
    "开始申请", "提交申请", "自动审查：转人工审批", "审批通过", "发起缴费", "保费到账", "签发", "签章并送达", "到期",
)  # fmt: skip


@pytest.mark.req("BH-21")
def test_from_the_record_to_the_renewal_every_step_stands_on_the_page_and_in_the_ledger(
    city: City, receivers: Receivers, sign_in: Callable[[Member], Client]
) -> None:
    minutes = timedelta(minutes=1)
    assert city.guarantor  # record: the firm's fields are there, with their source, before it applies
    assert all(field.value for field in record_of(city.applicant.organisation, on=city.at.date()) if field.required)
    case = city.in_review()  # application, automatic review; too much for rules alone
    case = approve_application(case, by=city.reviewer, at=city.at + 4 * minutes, opinion="同意承保。")  # re-review
    request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at + 5 * minutes)
    with moved_to(city.at + 6 * minutes):
        receivers.work(6)  # the channel charges the fee
    case = Guarantee.objects.get(pk=case.pk)
    with moved_to(city.at + 8 * minutes), receivers.open("iso20022"):
        issue_guarantee(case, by=city.signer, at=city.at + 7 * minutes)
        order = Payment.objects.get(guarantee=case)
        title = Title("ordinary", city.applicant.organisation.name, "91339900MADEM00018")
        request_invoice(order, title, by=city.applicant, at=city.at + 7 * minutes)
        receivers.work(8)  # sealed and sent, invoiced, told to the regulator, who signs for it
        receivers.work(9)
    case = Guarantee.objects.select_related("letter").get(pk=case.pk)
    invoice, told = Invoice.objects.get(payment=order), Submission.objects.get(guarantee=case)
    assert case.expires_on is not None
    over = case.expires_on + timedelta(days=1)
    expire_guarantee(case, on=over, at=moment(over, 0, 5))
    later = moment(over, 9)
    case = Guarantee.objects.get(pk=case.pk)
    renewal = renew_guarantee(case, by=city.applicant, at=later)
    with moved_to(later):
        drain(at=later)
        page = sign_in(city.applicant).get(f"/guarantees/{case.reference}/").content.decode()
        heir = sign_in(city.applicant).get(f"/guarantees/{renewal.reference}/").content.decode()

    assert case.letter is not None
    assert case.letter.sm2_signature
    assert (case.state, invoice.state, told.state) == ("expired", "issued", "submitted")
    kinds = list(history_of(case).order_by("pk").values_list("kind", flat=True))
    assert [kind for kind in dict.fromkeys(kinds) if kind in LEDGER] == list(LEDGER)
    about = {"billing.invoice": invoice.pk, "exchange.submission": told.pk, "guarantees.guarantee": renewal.pk}
    found = {
        (name, kind)
        for name, pk in about.items()
        for kind in Entry.objects.filter(subject_type=name, subject_id=pk).values_list("kind", flat=True)
    }
    assert {
        ("billing.invoice", "invoice.requested"),
        ("billing.invoice", "invoice.issued"),
        ("guarantees.guarantee", "guarantee.renewal_begun"),
    } <= found
    assert any(name == "exchange.submission" for name, _kind in found)
    assert [words for words in SHOWN if words not in page] == []
    assert invoice.number is not None
    assert invoice.number in page
    assert case.number is not None
    assert f"/guarantees/{renewal.reference}/" in page
    assert case.number in heir
    assert told.receipt.startswith("HZ-")
