"""Stories of the second factor: RFC 6238's own vectors, binding, replay, clock skew, recovery codes, policy, reset."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from xinshu.accounts import totp
from xinshu.accounts.actions.second_factor import (
    WrongSecondFactor,
    begin_enrolment,
    check_second_factor,
    confirm_enrolment,
    due,
    reset_second_factor,
)
from xinshu.accounts.actions.sessions import LockedOut, SecondFactorDue, prove_second_factor, sign_in, take_phone_off
from xinshu.accounts.models import Member, RecoveryCode, SecondFactor
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
HERE = "192.0.2.1"
REQUIRED = override_settings(SECOND_FACTOR="required")


def code_at(secret: bytes, at: datetime) -> str:
    return totp.code_of(secret, totp.step_of(at))


def bind(member: Member, at: datetime = NOW) -> tuple[bytes, list[str]]:
    """Bind a phone and return its secret and the recovery codes."""
    secret = begin_enrolment(member.user, at=at)
    return secret, confirm_enrolment(member.user, code_at(secret, at), by=member, at=at)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert totp.code_of(b"12345678901234567890", seconds // 30, digits=8) == code


@given(st.binary(min_size=20, max_size=20), st.integers(-90, 90))
def test_a_phone_may_be_one_step_off_and_no_more(secret: bytes, seconds: int) -> None:
    at = datetime(2026, 11, 20, 2, 0, 15, tzinfo=UTC)
    code = code_at(secret, at + timedelta(seconds=seconds))

    step = totp.matching_step(secret, code, at, after=0)

    near = {code_at(secret, at + timedelta(seconds=30 * n)) for n in (-1, 0, 1)}
    assert (step is not None) is (code in near)


def test_the_secret_is_kept_encrypted_and_the_same_until_bound(sysadmin: Member) -> None:
    secret = begin_enrolment(sysadmin.user, at=NOW)

    assert begin_enrolment(sysadmin.user, at=NOW) == secret
    assert secret not in bytes(SecondFactor.objects.get().secret)
    assert due(sysadmin.user) == ""


def test_the_password_alone_no_longer_opens_an_account_with_a_phone(sysadmin: Member) -> None:
    bind(sysadmin)

    with pytest.raises(SecondFactorDue) as told:
        sign_in("admin", PASSWORD, address=HERE, at=NOW)

    assert told.value.how == "code"
    assert not Entry.objects.filter(kind="account.signed_in").exists()


def test_a_code_is_taken_once_even_within_its_half_minute(sysadmin: Member) -> None:
    secret, _codes = bind(sysadmin)
    later = NOW + timedelta(seconds=30)

    with pytest.raises(WrongSecondFactor):  # the code that bound the phone
        check_second_factor(sysadmin.user, code_at(secret, NOW), by=SYSTEM, at=NOW)
    check_second_factor(sysadmin.user, code_at(secret, later), by=SYSTEM, at=later)
    for again in (later, later + timedelta(seconds=29)):
        with pytest.raises(WrongSecondFactor):
            check_second_factor(sysadmin.user, code_at(secret, later), by=SYSTEM, at=again)


def test_an_older_code_is_not_taken_after_a_newer_one(sysadmin: Member) -> None:
    secret, _codes = bind(sysadmin)
    later = NOW + timedelta(minutes=2)
    check_second_factor(sysadmin.user, code_at(secret, later + timedelta(seconds=30)), by=SYSTEM, at=later)

    with pytest.raises(WrongSecondFactor):
        check_second_factor(sysadmin.user, code_at(secret, later), by=SYSTEM, at=later)


def test_a_recovery_code_opens_once_and_is_recorded(sysadmin: Member) -> None:
    _secret, codes = bind(sysadmin)

    check_second_factor(sysadmin.user, f" {codes[3][:5].lower()} {codes[3][5:]}", by=SYSTEM, at=NOW)

    assert Entry.objects.get(kind="account.recovery_code_used").data["left"] == 9
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    with pytest.raises(WrongSecondFactor):
        check_second_factor(sysadmin.user, codes[3], by=SYSTEM, at=NOW)


def test_five_wrong_codes_close_the_second_factor_from_wherever_they_come(sysadmin: Member) -> None:
    secret, _codes = bind(sysadmin)
    for turn in range(5):
        with pytest.raises(WrongSecondFactor):
            prove_second_factor(sysadmin.user, "000", address=f"192.0.2.{turn}", at=NOW)
    later = NOW + timedelta(minutes=1)

    with pytest.raises(LockedOut):
        prove_second_factor(sysadmin.user, code_at(secret, later), address=HERE, at=later)
    assert Entry.objects.filter(kind="account.sign_in_failed").count() == 5


@REQUIRED
@pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditor", "operator"])
def test_where_policy_asks_privileged_people_bind_a_phone_before_they_come_in(role: str) -> None:
    member = member_with(role, username="someone")

    with pytest.raises(SecondFactorDue) as told:
        sign_in("someone", PASSWORD, address=HERE, at=NOW)

    assert told.value.how == "enrol"
    assert due(member.user) == "enrol"


@REQUIRED
def test_policy_leaves_business_people_alone_and_a_demo_everybody(sysadmin: Member) -> None:
    clerk = member_with("applicant", kind="enterprise", username="clerk")

    assert sign_in("clerk", PASSWORD, address=HERE, at=NOW) == clerk
    with override_settings(SECOND_FACTOR="optional"):
        assert sign_in("admin", PASSWORD, address=HERE, at=NOW) == sysadmin


def test_a_phone_is_taken_off_with_its_code_but_not_against_the_policy(sysadmin: Member) -> None:
    secret, _codes = bind(sysadmin)
    later = NOW + timedelta(minutes=1)

    with REQUIRED, pytest.raises(NotPermitted):
        take_phone_off(sysadmin, code_at(secret, later), address=HERE, at=later)
    with pytest.raises(WrongSecondFactor):
        take_phone_off(sysadmin, "123", address=HERE, at=later)
    take_phone_off(sysadmin, code_at(secret, later), address=HERE, at=later)

    assert due(sysadmin.user) == ""
    assert not RecoveryCode.objects.exists()


def test_a_lost_phone_is_reset_by_another_persons_security_role_only(sysadmin: Member) -> None:
    bind(sysadmin)
    secadmin = member_with("secadmin")

    for by in (sysadmin, member_with("auditor"), member_with("sysadmin")):
        with pytest.raises(NotPermitted):
            reset_second_factor(sysadmin.user, reason="手机丢失", by=by, at=NOW)
    with pytest.raises(Invalid):
        reset_second_factor(sysadmin.user, reason=" ", by=secadmin, at=NOW)
    reset_second_factor(sysadmin.user, reason="手机丢失", by=secadmin, at=NOW)

    assert due(sysadmin.user) == ""
    with pytest.raises(NotNow):
        reset_second_factor(sysadmin.user, reason="手机丢失", by=secadmin, at=NOW)
