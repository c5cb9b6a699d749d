"""Pages: what anybody may see, and what machines ask."""

import pytest
from django.db import DatabaseError, connection

from xinshu.accounts.models import Organisation
from xinshu.portal.arranging.showing import platform_figures


def test_a_stranger_sees_the_home_page_with_its_entries(client, db):
    page = client.get("/")

    text = page.content.decode()
    assert page.status_code == 200
    for words in ("申请保函", "保函查验", "发起索赔", "存证核验", "登录工作台", "办事指南", "六位验证码"):
        assert words in text


def test_an_empty_platform_shows_no_figures(client, db):
    text = client.get("/").content.decode()

    assert "在保电子保函" not in text


def test_the_figures_are_counted_once_for_many_visitors(client, db, django_assert_num_queries):
    client.get("/")

    with django_assert_num_queries(3):  # the arrangement, the announcements, the shelf: all of this moment
        client.get("/")


def test_health_is_told_without_a_session(client, db, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer["Cache-Control"]


def test_health_is_denied_when_the_database_does_not_answer(client, db):
    def broken(execute, sql, params, many, context):
        raise DatabaseError

    with connection.execute_wrapper(broken):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (503, {"ok": False})


def test_search_engines_read_the_manual_and_nothing_that_names_a_case(client):
    lines = client.get("/robots.txt").content.decode().split("\n")

    assert "Disallow: /" in lines
    assert "Allow: /help/" in lines
    assert "Allow: /announcements/" in lines


def test_the_favicon_is_our_own_mark(client):
    answer = client.get("/favicon.ico")

    assert answer.status_code == 301
    assert "brand.svg" in answer.url


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("path", ["/", "/help/", "/healthz", "/robots.txt", "/favicon.ico"])
def test_reading_pages_take_no_other_method(client, db, method, path):
    assert getattr(client, method)(path).status_code == 405


def test_counting_the_platform_leaves_stopped_organisations_out(db, at):
    Organisation.objects.create(name="甲", kind="guarantor", active=False)

    assert platform_figures(at)["issuers"] == 0
