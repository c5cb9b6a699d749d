"""Stories and pages: who may decide up to what is proposed by one person and set by a second."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.authorities.actions import (
    confirm_authority,
    discard_authority,
    propose_authority,
    waivable,
)
from xinshu.guarantees.authorities.lifecycle import LIFECYCLE
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Authority, AuthorityDraft
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

Browser = Callable[[Member], Client]
NEW = "/authorities/new/?kind=wage"
TYPED = {"unverified": "", "auto_amount": "50万", "person_amount": "500万", "waives": ["documents.complete"]}
pytestmark = pytest.mark.django_db


def proposed(city: City, **changes: object) -> AuthorityDraft:
    assert city.guarantor
    row = {"unverified": False, "auto_amount": 50_000_000, "person_amount": 500_000_000, "waives": []} | changes
    return propose_authority("wage", by=city.reviewer, at=city.at, **row)  # type: ignore[arg-type]


def test_from_the_list_to_the_row_that_holds(city: City, browser_of: Browser) -> None:
    house = city.guarantor
    Authority.objects.filter(guarantor=house, kind="wage").delete()
    writer, second = browser_of(city.reviewer), browser_of(city.signer)
    assert "没有登记，不能批准" in writer.get("/authorities/").content.decode()

    assert writer.post(NEW, TYPED).status_code == 302
    draft = AuthorityDraft.objects.get()
    act = reverse("guarantees:authority_act", args=[draft.reference, "set_authority"])
    assert writer.post(act, {"version": draft.version}).status_code == 403
    page = second.get(reverse("guarantees:authority", args=[draft.reference])).content.decode()
    assert "5,000,000.00" in page
    assert second.post(act, {"version": draft.version}).status_code == 302

    row = Authority.objects.get(guarantor=house, kind="wage")
    assert (row.auto_amount, row.person_amount, row.waives) == (50_000_000, 500_000_000, ["documents.complete"])
    kinds = list(Entry.objects.filter(kind__startswith="authority.").order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["authority.proposed", "authority.set"]
    assert "5,000,000.00" in writer.get("/authorities/").content.decode()
    assert second.get("/authorities/export/").status_code == 200


def test_who_proposed_it_does_not_set_it_whatever_the_rights(city: City) -> None:
    director = city.colleague(city.reviewer, "director")
    draft = proposed(city)
    AuthorityDraft.objects.filter(pk=draft.pk).update(author=director.user_id)
    draft.refresh_from_db()

    with pytest.raises(NotPermitted):
        confirm_authority(draft, by=director, at=city.at)
    with pytest.raises(NotPermitted):
        confirm_authority(draft, by=city.reviewer, at=city.at)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person_amount": 1}, "person_amount"),
        ({"auto_amount": 0, "person_amount": 0}, "person_amount"),
        ({"waives": ["authority.auto"]}, "waives"),
        ({"waives": ["line.enough"]}, "waives"),
    ],
)
def test_what_cannot_hold_is_refused_at_its_field(city: City, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(city, **changes)

    assert field in refusal.value.fields
    assert not AuthorityDraft.objects.exists()


def test_one_row_has_one_proposal_at_a_time(city: City) -> None:
    proposed(city)
    with pytest.raises(Invalid):
        proposed(city)
    proposed(city, unverified=True)


@pytest.mark.parametrize("who", ["applicant", "operator", "department", "finance"])
def test_nobody_else_finds_it(city: City, browser_of: Browser, who: str) -> None:
    draft = proposed(city)
    browser = browser_of(getattr(city, who))

    for path in ("/authorities/", NEW, f"/authorities/{draft.reference}/"):
        assert browser.get(path).status_code in (403, 404)


@pytest.mark.parametrize("junk", ["", "-1", "abc", "9" * 40, "\x00"])
def test_junk_is_an_answer_and_what_was_typed_stays(city: City, browser_of: Browser, junk: str) -> None:
    assert city.guarantor
    browser = browser_of(city.reviewer)

    for name in TYPED:
        assert browser.post(NEW, TYPED | {name: junk}).status_code in (302, 400, 422)
        AuthorityDraft.objects.all().delete()
    assert "500万" in browser.post(NEW, TYPED | {"auto_amount": "abc"}).content.decode()


ACTS = {
    "set_authority": lambda draft, city: confirm_authority(draft, by=city.signer, at=city.at),
    "discard_authority": lambda draft, city: discard_authority(
        draft, by=city.reviewer, at=city.at, reason="不再需要。"
    ),
}


@pytest.mark.parametrize("state", LIFECYCLE.states)
@pytest.mark.parametrize("action", ACTS)
def test_the_table_holds_for_every_act_in_every_state(city: City, state: str, action: str) -> None:
    draft = proposed(city)
    AuthorityDraft.objects.filter(pk=draft.pk).update(state=state)
    draft.refresh_from_db()

    if any(row.action == action and state in row.sources for row in LIFECYCLE.rows):
        ACTS[action](draft, city)
    else:
        with pytest.raises(NotNow):
            ACTS[action](draft, city)


def test_every_type_offers_rules_to_waive_and_never_the_table_s_own_limit(city: City) -> None:
    assert all({"identity.verified", "documents.complete"} <= set(waivable(kind)) for kind in KINDS.values())
    assert not any("authority.auto" in waivable(kind) for kind in KINDS.values())
