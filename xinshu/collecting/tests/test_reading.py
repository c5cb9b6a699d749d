"""Readers on golden pages, invented and small: what they must read, and what they must not stumble over."""

import json
from datetime import date, datetime

import pytest

from xinshu.collecting.asking import host_of, registrable
from xinshu.collecting.hosts import allows, delay_of
from xinshu.collecting.models import Host
from xinshu.collecting.reading.lists import Page, Unreadable, absolute, identity, moment_of
from xinshu.collecting.reading.readers import READERS
from xinshu.collecting.reading.recipes import HTML_LIST, JSON_API, OCDS, RSS, Recipe, problems_of
from xinshu.core.clock import local_day, moment
from xinshu.tenders.reading.pages import read_page

pytestmark = pytest.mark.req("BH-11")
HERE = "http://platform.example.com/trade/list.html"


def _html(body: str, **recipe: object) -> Recipe:
    told = {"items": "tr.row", "body": "#content", **recipe}
    return Recipe(HTML_LIST, HERE, **told)  # type: ignore[arg-type]


def test_a_table_in_the_old_chinese_encoding_is_read() -> None:
    page = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body><table>
      <tr class="row"><td><a href="../notice/7.htm">海棠大道工程中标结果公告</a></td><td>[2026-11-20]</td></tr>
      <tr class="row"><td><a href="javascript:void(0)">打不开的公告</a></td><td>2026-11-20</td></tr>
      <tr class="row"><td>没有链接</td></tr></table><a class="next" href="list_2.html">下一页</a></body></html>"""

    found = READERS[HTML_LIST].list_of(Page(HERE, page.encode("gb18030")), _html("", next="a.next"))

    (one,) = found.listed
    assert (one.title, one.url) == ("海棠大道工程中标结果公告", "http://platform.example.com/notice/7.htm")
    assert one.published_at == moment(date(2026, 11, 20))
    assert (found.broken, found.next) == (2, "http://platform.example.com/trade/list_2.html")


def test_the_whole_title_is_taken_where_the_list_shortens_it_and_an_id_from_the_address() -> None:
    page = '<ul><li><a href="/n?id=A-77&t=1" title="海棠大道市政工程中标结果公告">海棠大道…</a></li></ul>'

    (one,) = READERS[HTML_LIST].list_of(Page(HERE, page.encode()), _html("", items="li", id=r"id=([\w-]+)")).listed

    assert (one.id, one.title) == ("A-77", "海棠大道市政工程中标结果公告")


def test_a_notice_is_the_part_that_the_recipe_names() -> None:
    page = '<div id="nav">首页</div><div id="content"><p>中标人：云州新禾建设有限公司</p></div><div>版权</div>'

    body = READERS[HTML_LIST].body_of(Page(HERE, page.encode()), _html(""))

    assert "云州新禾建设有限公司" in body
    assert "版权" not in body
    assert READERS[HTML_LIST].body_of(Page(HERE, b"<p>moved</p>"), _html("")) == ""


JSON = Recipe(
    JSON_API, "https://platform.example.com/api?page={page}", items="data.list", id="noticeId", title="t", date="ts",
    region="area.code", body="content", next="data.nextUrl",
)  # fmt: skip


def test_items_of_an_interface_are_read_with_epochs_and_numbers() -> None:
    row = {"noticeId": 880012, "t": " 海棠大道工程\n中标公告 ", "ts": 1795104000000, "area": {"code": "990103"},
           "content": "<p>中标价：1,234.50万元</p>"}  # fmt: skip
    told = {"data": {"list": [row, {"noticeId": None, "t": "无编号"}, "odd"], "nextUrl": "/api?page=2"}}

    found = READERS[JSON_API].list_of(Page(JSON.page(1), json.dumps(told).encode()), JSON)

    (one,) = found.listed
    assert (one.id, one.title, one.region_code) == ("880012", "海棠大道工程 中标公告", "990103")
    assert one.published_at is not None
    assert local_day(one.published_at) == date(2026, 11, 20)
    assert (found.broken, found.next) == (2, "https://platform.example.com/api?page=2")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b'{"data": 3}', b"[" * 100_000, b"\xff\xfe", b'{"data":{"list":{}}}']
)
def test_what_is_no_such_document_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(Unreadable):
        READERS[JSON_API].list_of(Page(JSON.page(1), content), JSON)


def test_what_no_database_keeps_is_left_out() -> None:
    rows = b'{"data":{"list":[{"noticeId":"1","t":"\\u0000\\ud800\\u6d77\\u68e0","content":"a\\u0000b"}]}}'

    (one,) = READERS[JSON_API].list_of(Page(JSON.page(1), rows), JSON).listed

    assert (one.title, one.body) == ("海棠", "ab")


ATOM = """<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:uuid:9</id><title>海棠大道工程中标公告&x;</title>
<link rel="self" href="/self"/><link href="/n/9"/><updated>2026-11-20T02:00:00Z</updated>
<content type="html">&lt;p&gt;中标人：云州新禾建设有限公司&lt;/p&gt;</content></entry>
<entry><title>没有链接也没有编号</title></entry></feed>"""


def test_a_feed_is_read_and_its_entities_lead_nowhere() -> None:
    found = READERS[RSS].list_of(Page("https://platform.example.com/atom", ATOM.encode()), Recipe(RSS, HERE))

    (one,) = found.listed
    assert (one.id, one.title) == ("urn:uuid:9", "海棠大道工程中标公告&x;")
    assert one.url == "https://platform.example.com/n/9"
    assert "云州新禾建设有限公司" in one.body
    assert found.broken == 1


def test_a_page_is_no_feed() -> None:
    with pytest.raises(Unreadable):
        READERS[RSS].list_of(Page(HERE, b"<html><body>login</body></html>"), Recipe(RSS, HERE))


def _release(number: int, **parts: object) -> dict[str, object]:
    return {
        "ocid": "ocds-demo00-1",
        "id": f"r{number}",
        "date": f"2026-11-{number:02}T00:00:00Z",
        "tag": ["x"],
        **parts,
    }


def test_the_releases_of_one_process_are_merged_and_told_as_a_notice() -> None:
    tender = {"id": "YZ-77", "title": "海棠大道工程"}
    award = {"id": "1", "status": "active", "suppliers": [{"id": "a", "name": "旧名称有限公司"}]}
    corrected = {"id": "1", "suppliers": [{"id": "b", "name": "云州新禾建设有限公司"}],
                 "value": {"amount": 4862000.5, "currency": "CNY"}}  # fmt: skip
    releases = [
        _release(3, awards=[award]), _release(1, buyer={"name": "云州临港新区建设管理中心"}, tender=tender),
        _release(5, awards=[corrected]), {"ocid": 7}, "odd",
    ]  # fmt: skip
    page = Page("https://data.example.com/releases", json.dumps({"releases": releases}).encode())

    found = READERS[OCDS].list_of(page, Recipe(OCDS, HERE))

    (one,) = found.listed
    reading = read_page(one.body, one.title)
    assert (one.id, one.title, found.broken) == ("ocds-demo00-1", "海棠大道工程中标结果公告", 2)
    assert [fact.value for fact in reading.all("winner")] == ["云州新禾建设有限公司"]
    assert [fact.number for fact in reading.all("amount")] == [486_200_050]
    assert [fact.value for fact in reading.all("number")] == ["YZ-77"]


def test_a_foreign_amount_is_not_taken_for_yuan() -> None:
    award = {
        "id": "1",
        "value": {"amount": 1000000, "currency": "USD"},
        "suppliers": [{"name": "云州新禾建设有限公司"}],
    }
    told = {"releases": [_release(1, tender={"title": "海棠大道工程"}, awards=[award])]}

    (one,) = READERS[OCDS].list_of(Page(HERE, json.dumps(told).encode()), Recipe(OCDS, HERE)).listed

    assert "USD 1,000,000.00" in one.body
    assert read_page(one.body, one.title).first("amount") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("发布时间：2026年11月2日 09:30", date(2026, 11, 2)),
        ("2026/1/5", date(2026, 1, 5)),
        ("Fri, 20 Nov 2026 18:00:00 +0000", date(2026, 11, 21)),
        ("2026-11-20T23:00:00Z", date(2026, 11, 21)),
        (1795104000, date(2026, 11, 20)),
        ("2026-13-40", None),
        ("昨天", None),
        ("0001-01-01T00:00:00+14:00", None),
        (None, None),
        (True, None),
        (10**30, None),
    ],
)
def test_days_as_lists_print_them(text: object, day: date | None) -> None:
    found = moment_of(text)

    assert (local_day(found) if found else None) == day


def test_addresses_lead_to_the_web_or_nowhere() -> None:
    assert absolute(HERE, "?id=海棠") == f"{HERE}?id=%E6%B5%B7%E6%A3%A0"
    assert [
        absolute(HERE, href) for href in ("javascript:x()", "file:///etc/passwd", "http://[", "data:text/html,x")
    ] == [""] * 4


def test_an_id_that_cannot_be_kept_is_told_by_its_digest() -> None:
    assert identity("A-77") == "A-77"
    assert len(identity("编号\ud800" * 90)) == 40


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("www.ggzy.yz.gov.cn", "yz.gov.cn"),
        ("a.example.com", "example.com"),
        ("10.0.0.1", "10.0.0.1"),
        ("x.com.cn", "x.com.cn"),
    ],
)
def test_a_redirect_stays_with_who_registered_the_name(host: str, told: str) -> None:
    assert registrable(host) == told


def test_a_host_is_named_with_scheme_and_port() -> None:
    assert host_of("HTTPS://Platform.Example.com/a?b") == "https://platform.example.com:443"


def test_rules_of_robots_are_those_of_our_own_name() -> None:
    at = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
    text = "User-agent: *\nDisallow: /\n\nUser-agent: XinshuCollector\nDisallow: /private\nCrawl-delay: 900\n"
    host = Host(name="x", robots=text, robots_status=200, robots_at=at, free_at=at)

    assert allows(host, "http://x/list")
    assert not allows(host, "http://x/private/1")
    assert delay_of(host, 2) == 120.0  # no longer than two minutes


def test_a_recipe_of_each_kind_says_what_it_lacks() -> None:
    assert set(problems_of(Recipe(HTML_LIST, HERE))) == {"items", "body"}
    assert set(problems_of(Recipe(JSON_API, "gopher://x"))) == {"address", "items", "id", "title", "body"}
    assert problems_of(Recipe(RSS, HERE)) == {}
    assert set(problems_of(Recipe("odd", HERE))) == {"kind"}
