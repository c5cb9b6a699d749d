"""Pages: a member's own messages, and nobody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.messaging.models import Notice
from xinshu.messaging.notices import notify_members

PAGE = "/notices/"


def _told(member, at, number=1, link="/notices/?show=unread"):
    for n in range(number):
        notify_members([member], f"保函 {n} 已签发", link=link, tone="ok", key=f"k{n}", at=at)
    return Notice.objects.filter(member=member).order_by("id").first()


def _mark(notice, action):
    return reverse("messaging:mark", args=[notice.reference, action])


def test_a_stranger_is_sent_to_sign_in(client, clerk, at):
    notice = _told(clerk, at)

    answers = [client.get(PAGE), client.post("/notices/read-all/"), client.post(_mark(notice, "open"))]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert all(answer.url.startswith("/sign-in/") for answer in answers)
    assert Notice.objects.get().read_at is None


def test_nobody_sees_or_marks_another_ones_messages(page_of, clerk, colleague, at):
    notice = _told(clerk, at)
    browser = page_of(colleague)

    page = browser.get(PAGE)

    assert "保函 0 已签发" not in page.content.decode()
    assert {browser.post(_mark(notice, act)).status_code for act in ("open", "read", "unread", "remove")} == {404}
    browser.post("/notices/read-all/")
    assert list(Notice.objects.values_list("read_at", "removed_at")) == [(None, None)]


@pytest.mark.req("FS-16")
def test_a_member_reads_marks_removes_and_filters(page_of, clerk, at):
    first = _told(clerk, at, number=3)
    browser = page_of(clerk)
    assert "保函 0 已签发" in browser.get(PAGE).content.decode()

    opened = browser.post(_mark(first, "open"))
    assert (opened.status_code, opened.url) == (302, first.link)
    unread = browser.get(PAGE, {"show": "unread"}).content.decode()
    assert "保函 0 已签发" not in unread
    assert "保函 1 已签发" in unread

    browser.post(_mark(first, "unread"))
    assert "保函 0 已签发" in browser.get(PAGE, {"show": "unread"}).content.decode()

    browser.post("/notices/read-all/?show=unread")
    assert "没有未读消息" in browser.get(PAGE, {"show": "unread"}).content.decode()

    browser.post(_mark(first, "remove"))
    assert "保函 0 已签发" not in browser.get(PAGE).content.decode()


def test_what_was_removed_stays_removed_when_the_reaction_runs_again(page_of, clerk, at):
    notice = _told(clerk, at)
    browser = page_of(clerk)
    browser.post(_mark(notice, "remove"))

    _told(clerk, at)

    assert "还没有消息" in browser.get(PAGE).content.decode()


def test_the_first_reading_is_the_one_that_counts(page_of, clerk, at):
    notice = _told(clerk, at)
    Notice.objects.update(read_at=at)

    page_of(clerk).post(_mark(notice, "read"))

    assert Notice.objects.get().read_at == at


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=999", "?show=nonsense", "?show=unread&page=-1"])
def test_a_broken_query_shows_the_list_all_the_same(page_of, clerk, at, query):
    _told(clerk, at)

    page = page_of(clerk).get(PAGE + query)

    assert page.status_code == 200


def test_unknown_actions_and_reading_by_get_are_refused(page_of, clerk, at):
    notice = _told(clerk, at)
    browser = page_of(clerk)

    assert browser.post(_mark(notice, "explode")).status_code == 404
    assert browser.get(_mark(notice, "open")).status_code == 405
    assert Notice.objects.get().read_at is None


def test_one_row_and_thirty_take_the_same_queries(page_of, clerk, at):
    browser = page_of(clerk)
    _told(clerk, at)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        browser.get(PAGE)

    _told(clerk, at, number=30)

    with CaptureQueriesContext(connection) as thirty:
        browser.get(PAGE)
    assert len(thirty) == len(one) <= 8
