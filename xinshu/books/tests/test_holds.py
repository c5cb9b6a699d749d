"""Stories: a reservation whose time is over is given back, once, and never one that was posted, voided or kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from xinshu.accounts.models import Organisation, User
from xinshu.books.holds import release_due
from xinshu.books.lines import Line, grant_line, keep, line_of, occupy, reserve, void_reservation
from xinshu.books.tests.conftest import AT
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
DUE = AT + timedelta(days=10)


@pytest.fixture
def held(guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]) -> None:
    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="2026")
    for number in range(1, 5):
        reserve(guarantor, applicant, 100_00, for_=case(number), at=AT, due_at=DUE)


def test_only_what_is_still_pending_and_due_is_given_back_and_only_once(
    held: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    occupy(case(1), at=AT)
    void_reservation(case(2), at=AT)
    keep(case(3))

    assert release_due(DUE - timedelta(seconds=1)) == 0
    assert release_due(DUE) == 1
    assert release_due(DUE + timedelta(days=1)) == 0

    assert line_of(guarantor, applicant) == Line(500_00, 100_00, 100_00, 300_00)
    entry = Entry.objects.get(kind="hold.expired")
    assert (entry.data["amount"], entry.data["subject_id"]) == (100_00, 4)


def test_what_has_lapsed_can_be_neither_issued_nor_kept_but_reserved_anew(
    held: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    release_due(DUE)

    for act in (lambda: occupy(case(1), at=DUE), lambda: keep(case(1))):
        with pytest.raises(NotNow):
            act()
    reserve(guarantor, applicant, 100_00, for_=case(1), at=DUE)
    assert line_of(guarantor, applicant) == Line(500_00, 100_00, 0, 400_00)
