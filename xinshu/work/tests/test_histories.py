"""Any order of acts: signing, adding, returning, resubmitting, delegating, changing facts, people who come and go."""

import os
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.ledger.queries import history_of
from xinshu.work.actions.approvals import (
    NobodyLeft,
    add_signer,
    bring_up_to_date,
    resubmit,
    return_to_applicant,
    return_to_level,
    sign,
)
from xinshu.work.actions.standing_in import appoint_stand_in
from xinshu.work.models import Approval, Signature
from xinshu.work.plan import ALL, NUMBER, Level, Run, decide, short_by, stand_ins_for, stood_in, wanted
from xinshu.work.queries import waiting_for
from xinshu.work.runs import table_of
from xinshu.work.tests.house import JUDGED, House
from xinshu.work.tests.test_approvals import delegated

pytestmark = pytest.mark.django_db
Committee_ = Mapping[int, frozenset[str]]
CHANGES = st.sampled_from([{}, {"amount": 100}, {"amount": 700}, {"note": 1}, {"note": 2, "amount": 600}])
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)  # no shrinking: it takes minutes on a database


class Committee(RuleBasedStateMachine):
    """One case after another before a committee of six, through the real actions, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.house = House(moment(date(2026, 11, 23), 9))
        for name, roles in {
            "甲": ["reviewer"],
            "乙": ["reviewer"],
            "丙": ["reviewer", "director"],
            "丁": ["director"],
            "戊": ["reviewer", "manager"],
            "己": ["reviewer"],
        }.items():  # fmt: skip
            self.house.member(name, *roles)
        self.house.member("管", "orgadmin")
        self.delegations: list[Any] = []
        self.last: tuple[Any, ...] = ()

    @initialize(needs=st.sampled_from(["any", ALL, NUMBER]), apart=st.booleans(), kept=st.booleans())
    def begin(self, needs: str, apart: bool, kept: bool) -> None:
        group = "四眼" if apart else ""
        self.house.plan(
            Level(
                "1",
                "初审",
                "role:reviewer",
                needs=NUMBER if needs == ALL else needs,
                number=2,
                apart=group,
                judges=("amount",),
            ),
            Level("2", "复审", "permission:guarantees.review", apart=group, judges=("note",)),
            Level("3", "分管", "role:director", needs=needs if needs == ALL else "any", above=100, apart=group),
        )
        self.case = self.house.case()
        keepers = (self.house.people["戊"],) if kept else ()
        self.approval = self.house.start(self.case, keepers=keepers, note=0)

    @precondition(lambda self: hasattr(self, "approval") and not self.is_open())
    @rule(kept=st.booleans())
    def the_next_case_comes(self, kept: bool) -> None:
        self.case = self.house.case()
        keepers = (self.house.people["戊"],) if kept else ()
        self.approval = self.house.start(self.case, keepers=keepers, note=0)

    def now(self) -> Approval:
        return Approval.objects.get(pk=self.approval.pk)

    def is_open(self) -> bool:
        return hasattr(self, "approval") and self.now().state == "open"

    @precondition(is_open)
    @rule(name=st.sampled_from("甲乙丙丁戊己"), approves=st.sampled_from([True, True, True, True, False]))
    def somebody_signs(self, name: str, approves: bool) -> None:
        approval, by = self.now(), self.house.people[name]
        expected = by.user_id in table_of(approval, self.house.at).decision().may
        before = Signature.objects.count()
        try:
            with transaction.atomic():
                sign(
                    approval,
                    self.case,
                    approves=approves,
                    facts=approval.facts,
                    opinion="意见如上。",
                    by=by,
                    at=self.house.at,
                )
        except NotPermitted:
            assert not expected
            assert Signature.objects.count() == before
        else:
            assert expected

    @precondition(is_open)
    @rule(by=st.sampled_from("甲乙丙丁戊己"), signer=st.sampled_from("甲乙丙丁戊己"), before=st.booleans())
    def somebody_adds(self, by: str, signer: str, before: bool) -> None:
        people = self.house.people
        try:
            with transaction.atomic():
                add_signer(
                    self.now(),
                    self.case,
                    signer=people[signer],
                    before=before,
                    reason="请把关。",
                    by=people[by],
                    at=self.house.at,
                )
        except (NotPermitted, NobodyLeft, Invalid):
            pass

    @precondition(is_open)
    @rule(by=st.sampled_from("甲乙丙丁戊己"), key=st.sampled_from(["1", "2"]))
    def somebody_returns(self, by: str, key: str) -> None:
        try:
            with transaction.atomic():
                return_to_level(
                    self.now(), self.case, key=key, reason="请重新核对。", by=self.house.people[by], at=self.house.at
                )
        except (NotPermitted, Invalid):
            pass

    @precondition(is_open)
    @rule(by=st.sampled_from("甲乙丙丁戊己"), changed=CHANGES, kept=st.booleans())
    def it_goes_back_and_comes_again(self, by: str, changed: dict, kept: bool) -> None:
        approval = self.now()
        finished = {row.level for row in approval.signatures.filter(closes=True, voided_at=None)}
        try:
            with transaction.atomic():
                returned = return_to_applicant(
                    approval, self.case, reason="请补充材料。", by=self.house.people[by], at=self.house.at
                )
        except NotPermitted:
            return
        facts = {**returned.facts, **changed}
        keepers = [self.house.people["戊"].user_id] if kept else []
        resubmit(returned, self.case, facts=facts, keepers=keepers, by=SYSTEM, at=self.house.at)
        if facts == approval.facts and set(keepers) <= set(approval.keepers) and not approval.short:
            assert finished == {row.level for row in approval.signatures.filter(closes=True, voided_at=None)}

    @precondition(is_open)
    @rule(changed=CHANGES)
    def facts_change_unnoticed(self, changed: dict) -> None:
        approval = self.now()
        JUDGED[self.case.pk] = {**approval.facts, **changed}
        bring_up_to_date(approval, self.case, at=self.house.at)
        assert self.now().facts == JUDGED[self.case.pk]

    @rule(principal=st.sampled_from("甲乙丙丁"), delegate=st.sampled_from("甲乙丙丁戊己"))
    def somebody_delegates(self, principal: str, delegate: str) -> None:
        if principal != delegate and len(self.delegations) < 4:
            self.delegations.append(delegated(self.house, principal, delegate))

    @invariant()
    def someone_can_act_and_lists_say_so(self) -> None:
        if not self.is_open() or self.seen_before():
            return
        approval = self.now()
        may = set(table_of(approval, self.house.at).decision().may)
        self.nobody_is_stuck(approval, may)
        day = local_day(self.house.at)
        for member in self.house.people.values():
            if member.user_id in may:
                member = Member.objects.get(pk=member.pk)
                assert waiting_for(member, "toy", day).filter(pk=approval.pk).exists(), f"{member} is not told"

    def seen_before(self) -> bool:
        """Say whether nothing has changed since this was asked last: most acts are refused, and change nothing."""
        now = self.now()
        there = tuple(Member.objects.filter(active=True).values_list("pk", flat=True))
        before, self.last = self.last, (now.pk, now.version, now.short, len(self.delegations), there)
        return before == self.last

    def nobody_is_stuck(self, approval: Approval, may: set[int]) -> None:
        assert may, "stuck"
        assert not approval.short

    @invariant()
    def nobody_counts_twice_and_nobody_signs_the_own_case(self) -> None:
        if not hasattr(self, "approval"):
            return
        counting = self.approval.signatures.filter(voided_at=None, act__in=Signature.MARKS)
        groups: dict[str, list[int]] = {}
        for row in counting:
            groups.setdefault(row.group, []).extend({row.hand_id, row.seat_id})
            assert not {row.hand_id, row.seat_id} & set(self.now().keepers)
        assert all(len(people) == len(set(people)) for people in groups.values())

    @invariant()
    def what_passed_has_its_signatures(self) -> None:
        if hasattr(self, "approval") and self.now().state == "passed":
            approval = self.now()
            path = [level for level in approval.steps if level.added or level.applies(approval.facts)]
            closed = approval.signatures.filter(closes=True, voided_at=None)
            assert {level.key for level in path} <= {row.level for row in closed}
            assert all(
                row.digest == level.digest(approval.facts) for level in path for row in closed.filter(level=level.key)
            )

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "approval"):
            acts = self.now().signatures.count()
            assert history_of(self.approval).count() == acts + 1

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


class ShrinkingHouse(Committee):
    """The same, while people leave and come back: an administrator appoints stand-ins for those who are missing."""

    @rule(name=st.sampled_from("甲乙丙丁己"), stays=st.booleans())
    def somebody_leaves_or_comes_back(self, name: str, stays: bool) -> None:
        Member.objects.filter(pk=self.house.people[name].pk).update(active=stays)
        if self.is_open():
            approval = self.now()
            JUDGED[self.case.pk] = approval.facts
            bring_up_to_date(approval, self.case, at=self.house.at)

    @precondition(Committee.is_open)
    @rule(data=st.data())
    def an_administrator_appoints(self, data: st.DataObject) -> None:
        approval, run, committee = self.now(), *self.seen()
        found = [(level, person) for level, people in stand_ins_for(run, committee) for person in people]
        if not found:
            return
        level, person = data.draw(st.sampled_from(found))
        stand_in = next(member for member in self.house.people.values() if member.user_id == person)
        after = appoint_stand_in(
            approval, self.case, key=level.key, stand_in=stand_in, reason="原签署人离职。",
            by=self.house.people["管"], at=self.house.at,
        )  # fmt: skip
        assert short_by(table_of(after, self.house.at).run, committee) < short_by(run, committee)

    def seen(self) -> tuple[Run, Committee_]:
        table = table_of(self.now(), self.house.at)
        return table.run, table.committee

    def nobody_is_stuck(self, approval: Approval, may: set[int]) -> None:
        """Whatever is missing can be made good one by one, as long as there are colleagues who have no part in it."""
        run, committee = self.seen()
        assert approval.short == (short_by(run, committee) > 0)
        assert may or approval.short
        while short_by(run, committee):
            found = stand_ins_for(run, committee)
            if not found:
                parts = {person for level in run.path for person in run.used(level.group)}
                needed = sum(len(wanted(run, level, committee)) for level in run.path)
                assert len(committee.keys() - run.keepers - parts) < needed, "somebody is free, and cannot be appointed"
                return
            level, people = found[0]
            run = stood_in(run, level, people[0], committee) or run
        assert decide(run, committee).may


HISTORIES = settings(
    max_examples=int(os.environ.get("XINSHU_HISTORIES", "12")), stateful_step_count=20, deadline=None, phases=QUICKLY
)  # XINSHU_HISTORIES=3000 looks further


@pytest.mark.parametrize("machine", [Committee, ShrinkingHouse])
def test_no_history_of_a_committee_passes_unsigned_loses_or_gets_stuck(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=HISTORIES)
