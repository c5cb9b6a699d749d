"""Stories of role tables: rights per page, proposed, previewed, put in use by a second person; of emergency stops."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.actions.emergency import begin_block, lift_block
from xinshu.accounts.actions.membership import create_organisation
from xinshu.accounts.actions.tables import approve_table, effects, propose_table, refuse_table, withdraw_table
from xinshu.accounts.models import Block, Member, Organisation, RoleTable
from xinshu.accounts.roles import NEED_QUERY, NEVER_TOGETHER, ROLES, ROLES_OF_KIND, configurable, permissions_of
from xinshu.accounts.tests.conftest import NOW, member_with
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
WHY = "收紧导出"
NO_EXPORT = {"manager": sorted(ROLES["manager"][1] - {"guarantees.export"})}


@pytest.fixture
def manager(db: None) -> Member:
    return member_with("manager", kind="guarantor")


@pytest.fixture
def secadmin(db: None) -> Member:
    return member_with("secadmin")


def fresh(member: Member) -> Member:
    return Member.objects.acting().get(pk=member.pk)


def propose(organisation: Organisation, table: dict[str, list[str]], by: Member) -> RoleTable:
    return propose_table(organisation, table, reason=WHY, by=by, at=NOW)


def test_defaults_keep_their_own_rules() -> None:
    for _name, rights in ROLES.values():
        assert not any({one, other} <= rights for one, other in NEVER_TOGETHER)
        assert all(NEED_QUERY[right] in rights for right in rights & set(NEED_QUERY))
    assert not configurable("operator")


def test_a_table_takes_two_people_and_then_holds_for_every_member_at_once(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    colleague = member_with("manager", organisation=manager.organisation)
    elsewhere = member_with("manager", kind="guarantor")
    proposed = propose(manager.organisation, NO_EXPORT, sysadmin)

    assert fresh(manager).can("guarantees.export")
    told = effects(manager.organisation, proposed.roles)
    assert [(one.member, one.gains, one.loses) for one in told] == [
        (member, (), ("保函台账与工程项目·导出",)) for member in (manager, colleague)
    ]
    with pytest.raises(NotPermitted):
        approve_table(proposed, by=sysadmin, at=NOW)
    approve_table(proposed, by=secadmin, at=NOW)

    assert not fresh(manager).can("guarantees.export")
    assert not fresh(colleague).can("guarantees.export")
    assert fresh(manager).can("guarantees.apply")
    assert fresh(elsewhere).can("guarantees.export")
    changes = Entry.objects.get(kind="role_table.approved").data["changes"]
    assert changes[manager.user.username] == {"gains": [], "loses": ["保函台账与工程项目·导出"]}


def test_permissions_stay_one_look_up(manager: Member, sysadmin: Member, secadmin: Member) -> None:
    approve_table(propose(manager.organisation, NO_EXPORT, sysadmin), by=secadmin, at=NOW)
    member = fresh(manager)

    with CaptureQueriesContext(connection) as queries:
        assert not member.can("guarantees.export")
        assert member.can("guarantees.view")

    assert len(queries) == 0


def test_a_later_version_replaces_the_former_and_defaults_come_back(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    first = propose(manager.organisation, NO_EXPORT, sysadmin)
    approve_table(first, by=secadmin, at=NOW)
    manager.organisation.refresh_from_db()
    second = propose(manager.organisation, {}, sysadmin)

    approve_table(second, by=secadmin, at=NOW)

    assert [(one.number, one.state) for one in RoleTable.objects.order_by("number")] == [
        (1, "superseded"),
        (2, "active"),
    ]
    assert fresh(manager).permissions == permissions_of(["manager"])


@pytest.mark.parametrize(
    ("rights", "why"),
    [
        (["guarantees.view", "guarantees.apply", "guarantees.review"], "不能同时有"),
        (["guarantees.view", "guarantees.review", "guarantees.issue"], "不能同时有"),
        (["guarantees.export"], "不能查询"),
        (["guarantees.view", "accounts.manage"], "没有的权限"),
        (["guarantees.view", "ledger.audit"], "没有的权限"),
        (["guarantees.view", "guarantees.supervise"], "没有的权限"),
        (sorted(ROLES["manager"][1]), "没有变化"),
    ],
)
def test_a_table_cannot_undo_four_eyes_nor_reach_beyond_its_kind(
    rights: list[str], why: str, manager: Member, sysadmin: Member
) -> None:
    with pytest.raises(Invalid, match=why):
        propose(manager.organisation, {"manager": rights}, sysadmin)

    assert not RoleTable.objects.exists()


def test_the_platforms_own_roles_are_fixed(sysadmin: Member) -> None:
    with pytest.raises(Invalid, match="固定"):
        propose(sysadmin.organisation, {"auditor": []}, sysadmin)


@pytest.mark.parametrize("role", ["secadmin", "auditor", "operator"])
def test_nobody_else_proposes(role: str, manager: Member) -> None:
    with pytest.raises(NotPermitted):
        propose(manager.organisation, NO_EXPORT, member_with(role))


def test_one_version_waits_at_a_time_and_is_refused_or_withdrawn(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    first = propose(manager.organisation, NO_EXPORT, sysadmin)
    with pytest.raises(NotNow):
        propose(manager.organisation, NO_EXPORT, sysadmin)
    refuse_table(first, reason="影响太大", by=secadmin, at=NOW)
    second = propose(manager.organisation, NO_EXPORT, sysadmin)
    withdraw_table(second, by=sysadmin, at=NOW)

    with pytest.raises((NotNow, Changed)):
        approve_table(RoleTable.objects.get(pk=second.pk), by=secadmin, at=NOW)
    assert Organisation.objects.get(pk=manager.organisation_id).role_table == {}


def test_every_kind_of_organisation_has_roles_and_every_business_role_a_kind() -> None:
    assert set(ROLES_OF_KIND) == set(Organisation.Kind.values)
    assert {role for roles in ROLES_OF_KIND.values() for role in roles} == set(ROLES)


# ── emergency ──


def stop(what: str, organisation: Organisation | None, by: Member) -> Block:
    return begin_block(what, organisation, reason="疑似泄露", by=by, at=NOW)


def test_an_organisations_exports_stop_at_once_and_go_on_by_a_second_person(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    block = stop("exports", manager.organisation, secadmin)

    assert not fresh(manager).can("guarantees.export")
    assert fresh(manager).can("guarantees.view")
    with pytest.raises(NotNow):
        stop("exports", manager.organisation, sysadmin)
    with pytest.raises(NotPermitted, match="另一位"):
        lift_block(block, reason="查清", by=secadmin, at=NOW)
    lift_block(block, reason="查清", by=sysadmin, at=NOW)

    assert fresh(manager).can("guarantees.export")
    assert [entry.kind for entry in Entry.objects.order_by("pk")] == ["block.begun", "block.lifted"]


def test_all_exports_stop_for_everybody_and_for_those_who_come_later(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    own = stop("exports", manager.organisation, secadmin)
    block = stop("all_exports", None, secadmin)
    late = create_organisation("云州迟来有限公司", "enterprise", code=None, by=SYSTEM, at=NOW)

    assert not Organisation.objects.filter(exports_stopped=False).exists()
    with pytest.raises(NotNow):
        stop("all_exports", None, sysadmin)
    lift_block(block, reason="查清", by=sysadmin, at=NOW)
    late.refresh_from_db()
    assert not late.exports_stopped
    assert not fresh(manager).can("guarantees.export")  # its own stop holds on
    lift_block(own, reason="查清", by=sysadmin, at=NOW)
    assert fresh(manager).can("guarantees.export")


def test_a_stopped_organisation_is_out_until_somebody_else_lets_it_in(
    manager: Member, sysadmin: Member, secadmin: Member
) -> None:
    block = stop("organisation", manager.organisation, sysadmin)

    assert not Member.objects.acting().filter(pk=manager.pk).exists()
    lift_block(block, reason="查清", by=secadmin, at=NOW)
    assert Member.objects.acting().filter(pk=manager.pk).exists()


def test_nobody_stops_the_operator_and_nobody_else_stops_anything(manager: Member, sysadmin: Member) -> None:
    with pytest.raises(Invalid, match="不能停用"):
        stop("organisation", sysadmin.organisation, sysadmin)
    for what, organisation in (("exports", None), ("all_exports", manager.organisation), ("nonsense", None)):
        with pytest.raises(Invalid):
            stop(what, organisation, sysadmin)
    for role in ("auditor", "operator"):
        with pytest.raises(NotPermitted):
            stop("exports", manager.organisation, member_with(role))
    assert not Block.objects.exists()


@pytest.mark.req("EP-07")
def test_a_departments_people_supervise_what_their_roles_allow_and_the_roles_are_set_for_each_department(
    sysadmin: Member, secadmin: Member
) -> None:
    clerk = member_with("department", kind="department")
    other = member_with("department", kind="department")
    before = clerk.permissions

    narrower = {"department": ["guarantees.view", "guarantees.supervise"]}
    case = propose_table(clerk.organisation, narrower, reason="不再导出", by=sysadmin, at=NOW)
    approve_table(case, by=secadmin, at=NOW)

    assert {"guarantees.view", "guarantees.supervise", "guarantees.export"} <= before
    assert Member.objects.acting().get(pk=clerk.pk).permissions == {"guarantees.view", "guarantees.supervise"}
    assert Member.objects.acting().get(pk=other.pk).permissions == before
    for wider in (["guarantees.view", "guarantees.issue"], ["guarantees.view", "accounts.manage"]):
        with pytest.raises(Invalid):
            propose_table(clerk.organisation, {"department": wider}, reason="x", by=sysadmin, at=NOW)
