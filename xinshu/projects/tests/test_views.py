"""Pages: who gets in, what they show, what they cost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.documents.models import File
from xinshu.projects.models import Project
from xinshu.projects.tests.conftest import member_at

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]
Register = Callable[..., Project]
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n"
PAGES = ["detail", "edit", "award"]
FORM = {
    "name": "临港新区海棠大道二期市政工程",
    "number": "YZ2026-0117-01",
    "kind": "municipal",
    "buyer": "云州临港新区建设管理中心",
    "site": "",
    "region_code": "990103",
    "estimate_amount": "5,218万元",
    "estimate_source": "招标公告",
    "opens_at": "2027-01-20T09:30",
    "bid_validity_days": "90",
    "contract_days": "540",
}


@pytest.mark.parametrize("name", ["list", "new"])
def test_somebody_who_is_not_signed_in_is_asked_to(client: Client, name: str) -> None:
    answer = client.get(reverse(f"projects:{name}"))

    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("accounts:sign_in"))


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_gets_the_same_404_as_for_a_project_that_does_not_exist(
    browser_of: Browser, register: Register, bidder: Member, rival: Member, name: str
) -> None:
    project = register(bidder)
    browser = browser_of(rival)

    theirs = browser.get(reverse(f"projects:{name}", args=[project.reference]))
    nobodys = browser.get(reverse(f"projects:{name}", args=["ABCDEFGHJKMN"]))

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert project.name not in theirs.text


def test_a_stranger_cannot_post_either(browser_of: Browser, register: Register, bidder: Member, rival: Member) -> None:
    project = register(bidder)
    browser = browser_of(rival)

    answers = [
        browser.post(reverse(f"projects:{name}", args=[project.reference]), FORM)
        for name in ("edit", "award", "attach")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Project.objects.get().version == 1


@pytest.mark.parametrize("name", ["edit", "award"])
def test_the_buyer_sees_an_opened_project_but_may_not_change_it(
    browser_of: Browser, register: Register, bidder: Member, buyer: Member, name: str
) -> None:
    project = register(bidder, opens_at=now() - timedelta(days=1))
    browser = browser_of(buyer)

    seen = browser.get(reverse("projects:detail", args=[project.reference]))
    refused = browser.get(reverse(f"projects:{name}", args=[project.reference]))

    assert (seen.status_code, refused.status_code) == (200, 403)
    assert "修改项目</a>" not in seen.text


@pytest.mark.parametrize("role", ["auditor", "sysadmin", "operator"])
def test_roles_without_business_do_not_get_in(browser_of: Browser, role: str) -> None:
    browser = browser_of(member_at("云州信枢运营有限公司", "operator", role))

    assert [browser.get(reverse(f"projects:{name}")).status_code for name in ("list", "new")] == [403, 403]


@pytest.mark.req("EP-12")
def test_an_applicant_enters_a_project_and_its_file_and_gets_the_file_back(
    browser_of: Browser, bidder: Member, buyer: Member
) -> None:
    browser = browser_of(bidder)

    entered = browser.post(reverse("projects:new"), FORM)
    project = Project.objects.get()
    attached = browser.post(
        reverse("projects:attach", args=[project.reference]),
        {"version": "1", "file": SimpleUploadedFile("招标文件.pdf", PDF, "application/pdf")},
    )
    page = browser.get(entered.url).text
    fetched = browser.get(reverse("documents:file", args=[File.objects.get().reference]))

    assert (entered.status_code, attached.status_code) == (302, 302)
    assert (project.estimate_amount, project.buyer, project.bid_validity_days) == (
        5_218_0000_00,
        buyer.organisation,
        90,
    )
    assert project.opens_at.isoformat() == "2027-01-20T01:30:00+00:00"
    assert "招标文件.pdf" in page
    assert fetched.content == PDF


def test_a_project_file_is_sealed_until_opening_and_stays_with_the_registrant(
    browser_of: Browser, register: Register, bidder: Member, buyer: Member
) -> None:
    project = register(bidder, opens_at=now() + timedelta(days=3))
    browser_of(bidder).post(
        reverse("projects:attach", args=[project.reference]),
        {"version": "1", "file": SimpleUploadedFile("招标文件.pdf", PDF, "application/pdf")},
    )

    file = File.objects.get()
    theirs = browser_of(buyer).get(reverse("documents:file", args=[file.reference]))

    assert file.sealed_until == project.opens_at
    assert theirs.status_code == 404


def test_a_renamed_program_is_refused(browser_of: Browser, register: Register, bidder: Member) -> None:
    project = register(bidder)

    answer = browser_of(bidder).post(
        reverse("projects:attach", args=[project.reference]),
        {"version": "1", "file": SimpleUploadedFile("招标文件.pdf", b"MZ\x90\x00" + bytes(200), "application/pdf")},
    )

    assert answer.status_code == 422
    assert not File.objects.exists()


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(browser_of: Browser, bidder: Member) -> None:
    answer = browser_of(bidder).post(reverse("projects:new"), FORM | {"estimate_amount": "-5", "estimate_source": ""})

    assert answer.status_code == 422
    assert "金额不能是负数" in answer.text
    assert "YZ2026-0117-01" in answer.text
    assert not Project.objects.exists()


def test_a_second_entry_is_led_to_the_first(browser_of: Browser, register: Register, bidder: Member) -> None:
    first = register(bidder)

    answer = browser_of(bidder).post(reverse("projects:new"), FORM)

    assert answer.status_code == 422
    assert reverse("projects:detail", args=[first.reference]) in answer.text


@pytest.mark.parametrize(
    ("onward", "target"),
    [
        ("/guarantees/new/", "/guarantees/new/?project={}"),
        ("https://evil.example/", "/projects/{}/"),
        ("", "/projects/{}/"),
    ],
)
def test_after_entering_the_person_goes_on_to_where_they_came_from(
    browser_of: Browser, bidder: Member, onward: str, target: str
) -> None:
    answer = browser_of(bidder).post(reverse("projects:new"), FORM | {"next": onward})

    assert answer.url == target.format(Project.objects.get().reference)


def test_amending_and_awarding_from_the_pages(browser_of: Browser, register: Register, bidder: Member) -> None:
    project = register(bidder)
    browser = browser_of(bidder)

    amended = browser.post(reverse("projects:edit", args=[project.reference]), FORM | {"version": "1", "opens_at": ""})
    awarded = browser.post(
        reverse("projects:award", args=[project.reference]),
        {
            "version": "2",
            "winner": bidder.organisation.name,
            "members": "云州勘测设计院有限公司\n",
            "award_amount": "48,620,000",
            "award_source": "中标通知书",
        },
    )

    project.refresh_from_db()
    page = browser.get(awarded.url).text
    assert (amended.status_code, awarded.status_code) == (302, 302)
    assert (project.contract_days, project.award_amount, project.state) == (540, 48_620_000_00, "awarded")
    assert "云州勘测设计院有限公司" in page
    assert "修改了" in page


def test_a_stale_page_is_refused_with_409(browser_of: Browser, register: Register, bidder: Member) -> None:
    project = register(bidder)
    browser = browser_of(bidder)
    browser.post(reverse("projects:edit", args=[project.reference]), FORM | {"version": "1"})

    again = browser.post(reverse("projects:edit", args=[project.reference]), FORM | {"version": "1", "site": "别处"})

    assert again.status_code == 409
    assert Project.objects.get().site == ""


@pytest.mark.parametrize("posted", ["", "x", "-1", "9" * 40, "１"])
def test_a_broken_version_does_no_harm(browser_of: Browser, register: Register, bidder: Member, posted: str) -> None:
    project = register(bidder)

    answer = browser_of(bidder).post(reverse("projects:edit", args=[project.reference]), FORM | {"version": posted})

    assert answer.status_code == 422
    assert "页面内容不完整，没有执行。" in answer.text


@pytest.mark.parametrize(
    "query", ["", "?q=海棠", "?kind=municipal&state=tendering", "?view=mine&sort=-estimate", "?sort=name&page=99"]
)
def test_filters_in_the_address_find_it(browser_of: Browser, register: Register, bidder: Member, query: str) -> None:
    register(bidder)

    assert "临港新区海棠大道二期市政工程" in browser_of(bidder).get(reverse("projects:list") + query).text


@pytest.mark.parametrize("query", ["?q=没有这个", "?kind=water", "?state=awarded"])
def test_filters_that_find_nothing_offer_to_be_dropped(
    browser_of: Browser, register: Register, bidder: Member, query: str
) -> None:
    register(bidder)

    page = browser_of(bidder).get(reverse("projects:list") + query).text

    assert "没有符合条件的项目" in page
    assert "清空条件" in page


@pytest.mark.parametrize("query", ["?kind=castle", "?state=nowhere", "?page=x", "?q=" + "长" * 300, "?sort=password"])
def test_broken_filters_are_left_out(browser_of: Browser, register: Register, bidder: Member, query: str) -> None:
    register(bidder)

    answer = browser_of(bidder).get(reverse("projects:list") + query)

    assert answer.status_code == 200


def test_the_first_use_offers_the_first_act(browser_of: Browser, bidder: Member) -> None:
    page = browser_of(bidder).get(reverse("projects:list")).text

    assert "还没有项目" in page
    assert reverse("projects:new") in page


def test_thirty_projects_cost_as_many_queries_as_one(
    browser_of: Browser, register: Register, bidder: Member, django_assert_max_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = browser_of(bidder)
    register(bidder, number="1")
    with CaptureQueriesContext(connection) as one:
        browser.get(reverse("projects:list"))
    for number in range(2, 31):
        register(bidder, number=str(number))

    with CaptureQueriesContext(connection) as thirty:
        browser.get(reverse("projects:list"))

    assert len(thirty) == len(one) <= 8


def test_before_opening_the_buyers_list_is_the_same_as_without_bidders(
    browser_of: Browser, register: Register, bidder: Member, buyer: Member
) -> None:
    browser = browser_of(buyer)
    before = browser.get(reverse("projects:list") + "?q=海棠").text.count("<td")

    register(bidder, opens_at=now() + timedelta(days=3))

    assert browser.get(reverse("projects:list") + "?q=海棠").text.count("<td") == before == 0
