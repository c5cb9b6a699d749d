"""Many people at one line at the same moment: real threads, real connections, on whichever database the suite runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from xinshu.accounts.models import Organisation, User
from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import Line, grant_line, line_of, occupy, reserve, restore, void_reservation
from xinshu.books.models import Account, Transfer
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn, open_account, transfer
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def at_once(act: Callable[[int], object]) -> list[object]:
    """Let eight people do `act` at the same moment; return what each got, a refusal as its class."""
    ready = Barrier(PEOPLE)

    def one(number: int) -> object:
        try:
            ready.wait(timeout=20)
            with transaction.atomic():
                return act(number)
        except (Overdrawn, NotNow) as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as people:
        return list(people.map(one, range(1, PEOPLE + 1)))


@pytest.fixture
def granted(transactional_db: None, guarantor: Organisation, applicant: Organisation) -> None:
    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="2026")


def test_simultaneous_reservations_never_overdraw_the_line(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    got = at_once(lambda number: reserve(guarantor, applicant, 100_00, for_=User(pk=number), at=AT))

    assert got.count(Overdrawn) == 3
    assert line_of(guarantor, applicant) == Line(limit=500_00, reserved=500_00, occupied=0, available=0)
    assert Transfer.objects.filter(state="pending").count() == 5
    assert (imbalance(), drifted()) == ({}, [])


def test_one_case_approved_by_many_at_once_reserves_once(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    got = at_once(lambda _number: reserve(guarantor, applicant, 100_00, for_=User(pk=1), at=AT).pk)

    assert len(set(got)) == 1
    assert line_of(guarantor, applicant).reserved == 100_00
    assert (imbalance(), drifted()) == ({}, [])


def test_issuing_and_declining_at_the_same_moment_leaves_one_of_the_two(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    with transaction.atomic():
        reserve(guarantor, applicant, 100_00, for_=User(pk=1), at=AT)

    got = at_once(lambda number: (occupy if number % 2 else void_reservation)(User(pk=1), at=AT))

    line = line_of(guarantor, applicant)
    assert got.count(NotNow) == PEOPLE // 2
    assert line in (Line(500_00, 0, 100_00, 400_00), Line(500_00, 0, 0, 500_00))
    assert (imbalance(), drifted()) == ({}, [])


def test_the_line_comes_back_once_though_many_release_at_once(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    with transaction.atomic():
        reserve(guarantor, applicant, 100_00, for_=User(pk=1), at=AT)
        occupy(User(pk=1), at=AT)

    at_once(lambda _number: restore(User(pk=1), at=AT))

    assert line_of(guarantor, applicant) == Line(limit=500_00, reserved=0, occupied=0, available=500_00)


def test_transfers_that_cross_do_not_wait_for_each_other_for_ever(
    transactional_db: None, guarantor: Organisation
) -> None:
    one, other = (open_account(guarantor, purpose, Account.Unit.CNY) for purpose in ("one", "other"))

    def cross(number: int) -> None:
        for turn in range(5):
            debit, credit = (one, other) if number % 2 else (other, one)
            transfer(debit, credit, 1, key=f"{number}-{turn}", at=AT)

    at_once(cross)

    one.refresh_from_db()
    assert (one.debits_posted, one.credits_posted) == (20, 20)
    assert (imbalance(), drifted()) == ({}, [])
