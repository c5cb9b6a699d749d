"""Stories of people who prove who they are: a code, the app, a real name; what is kept of it and what is not."""

from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts import totp
from xinshu.accounts.actions.codes import WrongCode
from xinshu.accounts.actions.identity import (
    NotProven,
    TooOften,
    ask_for_code,
    prove_by_app,
    prove_by_sms,
    prove_real_name,
    take_back,
)
from xinshu.accounts.actions.registration import approve_registration
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment
from xinshu.accounts.actions.sessions import WrongPassword, sign_in
from xinshu.accounts.assurance.holding import held_by, level_of
from xinshu.accounts.assurance.settings import Settings, shipped
from xinshu.accounts.models import IdentityCheck, Member, SandboxMessage
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with, registration
from xinshu.core import resident_id
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.req("CS-45")]
HERE = "192.0.2.1"


def number(order: str = "001") -> str:
    body = f"99010019880808{order}"
    return body + resident_id.check_character(body)


@pytest.fixture
def clerk(db: None) -> Member:
    return member_with("applicant", kind="enterprise", username="clerk")


def level(member: Member) -> int:
    return level_of(held_by(member.user, Settings(shipped()), NOW), NOW)


def by_sms(member: Member) -> None:
    ask_for_code(member, address=HERE, at=NOW - timedelta(minutes=2))
    text = SandboxMessage.objects.latest("pk").text
    prove_by_sms(member, "".join(filter(str.isdigit, text.partition("验证码")[2]))[:6], at=NOW - timedelta(minutes=1))


def test_a_code_to_ones_own_phone_makes_level_two_and_a_wrong_one_is_kept_as_a_failure(clerk: Member) -> None:
    ask_for_code(clerk, address=HERE, at=NOW - timedelta(minutes=9))
    with pytest.raises(WrongCode):
        prove_by_sms(clerk, "x", at=NOW - timedelta(minutes=8))
    assert level(clerk) == 1
    by_sms(clerk)

    assert level(clerk) == 2
    assert list(IdentityCheck.objects.order_by("pk").values_list("outcome", flat=True)) == ["failed", "passed"]
    assert "*" in IdentityCheck.objects.latest("pk").mark


def test_a_real_name_is_compared_once_and_only_its_covered_form_is_kept(clerk: Member) -> None:
    prove_real_name(clerk, number(), three=False, agreed=True, at=NOW)

    check = IdentityCheck.objects.get()
    assert (check.method, check.outcome, check.mark) == ("real_name_2", "passed", resident(number()))
    assert level(clerk) == 2
    told = Entry.objects.get(kind="identity.proven")
    assert number() not in str(told.data)


def resident(of: str) -> str:
    return f"{of[:6]}********{of[-4:]}"


def test_three_elements_take_a_proven_phone_and_make_level_three(clerk: Member) -> None:
    with pytest.raises(NotNow, match="已验证的手机号"):
        prove_real_name(clerk, number(), three=True, agreed=True, at=NOW)
    by_sms(clerk)

    prove_real_name(clerk, number(), three=True, agreed=True, at=NOW)

    assert level(clerk) == 3


def test_without_consent_or_with_a_wrong_number_nothing_is_asked(clerk: Member) -> None:
    with pytest.raises(Invalid, match="还没有同意"):
        prove_real_name(clerk, number(), three=False, agreed=False, at=NOW)
    with pytest.raises(Invalid) as wrong:
        prove_real_name(clerk, number()[:-1] + "９", three=False, agreed=True, at=NOW)

    assert "number" in wrong.value.fields
    assert not IdentityCheck.objects.exists()


def test_a_name_that_does_not_agree_five_times_closes_the_way_for_a_day(clerk: Member) -> None:
    for _time in range(5):
        with pytest.raises(NotProven, match="不一致"):
            prove_real_name(clerk, number("444"), three=False, agreed=True, at=NOW)

    with pytest.raises(TooOften):
        prove_real_name(clerk, number(), three=False, agreed=True, at=NOW)
    prove_real_name(clerk, number(), three=False, agreed=True, at=NOW + timedelta(days=1, minutes=1))

    assert IdentityCheck.objects.filter(outcome="failed").count() == 5


def test_a_source_that_is_silent_takes_no_try_and_changes_nothing(clerk: Member) -> None:
    for _time in range(6):
        with pytest.raises(NotProven, match="没有答复"):
            prove_real_name(clerk, number("555"), three=False, agreed=True, at=NOW)

    assert level(clerk) == 1
    assert set(IdentityCheck.objects.values_list("outcome", flat=True)) == {"silent"}


def test_a_real_name_is_taken_back_by_its_person_alone(clerk: Member) -> None:
    check = prove_real_name(clerk, number(), three=False, agreed=True, at=NOW)
    with pytest.raises(NotNow):
        take_back(check, by=member_with("applicant", kind="enterprise"), at=NOW)

    take_back(check, by=clerk, at=NOW)

    assert level(clerk) == 1
    with pytest.raises(NotNow):
        take_back(check, by=clerk, at=NOW)


def test_the_app_on_the_phone_makes_level_three_and_proves_anew(clerk: Member) -> None:
    with pytest.raises(NotNow, match="没有绑定"):
        prove_by_app(clerk, "123456", address=HERE, at=NOW)
    secret = begin_enrolment(clerk.user, at=NOW)
    then = NOW - timedelta(days=40)
    confirm_enrolment(clerk.user, totp.code_of(secret, totp.step_of(then)), by=clerk, at=then)
    clerk = Member.objects.acting().get(pk=clerk.pk)
    assert level(clerk) == 3
    old = held_by(clerk.user, Settings(shipped()), NOW)[0].at

    with pytest.raises(Invalid):
        prove_by_app(clerk, "000", address=HERE, at=NOW)
    prove_by_app(clerk, totp.code_of(secret, totp.step_of(NOW)), address=HERE, at=NOW)

    assert old == then
    assert held_by(clerk.user, Settings(shipped()), NOW)[0].at == NOW


def test_signing_in_is_kept_with_what_opened_the_account_and_what_did_not(clerk: Member) -> None:
    with pytest.raises(WrongPassword):
        sign_in("clerk", "wrong", address=HERE, at=NOW)
    sign_in("clerk", PASSWORD, address=HERE, at=NOW)

    kept = IdentityCheck.objects.filter(user=clerk.user).order_by("pk")
    assert list(kept.values_list("method", "outcome")) == [("password", "failed"), ("password", "passed")]


@pytest.mark.parametrize(("proven", "reached"), [(True, 2), (False, 1)])
def test_a_phone_proven_at_registration_counts_from_then_on(operator: Member, proven: bool, reached: int) -> None:
    case = registration()
    type(case).objects.filter(pk=case.pk).update(phone_proven=proven)
    case.refresh_from_db()

    approved = approve_registration(case, by=operator, at=NOW)

    assert approved.member
    assert level(approved.member) == reached


def test_the_page_says_what_one_has_and_leads_through_phone_and_real_name(clerk: Member, client: Client) -> None:
    client.post("/sign-in/", {"username": "clerk", "password": PASSWORD})

    shown = client.get("/account/identity/").content.decode()
    assert "一级" in shown
    assert "获取验证码" in shown
    assert "实名核验" in shown
    assert client.post("/account/identity/send-code/").status_code == 302
    text = SandboxMessage.objects.latest("pk").text
    code = "".join(filter(str.isdigit, text.partition("验证码")[2]))[:6]
    assert client.post("/account/identity/sms/", {"code": code}).status_code == 302
    wrong = client.post("/account/identity/real-name/", {"number": "12", "three": "on", "agreed": "on"})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.content.decode()
    right = client.post("/account/identity/real-name/", {"number": number(), "three": "on", "agreed": "on"})
    assert right.status_code == 302
    shown = client.get("/account/identity/").content.decode()
    assert "三级" in shown
    check = IdentityCheck.objects.get(method="real_name_3")
    assert resident(number()) in client.get("/account/identity/log/").content.decode()
    assert client.post(f"/account/identity/{check.reference}/take-back/").status_code == 302
    assert client.post("/account/identity/nonsense/").status_code == 404


@pytest.mark.parametrize("junk", ["\0", "１２３４５６", "9" * 500, "\udcff", "", "<b>"])
def test_junk_on_the_page_is_refused_in_place(clerk: Member, client: Client, junk: str) -> None:
    client.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    typed = junk.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    for action in ("sms", "app", "real-name"):
        answer = client.post(f"/account/identity/{action}/", {"code": typed, "number": typed, "agreed": "on"})
        assert answer.status_code in (400, 409, 422), (action, answer.status_code)
