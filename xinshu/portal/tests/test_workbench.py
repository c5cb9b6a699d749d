"""The workbench: what each role finds when it begins the day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Member, Registration
from xinshu.accounts.roles import ROLES, configurable
from xinshu.core import clock
from xinshu.core.clock import moment
from xinshu.messaging.notices import notify_members
from xinshu.portal.desks import DESKS, sources_of, starts_of, waiting_count
from xinshu.portal.work import Todo


def test_a_stranger_is_sent_to_sign_in(client, db):
    answer = client.get("/workbench/")

    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/workbench/")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_desk(page_of, member_as, role):
    page = page_of(member_as(role)).get("/workbench/")

    assert role in DESKS
    assert page.status_code == 200
    assert "陈思远" in page.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_every_entry_of_a_desk_opens_for_its_role(page_of, member_as, role):
    member = member_as(role)
    browser = page_of(member)

    for start in starts_of(member):
        assert browser.get(start.href).status_code == 200, start.to


def test_an_own_role_finds_what_its_rights_allow_and_every_entry_opens(page_of, member_as):
    member = member_as("orgadmin")
    firm = member.organisation
    rights = sorted(configurable(firm.kind))
    firm.role_table = {"own1": {"name": "综合岗", "rights": rights, "state": "active"}}
    firm.save()
    member.roles = ["own1"]
    member.save()
    browser = page_of(member)

    starts = starts_of(member)

    assert [browser.get(start.href).status_code for start in starts] == [200] * len(starts)
    assert {"guarantees:new", "integrations:clients"} <= {start.to for start in starts}
    assert "综合岗" in browser.get("/workbench/").content.decode()
    firm.role_table["own1"]["state"] = "disabled"
    firm.save()
    idle = Member.objects.acting().get(pk=member.pk)
    assert [start.to for start in starts_of(idle)] == ["guarantees:verify"]
    assert browser.get("/workbench/").status_code == 200


def test_somebody_in_two_roles_finds_both_desks_and_nothing_twice(page_of, member_as):
    both = member_as("manager", "reviewer")

    text = page_of(both).get("/workbench/").content.decode()

    starts = [start.to for start in starts_of(both)]
    assert len(starts) == len(set(starts))
    assert [source.everything for source in sources_of(both)] == [
        "guarantees:list",
        "documents:readings",
        "",
    ]  # cases, papers, awards
    assert "/help/manager/" in text
    assert "/help/reviewer/" in text


def _register(name, at):
    number = Registration.objects.count()
    return Registration.objects.create(
        side="applicant", kind="enterprise", organisation_name=name, contact_name="许清和", phone=f"123{number:08d}",
        username=f"u{number}", password="x", state="submitted", submitted_at=at,
    )  # fmt: skip


def test_the_operator_finds_registrations_that_wait_with_their_time_limit(page_of, member_as):
    operator = member_as("operator")
    _register("云州新城建设有限公司", clock.now() - timedelta(days=30))

    page = page_of(operator).get("/workbench/")

    assert "云州新城建设有限公司" in page.content.decode()
    assert "超时 1" in page.content.decode()
    assert "今天到期 0" in page.content.decode()
    assert waiting_count(operator, clock.now()) == 1


def test_nobody_else_finds_registrations(page_of, member_as):
    _register("云州新城建设有限公司", clock.now())

    page = page_of(member_as("manager")).get("/workbench/")

    assert "云州新城建设有限公司" not in page.content.decode()


def test_to_dos_narrow_to_those_that_are_over(page_of, member_as):
    operator = member_as("operator")
    _register("拖了很久有限公司", clock.now() - timedelta(days=30))
    _register("刚刚提交有限公司", clock.now())

    text = page_of(operator).get("/workbench/?due=over").content.decode()

    assert "拖了很久有限公司" in text
    assert "刚刚提交有限公司" not in text


@pytest.mark.parametrize("due", ["today", "over", "nonsense"])
def test_with_nothing_to_do_the_page_says_so(page_of, member_as, due):
    page = page_of(member_as("operator")).get(f"/workbench/?due={due}")

    assert page.status_code == 200
    assert "没有" in page.content.decode()


def test_one_registration_and_thirty_take_the_same_queries(page_of, member_as):
    browser = page_of(member_as("operator"))
    _register("一有限公司", clock.now())
    browser.get("/workbench/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/workbench/")

    for number in range(30):
        _register(f"{number} 号有限公司", clock.now())

    with CaptureQueriesContext(connection) as thirty:
        browser.get("/workbench/")
    assert len(thirty) == len(one) <= 14


def test_only_ones_own_messages_are_shown(page_of, member_as, at):
    mine, other = member_as("applicant"), member_as("beneficiary")
    notify_members([mine], "给我的消息", key="a", at=at)
    notify_members([other], "给别人的消息", key="b", at=at)

    text = page_of(mine).get("/workbench/").content.decode()

    assert "给我的消息" in text
    assert "给别人的消息" not in text


@pytest.mark.parametrize(
    ("hour", "words"), [(4, "晚上好"), (5, "上午好"), (11, "中午好"), (13, "下午好"), (18, "晚上好")]
)
def test_the_greeting_follows_the_hour_in_china(page_of, member_as, hour, words):
    browser = page_of(member_as("auditor"))

    with clock.moved_to(moment(clock.today(), hour)):
        page = browser.get("/workbench/")

    assert words in page.content.decode()


def test_a_day_off_says_when_time_limits_run_on(page_of, member_as, at):
    browser = page_of(member_as("auditor"))

    with clock.moved_to(at):  # a Saturday
        page = browser.get("/workbench/")

    assert "2026 年 11 月 21 日 周六 · 休息日，按工作日计时的事项从 11 月 23 日起接着算。" in page.content.decode()


@pytest.mark.parametrize(
    ("days", "expected"), [(-2, ("danger", "已超 2 天")), (0, ("warn", "今天到期")), (3, ("info", "11-24 前"))]
)
def test_a_time_limit_is_told_in_words(at, days, expected):
    today = clock.local_day(at)
    todo = Todo("", "", "", "", due_on=today + timedelta(days=days))

    assert todo.limit(today) == expected
    assert (todo.is_over(today), todo.is_today(today)) == (days < 0, days == 0)
