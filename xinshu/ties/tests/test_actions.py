"""Stories: ties are told, corrected and taken back; who sees them; what the register says; what cases say."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.tests.conftest import code
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.enterprises.models import Enterprise
from xinshu.rules.models import SourceCall
from xinshu.ties.actions import Facts, Other, Told, correct_tie, follow_case, take_answer, withdraw_tie
from xinshu.ties.graph.shapes import GUARANTEES, OWNS
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import Person, node_of, person_node
from xinshu.ties.queries import known_by, seen_by, surroundings
from xinshu.ties.register import SOURCE, told_in
from xinshu.ties.tests.conftest import AT, OWNER, SINCE, Telling, firm_other

TODAY = local_day(AT)


def standing(member: Member, on: date = TODAY, known: date = TODAY) -> list[tuple[str, int | None]]:
    return [(tie.source.name, tie.share) for tie in seen_by(member, on, known).order_by("pk")]


def test_a_tie_stands_since_its_day_and_is_known_since_it_was_told(clerk: Member, told: Telling) -> None:
    told(clerk)

    assert standing(clerk) == [("祁述之", 6_000)]
    assert standing(clerk, on=SINCE) == [("祁述之", 6_000)]
    assert standing(clerk, on=SINCE - timedelta(days=1)) == []
    assert standing(clerk, known=TODAY - timedelta(days=1)) == []


def test_a_correction_is_an_entry_and_the_past_stays_as_it_was_known(clerk: Member, told: Telling) -> None:
    tie = told(clerk, AT - timedelta(days=5))

    made = correct_tie(tie, Facts(OWNS, share=5_500, valid_from=SINCE), reason="比例抄错", by=clerk, at=AT)

    assert (made.replaces, made.reason, made.file) == (tie, "比例抄错", tie.file)
    assert standing(clerk) == [("祁述之", 5_500)]
    assert standing(clerk, known=TODAY - timedelta(days=1)) == [("祁述之", 6_000)]
    with pytest.raises(Changed):
        withdraw_tie(tie, reason="没有这回事", by=clerk, at=AT)


def test_what_never_was_is_taken_back(clerk: Member, told: Telling) -> None:
    withdraw_tie(told(clerk), reason="登记到了别家", by=clerk, at=AT + timedelta(minutes=1))

    assert standing(clerk) == []
    assert Tie.objects.count() == 2


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"share": 10_001}, "share"), ({"share": None}, "share"), ({"valid_from": TODAY + timedelta(days=1)}, "valid_from"),
    ({"valid_until": SINCE - timedelta(days=1)}, "valid_until"), ({"kind": "guarantee", "amount": 0}, "amount"),
    ({"kind": "person"}, "role"), ({"kind": "person", "role": "监事", "other": firm_other(7)}, "kind"),
    ({"from_other": False}, "direction"), ({"other": Other(firm_name="云州新建设公司", firm_code="91")}, "code"),
    ({"other": Other(person=Person("祁述之", number="11010519491231002"))}, "number"), ({"kind": "cousin"}, "kind"),
    ({"other": firm_other(1)}, "name"),
)  # fmt: skip


def test_what_cannot_be_right_is_refused_beside_its_field(clerk: Member, told: Telling) -> None:
    for facts, field in WRONG:
        with pytest.raises(Invalid) as refused:
            told(clerk, **facts)
        assert field in refused.value.fields, facts

    assert not Tie.objects.exists()


def test_nobody_owns_more_than_the_whole_and_nothing_is_told_twice(clerk: Member, told: Telling) -> None:
    told(clerk)

    with pytest.raises(Invalid, match="100%"):
        told(clerk, other=firm_other(7), share=4_001)
    with pytest.raises(Invalid, match="登记过"):
        told(clerk)

    assert told(clerk, other=firm_other(7), share=4_000)


def test_only_who_keeps_the_record_tells_and_only_the_teller_corrects(
    clerk: Member, manager: Member, other_manager: Member, told: Telling
) -> None:
    stranger = replace_member(other_manager)
    with pytest.raises(NotPermitted):
        told(stranger)
    tie = told(manager)
    with pytest.raises(NotPermitted):
        correct_tie(tie, Facts(OWNS, share=1, valid_from=SINCE), reason="不是我", by=clerk, at=AT)


def replace_member(member: Member) -> Member:
    """Return a colleague who is not the account manager."""
    from xinshu.accounts.tests.conftest import member_with

    return member_with("manager", username="colleague", organisation=member.organisation)


def test_what_a_house_knows_of_its_customer_exists_for_that_house_alone(
    clerk: Member, manager: Member, other_manager: Member, told: Telling
) -> None:
    told(manager, kind=GUARANTEES, amount=1)
    assert [bool(standing(one)) for one in (manager, other_manager, clerk)] == [True, False, False]

    told(clerk, share=5_000, other=firm_other(8))
    assert [len(standing(one)) for one in (manager, other_manager, clerk)] == [2, 1, 1]


def test_persons_are_the_same_by_the_registers_id_or_the_number_never_by_name(db: None) -> None:
    number = "11010519491231002X"
    by_id = [person_node(Person("王伟", register_id=one)) for one in ("A", "A", "B")]
    by_number = [person_node(Person("王伟", number=number)) for _n in range(2)]
    by_name = [person_node(Person("王伟")) for _n in range(2)]

    assert by_id[0] == by_id[1] != by_id[2]
    assert by_number[0] == by_number[1]
    assert by_name[0] != by_name[1]
    assert by_number[0].card_masked == "110105********002X"
    assert not Node.objects.filter(key__contains=number).exists()


def answered(owner: Organisation, day: date, owners: list[dict[str, Any]], people: list[dict[str, Any]]) -> SourceCall:
    return SourceCall.objects.create(
        owner=owner, source=SOURCE.code, key=owner.uscc, outcome="answered", as_of=day.isoformat(), at=AT,
        answer={"owners": owners, "people": people},
    )  # fmt: skip


def test_what_the_register_says_no_more_ends_and_what_it_says_otherwise_begins_anew(
    clerk: Member, firm: Organisation
) -> None:
    own = node_of(firm)
    first = {"person": "R1", "name": "祁述之", "share": 7_000, "since": "2024-01-01"}
    gone = {"person": "R2", "name": "丁望之", "role": "监事", "since": "2024-01-01"}
    before, after = TODAY - timedelta(days=30), TODAY
    call = answered(firm, before, [first, {"code": "91", "name": "坏", "share": 1}], [gone])
    assert take_answer(own, call, told_in(call), by=SYSTEM, at=AT - timedelta(days=30)) == 2
    assert take_answer(own, call, told_in(call), by=SYSTEM, at=AT - timedelta(days=29)) == 0

    call = answered(firm, after, [first | {"share": 6_000}], [])
    assert take_answer(own, call, told_in(call), by=SYSTEM, at=AT) == 2

    assert standing(clerk) == [("祁述之", 6_000)]
    assert standing(clerk, on=after - timedelta(days=1)) == [("祁述之", 7_000), ("丁望之", None)]


def test_of_one_holding_told_twice_the_registers_counts(clerk: Member, firm: Organisation, told: Telling) -> None:
    told(clerk)
    call = answered(firm, TODAY, [{"person": "R1", "name": OWNER.name, "share": 9_000, "since": "2024-01-01"}], [])
    take_answer(node_of(firm), call, told_in(call), by=SYSTEM, at=AT)

    found = surroundings(node_of(firm), seen_by(clerk, TODAY, TODAY))

    assert (len(found.ties), sum(found.graph.holders(node_of(firm).pk).values())) == (2, 9_000)


def test_a_case_ends_its_tie_when_the_amount_is_another_and_when_it_is_over(
    firm: Organisation, manager: Member, clerk: Member
) -> None:
    facts = Facts(GUARANTEES, amount=500, valid_from=TODAY - timedelta(days=9))
    case = Told(node_of(manager.organisation), node_of(firm), facts, "guarantees.guarantee:1:guarantee", "保函", "/x/")

    def follow(**changes: Any) -> None:
        follow_case(replace(case, facts=replace(facts, **changes)), teller_id=manager.organisation_id, by=SYSTEM, at=AT)

    follow()
    follow()
    follow(amount=300)
    follow(amount=300)
    follow(amount=None, valid_until=TODAY)

    rows = (
        Tie.objects.filter(replaced_by=None).order_by("valid_from").values_list("amount", "valid_from", "valid_until")
    )
    assert list(rows) == [
        (500, TODAY - timedelta(days=9), TODAY - timedelta(days=1)), (300, TODAY, TODAY),
    ]  # fmt: skip
    assert [bool(standing(one)) for one in (manager, clerk)] == [True, True]


def test_surroundings_go_level_by_level_and_say_when_there_is_more(
    clerk: Member, firm: Organisation, enterprise: Enterprise, told: Telling
) -> None:
    above = told(clerk, other=firm_other(7)).source
    told(clerk, other=Other(person=OWNER), about=above)
    ties = Tie.objects.standing(TODAY, known_by(TODAY))

    found = surroundings(node_of(firm), ties)
    few = surroundings(node_of(firm), ties, most=2)

    assert [len(level) for level in found.levels] == [1, 1, 1]
    assert (found.cut, few.cut, len(few.nodes)) == (False, True, 2)
    assert code(7) == above.code
