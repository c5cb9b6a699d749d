"""A unit that is told once for a table: taken where it is the only one, doubted where anything speaks against it."""

# ruff: noqa: E501  (a table is read across)

import pytest

from xinshu.tenders.reading.pages import read_page
from xinshu.tenders.tests.layouts import A, B, table

ROWS = ("序号|中标人|中标价", f"1|{A}|100.5")
TABLE = table(*ROWS)


def amounts(source, title="某项目中标结果公告"):
    """Return what is read for the award, sure or not."""
    facts = read_page(source, title).all("amount", "price")
    return [(fact.number if fact.number is None else fact.number // 100, fact.sure) for fact in facts]


@pytest.mark.req("BH-12")
@pytest.mark.parametrize(
    "source",
    [
        f"<p>单位：万元</p>{TABLE}", f"<p>金额单位：人民币万元</p>{TABLE}", f"<p>（单位：万元）</p>{TABLE}", f"<p>货币单位为万元</p>{TABLE}",
        f"<p>中标结果一览表 单位:万元</p>{TABLE}", f"<p>中标结果一览表（万元）</p>{TABLE}", f"<p>以下报价均以万元为单位。</p>{TABLE}",
        f"<p>单位：万元</p><p>表1 中标结果</p>{TABLE}", f"{TABLE}<p>注：以上金额单位均为万元。</p>",
        TABLE.replace("<table>", "<table><caption>单位：万元</caption>"), table("单位：万元<3", *ROWS), table("中标结果<2|单位：万元", *ROWS),
        table("序号|中标人|中标价（万元）", f"1|{A}|100.5"), table("序号|中标人|中标价（单位：万元）", f"1|{A}|100.5"),
        f"<p>采购单位：云州市某局</p><p>单位：万元</p>{TABLE}", f"单位：万元\n中标人\t中标价\n{A}\t100.5\n",
        "<p>本公示文中金额单位均为万元</p><p>" + "评审过程说明。" * 40 + f"</p>{TABLE}", f"<p>单位（万元）</p>{TABLE}", f"<p>单位：人民币/万元</p>{TABLE}",
        table("序号|中标人|单位|中标价", f"1|{A}|万元|100.5"), table("序号|中标人|中标价|单位", f"1|{A}|100.5|万元"),
        table("单位|万元", f"中标人|{A}", "中标价|100.5"),
    ],
)  # fmt: skip
def test_one_unit_for_a_table_is_that_of_its_bare_figures(source):
    assert amounts(source) == [(1_005_000, True)]


@pytest.mark.parametrize(
    "source",
    [
        TABLE,
        f"<p>采购单位：万元科技有限公司</p>{TABLE}",  # a body
        f"<p>中标单位：万元</p>{TABLE}", f"<p>中标单位（万元科技）</p>{TABLE}",
        f"<p>单位：元、%</p>{TABLE}",
        f"<p>单位：台</p>{TABLE}", f"<p>计量单位：元/吨</p>{TABLE}", f"<p>单位：万美元</p>{TABLE}",
        f"<p>单位：万元/%</p>{TABLE}",
        f"<p>单位：万元</p><p>单位：元</p>{TABLE}",
        f"<p>单位：万元</p>{table('序号|中标人|中标价（元）', f'1|{A}|100.5')}",
        f"<p>单位：万元</p>{table('序号|物资|单位|数量', '1|电缆|米|3')}{TABLE}",  # said of the table before
        f"{TABLE}<p>单位：万元</p>{table('序号|物资|单位|数量', '1|电缆|米|3')}",  # of the table after
        f"<p>单位：万元</p><p>{'评审过程说明。' * 40}</p>{TABLE}",  # too far away
        table("序号|中标人|单位|中标价", f"1|{A}|台/套|100.5"),
    ],
)  # fmt: skip
def test_what_is_no_unit_of_this_table_leaves_it_unsure(source):
    assert not any(sure for _amount, sure in amounts(source))


@pytest.mark.parametrize("figure", ["1005000.00", "0.3", "¥1,005,000.00"])
def test_a_figure_that_the_unit_makes_huge_or_tiny_is_not_sure(figure):
    assert not any(sure for _amount, sure in amounts(f"<p>单位：万元</p>{table('中标人|中标价', f'{A}|{figure}')}"))


def test_a_cell_that_says_its_own_unit_keeps_it_and_makes_its_neighbours_doubtful():
    rows = table("标段|中标人|中标价", f"1标段|{A}|1000000元", f"2标段|{B}|200")

    assert amounts(f"<p>单位：万元</p>{rows}") == [(1_000_000, True), (None, False)]


def test_words_and_figures_are_held_against_each_other():
    rows = table("中标人|中标价|中标价（大写）", f"{A}|100.5|壹佰万零伍仟元整")

    assert (1_005_000, True) in amounts(f"<p>单位：万元</p>{rows}")
    assert not any(sure for _amount, sure in amounts(f"<p>单位：元</p>{rows.replace('100.5', '100500')}"))


def test_bids_of_all_candidates_take_the_unit():
    rows = table("名次|中标候选人|投标报价", f"1|{A}|100.5", f"2|{B}|110.5")

    bids = read_page(f"<p>单位：万元</p>{rows}", "某项目中标候选人公示").all("bid")

    assert [(fact.of, fact.number, fact.sure) for fact in bids] == [(A, 100_500_000, True), (B, 110_500_000, True)]


@pytest.mark.parametrize(("unit", "yuan"), [("千元", 1_005_000), ("百万元", 1_005_000_000), ("亿元", 100_500_000_000)])
def test_thousands_and_millions_are_not_taken_for_yuan(unit, yuan):
    found = amounts(table("中标人|中标价（" + unit + "）", f"{A}|1005"))

    assert found == [(yuan, True)]
