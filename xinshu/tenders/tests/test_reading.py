"""Reading notices: pure tables of pages and prices, all invented. The figures on real pages are in bench/tenders.py."""

# ruff: noqa: E501  (a table is read across)

import pytest

from xinshu.tenders.reading.kinds import kind_of
from xinshu.tenders.reading.pages import read_page
from xinshu.tenders.reading.values import read_price
from xinshu.tenders.reading.words import label_of

WAN = 1_000_000


@pytest.mark.parametrize(
    ("words", "unit", "fen", "sure"),
    [
        ("4200443.30", "元", 420_044_330, True),
        ("4,200,443.3", "元", 420_044_330, True),
        ("４２００．５", "万元", 4_200_500_000, True),
        ("3126.5万元", "", 3_126_500_000, True),
        ("¥1,200,000.00", "", 120_000_000, True),
        ("人民币壹佰贰拾万元整（¥1,200,000.00）", "", 120_000_000, True),
        ("大写：壹佰贰拾万元，小写：1200000元", "", 120_000_000, True),
        ("壹佰贰拾万元整", "", 120_000_000, True),
        ("人民币壹佰贰拾万元整（¥1,300,000.00）", "", 120_000_000, False),
        ("含税单价为6400元/吨，总价为3905110元，增值税税率为13%", "", 390_511_000, True),
        ("1200000", "", 120_000_000, False),
    ],
)
def test_an_amount_is_what_is_told_and_sure_only_beyond_doubt(words, unit, fen, sure):
    price = read_price(words, unit)

    assert price is not None
    assert (price.fen, price.sure) == (fen, sure)


@pytest.mark.parametrize(
    ("words", "unit", "rate"),
    [("97.95", "%", "0.9795"), ("下浮率3.5%", "", "0.035"), ("价格系数：98.92%", "", "0.9892")],
)
def test_a_rate_is_no_amount(words, unit, rate):
    price = read_price(words, unit)

    assert price is not None
    assert (f"{price.rate.normalize():f}", price.fen) == (rate, None)


@pytest.mark.parametrize(
    "words", ["/", "", "无", "见附件"],
)  # fmt: skip
def test_no_price_is_none(words):
    assert read_price(words) is None


@pytest.mark.parametrize("words", ["设计费224.7万元，施工费下浮率3.5%", "设计费报价336000元，建安工程费37350383.10元"])
def test_parts_of_a_price_are_never_made_into_a_total(words):
    price = read_price(words)

    assert price is not None
    assert price.fen is None
    assert not price.sure


def test_a_range_keeps_both_ends():
    price = read_price("100-200万元")

    assert (price.lowest, price.highest) == (100 * WAN, 200 * WAN)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("一、中标人名称：", ("winner", "")), ("中标（成交）供应商名称", ("winner", "")), ("中标价（万元）", ("price", "万元")),
        ("投标报价(元/%)", ("price", "元/%")), ("标段(包)编号", ("lot_number", "")), ("招标人代表", None), ("公司", None),
        ("第一中标候选人", ("candidate", "")),
    ],
)  # fmt: skip
def test_labels_are_known_through_numbering_brackets_and_units(words, label):
    told = label_of(words)

    assert (told and (told.code, told.unit)) == label


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("某路中标结果公告", "award"), ("某路成交公告", "award"), ("某路中标候选人公示", "candidate"), ("某路招标公告", "tender"),
        ("某路招标变更公告", "change"), ("某路流标公告", "failed"), ("某路采购合同公告", "contract"), ("某路采购意向公开", "plan"),
    ],
)  # fmt: skip
def test_the_title_tells_the_kind(title, kind):
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("某设备项目论证结果公示", "经评审，确定中标单位如下：甲乙公司", "award"),
        ("某设备项目论证结果公示", "专家认为需求合理。", "plan"),
        ("某设备采购项目公示", "供应商（乙方）：甲乙公司 六、合同主要信息", "contract"),
        ("某设备采购项目公示", "欢迎报名参加。", "tender"),
        ("某设备采购项目", "项目所在采购意向：某局2025年采购意向", "plan"),
        ("某设备采购项目", "招标内容与范围及招标方案说明：某设备", "other"),
    ],
)
def test_the_text_decides_where_the_title_leaves_it_open(title, text, kind):
    assert kind_of(title, text) == kind


def facts(source, title="某项目中标结果公告"):
    reading = read_page(source, title)
    for fact in reading.facts:
        assert 0 <= fact.start < fact.end <= len(reading.text)
    return reading, [(fact.code, fact.value, fact.lot, fact.number) for fact in reading.facts if fact.sure]


def test_labels_beside_values_in_a_table():
    page = """<style>.x{color:red}</style><table><tr><td>招标人:</td><td>云州市公安局</td><td>建设地点</td><td>云州</td></tr>
    <tr><td>中标人:</td><td colspan="3">甲乙建设有限公司、丙丁设计院有限公司联合体</td></tr>
    <tr><td>中标价(元)：</td><td>6181910.08</td><td>履约期限(天)</td><td>180日历天（以开工令为准）</td></tr></table>"""

    reading, found = facts(page)

    assert ("buyer", "云州市公安局", 0, None) in found
    assert ("winner", "甲乙建设有限公司", 0, None) in found
    assert ("member", "丙丁设计院有限公司", 0, None) in found
    assert ("amount", "6181910.08", 0, 618_191_008) in found
    assert next(fact for fact in reading.facts if fact.code == "contract_days").number == 180
    winner = reading.first("winner")
    assert reading.text[winner.start : winner.end] == "甲乙建设有限公司"
    assert "color" not in reading.text


def test_a_guarantees_share_of_the_price_is_not_the_price():
    page = """<table><tr><td>中标人</td><td>甲乙建设有限公司</td></tr><tr><td>中标价</td><td>12,860,000.00元</td></tr>
    <tr><td>履约担保</td><td>中标人应在签订合同前提交履约保函，金额为中标价的10%。</td></tr></table>"""

    reading, found = facts(page)

    assert ("amount", "12,860,000.00元", 0, 1_286_000_000) in found
    assert not [fact for fact in reading.facts if fact.code in ("rate", "price")]


def test_a_row_of_labels_above_rows_of_lots():
    page = """<table><tr><th>标段</th><th>中标供应商</th><th>中标金额（万元）</th></tr>
    <tr><td>第一标段</td><td>甲乙建设有限公司</td><td>120.5</td></tr><tr><td>第二标段</td><td>丙丁路桥有限公司</td><td>88</td></tr></table>"""

    _reading, found = facts(page)

    assert ("winner", "甲乙建设有限公司", 0, None) in found
    assert ("amount", "120.5", 0, 120_500_000) in found
    assert ("winner", "丙丁路桥有限公司", 1, None) in found
    assert ("amount", "88", 1, 88_000_000) in found


def test_prose_without_any_label():
    text = "经评审并公示，现确定甲乙建设有限公司为本项目中标人，中标金额为3560.25万元，工期300日历天。招标人：云州市交通局。"

    _reading, found = facts(text)

    assert ("winner", "甲乙建设有限公司", 0, None) in found
    assert [number for code, _value, _lot, number in found if code == "amount"] == [3_560_250_000]


def test_lots_one_after_another():
    text = "标段名称：一标段\n中标人：甲乙建设有限公司\n中标价：10万元\n标段名称：二标段\n中标人：丙丁路桥有限公司\n中标价：20万元"

    _reading, found = facts(text)

    assert ("winner", "丙丁路桥有限公司", 1, None) in found
    assert ("amount", "20万元", 1, 20 * WAN) in found


def test_guarantees_asked_for_with_share_and_time():
    text = "中标人：甲乙建设有限公司\n中标人应在收到中标通知书后10个工作日内提交履约保证金，金额为中标价的8%。"

    reading, _found = facts(text)

    asked, due = reading.first("guarantee"), reading.first("deadline_days")
    assert (asked.value, asked.note, due.number, due.note) == ("performance", "0.08", 10, "工作日")


def test_no_guarantee_where_none_is_taken():
    assert read_page("本项目不收取履约保证金。中标人：甲乙建设有限公司").first("guarantee") is None


def test_several_names_without_a_word_of_a_consortium_are_not_sure():
    reading = read_page("中标人：甲乙建设有限公司、丙丁路桥有限公司", "某中标公告")

    assert {fact.value: fact.sure for fact in reading.all("winner", "member")} == {
        "甲乙建设有限公司": False, "丙丁路桥有限公司": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "source", ["", "<", "<table>" * 400, "<td rowspan=999999 colspan=99999999>x", "\ud83d" * 3, "中标人：" * 500]
)
def test_whatever_comes_is_read(source):
    assert read_page(source, "x").kind
