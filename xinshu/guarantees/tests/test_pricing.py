"""Sums: what a guarantee costs, against the vectors of spec/domain.md 3.5."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.clock import moment
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid
from xinshu.guarantees.actions.terms_of_business import publish_tariff
from xinshu.guarantees.pricing import (
    DAILY,
    FLAT,
    FULL_PERIODS,
    MONTH,
    NONE,
    PERIODS,
    QUARTER,
    REFUNDS,
    UNEARNED,
    Paid,
    QuoteLine,
    Tariff,
    add_months,
    periods_begun,
    quote,
    refund,
)

FACE = 800_000_00
FIRST = date(2026, 3, 1)
RATE = Decimal("0.012")


@pytest.mark.parametrize(
    ("days", "period", "basis", "fee"),
    [
        (90, DAILY, 365, "2,367.12"),
        (90, DAILY, 360, "2,400.00"),
        (120, DAILY, 365, "3,156.16"),
        (120, DAILY, 360, "3,200.00"),
        (120, QUARTER, 365, "4,800.00"),
        (365, DAILY, 365, "9,600.00"),
        (365, QUARTER, 365, "9,600.00"),  # four quarters of three calendar months, not five of 91 days
        (365, MONTH, 365, "9,600.00"),
        (92, QUARTER, 365, "2,400.00"),  # March, April, May: one quarter to its last day
        (93, QUARTER, 365, "4,800.00"),
        (1, MONTH, 365, "800.00"),
        (90, FLAT, 365, "9,600.00"),
    ],
)
def test_the_fee_is_the_one_computed_by_hand(days: int, period: str, basis: int, fee: str) -> None:
    tariff = Tariff(RATE, period, basis)

    assert quote(FACE, FIRST, FIRST + timedelta(days=days), tariff).total == parse_yuan(fee)


def test_the_last_day_counts_where_the_tariff_says_so() -> None:
    without = quote(FACE, FIRST, FIRST + timedelta(days=90), Tariff(RATE))
    with_it = quote(FACE, FIRST, FIRST + timedelta(days=89), Tariff(RATE, includes_last_day=True))

    assert with_it.total == without.total == parse_yuan("2,367.12")


def test_below_the_minimum_a_second_line_makes_it_up() -> None:
    fee = quote(10_000_00, FIRST, FIRST + timedelta(days=90), Tariff(RATE, minimum=300_00))

    assert fee.total == 300_00
    assert fee.lines == (
        QuoteLine("担保费", "10,000.00 元 × 1.2% ÷ 365 × 90 天", 29_59),
        QuoteLine("补足最低收费", "每笔不低于 300.00 元", 270_41),
    )


def test_the_line_says_how_quarters_were_counted() -> None:
    (line,) = quote(FACE, FIRST, FIRST + timedelta(days=120), Tariff(RATE, QUARTER)).lines

    assert line.basis == "800,000.00 元 × 1.2% ÷ 4 × 2 个季度"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


def test_a_quarter_from_the_last_of_august_ends_with_november() -> None:
    last_of_august = date(2026, 8, 31)

    assert periods_begun(last_of_august, date(2026, 11, 30), 3) == 1
    assert periods_begun(last_of_august, date(2026, 12, 1), 3) == 2


FEDERAL = Tariff(  # Rs 500 + 0.75 % per quarter or part, at least 1.5 % or Rs 1,000, whichever is higher (vector 23)
    Decimal("0.03"), QUARTER, minimum=1_000_00, base=500_00, minimum_rate=Decimal("0.015")
)


@pytest.mark.parametrize(
    ("face", "days", "fee"),
    [
        ("100,000.00", 90, "1,500.00"),  # 500 + 750 = 1,250, made up to 1.5 %
        ("1,000,000.00", 180, "15,500.00"),  # 500 + two quarters
        ("1,000,000.00", 185, "23,000.00"),  # a third has begun
        ("20,000.00", 90, "1,000.00"),  # 650 and 300 are below the least
    ],
)
def test_a_base_and_the_higher_of_two_minimums(face: str, days: int, fee: str) -> None:
    assert quote(parse_yuan(face), FIRST, FIRST + timedelta(days=days), FEDERAL).total == parse_yuan(fee)


def test_each_line_of_a_full_tariff_says_how_it_was_counted() -> None:
    tariff = Tariff(RATE, QUARTER, minimum=8_000_00, base=100_00, period_minimum=3_000_00, tax_rate=Decimal("0.06"))

    fee = quote(FACE, FIRST, FIRST + timedelta(days=120), tariff)

    assert fee.lines == (
        QuoteLine("担保费", "800,000.00 元 × 1.2% ÷ 4 × 2 个季度", 4_800_00),
        QuoteLine("补足每期最低收费", "每期不低于 3,000.00 元，共 2 期", 1_200_00),
        QuoteLine("基本费", "每笔 100.00 元", 100_00),
        QuoteLine("补足最低收费", "每笔不低于 8,000.00 元", 1_900_00),
        QuoteLine("税费", "以上合计 × 6%", 480_00),
    )
    assert fee.total == 8_480_00


def test_the_fee_is_rounded_once_with_its_tax_not_before_it() -> None:
    tariff = Tariff(Decimal("0.01"), FLAT, tax_rate=Decimal("0.5"))

    fee = quote(33, FIRST, FIRST, tariff)  # 0.33 分 and half of it again: 0.495, not 0 and 0.165

    assert quote(1_50, FIRST, FIRST, tariff).total == 2  # 1.5 分 and 0.75 分 are 2.25, not 2 and 1
    assert fee.total == 0


YEAR = FIRST + timedelta(days=365)


@pytest.mark.parametrize(
    ("period", "rule", "minimum", "covered", "back"),
    [
        (DAILY, NONE, 300_00, 100, "0.00"),
        (DAILY, UNEARNED, 300_00, 73, "7,680.00"),  # four fifths of 9,600
        (DAILY, UNEARNED, 300_00, 0, "9,300.00"),  # all but the least
        (DAILY, UNEARNED, 5_000_00, 73, "4,600.00"),
        (DAILY, UNEARNED, 300_00, 365, "0.00"),
        (DAILY, UNEARNED, 300_00, 400, "0.00"),
        (QUARTER, UNEARNED, 300_00, 73, "7,680.00"),  # by days, whatever the period
        (QUARTER, FULL_PERIODS, 300_00, 73, "7,200.00"),  # three quarters had not begun
        (QUARTER, FULL_PERIODS, 300_00, 92, "7,200.00"),  # the last day of the first
        (QUARTER, FULL_PERIODS, 300_00, 93, "4,800.00"),
        (QUARTER, FULL_PERIODS, 300_00, -5, "9,300.00"),  # never came into force
        (MONTH, FULL_PERIODS, 300_00, 40, "8,000.00"),
        (DAILY, FULL_PERIODS, 300_00, 73, "7,680.00"),
        (FLAT, FULL_PERIODS, 300_00, 1, "0.00"),
    ],
)
def test_an_early_end_gives_back_what_the_tariff_of_issue_says(
    period: str, rule: str, minimum: int, covered: int, back: str
) -> None:
    tariff = Tariff(RATE, period, minimum=minimum, refunds=rule)
    fee = quote(FACE, FIRST, YEAR, tariff).total

    given = refund(Paid(fee, FACE, FIRST, YEAR), FIRST + timedelta(days=covered), tariff)

    assert fee == parse_yuan("9,600.00")
    assert given.total == parse_yuan(back)
    assert sum(line.amount or 0 for line in given.lines) == given.total


def test_tax_goes_back_with_the_fee_that_it_was_paid_on() -> None:
    tariff = Tariff(RATE, minimum=300_00, tax_rate=Decimal("0.06"), refunds=UNEARNED)

    given = refund(Paid(10_176_00, FACE, FIRST, YEAR), FIRST + timedelta(days=73), tariff)

    assert given.total == parse_yuan("8,140.80")


FACES = st.integers(1, 10**13)
DAYS = st.integers(0, 1500)
TARIFFS = st.builds(
    Tariff,
    st.decimals("0", "0.2", places=6),
    st.sampled_from([code for code, _label in PERIODS]),
    st.sampled_from([360, 365]),
    st.integers(0, 5_000_00),
    st.booleans(),
    st.integers(0, 1_000_00),
    st.decimals("0", "0.05", places=6),
    st.integers(0, 1_000_00),
    st.decimals("0", "0.2", places=6),
    st.sampled_from([code for code, _label in REFUNDS]),
)


@given(FACES, FACES, DAYS, TARIFFS)
def test_more_covered_never_costs_less(one: int, other: int, days: int, tariff: Tariff) -> None:
    last = FIRST + timedelta(days=days)

    assert quote(min(one, other), FIRST, last, tariff).total <= quote(max(one, other), FIRST, last, tariff).total


@given(FACES, DAYS, DAYS, TARIFFS)
def test_longer_never_costs_less(face: int, one: int, other: int, tariff: Tariff) -> None:
    short, long = (FIRST + timedelta(days=days) for days in sorted((one, other)))

    assert quote(face, FIRST, short, tariff).total <= quote(face, FIRST, long, tariff).total


@given(FACES, DAYS, TARIFFS)
def test_the_lines_add_up_to_the_fee(face: int, days: int, tariff: Tariff) -> None:
    fee = quote(face, FIRST, FIRST + timedelta(days=days), tariff)

    assert sum(line.amount or 0 for line in fee.lines) == fee.total >= tariff.minimum


@given(FACES, DAYS, TARIFFS)
def test_a_fee_is_within_half_a_fen_of_the_exact_share(face: int, days: int, tariff: Tariff) -> None:
    if tariff.period != DAILY:
        return
    exact = face * tariff.annual_rate * (days + tariff.includes_last_day) / tariff.basis

    assert abs(quote(face, FIRST, FIRST + timedelta(days=days), tariff).lines[0].amount - exact) <= Decimal("0.500001")


@given(FACES, DAYS, DAYS, TARIFFS)
def test_what_goes_back_is_never_more_than_was_paid_above_the_least(
    face: int, days: int, covered: int, tariff: Tariff
) -> None:
    last = FIRST + timedelta(days=days)
    fee = quote(face, FIRST, last, tariff).total

    given = refund(Paid(fee, face, FIRST, last), FIRST + timedelta(days=covered), tariff)

    assert 0 <= given.total <= fee - min(fee, int(tariff.least(face)))
    assert given.total == 0 or tariff.refunds != NONE


@given(FACES, DAYS, DAYS, DAYS, TARIFFS)
def test_who_ends_later_gets_no_more_back(face: int, days: int, one: int, other: int, tariff: Tariff) -> None:
    last = FIRST + timedelta(days=days)
    fee = quote(face, FIRST, last, tariff).total
    early, late = (
        refund(Paid(fee, face, FIRST, last), FIRST + timedelta(days=covered), tariff).total
        for covered in sorted((one, other))
    )

    assert late <= early


@pytest.mark.django_db
@pytest.mark.parametrize(("rate", "minimum"), [("-0.01", 300_00), ("0.01", 0), ("0.01", -1)])
def test_a_tariff_under_which_nothing_could_be_paid_is_not_published(city, rate: str, minimum: int) -> None:
    with pytest.raises(Invalid):
        publish_tariff(
            city.guarantor, "bid", annual_rate=Decimal(rate), minimum_amount=minimum, valid_from=date(2026, 1, 1),
            by=city.manager, at=moment(FIRST),
        )  # fmt: skip
