"""Pages: what one person prepared of the house's own tables waits on a second person's workbench, with the count."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.guarantees.authorities.actions import confirm_authority
from xinshu.guarantees.second_desk import waiting
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_authorities import proposed
from xinshu.guarantees.tests.test_wordings import OURS, own_text
from xinshu.guarantees.wordings.actions import activate_wording, check_wording, draft_wording

pytestmark = pytest.mark.django_db


def counted(member: Member) -> list[int]:
    return [found.count() for found in waiting(member)]


def test_texts_and_authorities_wait_for_the_second_person_and_for_nobody_else(
    city: City, browser_of: Callable[[Member], Client]
) -> None:
    draft = proposed(city)
    wording = draft_wording("performance", "accessory", own_text(OURS), by=city.reviewer, at=city.at)
    assert counted(city.signer) == [0, 1]  # an unchecked text waits for its writer
    wording = check_wording(wording, by=city.reviewer, at=city.at)
    pages = [
        reverse("guarantees:wording", args=[wording.reference]),
        reverse("guarantees:authority", args=[draft.reference]),
    ]

    desk = browser_of(city.signer).get("/workbench/").content.decode()
    own = browser_of(city.reviewer).get("/workbench/").content.decode()

    assert [page in desk for page in pages] == [True, True]
    assert [page in own for page in pages] == [False, False]
    assert counted(city.signer) == [1, 1]
    for other in (city.reviewer, city.applicant, city.bank, city.operator, city.finance):
        assert counted(other) == [0, 0]
    activate_wording(wording, by=city.signer, at=city.at)
    confirm_authority(draft, by=city.signer, at=city.at)
    assert counted(city.signer) == [0, 0]
