"""Property: whatever people, courts, channels and nights do to the demands of one guarantee, the amounts hold.

The invariants of domain 3.2, over random acts with release and expiry in between.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from xinshu.books.audit import imbalance
from xinshu.books.lines import line_of
from xinshu.books.receivables import owed
from xinshu.books.reconciliation import reconcile
from xinshu.claims.actions.examination import (
    agree_to_pay,
    mark_findings,
    propose_payment,
    propose_refusal,
    refuse_demand,
    send_back,
)
from xinshu.claims.actions.payout import confirm_payout, fail_payout, request_payout
from xinshu.claims.actions.presentation import complete_demand, end_overtime, withdraw_demand
from xinshu.claims.actions.suspension import decline_extension, grant_extension, suspend_payment
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import PARTIES, Demand, Payout, RefusalNotice
from xinshu.claims.tasks import follow_the_clocks
from xinshu.claims.tests.city import MISSING, ClaimsCity
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Refusal
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES as SIDES
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import LINE, Kind

START = moment(date(2026, 11, 21), 10, 40)
Do = Callable[[Demand, ClaimsCity, Any], object]
ACTS: dict[str, Do] = {
    "complete": lambda one, city, at: complete_demand(one, by=city.beneficiary, at=at),
    "withdraw": lambda one, city, at: withdraw_demand(one, reason="和解", by=city.beneficiary, at=at),
    "mark": lambda one, city, at: mark_findings(one, MISSING, [], by=city.examiner, at=at),
    "clear": lambda one, city, at: mark_findings(one, {}, [], by=city.examiner, at=at),
    "propose_payment": lambda one, city, at: propose_payment(one, opinion="", by=city.examiner, at=at),
    "propose_part": lambda one, city, at: propose_payment(
        one, amount=max(1, one.amount // 3), opinion="", by=city.examiner, at=at
    ),
    "propose_refusal": lambda one, city, at: propose_refusal(one, opinion="", by=city.examiner, at=at),
    "agree": lambda one, city, at: agree_to_pay(one, opinion="", by=city.reviewer, at=at),
    "refuse": lambda one, city, at: refuse_demand(one, opinion="", by=city.reviewer, at=at),
    "object": lambda one, city, at: send_back(one, reason="再看一遍", by=city.reviewer, at=at),
    "suspend": lambda one, city, at: suspend_payment(one, by=city.reviewer, at=at),
    "extend": lambda one, city, at: grant_extension(one, reason="同意", by=city.reviewer, at=at),
    "decline": lambda one, city, at: decline_extension(one, reason="不同意", by=city.reviewer, at=at),
    "pay": lambda one, city, at: request_payout(one, channel="sandbox", by=city.finance, at=at),
    "confirm": lambda one, city, at: confirm_payout(one.payouts.latest("pk"), receipt="SBX", at=at),
    "fail": lambda one, city, at: fail_payout(one.payouts.latest("pk"), reason="户名不符", at=at),
    "overtime": lambda one, city, at: end_overtime(one, at=at),
}  # fmt: skip
NEXT = {
    "incomplete": "complete", "examining": "propose_payment", "deciding": "agree", "complying": "pay",
    "paying": "confirm", "suspended": "extend",
}  # fmt: skip


class Histories(RuleBasedStateMachine):
    """One guarantee of a bank or of a surety, and up to some demands under it."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.city = ClaimsCity(START, issuer=Kind.BANK if self.is_bank else Kind.GUARANTOR)
        self.pk = self.city.in_force(days=12).pk
        self.at = self.city.day(2)
        self.ended: dict[int, tuple[Any, ...]] = {}
        self.notices: dict[int, tuple[Any, ...]] = {}
        self.state = "in_force"

    is_bank = True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @property
    def case(self) -> Guarantee:
        return Guarantee.objects.select_related(*SIDES).get(pk=self.pk)

    def _do(self, act: Callable[[], object]) -> None:
        try:
            with transaction.atomic():
                act()
        except (Refusal, Payout.DoesNotExist):
            return

    @rule(share=st.integers(1, 120), later=st.sampled_from([False, False, True]), extend=st.booleans())
    def present(self, share: int, later: bool, extend: bool) -> None:
        case = self.case
        amount = (case.amount or 0) * share // 100
        facts: dict[str, Any] = {"to_complete": "证明" if later else "", "at": self.at}
        if extend and case.expires_on:
            facts["extend_to"] = case.expires_on + timedelta(days=20)
        self._do(lambda: self.city.presented(case, amount=amount, **facts))

    @rule(which=st.integers(0, 3), action=st.sampled_from(sorted(ACTS)))
    def act(self, which: int, action: str) -> None:
        demands = list(Demand.objects.select_related(*PARTIES).order_by("pk"))
        if demands:
            one = demands[which % len(demands)]
            self._do(lambda: ACTS[action](one, self.city, self.at))

    @rule(which=st.integers(0, 3), steps=st.integers(1, 5))
    def go_on(self, which: int, steps: int) -> None:
        """Do what is expected next: random acts alone seldom reach a payment."""
        for _step in range(steps):
            live = list(Demand.objects.select_related(*PARTIES).filter(state__in=NEXT).order_by("pk"))
            if live:
                one = live[which % len(live)]
                self._do(lambda one=one: ACTS[NEXT[one.state]](one, self.city, self.at))  # type: ignore[misc]

    @rule(days=st.integers(1, 9))
    def nights(self, days: int) -> None:
        self.at += timedelta(days=days)
        on = local_day(self.at)
        follow_the_clocks(on, moment(on, 0, 5))
        case = self.case
        self._do(lambda: expire_guarantee(case, on=on, at=moment(on, 0, 6)))

    @rule(really=st.sampled_from([False] * 4 + [True]))
    def release(self, really: bool) -> None:
        if really:
            case = self.case
            self._do(lambda: release_guarantee(case, by=self.city.beneficiary, at=self.at, reason="验收合格。"))

    @invariant()
    def the_parts_are_the_face(self) -> None:
        case = self.case
        assert sum(getattr(case, part) for part in Guarantee.PARTS) == case.amount
        assert min(getattr(case, part) for part in Guarantee.PARTS) >= 0
        assert LIFECYCLE.states[case.state].final <= (case.available_amount == 0)

    @invariant()
    def what_is_reserved_is_what_the_open_presentations_hold(self) -> None:
        held = Demand.objects.aggregate(sum=Sum("reserved_amount"))["sum"] or 0
        paid = Payout.objects.filter(state="confirmed").aggregate(sum=Sum("amount"))["sum"] or 0
        case = self.case
        assert (case.reserved_amount, case.paid_amount) == (held, paid)

    @invariant()
    def line_and_receivable_follow(self) -> None:
        case = self.case
        line = line_of(case.guarantor, case.applicant)
        lives = case.restored_at is None  # until the claim tail is over
        occupied = (case.amount or 0) - case.paid_amount if lives else 0
        assert (line.occupied, line.available) == (occupied, LINE - occupied - case.paid_amount)
        assert owed(case.guarantor, case.applicant) == case.paid_amount
        assert not imbalance()

    @invariant()
    def what_ended_stays_as_it_ended(self) -> None:
        case = self.case
        assert self.state == "in_force" or case.state == self.state
        self.state = case.state
        finals = [code for code, state in DEMAND.states.items() if state.final]
        now = {row[0]: row for row in Demand.objects.filter(state__in=finals).values_list()}
        notices = {row[0]: row for row in RefusalNotice.objects.values_list()}
        assert self.ended.items() <= now.items()
        assert self.notices.items() <= notices.items()
        self.ended, self.notices = now, notices


class OfASurety(Histories):
    """The same of a surety: part payments, no preclusion."""

    is_bank = False


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Histories, OfASurety])
def test_no_history_breaks_amounts_line_receivable_or_an_end(machine: type[Histories]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=16, deadline=None))


@pytest.mark.django_db
def test_the_books_reconcile_after_a_long_history(city: ClaimsCity) -> None:
    city.in_force()
    for way in (city.paid, city.refused, city.taken_back, city.suspended, city.paid):
        way(
            case=Guarantee.objects.select_related("applicant", "guarantor", "beneficiary", "project").get(),
            amount=10**6,
        )

    assert reconcile(city.day(9)).differences == 0
