"""Stories: what the applicant owes after a payment; costs before interest before principal (民法典 561)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.books.audit import imbalance
from xinshu.books.receivables import owed
from xinshu.claims.actions.recourse import agree_rate, enter_cost, interest_on, record_recovery, write_off
from xinshu.claims.models import Recourse
from xinshu.claims.recourse_sums import apply, interest
from xinshu.claims.tests.city import ClaimsCity
from xinshu.core.refusals import Invalid, NotNow, NotPermitted

pytestmark = pytest.mark.django_db
PAID = 365_000_00
COST = {"number": "诉讼费 01", "on": date(2026, 11, 26), "note": "案件受理费"}


def opened(city: ClaimsCity) -> Recourse:
    """Return the case of a payment of 365,000 yuan on 26 November 2026, at 10 % a year: 100 yuan a day."""
    city.paid(amount=PAID)
    case = Recourse.objects.select_related("creditor", "debtor", "demand__guarantee__project").get()
    return agree_rate(case, annual_rate=Decimal("0.10"), basis="反担保合同第 8 条", by=city.finance, at=city.day(5))


def test_a_recovery_pays_costs_then_interest_then_principal(city: ClaimsCity) -> None:
    case = enter_cost(opened(city), amount=1_000_00, by=city.finance, at=city.day(5), **COST)

    case = record_recovery(
        case, amount=2_500_00, number="收 1", on=date(2026, 12, 6), note="", by=city.finance, at=city.day(15)
    )

    entry = case.entries.get(kind="recovery")
    assert (entry.to_costs, entry.to_interest, entry.to_principal) == (1_000_00, 1_000_00, 500_00)
    assert (case.costs_amount, case.interest_amount, case.principal_amount) == (0, 0, PAID - 500_00)
    assert owed(case.creditor, case.debtor) == PAID - 500_00
    assert interest_on(case, date(2026, 12, 7)) == 99_86  # 364,500 × 10 % / 365


def test_the_last_of_it_settles_the_case(city: ClaimsCity) -> None:
    case = opened(city)

    case = record_recovery(
        case, amount=PAID + 500_00, number="收 1", on=date(2026, 12, 1), note="", by=city.finance, at=city.day(10)
    )

    assert (case.state, case.principal_amount, case.recovered_amount) == ("settled", 0, PAID + 500_00)
    assert owed(case.creditor, case.debtor) == 0
    with pytest.raises(NotNow):
        enter_cost(case, amount=1, by=city.finance, at=city.day(11), **COST)


def test_more_than_is_owed_and_the_same_voucher_twice_are_refused(city: ClaimsCity) -> None:
    case = opened(city)
    paid = {"number": "收 1", "on": date(2026, 11, 26), "note": "", "by": city.finance, "at": city.day(10)}
    case = record_recovery(case, amount=1_00, **paid)

    for wrong in (
        {"amount": PAID, "number": "收 2"},
        {"amount": 1_00},
        {"amount": 1, "number": "收 3", "on": date(2027, 1, 1)},
    ):
        with pytest.raises(Invalid):
            record_recovery(case, **(paid | wrong))

    assert Recourse.objects.get().principal_amount == PAID - 1_00


def test_written_off_it_is_still_owed_and_may_come_back(city: ClaimsCity) -> None:
    case = opened(city)
    with pytest.raises(NotPermitted):
        write_off(case, reason="债务人破产终结。", by=city.finance, at=city.day(9))

    case = write_off(case, reason="债务人破产终结。", by=city.reviewer, at=city.day(9))
    assert (case.state, case.principal_amount, case.written_off_amount) == ("written_off", PAID, PAID)
    assert owed(case.creditor, case.debtor) == 0
    case = record_recovery(
        case, amount=1_500_00, number="收 1", on=date(2026, 12, 6), note="分配", by=city.finance, at=city.day(15)
    )

    assert (case.principal_amount, case.written_off_amount) == (PAID - 500_00, PAID - 500_00)
    assert not imbalance()


def test_the_rate_is_agreed_once(city: ClaimsCity) -> None:
    case = opened(city)

    with pytest.raises(NotNow):
        agree_rate(case, annual_rate=Decimal("0.2"), basis="另一份合同", by=city.finance, at=city.day(6))


@given(
    amount=st.integers(1, 10**12), costs=st.integers(0, 10**9), interest=st.integers(0, 10**9),
    principal=st.integers(0, 10**12),
)  # fmt: skip
def test_nothing_is_lost_and_nothing_goes_to_the_later_before_the_earlier(
    amount: int, costs: int, interest: int, principal: int
) -> None:
    done = apply(amount, costs=costs, interest=interest, principal=principal)

    assert done.costs + done.interest + done.principal + done.left == amount
    assert done.interest == 0 or done.costs == costs
    assert done.principal == 0 or (done.costs, done.interest) == (costs, interest)
    assert done.left == 0 or done.principal == principal


def test_interest_counts_the_days_after_the_payment() -> None:
    rate = Decimal("0.1")

    assert interest(PAID, rate, date(2026, 11, 26), date(2026, 11, 26)) == 0
    assert interest(PAID, rate, date(2026, 11, 26), date(2027, 11, 26)) == PAID // 10
    assert interest(PAID, rate, date(2026, 11, 26), date(2026, 11, 1)) == 0
