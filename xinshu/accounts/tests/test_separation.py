"""三权分立: who may propose, approve, hold what; every pair of administrators and roles is tried."""

from itertools import combinations, permutations

import pytest

from xinshu.accounts.actions.membership import join_organisation
from xinshu.accounts.actions.roles import (
    Incompatible,
    approve_roles,
    propose_roles,
    refuse_roles,
    withdraw_roles,
)
from xinshu.accounts.models import Member, Organisation, RoleChange
from xinshu.accounts.roles import GUARDIANS, INCOMPATIBLE, PLATFORM, ROLES, ROLES_OF_KIND, conflict
from xinshu.accounts.tests.conftest import NOW, code, member_with
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
WHY = "岗位调整"


@pytest.fixture
def home(db: None) -> Organisation:
    return Organisation.objects.create(name="云州信枢运营有限公司", kind="operator", uscc=code(31))


def at_home(home: Organisation, *roles: str) -> Member:
    return member_with(*roles, organisation=home)


def propose(member: Member, *roles: str, by: Member) -> RoleChange:
    return propose_roles(member, roles, reason=WHY, by=by, at=NOW)


def test_no_two_of_the_three_administrations_can_be_one_person() -> None:
    for one, other in combinations(("sysadmin", "secadmin", "auditor"), 2):
        assert conflict([one, other])
    assert {role for pair in INCOMPATIBLE for role in pair[:2]} <= set(ROLES)
    assert all(set(roles) <= set(ROLES) for roles in ROLES_OF_KIND.values())


def test_no_administrator_holds_a_permission_of_another_or_of_any_business() -> None:
    pages = {
        "accounts.view",
        "accounts.reveal",
        "ledger.retention",
    }  # what they look at together; acting there takes a right of one's own
    rights = {role: ROLES[role][1] - pages for role in PLATFORM}

    for one, other in permutations(PLATFORM, 2):
        assert not rights[one] & rights[other]
    assert not any(right.startswith("guarantees.") for held in rights.values() for right in held)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("by", ["sysadmin", "secadmin", "auditor", "operator"])
def test_each_role_is_proposed_by_the_administrator_whose_it_is(by: str, role: str, home: Organisation) -> None:
    proposer = at_home(home, by)
    kind = next(kind for kind, roles in ROLES_OF_KIND.items() if role in roles)
    somebody = at_home(home) if kind == "operator" else member_with(kind=kind)
    theirs = by == ("secadmin" if role in GUARDIANS else "sysadmin")

    if theirs:
        assert propose(somebody, role, by=proposer).state == "proposed"
    else:
        with pytest.raises(NotPermitted):
            propose(somebody, role, by=proposer)
        assert not RoleChange.objects.exists()
    somebody.refresh_from_db()
    assert somebody.roles == []


@pytest.mark.parametrize("by", ["sysadmin", "secadmin", "auditor"])
@pytest.mark.parametrize("role", PLATFORM)
def test_nobody_proposes_anything_for_oneself_nor_loses_it_so(by: str, role: str, home: Organisation) -> None:
    administrator = at_home(home, by)
    other_self = member_with("applicant", kind="enterprise")
    Member.objects.filter(pk=other_self.pk).update(user=administrator.user)
    other_self.refresh_from_db()

    for me in (administrator, other_self):
        for roles in ([role], []):
            with pytest.raises(NotPermitted):
                propose(me, *roles, by=administrator)


@pytest.mark.parametrize("by", PLATFORM)
def test_only_another_security_administrator_approves(by: str, home: Organisation) -> None:
    case = propose(member_with(kind="guarantor"), "manager", by=at_home(home, "sysadmin"))
    decider = at_home(home, by)

    if by == "secadmin":
        approve_roles(case, by=decider, at=NOW)
        assert Member.objects.get(pk=case.member_id).roles == ["manager"]
        entry = Entry.objects.order_by("-pk")[0]
        assert (entry.kind, entry.data["before"], entry.data["after"]) == ("roles.approved", [], ["manager"])
    else:
        with pytest.raises(NotPermitted):
            approve_roles(case, by=decider, at=NOW)
        assert Member.objects.get(pk=case.member_id).roles == []


def test_whoever_proposes_does_not_approve_and_whoever_it_is_about_neither(home: Organisation) -> None:
    proposer, second = at_home(home, "secadmin"), at_home(home, "secadmin")
    own = propose(at_home(home), "auditor", by=proposer)
    about = propose(second, by=proposer)  # takes the second one's role away

    for case, by in ((own, proposer), (about, second)):
        with pytest.raises(NotPermitted):
            approve_roles(case, by=by, at=NOW)
    approve_roles(own, by=second, at=NOW)


def test_a_system_administrator_neither_gives_nor_takes_security_or_audit(home: Organisation) -> None:
    sysadmin = at_home(home, "sysadmin")

    for holder in (at_home(home, "secadmin"), at_home(home, "auditor")):
        for roles in (["operator"], [], [*holder.roles, "operator"]):
            with pytest.raises((NotPermitted, Incompatible)):
                propose(holder, *roles, by=sysadmin)
    assert not RoleChange.objects.exists()


@pytest.mark.parametrize(("one", "other"), [pair[:2] for pair in INCOMPATIBLE])
def test_incompatible_roles_never_meet_in_one_person(one: str, other: str, home: Organisation) -> None:
    kind = next(kind for kind, roles in ROLES_OF_KIND.items() if one in roles and other in roles)
    holder = at_home(home, one) if kind == "operator" else member_with(one, kind=kind)
    by = at_home(home, "secadmin" if {one, other} & GUARDIANS else "sysadmin")

    with pytest.raises((Incompatible, NotPermitted)):
        propose(holder, one, other, by=by)
    with pytest.raises(Incompatible):
        join_organisation(member_with(kind=kind).user, holder.organisation, [one, other], by=SYSTEM, at=NOW)


def test_administrations_do_not_meet_across_organisations_either(home: Organisation) -> None:
    second = Organisation.objects.create(name="云州第二运营有限公司", kind="operator", uscc=code(32))
    sysadmin = at_home(home, "sysadmin")

    with pytest.raises(Incompatible):
        join_organisation(sysadmin.user, second, ["auditor"], by=SYSTEM, at=NOW)


def test_two_changes_that_each_were_fine_cannot_add_up(home: Organisation) -> None:
    second_home = Organisation.objects.create(name="云州第二运营有限公司", kind="operator", uscc=code(32))
    person = at_home(home)
    there = Member.objects.create(user=person.user, organisation=second_home, roles=[])
    secadmin = at_home(home, "secadmin")
    as_system = propose(person, "sysadmin", by=at_home(home, "sysadmin"))
    as_audit = propose(there, "auditor", by=at_home(home, "secadmin"))
    approve_roles(as_system, by=secadmin, at=NOW)

    with pytest.raises(Incompatible):
        approve_roles(as_audit, by=secadmin, at=NOW)


def test_a_change_waits_alone_and_is_withdrawn_or_refused(home: Organisation) -> None:
    member, sysadmin, secadmin = member_with(kind="guarantor"), at_home(home, "sysadmin"), at_home(home, "secadmin")
    first = propose(member, "manager", by=sysadmin)

    with pytest.raises(NotNow):
        propose(member, "signer", by=sysadmin)
    with pytest.raises(NotPermitted):
        withdraw_roles(first, by=secadmin, at=NOW)
    withdraw_roles(first, by=sysadmin, at=NOW)
    second = propose(member, "signer", by=sysadmin)
    with pytest.raises(Invalid):
        refuse_roles(second, reason=" ", by=secadmin, at=NOW)
    refuse_roles(second, reason="人手已够", by=secadmin, at=NOW)

    assert [case.state for case in RoleChange.objects.order_by("pk")] == ["withdrawn", "refused"]
    with pytest.raises((NotNow, Changed)):
        approve_roles(RoleChange.objects.get(pk=second.pk), by=secadmin, at=NOW)


def test_what_was_approved_from_a_stale_page_or_state_is_refused(home: Organisation) -> None:
    member, secadmin = member_with(kind="guarantor"), at_home(home, "secadmin")
    case = propose(member, "manager", by=at_home(home, "sysadmin"))
    Member.objects.filter(pk=member.pk).update(roles=["reviewer"])

    with pytest.raises(NotNow, match="已经变过"):
        approve_roles(case, by=secadmin, at=NOW)


@pytest.mark.parametrize("roles", [["nonsense"], ["sysadmin"], ["department"]])
def test_roles_that_do_not_exist_or_fit_the_organisation_are_refused(roles: list[str], home: Organisation) -> None:
    with pytest.raises(Invalid):
        propose(member_with(kind="guarantor"), *roles, by=at_home(home, "sysadmin"))
