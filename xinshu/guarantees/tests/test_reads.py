"""Who looked at whose case is recorded: others, not the applicant's own people; secret as long as the case is."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def nobody_has_read() -> None:
    reads.forget()


def found() -> list[Entry]:
    reads.flush()
    return list(Entry.objects.filter(kind="guarantee.read").order_by("pk"))


def test_a_guarantors_look_is_recorded_once_and_the_applicants_own_is_not(city: City, browser_of: BrowserOf) -> None:
    case = city.in_review()
    address = reverse("guarantees:detail", args=[case.reference])
    reviewer = city.reviewer

    for member in (city.applicant, reviewer, reviewer):
        assert browser_of(member).get(address).status_code == 200

    (entry,) = found()
    assert entry.actor_key == reviewer.actor_key
    assert entry.subject == f"guarantees.guarantee:{case.pk}"
    assert entry.sealed_until is None


def test_a_look_at_a_bid_guarantee_is_as_secret_as_the_case(city: City, browser_of: BrowserOf) -> None:
    case = city.to_issue("bid")

    browser_of(city.signer).get(reverse("guarantees:detail", args=[case.reference]))

    (entry,) = found()
    assert entry.sealed_until == case.project.opens_at


def test_a_stranger_who_finds_nothing_has_read_nothing(city: City, browser_of: BrowserOf) -> None:
    case = city.in_review()

    assert browser_of(city.rival).get(reverse("guarantees:detail", args=[case.reference])).status_code == 404

    assert found() == []


def test_looking_changes_neither_story_nor_version(city: City, browser_of: BrowserOf) -> None:
    case = city.in_review()
    browser = browser_of(city.reviewer)
    address = reverse("guarantees:detail", args=[case.reference])
    browser.get(address)
    found()

    page = browser.get(address).content.decode()

    assert "查看保函" not in page
    assert "guarantee.read" not in page
