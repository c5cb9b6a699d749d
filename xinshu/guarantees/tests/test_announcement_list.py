"""中标动态列表: words of two characters, kind, region, trade, days, amount, source, whose name; map, export, pages."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.guarantees.tests.city import City, Kind
from xinshu.ledger.worker import drain
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.asking import Filters, lines
from xinshu.tenders.listing import PAGE, page_of
from xinshu.tenders.maps import regions
from xinshu.tenders.models import Announcement, Listed

BrowserOf = Callable[[Member], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-11")]
DAY = datetime.fromisoformat("2026-10-10T10:00:00+08:00")


def arrive(city: City, title: str, *, on: int = 0, winner: str = "江滨大地建设有限公司", **more: Any) -> Announcement:
    """Let a notice come in, published `on` days after DAY."""
    city.guarantor  # noqa: B018
    body = (
        f"项目名称：{title[:-6]}\n招标人：江滨区建设局\n中标人：{winner}\n中标价：{more.pop('price', '2,000.00')}万元"
    )
    told = Delivery(title=title, body=body, published_at=DAY + timedelta(days=on), **more)
    return take_in(told, by=city.manager, at=city.at, entered_by=city.manager.organisation)


@pytest.fixture
def three(city: City) -> list[str]:
    arrive(city, "白杨路改造工程中标结果公告", on=1, region_code="420505", price="300")
    arrive(city, "松柏河道整治施工监理招标公告", on=2, region_code="420600", source="city.a", source_id="1")
    arrive(
        city, "梧桐桥加固工程中标结果公告", on=3, region_code="310115", winner="云州恒达路桥工程有限公司", price="900"
    )
    drain(at=city.at + timedelta(minutes=1))
    return ["白杨", "松柏", "梧桐"]


def titles(city: City, **asked: Any) -> list[str]:
    return [row.title[:2] for row in page_of(city.manager, Filters(**asked)).rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["梧桐", "松柏", "白杨"]),
        ({"sort": "published"}, ["白杨", "松柏", "梧桐"]),
        ({"q": "工程"}, ["梧桐", "白杨"]),
        ({"q": "改造"}, ["白杨"]),
        ({"q": "工程 桥加"}, ["梧桐"]),
        ({"q": "程工"}, []),
        ({"q": "恒达路桥"}, ["梧桐"]),
        ({"q": "江滨区建设局"}, ["梧桐", "松柏", "白杨"]),
        ({"q": "有限公司"}, ["梧桐", "松柏", "白杨"]),
        ({"q": "工程", "sort": "published"}, ["白杨", "梧桐"]),
        ({"kind": "award"}, ["梧桐", "白杨"]),
        ({"region": "42"}, ["松柏", "白杨"]),
        ({"region": "4205"}, ["白杨"]),
        ({"region": "420500"}, ["白杨"]),
        ({"region": "42", "q": "整治"}, ["松柏"]),
        ({"source": "city.a"}, ["松柏"]),
        ({"since": date(2026, 10, 12)}, ["梧桐", "松柏"]),
        ({"until": date(2026, 10, 12)}, ["松柏", "白杨"]),
        ({"since": date(2026, 10, 12), "until": date(2026, 10, 12), "q": "监理"}, ["松柏"]),
        ({"least": 5_000_000_00}, ["梧桐"]),
        ({"most": 5_000_000_00, "q": "工程"}, ["白杨"]),
        ({"q": "工程", "sort": "-amount"}, ["梧桐", "白杨"]),
        ({"q": "工程", "sort": "amount"}, ["白杨", "梧桐"]),
        ({"sort": "-amount"}, ["梧桐", "白杨"]),
        ({"firm": "恒达"}, ["梧桐"]),
        ({"firm": "大地"}, []),
        ({"view": "todo"}, ["梧桐"]),
        ({"view": "ours", "q": "改造"}, []),
        ({"view": "unsure"}, []),
        ({"q": "\0 %_' \""}, ["梧桐", "松柏", "白杨"]),
    ],
)
def test_the_list_shows_what_was_asked_for_in_the_order_asked_for(
    city: City, three: list[str], asked: dict[str, Any], found: list[str]
) -> None:
    assert titles(city, **asked) == found


def test_a_trade_holds_those_within_it(city: City, three: list[str]) -> None:
    assert titles(city, trade="E482") == ["松柏"]
    assert titles(city, trade="E") == ["梧桐", "松柏", "白杨"]
    assert titles(city, trade="C") == []


def test_an_edit_is_found_by_its_new_words_and_day_only(city: City) -> None:
    arrive(city, "白杨路改造工程中标结果公告", source="city.a", source_id="1", region_code="420505")
    arrive(city, "银杏路改造工程中标结果公告", on=5, source="city.a", source_id="1", region_code="310115")

    assert titles(city, q="白杨") == []
    assert titles(city, q="银杏", since=date(2026, 10, 15), region="31") == ["银杏"]
    assert Listed.objects.count() == 1


def test_names_that_are_not_sure_have_a_view_of_their_own_for_the_house_they_concern(city: City) -> None:
    arrive(city, "银杏路改造工程中标结果公告", winner="云州恒达路桥有限公司")
    drain(at=city.at + timedelta(minutes=1))
    stranger = city.member("江北明德融资担保有限公司", Kind.GUARANTOR, "manager")

    assert titles(city, view="unsure") == ["银杏"]
    assert titles(city, view="ours") == []
    assert page_of(stranger, Filters(view="unsure")).rows == []
    assert page_of(stranger, Filters(firm="恒达")).rows == []


def test_pages_follow_each_other_without_counting_and_cost_the_same(
    city: City, django_assert_max_num_queries: Any
) -> None:
    for number in range(PAGE + 3):
        arrive(city, f"第{number}号路改造工程中标结果公告", on=number % 5)

    with django_assert_max_num_queries(6):  # on PostgreSQL the ends, and one or two stretches of weeks
        first = page_of(city.manager, Filters(q="改造"))
    second = page_of(city.manager, Filters(q="改造"), 2)

    assert (len(first.rows), first.more, len(second.rows), second.more) == (PAGE, True, 3, False)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}
    assert page_of(city.manager, Filters(q="改造"), 10**6).rows == []


def test_a_search_inside_another_question_finds_the_same(city: City, three: list[str]) -> None:
    found = lines(city.manager, Filters(q="工程"), streamed=False).order_by()

    assert Announcement.objects.filter(pk__in=found.values("announcement_id")).count() == 2


def test_the_map_counts_by_province_then_by_what_lies_within(city: City, three: list[str]) -> None:
    assert [(one.code, one.count) for one in regions(city.manager, Filters())] == [("42", 2), ("31", 1)]
    assert [(one.code, one.name) for one in regions(city.manager, Filters(region="42"))] == [
        ("4205", "湖北省宜昌市"),
        ("4206", "湖北省襄阳市"),
    ]
    assert [(one.code, one.count) for one in regions(city.manager, Filters(q="工程"))] == [("31", 1), ("42", 1)]
    assert [one.code for one in regions(city.manager, Filters(kind="award", since=date(2026, 10, 13)))] == ["31"]


def test_the_pages_keep_what_was_chosen_and_say_what_did_not_read(
    city: City, three: list[str], browser_of: BrowserOf
) -> None:
    browser = browser_of(city.manager)

    page = browser.get("/tenders/?q=工程&region=42&sort=-amount").content.decode()
    odd = browser.get(
        "/tenders/?region=湖北&least=很多&until=9999-12-31&page=-1&sort=x&source=a b&trade=Z"
    ).content.decode()
    wide = browser.get("/tenders/?region=４２&page=９").content.decode()
    nothing = browser.get("/tenders/?q=没有这样的").content.decode()
    beyond = browser.get("/tenders/?page=5").content.decode()
    picture = browser.get("/tenders/map/").content.decode()
    nearer = browser.get("/tenders/map/?region=42").content.decode()

    assert "白杨路" in page
    assert "梧桐桥" not in page
    assert "地区：湖北省" in page
    assert "有一个条件没有用" in odd
    assert "梧桐桥" in odd
    assert "有一个条件没有用" in wide
    assert "没有符合条件的公告" in nothing
    assert "至少两个字" in nothing
    assert "这一页没有公告" in beyond
    assert "tilemap" in picture
    assert "湖北" in picture
    assert "湖北省宜昌市" in nearer
    assert "tilemap" not in nearer
    book = CalamineWorkbook.from_filelike(
        BytesIO(b"".join(browser.get("/tenders/export/?q=工程&region=42")))  # type: ignore[arg-type]
    )
    told = "\n".join(str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row)
    assert "白杨路" in told
    assert "湖北省宜昌市" in told
    assert "梧桐" not in told
