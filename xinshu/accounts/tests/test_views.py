"""Pages of accounts: the stranger, the wrong role, the happy path, and as many queries for thirty rows as for one."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.actions.registration import approve_registration, refuse_registration
from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member, Organisation, Registration, SignInAttempt, User
from xinshu.accounts.tests.conftest import NOW, PASSWORD, code, member_with, registration, wish
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
SIGN_IN, WORKBENCH = "/sign-in/", "/workbench/"


def sign_in(member: Member) -> Client:
    """Return the browser of `member`, signed in through the door."""
    client = Client()
    client.post(SIGN_IN, {"username": member.user.username, "password": PASSWORD})
    assert client.session[CHOSEN] == member.pk
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


# ── sign-in ──


def test_the_sign_in_page_is_open_to_strangers_and_free_of_queries() -> None:
    with CaptureQueriesContext(connection) as queries:
        response = Client().get(SIGN_IN)

    assert response.status_code == 200
    assert "短信登录" in text(response)
    assert len(queries) == 0


def test_signing_in_leads_to_the_workbench_under_a_new_session_key(operator: Member) -> None:
    client = Client()
    session = client.session
    session["kept"] = "from before"
    session.save()
    before = session.session_key

    response = client.post(SIGN_IN, {"username": "opera", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, WORKBENCH)
    assert client.session.session_key != before
    assert not Client(cookies={"sessionid": before}).session.get(CHOSEN)


def test_a_member_costs_two_queries_a_page_and_needs_no_second_sign_in(operator: Member) -> None:
    client = sign_in(operator)

    response = client.get(SIGN_IN)
    with CaptureQueriesContext(connection) as queries:
        client.get("/register/agreement/")

    assert response["Location"] == WORKBENCH
    assert len([query for query in queries if "accounts_member" in query["sql"]]) == 1
    assert not [query for query in queries if 'FROM "accounts_user"' in query["sql"]]


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/registrations/?state=all", "/registrations/?state=all"),
        ("https://elsewhere.example/", WORKBENCH),
        ("//elsewhere.example/", WORKBENCH),
        ("javascript:alert(1)", WORKBENCH),
        ("", WORKBENCH),
    ],
)
def test_the_way_on_stays_on_this_host(wanted: str, leads_to: str, operator: Member) -> None:
    response = Client().post(SIGN_IN, {"username": "opera", "password": PASSWORD, "next": wanted})

    assert response["Location"] == leads_to


def test_a_stranger_is_sent_to_sign_in_and_comes_back(operator: Member) -> None:
    client = Client()
    sent = client.get("/registrations/")

    page = client.get(sent["Location"])

    assert sent["Location"] == "/sign-in/?next=/registrations/"
    assert 'name="next" value="/registrations/"' in text(page)


def test_a_failure_keeps_the_name_and_never_shows_the_password(operator: Member) -> None:
    response = Client().post(SIGN_IN, {"username": "opera", "password": "wrong-but-secret"})

    assert response.status_code == 422
    assert "账号或密码不正确，还可以再试 4 次。" in text(response)
    assert 'value="opera"' in text(response)
    assert "wrong-but-secret" not in text(response)


def test_the_sixth_try_is_told_to_wait(operator: Member) -> None:
    client = Client()
    statuses = [client.post(SIGN_IN, {"username": "opera", "password": "wrong"}).status_code for _try in range(5)]

    last = client.post(SIGN_IN, {"username": "opera", "password": PASSWORD})

    assert statuses == [422] * 4 + [429]
    assert (last.status_code, "15 分钟后可以再试" in text(last)) == (429, True)


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"username": "opera"},
        {"username": "o\x00pera", "password": "x"},
        {"username": "o" * 500, "password": "x"},
        {"username": "opera", "password": "x" * 200_000},
        {"username": "\ud800".encode("utf-8", "surrogatepass"), "password": "\U0001f600"},
    ],
)
def test_broken_input_is_refused_and_counts_nothing_it_should_not(posted: dict[str, Any], operator: Member) -> None:
    response = Client().post(SIGN_IN, posted)

    assert response.status_code in {200, 400, 422}


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(operator: Member) -> None:
    client = sign_in(operator)
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value

    response = client.post("/sign-out/")

    assert response["Location"] == SIGN_IN
    assert thief.get("/registrations/").status_code == 302
    assert Entry.objects.order_by("-pk")[0].kind == "account.signed_out"


def test_signing_out_takes_a_post(operator: Member) -> None:
    client = sign_in(operator)

    assert client.get("/sign-out/").status_code == 405
    assert client.get("/registrations/").status_code == 200


@pytest.mark.parametrize("what", ["user", "member", "organisation", "password"])
def test_a_session_ends_with_the_next_request_when_its_ground_is_gone(what: str, operator: Member) -> None:
    client = sign_in(operator)
    match what:
        case "user":
            User.objects.filter(pk=operator.user_id).update(is_active=False)
        case "member":
            Member.objects.filter(pk=operator.pk).update(active=False)
        case "organisation":
            Organisation.objects.filter(pk=operator.organisation_id).update(active=False)
        case "password":
            operator.user.set_password("another-long-one")
            operator.user.save()

    assert client.get("/registrations/")["Location"].startswith(SIGN_IN)


def test_a_session_without_a_chosen_member_is_a_strangers(operator: Member) -> None:
    client = Client()
    client.force_login(operator.user)

    assert client.get("/registrations/")["Location"].startswith(SIGN_IN)


# ── one person, several organisations ──


def test_a_person_in_two_organisations_sees_both_and_switches(operator: Member) -> None:
    second = Organisation.objects.create(name="云州第二有限公司", kind="enterprise", uscc=code(7))
    there = Member.objects.create(user=operator.user, organisation=second, roles=["applicant"])
    client = sign_in(operator)
    before = client.session.session_key

    page = client.get("/switch/")
    response = client.post("/switch/", {"member": there.pk})

    assert operator.organisation.name in text(page)
    assert "云州第二有限公司" in text(page)
    assert response["Location"] == WORKBENCH
    assert client.session[CHOSEN] == there.pk
    assert client.session.session_key != before
    assert client.get("/registrations/").status_code == 403


@pytest.mark.parametrize("chosen", ["", "abc", "-1", "999999999999999999999999", "²", "0"])
def test_an_unknown_membership_is_not_found(chosen: str, operator: Member) -> None:
    assert sign_in(operator).post("/switch/", {"member": chosen}).status_code == 404


def test_somebody_elses_membership_is_not_found(operator: Member, sysadmin: Member) -> None:
    client = sign_in(operator)

    assert client.post("/switch/", {"member": sysadmin.pk}).status_code == 404
    assert client.session[CHOSEN] == operator.pk


# ── registration ──


def posted(**changes: str) -> dict[str, str]:
    return {**vars(wish()), "password": PASSWORD, "agreed": "on", **changes}


def test_a_stranger_registers_and_gets_a_reference_to_look_it_up() -> None:
    client = Client()

    response = client.post("/register/", posted())

    case = Registration.objects.get()
    progress = reverse("accounts:registration_progress", args=[case.reference])
    assert (response.status_code, response["Location"]) == (302, progress)
    page = text(client.get(progress))
    assert "注册申请已收到" in page
    assert "12300001234" not in page
    spoken = f"{case.reference[:4]} {case.reference[4:8]}-{case.reference[8:]}".lower()
    assert client.get("/register/progress/", {"reference": spoken})["Location"] == progress


def test_progress_tells_the_outcome(operator: Member) -> None:
    first, second = registration(), registration(username="second", phone="12300009999")
    refuse_registration(first, reason="执照照片不清", by=operator, at=NOW)
    approve_registration(second, by=operator, at=NOW)

    refused = text(Client().get(f"/register/progress/{first.reference}/"))
    approved = text(Client().get(f"/register/progress/{second.reference}/"))

    assert "执照照片不清" in refused
    assert "重新注册" in refused
    assert "账号已开通" in approved


def test_an_unknown_reference_is_not_found() -> None:
    assert Client().get("/register/progress/ABCDEFGHJKLM/").status_code == 404


def test_what_is_wrong_is_said_beside_the_fields_and_the_rest_is_kept() -> None:
    response = Client().post("/register/", posted(uscc="91350100MOOO1OOY43", phone="123", agreed=""))

    page = text(response)
    assert response.status_code == 422
    assert "有 3 项需要修改" in page
    assert "您要填的是不是 91350100M000100Y43？" in page
    assert "手机号是 11 位数字" in page
    assert 'value="云州新禾建设有限公司"' in page
    assert PASSWORD not in page


def test_a_waiting_registration_answers_409() -> None:
    registration()

    response = Client().post("/register/", posted(username="another"))

    assert (response.status_code, "已有一份注册申请在审核" in text(response)) == (409, True)


def test_an_empty_form_and_a_broken_one_are_refused() -> None:
    for broken in ({}, {"side": "x" * 50}, posted(contact_name="x\x00y"), posted(organisation_name="长" * 200)):
        assert Client().post("/register/", {"csrf": "1", **broken}).status_code in {400, 422}

    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("side", "kind", "kinds", "asks"),
    [
        ("applicant", "enterprise", ["enterprise", "person"], True),
        ("applicant", "person", ["enterprise", "person"], False),
        ("guarantor", "enterprise", ["guarantor", "bank", "insurer"], True),
        ("nonsense", "nonsense", ["enterprise", "person"], True),
    ],
)
def test_the_form_asks_about_the_organisation_only_where_the_kind_has_it(
    side: str, kind: str, kinds: list[str], asks: bool
) -> None:
    response = Client().post("/register/organisation/", {"side": side, "kind": kind, "organisation_name": "云州<新>禾"})

    page = text(response)
    assert re.findall(r'name="kind" value="(\w+)"', page) == kinds
    assert ('name="uscc"' in page) is asks
    assert ("云州&lt;新&gt;禾" in page) is asks


# ── the operator decides ──


def registration_paths() -> list[str]:
    reference = registration().reference
    return [
        "/registrations/",
        f"/registrations/{reference}/",
        "/users/",
        "/users/lixinhe/",
    ]


def test_strangers_and_wrong_roles_learn_nothing() -> None:
    paths = registration_paths()
    wrong = sign_in(member_with("applicant", kind="enterprise"))

    for path in paths:
        assert Client().get(path)["Location"].startswith(SIGN_IN)
        answer = wrong.get(path)
        assert answer.status_code == 403
        assert "李新禾" not in text(answer)


@pytest.mark.parametrize("action", ["approve", "refuse"])
def test_strangers_and_wrong_roles_decide_nothing(action: str) -> None:
    case = registration()
    path = f"/registrations/{case.reference}/{action}/"
    wrong = sign_in(member_with("sysadmin"))

    assert Client().post(path, {"version": 1})["Location"].startswith(SIGN_IN)
    assert wrong.post(path, {"version": 1, "reason": "不符"}).status_code == 403

    case.refresh_from_db()
    assert (case.state, case.version) == ("submitted", 1)


@pytest.mark.req("EP-34")
def test_the_operator_sees_what_waits_and_opens_the_account(operator: Member) -> None:
    colleague = member_with("applicant", kind="enterprise")
    case = registration(uscc=str(colleague.organisation.uscc))
    client = sign_in(operator)

    listed = text(client.get("/registrations/"))
    page = text(client.get(f"/registrations/{case.reference}/"))
    response = client.post(f"/registrations/{case.reference}/approve/", {"version": case.version})

    assert "云州新禾建设有限公司" in listed
    assert "该机构已有 1 名成员" in page
    assert response["Location"] == f"/registrations/{case.reference}/"
    assert "已开通" in text(client.get(response["Location"]))
    assert sign_in(Member.objects.get(user__username="lixinhe")).get(WORKBENCH).status_code == 200


def test_the_operator_refuses_with_a_reason(operator: Member) -> None:
    case = registration()
    client = sign_in(operator)

    missing = client.post(f"/registrations/{case.reference}/refuse/", {"version": 1})
    done = client.post(f"/registrations/{case.reference}/refuse/", {"version": 1, "reason": "执照照片不清"})

    assert (missing.status_code, done.status_code) == (422, 302)
    assert "执照照片不清" in text(client.get(done["Location"]))


@pytest.mark.parametrize("version", ["1", "", "x", "-5", "99999999999999999999"])
def test_a_stale_or_broken_page_is_refused(version: str, operator: Member) -> None:
    case = registration()
    client = sign_in(operator)
    client.post(f"/registrations/{case.reference}/approve/", {"version": 1})

    again = client.post(f"/registrations/{case.reference}/approve/", {"version": version})

    assert again.status_code == 409
    assert User.objects.filter(username="lixinhe").count() == 1


def test_what_is_not_there_is_not_found(operator: Member) -> None:
    client, reference = sign_in(operator), registration().reference

    assert client.get("/registrations/ABCDEFGHJKLM/").status_code == 404
    assert client.post("/registrations/ABCDEFGHJKLM/approve/", {"version": 1}).status_code == 404
    assert client.post(f"/registrations/{reference}/delete/", {"version": 1}).status_code == 404
    assert client.get(f"/registrations/{reference}/approve/").status_code == 405


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["云州新禾建设有限公司"]),
        ("?q=新禾", ["云州新禾建设有限公司"]),
        ("?q=nobody", []),
        ("?state=refused", ["云州旧禾建设有限公司"]),
        ("?state=all", ["云州新禾建设有限公司", "云州旧禾建设有限公司"]),
        ("?state=nothing-like-it&page=999", ["云州新禾建设有限公司"]),
        ("?q=" + "x" * 200, ["云州新禾建设有限公司"]),
        ("?page=-1", ["云州新禾建设有限公司"]),
    ],
)
def test_the_list_is_narrowed_by_its_address(asked: str, found: list[str], operator: Member) -> None:
    registration()
    old = registration(organisation_name="云州旧禾建设有限公司", username="oldhe", phone="12300009999")
    refuse_registration(old, reason="重复", by=operator, at=NOW)

    response = sign_in(operator).get("/registrations/" + asked)

    names = ["云州新禾建设有限公司", "云州旧禾建设有限公司"]
    assert response.status_code == 200
    assert [name for name in names if name in text(response)] == found


def counted(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_thirty_registrations_cost_as_many_queries_as_one(operator: Member) -> None:
    client = sign_in(operator)
    registration()
    one = counted(client, "/registrations/?state=all")
    for number in range(30):
        registration(username=f"person{number}", phone=f"123111{number:05d}", uscc=code(800000 + number))

    assert counted(client, "/registrations/?state=all") == one <= 10


# ── the administrator's users ──


def test_thirty_users_cost_as_many_queries_as_one(sysadmin: Member) -> None:
    client = sign_in(sysadmin)
    one = counted(client, "/users/")
    for _number in range(30):
        member_with("applicant", kind="enterprise")

    assert counted(client, "/users/") == one <= 10


def test_the_administrator_locks_a_user_who_is_out_at_the_next_request(sysadmin: Member, operator: Member) -> None:
    client, victim = sign_in(sysadmin), sign_in(operator)

    listed = text(client.get("/users/?q=opera&state=active"))
    page = text(client.get("/users/opera/"))
    missing = client.post("/users/opera/lock/", {})
    locked = client.post("/users/opera/lock/", {"reason": "离职"})

    assert operator.user.name in listed
    assert "锁定账号" in page
    assert (missing.status_code, locked["Location"]) == (422, "/users/opera/")
    assert victim.get("/registrations/")["Location"].startswith(SIGN_IN)
    assert "解除锁定" in text(client.get("/users/opera/"))
    assert client.post("/users/opera/unlock/", {"reason": "返聘"}).status_code == 302
    assert client.post("/users/opera/unlock/", {"reason": "返聘"}).status_code == 409


def test_the_administrator_cannot_lock_themselves(sysadmin: Member) -> None:
    client = sign_in(sysadmin)

    assert "这是您自己的账号" in text(client.get("/users/admin/"))
    assert client.post("/users/admin/lock/", {"reason": "试试"}).status_code == 403
    assert client.post("/users/nobody/lock/", {"reason": "试试"}).status_code == 404
    assert client.post("/users/admin/delete/", {"reason": "试试"}).status_code == 404


def test_failed_sign_ins_leave_no_readable_name_behind(operator: Member) -> None:
    Client().post(SIGN_IN, {"username": "typed-my-password-here", "password": "x"})

    assert "typed" not in SignInAttempt.objects.get().key


@pytest.mark.django_db
def test_a_reference_in_wide_digits_is_asked_for_again() -> None:
    response = Client().get("/register/progress/", {"reference": "１２"})

    assert response.status_code == 200
