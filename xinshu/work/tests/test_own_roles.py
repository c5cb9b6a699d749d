"""Stories: an organisation's own roles among the signers of its plans, and open approvals when rights change."""

import pytest

from xinshu.accounts.actions.roles import approve_roles, propose_roles
from xinshu.accounts.actions.tables import approve_table, propose_table
from xinshu.accounts.models import Member, Organisation, User
from xinshu.ledger.worker import drain
from xinshu.work.forms import levels_formset
from xinshu.work.models import Approval, ApprovalPlan
from xinshu.work.people import badges_of, committee_of
from xinshu.work.plan import Level
from xinshu.work.queries import badge_words, progress_of
from xinshu.work.tests.house import JUDGED, House

pytestmark = pytest.mark.django_db
RISK = ["guarantees.review", "guarantees.view"]


@pytest.fixture
def administrators(db: None) -> tuple[Member, Member]:
    home = Organisation.objects.create(name="云州信枢运营有限公司", kind="operator")
    people = [User.objects.create(username=role, name=role) for role in ("sysadmin", "secadmin")]
    one, two = (Member.objects.create(user=user, organisation=home, roles=[user.username]) for user in people)
    return one, two


def put_in_use(house: House, state: str, administrators: tuple[Member, Member]) -> None:
    by, second = administrators
    role = {"own1": {"name": "风控专员", "rights": RISK, "state": state, "revoke": True}}
    proposed = propose_table(house.organisation, role, reason="分工", by=by, at=house.at)
    approve_table(proposed, by=second, at=house.at)
    house.organisation.refresh_from_db()


def acting(house: House, name: str) -> Member:
    return Member.objects.acting().get(pk=house.people[name].pk)


def test_an_own_role_signs_by_its_name_until_it_is_disabled(
    house: House, administrators: tuple[Member, Member]
) -> None:
    put_in_use(house, "active", administrators)
    member = house.member("风", "own1")
    plan = house.plan(Level("1", "风控会", "role:own1"))
    case = house.case()
    approval = house.start(case)
    JUDGED[case.pk] = approval.facts
    plan.refresh_from_db()

    assert "role:own1" in committee_of(house.organisation, "toy")[member.user_id]
    choices = levels_formset(ApprovalPlan.objects.get(pk=plan.pk))[0].fields["who"].choices
    assert ("role:own1", "风控专员") in choices
    assert badge_words("role:own1", "toy", house.organisation.role_table) == "风控专员"
    progress = progress_of(case, acting(house, "风"), house.at)
    assert progress is not None
    assert (progress.stages[0].who, progress.may_sign) == ("风控专员，任一人签署", True)

    put_in_use(house, "disabled", administrators)
    drain()

    assert badges_of(acting(house, "风")) == frozenset()
    assert committee_of(house.organisation, "toy") == {}
    assert Approval.objects.get(pk=approval.pk).short


def test_open_approvals_are_drawn_anew_when_a_signers_role_is_taken(
    house: House, administrators: tuple[Member, Member]
) -> None:
    by, second = administrators
    house.member("甲", "reviewer")
    house.plan(Level("1", "复审", "role:reviewer"))
    case = house.case()
    approval = house.start(case)
    JUDGED[case.pk] = approval.facts

    change = propose_roles(house.people["甲"], ["orgadmin"], reason="调岗", by=by, at=house.at)
    approve_roles(change, by=second, at=house.at)
    drain()

    assert Approval.objects.get(pk=approval.pk).short
