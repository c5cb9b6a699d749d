"""公告录入与匹配: once per content, every edit a version; who is told, once; what is unsure is told to nobody."""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.guarantees.demo.awards import create_demo_awards
from xinshu.guarantees.tests.city import City, Kind
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.models import Announcement, Match, Opportunity
from xinshu.tenders.tasks import match_announcement, push_opportunity

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db
TITLE = "白杨路改造工程中标结果公告"


def body_of(winner: str, **more: str) -> str:
    told = {"项目名称": "白杨路改造工程", "项目编号": "BY-2026-01", "招标人": "云州市白杨区建设局", "中标人": winner,
            "中标价": "2,000.00万元", "工期": "180日历天"} | more  # fmt: skip
    return "\n".join(f"{label}：{value}" for label, value in told.items())


def arrive(city: City, winner: str, *, title: str = TITLE, source_id: str = "", **more: str) -> Announcement:
    """Let a notice come in by hand, and the worker do its part."""
    city.guarantor  # noqa: B018  (in business, with its customers)
    told = Delivery(title=title, body=body_of(winner, **more), source_id=source_id, published_at=city.at)
    made = take_in(told, by=city.manager, at=city.at, entered_by=city.manager.organisation)
    drain(at=city.at + timedelta(minutes=1))
    return Announcement.objects.get(pk=made.pk)


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member, kind__startswith="opportunity").values_list("text", flat=True))


def test_the_same_content_twice_is_one_announcement(city: City) -> None:
    first = arrive(city, "云州恒达路桥工程有限公司")
    second = arrive(city, "云州恒达路桥工程有限公司")

    assert first == second
    assert first.revisions.count() == 1
    assert (first.winners, first.amount) == ("云州恒达路桥工程有限公司", 200_000_000_0)
    assert (first.project_number, first.buyer) == ("BY-2026-01", "云州市白杨区建设局")


def test_an_edit_at_the_source_is_a_version_and_the_earlier_one_stays(city: City) -> None:
    arrive(city, "云州恒达路桥工程有限公司", source_id="N-1")
    made = arrive(city, "江北宏远市政建设有限公司", source_id="N-1")
    again = arrive(city, "云州恒达路桥工程有限公司", source_id="N-1")  # a late repeat of what is known

    assert made == again
    assert (again.latest, again.winners) == (2, "江北宏远市政建设有限公司")
    assert [one.reading.first("winner").value for one in again.revisions.all()] == [
        "云州恒达路桥工程有限公司", "江北宏远市政建设有限公司",
    ]  # fmt: skip
    assert set(again.matches.values_list("organisation__name", "revision")) == {
        ("云州恒达路桥工程有限公司", 1), ("江北宏远市政建设有限公司", 2),
    }  # fmt: skip


def test_the_customers_manager_and_the_winner_hear_once_whatever_runs_again(city: City) -> None:
    made = arrive(city, "云州恒达路桥工程有限公司、江北宏远市政建设有限公司联合体")
    city.rival  # noqa: B018
    for entry in _entries("announcement.taken"):
        match_announcement(entry)
    for entry in _entries("opportunity.pushed"):
        push_opportunity(entry)
    drain(at=city.at + timedelta(minutes=5))

    assert len(told(city.manager)) == 1  # of two customers in one notice too
    assert len(told(city.applicant)) == 1
    assert "20,000,000.00" in told(city.applicant)[0]
    assert told(city.colleague(city.manager, "manager")) == []
    houses = made.opportunities.values_list("house__name", "firm__name")
    assert len(houses) == len(set(houses)) == 4
    assert all(one.steps.filter(stage="pushed").count() == 1 for one in made.opportunities.all())


def _entries(kind: str) -> list:
    from xinshu.ledger.models import Entry

    return list(Entry.objects.filter(kind=kind))


@pytest.mark.req("BH-13")
@pytest.mark.parametrize(
    ("printed", "how", "sure"),
    [
        ("云州恒达路桥工程有限公司", "exact", True),
        ("云州 恒达路桥工程有限公司", "written", True),
        ("云州恒达路桥工程有限责任公司", "form", True),
        ("云州恒达（集团）路桥有限公司", "former", True),
        ("云州桓达路桥工程有限公司", "slip", False),
        ("云州恒达路桥有限公司", "similar", False),
        ("云州恒达路桥", "unsure_name", False),
        ("云州恒达路桥工程有限公司江北分公司", "branch", False),
    ],
)
def test_a_match_says_why_and_only_a_sure_one_is_pushed(city: City, printed: str, how: str, sure: bool) -> None:
    city.guarantor  # noqa: B018
    firm = city.applicant.organisation
    enter_fields(enterprise_of(firm), {"legal_name": "云州恒达(集团)路桥有限公司"}, by=SYSTEM, at=city.at)
    made = arrive(city, printed)

    match = Match.objects.get(announcement=made, organisation=firm)
    assert (match.how, match.sure) == (how, sure)
    assert bool(told(city.manager)) is sure
    assert Opportunity.objects.filter(announcement=made).exists() is sure


@pytest.mark.req("BH-13")
def test_a_guess_is_shown_with_its_reasons_to_the_house_it_concerns_only(city: City, browser_of: BrowserOf) -> None:
    city.guarantor  # noqa: B018
    stranger = city.member("江北明德融资担保有限公司", Kind.GUARANTOR, "manager")
    made = arrive(city, "云州恒达路桥有限公司")

    page = browser_of(city.manager).get(f"/tenders/{made.reference}/").content.decode()
    others = browser_of(stranger).get(f"/tenders/{made.reference}/").content.decode()

    assert made.matches.get().how == "similar"
    for words in ("可能有关", "名称相近", "行业：一致（公告“路桥”，资料“路桥工程”）", "云州恒达路桥工程有限公司"):
        assert words in page
    assert "可能有关" not in others
    assert "云州恒达路桥工程有限公司" not in others
    assert told(city.manager) == []


def test_of_two_firms_of_one_name_the_unchecked_one_is_never_pushed(city: City) -> None:
    city.guarantor  # noqa: B018
    twin = city.member("云州双生建设有限公司", Kind.ENTERPRISE, "applicant")
    other = twin.organisation.__class__.objects.create(
        name="云州双生建设有限公司", kind=Kind.ENTERPRISE, verified=False
    )
    take_customer(other, manager=city.manager, by=city.manager, at=city.at)

    made = arrive(city, "云州双生建设有限公司")

    assert told(city.manager) == []
    assert len(told(twin)) == 1
    assert Match.objects.get(announcement=made, organisation=other).how == "namesake"


def test_a_notice_of_candidates_is_matched_and_pushed_to_nobody(city: City) -> None:
    made = arrive(city, "云州恒达路桥工程有限公司", title="白杨路改造工程中标候选人公示")

    assert made.matches.get().role == "candidate"
    assert not made.opportunities.exists()
    assert told(city.manager) == []


def test_who_may_not_enter_is_refused(city: City) -> None:
    with pytest.raises(NotPermitted):
        take_in(Delivery(title=TITLE, body=body_of("甲乙建设有限公司")), by=city.applicant, at=city.at)


@pytest.mark.parametrize(
    "wrong", [{"title": "短"}, {"body": "太短"}, {"url": "javascript:alert(1)"}, {"region_code": "北京"}, {"kind": "x"}, {"source": "有空 格"}]
)  # fmt: skip
def test_what_no_notice_can_be_is_refused_at_its_field(city: City, wrong: dict[str, str]) -> None:
    facts = {"title": TITLE, "body": body_of("甲乙建设有限公司")} | wrong

    with pytest.raises(Invalid) as refused:
        take_in(Delivery(**facts), by=city.manager, at=city.at)

    assert list(refused.value.fields) == list(wrong)


def test_by_hand_pasted_or_uploaded_and_nothing_typed_is_lost(city: City, browser_of: BrowserOf) -> None:
    city.guarantor  # noqa: B018
    browser = browser_of(city.manager)
    page = "<table><tr><td>中标人：</td><td>云州恒达路桥工程有限公司</td><td>中标价(元)</td><td>300.5</td></tr></table>"
    file = SimpleUploadedFile("公告.html", page.encode("gb18030"))

    kept = browser.post("/tenders/new/", {"title": "松柏路中标公告", "body": "太短", "published_on": "2026-02-31"})
    bad = browser.post("/tenders/new/", {"title": "松柏路中标公告", "file": SimpleUploadedFile("x.pdf", b"%PDF-1.4 x")})
    empty = browser.post("/tenders/new/", {"title": "松柏路中标公告", "file": SimpleUploadedFile("x.bin", b"\x00\xff")})
    done = browser.post("/tenders/new/", {"title": "松柏路中标公告", "file": file})

    assert [kept.status_code, bad.status_code, empty.status_code, done.status_code] == [422, 422, 422, 302]
    assert "松柏路中标公告" in kept.content.decode()
    assert "太短" in kept.content.decode()
    made = Announcement.objects.get()
    assert (made.winners, made.amount, made.kind) == ("云州恒达路桥工程有限公司", 30_050, "award")
    assert browser_of(city.applicant).get("/tenders/new/").status_code == 403


def test_a_partner_delivers_over_the_interface_once_per_content(city: City, clock: None) -> None:
    city.guarantor  # noqa: B018
    administrator = city.colleague(city.manager, "orgadmin")
    system = System.of(city.manager, administrator, city.at, "tenders.enter", "tenders.view")
    other = System.of(city.manager, administrator, city.at, "guarantees.view")
    told_ = {"id": "P-1", "title": TITLE, "body": body_of("云州恒达路桥工程有限公司"), "region_code": "990103"}

    first = system.post("/api/v1/announcements", told_).json()
    again = system.post("/api/v1/announcements", told_).json()
    edited = system.post("/api/v1/announcements", told_ | {"body": told_["body"] + "\n更正：工期200天"}).json()

    assert (first["reference"], first["version"]) == (again["reference"], again["version"])
    assert (edited["reference"], edited["version"]) == (first["reference"], 2)
    assert first["winners"] == "云州恒达路桥工程有限公司"
    assert first["amount"] == {"amount": "20000000.00", "currency": "CNY"}
    winner = next(fact for fact in first["facts"] if fact["code"] == "winner")
    assert first["text"][winner["start"] : winner["end"]] == first["winners"]
    assert other.post("/api/v1/announcements", told_).status_code == 403
    assert system.post("/api/v1/announcements", told_ | {"body": ""}).status_code == 422
    listed = system.get("/api/v1/announcements", "q=%E7%99%BD%E6%9D%A8&limit=1").json()
    assert [one["reference"] for one in listed["items"]] == [first["reference"]]
    read = system.get(f"/api/v1/announcements/{first['reference']}").json()
    assert read["version"] == 2
    assert system.get("/api/v1/announcements/NONSENSE").status_code == 404


def test_the_demo_citys_awards_come_in_and_some_are_taken_further(city: City) -> None:
    city.guarantor  # noqa: B018
    city.manager.user.username = "manager"
    city.manager.user.save(update_fields=["username"])
    for name in ("云州华川建筑工程有限公司", "云州远拓机电安装有限公司", "云州青禾园林景观有限公司"):
        city.make_customer(city.member(name, Kind.ENTERPRISE, "applicant").organisation)

    create_demo_awards(city.at)
    drain(at=city.at + timedelta(minutes=1))

    assert Announcement.objects.count() == 6
    ours = Opportunity.objects.filter(house=city.guarantor)
    assert sorted(ours.values_list("firm__name", "state")) == [
        ("云州华川建筑工程有限公司", "following"),
        ("云州恒达路桥工程有限公司", "pushed"),
        ("云州远拓机电安装有限公司", "following"),
        ("云州青禾园林景观有限公司", "irrelevant"),
        ("江北宏远市政建设有限公司", "pushed"),
    ]
