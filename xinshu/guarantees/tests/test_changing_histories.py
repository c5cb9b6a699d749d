"""Whatever people and nights do to a living guarantee in any order: its four parts, its face and its line hold."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from xinshu.books.audit import imbalance
from xinshu.books.lines import line_of, occupied_by
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Refusal
from xinshu.guarantees.actions import amendments
from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.reductions import ask_reduction, confirm_reduction
from xinshu.guarantees.actions.surrenders import approve_surrender, ask_surrender
from xinshu.guarantees.life_tasks import expire_overdue, reduce_by_schedule, restore_lines
from xinshu.guarantees.models import Amendment, Guarantee, Reduction
from xinshu.guarantees.models.changes import WITH_PARTIES
from xinshu.guarantees.sealed.amended import values_of
from xinshu.guarantees.tests.city import LINE, City, stand_in
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
ENDS = ("released", "expired")


class Lives(RuleBasedStateMachine):
    """One guarantee from its issue to the return of its line. Time only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.city = City(moment(datetime(2026, 11, 21).date(), 10, 40))  # noqa: DTZ001
        self.now = self.city.at + timedelta(hours=1)
        self.ended: tuple | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def issue(self) -> None:
        assert self.city.department
        self.pk = self.city.in_force(amount=1_500_000_00).pk
        case = self.case
        for n, on in enumerate((40, 80)):
            Reduction.objects.create(
                guarantee=case, state="planned", amount=(n + 1) * 100_000_00, on=local_day(self.now) + timedelta(on),
                proposed_at=self.now, changed_at=self.now,
            )  # fmt: skip

    @property
    def case(self) -> Guarantee:
        return Guarantee.objects.select_related(
            "applicant", "guarantor", "beneficiary", "project", "tariff", "letter"
        ).get(pk=self.pk)

    def tries(self, act: object) -> None:
        self.now += timedelta(minutes=1)
        try:
            with transaction.atomic():
                act()  # type: ignore[operator]
        except Refusal:
            return

    def newest(self, model: type) -> object:
        return model.objects.select_related(*WITH_PARTIES, "guarantee__tariff").order_by("-pk").first()

    @rule(by=st.integers(-40, 5), longer=st.integers(-30, 60))
    def propose(self, by: int, longer: int) -> None:
        case = self.case
        self.tries(lambda: amendments.propose_amendment(
            case, by=self.city.applicant, at=self.now, reason="工程变更。",
            new_amount=(case.amount or 0) + by * 10_000_00, new_expires_on=case.expires_on + timedelta(days=longer),
        ))  # fmt: skip

    @rule()
    def offer(self) -> None:
        """Pay what is due, issue, and hand over a letter."""
        if (row := self.newest(Amendment)) is None:
            return

        def act() -> None:
            amendment = row
            if amendment.state == "fee_due":
                order = request_difference(
                    amendment, channel="sandbox", account="6000-0001", by=self.city.applicant, at=self.now
                )
                confirm_difference(order, receipt="SBX", at=self.now)
                amendment = self.newest(Amendment)
            amendments.issue_amendment(amendment, by=self.city.signer, at=self.now)
            amendment = self.newest(Amendment)
            case = self.case
            case.number = f"{case.number}-{amendment.number}"  # the stand-in's bytes are named after it
            letter = stand_in(case, self.now)
            amendments.offer_amendment(amendment, letter, values=values_of(amendment), at=self.now)

        self.tries(act)

    @rule(accepts=st.booleans())
    def answer(self, accepts: bool) -> None:
        row, by = self.newest(Amendment), self.city.beneficiary
        if row is not None and accepts:
            self.tries(lambda: amendments.accept_amendment(row, by=by, at=self.now))
        elif row is not None:
            self.tries(lambda: amendments.reject_amendment(row, by=by, at=self.now, reason="不同意。"))

    @rule(amount=st.integers(1, 900))
    def reduce(self, amount: int) -> None:
        case, by = self.case, self.city.applicant
        self.tries(lambda: confirm_reduction(
            ask_reduction(
                case, amount=amount * 1_000_00, reason="已扣回。", content=PDF, name="扣.pdf", by=by, at=self.now
            ),
            by=self.city.beneficiary, at=self.now,
        ))  # fmt: skip

    @rule(share=st.integers(1, 10), then=st.sampled_from(["open", "refuse", "pay"]))
    def draw(self, share: int, then: str) -> None:
        """A demand as claims leave it behind: reserved, given free again, or paid and its line converted."""
        case = self.case
        amount = case.available_amount * share // 10
        if case.state != "in_force" or not amount:
            return
        if case.reserved_amount:
            amount = case.reserved_amount
            freed = {"open": {}, "refuse": {"reserved_amount": 0, "available_amount": case.available_amount + amount}}
            case.change(
                at=self.now, **freed.get(then, {"reserved_amount": 0, "paid_amount": case.paid_amount + amount})
            )
            if then == "pay":
                from xinshu.books.lines import free

                free(case, amount, key=f"paid:{case.version}", at=self.now)
        else:
            case.change(at=self.now, reserved_amount=amount, available_amount=case.available_amount - amount)
        self.drawn = getattr(self, "drawn", 0) + 1

    @rule(days=st.sampled_from([1, 20, 45, 90, 150]))
    def nights(self, days: int) -> None:
        self.now += timedelta(days=days)
        on = local_day(self.now)
        for _twice in range(2):
            reduce_by_schedule(on, self.now)
            expire_overdue(on, self.now)
            restore_lines(on, self.now)

    @rule()
    def decide_after_the_end(self) -> None:
        """What was reserved when it ended lapses once the demand is refused."""
        case = self.case
        if case.state in ENDS and case.reserved_amount:
            lapsed = case.lapsed_amount + case.reserved_amount
            case.change(at=self.now, reserved_amount=0, lapsed_amount=lapsed)
            self.drawn = getattr(self, "drawn", 0) + 1

    @rule(surrendered=st.booleans())
    def end(self, surrendered: bool) -> None:
        case = self.case
        if not surrendered:
            self.tries(lambda: release_guarantee(case, by=self.city.beneficiary, at=self.now, reason="竣工。"))
            return
        self.tries(lambda: approve_surrender(
            ask_surrender(
                case, ground="accepted", reason="竣工验收合格。", content=PDF, name="证.pdf", by=self.city.applicant,
                at=self.now,
            ), by=self.city.department, at=self.now,
        ))  # fmt: skip

    @invariant()
    def the_parts_are_the_face_and_the_face_is_its_history(self) -> None:
        case = self.case
        assert sum(getattr(case, part) for part in Guarantee.PARTS) == case.amount
        assert min(getattr(case, part) for part in Guarantee.PARTS) >= 0
        accepted = Amendment.objects.filter(state="accepted", new_amount__isnull=False)
        moved = sum(row.new_amount - row.old_amount for row in accepted)
        taken = sum(Reduction.objects.filter(state="done").values_list("taken_amount", flat=True))
        assert case.amount == case.first_amount + moved - taken
        assert case.state not in ENDS or case.available_amount == 0
        connection.check_constraints()

    @invariant()
    def the_line_holds_what_lives_and_comes_back_once(self) -> None:
        case = self.case
        held = 0 if case.restored_at else case.amount - case.paid_amount
        assert occupied_by(case) == held
        waiting = Amendment.objects.filter(state__in=("fee_due", "to_issue", "sealing", "offered"))
        reserved = sum(max(row.extra, 0) for row in waiting)
        line = line_of(case.guarantor, case.applicant)
        assert (line.occupied, line.reserved, line.available) == (held, reserved, LINE - held - reserved)
        restored = Entry.objects.filter(kind="guarantee.line_restored", subject_id=case.pk).count()
        assert restored == (case.restored_at is not None)
        assert not case.restored_at or not case.reserved_amount
        assert not imbalance()

    @invariant()
    def what_ended_never_lives_again(self) -> None:
        case = self.case
        if self.ended is not None:
            assert (case.state, case.ended_at, case.amount, case.expires_on) == self.ended
        if case.state in ENDS:
            self.ended = (case.state, case.ended_at, case.amount, case.expires_on)

    @invariant()
    def every_change_is_on_record(self) -> None:
        assert history_of(self.case).count() + getattr(self, "drawn", 0) == self.case.version


@pytest.mark.django_db
def test_no_life_breaks_the_parts_the_face_or_the_line() -> None:
    run_state_machine_as_test(Lives, settings=settings(max_examples=6, stateful_step_count=12, deadline=None))
