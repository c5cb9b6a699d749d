"""Stories of the credit line and of fees, in the words of the trade."""

from collections.abc import Callable

import pytest

from xinshu.accounts.models import Organisation, User
from xinshu.books.audit import drifted, imbalance
from xinshu.books.fees import CASH, FEES, collect_fee
from xinshu.books.lines import Line, grant_line, line_of, occupy, reserve, restore, void_reservation
from xinshu.books.models import Account, Transfer
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted(guarantor: Organisation, applicant: Organisation) -> None:
    grant_line(guarantor, applicant, 5_000_00, by=SYSTEM, at=AT, key="2026")


def test_granting_is_recorded_once_however_often_it_is_asked(guarantor: Organisation, applicant: Organisation) -> None:
    for _time in range(2):
        grant_line(guarantor, applicant, 5_000_00, by=SYSTEM, at=AT, key="2026")

    entry = Entry.objects.get(kind="line.granted")
    assert entry.data == {"issuer": guarantor.pk, "party": applicant.pk, "amount": 5_000_00}
    assert line_of(guarantor, applicant) == Line(limit=5_000_00, reserved=0, occupied=0, available=5_000_00)


def test_a_second_grant_adds_to_the_first(granted: None, guarantor: Organisation, applicant: Organisation) -> None:
    grant_line(guarantor, applicant, 1_000_00, by=SYSTEM, at=AT, key="2027")

    assert line_of(guarantor, applicant).limit == 6_000_00


def test_a_guarantee_reserves_occupies_and_gives_back(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    seen = []

    reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)
    seen.append(line_of(guarantor, applicant))
    occupy(case(1), at=AT)
    seen.append(line_of(guarantor, applicant))
    restore(case(1), at=AT)
    seen.append(line_of(guarantor, applicant))

    assert seen == [
        Line(limit=5_000_00, reserved=800_00, occupied=0, available=4_200_00),
        Line(limit=5_000_00, reserved=0, occupied=800_00, available=4_200_00),
        Line(limit=5_000_00, reserved=0, occupied=0, available=5_000_00),
    ]
    assert imbalance() == {}
    assert drifted() == []


def test_the_line_comes_back_exactly_once(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    for number in (1, 2):
        reserve(guarantor, applicant, 800_00, for_=case(number), at=AT)
        occupy(case(number), at=AT)

    for _time in range(3):
        restore(case(1), at=AT)

    assert line_of(guarantor, applicant) == Line(limit=5_000_00, reserved=0, occupied=800_00, available=4_200_00)


def test_a_declined_case_gives_back_and_may_be_approved_again(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)
    void_reservation(case(1), at=AT)
    void_reservation(case(1), at=AT)

    reserve(guarantor, applicant, 900_00, for_=case(1), at=AT)
    occupy(case(1), at=AT)

    assert line_of(guarantor, applicant) == Line(limit=5_000_00, reserved=0, occupied=900_00, available=4_100_00)


def test_approving_twice_reserves_once_and_another_amount_is_refused(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    first = reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)

    again = reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)
    with pytest.raises(NotNow):
        reserve(guarantor, applicant, 801_00, for_=case(1), at=AT)

    assert again.pk == first.pk
    assert line_of(guarantor, applicant).reserved == 800_00


def test_a_short_line_names_what_is_available(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 4_000_00, for_=case(1), at=AT)

    with pytest.raises(Overdrawn) as refused:
        reserve(guarantor, applicant, 1_000_01, for_=case(2), at=AT)

    assert refused.value.message == (
        "云州恒达路桥工程有限公司 在 云州融信融资担保有限公司 的可用额度是 1,000.00 元，不够 1,000.01 元。"
    )
    assert line_of(guarantor, applicant).available == 1_000_00


def test_without_a_grant_there_is_no_line(
    guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    with pytest.raises(Overdrawn) as refused:
        reserve(guarantor, applicant, 1_00, for_=case(1), at=AT)

    assert (refused.value.available, line_of(guarantor, applicant)) == (0, Line(0, 0, 0, 0))


def test_lines_of_two_enterprises_do_not_touch(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    other = Organisation.objects.create(name="江北宏远市政建设有限公司", kind=Organisation.Kind.ENTERPRISE)
    grant_line(guarantor, other, 700_00, by=SYSTEM, at=AT, key="other")

    reserve(guarantor, other, 700_00, for_=case(1), at=AT)

    assert line_of(guarantor, applicant).available == 5_000_00
    assert line_of(guarantor, other).available == 0


@pytest.mark.parametrize("act", [occupy, restore])
def test_what_was_never_reserved_cannot_be_occupied_or_given_back(
    granted: None, case: Callable[[int], User], act
) -> None:
    with pytest.raises(NotNow):
        act(case(1), at=AT)

    assert Transfer.objects.count() == 1


def test_a_reservation_that_is_not_issued_has_nothing_to_restore(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)

    with pytest.raises(NotNow):
        restore(case(1), at=AT)

    assert line_of(guarantor, applicant).reserved == 800_00


def test_an_issued_guarantee_cannot_be_voided_and_nothing_reserved_is_nothing_to_void(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    reserve(guarantor, applicant, 800_00, for_=case(1), at=AT)
    occupy(case(1), at=AT)

    with pytest.raises(NotNow):
        void_reservation(case(1), at=AT)

    assert void_reservation(case(2), at=AT) is None


def test_a_fee_is_noted_once_and_no_line_is_touched(
    granted: None, guarantor: Organisation, applicant: Organisation, case: Callable[[int], User]
) -> None:
    for _time in range(2):
        collect_fee(applicant, guarantor, 1_234_56, key="order-1", for_=case(1), at=AT)

    cash = Account.objects.get(holder=applicant, purpose=CASH)
    fees = Account.objects.get(holder=guarantor, purpose=FEES, party=applicant)
    assert (cash.balance, fees.balance) == (-1_234_56, 1_234_56)
    assert line_of(guarantor, applicant).available == 5_000_00
    assert imbalance() == {}


def test_asking_for_a_line_takes_one_query(
    granted: None, guarantor: Organisation, applicant: Organisation, django_assert_num_queries
) -> None:
    with django_assert_num_queries(1):
        line_of(guarantor, applicant)
