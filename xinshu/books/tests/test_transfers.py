"""Stories of single transfers: what moves, what is refused, what a repeated call does."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Organisation
from xinshu.books.audit import drifted, imbalance
from xinshu.books.models import Account, Transfer
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn, available, balance, open_account, post, transfer, void
from xinshu.core.refusals import NotNow

pytestmark = pytest.mark.django_db
LINE, CNY = Account.Unit.LINE, Account.Unit.CNY


@pytest.fixture
def pool(guarantor: Organisation) -> Account:
    return open_account(guarantor, "line_pool", LINE)


@pytest.fixture
def line(guarantor: Organisation, applicant: Organisation, pool: Account) -> Account:
    """A guarded account that holds 1,000.00."""
    opened = open_account(guarantor, "line", LINE, party=applicant, debits_must_not_exceed_credits=True)
    transfer(pool, opened, 1_000_00, key="grant", at=AT)
    return opened


@pytest.fixture
def used(guarantor: Organisation, applicant: Organisation, line: Account) -> Account:
    return open_account(guarantor, "line_used", LINE, party=applicant)


def sums(account: Account) -> dict[str, int]:
    account.refresh_from_db()
    return {name: getattr(account, name) for name in Account.SUMS if getattr(account, name)}


def test_a_posted_transfer_moves_the_amount_at_once(line: Account, used: Account) -> None:
    moved = transfer(line, used, 300_00, key="t", at=AT)

    assert moved.state == "posted"
    assert (moved.at, moved.settled_at) == (AT, AT)
    assert sums(line) == {"credits_posted": 1_000_00, "debits_posted": 300_00}
    assert sums(used) == {"credits_posted": 300_00}
    assert (balance(line), available(line), balance(used)) == (700_00, 700_00, 300_00)


def test_a_pending_transfer_sets_aside_and_posting_makes_it_final(line: Account, used: Account) -> None:
    pending = transfer(line, used, 300_00, key="t", at=AT, pending=True)
    aside = (balance(line), available(line), balance(used))

    post(pending, at=AT)

    assert aside == (1_000_00, 700_00, 0)
    assert sums(line) == {"credits_posted": 1_000_00, "debits_posted": 300_00}
    assert sums(used) == {"credits_posted": 300_00}


def test_voiding_gives_back_what_was_set_aside(line: Account, used: Account) -> None:
    pending = transfer(line, used, 300_00, key="t", at=AT, pending=True)

    void(pending, at=AT)

    assert sums(line) == {"credits_posted": 1_000_00}
    assert sums(used) == {}
    assert Transfer.objects.get(key="t").state == "voided"


@pytest.mark.parametrize("pending", [True, False])
def test_a_guarded_account_refuses_what_it_does_not_hold_and_says_what_it_holds(
    line: Account, used: Account, pending: bool
) -> None:
    transfer(line, used, 400_00, key="first", at=AT, pending=True)

    with pytest.raises(Overdrawn) as refused:
        transfer(line, used, 600_01, key="second", at=AT, pending=pending)

    assert (refused.value.available, refused.value.wanted) == (600_00, 600_01)
    assert "可用额度是 600.00 元，不够 600.01 元" in refused.value.message
    assert "云州恒达路桥工程有限公司" in refused.value.message
    assert sums(line) == {"credits_posted": 1_000_00, "debits_pending": 400_00}
    assert sums(used) == {"credits_pending": 400_00}
    assert not Transfer.objects.filter(key="second").exists()


def test_the_last_fen_may_be_taken(line: Account, used: Account) -> None:
    transfer(line, used, 1_000_00, key="all", at=AT, pending=True)

    assert available(line) == 0


def test_after_overdrawn_was_caught_the_same_transaction_goes_on_and_the_key_is_free(
    line: Account, used: Account
) -> None:
    with transaction.atomic():
        with pytest.raises(Overdrawn):
            transfer(line, used, 9_999_00, key="t", at=AT)
        transfer(line, used, 1_00, key="t", at=AT)

    assert sums(line) == {"credits_posted": 1_000_00, "debits_posted": 1_00}
    assert imbalance() == {}
    assert drifted() == []


def test_a_refusal_puts_back_the_credit_when_the_credited_account_came_first(line: Account, used: Account) -> None:
    guarded = open_account(used.holder, "later", LINE, debits_must_not_exceed_credits=True)
    assert guarded.pk > line.pk

    with pytest.raises(Overdrawn):
        transfer(guarded, line, 5_00, key="t", at=AT, pending=True)

    assert sums(line) == {"credits_posted": 1_000_00}
    assert imbalance() == {}


def test_an_account_without_a_guard_goes_below_nothing(applicant: Organisation, guarantor: Organisation) -> None:
    cash, fees = open_account(applicant, "cash", CNY), open_account(guarantor, "fees", CNY)

    transfer(cash, fees, 5_00, key="fee", at=AT)

    assert (balance(cash), balance(fees)) == (-5_00, 5_00)


def test_the_same_key_is_the_same_transfer(line: Account, used: Account) -> None:
    first = transfer(line, used, 300_00, key="t", at=AT, pending=True)

    again = transfer(line, used, 300_00, key="t", at=AT, pending=True)

    assert (again.pk, first.repeated, again.repeated) == (first.pk, False, True)
    assert sums(line) == {"credits_posted": 1_000_00, "debits_pending": 300_00}


def test_the_same_key_with_another_amount_is_refused_and_moves_nothing(line: Account, used: Account) -> None:
    transfer(line, used, 300_00, key="t", at=AT, pending=True)

    with pytest.raises(NotNow) as refused:
        transfer(line, used, 400_00, key="t", at=AT, pending=True)

    assert "先前是 300.00 元，这次是 400.00 元" in refused.value.message
    assert sums(line) == {"credits_posted": 1_000_00, "debits_pending": 300_00}


@pytest.mark.parametrize(("first", "second"), [(post, void), (void, post)])
def test_settling_twice_is_settling_once_and_never_the_other_way(line: Account, used: Account, first, second) -> None:
    pending = transfer(line, used, 300_00, key="t", at=AT, pending=True)
    first(pending, at=AT)
    before = sums(line), sums(used)

    first(pending, at=AT)
    with pytest.raises(NotNow):
        second(pending, at=AT)

    assert (sums(line), sums(used)) == before


def test_a_transfer_belongs_inside_a_transaction(transactional_db: None, guarantor: Organisation) -> None:
    one, other = open_account(guarantor, "a", CNY), open_account(guarantor, "b", CNY)

    with pytest.raises(transaction.TransactionManagementError):
        transfer(one, other, 1, key="t", at=AT)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_moved(line: Account, used: Account, amount: int) -> None:
    with pytest.raises(ValueError, match="positive amount"):
        transfer(line, used, amount, key="t", at=AT)


def test_units_do_not_mix(line: Account, guarantor: Organisation) -> None:
    with pytest.raises(ValueError, match="one unit"):
        transfer(line, open_account(guarantor, "fees", CNY), 1, key="t", at=AT)


def test_an_account_is_opened_once_with_and_without_a_party(guarantor: Organisation, applicant: Organisation) -> None:
    mine = open_account(guarantor, "fees", CNY), open_account(guarantor, "fees", CNY)
    theirs = (
        open_account(guarantor, "fees", CNY, party=applicant),
        open_account(guarantor, "fees", CNY, party=applicant),
    )

    assert mine[0] == mine[1] != theirs[0] == theirs[1]


@pytest.mark.parametrize("party", [True, False])
def test_the_database_itself_refuses_a_second_account(
    guarantor: Organisation, applicant: Organisation, party: bool
) -> None:
    whose = {"holder": guarantor, "party": applicant if party else None, "purpose": "fees", "unit": CNY}
    Account.objects.create(**whose)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(**whose)


@pytest.mark.parametrize("change", [{"debits_pending": 1_000_01}, {"debits_posted": 1_000_01}, {"credits_pending": -1}])
def test_the_database_itself_refuses_an_overdrawn_or_negative_account(line: Account, change: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=line.pk).update(**change)


def test_a_transfer_takes_three_statements_and_one_on_postgresql(line: Account, used: Account) -> None:
    with CaptureQueriesContext(
        connection,
    ) as pending_statements:
        pending = transfer(line, used, 1_00, key="t", at=AT, pending=True)
    with CaptureQueriesContext(connection) as post_statements:
        post(pending, at=AT)

    expected = 1 if connection.vendor == "postgresql" else 3
    assert (len(pending_statements), len(post_statements)) == (expected, expected)


def test_an_altered_account_is_found(line: Account, used: Account) -> None:
    transfer(line, used, 300_00, key="t", at=AT)
    Account.objects.filter(pk=used.pk).update(credits_posted=200_00)

    assert imbalance() == {"LINE posted": 100_00}
    assert drifted() == [used.pk]
