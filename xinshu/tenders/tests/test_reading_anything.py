"""Whatever comes is read: nothing raises, spans point into the text, and time grows as the text does."""

# ruff: noqa: E501  (a table is read across)

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.tenders.reading.facts import as_rows, of_rows
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.layout import page_of
from xinshu.tenders.reading.pages import read_page
from xinshu.tenders.reading.regions import region_of
from xinshu.tenders.reading.trades import trade_of
from xinshu.tenders.reading.values import listed, read_price
from xinshu.tenders.reading.words import label_of, lot_heading, lot_key
from xinshu.tenders.tests.layouts import NOTICES, A, B

PIECES = st.sampled_from([
    "中标人", "：", ":", "\n", "\t", "，", "。", "；", A, B, "中标价", "（万元）", "100", "万元", "１２", "壹佰万元整", "¥", "%", "第一名", "联合体",
    "第一中标候选人", "标段一", "<table>", "<tr>", "<td colspan=3>", "<td rowspan=9>", "</td>", "</table>", "<p>", "&nbsp;", "&#0;", "投标报价",
    "公示期", "2025年3月1日", "名次", "排名", "1", "2", "包1", "采购人信息", "名称：", "履约保证金", "8%", "\x00", "\ud800", "（", "）", "/", "、",
    "云州市", "北京市", "朝阳区", "9" * 30, "项目名称", "其中", "为", "是", "由", "确定",
    "单位：万元", "元", "编号：N510601202400013", "[350601]AB", "上海医院安徽医院", "浙江大学", "受", "委托", "行政区域",
])  # fmt: skip
BODIES = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@pytest.mark.req("BH-12")
@settings(max_examples=300, deadline=None)
@given(source=BODIES, title=st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=6).map("".join)))
def test_no_page_raises_and_every_span_points_into_its_text(source, title):
    reading = read_page(source, title)

    assert reading.kind in KINDS
    assert all(0 <= fact.start < fact.end <= len(reading.text) for fact in reading.facts)
    assert of_rows(as_rows(reading.facts)) == reading.facts
    for fact in reading.facts:
        if fact.sure and fact.code in ("winner", "member", "candidate", "bidder", "buyer", "agency", "project"):
            assert fact.value in reading.text[fact.start : fact.end]


@settings(max_examples=300, deadline=None)
@given(words=BODIES)
def test_no_reader_raises_on_any_words(words):
    label_of(words)
    lot_key(words)
    lot_heading(words)
    listed(words)
    trade_of(words)
    region_of([words, words])
    price = read_price(words, "万元")
    assert price is None or price.fen is None or price.fen > 0
    assert all(words is not None for words in page_of(words).text)


@pytest.mark.parametrize("notice", NOTICES[:20], ids=lambda notice: notice.name)
def test_what_a_span_claims_is_what_stands_there(notice):
    reading = read_page(notice.body, notice.title)

    for fact in reading.facts:
        words = reading.text[fact.start : fact.end]
        if fact.code in ("winner", "member", "candidate", "buyer", "agency", "project"):
            assert fact.value in words
        if fact.code in ("amount", "bid") and fact.number is not None:
            assert read_price(words, "元") is not None


@pytest.mark.parametrize(
    "unit",
    [
        "中标人：", "中标人\n", f"<tr><td>1</td><td>{A}</td><td>100</td></tr>", f"中标人：{A}\n中标价：10万元\n", "（", "、", "第一名", "包1\n",
        "成员单位", "推荐", f"{A}、", "9", "合同履行服务", "由甲", "<td>", "采购人信息\n", " ", "名称：\n\n", "其中（", "\t",
        "单位：万元\n", "文中金额均以万元为单位\n", "<table><tr><td>单位：万元</td></tr></table>", "受广西某医院委托", "上海市第一医院安徽医院",
    ],
)  # fmt: skip
def test_reading_takes_steps_as_the_text_is_long(unit):
    def steps(times):
        source = "<table>" * unit.startswith("<tr>") + unit * times
        taken = 0

        def count(_frame, _event, _argument):
            nonlocal taken
            taken += 1

        sys.setprofile(count)
        try:
            read_page(source, "某项目中标公告")
        finally:
            sys.setprofile(None)
        return taken

    times = 4_000 // len(unit)
    steps(times)  # what is read once is read here
    short, long = steps(times), steps(4 * times)

    assert long < 8 * max(short, 1_000)
