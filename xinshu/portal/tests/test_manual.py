"""The manual: one page per role, nothing but our own Markdown."""

import re

import pytest

from xinshu.accounts.roles import ROLES
from xinshu.portal import manual


@pytest.mark.req("EP-45")
@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_page_in_the_product(client, db, role):
    (page,) = [page for page in manual.PAGES if role in page.roles]

    answer = client.get(f"/help/{page.slug}/")

    assert answer.status_code == 200
    assert "<h2" in answer.content.decode()


@pytest.mark.parametrize("page", manual.PAGES, ids=lambda page: page.slug)
def test_every_page_leads_only_to_what_is_there(client, db, page):
    text = manual.read(page.slug)

    for href in re.findall(r'href="(/[^"#]*)"', text.html):
        assert client.get(href).status_code in {200, 302}, href


def test_no_file_of_the_manual_is_left_out():
    assert {path.stem for path in manual.folder().glob("*.md")} == set(manual.BY_SLUG)


@pytest.mark.parametrize("slug", ["nobody", "applicant.md", "..", "APPLICANT"])
def test_an_unknown_page_is_not_found(client, db, slug):
    assert client.get(f"/help/{slug}/").status_code == 404


def test_raw_html_and_scripts_are_shown_as_text():
    text = manual.render('# 标题\n\n<script>alert(1)</script> <b onclick="x">粗</b> [点](javascript:alert(1))\n')

    assert "<script" not in text.html
    assert "<b" not in text.html
    assert 'href="javascript' not in text.html


def test_a_page_has_its_title_its_sections_and_links_between_pages():
    text = manual.render("# 标题\n\n## 一\n\n[申请人](applicant.md)\n\n## 二\n\n| a |\n| - |\n| b |\n")

    assert text.title == "标题"
    assert text.sections == (("s1", "一"), ("s2", "二"))
    assert "标题" not in text.html
    assert 'href="/help/applicant/"' in text.html
    assert '<table class="tbl">' in text.html


def test_the_members_own_page_comes_first(page_of, member_as):
    browser = page_of(member_as("signer"))

    text = browser.get("/help/").content.decode()

    assert text.index("您的角色") < text.index("/help/signer/") < text.index("其他角色")
