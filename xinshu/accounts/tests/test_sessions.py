"""Stories of signing in and out, of lock-out, and of one person in several organisations."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings

from xinshu.accounts.actions.sessions import (
    LockedOut,
    NotYetOpen,
    SignInRefused,
    WrongPassword,
    sign_in,
    sign_out,
    switch_member,
)
from xinshu.accounts.models import Member, Organisation, SignInAttempt, User
from xinshu.accounts.tasks import forget_old_sign_in_attempts
from xinshu.accounts.tests.conftest import NOW, PASSWORD, code, member_with, registration
from xinshu.core.clock import local_day
from xinshu.core.refusals import Unknown
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def fail(username: str = "admin", address: str = HERE, at: object = NOW) -> SignInRefused:
    """Try a wrong password and return the refusal."""
    with pytest.raises(SignInRefused) as refused:
        sign_in(username, "not-the-password", address=address, at=at)  # type: ignore[arg-type]
    return refused.value


def test_a_member_signs_in_and_it_is_recorded(sysadmin: Member) -> None:
    member = sign_in("  Admin ", PASSWORD, address=HERE, at=NOW)

    entry = Entry.objects.get()
    assert member == sysadmin
    assert (entry.kind, entry.actor_key, entry.data) == ("account.signed_in", sysadmin.actor_key, {"address": HERE})


def test_a_wrong_password_says_how_many_tries_are_left_and_is_recorded_without_it(sysadmin: Member) -> None:
    assert fail().message == "账号或密码不正确，还可以再试 4 次。"
    assert fail().message == "账号或密码不正确，还可以再试 3 次。"

    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.kind, entry.actor_key, entry.subject_id) == ("account.sign_in_failed", "system", sysadmin.user_id)
    assert entry.data == {"account": "admin", "address": HERE, "failures": 2, "why": "WrongPassword"}


def test_an_unknown_name_looks_like_a_wrong_password_and_is_not_written_down(sysadmin: Member) -> None:
    known, unknown = fail("admin"), fail("my-secret-password")

    assert (type(unknown), unknown.message, unknown.advice) == (type(known), known.message, known.advice)
    assert Entry.objects.order_by("-pk")[0].data["account"] == ""
    assert not SignInAttempt.objects.filter(key__contains="secret").exists()


class Counting(MD5PasswordHasher):
    """Counts how often a password is hashed."""

    times = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.times += 1
        return str(super().encode(password, salt))


@override_settings(PASSWORD_HASHERS=["xinshu.accounts.tests.test_sessions.Counting"])
def test_an_unknown_name_costs_as_much_hashing_as_a_wrong_password() -> None:
    member_with("sysadmin", username="admin")
    costs = []
    for username in ("admin", "nobody"):
        Counting.times = 0
        fail(username)
        costs.append(Counting.times)

    assert costs == [1, 1]


def test_after_five_failures_the_account_is_closed_to_that_address_for_a_quarter_of_an_hour(sysadmin: Member) -> None:
    refusals = [fail() for _try in range(5)]

    assert [type(refusal) for refusal in refusals] == [WrongPassword] * 4 + [LockedOut]
    assert "15 分钟后可以再试" in refusals[-1].message
    with pytest.raises(LockedOut, match="10 分钟后"):
        sign_in("admin", PASSWORD, address=HERE, at=NOW + timedelta(minutes=5, seconds=1))
    assert sign_in("admin", PASSWORD, address=HERE, at=NOW + timedelta(minutes=15)) == sysadmin


def test_a_locked_out_try_neither_prolongs_the_pause_nor_fills_the_ledger(sysadmin: Member) -> None:
    for _try in range(5):
        fail()
    entries = Entry.objects.count()

    fail(at=NOW + timedelta(minutes=14))

    assert Entry.objects.count() == entries
    assert sign_in("admin", PASSWORD, address=HERE, at=NOW + timedelta(minutes=15)) == sysadmin


def test_another_address_and_another_account_are_not_locked_out(sysadmin: Member, operator: Member) -> None:
    for _try in range(5):
        fail()

    assert sign_in("admin", PASSWORD, address=ELSEWHERE, at=NOW) == sysadmin
    assert sign_in("opera", PASSWORD, address=HERE, at=NOW) == operator


def test_a_success_forgets_earlier_failures(sysadmin: Member) -> None:
    for _try in range(4):
        fail()
    sign_in("admin", PASSWORD, address=HERE, at=NOW)

    assert fail().message == "账号或密码不正确，还可以再试 4 次。"


def test_failures_older_than_the_pause_do_not_count(sysadmin: Member) -> None:
    for _try in range(4):
        fail()

    assert "还可以再试 4 次" in fail(at=NOW + timedelta(minutes=15)).message


def test_the_nightly_round_forgets_old_counters(sysadmin: Member) -> None:
    fail(at=NOW - timedelta(days=2))
    fail(address=ELSEWHERE)

    forget_old_sign_in_attempts(local_day(NOW), NOW)

    assert SignInAttempt.objects.count() == 1


def test_a_locked_user_is_told_so_only_with_the_right_password(sysadmin: Member) -> None:
    User.objects.filter(pk=sysadmin.user_id).update(is_active=False)

    with pytest.raises(NotYetOpen, match="已被管理员锁定"):
        sign_in("admin", PASSWORD, address=HERE, at=NOW)
    assert isinstance(fail(), WrongPassword)
    assert [entry.data["why"] for entry in Entry.objects.order_by("pk")] == ["NotYetOpen", "WrongPassword"]


def test_somebody_without_an_active_organisation_does_not_come_in(sysadmin: Member) -> None:
    Organisation.objects.filter(pk=sysadmin.organisation_id).update(active=False)

    with pytest.raises(NotYetOpen, match="不属于任何可用的机构"):
        sign_in("admin", PASSWORD, address=HERE, at=NOW)


def test_a_waiting_registration_is_told_of_only_with_its_password() -> None:
    case = registration()

    with pytest.raises(NotYetOpen) as told:
        sign_in("lixinhe", PASSWORD, address=HERE, at=NOW)

    assert case.reference in told.value.advice
    assert isinstance(fail("lixinhe"), WrongPassword)


def test_one_person_acts_for_one_organisation_after_the_other(sysadmin: Member) -> None:
    second = Organisation.objects.create(name="云州第二有限公司", kind="enterprise", uscc=code(7))
    there = Member.objects.create(user=sysadmin.user, organisation=second, roles=["applicant"])

    member = switch_member(sysadmin, there.pk, at=NOW)

    entry = Entry.objects.get()
    assert member == there
    assert member.can("guarantees.apply")
    assert not member.can("accounts.manage")
    assert (entry.kind, entry.actor_key, entry.data) == (
        "account.switched",
        there.actor_key,
        {"previous": sysadmin.actor_label},
    )


def test_nobody_switches_to_what_is_not_theirs_or_not_active(sysadmin: Member, operator: Member) -> None:
    second = Organisation.objects.create(name="云州第二有限公司", kind="enterprise", uscc=code(7), active=False)
    closed = Member.objects.create(user=sysadmin.user, organisation=second, roles=["applicant"])

    for target in (operator.pk, closed.pk, 0):
        with pytest.raises(Unknown):
            switch_member(sysadmin, target, at=NOW)

    assert not Entry.objects.exists()


def test_leaving_is_recorded(sysadmin: Member) -> None:
    sign_out(sysadmin, at=NOW)

    assert Entry.objects.get().kind == "account.signed_out"
