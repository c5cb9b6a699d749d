"""An organisation's own roles: added, assigned, changed, disabled, deleted, each by two people, each at once."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.actions.roles import Incompatible, approve_roles, propose_roles
from xinshu.accounts.actions.tables import approve_table, propose_table
from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member, Organisation, RoleChange, RoleTable
from xinshu.accounts.roles import PAGES, ROLES, ROLES_OF_KIND
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
REVIEW = ["guarantees.review", "guarantees.view"]
DEFAULTS = {f"rights_{role}": sorted(ROLES[role][1]) for role in ROLES_OF_KIND["guarantor"]}


@pytest.fixture
def secadmin(db: None) -> Member:
    return member_with("secadmin")


@pytest.fixture
def house(db: None) -> Organisation:
    return member_with("manager", kind="guarantor", username="keeper").organisation


def browser(member: Member) -> Client:
    client = Client()
    client.post("/sign-in/", {"username": member.user.username, "password": PASSWORD})
    assert client.session[CHOSEN] == member.pk
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def fresh(member: Member) -> Member:
    return Member.objects.acting().get(pk=member.pk)


def own(name: str = "风控专员", rights: list[str] = REVIEW, state: str = "active", **more: Any) -> dict[str, Any]:
    return {"own1": {"name": name, "rights": rights, "state": state, **more}}


class Pages:
    """The two administrators before their browsers, and one role as the form knows it."""

    def __init__(self, house: Organisation, system: Client, security: Client) -> None:
        self.path, self.system, self.security = f"/role-tables/{house.pk}/", system, security
        self.typed: dict[str, Any] = dict(DEFAULTS)

    def type(self, **typed: Any) -> dict[str, Any]:
        self.typed |= {f"{name}_own1": value for name, value in typed.items()}
        return self.typed

    def change_table(self, **typed: Any) -> str:
        """Propose what is typed, see that its author cannot approve it, let the other one; return what they read."""
        assert self.system.post(self.path, {**self.type(**typed), "reason": "岗位分工"}).status_code == 302
        case = RoleTable.objects.get(state="proposed")
        page = f"/role-tables/versions/{case.reference}/"
        assert self.system.post(f"{page}approve/", {"version": case.version}).status_code == 403
        read = text(self.security.get(page))
        assert self.security.post(f"{page}approve/", {"version": case.version}).status_code == 302
        return read

    def assign(self, member: Member, *roles: str) -> str:
        page = f"/users/{member.user.username}/roles/{member.pk}/"
        answer = self.system.post(page, {"roles": roles, "reason": "岗位分工"})
        if answer.status_code != 302:
            return text(answer)
        case = RoleChange.objects.get(state="proposed")
        page = f"/role-changes/{case.reference}/"
        assert self.system.post(f"{page}approve/", {"version": case.version}).status_code == 403
        read = text(self.security.get(page))
        assert self.security.post(f"{page}approve/", {"version": case.version}).status_code == 302
        return read


@pytest.mark.req("EP-36")
def test_a_role_is_added_assigned_changed_disabled_and_deleted_by_two_people_and_holds_at_once(
    house: Organisation, sysadmin: Member, secadmin: Member
) -> None:
    clerk = member_with(organisation=house, username="clerk")
    other = member_with(organisation=house, username="other")
    pages, desk = Pages(house, browser(sysadmin), browser(secadmin)), browser(clerk)
    codes = lambda: [desk.get(path).status_code for path in ("/guarantees/", "/guarantees/export/")]  # noqa: E731
    assert codes() == [403, 403]

    # added, as a copy of another role, with rights of its own
    form = text(pages.system.post(pages.path, {**DEFAULTS, "add": "1", "new_name": "风控专员", "new_like": "reviewer"}))
    assert 'name="rights_own1" value="guarantees.review" aria-label="风控专员：保函台账与工程项目·复审" checked' in form
    assert not RoleTable.objects.exists()
    pages.typed["added"] = "own1"
    assert "新增“风控专员”" in pages.change_table(
        name="风控专员", rights=[*REVIEW, "guarantees.export"], state="active"
    )
    assert codes() == [403, 403]  # nobody holds it yet

    # assigned
    assert "风控专员" in pages.assign(clerk, "own1")
    assert codes()[0] == 200
    assert fresh(clerk).permissions == {*REVIEW, "guarantees.export"}
    workbench = text(desk.get("/workbench/"))
    assert "风控专员" in workbench
    assert 'href="/guarantees/"' in workbench
    assert "申请保函" not in workbench
    assert "须由不同的人办理" in pages.assign(Member.objects.get(user__username="keeper"), "manager", "own1")

    # changed: name and permissions
    read = pages.change_table(name="评审专员", rights=REVIEW)
    assert all(words in read for words in ("“风控专员”改名为“评审专员”", "失去：保函台账与工程项目·导出"))
    assert codes() == [200, 403]
    assert "评审专员" in text(desk.get("/workbench/"))

    # disabled: kept, gives nothing, cannot be given
    assert "停用“评审专员”" in pages.change_table(state="disabled")
    assert codes() == [403, 403]
    assert fresh(clerk).roles == ["own1"]
    assert desk.get("/workbench/").status_code == 200
    assert "评审专员" not in text(pages.system.get(f"/users/other/roles/{other.pk}/"))
    pages.assign(other, "own1")
    assert fresh(other).roles == []
    pages.change_table(state="active")
    assert codes() == [200, 403]

    # deleted: not under its holders, unless that is asked for
    refused = pages.system.post(pages.path, {**pages.type(state="deleted"), "reason": "岗位撤销"})
    assert (refused.status_code, "还有“评审专员”角色" in text(refused)) == (409, True)
    preview = text(pages.system.post(pages.path, {**pages.type(revoke="1"), "preview": "1"}))
    assert "收回角色：评审专员" in preview
    assert "收回角色：评审专员" in pages.change_table()
    assert codes() == [403, 403]
    assert fresh(clerk).roles == []
    assert "评审专员" not in text(pages.system.get(f"/users/clerk/roles/{clerk.pk}/"))

    told = [
        (entry.kind, entry.actor_label.partition("（")[0], entry.data.get("own_roles") or entry.data.get("after_names"))
        for entry in Entry.objects.filter(kind__regex=r"^roles|^role_table").order_by("pk")
    ]
    one, two = sysadmin.user.name, secadmin.user.name
    steps = [
        ("role_table", ["新增“风控专员”"]),
        ("roles", "风控专员"),
        ("role_table", ["“风控专员”改名为“评审专员”", "调整“评审专员”的权限"]),
        ("role_table", ["停用“评审专员”"]),
        ("role_table", ["恢复“评审专员”"]),
        ("role_table", ["删除“评审专员”"]),
    ]
    assert told == [
        *(row for kind, what in steps for row in ((f"{kind}.proposed", one, what), (f"{kind}.approved", two, what))),
        ("roles.taken", two, None),
    ]


def put_in_use(house: Organisation, table: dict[str, Any], by: Member, second: Member) -> None:
    approve_table(propose_table(house, table, reason="分工", by=by, at=NOW), by=second, at=NOW)
    house.refresh_from_db()


def give(member: Member, *roles: str, by: Member, second: Member) -> None:
    approve_roles(propose_roles(member, roles, reason="分工", by=by, at=NOW), by=second, at=NOW)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (own(rights=["guarantees.view", "guarantees.apply", "guarantees.review"]), "不能同时有"),
        (own(rights=["guarantees.export"]), "不能查询"),
        (own(rights=["guarantees.view", "accounts.manage"]), "没有的权限"),
        (own(rights=["guarantees.view", "guarantees.supervise"]), "没有的权限"),
        (own(name=" "), "1 至"),
        (own(name="长" * 21), "1 至"),
        (own(name="风\x00控"), "1 至"),
        (own(name="安全管理员"), "换一个名称"),
        (own() | {"own2": own()["own1"]}, "换一个名称"),
        (own(state="odd"), "没有这样的角色状态"),
        (own(state="deleted"), "没有变化"),
        ({"own9999": own()["own1"]}, "没有变化"),
        ({"boss": own()["own1"]}, "没有变化"),
    ],
)
def test_a_role_cannot_undo_four_eyes_reach_beyond_its_kind_or_pass_for_another(
    table: dict[str, Any], why: str, house: Organisation, sysadmin: Member
) -> None:
    with pytest.raises(Invalid, match=why):
        propose_table(house, table, reason="分工", by=sysadmin, at=NOW)


def test_junk_in_the_form_is_refused_or_changes_nothing(
    house: Organisation, sysadmin: Member, secadmin: Member
) -> None:
    put_in_use(house, own(state="disabled"), sysadmin, secadmin)
    client, path = browser(sysadmin), f"/role-tables/{house.pk}/"
    junk = {"name_own1": "风控专员", "state_own1": "odd", "rights_own1": [*REVIEW, "accounts.manage", "x"],
            "added": ["own1", "own0", "own99999", "x"], "new_like": "auditor", "new_name": ""}  # fmt: skip

    preview = client.post(path, {**DEFAULTS, **junk, "preview": "1"})
    answers = [
        client.post(path, {**DEFAULTS, **junk, **more, "reason": "分工"}).status_code
        for more in ({}, {"new_name": "风\x01控"}, {"new_name": "长" * 5000}, {"name_own1": ""}, {"add": "1"})
    ]

    assert (preview.status_code, "没有成员的权限会因此改变" in text(preview)) == (200, True)
    assert answers == [422] * 5
    assert RoleTable.objects.count() == 1


def test_what_four_eyes_keep_apart_never_meets_in_a_holder_whichever_changes(
    house: Organisation, sysadmin: Member, secadmin: Member
) -> None:
    put_in_use(house, own(rights=["guarantees.view"]), sysadmin, secadmin)
    manager = member_with("manager", organisation=house)
    give(manager, "manager", "own1", by=sysadmin, second=secadmin)

    with pytest.raises(NotNow, match="须由不同的人办理"):
        put_in_use(house, own(), sysadmin, secadmin)

    later = member_with("manager", organisation=house)
    give(manager, "manager", by=sysadmin, second=secadmin)
    waiting = propose_roles(later, ["manager", "own1"], reason="分工", by=sysadmin, at=NOW)
    put_in_use(house, own(), sysadmin, secadmin)
    with pytest.raises(Incompatible, match="须由不同的人办理"):
        approve_roles(waiting, by=secadmin, at=NOW)


def test_a_role_that_somebody_got_meanwhile_is_not_deleted_and_a_deleted_one_not_given_nor_named_anew(
    house: Organisation, sysadmin: Member, secadmin: Member
) -> None:
    put_in_use(house, own(), sysadmin, secadmin)
    first, second = member_with(organisation=house), member_with(organisation=house)
    deletion = propose_table(house, own(state="deleted"), reason="撤销", by=sysadmin, at=NOW)
    give(first, "own1", by=sysadmin, second=secadmin)

    with pytest.raises(NotNow, match="不能删除"):
        approve_table(deletion, by=secadmin, at=NOW)
    give(first, by=sysadmin, second=secadmin)
    waiting = propose_roles(second, ["own1"], reason="分工", by=sysadmin, at=NOW)
    approve_table(deletion, by=secadmin, at=NOW)

    with pytest.raises(Invalid, match="没有这样的角色"):
        approve_roles(waiting, by=secadmin, at=NOW)
    assert RoleChange.objects.get(pk=waiting.pk).after_names == "风控专员"
    house.refresh_from_db()
    with pytest.raises(Invalid, match="没有变化"):
        propose_table(house, own(), reason="又来", by=sysadmin, at=NOW)


def test_permissions_of_an_own_role_stay_one_look_up_and_hold_in_its_organisation_only(
    house: Organisation, sysadmin: Member, secadmin: Member
) -> None:
    put_in_use(house, own(), sysadmin, secadmin)
    member = member_with("own1", organisation=house)
    stranger = fresh(member_with("own1", kind="guarantor"))

    with CaptureQueriesContext(connection) as queries:
        member = fresh(member)
        assert member.can("guarantees.review")
        assert member.role_names == "风控专员"

    assert len(queries) == 1
    assert (stranger.permissions, stranger.role_names) == (frozenset(), "")
    with pytest.raises(Invalid, match="没有这样的角色"):
        propose_roles(member_with(kind="guarantor"), ["own1"], reason="分工", by=sysadmin, at=NOW)


def test_every_right_is_granted_on_one_page():
    rights = [right for page in PAGES for right, _name in page.rights]

    assert len(rights) == len(set(rights))
    assert len({page.name for page in PAGES}) == len(PAGES)
