"""Stories: the fee is asked of a channel, and answered by it once, however often the answer arrives."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from xinshu.books.lines import line_of
from xinshu.books.models import Account, Transfer
from xinshu.books.transfers import balance
from xinshu.guarantees.actions.approval import StillObstructed, decline_application
from xinshu.guarantees.actions.issuance import cancel_issue
from xinshu.guarantees.actions.payment import AlreadyPaying, confirm_payment, refuse_payment, request_payment
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.payments import ChannelDown, Order, channel
from xinshu.guarantees.payments.sandbox import Sandbox
from xinshu.guarantees.tests.city import LINE, City
from xinshu.ledger.models import Delivery
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def paid_in(case: Guarantee) -> int:
    return sum(Transfer.objects.filter(debit__purpose="cash", subject_id=case.pk).values_list("amount", flat=True))


def test_the_fee_arrives_and_the_case_waits_for_its_signature(city: City) -> None:
    payment = city.paying()

    case = confirm_payment(payment, receipt="SBX-1", at=city.at)

    payment.refresh_from_db()
    assert (case.state, payment.state, payment.settled_at) == ("to_issue", "confirmed", city.at)
    assert paid_in(case) == payment.amount == case.fee_amount
    assert history_of(case).last().data == {"order": payment.order_number, "receipt": "SBX-1"}


def test_the_same_confirmation_twice_changes_nothing(city: City) -> None:
    payment = city.paying()
    case = confirm_payment(payment, receipt="SBX-1", at=city.at)
    entries = history_of(case).count()

    again = confirm_payment(payment, receipt="SBX-1", at=city.at + timedelta(hours=1))

    payment.refresh_from_db()
    assert (again.state, again.version, payment.settled_at) == ("to_issue", case.version, city.at)
    assert history_of(case).count() == entries
    assert paid_in(case) == case.fee_amount


def test_a_refusal_after_the_confirmation_changes_nothing(city: City) -> None:
    payment = city.paying()
    confirm_payment(payment, receipt="SBX-1", at=city.at)

    case = refuse_payment(payment, reason="迟到的通知", at=city.at)

    payment.refresh_from_db()
    assert (case.state, payment.state, payment.reason) == ("to_issue", "confirmed", "")


def test_a_fee_is_not_asked_for_twice_at_a_time(city: City) -> None:
    case = city.paying().guarantee

    with pytest.raises(AlreadyPaying) as refused:
        request_payment(
            Guarantee.objects.get(pk=case.pk), channel="sandbox", account="6000-0001", by=city.applicant, at=city.at
        )

    assert refused.value.status == 409
    assert Payment.objects.count() == 1


def test_the_database_itself_keeps_a_second_order_out(city: City) -> None:
    case = city.paying().guarantee

    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(guarantee=case, order_number="P2", channel="sandbox", amount=1, requested_at=city.at)


def test_refused_by_one_account_it_is_paid_from_another(city: City) -> None:
    case = city.paying("6000-0002").guarantee
    drain()
    case = Guarantee.objects.get(pk=case.pk)
    refused = case.payments.get()
    assert (case.state, refused.state, refused.reason) == ("fee_due", "refused", "付款账户余额不足")

    request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at)
    drain()

    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"
    assert list(case.payments.order_by("pk").values_list("state", flat=True)) == ["refused", "confirmed"]
    assert paid_in(case) == case.fee_amount


def test_a_channel_that_tells_twice_is_believed_once(city: City) -> None:
    case = city.paying("6000-0004").guarantee

    drain()

    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"
    assert paid_in(case) == case.fee_amount
    assert [entry.kind for entry in history_of(case)].count("payment.confirmed") == 1


def test_a_channel_that_is_down_is_asked_again_later(city: City) -> None:
    case = city.paying("6000-0003").guarantee

    drain()
    waiting = Delivery.objects.get(reaction__endswith="charge_fee")
    assert (waiting.state, waiting.attempts, Guarantee.objects.get(pk=case.pk).state) == ("waiting", 1, "fee_due")
    drain(at=waiting.due_at + timedelta(seconds=1))

    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"


def test_money_that_comes_after_the_end_is_not_taken_silently(city: City) -> None:
    payment = city.paying()
    refuse_payment(payment, reason="超时", at=city.at)
    case = Guarantee.objects.get(pk=payment.guarantee_id)
    from xinshu.guarantees.actions.application import withdraw_application

    withdraw_application(case, by=city.applicant, at=city.at, reason="不再需要。")

    after = confirm_payment(payment, receipt="SBX-1", at=city.at)

    assert (after.state, paid_in(case)) == ("withdrawn", 0)
    assert history_of(case).last().kind == "payment.arrived_late"


def test_the_fee_stands_in_the_books_of_the_guarantor(city: City) -> None:
    payment = city.paying()
    confirm_payment(payment, receipt="SBX-1", at=city.at)

    (transfer,) = Transfer.objects.filter(credit__purpose="fees")

    assert (transfer.credit.holder, transfer.credit.party) == (city.guarantor, city.applicant.organisation)
    assert balance(transfer.credit) == payment.amount


@pytest.mark.parametrize("code", ["sandbox"])
def test_a_channel_is_found_by_its_code(code: str) -> None:
    assert isinstance(channel(code), Sandbox)
    with pytest.raises(KeyError):
        channel("wechat")


def test_the_sandbox_charges_an_order_once_it_can_be_reached() -> None:
    order = Order("P-1", 100, "6000-0003")
    gateway = Sandbox()

    with pytest.raises(ChannelDown):
        gateway.charge(order)

    (answer,) = gateway.charge(order)
    assert (answer.paid, answer.receipt) == (True, "SBX-P-1")


def test_late_money_of_a_refused_order_leaves_the_order_that_is_live_alone(city: City) -> None:
    refused = city.paying()
    case = refuse_payment(refused, reason="超时", at=city.at)
    live = request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at)

    confirm_payment(refused, receipt="SBX-1", at=city.at)
    case = confirm_payment(live, receipt="SBX-2", at=city.at)

    assert case.state == "to_issue"
    assert paid_in(case) == live.amount


def test_what_cannot_be_issued_any_more_is_ended_and_the_fee_goes_back_once(city: City) -> None:
    case = city.to_issue()

    case = cancel_issue(case, by=city.signer, at=city.at, reason="担保期已过，不再签发。")
    drain()
    drain()

    payment = case.payments.get()
    fees = Account.objects.get(purpose="fees", party=case.applicant)
    assert (case.state, payment.state, fees.balance) == ("declined", "refunded", 0)
    assert line_of(case.guarantor, case.applicant).available == LINE


def test_an_approved_application_can_be_declined_until_the_fee_is_on_its_way(city: City) -> None:
    waiting, paying = city.fee_due(), city.paying().guarantee

    declined = decline_application(waiting, by=city.reviewer, at=city.at, reason="集中度过高。")

    assert declined.state == "declined"
    assert line_of(waiting.guarantor, waiting.applicant).reserved == paying.amount
    with pytest.raises(StillObstructed):
        decline_application(Guarantee.objects.get(pk=paying.pk), by=city.reviewer, at=city.at, reason="集中度过高。")
