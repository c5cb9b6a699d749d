"""The personal centre: to-dos, schedule, documents, start pages; what each finds, and what betrays nobody."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.roles import ROLES
from xinshu.core.clock import local_day, moved_to
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.queries import due_days
from xinshu.guarantees.tests.city import City
from xinshu.messaging.notices import notify_members
from xinshu.portal.desks import starts_of
from xinshu.work.models import OwnDay
from xinshu.work.queries import agenda_of, papers_of


@pytest.fixture
def city(db, at):
    return City(at)


@pytest.fixture
def browser_of(client, at):
    """Sign somebody in, two hours after what the city did."""

    def sign_in(member):
        client.force_login(member.user)
        session = client.session
        session[CHOSEN] = member.pk
        session.save()
        return client

    with moved_to(at + timedelta(hours=2)):
        yield sign_in


def month_of(member, city, opens_on=None):
    day = opens_on or local_day(city.at)
    return agenda_of(member, city.at, day - timedelta(days=3), day + timedelta(days=400))


@pytest.mark.req("FS-09")
def test_after_sign_in_one_finds_to_dos_with_deadlines_messages_and_key_figures(city, client):
    case, person = city.in_review(), city.reviewer
    person.user.set_password("xinshu-demo")
    person.user.save()
    notify_members([person], "资料已补齐，请复核。", key="said", at=city.at)

    with moved_to(city.at):
        entered = client.post("/sign-in/", {"username": person.user.username, "password": "xinshu-demo"})
        page = client.get(entered.url)

    text = page.content.decode()
    assert entered.url == "/workbench/"
    assert case.project.name in text
    assert f"{due_days([case])[case.pk]:%m-%d} 前" in text
    assert f"{case.amount / 100:,.2f}" in text
    assert "资料已补齐，请复核。" in text
    assert all(words in text for words in ("待处理保函", "在保余额", "30 天内到期", "近 30 天出函"))


@pytest.mark.req("CS-22")
def test_the_personal_centre_has_to_dos_schedule_documents_and_the_account(city, browser_of):
    case = city.to_issue()
    file = keep_file(PDF, "中标通知书.pdf", case.guarantor, city.signer, city.at, subject=case)
    browser = browser_of(city.signer)

    desk = browser.get("/workbench/").content.decode()
    schedule = browser.get("/schedule/").content.decode()
    documents = browser.get("/documents/").content.decode()

    assert all(reverse(page) in desk for page in ("portal:schedule", "portal:documents", "accounts:account"))
    assert case.project.name in desk
    assert "待我办理：签发保函" in schedule
    assert file.name in documents
    assert reverse("documents:file", args=[file.reference]) in documents
    assert browser.get(reverse("documents:file", args=[file.reference])).status_code == 200
    assert browser.get(reverse("accounts:account")).status_code == 200


@pytest.mark.req("CS-22")
@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_start_pages_and_personal_pages(page_of, member_as, role):
    member = member_as(role)
    browser = page_of(member)

    page = browser.get("/workbench/").content.decode()

    assert starts_of(member)
    assert all(f'href="{start.href}"' in page for start in starts_of(member))
    assert [browser.get(path).status_code for path in ("/schedule/", "/documents/")] == [200, 200]


def test_the_schedule_knows_limits_openings_and_expiries_by_day(city):
    due, live = city.fee_due(), city.in_force()
    bid = city.in_force("bid")

    events = month_of(city.applicant, city)

    assert [event.on for event in events] == sorted(event.on for event in events)
    found = {(event.on, event.words, event.amount, event.at) for event in events}
    assert found >= {
        (due_days([due])[due.pk], "待我办理：缴纳保费", due.amount, None),
        (live.expires_on, "保函到期", live.amount, None),
        (local_day(bid.project.opens_at), "开标", bid.amount, bid.project.opens_at),
    }


def test_whose_turn_it_is_is_said(city):
    city.fee_due()

    assert "等对方：缴纳保费" in {event.words for event in month_of(city.reviewer, city)}


def test_before_the_opening_neither_days_nor_documents_betray_a_bidder(city):
    bid = city.in_force("bid", sealed=True)

    for who in (city.beneficiary, city.department, city.rival, city.bank):
        assert month_of(who, city) == []
        assert papers_of(who, city.at, "", 0, 10) == ([], 0)
    after = bid.project.opens_at + timedelta(minutes=1)
    papers, _total = papers_of(city.beneficiary, after, "", 0, 10)
    assert [paper.what for paper in papers] == ["电子保函"]


def test_outsiders_of_the_case_find_the_letter_and_no_materials(city):
    case = city.in_force(sealed=True)
    keep_file(PDF, "财务报表.pdf", case.applicant, city.applicant, city.at, subject=case)

    mine, _total = papers_of(city.applicant, city.at, "", 0, 10)
    theirs, _total = papers_of(city.beneficiary, city.at, "", 0, 10)

    assert {paper.what for paper in mine} == {"电子保函", "业务材料"}
    assert [paper.what for paper in theirs] == ["电子保函"]


def test_documents_are_found_by_name_project_and_number(city):
    case = city.in_force(sealed=True)
    keep_file(PDF, "财务报表.pdf", case.applicant, city.applicant, city.at, subject=case)

    found = {text: papers_of(city.applicant, city.at, text, 0, 10)[1] for text in ("财务", case.number, "没有的")}

    assert found == {"财务": 1, case.number: 2, "没有的": 0}


@pytest.mark.parametrize("junk", ["?month=x", "?month=2026-13", "?month=9999-12", "?month=٢٠٢٦-١١", "?month="])
def test_a_month_that_is_none_is_this_month(city, browser_of, junk):
    text = browser_of(city.signer).get(f"/schedule/{junk}").content.decode()

    assert f"{city.at:%Y} 年" in text


@pytest.mark.parametrize("junk", ["?page=x", "?page=99", "?q=" + "长" * 500])
def test_junk_finds_documents_or_none(city, browser_of, junk):
    assert browser_of(city.signer).get(f"/documents/{junk}").status_code == 200


def test_a_day_off_of_ones_own_house_is_marked(city, browser_of):
    day = date(2026, 11, 25)
    OwnDay.objects.create(organisation=city.guarantor, day=day, works=False, note="司庆")

    mine = browser_of(city.signer).get("/schedule/?month=2026-11").content.decode()
    theirs = browser_of(city.applicant).get("/schedule/?month=2026-11").content.decode()

    assert mine.count(">休<") == theirs.count(">休<") + 1


@pytest.mark.parametrize("path", ["/schedule/", "/documents/"])
def test_strangers_sign_in_first(client, db, path):
    assert client.get(path).status_code == 302
