"""The operator's pages: written, tried, switched on and off, looked at when something is wrong."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import member_with
from xinshu.collecting.models import Alarm, KeptPage, Source, SourceVersion
from xinshu.collecting.tests.conftest import WINNER, Desk, recipes
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.tenders.models import Announcement

SignIn = Callable[[Member], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-11")]


def _typed(desk: Desk, kind: str = "html_list", **changes: object) -> dict[str, object]:
    told = {"name": "云州公共资源交易网", "code": "yz-ggzy", "minutes": 60, "delay_seconds": 0}
    return {**told, **recipes(desk.host)[kind].as_data(), **changes}


def _text(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


def test_a_source_is_tried_while_it_is_typed_and_nothing_is_kept(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)

    shown = browser.post("/collecting/new/", {**_typed(desk), "try": "1"})

    text = _text(shown)
    assert "试采成功" in text
    assert "列表读到 3 条" in text
    assert WINNER in text
    assert not Source.objects.exists()
    assert not Announcement.objects.exists()


def test_a_source_is_written_tried_and_switched_on_and_the_worker_collects(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    browser.post("/collecting/new/", _typed(desk))
    source = Source.objects.get()
    page = f"/collecting/{source.reference}/"
    assert browser.post(f"{page}switch_on/", {"version": source.version}).status_code == 409  # not tried yet
    assert "试采成功" in _text(browser.post(f"{page}try_source/", {"version": source.version}))
    source.refresh_from_db()
    assert source.state == "tried"

    browser.post(f"{page}switch_on/", {"version": source.version})
    for _turn in range(12):
        drain()

    assert Announcement.objects.filter(source="yz-ggzy").count() == 3
    assert "完成" in _text(browser.get(page))
    told = Entry.objects.filter(kind__startswith="collecting.").order_by("pk")
    assert list(told.values_list("kind", flat=True))[:3] == [
        "collecting.written", "collecting.tried", "collecting.switched_on",
    ]  # fmt: skip


def test_a_trial_that_reads_nothing_says_so_and_leaves_the_source_as_it_is(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    browser.post("/collecting/new/", _typed(desk, items="li.no-such-row"))
    source = Source.objects.get()

    shown = browser.post(f"/collecting/{source.reference}/try_source/", {"version": source.version})

    assert shown.status_code == 422
    assert "列表里没有读到公告" in _text(shown)
    source.refresh_from_db()
    assert source.state == "draft"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("items", "li >>> [", "CSS 选择器没有读懂"),
        ("id", "(", "正则表达式没有读懂"),
        ("address", "ftp://example.org/", "网址要以 http"),
        ("address", "http://用户:密码@host/", "网址里不能有账号和密码"),
        ("minutes", "1", "填 5 到"),
        ("minutes", "１２", ""),
        ("pages", "99999999999999999999", "填 1 到 200"),
        ("code", "云州", "小写字母"),
        ("name", "\ud800", ""),
        ("body", "", "必须填写"),
    ],
)
def test_what_does_not_hold_is_said_beside_its_field_and_what_was_typed_stays(
    desk: Desk, sign_in: SignIn, field: str, typed: str, said: str
) -> None:
    browser = sign_in(desk.operator)
    told = {**_typed(desk), field: typed.encode("utf-8", "surrogatepass") if field == "name" else typed}

    shown = browser.post("/collecting/new/", told)

    assert shown.status_code in (302, 400, 422)
    if said:
        assert said in _text(shown)
        assert "ewb-list-node" in shown.content.decode() or field == "items"


def test_jmespath_is_checked_too(desk: Desk, sign_in: SignIn) -> None:
    shown = sign_in(desk.operator).post("/collecting/new/", _typed(desk, "json_api", items="data.[", date="a||"))

    assert shown.status_code == 422
    assert "JMESPath 表达式没有读懂" in _text(shown)


def test_a_code_is_used_once(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    browser.post("/collecting/new/", _typed(desk))

    assert "已有来源使用这个代码" in _text(browser.post("/collecting/new/", _typed(desk)))
    assert Source.objects.count() == 1


def test_what_is_edited_is_the_next_version_and_waits_for_a_trial_again(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    source = desk.source("html_list")
    page = f"/collecting/{source.reference}/"
    assert browser.get(f"{page}edit/").status_code == 409  # it is being collected from
    browser.post(f"{page}switch_off/", {"version": source.version, "reason": "页面改版，调整选择器"})
    source.refresh_from_db()

    browser.post(f"{page}edit/", {**_typed(desk, pages=9), "version": source.version})

    source.refresh_from_db()
    assert (source.state, source.number, source.recipe.pages, source.code) == ("draft", 2, 9, "html-list")
    assert SourceVersion.objects.get(source=source, number=1).recipe.pages == 5
    assert "V1" in _text(browser.get(page))


def test_an_alarm_is_told_shown_with_its_page_and_the_page_is_only_text(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    source = desk.source("html_list")
    desk.run(source)
    desk.platform.drifted = True
    desk.run(source)
    drain(at=desk.at)

    alarm, kept = Alarm.objects.get(), KeptPage.objects.get()
    notice = Notice.objects.get(member=desk.operator, subject_id=alarm.pk, subject_type="collecting.alarm")
    assert "页面可能改版" in notice.text
    assert "列表读不到公告" in _text(browser.get("/collecting/?view=alarm"))
    assert "一条也没有读到" in _text(browser.get(notice.link))
    shown = browser.get(f"/collecting/pages/{kept.reference}/").content.decode()
    assert "&lt;li class=&#34;feed-card&#34;&gt;" in shown
    file = browser.get(f"/collecting/pages/{kept.reference}/text/")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in file["Content-Disposition"]


def test_the_list_is_exported_with_its_health(desk: Desk, sign_in: SignIn) -> None:
    desk.run(desk.source())

    response = sign_in(desk.operator).get("/collecting/export/")

    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[2:]
    assert rows[0][:4] == ["云州json_api来源", "json-api", "JSON 接口", "采集中"]
    assert Entry.objects.filter(kind="collecting.exported").count() == 1


def test_others_are_refused_and_another_operators_source_does_not_exist(desk: Desk, sign_in: SignIn) -> None:
    source = desk.source()
    auditor = sign_in(member_with("auditor", organisation=desk.operator.organisation))
    manager = sign_in(member_with("manager", kind="guarantor"))
    stranger = sign_in(member_with("operator"))

    for browser, status in ((auditor, 403), (manager, 403), (stranger, 404)):
        assert browser.get(f"/collecting/{source.reference}/").status_code == status
        acted = browser.post(
            f"/collecting/{source.reference}/switch_off/", {"version": source.version, "reason": "不想要"}
        )
        assert acted.status_code == status
    assert "云州json_api来源" not in _text(stranger.get("/collecting/"))


def test_the_list_takes_as_many_queries_for_one_source_as_for_many(desk: Desk, sign_in: SignIn) -> None:
    browser = sign_in(desk.operator)
    desk.source()
    browser.get("/collecting/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/collecting/")
    for number in range(12):
        desk.source(code=f"more-{number}")
    with CaptureQueriesContext(connection) as many:
        browser.get("/collecting/")

    assert len(one) == len(many)
