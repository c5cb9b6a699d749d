"""The lifecycle table, tried with a toy of its own: every row, in every state, for every side."""

from dataclasses import dataclass, field
from itertools import product

import pytest

from xinshu.core.actors import SYSTEM
from xinshu.core.lifecycle import Lifecycle, Row, State
from xinshu.core.refusals import NotNow, NotPermitted

TOY = Lifecycle(
    "toy",
    "保函",
    states=[
        State("draft", "草稿", waits_for="applicant", awaited="提交"),
        State("submitted", "待审核", waits_for="guarantor", awaited="审核", working_days=2),
        State("issued", "已出具", tone="ok"),
        State("over", "已到期", final=True),
    ],
    rows=[
        Row("submit", "提交", ("draft",), "submitted", "applicant"),
        Row("approve", "审核通过", ("submitted",), "issued", "guarantor", "toys.review", tone="pri"),
        Row("approve", "自动通过", ("submitted",), "issued", "system"),
        Row("withdraw", "撤回", ("draft", "submitted"), "draft", "applicant", needs_reason=True),
        Row("expire", "到期", ("issued",), "over", "system"),
    ],
)
SIDES = ("applicant", "guarantor", "stranger")


@dataclass
class Somebody:
    side: str
    permissions: set[str] = field(default_factory=set)
    actor_key: str = "member:1"
    actor_label: str = "某人"

    def can(self, permission):
        return permission in self.permissions


@dataclass
class Toy:
    state: str

    def sides_of(self, by):
        return {by.side} - {"stranger"}


def actors():
    return [*(Somebody(side, {"toys.review"}) for side in SIDES), SYSTEM]


def side_of(by):
    return "system" if by is SYSTEM else by.side


@pytest.mark.parametrize("action", ["submit", "approve", "withdraw", "expire"])
@pytest.mark.parametrize("state", list(TOY.states))
@pytest.mark.parametrize("by", actors(), ids=side_of)
def test_the_table_alone_decides_who_may_do_what_and_when(action, state, by):
    theirs = [row for row in TOY.rows if row.action == action and row.side == side_of(by)]
    open_now = [row for row in theirs if state in row.sources]

    if open_now:
        assert TOY.step(action, Toy(state), by) is open_now[0]
    else:
        with pytest.raises(NotNow if theirs else NotPermitted):
            TOY.step(action, Toy(state), by)


@pytest.mark.parametrize(
    ("state", "by"), list(product(TOY.states, actors())), ids=lambda part: str(getattr(part, "side", part))
)
def test_buttons_are_what_step_would_allow(state, by):
    for row in TOY.possible(Toy(state), by):
        assert TOY.step(row.action, Toy(state), by) is row

    allowed = {row.action for row in TOY.possible(Toy(state), by)}
    for action in {row.action for row in TOY.rows} - allowed:
        with pytest.raises((NotNow, NotPermitted)):
            TOY.step(action, Toy(state), by)


def test_the_right_side_without_the_permission_is_refused_whatever_the_state():
    for state in TOY.states:
        with pytest.raises(NotPermitted, match="您没有“审核通过”的权限"):
            TOY.step("approve", Toy(state), Somebody("guarantor"))


def test_a_refusal_names_the_state_and_the_act_and_the_next_step():
    with pytest.raises(NotNow) as refused:
        TOY.step("submit", Toy("issued"), Somebody("applicant"))

    assert refused.value.message == "这笔保函现在是“已出具”，不能提交。"
    assert "刷新页面" in refused.value.advice


def test_the_system_does_what_its_rows_say_and_nothing_of_anybody_elses():
    assert TOY.step("approve", Toy("submitted"), SYSTEM).label == "自动通过"
    with pytest.raises(NotPermitted):
        TOY.step("submit", Toy("draft"), SYSTEM)


def test_to_dos_are_the_states_that_wait_for_a_person_who_may_act():
    reviewer = Somebody("guarantor", {"toys.review"})

    assert TOY.waiting_for("guarantor", reviewer) == ["submitted"]
    assert TOY.waiting_for("guarantor", Somebody("guarantor")) == []
    assert TOY.waiting_for("applicant", Somebody("applicant")) == ["draft"]
    assert TOY.waiting_for("beneficiary", Somebody("beneficiary")) == []


def test_an_action_that_is_not_in_the_table_is_a_bug_and_not_a_refusal():
    with pytest.raises(KeyError):
        TOY.step("annul", Toy("draft"), SYSTEM)


def test_a_table_that_leads_nowhere_cannot_be_built():
    with pytest.raises(ValueError, match="lost"):
        Lifecycle("toy", "保函", [State("draft", "草稿")], [Row("lose", "丢", ("draft",), "lost", "system")])
