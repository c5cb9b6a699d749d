"""Stories of codes by SMS: sent, limited, taken once; signing in, registering and recovering a password with them."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import override_settings

from xinshu.accounts.actions.codes import PER_ADDRESS, TooMany, WrongCode, send_code, take_code
from xinshu.accounts.actions.passwords import ask_to_recover, change_password, recover_password
from xinshu.accounts.actions.registration import approve_registration, ask_for_registration_code, register_quickly
from xinshu.accounts.actions.sessions import NotYetOpen, ask_for_sign_in_code, prove_by_code, sign_in
from xinshu.accounts.models import FormerPassword, Member, Registration, SandboxMessage, SentCode, User
from xinshu.accounts.tasks import forget_old_codes
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
HERE, PHONE = "192.0.2.1", "12300005678"
NEW = "seven-odd-lamps-71"


def sent() -> str:
    """Return the code in the newest message of the sandbox."""
    newest = SandboxMessage.objects.order_by("-pk")[0]
    found = re.search(r"验证码 (\d{6})", newest.text)
    assert found
    return found[1]


def send(phone: str = PHONE, purpose: str = "sign_in", address: str = HERE, at=NOW) -> str:  # type: ignore[no-untyped-def]
    send_code(phone, purpose, to_somebody=True, address=address, at=at)
    return sent()


def test_a_code_is_kept_as_a_digest_and_opens_once() -> None:
    code = send()

    take_code(PHONE, "sign_in", code, at=NOW + timedelta(minutes=4, seconds=59))

    kept = SentCode.objects.get()
    assert code not in f"{kept.digest}{kept.phone_key}"
    assert PHONE not in f"{kept.digest}{kept.phone_key}"
    with pytest.raises(WrongCode):
        take_code(PHONE, "sign_in", code, at=NOW + timedelta(minutes=4, seconds=59))


def test_a_code_opens_nothing_else_and_nothing_later() -> None:
    code = send()

    for phone, purpose, at in (
        ("12300005679", "sign_in", NOW),
        (PHONE, "recover", NOW),
        (PHONE, "register", NOW),
        (PHONE, "sign_in", NOW + timedelta(minutes=5)),
    ):
        with pytest.raises(WrongCode):
            take_code(phone, purpose, code, at=at)


def test_five_wrong_tries_spoil_a_code() -> None:
    code = send()
    for _try in range(5):
        with pytest.raises(WrongCode):
            take_code(PHONE, "sign_in", "x" + code[1:], at=NOW)

    with pytest.raises(WrongCode):
        take_code(PHONE, "sign_in", code, at=NOW)


def test_only_the_newest_code_counts() -> None:
    first = send()
    second = send(at=NOW + timedelta(minutes=1))

    if first != second:
        with pytest.raises(WrongCode):
            take_code(PHONE, "sign_in", first, at=NOW + timedelta(minutes=1))
    take_code(PHONE, "sign_in", second, at=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("gap", "allowed", "wait"),
    [(timedelta(seconds=59), 1, "1 秒"), (timedelta(minutes=2), 5, "50 分钟"), (timedelta(hours=1), 10, "840 分钟")],
)
def test_a_number_gets_one_code_a_minute_five_an_hour_ten_a_day(gap: timedelta, allowed: int, wait: str) -> None:
    for turn in range(allowed):
        send(address=f"192.0.2.{turn}", at=NOW + turn * gap)

    with pytest.raises(TooMany, match=wait):
        send(address="192.0.2.99", at=NOW + allowed * gap)
    assert SentCode.objects.count() == allowed


def test_an_address_gets_twenty_codes_an_hour_for_whatever_numbers() -> None:
    for turn in range(PER_ADDRESS[0].count):
        send(phone=f"1230001{turn:04d}")

    with pytest.raises(TooMany):
        send(phone="12300020000")
    send(phone="12300020000", address="192.0.2.2")


def test_an_unknown_number_counts_and_answers_like_a_known_one_but_gets_nothing() -> None:
    ask_for_sign_in_code("12300009999", address=HERE, at=NOW)

    with pytest.raises(TooMany):
        ask_for_sign_in_code("12300009999", address=HERE, at=NOW)
    assert not SandboxMessage.objects.exists()


@override_settings(CODE_CHANNEL="")
def test_without_a_channel_nothing_is_sent() -> None:
    with pytest.raises(NotNow, match="没有开通短信"):
        send()

    assert not SentCode.objects.exists()


def test_the_nightly_round_forgets_old_codes() -> None:
    send(at=NOW - timedelta(days=3))
    send(phone="12300005679")

    forget_old_codes(local_day(NOW), NOW)

    assert SentCode.objects.count() == 1


# ── signing in ──


def test_somebody_signs_in_with_the_code_sent_to_their_number(sysadmin: Member) -> None:
    phone = sysadmin.user.phone
    ask_for_sign_in_code(phone, address=HERE, at=NOW)

    assert prove_by_code(phone, sent(), address=HERE, at=NOW) == sysadmin.user


@pytest.mark.parametrize("how", ["locked", "shared"])
def test_a_code_does_not_open_what_is_locked_or_shared(how: str, sysadmin: Member) -> None:
    phone = sysadmin.user.phone
    ask_for_sign_in_code(phone, address=HERE, at=NOW)
    if how == "locked":
        User.objects.filter(pk=sysadmin.user_id).update(is_active=False)
    else:
        User.objects.filter(pk=member_with("sysadmin").user_id).update(phone=phone)

    with pytest.raises(NotYetOpen, match="锁定" if how == "locked" else "多个账号"):
        prove_by_code(phone, sent(), address=HERE, at=NOW)


# ── quick registration ──


@pytest.mark.req("FS-31")
def test_a_person_registers_with_mobile_code_and_password_and_signs_in_once_approved(operator: Member) -> None:
    phone = ask_for_registration_code("123 0000 5678", address=HERE, at=NOW)

    case = register_quickly(phone, sent(), NEW, agreed=True, at=NOW)

    assert (case.username, case.kind, case.phone_proven) == (PHONE, "person", True)
    with pytest.raises(NotYetOpen, match="还在审核"):
        sign_in(PHONE, NEW, address=HERE, at=NOW)
    approve_registration(case, by=operator, at=NOW)
    assert sign_in(PHONE, NEW, address=HERE, at=NOW).organisation.kind == "person"


def test_quick_registration_needs_the_code_and_a_good_password() -> None:
    ask_for_registration_code(PHONE, address=HERE, at=NOW)
    code = sent()

    with pytest.raises(Invalid) as weak:
        register_quickly(PHONE, code, "1234567890", agreed=False, at=NOW)
    with pytest.raises(WrongCode):
        register_quickly(PHONE, "x" + code[1:], NEW, agreed=True, at=NOW)

    assert set(weak.value.fields) == {"password", "agreed"}
    assert not Registration.objects.exists()
    register_quickly(PHONE, code, NEW, agreed=True, at=NOW)  # the weak one did not use the code up


# ── passwords ──


def test_a_lost_password_is_replaced_by_code_and_other_sessions_end(sysadmin: Member) -> None:
    user = sysadmin.user
    ask_to_recover(" Admin ", user.phone, address=HERE, at=NOW)

    recover_password("admin", user.phone, sent(), NEW, at=NOW)

    assert sign_in("admin", NEW, address=HERE, at=NOW) == sysadmin
    entry = Entry.objects.get(kind="account.password_recovered")
    assert (entry.actor_key, entry.subject_id) == ("system", user.pk)


def test_name_and_number_that_do_not_belong_together_get_no_code_and_no_hint(sysadmin: Member) -> None:
    ask_to_recover("admin", "12300004444", address=HERE, at=NOW)
    ask_to_recover("nobody", sysadmin.user.phone, address=HERE, at=NOW)

    assert not SandboxMessage.objects.exists()
    with pytest.raises(WrongCode, match="验证码不正确或已失效"):
        recover_password("admin", "12300004444", "000000", NEW, at=NOW)


def test_the_last_five_passwords_do_not_come_back(sysadmin: Member) -> None:
    words = [PASSWORD, *(f"odd-lamp-and-cable-{n}" for n in range(7))]
    for turn, (old, new) in enumerate(pairwise(words)):
        sysadmin.user.refresh_from_db()
        change_password(sysadmin, old, new, at=NOW + timedelta(days=turn))
    sysadmin.user.refresh_from_db()

    for used in words[-6:]:
        with pytest.raises(Invalid, match="最近用过"):
            change_password(sysadmin, words[-1], used, at=NOW)
    change_password(sysadmin, words[-1], words[1], at=NOW)
    assert FormerPassword.objects.count() == 5


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("qwertyuiop12x", "常见的词"),
        ("aaaaaaaaaaaa!", "重复的字符"),
        ("abcdefghij12345", "连续的字符"),
        ("short-9x", "至少 10 位"),
        ("admin-admin-1", ""),
    ],
)
def test_what_is_guessed_soon_is_refused_in_chinese(new: str, why: str, sysadmin: Member) -> None:
    with pytest.raises(Invalid) as refused:
        change_password(sysadmin, PASSWORD, new, at=NOW)

    assert why in refused.value.fields["new"]
    assert not re.search("[A-Za-z]{9}", refused.value.fields["new"])


def test_changing_takes_the_present_password(sysadmin: Member) -> None:
    with pytest.raises(Invalid, match="现在的密码不正确"):
        change_password(sysadmin, "not-this-one", NEW, at=NOW)
