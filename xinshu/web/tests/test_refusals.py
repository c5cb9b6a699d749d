"""Every way to be refused, in each of the three forms in which it is told."""

import json
import logging

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from xinshu.ledger.recording import record

pytestmark = pytest.mark.django_db

TABLE = [
    # raised              status  name             what the page says
    ("refusal", 422, "refusal", "额度不足，还差 3,200.00 元。"),
    ("invalid", 422, "invalid", "请填写金额。"),
    ("unknown", 404, "unknown", "没有找到这笔保函。"),
    ("not_permitted", 403, "not_permitted", "您没有“签发”的权限。"),
    ("not_now", 409, "not_now", "刷新页面可以看到最新进展。"),
    ("changed", 409, "changed", "这笔业务已被改过。"),
    ("http404", 404, "unknown", "没有内容，或者不对您开放"),
    ("permission_denied", 403, "not_permitted", "没有查看这个页面的权限"),
    ("suspicious", 400, "bad_request", "没有办理，业务没有变化"),
    ("bad_request", 400, "bad_request", "没有办理，业务没有变化"),
    ("too_big", 413, "too_big", "超过了大小限制"),
    ("database", 503, "unavailable", "没有响应"),
    ("bug", 500, "broken", "没有看到办理结果的操作，就没有生效"),
]
names = pytest.mark.parametrize(("raised", "status", "name", "words"), TABLE, ids=[row[0] for row in TABLE])


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture
def stranger() -> Client:
    return Client(raise_request_exception=False)


@names
def test_a_page_says_what_happened(stranger, raised, status, name, words):
    response = stranger.get(f"/refuse/{raised}/")

    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert "internal detail" not in page
    assert "Guarantee 3" not in page
    assert page.startswith("<!doctype html>")


@names
def test_inside_a_page_a_note_goes_to_its_own_place(stranger, raised, status, name, words):
    response = stranger.get(f"/refuse/{raised}/", headers={"HX-Request": "true"})

    note = response.content.decode()
    assert response.status_code == status
    assert response["HX-Retarget"] == "#refusal"
    assert words in note
    assert 'role="alert"' in note
    assert "<html" not in note


@names
def test_programs_get_json(stranger, raised, status, name, words):
    response = stranger.get(f"/refuse/{raised}/", headers={"Accept": "application/json"})

    body = json.loads(response.content)
    assert response.status_code == status
    assert body["error"] == name
    assert words in json.dumps(body, ensure_ascii=False)
    assert set(body) >= {"error", "title", "message", "advice", "fields", "changes"}


def test_a_member_is_refused_inside_the_shell(member_of, browser_of):
    page = browser_of(member_of("reviewer", "reviewer")).get("/refuse/not_now/").content.decode()

    assert 'aria-label="主导航"' in page
    assert "回到工作台" in page


def test_a_page_that_is_not_there_is_refused_like_one_that_is_hidden(stranger):
    absent, hidden = stranger.get("/nowhere/"), stranger.get("/refuse/http404/")

    assert absent.status_code == hidden.status_code == 404
    assert absent.content == hidden.content


def test_what_was_written_can_be_taken_along_and_the_way_back_is_ours(stranger):
    page = stranger.post(
        "/refuse/not_now/",
        {"reason": "中标通知书缺第 3 页", "password": "secret-word"},
        headers={"Referer": "http://testserver/guarantees/list/?state=issued"},
    ).content.decode()

    assert "中标通知书缺第 3 页" in page
    assert "secret-word" not in page
    assert 'href="/guarantees/list/?state=issued"' in page


@pytest.mark.parametrize(
    "referer",
    [
        "https://elsewhere.example/trap/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "http://[",
        "http://testserver//elsewhere.example/",
    ],
)
def test_no_way_back_leads_elsewhere(stranger, referer):
    response = stranger.post("/refuse/not_now/", headers={"Referer": referer})

    page = response.content.decode()
    assert response.status_code == 409
    assert "elsewhere" not in page
    assert "javascript" not in page


def test_a_stale_page_names_colleagues_but_not_the_other_house(at, member_of, browser_of):
    reviewer, applicant = member_of("reviewer"), member_of("applicant", kind="enterprise", organisation="云州恒达")
    with transaction.atomic():
        record("guarantee.returned", reviewer.organisation, by=reviewer, at=at)
    address = f"/refuse/changed/?case={reviewer.organisation_id}"

    colleague = browser_of(reviewer).get(address).content.decode()
    other_house = browser_of(applicant).get(address).content.decode()
    stranger = Client().get(address).content.decode()

    assert "周启明（云州融信融资担保有限公司）" in colleague
    assert "退回补正" in colleague
    assert "对方经办人" in other_house
    assert "（云州融信融资担保有限公司）" not in other_house
    assert "退回补正" not in stranger


def test_a_busy_database_says_when_to_come_back(stranger):
    response = stranger.get("/refuse/database/")

    assert response["Retry-After"] == "5"


def test_of_a_submission_that_met_a_dying_database_nobody_claims_that_nothing_was_done(stranger):
    read = stranger.get("/refuse/database/").content.decode()
    sent = stranger.post("/refuse/database/").content.decode()

    assert "业务没有变化" in read
    assert "业务没有变化" not in sent
    assert "不能确定这次操作有没有办成" in sent


def test_a_database_that_dies_while_the_session_is_kept_is_no_malformed_request(member_of, browser_of):
    browser = browser_of(member_of("applicant"))

    def dies_at_the_session(execute, statement, *rest):
        if statement.startswith("UPDATE") and "django_session" in statement:
            raise OperationalError("the connection is closed")
        return execute(statement, *rest)

    with connection.execute_wrapper(dies_at_the_session):
        response = browser.get("/remember/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"


def test_a_bug_gives_a_number_that_the_log_has_too(stranger, caplog):
    caplog.set_level(logging.ERROR, "xinshu.web.errors")

    page = stranger.get("/refuse/bug/").content.decode()

    number = caplog.records[-1].args[1]
    assert f"编号 {number}" in page


def test_an_expired_page_is_told_in_words():
    response = Client(enforce_csrf_checks=True).post("/refuse/not_now/")

    assert response.status_code == 403
    assert "页面停留过久" in response.content.decode()


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/refuse/not_now/?q=a%00b"),
        lambda client: client.get("/refuse/not_now/?a%00=b"),
        lambda client: client.get("/refuse/no%00/"),
        lambda client: client.post("/refuse/not_now/", {"reason": "a\0b"}),
    ],
    ids=["value", "name", "path", "form"],
)
def test_a_nul_character_is_refused_at_the_door(stranger, ask):
    response = ask(stranger)

    assert response.status_code == 400


def test_a_broken_form_is_refused(stranger):
    response = stranger.generic("POST", "/refuse/not_now/", b"not a form", "multipart/form-data; boundary=")

    assert response.status_code == 400


def test_a_form_over_the_limit_is_refused(stranger, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = stranger.post("/refuse/not_now/", "q=" + "x" * 200, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 413
