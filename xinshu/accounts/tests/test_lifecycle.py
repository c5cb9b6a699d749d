"""Table: what the lifecycles of registration and account forbid, tried through the real actions."""

import pytest

from xinshu.accounts.actions.accounts import lock_user, unlock_user
from xinshu.accounts.actions.registration import approve_registration, refuse_registration
from xinshu.accounts.lifecycle import REGISTRATION, USER
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.accounts.tests.conftest import NOW, member_with, registration
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Changed, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


def approve(case: Registration, by: Actor) -> Registration:
    return approve_registration(case, by=by, at=NOW)


def refuse(case: Registration, by: Actor) -> Registration:
    return refuse_registration(case, reason="名称与执照不符", by=by, at=NOW)


DECISIONS = {"approve": approve, "refuse": refuse}


def everything() -> list[object]:
    """Return all rows that a decision could touch."""
    models = (Registration, Organisation, User, Member, Entry)
    return [row for model in models for row in model.objects.order_by("pk").values()]


def test_every_action_of_the_table_is_tried() -> None:
    assert {row.action for row in REGISTRATION.rows} == set(DECISIONS)


@pytest.mark.parametrize("state", REGISTRATION.states)
@pytest.mark.parametrize("action", DECISIONS)
def test_a_decision_is_taken_from_the_states_of_the_table_and_from_no_other(
    state: str, action: str, operator: Member
) -> None:
    case = registration()
    Registration.objects.filter(pk=case.pk).update(state=state)
    case.refresh_from_db()
    row = next(row for row in REGISTRATION.rows if row.action == action)
    before = everything()

    if state in row.sources:
        DECISIONS[action](case, operator)
        case.refresh_from_db()
        assert (case.state, case.version) == (row.target, 2)
    else:
        with pytest.raises(NotNow):
            DECISIONS[action](case, operator)
        assert everything() == before


@pytest.mark.parametrize("action", DECISIONS)
@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("operator", "sysadmin"),
        ("operator", "secadmin"),
        ("operator", "auditor"),
        ("enterprise", "applicant"),
        ("guarantor", "operator"),  # the role, but not in the operator's house
    ],
)
def test_nobody_but_the_operator_decides(action: str, kind: str, role: str) -> None:
    case, other = registration(), member_with(role, kind=kind)
    before = everything()

    with pytest.raises(NotPermitted):
        DECISIONS[action](case, other)

    assert everything() == before


@pytest.mark.parametrize("action", DECISIONS)
def test_the_system_does_not_decide(action: str) -> None:
    case = registration()
    before = everything()

    with pytest.raises(NotPermitted):
        DECISIONS[action](case, SYSTEM)

    assert everything() == before


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
def test_of_two_operators_with_the_same_page_one_decides_and_the_other_is_told(
    first: str, second: str, operator: Member
) -> None:
    case = registration()
    stale = Registration.objects.get(pk=case.pk)
    DECISIONS[first](case, operator)
    before = everything()

    with pytest.raises(Changed) as told:
        DECISIONS[second](stale, operator)

    assert told.value.case == case
    assert everything() == before


CHANGES = {"lock": lock_user, "unlock": unlock_user}


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("action", CHANGES)
def test_an_account_is_locked_and_unlocked_as_the_table_says(is_active: bool, action: str, sysadmin: Member) -> None:
    user = member_with("applicant", kind="enterprise").user
    User.objects.filter(pk=user.pk).update(is_active=is_active)
    user.refresh_from_db()
    row = next(row for row in USER.rows if row.action == action)
    before = everything()

    if user.state in row.sources:
        changed = CHANGES[action](user, reason="离职", by=sysadmin, at=NOW)
        assert changed.state == row.target
    else:
        with pytest.raises(NotNow):
            CHANGES[action](user, reason="离职", by=sysadmin, at=NOW)
        assert everything() == before


@pytest.mark.parametrize("role", ["operator", "secadmin", "auditor"])
def test_only_the_system_administrator_locks(role: str) -> None:
    user, other = member_with("applicant", kind="enterprise").user, member_with(role)
    before = everything()

    with pytest.raises(NotPermitted):
        lock_user(user, reason="离职", by=other, at=NOW)

    assert everything() == before
