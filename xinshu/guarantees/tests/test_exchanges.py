"""数据交换: whoever audits finds every exchange of all houses, and before the opening none that tells of a bidder."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.core.clock import moved_to
from xinshu.documents.models import File
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.guarantees.tests.test_events import subscribed
from xinshu.integrations.models import Call, Sending
from xinshu.integrations.sandbox import receiver
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Message
from xinshu.projects.actions import amend_project

BrowserOf = Callable[[Member], Client]
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db
ALL = {"calls", "events", "files", "messages"}
FILTERS: list[tuple[str, set[str]]] = [
    ("?source=calls", {"calls"}),
    ("?direction=in", set()),
    ("?direction=out&source=events", {"events"}),
    ("?kind=calls:api/v1/guarantees/<reference>", {"calls"}),
    ("?kind=events:guarantee.delivered", {"events"}),
    ("?kind=files:guarantee.exported", {"files"}),
    ("?kind=messages:guarantee.received.beneficiary", {"messages"}),
    ("?outcome=ok", ALL),
    ("?outcome=refused", set()),
    ("?outcome=waiting", set()),
    ("?form=clear", ALL),
    ("?form=internal", ALL),
    ("?form=covered", set()),
    ("?receiver=没有这家", set()),
    ("?subject=NOSUCHCASE22", set()),
    ("?since=2026-11-21&until=2026-11-21", ALL),
    ("?since=2026-11-22", set()),
    ("?until=2026-11-20", set()),
    ("?since=nonsense", set()),
    ("?kind=nonsense&source=x&outcome=y", set()),
    ("?before=1.2", ALL),
    ("?before=9999999999999999.0.1", ALL),
    ("?before=999999999999999999.9.9", ALL),
    ("?before=1.1.1", set()),
]


@pytest.fixture(autouse=True)
def nobody_has_read() -> None:
    reads.forget()


def system_of(city: City, who: Member) -> System:
    return System.of(who, city.colleague(who, "orgadmin"), city.at)


def told(browser: Client, query: str = "") -> str:
    page = browser.get(f"/exchanges/{query}")
    assert page.status_code == 200
    return page.content.decode()


def numbers(browser: Client, query: str = "") -> list[str]:
    """Return the addresses of the exchanges that a page lists, in its order."""
    return [
        part.partition('"')[0] for part in told(browser, query).split('href="/exchanges/')[1:] if part[0] not in '"?'
    ]


def taken_away(browser: Client, case: Guarantee) -> None:
    """Have a file of `case` and the list taken away."""
    file = File.objects.filter(subject_id=case.pk, subject_type="guarantees.guarantee").latest("pk")
    assert browser.get(f"/files/{file.reference}/").status_code == 200
    assert browser.get("/guarantees/export/").status_code == 200


def message_about(case: Guarantee, member: Member, city: City) -> Message:
    """Return a message on a channel that told `member` of `case`."""
    from xinshu.messaging.notices import notify_members

    notify_members([member], "保函已送达", link="/", subject=case, key=f"told:{case.pk}", at=city.at)
    notice = member.notices.latest("pk")
    return Message.objects.create(
        notice=notice, member=member, kind="guarantee.received.beneficiary", channel="sms", provider="tencent",
        priority=2, state="delivered", masked="123****6002", created_at=city.at + HOUR, due_at=city.at,
        sealed_until=case.secret_until,
    )  # fmt: skip


@pytest.fixture
def exchanged(city: City, browser_of: BrowserOf) -> tuple[Guarantee, Client]:
    """One exchange of each sort about one guarantee in force, and an auditor's browser."""
    with receiver() as there:
        subscribed(city, city.department, there.url, "guarantee.delivered")
        case = city.in_force(sealed=True)
        drain(city.at + HOUR)
    system_of(city, city.applicant).get(f"/api/v1/guarantees/{case.reference}")
    taken_away(browser_of(city.beneficiary), case)
    message_about(case, city.beneficiary, city)
    return case, browser_of(city.auditor)


def test_every_sort_of_exchange_about_a_case_is_found_opened_and_told_without_values(
    exchanged: tuple[Guarantee, Client], city: City
) -> None:
    case, desk = exchanged

    found = numbers(desk, f"?subject={case.reference.lower()}")
    opened = {one.partition("/")[0]: desk.get(f"/exchanges/{one}").content.decode() for one in found}

    assert set(opened) == {"calls", "events", "files", "messages"}
    assert len(found) == 4
    assert "guarantees.Guarantee.amount" in opened["calls"]
    assert "projects.Project.region_code" in opened["events"]
    assert "文件原件" in opened["files"]
    assert "123****6002" in opened["messages"]
    amount = f"{case.amount:,}"
    for page in opened.values():
        assert case.reference in page
        assert str(case.amount) not in page
        assert amount not in page
        assert case.project.name not in page
    reads.flush()
    read = Entry.objects.filter(kind__in=("exchange.read", "exchanges.read"), actor_key=city.auditor.actor_key)
    assert read.count() == 5


def test_filters_leave_what_they_say(exchanged: tuple[Guarantee, Client], city: City) -> None:
    department = f"?receiver={city.department.organisation.name}"

    found = {
        query: {one.partition("/")[0] for one in numbers(exchanged[1], query)}
        for query, _sources in [*FILTERS, (department, {"events"})]
    }

    assert found == {**dict(FILTERS), department: {"events"}}


def test_pages_follow_each_other_without_gap_or_repetition(
    city: City, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, system = city.in_force(), system_of(city, city.applicant)
    exports = browser_of(city.applicant)
    for _turn in range(4):
        system.get(f"/api/v1/guarantees/{case.reference}")
        exports.get("/guarantees/export/")
    Call.objects.update(at=city.at)  # one moment for all of them: the number decides
    monkeypatch.setattr("xinshu.integrations.exchanges.views.PER_PAGE", 3)
    desk, seen, query = browser_of(city.auditor), [], ""

    while True:
        page = told(desk, query)
        seen += numbers(desk, query)
        if 'rel="next"' not in page:
            break
        query = page.rpartition('" rel="next"')[0].rpartition('href="')[2].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 8
    assert [one.partition("/")[0] for one in seen] == ["files"] * 4 + ["calls"] * 4


def test_what_may_tell_of_a_bidder_stays_shut_until_the_opening_even_where_that_is_put_off(
    city: City, browser_of: BrowserOf
) -> None:
    with receiver() as there:
        subscribed(city, city.applicant, there.url, "guarantee.delivered")
        case = city.in_force("bid", sealed=True)
        drain(city.at + HOUR)
    system = system_of(city, city.applicant)
    system.get(f"/api/v1/guarantees/{case.reference}")
    system.post(
        "/api/v1/guarantees", {"kind": "bid", "project": case.project.reference, "guarantor": "91330100XXXXXXXXXX"}
    )
    system.get(f"/api/v1/projects/{case.project.reference}")
    taken_away(browser_of(city.applicant), case)
    message_about(case, city.applicant, city)
    desk = browser_of(city.auditor)
    every = [f"calls/{call.pk}/" for call in Call.objects.all()] + [f"events/{Sending.objects.get().pk}/"]
    every += [f"messages/{Message.objects.latest('pk').pk}/"]

    before = told(desk)
    named = [numbers(desk, f"?subject={word}") for word in (case.reference, case.project.reference)]
    named.append(numbers(desk, f"?receiver={city.applicant.organisation.name}"))
    book = desk.post("/exchanges/export/")

    assert case.reference not in before
    assert city.applicant.organisation.name not in before
    assert before.count("开标前保密") >= 5
    assert named == [[], [], []]
    assert [desk.get(f"/exchanges/{one}").status_code for one in every] == [404] * len(every)
    rows = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert city.applicant.organisation.name not in str(rows)
    assert {row[3] for row in rows if row[1] == "开标前保密"} == {""}
    opening = case.project.opens_at
    with moved_to(opening + HOUR):
        assert [desk.get(f"/exchanges/{one}").status_code for one in every] == [200] * len(every)
        assert len(numbers(desk, f"?subject={case.reference}")) >= 3

    amend_project(case.project, by=city.applicant, at=city.at + HOUR, opens_at=opening + timedelta(days=7))
    drain(city.at + 2 * HOUR)

    with moved_to(opening + HOUR):
        assert [desk.get(f"/exchanges/{one}").status_code for one in every] == [404] * len(every)
        assert numbers(desk, f"?subject={case.reference}") == []
    with moved_to(opening + timedelta(days=7) + HOUR):
        assert [desk.get(f"/exchanges/{one}").status_code for one in every] == [200] * len(every)


def test_an_answer_given_again_notes_the_same_fields_and_the_same_secret(city: City, clock: None) -> None:
    lot, system = city.lot(), system_of(city, city.applicant)
    city.guarantor.uscc = "91330100MA2B2XUP0X"
    city.guarantor.save(update_fields=["uscc"])
    body = {"kind": "bid", "project": lot.reference, "guarantor": city.guarantor.uscc}

    answers = [system.post("/api/v1/guarantees", body, key="one-and-the-same").status_code for _turn in range(2)]

    first, again = Call.objects.order_by("pk")
    assert answers == [200, 200]
    assert (first.replayed, again.replayed) == (False, True)
    assert first.fields
    kept = ("fields", "level", "clear", "covered", "subject", "subject_type", "subject_id", "sealed_until", "operation")
    assert [getattr(again, name) for name in kept] == [getattr(first, name) for name in kept]
    assert first.sealed_until == lot.opens_at


def test_an_export_takes_what_the_filters_find_and_is_an_exchange_itself(
    exchanged: tuple[Guarantee, Client], city: City
) -> None:
    _case, desk = exchanged

    book = desk.post("/exchanges/export/?source=calls")
    bad = desk.post("/exchanges/export/?since=nonsense")

    rows = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert rows[2][2:5] == ["转出", city.applicant.organisation.name, Call.objects.get().client.name]
    entry = Entry.objects.get(kind="exchanges.exported")
    assert entry.data["searched"] == {"source": "calls"}
    assert (entry.data["rows"], entry.data["level"], entry.data["clear"]) == (1, 3, 3)
    assert bad.status_code == 302
    assert numbers(desk, "?kind=files:exchanges.exported") == [f"files/{entry.pk}/"]


@pytest.mark.parametrize("role", ["applicant", "reviewer", "department", "operator", "sysadmin"])
def test_others_are_refused(city: City, browser_of: BrowserOf, role: str) -> None:
    desk = browser_of(getattr(city, role))

    answers = [desk.get("/exchanges/"), desk.get("/exchanges/calls/1/"), desk.post("/exchanges/export/")]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert Client().get("/exchanges/").status_code == 302


@pytest.mark.parametrize("path", ["calls/999999/", "nonsense/1/", f"events/{10**30}/", "files/1/"])
def test_what_is_no_exchange_is_not_found(city: City, browser_of: BrowserOf, path: str) -> None:
    city.in_force()  # its entries say nothing of data that left

    assert browser_of(city.auditor).get(f"/exchanges/{path}").status_code == 404


def test_many_exchanges_take_as_many_statements_as_one(exchanged: tuple[Guarantee, Client], city: City) -> None:
    case, desk = exchanged
    told(desk)
    with CaptureQueriesContext(connection) as one:
        told(desk)

    system = system_of(city, city.applicant)
    for _turn in range(10):
        system.get(f"/api/v1/guarantees/{case.reference}")
    message = message_about(city.draft(), city.applicant, city)
    for _turn in range(9):
        Message.objects.create(
            notice=None, member=message.member, kind=message.kind, channel="mail", priority=2, state="sent",
            created_at=city.at + HOUR, due_at=city.at,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        told(desk)

    assert len(one) == len(many)
