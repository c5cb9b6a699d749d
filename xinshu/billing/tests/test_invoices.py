"""Invoices: once per order, whatever the channel does; cancelled when the money goes back; nobody else's business."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.billing.actions.invoices import (
    AlreadyInvoiced,
    Mismatched,
    Title,
    correct_invoice,
    request_invoice,
    reverse_invoice,
    take_answer,
)
from xinshu.billing.channels import Answer, ChannelDown
from xinshu.billing.channels.sandbox import Sandbox
from xinshu.billing.channels.wire import read_answer, write_request
from xinshu.billing.models import BuyerTitle, Invoice
from xinshu.billing.tasks import request_of
from xinshu.billing.tax import net_and_tax
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.blobs import read_blob
from xinshu.guarantees.actions.payment import confirm_refund
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
GOOD = Title("ordinary", "云州恒达路桥工程有限公司", "91339900MADEM00018")


@pytest.fixture
def order(city: City) -> Payment:
    return Payment.objects.get(guarantee=city.in_force())


@pytest.fixture(autouse=True)
def _fresh_sandbox() -> None:
    Sandbox._asked.clear()


def asked(order: Payment, city: City, **changed: str) -> Invoice:
    return request_invoice(order, replace(GOOD, **changed), by=city.applicant, at=city.at + timedelta(hours=1))


def worked(invoice: Invoice, city: City, hours: int = 2) -> Invoice:
    """Let the worker do its part, and return the invoice as it stands."""
    drain(at=city.at + timedelta(hours=hours))
    return Invoice.objects.select_related("guarantee__project", "payment", "file__blob").get(pk=invoice.pk)


def refunded(order: Payment, city: City) -> None:
    """Let the money of an order go back, as an application given up before issue does."""
    Payment.objects.filter(pk=order.pk).update(state=Payment.State.REFUNDING)
    confirm_refund(order, receipt="SBX-R", at=city.at + timedelta(hours=3))


def test_a_price_splits_into_net_and_tax_to_the_last_fen() -> None:
    from decimal import Decimal

    assert net_and_tax(106_00, Decimal("0.06")) == (100_00, 6_00)
    assert net_and_tax(1, Decimal("0.06")) == (1, 0)
    assert net_and_tax(9_863_01, Decimal("0.06")) == (9_304_73, 558_28)
    assert net_and_tax(500_00, Decimal(0)) == (500_00, 0)


def test_an_order_that_was_paid_is_invoiced_with_a_number_of_20_digits_and_a_file(city: City, order: Payment) -> None:
    invoice = worked(asked(order, city), city)

    told = [entry.kind for entry in Entry.objects.filter(kind__startswith="invoice.").order_by("pk")]
    assert (invoice.state, len(invoice.number or ""), invoice.amount) == ("issued", 20, order.amount)
    assert invoice.net_amount + invoice.tax_amount == order.amount
    assert f"<InvoiceNumber>{invoice.number}</InvoiceNumber>".encode() in read_blob(invoice.file.blob)
    assert told == ["invoice.requested", "invoice.issued"]
    assert Notice.objects.filter(member=city.applicant, text__contains=invoice.number).count() == 1


def test_a_second_invoice_of_an_order_is_refused_by_the_act_and_by_the_database(city: City, order: Payment) -> None:
    first = asked(order, city)

    with pytest.raises(AlreadyInvoiced):
        asked(order, city)
    again = Invoice.objects.get(pk=first.pk)
    again.pk, again.serial, again.reference = None, "F-OTHER", "OTHER"
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("mailbox", ["twice@a.cn", "slow@a.cn", "down@a.cn"])
def test_a_channel_that_tells_twice_is_slow_or_down_gives_one_invoice(city: City, order: Payment, mailbox: str) -> None:
    invoice = asked(order, city, mail=mailbox)

    for hours in (2, 3, 4, 9):
        invoice = worked(invoice, city, hours)

    assert invoice.state == "issued"
    assert Entry.objects.filter(kind="invoice.issued").count() == 1
    assert not Delivery.objects.filter(entry__subject_type="billing.invoice", state="parked").exists()


def test_a_refusal_says_its_code_and_the_corrected_title_is_asked_for_anew(city: City, order: Payment) -> None:
    refused = worked(asked(order, city, tax_number="TOOSHORT"), city)

    assert (refused.state, refused.code) == ("refused", "E1003")
    correct_invoice(refused, GOOD, by=city.applicant, at=city.at + timedelta(hours=3))
    invoice = worked(refused, city, 4)
    assert (invoice.state, invoice.code, invoice.tax_number) == ("issued", "", GOOD.tax_number)
    assert invoice.serial != refused.serial


def test_a_refund_cancels_the_invoice_by_a_red_letter_and_no_new_one_is_made(city: City, order: Payment) -> None:
    invoice = worked(asked(order, city), city)
    refunded(order, city)

    invoice = worked(invoice, city, 5)

    assert (invoice.state, len(invoice.red_number or "")) == ("reversed", 20)
    assert invoice.red_number != invoice.number
    with pytest.raises(NotNow):
        asked(order, city)


def test_money_that_goes_back_while_the_invoice_is_being_made_cancels_it_as_it_comes(
    city: City, order: Payment
) -> None:
    invoice = asked(order, city)
    refunded(order, city)

    for hours in (5, 6):
        invoice = worked(invoice, city, hours)

    kinds = list(Entry.objects.filter(kind__startswith="invoice.").order_by("pk").values_list("kind", flat=True))
    assert invoice.state == "reversed"
    assert kinds == ["invoice.requested", "invoice.issued", "invoice.reversal_asked", "invoice.reversed"]


def test_a_wrong_invoice_is_cancelled_by_finance_and_asked_for_again(city: City, order: Payment) -> None:
    invoice = worked(asked(order, city), city)

    with pytest.raises(NotPermitted):
        reverse_invoice(invoice, by=city.applicant, at=city.at + timedelta(hours=3), reason="抬头有误")
    reverse_invoice(invoice, by=city.finance, at=city.at + timedelta(hours=3), reason="抬头有误")
    assert worked(invoice, city, 4).state == "reversed"
    second = worked(asked(order, city), city, 5)
    assert second.state == "issued"
    assert second.number != invoice.number


def test_a_red_letter_that_is_refused_leaves_the_invoice_valid_and_is_tried_again(city: City, order: Payment) -> None:
    invoice = worked(asked(order, city, mail="confirm@a.cn"), city)
    reverse_invoice(invoice, by=city.finance, at=city.at + timedelta(hours=3), reason="抬头有误")

    failed = worked(invoice, city, 4)
    assert (failed.state, failed.code) == ("reverse_failed", "E3105")
    assert Notice.objects.filter(member=city.finance, text__contains="待购买方确认").count() == 1
    Invoice.objects.filter(pk=invoice.pk).update(mail="")
    reverse_invoice(failed, by=city.finance, at=city.at + timedelta(hours=5), reason="购买方已确认")
    assert worked(invoice, city, 6).state == "reversed"


def test_an_answer_about_another_amount_is_not_taken_over(city: City, order: Payment) -> None:
    invoice = asked(order, city)
    answer = Answer(invoice.serial, number="2" * 20, amount=order.amount + 1, issued_at=city.at, file=b"<x/>")

    with pytest.raises(Mismatched):
        take_answer(invoice, answer, at=city.at + timedelta(hours=2))

    assert Invoice.objects.get().state == "requested"


def test_the_wire_tells_the_tax_office_nothing_of_project_or_beneficiary(city: City) -> None:
    case = city.in_force("bid")
    invoice = asked(Payment.objects.get(guarantee=case), city)
    invoice = Invoice.objects.select_related("seller", "payment").get(pk=invoice.pk)

    told = write_request(request_of(invoice, invoice.serial)).decode()

    assert case.project.name not in told
    assert case.beneficiary.name not in told
    assert json.loads(told)["jshj"] == f"{invoice.amount // 100}.{invoice.amount % 100:02d}"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"<html>", b'{"fpqqlsh":"F","code":"0000","fphm":"12"}'])
def test_an_answer_that_cannot_be_read_counts_as_none(content: bytes) -> None:
    with pytest.raises(ChannelDown):
        read_answer(content)


def test_the_title_comes_from_the_record_stays_editable_and_is_remembered(
    city: City, order: Payment, browser_of: BrowserOf
) -> None:
    browser, address = browser_of(city.applicant), f"/billing/orders/{order.order_number}/invoice/"

    first = browser.get(address).content.decode()
    sent = browser.post(
        address, {"kind": "ordinary", "title": "恒达路桥（新抬头）", "tax_number": "91339900madem00018"}
    )

    assert "云州市临港新区港城路 188 号" in first
    assert sent.status_code == 302
    assert BuyerTitle.objects.get().title == "恒达路桥（新抬头）"
    other = Payment.objects.get(guarantee=city.in_force(amount=111_111_00))
    assert "恒达路桥（新抬头）" in browser.get(f"/billing/orders/{other.order_number}/invoice/").content.decode()


def test_a_special_invoice_wants_address_and_account_and_loses_nothing_typed(
    city: City, order: Payment, browser_of: BrowserOf
) -> None:
    typed = {"kind": "special", "title": "恒达路桥", "tax_number": GOOD.tax_number, "address": "港城路 188 号"}
    page = browser_of(city.applicant).post(f"/billing/orders/{order.order_number}/invoice/", typed)

    assert page.status_code == 422
    assert "港城路 188 号" in page.content.decode()
    assert not Invoice.objects.exists()
    with pytest.raises(Invalid):
        asked(order, city, kind="special")


def test_pages_exist_for_buyer_and_seller_only_also_of_an_opened_project(
    city: City, order: Payment, browser_of: BrowserOf
) -> None:
    invoice = worked(asked(order, city), city)
    addresses = [
        f"/billing/invoices/{invoice.reference}/",
        f"/billing/orders/{order.order_number}/invoice/",
        f"/files/{invoice.file.reference}/",
    ]

    assert browser_of(city.finance).get(addresses[0]).status_code == 200
    assert browser_of(city.applicant).get(addresses[0]).status_code == 200
    assert str(invoice.number) in browser_of(city.applicant).get("/billing/invoices/?state=issued").content.decode()
    assert browser_of(city.rival).get("/billing/invoices/").status_code == 200
    assert str(invoice.number) not in browser_of(city.rival).get("/billing/invoices/").content.decode()
    for stranger in (city.rival, city.beneficiary, city.department):
        for address in addresses[:2]:
            assert browser_of(stranger).get(address).status_code in (403, 404), (stranger, address)
    assert browser_of(city.finance).get(addresses[1]).status_code == 403  # the seller does not ask for it


def test_the_guarantee_shows_its_orders_and_finance_cancels_by_the_page(
    city: City, order: Payment, browser_of: BrowserOf
) -> None:
    address = f"/guarantees/{Guarantee.objects.get(pk=order.guarantee_id).reference}/"
    before = browser_of(city.applicant).get(address).content.decode()
    invoice = worked(asked(order, city), city)
    finance, act = browser_of(city.finance), f"/billing/invoices/{invoice.reference}/do/reverse/"

    without = finance.post(act, {"version": invoice.version})
    done = finance.post(act, {"version": invoice.version, "reason": "抬头有误"})

    assert f"/billing/orders/{order.order_number}/invoice/" in before
    assert str(invoice.number) in browser_of(city.applicant).get(address).content.decode()
    assert (without.status_code, done.status_code) == (422, 302)
    assert Invoice.objects.get().state == "reversing"
    assert str(invoice.number) not in browser_of(city.beneficiary).get(address).content.decode()


def test_the_list_is_exported_as_it_is_filtered(city: City, order: Payment, browser_of: BrowserOf) -> None:
    worked(asked(order, city), city)

    sheet = browser_of(city.finance).get("/billing/invoices/export/?state=issued")
    for edge in ("since=0001-01-01", "until=9999-12-31", "page=999999"):
        assert browser_of(city.finance).get(f"/billing/invoices/?{edge}").status_code == 200

    assert sheet.status_code == 200
    assert Entry.objects.get(kind="invoice.exported").data["rows"] == 1
