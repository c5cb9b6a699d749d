"""我的订阅 in a browser: tried while it is written, listed with figures, judged, exported; others see nothing."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.subscriptions.models import Hit, Subscription
from xinshu.subscriptions.tests.conftest import TITLE, House

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-14")]
TYPED = {"name": "市政道路", "line": "(道路 or 桥梁) 施工 not 设计", "unsure": "on"}


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-800:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def rows_of(client: Client, path: str) -> list[list[object]]:
    content = b"".join(client.get(path).streaming_content)  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[2:]


def test_a_subscription_is_tried_before_it_is_saved_and_then_finds(house: House, browser_of: Any) -> None:
    house.arrives()
    browser = browser_of(house.manager)

    tried = text_of(browser.post("/subscriptions/try/", TYPED | {"name": ""}))
    assert "1 份公告" in tried
    assert f"{TITLE} 75 分" in tried
    assert "标题含“施工”、“道路”" in tried
    assert "没有命中" in text_of(browser.post("/subscriptions/try/", TYPED | {"line": "隧道"}))
    assert "第 6 个字：后面缺少关键词" in text_of(browser.post("/subscriptions/try/", TYPED | {"line": "道路 or"}))
    assert not Subscription.objects.exists()

    saved = browser.post("/subscriptions/new/", TYPED, follow=True)
    assert "含“道路”，或含“桥梁”" in text_of(saved)
    house.arrives("海棠大道道路施工二期招标公告")
    row = Subscription.objects.get()
    assert "海棠大道道路施工二期招标公告" in text_of(browser.get(f"/subscriptions/{row.reference}/"))
    assert re.search(r"市政道路 .* 1 1 0 / 0 / 0 启用", text_of(browser.get("/subscriptions/")))


def test_a_trial_looks_back_ninety_days(house: House, browser_of: Any) -> None:
    house.arrives()
    house.at -= timedelta(days=91)
    house.arrives("海棠大道道路施工旧公告")

    tried = text_of(browser_of(house.manager).post("/subscriptions/try/", TYPED))

    assert "1 份公告" in tried


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(house: House, browser_of: Any) -> None:
    browser = browser_of(house.manager)

    typed = TYPED | {"line": "(道路", "regions": "鼓楼区", "least_amount": "很多", "least_score": "１２０"}
    page = text_of(browser.post("/subscriptions/new/", typed), 422)

    assert "不止一个，请写全" in page
    assert "不是金额" in page
    assert "(道路" in page
    page = text_of(browser.post("/subscriptions/new/", TYPED | {"line": "(道路"}), 422)
    assert "第 1 个字：括号没有配对" in page
    for bad in ("\x00", "\ud800x".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "字" * 5000, "9" * 400):
        for name in ("name", "line", "regions", "qualifications", "least_amount", "least_score", "tags", "trades"):
            answer = browser.post("/subscriptions/new/", TYPED | {name: bad, "name": "坏" if name != "name" else bad})
            assert answer.status_code in (302, 400, 422), (name, bad[:5], answer.status_code)


def test_it_is_edited_switched_and_a_region_is_written_by_name(house: House, browser_of: Any) -> None:
    browser = browser_of(house.manager)
    browser.post("/subscriptions/new/", TYPED | {"regions": "浙江省、武汉", "least_amount": "500万", "trades": "E481"})
    row = Subscription.objects.get()
    assert (row.regions, row.least_amount, row.trades) == (["33", "4201"], 500_000_000, ["E481"])

    page = browser.get(f"/subscriptions/{row.reference}/edit/").content.decode()
    assert "浙江省、湖北省武汉市" in page
    browser.post(f"/subscriptions/{row.reference}/edit/", TYPED | {"name": "改过", "version": "1"})
    row.refresh_from_db()
    assert (row.name, row.regions, row.version) == ("改过", [], 2)
    browser.post(f"/subscriptions/{row.reference}/switch_off/", {"version": "2"})
    row.refresh_from_db()
    assert row.state == "off"
    assert "停用" in text_of(browser.get(f"/subscriptions/{row.reference}/"))
    assert browser.post(f"/subscriptions/{row.reference}/nothing/", {"version": "3"}).status_code == 404


def test_hits_are_judged_narrowed_and_exported(house: House, browser_of: Any) -> None:
    row = house.subscribe("道路", name="市政")
    house.arrives()
    house.arrives("滨河道路改造招标公告")
    browser, hit = browser_of(house.manager), Hit.objects.order_by("pk").last()
    assert hit is not None

    browser.post(f"/subscriptions/{row.reference}/matches/{hit.pk}/", {"verdict": "irrelevant"})

    page = text_of(browser.get(f"/subscriptions/{row.reference}/?view=irrelevant"))
    assert "滨河道路" in page
    assert "海棠大道" not in page
    assert "滨河" not in text_of(browser.get(f"/subscriptions/{row.reference}/?q=临港"))
    assert [line[-3] for line in rows_of(browser, f"/subscriptions/{row.reference}/export/")] == ["不相关", "未评价"]
    assert rows_of(browser, "/subscriptions/export/")[0][3:] == ["启用", 2, 2, 0, 1, 0]


def test_others_meet_nothing_of_it_and_the_head_only_counts(house: House, browser_of: Any) -> None:
    row = house.subscribe("机密关键词 or 道路", name="机密订阅")
    house.arrives()
    hit = Hit.objects.get()

    for other in (house.colleague, house.head, house.stranger):
        browser = browser_of(other)
        for path in ("", "edit/", "export/"):
            assert browser.get(f"/subscriptions/{row.reference}/{path}").status_code == 404
        assert (
            browser.post(f"/subscriptions/{row.reference}/matches/{hit.pk}/", {"verdict": "followed"}).status_code
            == 404
        )
        assert "机密" not in text_of(browser.get("/subscriptions/"))
    head = browser_of(house.head)
    people = text_of(head.get("/subscriptions/people/"))
    assert re.search(rf"{house.manager.user.name} 1 1 1 0 0 0", people)
    assert "机密" not in people
    assert rows_of(head, "/subscriptions/people/export/")[0][1:] == [1, 1, 1, 0, 0, 0]
    assert browser_of(house.manager).get("/subscriptions/people/").status_code == 403
    assert browser_of(house.manager).get("/subscriptions/people/export/").status_code == 404


def test_one_row_costs_as_many_queries_as_thirty(house: House, browser_of: Any) -> None:
    row = house.subscribe("道路", name="第一")
    house.arrives()
    browser = browser_of(house.manager)

    def cost(path: str) -> int:
        browser.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(path)
        return len(queries)

    paths = ("/subscriptions/", f"/subscriptions/{row.reference}/", f"/subscriptions/{row.reference}/edit/")
    before = [cost(path) for path in paths]
    for n in range(12):
        house.subscribe("道路", name=f"又 {n}")
        house.arrives(f"第{n}条道路施工招标公告")

    assert [cost(path) for path in paths] == before
