"""Finding announcements: far down in the text, by amount, once however often it is told, and also what was missed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.guarantees.tests.city import City, Kind
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.tenders import lines as lines_of_list
from xinshu.tenders import listing, tasks
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.actions.opportunities import find_opportunities
from xinshu.tenders.asking import Filters
from xinshu.tenders.lines import keep_listed, unlisted
from xinshu.tenders.listing import page_of
from xinshu.tenders.maps import regions
from xinshu.tenders.models import Announcement, Listed

BrowserOf = Callable[[Member], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-11")]
DAY = datetime.fromisoformat("2026-10-10T10:00:00+08:00")
LONG = "\n".join(f"第{n}条 投标人应当按照招标文件的要求提交材料，逾期不予受理。" for n in range(400))


def arrive(title: str, *, source: str = "city.a", on: float = 0, price: str = "2,000.00", more: str = "",
           number: str = "", winner: str = "江滨大地建设有限公司") -> Announcement:  # fmt: skip
    body = (
        f"项目名称：{title[:-6]}\n招标人：江滨区建设局\n中标人：{winner}\n中标价：{price}万元\n"
        f"{f'项目编号：{number}' if number else ''}\n{more}"
    )
    told = Delivery(
        title=title, body=body, published_at=DAY + timedelta(days=on), source=source, source_id=f"{title}{number}"
    )
    return take_in(told, by=SYSTEM, at=DAY + timedelta(days=on))


def found(member: Member, **asked: Any) -> list[str]:
    return [row.title[:2] for row in page_of(member, Filters(**asked)).rows]


def test_a_word_at_the_end_of_a_long_text_is_found_by_the_list_and_by_the_interface(city: City, clock: None) -> None:
    arrive("白杨路改造工程中标结果公告", more=f"{LONG}\n声屏障检测方案另附")
    arrive("松柏路改造工程中标结果公告", on=1)
    system = System.of(city.manager, city.colleague(city.manager, "orgadmin"), city.at, "tenders.view")

    assert found(city.manager, q="声屏障") == found(city.manager, q="改造 检测方案") == ["白杨"]
    assert found(city.manager, q="案检测") == []
    listed = system.get("/api/v1/announcements", "q=%E5%A3%B0%E5%B1%8F%E9%9A%9C").json()
    assert [one["title"][:2] for one in listed["items"]] == ["白杨"]


def test_the_interface_turns_pages_by_day_and_refuses_a_place_it_did_not_give(city: City, clock: None) -> None:
    for on, name in ((2, "白杨"), (3, "松柏"), (1, "梧桐")):
        arrive(f"{name}路改造工程中标结果公告", on=on)
    system = System.of(city.manager, city.colleague(city.manager, "orgadmin"), city.at, "tenders.view")
    q = "q=%E6%94%B9%E9%80%A0&limit=2"

    first = system.get("/api/v1/announcements", q).json()
    second = system.get("/api/v1/announcements", f"{q}&cursor={first['next']}").json()

    assert [one["title"][:2] for one in first["items"]] == ["松柏", "白杨"]
    assert [one["title"][:2] for one in second["items"]] == ["梧桐"]
    assert second["next"] is None
    assert system.get("/api/v1/announcements", f"{q}&cursor=WyJhIiwxXQ").status_code == 422


@pytest.mark.parametrize("ranked", [1, 3, 500])
def test_amounts_are_in_order_and_within_their_bounds_however_few_are_read_at_a_time(
    city: City, monkeypatch: pytest.MonkeyPatch, ranked: int
) -> None:
    monkeypatch.setattr(listing, "RANKED", ranked)
    monkeypatch.setattr(listing, "PAGE", 5)
    prices = ["300", "900", "900", "901.5", "0.5", "12,000", "899.99", "9,000", "77"]
    for on, price in enumerate(prices):
        arrive(f"第{on}号改造工程中标结果公告", on=on, price=price)
    expected = sorted(prices, key=lambda price: float(price.replace(",", "")))

    def amounts(**asked: Any) -> list[int]:
        return [row.amount or 0 for number in (1, 2) for row in page_of(city.manager, Filters(**asked), number).rows]

    rising = [round(float(price.replace(",", "")) * 1_000_000) for price in expected]
    assert amounts(q="改造", sort="amount") == amounts(sort="amount") == rising
    assert amounts(q="改造", sort="-amount") == amounts(kind="award", sort="-amount") == rising[::-1]
    assert amounts(q="改造", least=900_000_000, most=901_000_000) == [900_000_000] * 2
    assert amounts(least=900_000_000, sort="amount") == rising[4:]
    assert amounts(most=0) == amounts(least=5, most=4) == []
    assert found(city.manager, q="改造", least=900_000_000, most=900_000_000, sort="-amount") == ["第2", "第1"]


def test_what_two_sources_tell_is_one_row_found_by_what_either_says(city: City, browser_of: BrowserOf) -> None:
    first = arrive("白杨路改造工程中标结果公告", number="YZ-2026-77")
    second = arrive("白杨路改造工程中标公示", source="city.b", on=1, number="YZ-2026-77", more="另附声屏障检测方案")

    for asked in ({}, {"q": "声屏障"}, {"q": "改造"}, {"source": "city.b"}, {"source": "city.a"}, {"sort": "-amount"}):
        (row,) = page_of(city.manager, Filters(**asked)).rows  # type: ignore[arg-type]
        assert row == first
        assert vars(row)["others"] == [second]
    assert sum(region.count for region in regions(city.manager, Filters())) == 1
    page = browser_of(city.manager).get("/tenders/").content.decode()
    assert "另有 1 个来源：" in page
    assert f"/tenders/{second.reference}/" in page


def test_what_tells_something_else_after_an_edit_has_a_row_of_its_own_again(city: City) -> None:
    arrive("白杨路改造工程中标结果公告", number="YZ-2026-77")
    arrive("白杨路改造工程中标公示", source="city.b", on=1, number="YZ-2026-77", more="另附声屏障检测方案")
    edited = Delivery(
        title="白杨路改造工程中标公示", source="city.b", source_id="白杨路改造工程中标公示YZ-2026-77",
        body="项目编号：YZ-2026-77\n招标人：江滨区建设局\n中标人：江北中诚建筑有限公司\n中标价：5,000万元\n另附声屏障检测方案",
    )  # fmt: skip

    take_in(edited, by=SYSTEM, at=DAY + timedelta(days=2))

    assert len(found(city.manager)) == 2
    assert [row.source for row in page_of(city.manager, Filters(q="声屏障")).rows] == ["city.b"]


def test_what_told_it_again_follows_when_the_first_turns_out_to_tell_again_itself(city: City) -> None:
    first = arrive("白杨路改造工程中标结果公告", number="YZ-2026-77")
    middle = arrive("另一工程中标公示", source="city.b", on=1, number="YZ-2026-99")
    last = arrive("另一工程中标公告", source="city.c", on=2, number="YZ-2026-99")
    told = {"source": "city.b", "source_id": "另一工程中标公示YZ-2026-99"}
    body = "项目编号：YZ-2026-77\n招标人：江滨区建设局\n中标人：江滨大地建设有限公司\n中标价：2,000.00万元"

    take_in(Delivery(title="白杨路改造工程中标公示", body=body, **told), by=SYSTEM, at=DAY + timedelta(days=2))

    for one in (middle, last):
        one.refresh_from_db()
        assert one.told_again_of == first
    (row,) = page_of(city.manager, Filters()).rows
    assert vars(row)["others"] == [middle, last]


def test_the_opportunity_of_a_later_telling_stands_on_the_row_of_the_first(city: City) -> None:
    city.guarantor  # noqa: B018
    first = arrive("白杨路改造工程中标结果公告", number="YZ-2026-77", winner="云州恒达路桥工程有限公司")
    second = arrive(
        "白杨路改造工程中标公示", source="city.b", on=1, number="YZ-2026-77", winner="云州恒达路桥工程有限公司"
    )
    find_opportunities(second, at=city.at)

    for asked in ({"view": "ours"}, {"view": "todo"}, {"firm": "恒达"}, {"view": "ours", "q": "改造", "kind": "award"}):
        (row,) = page_of(city.manager, Filters(**asked)).rows
        assert (row, len(vars(row)["ours"])) == (first, 1)
    assert found(city.manager, view="ours", kind="tender") == found(city.manager, view="ours", q="松柏") == []
    assert found(city.manager, view="ours", sort="-amount") == ["白杨"]
    stranger = city.member("江北明德融资担保有限公司", Kind.GUARANTOR, "manager")
    assert found(stranger, view="ours") == []
    assert vars(page_of(stranger, Filters()).rows[0])["ours"] == []


def test_what_has_no_line_or_an_old_one_is_found_after_the_night(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    missing, old, good = (arrive(f"{name}路改造工程中标结果公告") for name in ("白杨", "松柏", "梧桐"))
    Listed.objects.filter(announcement=missing).delete()
    Listed.objects.filter(announcement=old).update(shape=None, grams="", text="")
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    before = found(city.manager, q="改造")

    tasks.look_for_unlisted(DAY.date(), DAY)
    for _turn in range(3):
        drain(at=DAY + timedelta(days=30))

    assert before == ["梧桐"]
    assert sorted(found(city.manager, q="改造", least=100)) == ["松柏", "梧桐", "白杨"]
    assert not unlisted().exists()
    tasks.look_for_unlisted(DAY.date(), DAY)
    assert Entry.objects.filter(kind="announcement.unlisted_found").count() == 1
    assert good.listed.shape == lines_of_list.SHAPE


def test_announcements_of_every_age_are_found_in_their_order(city: City) -> None:
    """PostgreSQL is asked for stretches of weeks that grow; SQLite reads its index in order."""
    days = (0, 3, 20, 90, 400, 1200)
    for on in days:
        arrive(f"第{on:04}号改造工程中标结果公告", on=-on)

    def numbers(**asked: Any) -> list[int]:
        return [int(row.title[1:5]) for row in page_of(city.manager, Filters(**asked)).rows]

    assert numbers(q="改造") == numbers(kind="award") == list(days)
    assert numbers(q="改造", sort="published") == list(days)[::-1]
    since, until = (DAY - timedelta(days=95)).date(), (DAY - timedelta(days=2)).date()
    assert numbers(q="改造", since=since, until=until) == [3, 20, 90]
    assert numbers(q="改造", until=until, sort="published") == [1200, 400, 90, 20, 3]


def test_the_index_follows_a_line_after_the_migrations(city: City) -> None:
    announcement = arrive("白杨路改造工程中标结果公告")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'tenders_listed'")
            assert cursor.fetchone() == (3,)
    Announcement.objects.filter(pk=announcement.pk).update(words="别的内容")
    announcement.refresh_from_db()

    keep_listed(announcement)

    assert found(city.manager, q="改造") == []
    assert found(city.manager, q="别的") == ["白杨"]


def test_lines_of_before_are_listed_as_soon_as_the_database_is_brought_up_to_date(city: City) -> None:
    arrive("白杨路改造工程中标结果公告", price="300")
    line = Listed.objects.get()
    new = {piece for piece in line.grams.split() if piece.startswith(("week", "first", "amount"))}
    Listed.objects.update(grams=" ".join(sorted(set(line.grams.split()) - new)), shape=None)
    before = found(city.manager)

    import_module("xinshu.tenders.migrations.0003_whole_texts").mark_lines(apps, SimpleNamespace(connection=connection))

    assert before == []
    assert set(Listed.objects.get().grams.split()) == set(line.grams.split())
    assert found(city.manager, q="改造", least=100, sort="-amount") == ["白杨"]
