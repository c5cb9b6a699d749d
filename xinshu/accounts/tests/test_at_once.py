"""Stories of people who act in the same moment, on real connections: one wins, nothing is done twice or half."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from xinshu.accounts import totp
from xinshu.accounts.actions.codes import TooMany, WrongCode, send_code, take_code
from xinshu.accounts.actions.registration import approve_registration
from xinshu.accounts.actions.roles import Incompatible, approve_roles, propose_roles
from xinshu.accounts.actions.second_factor import (
    WrongSecondFactor,
    begin_enrolment,
    check_second_factor,
    confirm_enrolment,
)
from xinshu.accounts.actions.sessions import LockedOut, WrongPassword, sign_in
from xinshu.accounts.models import Member, Organisation, Registration, SandboxMessage, SentCode, User
from xinshu.accounts.tests.conftest import NOW, code, member_with, registration
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal
from xinshu.ledger.models import Entry

LATER = NOW + timedelta(minutes=1)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all `acts` at the same moment, each on a connection of its own; return results and refusals in order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(timeout=30)
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_operators_approve_the_same_registration_and_one_account_is_opened() -> None:
    first, second = member_with("operator"), member_with("operator")
    case = registration()
    pages = [Registration.objects.get(pk=case.pk) for _page in range(2)]

    results = at_once(
        lambda: approve_registration(pages[0], by=first, at=NOW),
        lambda: approve_registration(pages[1], by=second, at=NOW),
    )

    assert sorted(isinstance(result, Refusal) for result in results) == [False, True]
    assert Organisation.objects.filter(uscc=case.uscc).count() == 1
    assert User.objects.filter(username=case.username).count() == 1
    assert Entry.objects.filter(kind="registration.approved").count() == 1


def test_two_colleagues_approved_at_once_share_one_organisation_or_one_is_told_to_try_again() -> None:
    operator = member_with("operator")
    cases = [registration(), registration(username="colleague", phone="12300009999")]

    results = at_once(*(lambda case=case: approve_registration(case, by=operator, at=NOW) for case in cases))

    for case, result in zip(cases, results, strict=True):
        if isinstance(result, Refusal):
            approve_registration(case, by=operator, at=NOW)
    organisation = Organisation.objects.get(uscc=code(900001))
    assert set(organisation.members.values_list("user__username", flat=True)) == {"lixinhe", "colleague"}
    assert Member.objects.count() == 3


def test_many_guesses_at_once_get_no_more_tries_than_one_after_the_other() -> None:
    member_with("operator", username="opera")

    results = at_once(*(lambda: sign_in("opera", "wrong", address="192.0.2.1", at=NOW) for _guess in range(8)))

    kinds = [type(result) for result in results]
    assert (kinds.count(WrongPassword), kinds.count(LockedOut)) == (4, 4)
    assert Entry.objects.filter(kind="account.sign_in_failed").count() == 5


def test_the_same_registration_sent_twice_at_once_is_one() -> None:
    results = at_once(registration, registration)

    assert results == [Registration.objects.get()] * 2
    assert Entry.objects.filter(kind="registration.submitted").count() == 1


def test_many_requests_at_once_send_one_code_and_it_opens_once() -> None:
    phone = "12300005678"

    sent = at_once(
        *(lambda n=n: send_code(phone, "sign_in", to_somebody=True, address=f"192.0.2.{n}", at=NOW) for n in range(6))
    )
    text = SandboxMessage.objects.get().text
    taken = at_once(*(lambda: take_code(phone, "sign_in", text.split()[1][:6], at=NOW) for _try in range(6)))

    assert [type(result) for result in sent].count(TooMany) == 5
    assert [type(result) for result in taken].count(WrongCode) == 5
    assert SentCode.objects.get().used_at == NOW


def test_one_code_of_the_second_factor_opens_one_of_two_browsers() -> None:
    member = member_with("operator", username="opera")
    secret = begin_enrolment(member.user, at=NOW)
    confirm_enrolment(member.user, totp.code_of(secret, totp.step_of(NOW)), by=member, at=NOW)
    code_later = totp.code_of(secret, totp.step_of(LATER))

    results = at_once(*(lambda: check_second_factor(member.user, code_later, by=SYSTEM, at=LATER) for _n in range(4)))

    assert [type(result) for result in results].count(WrongSecondFactor) == 3


def test_two_security_administrators_approve_two_changes_that_exclude_each_other() -> None:
    home = Organisation.objects.create(name="云州信枢运营有限公司", kind="operator", uscc=code(31))
    second_home = Organisation.objects.create(name="云州第二运营有限公司", kind="operator", uscc=code(32))
    person = member_with(organisation=home)
    there = Member.objects.create(user=person.user, organisation=second_home, roles=[])
    sysadmin, one, other, third = (
        member_with(role, organisation=home) for role in ("sysadmin", "secadmin", "secadmin", "secadmin")
    )
    as_system = propose_roles(person, ["sysadmin"], reason="新岗位", by=sysadmin, at=NOW)
    as_audit = propose_roles(there, ["auditor"], reason="新岗位", by=third, at=NOW)

    results = at_once(
        lambda: approve_roles(as_system, by=one, at=NOW),
        lambda: approve_roles(as_audit, by=other, at=NOW),
    )

    assert sorted(isinstance(result, Incompatible) for result in results) == [False, True]
    held = [role for roles in Member.objects.filter(user=person.user).values_list("roles", flat=True) for role in roles]
    assert len(held) == 1
