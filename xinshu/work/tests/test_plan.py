"""Properties of the pure core: random committees, plans and acts, delegations, additions and returns included."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.work.plan import (
    ALL,
    ANY,
    NUMBER,
    OPEN,
    PASSED,
    REJECTED,
    Level,
    Run,
    decide,
    earlier,
    feasible,
    gap_in,
    is_finished,
    level_of,
    open_level,
    resubmitted,
    returned_to,
    sign,
    with_facts,
    with_level,
)

BADGES = ("role:reviewer", "role:director", "role:risk")
PEOPLE = range(1, 7)
AMOUNTS = (50, 100, 101, 500, 501)

committees = st.dictionaries(
    st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(BADGES), min_size=1), min_size=1, max_size=6
)
big_committees = st.dictionaries(
    st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(BADGES), min_size=1), min_size=4, max_size=6
)
facts_of_a_case = st.fixed_dictionaries(
    {"amount": st.sampled_from(AMOUNTS), "verified": st.booleans(), "note": st.integers(0, 2)}
)


@st.composite
def levels(draw, key: str) -> Level:
    by_name = draw(st.booleans())
    return Level(
        key=key,
        name=f"第{key}级",
        badge="" if by_name else draw(st.sampled_from(BADGES)),
        people=tuple(draw(st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=3))) if by_name else (),
        needs=draw(st.sampled_from((ANY, ALL, NUMBER))),
        number=draw(st.integers(1, 3)),
        above=draw(st.sampled_from((None, 100, 500))),
        when=draw(st.sampled_from(((), (("verified", False),)))),
        judges=draw(st.sampled_from(((), ("amount",), ("note",)))),
        apart=draw(st.sampled_from(("", "四眼", "四眼", "乙"))),
    )


@st.composite
def plans(draw) -> tuple[Level, ...]:
    count = draw(st.integers(1, 4))
    return tuple(draw(levels(key=str(number))) for number in range(1, count + 1))


@st.composite
def running(draw):
    """Return a committee and a run of a plan that activation would let pass for it."""
    committee = {person: badges | {"role:all"} for person, badges in draw(big_committees).items()}
    plan = (Level("0", "初审", "role:all", apart=draw(st.sampled_from(("", "四眼")))),)
    for level in draw(plans()):  # as many of the drawn levels as these people can staff, whoever made the case
        if gap_in((*plan, level), committee, committee.keys()) is None:
            plan = (*plan, level)
    keepers = draw(st.sampled_from([frozenset(), *(frozenset({person}) for person in committee)]))
    return committee, Run(plan, draw(facts_of_a_case), keepers)


stand_ins_of = st.dictionaries(st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(PEOPLE), max_size=3), max_size=4)


def marks_are_in_order(run: Run, committee) -> None:
    """What must hold of a run at any time, whatever was done to it."""
    by_key = {level.key: level for level in run.levels}
    for mark in run.marks:
        level = by_key[mark.level]
        assert mark.digest == level.digest(run.facts)
        assert mark.seat in level.seats(committee)
        assert not mark.people & run.keepers
    for group in {level.group for level in run.levels}:
        signed = [person for mark in run.marks if by_key[mark.level].group == group for person in mark.people]
        assert len(signed) == len(set(signed)), f"somebody counts twice in {group}"


def has_all_signatures(run: Run, committee) -> bool:
    """Say, in other words than the core's, whether every level on the way has what its plan asks for."""
    for level in run.path:
        seats = {mark.seat for mark in run.at(level) if mark.approves}
        needed = {
            ANY: lambda seats=seats: len(seats) >= 1,
            NUMBER: lambda seats=seats, level=level: len(seats) >= level.number,
            ALL: lambda seats=seats, level=level: bool(seats) and seats >= level.seats(committee) - run.keepers,
        }
        if not needed[level.needs]():
            return False
    return True


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_happens_nothing_passes_unsigned_is_lost_or_gets_stuck(data) -> None:
    committee, run = data.draw(running())
    delegated = data.draw(stand_ins_of)
    outcome = OPEN
    for _act in range(data.draw(st.integers(1, 14))):
        decision = decide(run, committee, delegated)
        assert decision.outcome == OPEN
        assert decision.may, "nobody can act"
        assert not decision.short
        hand = data.draw(st.sampled_from(sorted(decision.may)))
        seat = data.draw(st.sampled_from(sorted(decision.may[hand])))
        before = run
        act = data.draw(st.sampled_from(("yes", "yes", "yes", "no", "add", "back", "resubmit", "facts")))
        if act in ("yes", "no"):
            run, outcome = sign(run, hand, seat, approves=act == "yes", committee=committee)
            assert set(before.marks) < set(run.marks)
        elif act == "add":
            signer = data.draw(st.sampled_from(sorted(committee)))
            key = f"+{len(run.levels)}"
            added = Level(key, "加签", people=(signer,), needs=ALL, apart=decision.level.apart)
            longer = with_level(run, added, beside=decision.level, before=data.draw(st.booleans()))
            if signer not in run.keepers and feasible(longer, committee):
                run = longer
            assert set(run.marks) == set(before.marks)
        elif act == "back" and earlier(run, decision.level):
            target = data.draw(st.sampled_from(earlier(run, decision.level)))
            run = returned_to(run, target.key)
            keys = [level.key for level in run.levels]
            assert all(keys.index(mark.level) < keys.index(target.key) for mark in run.marks)
        elif act == "resubmit":
            facts = data.draw(st.one_of(st.just(run.facts), facts_of_a_case))
            run = resubmitted(run, facts, committee)
            if facts == before.facts:
                assert set(run.marks) == set(before.marks), "finished levels were repeated on the same facts"
        elif act == "facts":
            run = with_facts(run, data.draw(facts_of_a_case), committee)
            if open_level(run) is None:
                run = resubmitted(run, run.facts, committee)
        marks_are_in_order(run, committee)
        if outcome != OPEN:
            break
    if outcome == PASSED:
        assert has_all_signatures(run, committee)
    if outcome == REJECTED:
        assert any(not mark.approves for mark in run.marks)


@settings(max_examples=150, deadline=None)
@given(running())
def test_a_plan_that_was_let_pass_can_always_be_brought_to_its_end(table) -> None:
    committee, run = table

    for _signature in range(60):
        decision = decide(run, committee)
        if decision.outcome == PASSED:
            break
        hand = min(decision.may)
        run, _outcome = sign(run, hand, hand, approves=True, committee=committee)

    assert open_level(run) is None
    assert has_all_signatures(run, committee)


@settings(max_examples=150, deadline=None)
@given(committees, plans())
def test_a_plan_is_refused_exactly_when_some_case_could_not_be_finished(committee, plan) -> None:
    gap = gap_in(plan, committee)

    if gap is not None:
        run = Run(plan, gap.facts)
        for _signature in range(40):
            decision = decide(run, committee)
            if decision.outcome == PASSED or not decision.may:
                break
            hand = max(decision.may)
            run, _outcome = sign(run, hand, hand, approves=True, committee=committee)
        assert not run.path or open_level(run) is not None


@given(plans())
def test_a_level_comes_back_from_its_json_as_it_was(plan) -> None:
    import json

    assert tuple(level_of(json.loads(json.dumps(level.as_json()))) for level in plan) == plan


TWO = (
    Level("1", "复审", "role:reviewer", apart="四眼", judges=("amount",)),
    Level("2", "分管", "role:director", apart="四眼"),
)
BOTH = {
    1: frozenset({"role:reviewer"}),
    2: frozenset({"role:reviewer", "role:director"}),
    3: frozenset({"role:director"}),
}


def test_whoever_is_needed_later_does_not_sign_early() -> None:
    committee = {1: BOTH[1], 2: BOTH[2]}

    decision = decide(Run(TWO, {"amount": 1}), committee)

    assert set(decision.may) == {1}, "2 is the only director"


def test_a_delegate_cannot_pass_both_levels() -> None:
    run, _outcome = sign(Run(TWO, {"amount": 1}), 1, 1, approves=True, committee=BOTH)

    decision = decide(run, BOTH, {1: frozenset({3})})

    assert 1 not in decision.may
    assert decision.may[3] == {3}


def test_nor_can_somebody_sign_where_their_delegate_has_signed_for_them() -> None:
    run, _outcome = sign(Run(TWO, {"amount": 1}), 1, 2, approves=True, committee=BOTH)

    assert set(decide(run, BOTH).may) == {3}


def test_whoever_made_the_case_does_not_sign_it_even_for_another() -> None:
    run = Run(TWO, {"amount": 1}, keepers=frozenset({1}))

    assert set(decide(run, BOTH, {1: frozenset({2})}).may) == {2}


def test_whoever_made_the_case_is_not_signed_for() -> None:
    run = Run(TWO, {"amount": 1}, keepers=frozenset({1}))

    assert decide(run, BOTH, {2: frozenset({1})}).may == {2: frozenset({2})}


def test_only_the_level_whose_facts_changed_is_repeated() -> None:
    run, _outcome = sign(Run(TWO, {"amount": 1, "note": "甲"}), 1, 1, approves=True, committee=BOTH)

    same, other = with_facts(run, {"amount": 1, "note": "乙"}, BOTH), with_facts(run, {"amount": 2, "note": "甲"}, BOTH)

    assert is_finished(same, TWO[0])
    assert open_level(same) == TWO[1]
    assert open_level(other) == TWO[0]


def test_who_joins_a_finished_level_later_does_not_open_it_again() -> None:
    level = replace(TWO[0], needs=ALL)
    committee = {1: BOTH[1], 3: BOTH[3]}
    run, _outcome = sign(Run((level, TWO[1]), {"amount": 1}), 1, 1, approves=True, committee=committee)

    assert decide(run, BOTH).level == TWO[1]


def test_when_the_last_open_seat_leaves_people_are_missing_rather_than_agreed() -> None:
    level = replace(TWO[0], needs=ALL)
    everybody = {1: BOTH[1], 2: BOTH[1], 3: BOTH[3]}
    run, _outcome = sign(Run((level, TWO[1]), {"amount": 1}), 1, 1, approves=True, committee=everybody)

    left = {1: BOTH[1], 3: BOTH[3]}

    assert decide(run, left).short
    assert open_level(resubmitted(run, run.facts, left)) == level
    assert set(decide(resubmitted(run, run.facts, left), left).may) == {1}


@pytest.mark.parametrize(("noes", "outcome"), [(1, OPEN), (2, REJECTED)])
def test_a_vote_is_lost_when_its_number_cannot_come_together(noes: int, outcome: str) -> None:
    council = {person: frozenset({"role:risk"}) for person in (1, 2, 3)}
    run, found = Run((Level("1", "评审会", "role:risk", needs=NUMBER, number=2),), {"amount": 1}), OPEN

    for person in range(1, noes + 1):
        run, found = sign(run, person, person, approves=False, committee=council)

    assert found == outcome


def test_a_plan_without_a_level_for_every_case_is_refused() -> None:
    gap = gap_in((replace(TWO[0], above=100),), BOTH)

    assert gap is not None
    assert gap.level is None
    assert gap.facts["amount"] == 1


def test_a_plan_that_needs_whoever_made_the_case_is_refused() -> None:
    committee = {1: BOTH[1], 3: BOTH[3]}

    assert gap_in(TWO, committee) is None
    gap = gap_in(TWO, committee, keepers=(1,))
    assert gap is not None
    assert (gap.keeper, gap.level) == (1, TWO[0])
