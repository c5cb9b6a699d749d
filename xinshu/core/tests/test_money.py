"""Money: what people type is read exactly or refused in words; sums lose no 分."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.money import LARGEST, allocate, parse_yuan, share, wan, yuan
from xinshu.core.refusals import Invalid


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("￥１，２３４．５０", 123450),
        ("¥ 1,234.50 元", 123450),
        ("人民币5亿元", 5_0000_0000_00),
        ("50万元", 500_000_00),
        ("1.23456万", 12_345_60),
        ("0", 0),
        (".5", 50),
        ("12.3400", 1234),
        ("　88.00　", 8800),
        ("999,999,999,999.99", LARGEST),
    ],
)
def test_amounts_are_read_as_people_write_them(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "请填写金额"),
        ("元", "请填写金额"),
        ("-5", "负数"),
        ("－5", "负数"),
        ("1,23", "逗号的位置"),
        ("1,2345", "逗号的位置"),
        ("12.345", "分以下"),
        ("0.0000001万元", "分以下"),
        ("1e5", "不是金额"),
        ("10²", "不是金额"),
        ("١٢", "不是金额"),
        ("1.2.3", "不是金额"),
        ("约500万", "不是金额"),
        ("nan", "不是金额"),
        (".", "不是金额"),
        ("1000000000000", "金额太大"),
        ("9" * 5000, "金额太大"),
        ("10000亿", "金额太大"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_is_wrong(text, complaint):
    with pytest.raises(Invalid, match=complaint):
        parse_yuan(text)


@given(st.text())
def test_no_text_whatever_breaks_the_reader(text):
    try:
        fen = parse_yuan(text)
    except Invalid:
        return

    assert 0 <= fen <= LARGEST


@given(st.integers(0, LARGEST))
def test_printed_amounts_read_back(fen):
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (123450, "1,234.50"), (-123450, "-1,234.50")])
def test_yuan_are_printed_with_commas_and_two_decimals(fen, text):
    assert yuan(fen) == text


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0"),
        (8_000_00, "8,000"),
        (9_999_99, "9,999.99"),
        (10_000_00, "1 万"),
        (148_3000_00, "148.3 万"),
        (5218_0000_00, "5,218 万"),
        (9999_9999_99, "1 亿"),
        (128_6000_0000_00, "128.6 亿"),
        (-50_0000_00, "-50 万"),
    ],
)
def test_boards_show_amounts_in_wan_and_yi(fen, text):
    assert wan(fen) == text


@pytest.mark.parametrize(
    ("amount", "rate", "part"),
    [
        (100_00, Decimal("0.015"), 150),
        (1, Decimal("0.5"), 1),
        (3, Fraction(1, 2), 2),
        (-3, Fraction(1, 2), -2),
        (1, Decimal("0.49999"), 0),
        (10, Fraction(1, 3), 3),
        (7, 2, 14),
    ],
)
def test_a_share_is_rounded_half_up_once(amount, rate, part):
    assert share(amount, rate) == part


def test_floats_are_no_rates():
    with pytest.raises(TypeError):
        share(100, 0.1)
    with pytest.raises(TypeError):
        allocate(100, [0.5, 0.5])


@given(st.integers(-(10**14), 10**14), st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_parts_add_up_and_are_never_a_whole_fen_off(total, weights):
    parts = allocate(total, weights)

    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )


def test_equal_weights_give_the_odd_fen_to_the_first():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(5, [Decimal("0.3"), Decimal("0.7")]) == [2, 3]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing_out_are_a_mistake(weights):
    with pytest.raises(ValueError):
        allocate(100, weights)
