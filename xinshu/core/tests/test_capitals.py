"""人民币大写: the examples of 支付结算办法 附件一, every legal form, and a round trip over all amounts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.capitals import capital_date, capitals, read_capital_date, read_capitals
from xinshu.core.money import LARGEST
from xinshu.core.refusals import Invalid

CANONICAL = [
    (140950, "壹仟肆佰零玖元伍角整"),
    (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
    (325_04, "叁佰贰拾伍元零肆分"),
    (107_000_53, "壹拾万柒仟元零伍角叁分"),
    (6_007_14, "陆仟零柒元壹角肆分"),
    (1_680_32, "壹仟陆佰捌拾元零叁角贰分"),
    (100_000_000_00, "壹亿元整"),
    (0, "零元整"),
    (5, "伍分"),
    (50, "伍角整"),
    (53, "伍角叁分"),
    (10_00, "壹拾元整"),
    (10_01, "壹拾元零壹分"),
    (20_30, "贰拾元零叁角整"),
    (1_0500_00, "壹万零伍佰元整"),
    (1_5000_00, "壹万伍仟元整"),
    (1001_0000_00, "壹仟零壹万元整"),
    (1_0000_0500_00, "壹亿零伍佰元整"),
    (1_0000_5000_00, "壹亿零伍仟元整"),
    (1_0001_0000_00, "壹亿零壹万元整"),
    (10_2000_0000_00, "壹拾亿贰仟万元整"),
    (LARGEST, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
]


@pytest.mark.parametrize(("fen", "text"), CANONICAL)
def test_amounts_are_written_in_one_canonical_form(fen, text):
    assert capitals(fen) == "人民币" + text
    assert read_capitals(text) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("壹仟肆佰零玖元伍角", 140950),
        ("壹拾万零柒仟元伍角叁分", 107_000_53),
        ("壹拾万柒仟元伍角叁分", 107_000_53),
        ("壹拾万零柒仟元零伍角叁分", 107_000_53),
        ("壹仟陆佰捌拾元叁角贰分", 1_680_32),
        ("零元伍角整", 50),
        ("零元零伍分", 5),
        ("壹亿伍仟元整", 1_0000_5000_00),
        ("人民幣壹億貳仟叄佰陸拾萬圓正", 1_2360_0000_00),
        ("壹佰圆正", 100_00),
        ("人民币（大写）：壹佰万元整", 100_0000_00),
        ("人民币大写壹佰万元整", 100_0000_00),
        (" 人民币壹元整\n", 100),
    ],
)
def test_every_legal_form_is_read(text, fen):
    assert read_capitals(text) == fen


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "请填写大写金额"),
        ("人民币 壹元整", "不能留空白"),
        ("一百元整", "不能写“一”"),
        ("壹〇伍元整", "不能写“〇”"),
        ("100元整", "不能写“1”"),
        ("拾元整", "不是规范的大写金额"),
        ("元整", "不是规范的大写金额"),
        ("整", "不是规范的大写金额"),
        ("壹元整整", "不是规范的大写金额"),
        ("壹佰", "不是规范的大写金额"),
        ("壹万亿元整", "不是规范的大写金额"),
        ("伍角壹", "不是规范的大写金额"),
        ("壹拾佰元整", "不是规范的大写金额"),
        ("hello", "不是规范的大写金额"),
        ("壹元", "应写作“人民币壹元整”"),
        ("伍分整", "应写作“人民币伍分”"),
        ("壹佰零元整", "应写作“人民币壹佰元整”"),
        ("壹万零伍仟元整", "应写作“人民币壹万伍仟元整”"),
        ("壹万伍佰元整", "应写作“人民币壹万零伍佰元整”"),
        ("陆仟零零柒元整", "应写作“人民币陆仟零柒元整”"),
        ("陆仟柒元整", "应写作“人民币陆仟零柒元整”"),
        ("叁佰贰拾伍元肆分", "应写作“人民币叁佰贰拾伍元零肆分”"),
        ("壹拾贰元零叁角", "应写作“人民币壹拾贰元叁角整”"),
    ],
)
def test_what_is_not_legal_is_refused_and_where_possible_put_right(text, complaint):
    with pytest.raises(Invalid, match=complaint):
        read_capitals(text)


@given(st.integers(0, LARGEST))
def test_every_amount_reads_back(fen):
    text = capitals(fen)

    assert read_capitals(text) == fen
    assert "零零" not in text


@given(st.text(alphabet="零壹贰叁拾佰仟万亿元角分整人民币 ", max_size=20))
def test_no_text_is_read_as_two_amounts(text):
    try:
        fen = read_capitals(text)
    except Invalid:
        return

    plain = str.maketrans("", "", "零整 ")
    assert capitals(fen).removeprefix("人民币").translate(plain) == text.strip().removeprefix("人民币").translate(plain)


@pytest.mark.parametrize("fen", [-1, LARGEST + 1])
def test_amounts_beyond_what_can_be_written_are_a_mistake(fen):
    with pytest.raises(ValueError):
        capitals(fen)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 1, 15), "贰零贰陆年零壹月壹拾伍日"),
        (date(2026, 10, 20), "贰零贰陆年零壹拾月零贰拾日"),
        (date(2026, 2, 9), "贰零贰陆年零贰月零玖日"),
        (date(2025, 11, 30), "贰零贰伍年壹拾壹月零叁拾日"),
        (date(2025, 12, 31), "贰零贰伍年壹拾贰月叁拾壹日"),
        (date(2024, 3, 10), "贰零贰肆年叁月零壹拾日"),
        (date(2024, 5, 21), "贰零贰肆年伍月贰拾壹日"),
    ],
)
def test_dates_are_written_so_that_nothing_can_be_added(day, text):
    assert capital_date(day) == text
    assert read_capital_date(text) == day


@given(st.dates())
def test_every_date_reads_back(day):
    assert read_capital_date(capital_date(day)) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026年1月15日",
        "贰零贰陆年壹月壹拾伍日",
        "贰零贰陆年零壹月拾伍日",
        "二〇二六年零壹月壹拾伍日",
        "零壹月壹拾伍日",
    ],
)
def test_dates_that_could_be_altered_are_refused(text):
    with pytest.raises(Invalid, match="不是规范的大写日期"):
        read_capital_date(text)


def test_a_day_that_does_not_exist_is_refused():
    with pytest.raises(Invalid, match="没有"):
        read_capital_date("贰零贰陆年零贰月零叁拾日")
