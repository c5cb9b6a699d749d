"""Many people at one line at the same moment: real threads, real connections, on whichever database the suite runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from xinshu.accounts.models import Organisation, User
from xinshu.books.account_statements import Statement, statement_of
from xinshu.books.audit import drifted, imbalance
from xinshu.books.holds import release_due
from xinshu.books.limits import apply_ceilings, found_group, join_group, leave_group, report_capital
from xinshu.books.lines import Line, grant_line, line_of, occupy, reserve, restore, void_reservation
from xinshu.books.models import Account, CustomerGroup, GroupMember, Transfer
from xinshu.books.reconciliation import reconcile
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn, TooConcentrated, open_account, transfer
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


def at_once(act: Callable[[int], object], *, own: bool = False) -> list[object]:
    """Let eight people do `act` at the same moment; return what each got, a refusal as its class.

    Each in one transaction, unless the act makes its `own`.
    """
    ready = Barrier(PEOPLE)

    def one(number: int) -> object:
        try:
            ready.wait(timeout=20)
            with nullcontext() if own else transaction.atomic():
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


@pytest.fixture
def group(granted: None, guarantor: Organisation, applicant: Organisation) -> CustomerGroup:
    """Two lines of 500 each under one group limit of 450."""
    other = Organisation.objects.create(name="云州恒达建材有限公司", kind=Organisation.Kind.ENTERPRISE)
    grant_line(guarantor, other, 500_00, by=SYSTEM, at=AT, key="other")
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)
    for party in (applicant, other):
        join_group(group, party, relation="controlled", basis="同一自然人控股", by=SYSTEM, at=AT)
    apply_ceilings(guarantor, 300_00, 450_00)
    return group


def parties_of(group: CustomerGroup) -> list[Organisation]:
    return [member.party for member in group.members.select_related("party").order_by("pk")]


def test_reservations_under_two_lines_of_one_group_never_pass_its_limit_together(
    group: CustomerGroup, guarantor: Organisation
) -> None:
    parties = parties_of(group)

    got = at_once(lambda number: reserve(guarantor, parties[number % 2], 100_00, for_=User(pk=number), at=AT))

    group.refresh_from_db()
    assert got.count(TooConcentrated) == 4
    assert group.used == 400_00 == sum(line_of(guarantor, party).reserved for party in parties)
    assert (imbalance(), drifted()) == ({}, [])


def test_joining_and_leaving_while_lines_are_reserved_loses_nothing_of_the_groups_use(
    group: CustomerGroup, guarantor: Organisation
) -> None:
    parties = parties_of(group)

    def act(number: int) -> object:
        if number > 6:
            member = GroupMember.objects.get(group=group, party=parties[number % 2], until=None)
            leave_group(member, by=SYSTEM, at=AT, reason="股权已经转让")
            return join_group(group, member.party, relation="other", basis="重新认定", by=SYSTEM, at=AT)
        reserve(guarantor, parties[number % 2], 10_00, for_=User(pk=number), at=AT)
        return (occupy if number % 3 else void_reservation)(User(pk=number), at=AT)

    at_once(act)

    assert reconcile(AT).differences == 0
    group.refresh_from_db()
    assert group.used == 40_00


def test_net_assets_that_fall_meanwhile_leave_every_limit_true(group: CustomerGroup, guarantor: Organisation) -> None:
    parties = parties_of(group)

    def act(number: int) -> object:
        if number == 8:
            return report_capital(guarantor, 1_000_00, as_of=AT.date(), source="三季度报表", by=SYSTEM, at=AT)
        return reserve(guarantor, parties[number % 2], 60_00, for_=User(pk=number), at=AT)

    at_once(act)

    group.refresh_from_db()
    assert (group.ceiling, reconcile(AT).differences) == (150_00, 0)
    assert group.excess == max(0, group.used - 150_00)


def test_a_hold_that_is_due_is_either_posted_or_lapsed_and_lapses_once(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    for number in range(1, 5):
        with transaction.atomic():
            reserve(guarantor, applicant, 100_00, for_=User(pk=number), at=AT, due_at=AT)

    def act(number: int) -> object:
        if number > 4:
            return release_due(AT)
        with transaction.atomic():
            return (occupy if number % 2 else void_reservation)(User(pk=number), at=AT)

    got = at_once(act, own=True)

    line = line_of(guarantor, applicant)
    lapsed = Entry.objects.filter(kind="hold.expired").count()
    voided = Transfer.objects.filter(state="voided").count()
    posted = Transfer.objects.filter(state="posted", debit__purpose="line").count()
    assert (line.reserved, line.occupied, posted + voided) == (0, posted * 100_00, 4)
    assert sum(one for one in got[4:] if isinstance(one, int)) == lapsed <= voided
    assert (imbalance(), drifted()) == ({}, [])


def test_a_contended_line_is_used_up_exactly(granted: None, guarantor: Organisation, applicant: Organisation) -> None:
    def many(number: int) -> int:
        done = 0
        for turn in range(12):
            try:
                reserve(guarantor, applicant, 7_00, for_=User(pk=number * 100 + turn), at=AT)
                occupy(User(pk=number * 100 + turn), at=AT)
                done += 1
            except Overdrawn:
                break
        return done

    got = at_once(many)

    assert sum(one for one in got if isinstance(one, int)) == 71
    assert line_of(guarantor, applicant) == Line(limit=500_00, reserved=0, occupied=497_00, available=3_00)
    assert (imbalance(), drifted()) == ({}, [])


def test_a_statement_given_while_lines_are_reserved_never_changes(
    granted: None, guarantor: Organisation, applicant: Organisation
) -> None:
    line = Account.objects.get(holder=guarantor, party=applicant, purpose="line")
    until = AT + timedelta(hours=1)

    def act(number: int) -> object:
        if number % 2:
            return reserve(guarantor, applicant, 10_00, for_=User(pk=number), at=AT)
        return statement_of(line, AT - timedelta(hours=1), until, at=until)

    given = [one for one in at_once(act) if isinstance(one, Statement)]

    assert len(given) == 4
    assert all(one == statement_of(line, one.since, until, at=until) for one in given)
