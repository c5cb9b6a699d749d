"""Table: every state, every act, by the right person and by everybody else, through the real actions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.books.lines import line_of
from xinshu.books.models import Transfer
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, NotNow, NotPermitted
from xinshu.documents.models import File
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.amendments import accept_amendment, propose_amendment
from xinshu.guarantees.actions.application import edit_application, submit_application, withdraw_application
from xinshu.guarantees.actions.approval import (
    approve_application,
    ask_papers,
    decline_application,
    lapse_application,
    return_application,
    review_automatically,
)
from xinshu.guarantees.actions.contract_changes import report_contract_change
from xinshu.guarantees.actions.drawing import pay_demand
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.actions.issuance import cancel_issue, deliver_letter, issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.actions.reductions import ask_reduction, trigger_reduction
from xinshu.guarantees.actions.surrenders import approve_surrender, ask_surrender
from xinshu.guarantees.actions.tail import restore_line
from xinshu.guarantees.lifecycle import BEFORE_ISSUE, INSTRUMENT, LIFECYCLE, STORY
from xinshu.guarantees.models import Amendment, Guarantee, Payment, Reduction, Surrender
from xinshu.guarantees.models.changes import Change
from xinshu.guarantees.tests.city import LARGE, LINE, PEOPLE, City, stand_in
from xinshu.ledger.models import Entry

LIVE = ("issuing", "in_force", "released", "expired")  # until the line is restored
STATES = list(LIFECYCLE.states)
MEMBER_ROWS = [row for row in LIFECYCLE.rows if row.side != "system"]
RIGHT = {
    "edit": "applicant", "submit": "applicant", "withdraw": "applicant", "pay": "applicant",
    "approve": "reviewer", "return": "reviewer", "ask_papers": "reviewer", "decline": "reviewer",
    "issue": "signer", "cancel": "signer", "release": "beneficiary",
    "amend": "applicant", "reduce": "applicant", "surrender": "applicant", "report_change": "applicant",
}  # fmt: skip
pytestmark = pytest.mark.django_db


def edit(case: Guarantee, by: Member, city: City) -> object:
    day = local_day(city.at)
    return edit_application(
        case, by=by, at=city.at, amount=100_00, effective_on=day, expires_on=day + timedelta(days=200)
    )


def confirm(case: Guarantee, by: Any, city: City) -> object:
    payment = case.payments.filter(state="requested").first() or order(case, city)
    return confirm_payment(payment, receipt="SBX-1", at=city.at)


def order(case: Guarantee, city: City) -> Payment:
    """Return the live order of a case: the one it has, else one placed behind the lifecycle's back."""
    live = case.payments.exclude(state="refused").first()
    return live or Payment.objects.create(
        guarantee=case, order_number=f"P{case.pk}", channel="sandbox", amount=1_00, requested_at=city.at
    )


def changing(model: type[Change], case: Guarantee, city: City, state: str, **facts: Any) -> Any:
    """Return a change of the case in `state`, placed behind the lifecycle's back: only the instrument is looked at."""
    made = model(guarantee=case, state=state, reason="验收合格。", proposed_at=city.at, changed_at=city.at, **facts)
    made.save()
    return made


def accept(case: Guarantee, city: City) -> object:
    letter = stand_in(case, city.at)
    offered = changing(Amendment, case, city, "offered", old_amount=case.amount or 0, number=1, letter=letter)
    return accept_amendment(offered, by=city.beneficiary, at=city.at)


def give_back(case: Guarantee, city: City) -> object:
    asked = changing(Surrender, case, city, "in_review", ground="accepted", consent="agreed", proof=a_file(case, city))
    return approve_surrender(asked, by=city.department, at=city.at)


def fall(case: Guarantee, city: City) -> object:
    step = changing(Reduction, case, city, "planned", amount=1_00, on=local_day(city.at))
    return trigger_reduction(step, on=local_day(city.at), at=city.at)


def a_file(case: Guarantee, city: City) -> File:
    return keep_file(PDF, "证明.pdf", city.applicant.organisation, city.applicant, city.at, subject=case)


def surrender(case: Guarantee, by: Any, city: City) -> object:
    assert city.department
    return ask_surrender(
        case, ground="accepted", reason="竣工验收合格。", content=PDF, name="验收.pdf", by=by, at=city.at
    )


def reduce(case: Guarantee, by: Any, city: City) -> object:
    return ask_reduction(case, amount=1_00, reason="已扣回预付款。", content=PDF, name="扣回.pdf", by=by, at=city.at)


def restore(case: Guarantee, city: City) -> object:
    """Restore with the tail over; where it came back already (released), as if it had not."""
    if case.restored_at is not None:
        Guarantee.objects.filter(pk=case.pk).update(restored_at=None)
        case = Guarantee.objects.get(pk=case.pk)
    return restore_line(case, at=city.at + timedelta(days=999))


ACTS: dict[str, Callable[[Guarantee, Any, City], object]] = {
    "edit": edit,
    "submit": lambda case, by, city: submit_application(case, by=by, at=city.at),
    "withdraw": lambda case, by, city: withdraw_application(case, by=by, at=city.at, reason="项目终止。"),
    "pass": lambda case, by, city: review_automatically(case, at=city.at),
    "refer": lambda case, by, city: review_automatically(case, at=city.at),
    "approve": lambda case, by, city: approve_application(case, by=by, at=city.at, opinion=""),
    "return": lambda case, by, city: return_application(case, by=by, at=city.at, reason="请补充材料。"),
    "ask_papers": lambda case, by, city: ask_papers(case, ["施工合同"], by=by, at=city.at),
    "decline": lambda case, by, city: decline_application(case, by=by, at=city.at, reason="集中度过高。"),
    "cancel": lambda case, by, city: cancel_issue(case, by=by, at=city.at, reason="担保期已过，不再签发。"),
    "pay": lambda case, by, city: request_payment(case, channel="sandbox", account="6000-0001", by=by, at=city.at),
    "confirm_fee": confirm,
    "lapse": lambda case, by, city: lapse_application(case, at=city.at + timedelta(days=40)),
    "issue": lambda case, by, city: issue_guarantee(case, by=by, at=city.at),
    "deliver": lambda case, by, city: deliver_letter(case, stand_in(case, city.at), values={}, at=city.at),
    "exhaust": lambda case, by, city: pay_demand(case, case.amount or 1, key=f"C{case.pk}", by=SYSTEM, at=city.at),
    "release": lambda case, by, city: release_guarantee(case, by=by, at=city.at, reason="验收合格。"),
    "amend": lambda case, by, city: propose_amendment(case, by=by, at=city.at, reason="工期顺延。", new_amount=1_00),
    "take_over": lambda case, by, city: accept(case, city),
    "reduce": reduce,
    "fall": lambda case, by, city: fall(case, city),
    "report_change": lambda case, by, city: report_contract_change(
        case, effect="term", reason="工期顺延三个月。", content=PDF, name="补充协议.pdf", by=by, at=city.at
    ),
    "surrender": surrender,
    "give_back": lambda case, by, city: give_back(case, city),
    "restore": lambda case, by, city: restore(case, city),
    "expire": lambda case, by, city: expire_guarantee(case, on=local_day(city.at) + timedelta(days=999), at=city.at),
}


def everything(case: Guarantee) -> tuple[Any, ...]:
    """Return all that an act could have left behind."""
    return (
        Guarantee.objects.filter(pk=case.pk).values().get(),
        list(Payment.objects.order_by("pk").values()),
        list(Transfer.objects.order_by("pk").values()),
        Entry.objects.filter(subject_type="guarantees.guarantee").count(),
    )


def the_line_holds_what_lives(city: City) -> None:
    """Check that reserved and occupied are the faces of the guarantees that have come so far, and of no others."""
    line = line_of(city.guarantor, city.applicant.organisation)
    cases = list(Guarantee.objects.filter(applicant=city.applicant.organisation))
    reserved = sum(case.amount or 0 for case in cases if case.state in ("fee_due", "to_issue"))
    paid = sum(case.paid_amount for case in cases)
    living = [case for case in cases if case.state in LIVE and case.restored_at is None]
    occupied = sum((case.amount or 0) - case.paid_amount for case in living)
    assert (line.reserved, line.occupied) == (reserved, occupied)
    assert line.available == LINE - reserved - occupied - paid >= 0  # what was paid is a receivable


def test_every_act_of_the_table_has_an_action() -> None:
    assert {row.action for row in LIFECYCLE.rows} == set(ACTS)


def test_the_groups_of_states_cover_the_table() -> None:
    assert {*BEFORE_ISSUE, *INSTRUMENT, "issuing"} == set(STATES)
    assert set(STORY) <= set(STATES)


def test_no_row_leads_out_of_an_end() -> None:
    ends = {state.code for state in LIFECYCLE.states.values() if state.final}

    assert ends == {"released", "expired", "exhausted", "declined", "withdrawn", "lapsed"}
    assert not [row for row in LIFECYCLE.rows if ends & set(row.sources) and row.sources != (row.target,)]


@pytest.mark.parametrize("state", STATES)
def test_what_the_table_forbids_is_refused_and_leaves_nothing_behind(city: City, state: str) -> None:
    case = city.come_to(state)
    live = order(case, city)
    before = everything(case)
    forbidden = set(ACTS) - {row.action for row in LIFECYCLE.rows if state in row.sources}
    if live.state == "confirmed":
        forbidden -= {"confirm_fee"}  # a second notice of the same order is no act: it changes nothing (test_payment)

    for action in sorted(forbidden):
        by = getattr(city, RIGHT[action]) if action in RIGHT else SYSTEM
        with pytest.raises(NotNow) as refused, transaction.atomic():
            ACTS[action](Guarantee.objects.get(pk=case.pk), by, city)

        assert refused.value.status == 409
        assert everything(case) == before, action


@pytest.mark.parametrize(
    ("state", "row"),
    [  # what is passed by rule and what is exhausted by a payment have stories of their own
        (state, row) for row in LIFECYCLE.rows if row.action not in ("pass", "exhaust") for state in row.sources
    ],
)
def test_what_the_table_allows_leads_where_it_says(city: City, state: str, row: Any) -> None:
    if row.action == "refer":
        case = city.submitted(project=city.project(award=LARGE))
    elif row.action == "confirm_fee":
        case = city.paying().guarantee
    else:
        case = city.come_to(state)
    before = Entry.objects.filter(subject_type="guarantees.guarantee").count()
    by = getattr(city, RIGHT[row.action]) if row.action in RIGHT else SYSTEM

    ACTS[row.action](Guarantee.objects.get(pk=case.pk), by, city)

    after = Guarantee.objects.get(pk=case.pk)
    assert after.state == row.target
    assert after.version > case.version
    the_line_holds_what_lives(city)
    restored = after.restored_at is not None and row.action in ("release", "give_back")  # in an act of its own
    assert Entry.objects.filter(subject_type="guarantees.guarantee").count() == before + 1 + restored


@pytest.mark.parametrize("row", MEMBER_ROWS, ids=lambda row: f"{row.action}-{row.sources[0]}")
def test_an_act_is_refused_to_everybody_whose_act_it_is_not(city: City, row: Any) -> None:
    case = city.come_to(row.sources[0])
    right = getattr(city, RIGHT[row.action])
    may = {one.side for one in MEMBER_ROWS if one.action == row.action}  # each by a row of its own
    others = [getattr(city, who) for who in PEOPLE if getattr(city, who) != right and who not in may]
    without = city.colleague(right, "bank")  # of the right house, may look but not act
    before = everything(case)

    for by in [*others, without]:
        with pytest.raises(NotPermitted) as refused:
            ACTS[row.action](Guarantee.objects.get(pk=case.pk), by, city)

        assert refused.value.status == 403
        assert everything(case) == before, by


@pytest.mark.parametrize("action", ["edit", "submit", "withdraw"])
def test_what_an_applicant_keeps_for_itself_no_manager_of_the_guarantor_may_touch(city: City, action: str) -> None:
    case = city.draft()

    with pytest.raises(NotPermitted):
        ACTS[action](case, city.manager, city)


@pytest.mark.parametrize("row", MEMBER_ROWS, ids=lambda row: f"{row.action}-{row.sources[0]}")
def test_whoever_looks_at_an_old_page_is_told_that_it_changed(city: City, row: Any) -> None:
    case = city.come_to(row.sources[0])
    before = everything(case)
    stale = Guarantee.objects.get(pk=case.pk)
    stale.version -= 1

    with pytest.raises(Changed) as refused:
        ACTS[row.action](stale, getattr(city, RIGHT[row.action]), city)

    assert refused.value.status == 409
    assert refused.value.case == case
    assert everything(case) == before


def test_the_system_may_do_nobody_elses_act(city: City) -> None:
    case = city.draft()

    with pytest.raises(NotPermitted):
        submit_application(case, by=SYSTEM, at=city.at)
