"""Stories: an altered row is found, named, shown and recorded, and its repair is noticed too."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from xinshu.accounts.models import Organisation, User
from xinshu.books.limits import found_group, join_group
from xinshu.books.lines import grant_line, occupy, reserve
from xinshu.books.models import Account, Difference
from xinshu.books.reconciliation import reconcile
from xinshu.books.tests.conftest import AT
from xinshu.core.actors import SYSTEM
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]) -> Account:
    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="2026")
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)
    join_group(group, applicant, relation="parent", basis="工商登记", by=SYSTEM, at=AT)
    reserve(guarantor, applicant, 100_00, for_=case(1), at=AT)
    occupy(case(1), at=AT)
    reserve(guarantor, applicant, 50_00, for_=case(2), at=AT)
    return Account.objects.get(party=applicant, purpose="line_used")


def found() -> list[tuple[str, str, str]]:
    return [(row.kind, row.stands, row.should) for row in Difference.objects.filter(gone_at=None).order_by("pk")]


def test_books_that_agree_have_no_differences(books: Account) -> None:
    run = reconcile(AT)

    assert (run.differences, run.accounts, run.transfers) == (0, 3, 3)
    assert Entry.objects.get(kind="books.reconciled").data["differences"] == 0


@pytest.mark.parametrize(
    ("alteration", "differences"),
    [
        (
            "UPDATE books_account SET credits_posted = credits_posted + 1 WHERE purpose = 'line_used'",
            [
                ("imbalance", "-0.01", "0.00"),
                ("drifted", "100.01", "100.00"),
                ("group", "150.00", "150.01"),
                ("total", "150.00", "150.01"),
            ],
        ),
        (
            "UPDATE books_transfer SET amount = amount + 700 WHERE state = 'pending'",
            [("drifted", "50.00", "57.00"), ("drifted", "50.00", "57.00")],
        ),
        ("UPDATE books_totallimit SET used = used - 1", [("total", "149.99", "150.00")]),
        ("UPDATE books_customergroup SET used = used - 1", [("group", "149.99", "150.00")]),
        (
            "UPDATE books_account SET group_id = NULL",
            [("group", "150.00", "0.00"), ("membership", "—", "恒达集团")],
        ),
    ],
)
def test_an_altered_row_is_found_named_and_recorded_once(
    books: Account, alteration: str, differences: list[tuple[str, str, str]]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(alteration)

    reconcile(AT)
    reconcile(AT + timedelta(days=1))

    assert found() == differences
    recorded = Entry.objects.filter(kind="difference.found").order_by("pk")
    assert [(entry.data["stands"], entry.data["should"]) for entry in recorded] == [row[1:] for row in differences]


def test_a_difference_that_was_mended_is_gone_and_that_is_recorded(books: Account) -> None:
    Account.objects.filter(pk=books.pk).update(debits_posted=1)
    reconcile(AT)
    Account.objects.filter(pk=books.pk).update(debits_posted=0)

    reconcile(AT + timedelta(days=1))

    assert found() == []
    assert Entry.objects.filter(kind="difference.gone").count() == Difference.objects.count() > 0


def test_the_command_tells_by_its_exit_code(books: Account) -> None:
    said = StringIO()
    call_command("reconcile", stdout=said)
    Account.objects.filter(pk=books.pk).update(debits_pending=7)

    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", stdout=said)

    assert ended.value.code == 1
    assert "余额与流水不符" in said.getvalue()
