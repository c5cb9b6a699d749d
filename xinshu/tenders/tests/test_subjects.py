"""Where a notice is about, and which trade: told by titles, buyers and addresses; unsure rather than wrong."""

import pytest

from xinshu.tenders.reading.pages import read_page
from xinshu.tenders.reading.regions import region_of
from xinshu.tenders.reading.trades import TABLE, trade_of


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (["宜昌市夷陵区某中学热水系统安装工程"], "420506"),
        (["某县道改造", "恩施州来凤县交通运输局"], "422827"),
        (["北京市朝阳区某街道环卫服务"], "110105"),
        (["辽宁省朝阳市某水库加固"], "211300"),
        (["湖北", "宜昌市"], "420500"),
        (["黔东南某公路"], "522600"),
        (["仙桃市某学校食堂"], "429004"),
    ],
)  # fmt: skip
def test_the_deepest_division_that_is_told(evidence, code):
    assert region_of(evidence).code == code


@pytest.mark.parametrize("words", ["北京路改造工程", "中山大学某实验室", "鼓楼区某项目", "", "某项目"])
def test_streets_schools_and_namesakes_tell_no_region(words):
    assert region_of([words]) is None


def test_a_namesake_is_told_apart_by_what_the_source_says():
    assert region_of(["鼓楼区某项目"], hint="320100").code == "320106"


def test_two_provinces_are_not_sure():
    assert not region_of(["上海市第一医院安徽医院设备"]).sure


def test_the_agency_in_a_title_is_not_the_place():
    reading = read_page("本项目已完成评审。" * 3, "浙江某某管理咨询有限公司关于宁夏银川市某医院物业服务的成交公告")

    assert reading.first("region").value == "640100"
    assert reading.first("trade").value == "K70"


def test_region_and_trade_point_at_their_words():
    reading = read_page("项目名称：某某道路工程监理\n建设地点：云南省大理市\n招标人：某局", "监理中标公告")

    region, trade = reading.first("region"), reading.first("trade")
    assert reading.text[region.start : region.end] == "大理市"
    assert (trade.value, reading.text[trade.start : trade.end]) == ("M7481", "监理")


@pytest.mark.parametrize(
    ("words", "code"),
    [("某某路道路工程", "E481"), ("某某小学教学楼建设工程", "E47"), ("某某水库除险加固工程", "E482"),
     ("医院信息化项目监理", "M7481"), ("办公楼装修", "E50"), ("医疗设备采购项目", "C358"), ("物业管理服务", "K70"),
     ("智慧城市平台建设项目", "I65")],
)  # fmt: skip
def test_a_name_ends_in_what_it_is(words, code):
    assert trade_of(words)[0] == code


def test_every_trade_stands_once_and_below_a_section():
    codes = [trade.code for trade in TABLE]
    assert len(codes) == len(set(codes))
    assert all(code[0].isalpha() and (code[1:].isdigit() or not code[1:]) and len(code) <= 6 for code in codes)


def test_a_city_that_no_table_knows_is_not_surely_the_district_of_its_name():
    found = region_of(["云州市教育基建服务中心"])

    assert found is None or not found.sure
