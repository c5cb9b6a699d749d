"""Credit in the review and on the page; what a guarantee tells it; of a bid before the opening nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment, moved_to
from xinshu.credit.actions.behaviours import record_of
from xinshu.credit.actions.cards import activate_card, write_card
from xinshu.credit.actions.lists import Wanted, confirm_entry, propose_entry
from xinshu.credit.effects import measure
from xinshu.credit.models import Behaviour, ListEntry, Record
from xinshu.credit.scores import refresh
from xinshu.credit.standard import STANDARD
from xinshu.guarantees.actions.approval import StillObstructed, approve_application
from xinshu.guarantees.actions.drawing import free_demand, pay_demand, reserve_demand
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.behaviours import tell_credit
from xinshu.guarantees.favour.conduct import conduct_of
from xinshu.guarantees.favour.tiers import SCORE, Fact, Tier, standing_of
from xinshu.guarantees.history import remember
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.terms_now import last_day
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_house_rules import reviewed
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later
from xinshu.rules.actions import Draft, activate_version, write_rules

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def lists(city: City, colour: str, effect: str, *, of_house: bool = False) -> ListEntry:
    """Put the applicant on a list: the city's, or the guarantor's own."""
    first = city.reviewer if of_house else city.operator
    today = local_day(city.at)
    wanted = Wanted(city.applicant.organisation, "applicant", colour, effect, "材料造假被处罚", "云建罚决 8 号", today,
                    today + 300 * DAY)  # fmt: skip
    second = city.colleague(first, "director" if of_house else "operator")
    return confirm_entry(propose_entry(wanted, by=first, at=city.at), by=second, at=city.at)


def scored(city: City) -> Record:
    card = write_card("applicant", STANDARD["applicant"], by=city.operator, at=city.at)
    measure(card, by=city.operator, at=city.at)
    activate_card(card, by=city.colleague(city.operator, "operator"), at=city.at)
    record = record_of(city.applicant.organisation, "applicant")
    refresh(record, city.at)
    return record


def answer(case: Guarantee, rule: str = "credit.lists") -> dict[str, Any]:
    return next(one for one in case.reviews.order_by("-pk")[0].answers if one["rule"] == rule)


def test_nobody_approves_for_a_firm_on_a_list_that_blocks(city: City) -> None:
    lists(city, "black", "block")

    case = reviewed(city)

    assert (case.state, answer(case)["answer"], answer(case)["origin"]) == ("in_review", False, "信用库")
    assert "材料造假被处罚" in answer(case)["value"]
    with pytest.raises(StillObstructed):
        approve_application(case, opinion="", by=city.reviewer, at=city.at + timedelta(minutes=5))


def test_a_house_has_its_own_list_asked_and_the_applicant_reads_neither_reason_nor_that_there_is_one(
    city: City, browser_of: Any
) -> None:
    lists(city, "grey", "ask", of_house=True)

    case = reviewed(city)

    told = answer(case, "credit.house")
    assert (case.state, told["label"], told["value"]) == ("in_review", "内部核查", "按保证人的内部核查由人审批。")
    page = browser_of(city.applicant).get(f"/guarantees/{case.reference}/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "按保证人的内部核查由人审批。" in main
    assert "名单" not in main


def test_a_red_list_stands_in_nobodys_way(city: City) -> None:
    lists(city, "red", "favour")

    case = reviewed(city)

    assert (case.state, answer(case)["answer"]) == ("fee_due", True)


@pytest.mark.parametrize(("least", "state"), [("600", "fee_due"), ("900", "in_review")])
def test_the_houses_rules_may_ask_for_score_band_and_lists(city: City, least: str, state: str) -> None:
    scored(city)
    content: dict[str, Any] = {"form": "conditions", "rules": [
        {"name": "信用", "weight": "ask",
         "expression": f'信用分 >= {least} 且 信用等级 = "A" 且 非 在黑名单上'}]}  # fmt: skip
    draft = Draft(content, local_day(city.at))
    version = write_rules("信用准入", "guarantee_admission", "conditions", draft, by=city.reviewer, at=city.at)
    activate_version(version, by=city.signer, at=city.at)

    assert reviewed(city).state == state


def test_a_tier_may_ask_for_a_score_and_without_one_nobody_is_favoured(city: City) -> None:
    house, firm = city.guarantor.pk, city.applicant.organisation.pk
    tier = Tier("A", "A 级", Decimal("0.1"), 0, score=700)

    assert standing_of(conduct_of(house, [firm], city.at)[firm], [tier]).tier is None
    scored(city)

    conduct = conduct_of(house, [firm], city.at)[firm]
    assert conduct[SCORE].value == 705
    assert standing_of({**conduct, "overdue": Fact(0, "")}, [tier]).tier == tier


def test_the_reviewer_finds_score_and_lists_beside_the_case_and_the_applicant_does_not(
    city: City, browser_of: Any
) -> None:
    scored(city)
    lists(city, "grey", "ask", of_house=True)
    case = city.in_review()
    path = f"/guarantees/{case.reference}/"

    inside = browser_of(city.reviewer).get(path).content.decode()

    assert "申请人信用" in inside
    assert "705 / 1000" in inside
    assert "灰名单" in inside
    assert "申请人信用" not in browser_of(city.applicant).get(path).content.decode()


def entry_about(kind: str, case: Guarantee, city: City) -> Entry:
    with transaction.atomic():
        return remember(kind, case, by=city.applicant, at=city.at)


def test_a_guarantee_that_ended_well_and_a_fee_that_never_came_are_told_once(city: City) -> None:
    case = city.come_to("released")
    for _time in range(2):
        tell_credit(Entry.objects.get(kind="guarantee.released", subject_id=case.pk))

    row = Behaviour.objects.get()
    assert (row.kind, row.record.organisation, row.case, row.house) == (
        "released", case.applicant, case.number, case.guarantor,
    )  # fmt: skip
    paid = city.come_to("exhausted")
    tell_credit(entry_about("guarantee.expired", paid, city))
    assert Behaviour.objects.count() == 1
    tell_credit(entry_about("guarantee.lapsed", city.fee_due(), city))
    assert Behaviour.objects.order_by("-pk")[0].kind == "fee_late"


@pytest.mark.parametrize("paid", [True, False])
def test_of_a_guarantee_that_expired_under_an_open_demand_nothing_is_told_before_that_is_decided(
    city: City, paid: bool
) -> None:
    case = city.in_force()
    reserve_demand(case, 100_00, by=city.beneficiary, at=city.at + timedelta(minutes=9))
    case = Guarantee.objects.get(pk=case.pk)
    over = last_day(case) + DAY
    at = moment(over, 0, 5)
    expire_guarantee(case, on=over, at=at)
    entry = Entry.objects.get(kind="guarantee.expired", subject_id=case.pk)

    with moved_to(at), pytest.raises(Later):
        tell_credit(entry)
    assert not Behaviour.objects.exists()
    if paid:
        pay_demand(case, 100_00, key="C1", by=SYSTEM, at=at + DAY)
    else:
        free_demand(case, 100_00, by=SYSTEM, at=at + DAY)
    with moved_to(at + 2 * DAY):
        tell_credit(entry)

    told = list(Behaviour.objects.values_list("kind", "happened_on"))
    assert told == ([] if paid else [("honoured", over)])


def test_of_a_bid_before_its_opening_credit_knows_nothing_not_even_when_asked_again(city: City) -> None:
    case = Guarantee.objects.select_related("project").get(pk=city.fee_due("bid").pk)
    entry, opens = entry_about("guarantee.lapsed", case, city), case.secret_until
    assert opens is not None

    with moved_to(city.at), pytest.raises(Later):
        tell_credit(entry)
    assert not Record.objects.exists()
    assert not Behaviour.objects.exists()
    with moved_to(opens + timedelta(minutes=1)):
        tell_credit(entry)

    assert Behaviour.objects.get().recorded_at >= opens
