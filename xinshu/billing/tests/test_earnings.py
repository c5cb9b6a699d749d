"""Fees are earned day by day to the last 分, in Python and in SQL alike; reserves follow the house's method."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from xinshu.accounts.models import Member
from xinshu.billing.actions.methods import set_method
from xinshu.billing.earning import Cover, earned, unearned
from xinshu.billing.earnings import balance_of, by_kind, fees_of, income_of_year, method_of, orders_of, total_of
from xinshu.billing.models import ReserveMethod
from xinshu.billing.reserves import Method, Reserves, reserves
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.models import FeeReturn, Guarantee, Payment, Tariff
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

BrowserOf = Callable[[Member], Client]
DAY = date(2026, 1, 1)


# pure


@pytest.mark.parametrize(
    ("cover", "on", "expected"),
    [
        (Cover(365_00, DAY, date(2026, 12, 31)), date(2025, 12, 31), 0),
        (Cover(365_00, DAY, date(2026, 12, 31)), DAY, 1_00),
        (Cover(365_00, DAY, date(2026, 12, 31)), date(2026, 1, 31), 31_00),
        (Cover(365_00, DAY, date(2026, 12, 31)), date(2026, 12, 30), 364_00),
        (Cover(365_00, DAY, date(2026, 12, 31)), date(2026, 12, 31), 365_00),
        (Cover(500_00, DAY, date(2026, 1, 10), at_once=300_00), DAY, 320_00),  # 300 at once, 200 over ten days
        (Cover(200_00, DAY, date(2026, 1, 10), at_once=300_00), DAY, 200_00),  # the fee is less than the minimum
        (Cover(1, DAY, date(2026, 1, 2)), DAY, 1),  # half up
        (Cover(365_00, DAY, date(2026, 12, 31), ended=date(2026, 3, 1)), date(2026, 2, 28), 59_00),
        (Cover(365_00, DAY, date(2026, 12, 31), ended=date(2026, 3, 1)), date(2026, 3, 1), 365_00),
        (Cover(100, DAY, DAY), DAY, 100),
    ],
)
def test_a_fee_is_earned_straight_over_its_days(cover: Cover, on: date, expected: int) -> None:
    assert earned(cover, on) == expected
    assert unearned(cover, on) == cover.fee - expected


@given(
    fee=st.integers(1, 10**9), days=st.integers(0, 800), at_once=st.integers(0, 10**9),
    ended=st.none() | st.integers(0, 800),
)  # fmt: skip
def test_what_is_earned_never_falls_and_ends_at_the_whole_fee(
    fee: int, days: int, at_once: int, ended: int | None
) -> None:
    end = None if ended is None else DAY + timedelta(days=ended)
    cover = Cover(fee, DAY, DAY + timedelta(days=days), at_once, end)
    steps = [earned(cover, DAY + timedelta(days=day)) for day in range(-1, days + 1, max(1, days // 17))]

    assert steps[0] == 0 or ended == -1
    assert steps == sorted(steps)
    assert earned(cover, cover.expires) == fee


@pytest.mark.parametrize(
    ("income", "balance", "method", "expected"),
    [
        (1_000_00, 100_000_00, Method(), Reserves(500_00, 1_000_00, 1_000_00, 10_000_00)),
        (1_000_00, 100_000_00, Method(opening=9_500_00), Reserves(500_00, 500_00, 10_000_00, 10_000_00)),
        (1_000_00, 100_000_00, Method(opening=12_000_00), Reserves(500_00, 0, 12_000_00, 10_000_00)),
        (1, 0, Method(unearned_rate=Decimal("0.5")), Reserves(1, 0, 0, 0)),
    ],
)
def test_reserves_are_a_share_of_the_year_s_fees_and_of_the_balance_up_to_the_cap(
    income: int, balance: int, method: Method, expected: Reserves
) -> None:
    assert reserves(income, balance, method) == expected


# in the database


@pytest.mark.django_db
def test_sql_and_python_agree_order_by_order_on_every_day(city: City) -> None:
    dice = random.Random(7)
    cases = [city.in_force(amount=100_000_00 + number) for number in range(4)]
    for case in cases:
        start = DAY + timedelta(days=dice.randint(0, 60))
        Guarantee.objects.filter(pk=case.pk).update(
            effective_on=start, expires_on=start + timedelta(days=dice.randint(0, 300)),
            issued_at=moment(start - timedelta(days=1)),
            ended_at=moment(start + timedelta(days=40), 12) if dice.random() < 0.5 else None,
        )  # fmt: skip
        Payment.objects.filter(guarantee=case).update(
            amount=dice.randint(1, 10**8), settled_at=moment(start - timedelta(days=2), 23, 59)
        )
    Tariff.objects.update(minimum_amount=777_77)
    house = city.guarantor

    for shift in range(-5, 400, 9):
        on = DAY + timedelta(days=shift)
        for at_once in (True, False):
            found = fees_of(house, on, at_once=at_once).select_related("guarantee__tariff")
            for order in found:
                case = order.guarantee
                least = case.tariff.minimum_amount if at_once else 0
                over = None if case.ended_at is None else local_day(case.ended_at)
                cover = Cover(order.amount, case.effective_on, case.expires_on, least, over)
                issued = local_day(case.issued_at) <= on
                assert order.done == (earned(cover, on) if issued else 0), (on, cover)


@pytest.mark.django_db
def test_months_add_up_to_the_whole_and_take_two_statements(city: City, django_assert_num_queries) -> None:
    one, other = city.in_force(amount=111_111_00), city.in_force("bid")
    house = city.guarantor
    fees = {case.kind: Payment.objects.get(guarantee=case).amount for case in (one, other)}

    with django_assert_num_queries(2):
        november = by_kind(house, date(2026, 11, 1), date(2026, 11, 30), at_once=True)
    later = by_kind(house, date(2026, 12, 1), date(2027, 12, 31), at_once=True)

    assert {row.kind: row.received_then for row in november} == fees
    assert {row.kind: row.received_then for row in later} == dict.fromkeys(fees, 0)
    for first, then in zip(november, later, strict=True):
        assert first.earned_then + then.earned_then == then.earned == fees[first.kind]
        assert first.unearned == then.earned_then
    assert total_of(later).earned == sum(fees.values()) == income_of_year(house, date(2026, 12, 31))
    assert balance_of(house) == (one.amount or 0) + (other.amount or 0)


@pytest.mark.django_db
def test_what_is_paid_and_not_issued_is_unearned_and_what_was_refunded_is_nothing(city: City) -> None:
    waiting, gone = city.to_issue(), city.to_issue(amount=111_111_00)
    Payment.objects.filter(guarantee=gone).update(state=Payment.State.REFUNDED)

    (row,) = list(orders_of(city.guarantor, date(2026, 12, 31), at_once=True))

    assert (row.guarantee, row.received, row.earned) == (waiting, waiting.fee_amount, 0)


@pytest.mark.django_db
def test_a_method_holds_from_its_day_and_is_written_by_finance_only(city: City) -> None:
    house, mine = (
        city.guarantor,
        Method(Decimal("0.4"), Decimal("0.02"), Decimal("0.1"), 5_00, at_once=False, source="董事会决议"),
    )

    with pytest.raises(NotPermitted):
        set_method(mine, valid_from=DAY, by=city.reviewer, at=city.at)
    with pytest.raises(Invalid):
        set_method(Method(claims_rate=Decimal("0.2")), valid_from=DAY, by=city.finance, at=city.at)
    set_method(mine, valid_from=DAY, by=city.finance, at=city.at)

    assert method_of(house, DAY) == mine
    assert method_of(house, DAY - timedelta(days=1)).unearned_rate == Decimal("0.5")
    assert Entry.objects.get(kind="reserves.method_set").data["source"] == "董事会决议"


@pytest.mark.django_db
def test_finance_reads_sets_and_exports_and_customers_do_not(city: City, browser_of: BrowserOf) -> None:
    city.in_force("bid")
    browser = browser_of(city.finance)
    told = {
        "unearned": "40",
        "claims": "1",
        "cap": "10",
        "opening": "1,000",
        "source": "内部办法",
        "valid_from": "2026-01-01",
    }

    first = browser.get("/billing/earnings/").content.decode()
    bad = browser.post("/billing/earnings/method/", {**told, "source": "", "claims": "x"})
    done = browser.post("/billing/earnings/method/", told)
    sheet = browser.get("/billing/earnings/export/?on=2026-11-21")

    assert "融资性担保公司管理暂行办法" in first
    assert "未到期责任准备（50%）" in first
    assert (bad.status_code, done.status_code, sheet.status_code) == (422, 302, 200)
    assert "请写明依据" in bad.content.decode()
    assert ReserveMethod.objects.get().opening_amount == 1_000_00
    assert "内部办法" in browser.get("/billing/earnings/?on=2026-11-20").content.decode()
    assert browser.get("/billing/earnings/?on=2099-01-01").status_code == 422
    assert browser.get("/billing/earnings/?on=x").status_code == 422
    assert Entry.objects.get(kind="earnings.exported").sealed_until == city.opens_at
    assert browser_of(city.applicant).get("/billing/earnings/").status_code == 403
    assert browser_of(city.reviewer).post("/billing/earnings/method/", told).status_code == 403


@given(
    fee=st.integers(1, 10**9), days=st.integers(0, 800), at_once=st.integers(0, 10**9), ended=st.integers(0, 800),
    owed=st.integers(0, 10**9), waits=st.integers(0, 90),
)  # fmt: skip
def test_earned_returned_and_unearned_are_always_what_was_received(
    fee: int, days: int, at_once: int, ended: int, owed: int, waits: int
) -> None:
    owed, end = min(owed, fee), DAY + timedelta(days=ended)
    cover = Cover(fee, DAY, DAY + timedelta(days=days), at_once, end, owed if ended < days else 0)
    for shift in (0, ended - 1, ended, ended + waits, days, days + ended + waits + 1):
        on = DAY + timedelta(days=shift)
        returned = cover.owed if on >= end + timedelta(days=waits) else 0

        rest = unearned(cover, on, returned)

        assert earned(cover, on) + returned + rest == fee
        assert rest >= 0
    assert rest == 0


@pytest.mark.django_db
def test_sql_nets_what_goes_back_from_the_day_of_the_end_and_tells_it_once_it_is_paid(city: City) -> None:
    dice, house = random.Random(11), city.guarantor
    for _n in range(3):
        case = city.in_force(amount=100_000_00)
        payment = Payment.objects.get(guarantee=case)
        payment.amount = dice.randint(1_000, 10**8)
        payment.save(update_fields=["amount"])
        start = DAY + timedelta(days=dice.randint(0, 30))
        ended, owed = start + timedelta(days=dice.randint(1, 80)), dice.randint(1, payment.amount)
        decided, paid = ended + timedelta(days=3), ended + timedelta(days=dice.randint(3, 9))
        stated = dice.randint(1, payment.amount)
        Guarantee.objects.filter(pk=case.pk).update(
            effective_on=start, expires_on=start + timedelta(days=100), issued_at=moment(start, 0),
            ended_at=moment(ended, 12),
        )  # fmt: skip
        Payment.objects.filter(pk=payment.pk).update(settled_at=moment(start - timedelta(days=2), 9))
        FeeReturn.objects.create(
            guarantee=case, payment=payment, state="done", ended_on=ended, computed_amount=owed, amount=stated,
            stated_reason="另有约定", proposed_at=moment(ended, 12), decided_at=moment(decided, 9),
            ended_at=moment(paid, 9), changed_at=moment(paid, 9),
        )  # fmt: skip

    for shift in range(-5, 160, 4):
        on = DAY + timedelta(days=shift)
        rows = {row.order: row for row in orders_of(house, on, at_once=False)}
        for back in FeeReturn.objects.select_related("guarantee", "payment"):
            if (row := rows.get(back.payment.order_number)) is None:
                continue
            known = back.amount if local_day(back.decided_at) <= on else back.computed_amount
            case, over = back.guarantee, back.ended_on
            cover = Cover(row.received, case.effective_on, case.expires_on, 0, over, known)
            assert row.earned == (earned(cover, on) if local_day(case.issued_at) <= on else 0)
            assert row.returned == (back.amount if local_day(back.ended_at) <= on else 0)
            assert row.earned + row.returned + row.unearned == row.received
    total = total_of(by_kind(house, DAY, DAY + timedelta(days=200), at_once=False))
    assert total.returned == sum(FeeReturn.objects.values_list("amount", flat=True))
    assert total.unearned == 0
    assert income_of_year(house, DAY + timedelta(days=200)) == total.received - total.returned
