"""Table: every state of a demand, every act, by the right person and by everybody else, through the real actions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from xinshu.claims.actions.examination import (
    agree_to_pay,
    mark_findings,
    preclude,
    propose_payment,
    propose_refusal,
    refuse_demand,
    send_back,
)
from xinshu.claims.actions.payout import confirm_payout, fail_payout, request_payout
from xinshu.claims.actions.presentation import (
    attach_paper,
    complete_demand,
    end_overtime,
    state_position,
    withdraw_demand,
)
from xinshu.claims.actions.suspension import decline_extension, grant_extension, resume_payment, suspend_payment
from xinshu.claims.lifecycle import DEMAND, INJUNCTION, RECOURSE
from xinshu.claims.models import FINAL, Demand, Payout
from xinshu.claims.tests.city import MISSING, PDF, ClaimsCity, fresh
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, NotNow, NotPermitted, Refusal
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import PEOPLE
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
STATES = list(DEMAND.states)
BY_SYSTEM = {row.action for row in DEMAND.rows if row.side == "system"}
RIGHT = {
    "attach": "beneficiary", "complete": "beneficiary", "withdraw": "beneficiary", "comment": "applicant",
    "mark": "examiner", "propose_refusal": "examiner", "propose_payment": "examiner", "object": "reviewer",
    "refuse": "reviewer", "agree": "reviewer", "suspend": "reviewer", "decline_extension": "reviewer",
    "grant_extension": "reviewer", "pay": "finance",
}  # fmt: skip


def payout(demand: Demand) -> Payout:
    """Return the live order of a demand, else one placed behind the lifecycle's back."""
    return demand.payouts.filter(state="requested").first() or Payout.objects.create(
        demand=demand, order_number=f"C{demand.pk}", channel="sandbox", amount=1, requested_at=demand.presented_at
    )


ACTS: dict[str, Callable[[Demand, Any, ClaimsCity], object]] = {
    "attach": lambda one, by, city: attach_paper(one, "证明.pdf", PDF, by=by, at=city.day(4)),
    "complete": lambda one, by, city: complete_demand(one, by=by, at=city.day(4)),
    "withdraw": lambda one, by, city: withdraw_demand(one, reason="和解", by=by, at=city.day(5)),
    "comment": lambda one, by, city: state_position(one, stance="objects", text="没有停工。", by=by, at=city.day(5)),
    "mark": lambda one, by, city: mark_findings(one, MISSING, [], by=by, at=city.day(4)),
    "propose_refusal": lambda one, by, city: propose_refusal(one, opinion="", by=by, at=city.day(4)),
    "propose_payment": lambda one, by, city: propose_payment(one, opinion="", by=by, at=city.day(4)),
    "object": lambda one, by, city: send_back(one, reason="再看一遍", by=by, at=city.day(4)),
    "refuse": lambda one, by, city: refuse_demand(one, opinion="", by=by, at=city.day(4)),
    "agree": lambda one, by, city: agree_to_pay(one, opinion="", by=by, at=city.day(4)),
    "suspend": lambda one, by, city: suspend_payment(one, by=by, at=city.day(5)),
    "decline_extension": lambda one, by, city: decline_extension(one, reason="不同意", by=by, at=city.day(6)),
    "grant_extension": lambda one, by, city: grant_extension(one, reason="同意", by=by, at=city.day(6)),
    "pay": lambda one, by, city: request_payout(one, channel="sandbox", by=by, at=city.day(5)),
    "preclude": lambda one, by, city: preclude(one, at=city.day(10)),
    "resume": lambda one, by, city: resume_payment(one, at=city.day(40)),
    "confirm_payout": lambda one, by, city: confirm_payout(payout(one), receipt="SBX-1", at=city.day(6)),
    "fail_payout": lambda one, by, city: fail_payout(payout(one), reason="户名不符", at=city.day(6)),
    "overtime": lambda one, by, city: end_overtime(one, at=city.day(400)),
}
PREPARED = {  # what a demand has to bring along for an act to lead on, besides its state
    "propose_refusal": lambda city: city.marked(),
    "refuse": lambda city: city.to_refuse(),
    "suspend": lambda city: city.suspended and city.complying(extend_to=city.at.date() + timedelta(days=900)),
}


def everything() -> tuple[Any, ...]:
    """Return all that an act could have left behind."""
    kept = ("claims.demand", "guarantees.guarantee", "work.approval", "claims.recourse")
    return (
        list(Demand.objects.order_by("pk").values()),
        list(Guarantee.objects.order_by("pk").values()),
        list(Payout.objects.exclude(order_number__regex=r"^C\d+$").order_by("pk").values()),
        Entry.objects.filter(subject_type__in=kept).count(),
    )


def test_every_act_of_the_table_has_an_action() -> None:
    assert {row.action for row in DEMAND.rows} == set(ACTS)
    assert set(RIGHT) | BY_SYSTEM == set(ACTS)


def test_no_row_leads_out_of_an_end() -> None:
    for table in (DEMAND, INJUNCTION, RECOURSE):
        ends = {state.code for state in table.states.values() if state.final}
        assert not [row for row in table.rows if ends & set(row.sources)]
    assert set(FINAL) == {"paid", "refused", "withdrawn", "extended", "overtime"}


@pytest.mark.parametrize("state", STATES)
def test_what_the_table_forbids_is_refused_and_leaves_nothing_behind(city: ClaimsCity, state: str) -> None:
    demand = city.demand_in(state)
    before = everything()
    forbidden = set(ACTS) - {row.action for row in DEMAND.rows if state in row.sources}
    if state == "paid":
        forbidden -= {"confirm_payout", "fail_payout"}  # a second answer of the same order is no act

    for action in sorted(forbidden):
        by = getattr(city, RIGHT[action]) if action in RIGHT else SYSTEM
        with pytest.raises(NotNow) as refused:
            ACTS[action](fresh(demand), by, city)

        assert refused.value.status == 409
        assert everything() == before, action


@pytest.mark.parametrize(
    ("state", "row"), [(state, row) for row in DEMAND.rows for state in row.sources],
    ids=lambda value: value if isinstance(value, str) else value.action,
)  # fmt: skip
def test_what_the_table_allows_leads_where_it_says(city: ClaimsCity, state: str, row: Any) -> None:
    prepared = PREPARED.get(row.action)
    demand = fresh(prepared(city)) if prepared else city.demand_in(state)
    by = getattr(city, RIGHT[row.action]) if row.action in RIGHT else SYSTEM

    ACTS[row.action](demand, by, city)

    after = fresh(demand)
    assert after.state == row.target
    assert after.version > demand.version
    case = Guarantee.objects.get(pk=after.guarantee_id)
    assert case.reserved_amount == after.reserved_amount


@pytest.mark.parametrize("action", sorted(RIGHT))
def test_an_act_is_refused_to_everybody_whose_act_it_is_not(city: ClaimsCity, action: str) -> None:
    row = next(row for row in DEMAND.rows if row.action == action)
    demand = PREPARED[action](city) if action in PREPARED else city.demand_in(row.sources[0])
    demand = fresh(demand)
    right = getattr(city, RIGHT[action])
    others = [getattr(city, who) for who in PEOPLE if getattr(city, who) != right]
    without = city.colleague(right, "signer")  # of the right house, may look but not act
    before = everything()

    for by in [*others, without]:
        with pytest.raises(NotPermitted) as refused:
            ACTS[action](fresh(demand), by, city)

        assert refused.value.status == 403
        assert everything() == before, by


@pytest.mark.parametrize("action", sorted(RIGHT))
def test_whoever_looks_at_an_old_page_is_told_that_it_changed(city: ClaimsCity, action: str) -> None:
    row = next(row for row in DEMAND.rows if row.action == action)
    demand = fresh(PREPARED[action](city) if action in PREPARED else city.demand_in(row.sources[0]))
    before = everything()
    demand.version -= 1

    with pytest.raises(Refusal) as refused:
        ACTS[action](demand, getattr(city, RIGHT[action]), city)

    assert isinstance(refused.value, Changed)
    assert everything() == before
