"""What the shell shows to whom, and what it costs."""

import pytest
from django.test import Client

from xinshu.web import live, navigation, shell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _registries(monkeypatch):
    monkeypatch.setattr(shell, "_badges", {})
    monkeypatch.setattr(live, "_paths", [])


def labels(member, path="/"):
    return [link.label for group in navigation.groups(member, path) for link in group.links]


@pytest.mark.parametrize(
    ("kind", "roles", "seen"),
    [
        ("guarantor", ["manager"], ["工作台", "申请保函", "保函台账"]),
        ("guarantor", ["reviewer"], ["工作台", "保函台账"]),
        ("department", ["department"], ["工作台", "保函台账", "监督台"]),
        ("operator", ["operator"], ["工作台"]),
        ("operator", [], ["工作台"]),
    ],
    ids=["manager", "reviewer", "department", "operator", "no role"],
)
def test_entries_without_permission_are_absent(member_of, kind, roles, seen):
    member = member_of("somebody", *roles, kind=kind)

    assert labels(member) == seen


def test_the_entry_that_leads_furthest_is_current(member_of):
    member = member_of("manager", "manager")

    links = [link for group in navigation.groups(member, "/guarantees/list/ABC/") for link in group.links]

    assert [link.label for link in links if link.current] == ["保函台账"]


@pytest.mark.parametrize(
    ("few", "path", "folds", "opened"),
    [
        (18, "/", "", {"top", "cases", "watch"}),
        (1, "/", "", {"top", "cases"}),
        (1, "/", "cases0.watch1", {"top", "watch"}),
        (1, "/guarantees/watch/", "watch0", {"top", "cases", "watch"}),
        (1, "/", "…;=0.watch", {"top", "cases"}),
    ],
    ids=["few stand open", "of many the first", "as was chosen", "never the page's own", "a cookie of nobody"],
)
def test_groups_fold_where_there_are_many_entries(member_of, monkeypatch, few, path, folds, opened):
    monkeypatch.setattr(navigation, "FEW", few)
    member = member_of("dept", "department", kind="department")

    assert {group.name for group in navigation.groups(member, path, folds) if group.opened} == opened


def test_counts_come_from_the_contexts_above(member_of, browser_of):
    member = member_of("manager", "manager")
    shell.badge("unread", lambda member: 6)
    shell.badge("todo", lambda member: 140)

    page = browser_of(member).get("/components/").content.decode()

    assert "消息，6 条未读" in page
    assert '<span class="n">140</span>' in page
    assert "<b>99+</b>" in page


def test_the_side_is_named_after_the_kind_of_organisation(member_of, browser_of):
    page = browser_of(member_of("dept", "department", kind="department", organisation="住建局")).get("/components/")

    assert "政府端" in page.content.decode()


def test_the_shell_asks_the_database_nothing_of_its_own(member_of, browser_of, django_assert_num_queries):
    browser = browser_of(member_of("manager", "manager"))
    browser.get("/components/")

    with django_assert_num_queries(2):  # the session, the member
        browser.get("/components/")


def test_a_name_cannot_bring_markup_into_the_shell(member_of, browser_of):
    member = member_of("manager", "manager", organisation="<script>alert(1)</script>公司")

    page = browser_of(member).get("/components/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_account_menu_offers_other_organisations(member_of, browser_of):
    first, second = (
        member_of("both", "manager"),
        member_of("both", "applicant", organisation="云州恒达路桥工程有限公司"),
    )

    menu = browser_of(first).get("/organisations/").content.decode()

    assert f'value="{second.pk}"' in menu
    assert "云州恒达路桥工程有限公司" in menu


def test_the_account_menu_offers_nothing_to_somebody_in_one_organisation(member_of, browser_of):
    menu = browser_of(member_of("one", "manager")).get("/organisations/").content.decode()

    assert "<button" not in menu


def test_a_stranger_is_sent_to_sign_in_by_the_account_menu():
    response = Client().get("/organisations/")

    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/organisations/"


def test_the_live_stream_is_on_the_host_that_was_asked(member_of, browser_of, settings):
    settings.LIVE_URL, settings.LIVE_PORT, settings.ALLOWED_HOSTS = "", 8001, ["*"]
    live.stream(lambda request, member: f"/live?token={member.pk}")
    member = member_of("manager", "manager")

    response = browser_of(member).get("/components/", headers={"Host": "xinshu.example:8000"})

    assert f'data-live="http://xinshu.example:8001/live?token={member.pk}"' in response.content.decode()
    assert "connect-src 'self' http://xinshu.example:8001;" in response["Content-Security-Policy"] + ";"


def test_the_live_stream_can_be_elsewhere(member_of, browser_of, settings):
    settings.LIVE_URL = "https://live.example/stream/"
    live.stream(lambda request, member: "/live?token=T")

    response = browser_of(member_of("manager", "manager")).get("/components/")

    assert 'data-live="https://live.example/stream/live?token=T"' in response.content.decode()
    assert "https://live.example;" in response["Content-Security-Policy"] + ";"


def test_the_policy_forbids_everything_inline():
    policy = Client().get("/components/")["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["form-action"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["object-src"] == "'none'"
    assert "unsafe" not in policy


def test_the_components_page_stays_out_of_production(settings):
    settings.DEMO = settings.TESTING = False

    response = Client().get("/components/")

    assert response.status_code == 404
