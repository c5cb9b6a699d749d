"""Stories: one account manager per customer and institution; a hand-over is recorded, and both are told."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.enterprises.managers import hand_over_customer, take_customer
from xinshu.enterprises.models import Enterprise, HandOver, Relation
from xinshu.enterprises.tests.conftest import member_of
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]


@pytest.fixture
def relation(customer: None) -> Relation:
    return Relation.objects.select_related("guarantor").get()


@pytest.mark.req("BH-02")
def test_a_customer_has_one_manager_and_a_hand_over_is_recorded_and_told_to_both(
    relation: Relation, firm: Organisation, manager: Member, colleague: Member, stranger: Member, at: datetime
) -> None:
    with pytest.raises(Invalid, match="已由"):
        take_customer(firm, manager=colleague, by=SYSTEM, at=at)
    take_customer(firm, manager=stranger, by=SYSTEM, at=at)  # another institution has its own

    hand_over_customer(relation, to=colleague, reason="片区调整", by=manager, at=at)
    drain(at=at)

    assert list(Relation.objects.order_by("pk").values_list("manager", flat=True)) == [colleague.pk, stranger.pk]
    kept = HandOver.objects.get()
    assert (kept.former, kept.manager, kept.reason, kept.at) == (manager, colleague, "片区调整", at)
    entry = Entry.objects.get(kind="enterprise.customer_handed_over")
    assert (entry.data["former"], entry.data["manager"]) == (manager.pk, colleague.pk)
    told = dict(Notice.objects.filter(key__startswith="enterprise.customer_handed_over").values_list("member", "text"))
    assert told == {
        colleague.pk: f"客户 {firm.name} 由 {manager.user.name} 移交给您：片区调整",
        manager.pk: f"客户 {firm.name} 已移交给 {colleague.user.name}：片区调整",
    }


def test_whoever_arranges_customers_hands_over_too(
    relation: Relation, guarantor: Organisation, colleague: Member, at: datetime
) -> None:
    hand_over_customer(relation, to=colleague, reason="休假", by=member_of(guarantor, "director"), at=at)

    assert Relation.objects.get().manager == colleague


@pytest.mark.parametrize("who", ["colleague", "stranger", "clerk"])
def test_nobody_else_hands_over(
    relation: Relation, colleague: Member, at: datetime, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotPermitted):
        hand_over_customer(relation, to=colleague, reason="抢客户", by=request.getfixturevalue(who), at=at)

    assert not HandOver.objects.exists()


def test_a_customer_goes_to_an_account_manager_of_the_house_with_a_reason_and_not_twice(
    relation: Relation, guarantor: Organisation, manager: Member, colleague: Member, stranger: Member, at: datetime
) -> None:
    for to, reason in (
        (stranger, "外机构"), (member_of(guarantor, "signer"), "不管客户"), (manager, "没有变"), (colleague, " "),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            hand_over_customer(relation, to=to, reason=reason, by=manager, at=at)
    hand_over_customer(relation, to=colleague, reason="片区调整", by=manager, at=at, seen=manager.pk)

    arranger = member_of(guarantor, "director")
    with pytest.raises(Changed):
        hand_over_customer(relation, to=manager, reason="退回", by=arranger, at=at, seen=manager.pk)

    assert HandOver.objects.count() == 1


def test_customers_of_who_leaves_go_to_the_successor_and_it_is_kept(
    relation: Relation, manager: Member, colleague: Member, at: datetime
) -> None:
    record("member.left", manager, by=SYSTEM, at=at, successor=colleague.pk)
    drain(at=at)

    assert Relation.objects.get().manager == colleague
    assert HandOver.objects.get().reason == "原客户经理离职"
    assert Notice.objects.filter(member=colleague, text__contains="移交给您").exists()


def test_the_page_hands_over_and_the_record_tells_of_it(
    browser_of: Browser, relation: Relation, enterprise: Enterprise, manager: Member, colleague: Member
) -> None:
    browser, page = browser_of(manager), reverse("enterprises:hand_over", args=[enterprise.reference])

    empty = browser.post(page, {"seen": manager.pk})
    done = browser.post(page, {"manager": colleague.pk, "reason": "片区调整", "seen": manager.pk}, follow=True)

    assert empty.status_code == 422
    assert "片区调整" in done.text
    assert Relation.objects.get().manager == colleague
    assert browser.get(page).status_code == 403  # the customer is no longer theirs


def test_a_stranger_does_not_learn_that_there_is_a_customer(
    browser_of: Browser, relation: Relation, enterprise: Enterprise, stranger: Member, clerk: Member
) -> None:
    page = reverse("enterprises:hand_over", args=[enterprise.reference])

    assert [browser_of(who).get(page).status_code for who in (stranger, clerk)] == [404, 404]
