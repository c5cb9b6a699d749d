"""Stories of people who act in the same moment, on real connections: one wins, nothing is done twice or half."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from xinshu.accounts.actions.registration import approve_registration
from xinshu.accounts.actions.sessions import LockedOut, WrongPassword, sign_in
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.accounts.tests.conftest import NOW, code, member_with, registration
from xinshu.core.refusals import Refusal
from xinshu.ledger.models import Entry

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
