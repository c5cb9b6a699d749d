"""Stories: the statement of a line between two moments, and that it never changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from xinshu.accounts.models import Organisation, User
from xinshu.books.account_statements import statement_of
from xinshu.books.lines import Line, grant_line, occupy, reserve, restore, void_reservation
from xinshu.books.models import Account
from xinshu.books.tests.conftest import AT
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def line(guarantor: Organisation, applicant: Organisation) -> Account:
    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="2026")
    return Account.objects.get(holder=guarantor, party=applicant, purpose="line")


def test_it_opens_with_what_stood_lists_what_moved_and_closes_with_what_stands(
    line: Account, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 100_00, for_=case(1), at=AT + HOUR)
    reserve(guarantor, applicant, 50_00, for_=case(2), at=AT + 2 * HOUR)
    occupy(case(1), at=AT + 3 * HOUR)
    void_reservation(case(2), at=AT + 4 * HOUR)
    restore(case(1), at=AT + 5 * HOUR)

    shown = statement_of(line, AT + 2 * HOUR, AT + 5 * HOUR, at=AT + 6 * HOUR)

    assert shown.opening == Line(500_00, 100_00, 0, 400_00)
    assert [(row.what, row.amount, row.available_change, row.subject_id) for row in shown.movements] == [
        ("held", 50_00, -50_00, 2), ("posted", 100_00, 0, 1), ("voided", 50_00, 50_00, 2),
    ]  # fmt: skip
    assert shown.closing == shown.movements[-1].after == Line(500_00, 0, 100_00, 400_00)
    later = statement_of(line, AT + 5 * HOUR, AT + 6 * HOUR, at=AT + 6 * HOUR)
    assert later.opening == shown.closing
    assert [row.what for row in later.movements] == ["restored"]


def test_what_is_booked_late_comes_after_the_statement_that_was_given(
    line: Account, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 100_00, for_=case(1), at=AT + HOUR)
    given = statement_of(line, AT, AT + 2 * HOUR, at=AT + 2 * HOUR)

    late = reserve(guarantor, applicant, 30_00, for_=case(2), at=AT + HOUR)
    occupy(case(1), at=AT + HOUR)
    grant_line(guarantor, applicant, 5_00, by=SYSTEM, at=AT, key="backdated")

    assert late.at == AT + 2 * HOUR
    assert statement_of(line, AT, AT + 2 * HOUR, at=AT + 9 * HOUR) == given
    after = statement_of(line, AT + 2 * HOUR, AT + 3 * HOUR, at=AT + 9 * HOUR)
    assert [row.what for row in after.movements] == ["held", "posted", "granted"]
    assert after.opening == given.closing


def test_there_is_no_statement_of_the_future_nor_backwards(line: Account) -> None:
    for since, until in ((AT, AT + 2 * HOUR), (AT, AT), (AT + HOUR, AT)):
        with pytest.raises(Invalid):
            statement_of(line, since, until, at=AT + HOUR)
    line.refresh_from_db()
    assert line.closed_to is None
