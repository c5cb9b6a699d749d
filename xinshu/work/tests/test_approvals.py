"""Stories: signing level by level, for oneself or another; adding, returning, resubmitting; any order of these."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import Phase

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.queries import history_of
from xinshu.work.actions.approvals import (
    NobodyLeft,
    add_signer,
    resubmit,
    return_to_applicant,
    return_to_level,
    sign,
    withdraw,
)
from xinshu.work.actions.delegations import delegate_signing, end_delegation
from xinshu.work.models import Approval, Signature
from xinshu.work.plan import NUMBER, Level
from xinshu.work.queries import progress_of, waiting_for
from xinshu.work.tests.house import House

pytestmark = pytest.mark.django_db
FACTS = {"amount": 500}
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)  # no shrinking: it takes minutes on a database


def yes(approval: Approval, case: Any, by: Member, house: House, **facts: Any) -> Approval:
    facts = {**approval.facts, **facts}
    return sign(approval, case, approves=True, facts=facts, opinion="同意。", by=by, at=house.at)


@pytest.fixture
def staffed(house: House) -> House:
    house.member("甲", "reviewer")
    house.member("乙", "reviewer")
    house.member("丙", "director")
    return house


def waiting(house: House, approval: Approval) -> set[str]:
    """Return who finds the approval among what waits for them."""
    day = local_day(house.at)
    return {
        name for name, member in house.people.items() if waiting_for(member, "toy", day).filter(pk=approval.pk).exists()
    }


def test_a_case_passes_level_by_level(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    assert waiting(staffed, approval) == {"甲", "乙"}

    approval = yes(approval, case, staffed.people["甲"], staffed)
    assert (approval.state, approval.level_name, waiting(staffed, approval)) == ("open", "分管", {"丙"})
    approval = yes(approval, case, staffed.people["丙"], staffed)

    assert (approval.state, approval.ended_at, waiting(staffed, approval)) == ("passed", staffed.at, set())
    assert [entry.kind for entry in history_of(approval)] == ["approval.started", "approval.signed", "approval.signed"]


def test_below_the_bound_the_second_level_is_not_asked(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case, amount=100)

    assert yes(approval, case, staffed.people["甲"], staffed).state == "passed"


@pytest.mark.parametrize("name", ["丙", "丁", "外人"])
def test_whoever_is_not_asked_changes_nothing(staffed: House, name: str) -> None:
    staffed.member("丁", "manager")
    other = House(staffed.at, name="另一家担保公司")
    who = other.member("外人", "reviewer") if name == "外人" else staffed.people[name]
    case = staffed.case()
    approval = staffed.start(case)

    with pytest.raises(NotPermitted):
        yes(approval, case, who, staffed)

    assert not Signature.objects.exists()
    assert Approval.objects.get(pk=approval.pk).version == approval.version


def test_nobody_passes_two_levels_that_must_differ(staffed: House) -> None:
    both = staffed.member("丁", "reviewer", "director")
    case = staffed.case()
    approval = yes(staffed.start(case), case, both, staffed)

    with pytest.raises(NotPermitted) as refused:
        yes(approval, case, both, staffed)

    assert "须由另一人签署" in refused.value.message
    assert waiting(staffed, approval) == {"丙"}


def test_the_only_director_does_not_sign_as_reviewer(staffed: House) -> None:
    chief = staffed.people["丙"]
    chief.roles = ["reviewer", "director"]
    chief.save(update_fields=["roles"])
    case = staffed.case()
    approval = staffed.start(case)

    with pytest.raises(NotPermitted) as refused:
        yes(approval, case, Member.objects.get(pk=chief.pk), staffed)

    assert "离不开" in refused.value.message
    assert waiting(staffed, approval) == {"甲", "乙"}


def test_whoever_made_the_case_does_not_sign_it(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case, keepers=(staffed.people["甲"],))

    with pytest.raises(NotPermitted) as refused:
        yes(approval, case, staffed.people["甲"], staffed)

    assert "须由另一人审批" in refused.value.message
    assert waiting(staffed, approval) == {"乙"}


def test_two_signatures_in_one_group_are_refused_by_the_database_itself(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    first = Signature.objects.get(act="approve")

    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(
            approval=approval,
            act="approve",
            level="2",
            group=first.group,
            hand=first.hand,
            hand_label="",
            at=staffed.at,
        )


def test_a_stale_approval_is_refused(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    yes(approval, case, staffed.people["甲"], staffed)

    with pytest.raises(Changed):
        yes(approval, case, staffed.people["乙"], staffed)


def test_a_no_with_its_reason_ends_it(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)

    with pytest.raises(Invalid):
        sign(approval, case, approves=False, facts=FACTS, opinion="不", by=staffed.people["甲"], at=staffed.at)
    approval = sign(
        approval, case, approves=False, facts=FACTS, opinion="集中度过高。", by=staffed.people["甲"], at=staffed.at
    )

    assert approval.state == "rejected"
    with pytest.raises(NotNow):
        yes(approval, case, staffed.people["乙"], staffed)


# delegations


def delegated(house: House, principal: str, delegate: str, days: int = 3) -> Any:
    day = local_day(house.at)
    return delegate_signing(
        house.people[delegate], kinds=["toy"], starts_on=day, ends_on=day + timedelta(days=days), reason="出差",
        by=house.people[principal], at=house.at,
    )  # fmt: skip


def test_a_delegate_signs_in_the_own_name_on_behalf_of(staffed: House) -> None:
    staffed.member("丁", "director")
    delegation = delegated(staffed, "丙", "甲")
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["乙"], staffed)
    assert waiting(staffed, approval) == {"丙", "丁", "甲"}

    yes(approval, case, staffed.people["甲"], staffed)

    mark = Signature.objects.filter(act="approve").last()
    assert (mark.hand, mark.seat, mark.delegation) == (
        staffed.people["甲"].user, staffed.people["丙"].user, delegation,
    )  # fmt: skip
    assert history_of(approval).last().data["on_behalf_of"] == staffed.people["丙"].actor_label


def test_a_delegate_who_signed_below_does_not_sign_above(staffed: House) -> None:
    delegated(staffed, "丙", "甲")
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)

    with pytest.raises(NotPermitted):
        yes(approval, case, staffed.people["甲"], staffed)

    assert waiting(staffed, approval) == {"丙"}


def test_nor_does_a_delegate_sign_the_own_case(staffed: House) -> None:
    delegated(staffed, "乙", "甲")
    case = staffed.case()
    approval = staffed.start(case, keepers=(staffed.people["甲"],))

    with pytest.raises(NotPermitted):
        yes(approval, case, staffed.people["甲"], staffed)


@pytest.mark.parametrize("over", ["ended", "expired"])
def test_a_delegation_that_is_over_opens_nothing(staffed: House, over: str) -> None:
    delegation = delegated(staffed, "丙", "甲", days=0)
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["乙"], staffed)
    later = staffed.at + timedelta(days=1)
    if over == "ended":
        end_delegation(delegation, by=staffed.people["丙"], at=staffed.at)
        later = staffed.at

    with pytest.raises(NotPermitted):
        sign(approval, case, approves=True, facts=FACTS, opinion="", by=staffed.people["甲"], at=later)


@pytest.mark.parametrize("wrong", ["self", "stranger", "clerk", "backwards", "too long", "nothing"])
def test_what_cannot_be_delegated(staffed: House, wrong: str) -> None:
    clerk, stranger = staffed.member("丁", "manager"), House(staffed.at, name="别家").member("外人", "reviewer")
    day, me = local_day(staffed.at), staffed.people["甲"]
    to = {"self": me, "stranger": stranger, "clerk": clerk}.get(wrong, staffed.people["乙"])
    days = {"backwards": -1, "too long": 91}.get(wrong, 3)

    with pytest.raises(Invalid):
        delegate_signing(
            to, kinds=[] if wrong == "nothing" else ["toy"], starts_on=day, ends_on=day + timedelta(days=days),
            reason="出差", by=me, at=staffed.at,
        )  # fmt: skip


def test_only_who_delegated_takes_it_back(staffed: House) -> None:
    delegation = delegated(staffed, "丙", "甲")

    with pytest.raises(NotPermitted):
        end_delegation(delegation, by=staffed.people["甲"], at=staffed.at)


# adding, returning, resubmitting


@pytest.mark.parametrize("before", [True, False])
def test_a_signer_is_added_before_or_after(staffed: House, before: bool) -> None:
    case, by, added = staffed.case(), staffed.people["甲"], staffed.member("丁", "reviewer")
    approval = staffed.start(case, amount=100)
    approval = add_signer(approval, case, signer=added, before=before, reason="请一并把关。", by=by, at=staffed.at)

    order = [added, by] if before else [by, added]
    for who in order:
        assert approval.state == "open"
        approval = yes(approval, case, who, staffed)

    assert approval.state == "passed"


def test_whoever_is_needed_elsewhere_is_not_added(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)

    with pytest.raises(NobodyLeft):
        add_signer(
            approval, case, signer=staffed.people["丙"], before=True, reason="请把关。", by=staffed.people["甲"],
            at=staffed.at,
        )  # fmt: skip


def test_returned_to_an_earlier_level_its_signatures_are_given_anew(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    approval = return_to_level(
        approval, case, key="1", reason="请复核担保期限。", by=staffed.people["丙"], at=staffed.at
    )

    assert (approval.level, waiting(staffed, approval)) == ("1", {"甲", "乙"})
    approval = yes(yes(approval, case, staffed.people["乙"], staffed), case, staffed.people["丙"], staffed)
    assert approval.state == "passed"
    assert Signature.objects.filter(act="approve", voided_at__isnull=False).count() == 1


@pytest.mark.parametrize(("facts", "level"), [({"amount": 500}, "2"), ({"amount": 600}, "1"), ({"note": "改"}, "2")])
def test_a_resubmitted_case_repeats_only_what_judged_what_changed(staffed: House, facts: dict, level: str) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    approval = return_to_applicant(approval, case, reason="请补充中标通知书。", by=staffed.people["丙"], at=staffed.at)
    assert (approval.state, waiting(staffed, approval)) == ("returned", set())

    approval = resubmit(approval, case, facts={**FACTS, **facts}, keepers=[], by=SYSTEM, at=staffed.at)

    assert (approval.state, approval.level) == ("open", level)


def test_facts_that_changed_unnoticed_open_the_level_again(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)

    with pytest.raises(NotPermitted):
        yes(approval, case, staffed.people["丙"], staffed, amount=501)


def test_a_withdrawn_case_waits_for_nobody(staffed: House) -> None:
    case = staffed.case()
    approval = withdraw(staffed.start(case), case, reason="不再需要。", by=SYSTEM, at=staffed.at)

    assert (approval.state, waiting(staffed, approval)) == ("withdrawn", set())


def test_a_council_decides_by_number(house: House) -> None:
    house.plan(Level("1", "评审会", "role:reviewer", needs=NUMBER, number=2))
    for name in "甲乙丙":
        house.member(name, "reviewer")
    case = house.case()
    approval = yes(house.start(case), case, house.people["甲"], house)
    approval = sign(
        approval, case, approves=False, facts=FACTS, opinion="风险偏高。", by=house.people["乙"], at=house.at
    )
    assert approval.state == "open"

    assert yes(approval, case, house.people["丙"], house).state == "passed"


def test_where_nobody_is_left_the_approval_says_so(house: House) -> None:
    house.member("甲", "reviewer")
    case = house.case()

    approval = yes(house.start(case), case, house.people["甲"], house)

    assert (approval.state, approval.short) == ("open", True)
    house.member("丙", "director")
    assert yes(approval, case, house.people["丙"], house).state == "passed"


def test_the_page_names_who_comes_next(staffed: House) -> None:
    case = staffed.case()
    yes(staffed.start(case), case, staffed.people["甲"], staffed)

    progress = progress_of(case, staffed.people["丙"], staffed.at)

    assert [(stage.level.name, stage.status, stage.waiting) for stage in progress.stages] == [
        ("复审", "done", []), ("分管", "now", ["丙"]),
    ]  # fmt: skip
    assert (progress.may_sign, progress.seats) == (True, [(staffed.people["丙"].user_id, "丙")])
