"""缴费开票 (BH-24): the fee by type, amount, term, tariff, tier; paid by transfer on proof; invoiced."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.billing.actions.invoices import Title, request_invoice
from xinshu.billing.actions.reconciling import import_lines
from xinshu.billing.actions.transfers import confirm_on_line
from xinshu.billing.bank import BankLine, Match
from xinshu.billing.bank_reading import Row
from xinshu.billing.models import Invoice
from xinshu.books.models import Transfer
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees.actions.issuance import cancel_issue
from xinshu.guarantees.actions.payment import AlreadyPaying
from xinshu.guarantees.actions.transfers import confirm_given_back, confirm_slip, hand_in_slip, refuse_slip
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.queries import todo_list
from xinshu.guarantees.tests.city import MINUTE, City
from xinshu.guarantees.tests.test_favour import B, published
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def slip(city: City, case: Guarantee | None = None) -> Payment:
    case = case or city.fee_due()
    return hand_in_slip(
        case, content=PDF, name="回单.pdf", payer=city.applicant.organisation.name, paid_on=local_day(city.at),
        by=city.applicant, at=city.at + 5 * MINUTE,
    )  # fmt: skip


def line_of(city: City, amount: int, payer: str = "云州恒达路桥工程有限公司", days: int = 1) -> BankLine:
    assert city.finance
    row = Row(1, local_day(city.at) + timedelta(days=days), amount, payer, "保费", f"B{amount}{days}")
    import_lines(city.guarantor, [row], name="流水.csv", sm3=f"{amount}{days}", by=city.finance, at=city.at)
    return BankLine.objects.get(bank_number=f"B{amount}{days}")


@pytest.mark.req("BH-24")
def test_a_fee_by_tier_is_paid_by_transfer_confirmed_on_the_banks_line_and_invoiced(
    city: City, browser_of: BrowserOf
) -> None:
    city.released()
    before = city.fee_due()
    published(city, B)
    case, finance = city.fee_due(), browser_of(city.finance)
    here, applicant = f"/guarantees/{case.reference}/", browser_of(city.applicant)

    page = applicant.get(here).content.decode()
    short = applicant.post(f"{here}slip/", {"version": case.version, "payer": "云州恒达", "paid_on": ""})
    upload = SimpleUploadedFile("回单.pdf", PDF, "application/pdf")
    typed = {"version": case.version, "payer": city.applicant.organisation.name, "paid_on": "2026-11-21"}
    handed = applicant.post(f"{here}slip/", typed | {"slip": upload}, follow=True).content.decode()
    payment = Payment.objects.get(guarantee=case)
    line = line_of(city, payment.amount)
    to_do = todo_list(city.finance, city.at)
    listed = finance.get(reverse("billing:transfers")).content.decode()
    shown = finance.get(reverse("billing:transfer", args=[payment.order_number])).content.decode()
    act = reverse("billing:transfer_act", args=[payment.order_number, "confirm"])
    confirmed = finance.post(act, {"line": line.reference}, follow=True).content.decode()
    again = finance.post(act, {"line": ""})
    drain()
    case.refresh_from_db()
    payment.refresh_from_db()
    title = Title("ordinary", city.applicant.organisation.name, "91339900MADEM00018")
    request_invoice(payment, title, by=city.applicant, at=city.at + 9 * MINUTE)
    drain()

    assert case.fee_amount == (before.fee_amount or 0) * 9 // 10  # tariff, term and amount are the same: the tier's
    assert "守信优惠" in page
    assert "已经转账，上传凭证" in page
    assert short.status_code == 422
    assert "云州恒达" in short.content.decode()  # what was typed is still there
    assert "等保证人财务核对到账" in handed
    assert [row["subtitle"] for row in to_do] == ["履约保函 · 核对转账凭证"]
    assert payment.order_number in listed
    assert line.payer in shown
    assert "已确认到账" in confirmed
    assert again.status_code == 409
    assert (case.state, payment.state) == ("to_issue", "confirmed")
    assert Transfer.objects.filter(key=payment.order_number).count() == 1  # once, however often it is pressed
    assert Match.objects.get(line=line).state == "confirmed"
    assert payment.slip.decided_by == city.finance.actor_label
    invoice = Invoice.objects.get(payment=payment)
    assert (invoice.state, invoice.amount) == ("issued", case.fee_amount)


def test_what_finance_refuses_is_told_with_the_reason_and_may_be_tried_again(city: City, browser_of: BrowserOf) -> None:
    payment = slip(city)
    act = reverse("billing:transfer_act", args=[payment.order_number, "refuse"])
    finance = browser_of(city.finance)

    silent = finance.post(act, {"reason": "无"})
    refused = finance.post(act, {"reason": "账户没有这笔入账，请核对收款账号。"})
    drain()
    case = Guarantee.objects.get(pk=payment.guarantee_id)

    assert (silent.status_code, refused.status_code) == (422, 302)
    assert "请核对收款账号" in Notice.objects.filter(member=city.applicant).latest("pk").text
    assert case.state == "fee_due"
    assert slip(city, case).state == "requested"
    with pytest.raises(NotNow):
        confirm_slip(payment, by=city.finance, at=city.at + 7 * MINUTE)


def test_a_line_of_another_amount_confirms_nothing(city: City) -> None:
    payment = slip(city)
    line = line_of(city, payment.amount + 1)

    with pytest.raises(Invalid, match="金额不一致"):
        confirm_on_line(payment, line, by=city.finance, at=city.at + 6 * MINUTE)

    payment.refresh_from_db()
    assert payment.state == "requested"
    assert Guarantee.objects.get(pk=payment.guarantee_id).state == "fee_due"
    assert not Match.objects.filter(line=line, state="confirmed").exists()


def test_one_line_pays_one_fee(city: City) -> None:
    first, second = slip(city), slip(city)
    line = line_of(city, first.amount)
    confirm_on_line(first, line, by=city.finance, at=city.at + 6 * MINUTE)

    with pytest.raises(NotNow):
        confirm_on_line(second, line, by=city.finance, at=city.at + 7 * MINUTE)

    second.refresh_from_db()
    assert second.state == "requested"


@pytest.mark.parametrize("who", ["applicant", "reviewer", "manager", "bank"])
def test_only_the_guarantors_finance_says_that_money_is_there(city: City, who: str) -> None:
    payment = slip(city)

    with pytest.raises(NotPermitted):
        confirm_slip(payment, by=getattr(city, who), at=city.at + 6 * MINUTE)
    with pytest.raises(NotPermitted):
        refuse_slip(payment, reason="没有到账。", by=getattr(city, who), at=city.at + 6 * MINUTE)


def test_another_houses_finance_finds_no_transfer(city: City, browser_of: BrowserOf) -> None:
    payment = slip(city)
    other = browser_of(city.member("江北担保有限公司", "guarantor", "finance"))

    assert other.get(reverse("billing:transfer", args=[payment.order_number])).status_code == 404
    assert payment.order_number not in other.get(reverse("billing:transfers")).content.decode()


@pytest.mark.parametrize(("days", "payer", "field"), [(1, "恒达", "paid_on"), (0, "  ", "payer")])
def test_a_slip_says_who_paid_and_when(city: City, days: int, payer: str, field: str) -> None:
    case = city.fee_due()
    on = local_day(city.at) + timedelta(days=days)

    with pytest.raises(Invalid) as refused:
        hand_in_slip(case, content=PDF, name="a.pdf", payer=payer, paid_on=on, by=city.applicant, at=city.at)

    assert field in refused.value.fields
    assert not Payment.objects.exists()


def test_a_fee_is_paid_in_one_way_at_a_time(city: City) -> None:
    payment = slip(city)

    with pytest.raises(AlreadyPaying):
        slip(city, Guarantee.objects.get(pk=payment.guarantee_id))


def test_a_transfer_goes_back_by_transfer_and_finance_says_when(city: City, browser_of: BrowserOf) -> None:
    payment = slip(city)
    case = confirm_slip(payment, by=city.finance, at=city.at + 6 * MINUTE)
    cancel_issue(case, by=city.signer, at=city.at + 7 * MINUTE, reason="担保期已过。")
    drain()  # no channel is asked
    payment.refresh_from_db()
    returning = browser_of(city.finance).get(reverse("billing:transfers") + "?view=returning").content.decode()

    with pytest.raises(Invalid, match="流水号"):
        confirm_given_back(payment, receipt=" ", by=city.finance, at=city.at + 8 * MINUTE)
    confirm_given_back(payment, receipt="HT20261121001", by=city.finance, at=city.at + 8 * MINUTE)
    with pytest.raises(NotNow):
        confirm_given_back(payment, receipt="HT20261121001", by=city.finance, at=city.at + 9 * MINUTE)

    assert payment.order_number in returning
    assert Payment.objects.get(pk=payment.pk).state == "refunded"
    assert Transfer.objects.filter(key=f"refund:{payment.order_number}").count() == 1
