"""Matching is pure: sure by order number, less sure by payer and day, silent where in doubt; nothing twice."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.billing.matching import SURE, Line, Moved, Pair, match, orders_in

DAY = date(2026, 11, 21)
ORDER, OTHER = "PABCDEFGH23456789", "PZZZZZZZZ23456789"


def line(pk: int = 1, amount: int = 100_00, payer: str = "恒达路桥", remark: str = "", days: int = 0) -> Line:
    return Line(pk, DAY + timedelta(days=days), amount, payer, remark)


def moved(pk: int = 9, amount: int = 100_00, payer: str = "恒达路桥", order: str = ORDER, days: int = 0) -> Moved:
    return Moved(pk, DAY + timedelta(days=days), amount, payer, order)


def only(found: list[Pair]) -> tuple[int, int, int]:
    (pair,) = found
    return pair.line, pair.moved, pair.score


@pytest.mark.parametrize(
    "remark",
    [
        ORDER,
        f"保费 {ORDER}",
        "保费pabcdefgh23456789。",
        "保费ＰＡＢＣＤＥＦＧＨ２３４５６７８９",
        "P ABCD EFGH 2345 6789",
    ],
)
def test_an_order_number_is_found_however_the_bank_writes_it(remark: str) -> None:
    assert orders_in(remark) == [ORDER]


def test_an_order_number_with_its_amount_is_sure_whoever_paid_and_whenever() -> None:
    found = match([line(payer="别人代付", remark=ORDER, days=90)], [moved()])

    assert only(found.pairs) == (1, 9, SURE)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([line(remark=ORDER, amount=99_00)], "金额不符"),
        ([line(remark=OTHER)], "没有对应的收付"),
        ([line(1, remark=ORDER), line(2, remark=ORDER)], "可能重复付款"),
        ([line(payer="无关公司")], "没有金额和户名"),
        ([line(1), line(2)], "不止一笔"),
        ([line(days=6)], "没有金额和户名"),
        ([line(amount=-100_00)], "没有金额和户名"),
    ],
)
def test_what_is_not_beyond_doubt_is_left_with_its_reason(lines: list[Line], words: str) -> None:
    found = match(lines, [moved()])

    assert any(words in note for note in found.notes.values()), found


def test_payer_and_amount_within_the_window_count_less_with_every_day() -> None:
    scores = [
        only(match([line(payer="恒达 路桥（）", days=days)], [moved()]).pairs)[2] for days in range(6)
    ]  # as banks write names

    assert scores == [90, 85, 80, 75, 70, 65]


def test_a_refund_is_matched_with_money_out_only() -> None:
    both = [moved(8, 100_00), moved(9, -100_00)]

    assert only(match([line(amount=-100_00, remark=ORDER)], both).pairs) == (1, 9, SURE)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_nothing_is_ever_matched_twice_and_every_line_is_paired_or_noted(seed: int) -> None:
    dice = random.Random(seed)
    names, orders = ["甲", "乙"], [ORDER, OTHER, ""]
    lines = [
        line(pk, dice.choice([1, 2, -1]), dice.choice(names), dice.choice(orders), dice.randint(0, 8))
        for pk in range(dice.randint(0, 12))
    ]
    moves = [
        moved(pk, amount, dice.choice(names), order, dice.randint(0, 8))
        for pk, (order, amount) in enumerate([(ORDER, 1), (ORDER, -1), (OTHER, 2), ("PX", 1), ("PY", 1), ("PZ", 2)])
    ]

    found = match(lines, moves)

    assert len({pair.line for pair in found.pairs}) == len({pair.moved for pair in found.pairs}) == len(found.pairs)
    assert {pair.line for pair in found.pairs} | set(found.notes) == {one.pk for one in lines}
    assert not {pair.line for pair in found.pairs} & set(found.notes)
    amounts = {one.pk: one.amount for one in lines}, {one.pk: one.amount for one in moves}
    assert all(amounts[0][pair.line] == amounts[1][pair.moved] for pair in found.pairs)
