"""Pages: who gets in, what they show and hide, what they cost."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now, today
from xinshu.enterprises.actions import enter_fields, take_customer
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.enterprises.queries import record_of
from xinshu.enterprises.tests.conftest import member_of
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]


def page(enterprise: Enterprise) -> str:
    return reverse("enterprises:detail", args=[enterprise.reference])


def posted(enterprise: Enterprise, **changes: str) -> dict[str, str]:
    """What the browser sends when the page came back with `changes`: everything else as it was shown."""
    record = record_of(enterprise.organisation, today())
    seen = {"seen": str(max(view.version for view in record))}
    return {view.code: view.shown for view in record} | seen | changes


def test_somebody_who_is_not_signed_in_is_asked_to(client: Client, enterprise: Enterprise) -> None:
    assert client.get(page(enterprise)).status_code == 302


@pytest.mark.parametrize("who", ["stranger", "rival"])
def test_a_stranger_gets_the_same_404_as_for_nobody(
    browser_of: Browser, enterprise: Enterprise, customer: None, who: str, request: pytest.FixtureRequest
) -> None:
    browser = browser_of(request.getfixturevalue(who))

    answers = [browser.get(page(enterprise)), browser.get(reverse("enterprises:detail", args=["ABCDEFGHJKMN"]))]
    written = browser.post(page(enterprise), {"address": "别处"})

    assert [answer.status_code for answer in answers] == [404, 404]
    assert enterprise.organisation.name not in answers[0].text
    assert written.status_code == 404


@pytest.mark.parametrize("role", ["signer", "reviewer", "manager"])
def test_colleagues_of_the_manager_see_but_do_not_write(
    browser_of: Browser, enterprise: Enterprise, customer: None, guarantor: Organisation, role: str
) -> None:
    browser = browser_of(member_of(guarantor, role))

    seen = browser.get(page(enterprise))
    written = browser.post(page(enterprise), {"address": "别处"})

    assert (seen.status_code, written.status_code) == (200, 403)
    assert "保存企业资料" not in seen.text
    assert not RecordField.objects.exists()


def test_a_guarantor_without_the_relation_sees_nothing(
    browser_of: Browser, enterprise: Enterprise, manager: Member
) -> None:
    assert browser_of(manager).get(page(enterprise)).status_code == 404


def test_the_enterprise_fills_in_its_record(browser_of: Browser, enterprise: Enterprise, clerk: Member) -> None:
    browser = browser_of(clerk)

    answer = browser.post(
        page(enterprise),
        posted(enterprise, registered_capital="8,000万", contact_phone="13800006021", address="港城路"),
    )

    record = {view.code: view.value for view in record_of(enterprise.organisation, today())}
    assert answer.status_code == 302
    assert (record["registered_capital"], record["contact_phone"], record["uscc"]) == (
        "8000000000",
        "13800006021",
        "91330100MA2H12345X",
    )
    assert RecordField.objects.count() == 3


def test_the_page_shows_phones_and_codes_in_part_and_sending_them_back_changes_nothing(
    browser_of: Browser, enterprise: Enterprise, clerk: Member
) -> None:
    enter_fields(enterprise, {"contact_phone": "13800006021"}, by=SYSTEM, at=now())
    browser = browser_of(clerk)

    text = browser.get(page(enterprise)).text
    browser.post(page(enterprise), posted(enterprise))

    assert "13800006021" not in text
    assert "91330100MA2H12345X" not in text
    assert "138****6021" in text
    assert RecordField.objects.count() == 1


def test_what_is_wrong_is_said_at_the_field_and_the_rest_is_kept_on_the_page(
    browser_of: Browser, enterprise: Enterprise, clerk: Member
) -> None:
    answer = browser_of(clerk).post(page(enterprise), posted(enterprise, contact_phone="138", address="港城路 188 号"))

    assert answer.status_code == 422
    assert "11 位手机号" in answer.text
    assert "港城路 188 号" in answer.text
    assert not RecordField.objects.exists()


def test_two_people_on_one_field_one_wins_the_other_is_told(
    browser_of: Browser, enterprise: Enterprise, clerk: Member
) -> None:
    stale = posted(enterprise, address="港城路", seen="0")
    enter_fields(enterprise, {"address": "海棠大道"}, by=SYSTEM, at=now())

    answer = browser_of(clerk).post(page(enterprise), stale)

    assert answer.status_code == 409
    assert "注册地址" in answer.text
    assert RecordField.objects.get().value == "海棠大道"


@pytest.mark.parametrize(("onward", "away"), [("/guarantees/new/", True), ("//evil.example/", False)])
def test_after_saving_the_person_goes_back_to_the_wizard(
    browser_of: Browser, enterprise: Enterprise, clerk: Member, onward: str, away: bool
) -> None:
    answer = browser_of(clerk).post(page(enterprise), posted(enterprise, address="港城路", next=onward))

    assert answer.url == (onward if away else page(enterprise))


def test_one_entry_leads_each_to_their_own(
    browser_of: Browser, enterprise: Enterprise, clerk: Member, manager: Member, customer: None, rival: Member
) -> None:
    entry = reverse("enterprises:list")

    mine = browser_of(clerk).get(entry)
    theirs = browser_of(manager).get(entry)
    beneficiary = member_of(Organisation.objects.create(name="中心", kind="institution"), "beneficiary")
    nobodys = browser_of(beneficiary).get(entry)

    assert (mine.status_code, mine.url) == (302, page(enterprise))
    assert enterprise.organisation.name in theirs.text
    assert nobodys.status_code == 403


def test_an_empty_list_of_customers_says_what_will_come(browser_of: Browser, manager: Member) -> None:
    browser = browser_of(manager)

    assert "还没有客户" in browser.get(reverse("enterprises:list")).text
    assert "没有符合条件的客户" in browser.get(reverse("enterprises:list") + "?q=恒达").text


def test_thirty_customers_and_thirty_versions_cost_as_many_queries_as_one(
    browser_of: Browser, enterprise: Enterprise, customer: None, manager: Member, at: datetime
) -> None:
    browser = browser_of(manager)
    enter_fields(enterprise, {"address": "港城路 0 号"}, by=SYSTEM, at=at)
    addresses = [reverse("enterprises:list"), page(enterprise)]

    def count() -> list[int]:
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    one = count()
    for number in range(29):
        firm = Organisation.objects.create(name=f"企业 {number}", kind=Organisation.Kind.ENTERPRISE)
        take_customer(firm, manager=manager, by=SYSTEM, at=at)
        enter_fields(enterprise, {"address": f"港城路 {number + 1} 号"}, by=SYSTEM, at=at)

    assert count() == one
    assert max(one) <= 16


def test_a_look_at_another_organisations_record_is_recorded_and_at_ones_own_is_not(
    browser_of: Browser, enterprise: Enterprise, customer: None, guarantor: Organisation
) -> None:
    reads.forget()
    reader = member_of(guarantor, "reviewer")

    for member in (reader, member_of(enterprise.organisation, "applicant")):
        assert browser_of(member).get(page(enterprise)).status_code == 200
    reads.flush()

    (entry,) = Entry.objects.filter(kind="enterprise.read")
    assert (entry.actor_key, entry.subject) == (reader.actor_key, f"enterprises.enterprise:{enterprise.pk}")
