"""Where a notice is about, and which trade: told by titles, buyers and addresses; unsure rather than wrong."""

import pytest

from xinshu.tenders.reading.pages import Hints, read_page
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
        (["上海市第一医院安徽医院设备"], "340000"),  # a house stands where its own name says
        (["某某大学医学院附属第一医院浙江大学宿州分院"], "341300"),
        (["昆明市延安医院维修"], "530100"),
        (["北京大学深圳医院维修"], "440300"),
        (["中山大学某实验室"], "440000"),  # known by its seat; not the city of 中山
        (["西安电子科技大学某实验室"], "610100"),
        (["关于浙北某中心设备的公告"], "330000"),
        (["某人民医院顺义院区被服洗涤"], "110113"),
        (["JYZC-2024178姜堰中医院洗涤服务"], "321204"),
        (["海南医院某项目"], "460000"),
        (["雄安某学校"], "130000"),
        (["海南州共和县牧道工程"], "632521"),  # 青海, not the province of 海南
        (["安庆市太湖水利工程"], "340825"),
    ],
)  # fmt: skip
def test_the_deepest_division_that_is_told(evidence, code):
    assert region_of(evidence).code == code


@pytest.mark.parametrize("words", ["北京路改造工程", "鼓楼区某项目", "某人民医院城东分院", "", "某项目"])
def test_streets_and_namesakes_tell_no_region(words):
    assert region_of([words]) is None


def test_a_namesake_is_told_apart_by_what_the_source_says():
    assert region_of(["鼓楼区某项目"], hint="320100").code == "320106"


def test_a_place_in_another_province_than_the_source_is_not_sure():
    page = "云湖片区排水改造工程\n招标人：云州临港新区建设管理中心\n"

    there, elsewhere = (read_page(page, hints=Hints(region_code=code)).first("region") for code in ("140200", "339900"))

    assert (there.value, there.sure) == ("140215", True)
    assert (elsewhere.value, elsewhere.sure) == ("140215", False)


def test_two_provinces_are_not_sure():
    assert not region_of(["上海市某学校与安徽省某学校设备"]).sure


@pytest.mark.parametrize(
    "words",
    ["南京东路与江北某处", "某附属永川医院设备", "采购川西风味食品", "太湖治理", "凤凰山保护", "古城改造", "天元物流"],
)
def test_a_part_of_another_word_is_not_sure(words):
    found = region_of([words])

    assert found is None or not found.sure


@pytest.mark.parametrize(
    ("number", "code"),
    [("项目编号：[350601]ABCD[GK]2024001", "350600"), ("440001-2022-45266", "440000"),
     ("采购项目编号：N5106012024000133", "510600"), ("项目编号：ABCD370000000202302003751", "370000"),
     ("编号：ABCD-西安市-2023-05978", "610100")],
)  # fmt: skip
def test_a_number_that_begins_with_a_division_tells_it(number, code):
    assert read_page(f"{number}\n某设备", "某设备采购公告").first("region").value == code


@pytest.mark.parametrize(
    "words", ["电话：13020220151", "项目编号：0868-2244ZD792H", "账号：6217002012345678", "编号：404025-G1-1089"]
)
def test_other_numbers_tell_none(words):
    assert read_page(words, "某设备采购公告").first("region") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("某某招标有限公司受广西某医科大学第一附属医院委托，进行公开招标", "450000"),
         ("采购单位吉林大学某医院行政区域长春市公告时间", "220100"),
     ("桂林某学院附属医院拟于近期论证", "450300"), ("我院（重医附属某院）综合楼", "500000")],
)  # fmt: skip
def test_running_text_says_whose_notice_it_is(text, code):
    region = read_page(text, "某设备采购公告").first("region")

    assert (region.value, region.sure) == (code, True)


def test_a_project_ends_where_the_next_section_begins():
    reading = read_page(
        "一、项目编号：AB-1二、项目名称：某某设备三、投标供应商名称及报价：1宜春甲乙有限公司", "某某设备中标公告"
    )

    assert reading.first("project").value == "某某设备"
    assert reading.first("number").value == "AB-1"
    assert reading.first("region") is None


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
