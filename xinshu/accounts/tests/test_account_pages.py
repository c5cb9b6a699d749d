"""Pages of one's own account and of the administrators: the stranger, the wrong role, the happy path, thirty rows."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from xinshu.accounts import totp
from xinshu.accounts.actions.registration import approve_registration
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment
from xinshu.accounts.actions.sessions import sign_in as sign_in_act
from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import (
    Block,
    Member,
    Registration,
    RoleChange,
    RoleTable,
    SandboxMessage,
    SecondFactor,
    User,
)
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with, wish
from xinshu.core import clock

pytestmark = pytest.mark.django_db
NEW = "seven-odd-lamps-71"
ADMINISTRATION = ("/users/", "/role-changes/", "/role-tables/", "/emergency/")
OWN = ("/account/", "/account/password/", "/account/second-factor/", "/account/history/")


def browser(member: Member) -> Client:
    client = Client()
    client.post("/sign-in/", {"username": member.user.username, "password": PASSWORD})
    assert client.session[CHOSEN] == member.pk
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def newest_code() -> str:
    found = re.search(r"验证码 (\d{6})", SandboxMessage.objects.order_by("-pk")[0].text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", [*ADMINISTRATION, *OWN, "/users/new/"])
def test_strangers_are_sent_to_sign_in(path: str) -> None:
    assert Client().get(path)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", ADMINISTRATION)
@pytest.mark.parametrize("role", ["operator", "applicant"])
def test_pages_of_administration_are_for_the_three_administrators(path: str, role: str) -> None:
    member = member_with(role, kind="operator" if role == "operator" else "enterprise")

    assert browser(member).get(path).status_code == 403


@pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor"])
def test_the_three_administrators_see_all_and_each_gets_only_their_own_buttons(role: str, operator: Member) -> None:
    client = browser(member_with(role))

    for path in ADMINISTRATION:
        assert client.get(path).status_code == 200, path
    page = text(client.get("/users/opera/"))

    assert ("锁定账号" in page) is (role == "sysadmin")
    assert ("办理离职" in page) is (role == "sysadmin")
    assert ("修改资料" in page) is (role == "sysadmin")
    assert ("复核权限" in page) is (role == "secadmin")
    assert ("申请变更角色" in page) is (role in {"sysadmin", "secadmin"})
    assert ("立即停止" in text(client.get("/emergency/"))) is (role != "auditor")


def test_everybody_sees_their_own_account_and_its_history(operator: Member) -> None:
    Client().post("/sign-in/", {"username": "opera", "password": "wrong"})
    client = browser(operator)

    for path in OWN:
        assert client.get(path).status_code == 200, path
    assert "第 1 次" in text(client.get("/account/history/"))


def test_a_password_is_changed_here_and_ends_the_session_elsewhere(operator: Member) -> None:
    here, elsewhere = browser(operator), browser(operator)

    wrong = here.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": "another-odd-lamp-9"})
    done = here.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})

    assert (wrong.status_code, done.status_code) == (422, 302)
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.req("EP-03", "EP-34")
@pytest.mark.parametrize(
    ("side", "kind"), [("applicant", "enterprise"), ("guarantor", "guarantor"), ("beneficiary", "institution")]
)
def test_each_side_registers_waits_signs_in_and_recovers_a_forgotten_password(
    side: str, kind: str, operator: Member
) -> None:
    client, who = Client(), {"username": "lixinhe", "phone": "12300001234"}
    client.post("/register/", {**vars(wish(side=side, kind=kind)), "password": PASSWORD, "agreed": "on"})
    assert client.post("/sign-in/", {**who, "password": PASSWORD}).status_code == 403
    approve_registration(Registration.objects.get(), by=operator, at=clock.now())
    assert client.post("/sign-in/", {**who, "password": PASSWORD}).status_code == 302
    client.post("/sign-out/")

    asked = client.post("/recover/", {**who, "send": "1"})
    wrong = client.post("/recover/", {**who, "code": "000000x", "new": NEW})
    done = client.post("/recover/", {**who, "code": newest_code(), "new": NEW})

    assert "验证码已发出" in text(asked)
    assert (wrong.status_code, done.status_code) == (422, 302)
    assert client.post("/sign-in/", {**who, "password": PASSWORD}).status_code == 422
    client.post("/sign-in/", {**who, "password": NEW})
    assert client.session[CHOSEN] == Registration.objects.get().member_id


def test_asking_says_the_same_for_a_number_that_nobody_has(operator: Member) -> None:
    pages = []
    for phone in (operator.user.phone, "12300099999"):
        page = text(Client().post("/sign-in/code/", {"phone": phone, "send": "1"}))
        pages.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page.replace(phone, "·")))

    assert pages[0] == pages[1]
    assert SandboxMessage.objects.count() == 1


def test_somebody_comes_in_by_sms_and_the_demo_shows_the_message(operator: Member) -> None:
    client = Client()
    client.post("/sign-in/code/", {"phone": operator.user.phone, "send": "1"})
    shown = text(client.get("/demo/sms/"))

    response = client.post("/sign-in/code/", {"phone": operator.user.phone, "code": newest_code(), "next": "/account/"})

    assert newest_code() in shown
    assert response["Location"] == "/account/"
    assert client.session[CHOSEN] == operator.pk
    assert "短信验证码" in text(client.get("/account/history/"))


@pytest.mark.parametrize("changes", [{"PRODUCTION": True}, {"CODE_CHANNEL": ""}, {"CODE_CHANNEL": "a.real.Channel"}])
def test_the_demos_messages_are_not_shown_where_there_is_anything_real(changes: dict[str, Any]) -> None:
    SandboxMessage.objects.create(phone="12300001111", text="验证码 123456", at=NOW)

    with override_settings(**changes):
        response = Client().get("/demo/sms/")

    assert response.status_code == 404
    assert "123456" not in text(response)


@override_settings(CODE_CHANNEL="")
def test_without_a_channel_there_are_no_doors_by_sms() -> None:
    assert "短信登录" not in text(Client().get("/sign-in/"))
    assert "快捷注册" not in text(Client().get("/register/"))
    for path in ("/sign-in/code/", "/register/quick/", "/recover/"):
        assert Client().get(path).status_code == 404


def test_somebody_registers_quickly() -> None:
    client = Client()
    client.post("/register/quick/", {"phone": "12300005678", "send": "1"})
    typed = {"phone": "12300005678", "code": newest_code(), "password": NEW}

    refused = client.post("/register/quick/", typed)
    done = client.post("/register/quick/", {**typed, "agreed": "on"})

    assert "请先阅读并勾选" in text(refused)
    assert done["Location"].startswith("/register/progress/")


# ── second factor ──


def code_now(user: User) -> str:
    secret = begin_enrolment(user, at=clock.now())
    return totp.code_of(secret, totp.step_of(clock.now()))


def test_after_the_password_comes_the_code_and_before_it_nothing_is_open(operator: Member) -> None:
    secret = begin_enrolment(operator.user, at=NOW)
    confirm_enrolment(operator.user, totp.code_of(secret, totp.step_of(NOW)), by=operator, at=NOW)
    client = Client()

    response = client.post("/sign-in/", {"username": "opera", "password": PASSWORD, "next": "/account/"})
    before = client.get("/registrations/")
    wrong = client.post("/sign-in/second/", {"code": "000000x"})
    later = totp.code_of(secret, totp.step_of(clock.now()))
    right = client.post("/sign-in/second/", {"code": later})

    assert response["Location"] == "/sign-in/second/"
    assert before["Location"].startswith("/sign-in/?next=")
    assert wrong.status_code == 422
    assert right["Location"] == "/account/"
    assert "动态口令" in text(client.get("/account/history/"))


def test_nobody_reaches_the_second_step_without_the_first(operator: Member) -> None:
    for path in ("/sign-in/second/", "/sign-in/bind/"):
        assert Client().get(path)["Location"] == "/sign-in/"
        assert Client().post(path, {"code": "123456"})["Location"] == "/sign-in/"


@override_settings(SECOND_FACTOR="required")
def test_policy_leads_to_binding_and_then_in(operator: Member) -> None:
    client = Client()
    response = client.post("/sign-in/", {"username": "opera", "password": PASSWORD})
    page = text(client.get("/sign-in/bind/"))
    assert client.get("/account/").status_code == 302

    bound = client.post("/sign-in/bind/", {"code": code_now(operator.user)})

    assert response["Location"] == "/sign-in/bind/"
    assert "data:image/svg+xml" in page
    assert len(re.findall(r"<li>\w{5} \w{5}</li>", text(bound))) == 10
    assert client.get("/account/").status_code == 200
    assert SecondFactor.objects.get().confirmed_at


def test_a_password_changed_meanwhile_ends_the_wait_for_the_second_factor(operator: Member) -> None:
    secret = begin_enrolment(operator.user, at=NOW)
    confirm_enrolment(operator.user, totp.code_of(secret, totp.step_of(NOW)), by=operator, at=NOW)
    client = Client()
    client.post("/sign-in/", {"username": "opera", "password": PASSWORD})
    operator.user.set_password(NEW)
    operator.user.save()

    assert client.get("/sign-in/second/")["Location"] == "/sign-in/"


def test_a_phone_is_bound_from_ones_own_account(operator: Member) -> None:
    client = browser(operator)
    client.get("/account/second-factor/")

    bound = client.post("/account/second-factor/", {"code": code_now(operator.user)})

    assert "恢复码" in text(bound)
    assert "已绑定" in text(client.get("/account/"))


# ── administration ──


@pytest.mark.req("EP-35")
def test_a_user_is_added_given_a_role_by_two_people_sets_a_password_and_leaves(sysadmin: Member) -> None:
    firm = member_with("applicant", kind="enterprise").organisation
    system, security = browser(sysadmin), browser(member_with("secadmin"))
    typed = {"organisation": firm.name, "name": "张三", "phone": "12300007777", "username": "zhangsan"}

    assert system.post("/users/new/", typed)["Location"] == "/users/zhangsan/"
    member = Member.objects.get(user__username="zhangsan")
    system.post(f"/users/zhangsan/roles/{member.pk}/", {"roles": ["applicant"], "reason": "新入职"})
    case = RoleChange.objects.get()
    assert system.post(f"/role-changes/{case.reference}/approve/", {"version": 1}).status_code == 403
    assert "新入职" in text(security.get(f"/role-changes/{case.reference}/"))
    security.post(f"/role-changes/{case.reference}/approve/", {"version": 1})
    Client().post("/recover/", {"username": "zhangsan", "phone": "12300007777", "send": "1"})
    set_up = {"username": "zhangsan", "phone": "12300007777", "code": newest_code(), "new": NEW}
    Client().post("/recover/", set_up)
    assert sign_in_act("zhangsan", NEW, address="192.0.2.1", at=clock.now()).roles == ["applicant"]
    system.post("/users/zhangsan/details/", {"name": "张三丰", "phone": "12300007777"})
    security.post("/users/zhangsan/review/", {"reason": "与岗位相符"})
    system.post("/users/zhangsan/lock/", {"reason": "核查"})
    assert User.objects.get(username="zhangsan").state == "locked"
    system.post("/users/zhangsan/unlock/", {"reason": "查清"})
    refused = system.post("/users/zhangsan/leave/", {"reason": "离职"})
    successor = Member.objects.exclude(pk=member.pk).get(organisation=firm)
    system.post("/users/zhangsan/leave/", {"reason": "离职", f"successor_{member.pk}": successor.pk})

    assert "请选择接办人" in text(refused)
    user = User.objects.get(username="zhangsan")
    assert (user.name, user.state) == ("张三丰", "left")
    assert user.reviewed_at
    page = text(system.get("/users/zhangsan/"))
    assert all(word in page for word in ("开通账号", "批准角色变更", "修改用户资料", "复核权限", "办理离职"))


@pytest.mark.req("CS-42")
def test_a_table_is_tried_out_proposed_and_put_in_use(sysadmin: Member) -> None:
    manager = member_with("manager", kind="guarantor")
    system, security = browser(sysadmin), browser(member_with("secadmin"))
    path = f"/role-tables/{manager.organisation_id}/"
    assert "申请保函" in text(browser(manager).get("/account/"))
    kept = sorted(manager.permissions - {"guarantees.export", "guarantees.apply"})
    rights = {
        "rights_manager": kept,
        "rights_reviewer": ["guarantees.view", "guarantees.review"],
        "rights_signer": ["guarantees.view", "guarantees.issue"],
    }

    tried = text(system.post(path, {**rights, "preview": "1"}))
    assert not RoleTable.objects.exists()
    assert "失去：保函台账与工程项目·申请、保函台账与工程项目·导出" in tried
    system.post(path, {**rights, "reason": "收紧导出"})
    case = RoleTable.objects.get()
    page = text(security.get(f"/role-tables/versions/{case.reference}/"))
    security.post(f"/role-tables/versions/{case.reference}/approve/", {"version": case.version})

    assert "失去：保函台账与工程项目·申请、保函台账与工程项目·导出" in page
    desk = browser(manager)
    assert "申请保函" not in text(desk.get("/account/"))  # the menu
    assert [desk.get(path).status_code for path in ("/guarantees/", "/guarantees/new/", "/guarantees/export/")] == [
        200,
        403,
        403,
    ]
    assert "已调整" in text(system.get("/role-tables/"))


def test_exports_are_stopped_and_let_go_on_from_one_page(sysadmin: Member) -> None:
    firm = member_with("applicant", kind="enterprise")
    system, security = browser(sysadmin), browser(member_with("secadmin"))
    typed = {"what": "exports", "organisation": firm.organisation.uscc, "reason": "疑似泄露"}

    unknown = security.post("/emergency/", {**typed, "organisation": "没有这个机构"})
    security.post("/emergency/", typed)
    block = Block.objects.get()
    own = security.post(f"/emergency/{block.reference}/lift/", {"reason": "查清"})
    other = system.post(f"/emergency/{block.reference}/lift/", {"reason": "查清"})

    assert (unknown.status_code, own.status_code, other.status_code) == (422, 403, 302)
    assert Block.objects.get().lifted_at


def test_lists_cost_as_many_queries_for_thirty_rows_as_for_one(sysadmin: Member) -> None:
    client = browser(sysadmin)

    def add(count: int) -> None:
        for _n in range(count):
            member = member_with(kind="enterprise")
            RoleChange.objects.create(
                member=member, after=["applicant"], reason="x", state="proposed", proposed_by=sysadmin, proposed_at=NOW
            )

    add(1)
    client.get("/role-changes/")
    counts = []
    for more in (0, 15):
        add(more)
        with CaptureQueriesContext(connection) as queries:
            for path in ("/role-changes/", "/role-tables/", "/users/"):
                assert client.get(path).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "987654321"])
def test_what_is_not_there_is_not_found(number: str, sysadmin: Member) -> None:
    client = browser(sysadmin)

    for path in (f"/role-tables/{number}/", f"/users/admin/roles/{number}/", "/role-changes/NOTHING/", "/users/no/"):
        assert client.get(path).status_code == 404, path
