"""Stories: what one client and what one group may take up, as a share of the issuer's net assets."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from xinshu.accounts.models import Organisation, User
from xinshu.books.concentration import CLIENT, GROUP, rules_on
from xinshu.books.limits import found_group, join_group, leave_group, report_capital
from xinshu.books.lines import Line, grant_line, line_of, occupy, reserve, restore, room_of, void_reservation
from xinshu.books.models import Account, CustomerGroup, GroupMember, Transfer
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn, TooConcentrated
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
Cases = Callable[[int], User]


def report(guarantor: Organisation, amount: int, day: date = date(2026, 6, 30)) -> None:
    report_capital(guarantor, amount, as_of=day, source="2026 年半年报", by=SYSTEM, at=AT)


@pytest.fixture
def sister(db: None) -> Organisation:
    return Organisation.objects.create(name="云州恒达建材有限公司", kind=Organisation.Kind.ENTERPRISE)


@pytest.fixture
def group(guarantor: Organisation, applicant: Organisation, sister: Organisation) -> CustomerGroup:
    """Net assets of 1,000: 100 for one client, 150 for a group of two with lines of 500 each."""
    report(guarantor, 1_000_00)
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)
    for number, party in enumerate((applicant, sister)):
        grant_line(guarantor, party, 500_00, by=SYSTEM, at=AT, key=f"grant-{number}")
        join_group(group, party, relation="controlled", basis="同一自然人控股 67%", by=SYSTEM, at=AT)
    return group


def used(group: CustomerGroup) -> tuple[int, int]:
    group.refresh_from_db()
    return group.used, group.excess


@pytest.mark.parametrize(
    ("kind", "day", "client", "group", "source"),
    [
        ("guarantor", date(2026, 11, 20), Fraction(1, 10), Fraction(15, 100), "第 683 号"),
        ("guarantor", date(2017, 10, 1), Fraction(1, 10), Fraction(15, 100), "第 683 号"),
        ("guarantor", date(2017, 9, 30), Fraction(1, 10), Fraction(15, 100), "第 3 号令"),
        ("bank", date(2026, 11, 20), Fraction(15, 100), Fraction(20, 100), "大额风险暴露"),
    ],
)
def test_the_share_comes_from_the_rule_of_the_day(
    kind: str, day: date, client: Fraction, group: Fraction, source: str
) -> None:
    rules = rules_on(kind, day)

    assert (rules[CLIENT].share, rules[GROUP].share) == (client, group)
    assert all(source in rule.source for rule in rules.values())


def test_where_the_law_names_no_share_there_is_no_limit() -> None:
    assert rules_on("insurer", date(2026, 11, 20)) == {}
    assert rules_on("guarantor", date(2009, 1, 1)) == {}


def test_a_limit_never_lies_above_the_share() -> None:
    assert rules_on("guarantor", date(2026, 1, 1))[GROUP].ceiling(9_99) == 1_49


def test_one_client_is_refused_beyond_its_share_though_its_line_would_do(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, case: Cases
) -> None:
    reserve(guarantor, applicant, 80_00, for_=case(1), at=AT)

    with pytest.raises(TooConcentrated) as refused:
        reserve(guarantor, applicant, 20_01, for_=case(2), at=AT)

    assert "单一客户限额是 100.00 元，已用 80.00 元，剩余 20.00 元，不够 20.01 元" in refused.value.message
    assert refused.value.available == 20_00
    assert line_of(guarantor, applicant) == Line(500_00, 80_00, 0, 420_00)
    assert used(group) == (80_00, 0)
    assert Transfer.objects.filter(state="pending").count() == 1


def test_two_lines_of_one_group_share_the_groups_limit(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, sister: Organisation, case: Cases
) -> None:
    reserve(guarantor, applicant, 90_00, for_=case(1), at=AT)
    occupy(case(1), at=AT)

    with pytest.raises(TooConcentrated) as refused:
        reserve(guarantor, sister, 60_01, for_=case(2), at=AT)

    assert "“恒达集团”的集团客户限额是 150.00 元，集团成员合计已用 90.00 元，剩余 60.00 元" in refused.value.message
    assert line_of(guarantor, sister) == Line(500_00, 0, 0, 500_00)
    assert used(group) == (90_00, 0)
    reserve(guarantor, sister, 60_00, for_=case(2), at=AT)
    assert used(group) == (150_00, 0)


def test_a_line_that_is_short_is_named_before_any_limit(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, case: Cases
) -> None:
    with pytest.raises(Overdrawn) as refused:
        reserve(guarantor, applicant, 500_01, for_=case(1), at=AT)

    assert not isinstance(refused.value, TooConcentrated)
    assert used(group) == (0, 0)


def test_what_is_voided_or_restored_is_free_for_the_whole_group(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, sister: Organisation, case: Cases
) -> None:
    reserve(guarantor, applicant, 100_00, for_=case(1), at=AT)
    reserve(guarantor, sister, 50_00, for_=case(2), at=AT)
    occupy(case(2), at=AT)

    void_reservation(case(1), at=AT)
    restore(case(2), at=AT)

    assert used(group) == (0, 0)
    assert Account.objects.get(holder=guarantor, party=sister, purpose="line_used").exposure == 0


def test_room_is_the_narrowest_of_line_client_and_group(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, sister: Organisation, case: Cases
) -> None:
    def room() -> tuple[int, str]:
        found = room_of(guarantor, applicant)
        assert found is not None
        return found.amount, found.bound_by

    assert room() == (100_00, "单一客户限额")
    reserve(guarantor, sister, 80_00, for_=case(1), at=AT)
    assert room() == (70_00, "集团客户限额")


def test_who_joins_or_leaves_is_counted_with_all_it_has_taken_up(
    guarantor: Organisation, applicant: Organisation, case: Cases
) -> None:
    report(guarantor, 1_000_00)
    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="grant")
    reserve(guarantor, applicant, 70_00, for_=case(1), at=AT)
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)

    member = join_group(group, applicant, relation="parent", basis="工商登记", by=SYSTEM, at=AT)
    assert used(group) == (70_00, 0)
    with pytest.raises(NotNow):
        join_group(group, applicant, relation="parent", basis="工商登记", by=SYSTEM, at=AT)
    leave_group(member, by=SYSTEM, at=AT, reason="股权已经转让")

    assert used(group) == (0, 0)
    assert Account.objects.get(party=applicant, purpose="line_used").group_id is None
    kinds = list(Entry.objects.filter(subject_type="books.customergroup").values_list("kind", flat=True))
    assert sorted(kinds) == ["group.founded", "group.joined", "group.left"]


def test_a_customer_who_gets_its_line_later_stands_under_both_limits_at_once(
    guarantor: Organisation, applicant: Organisation, case: Cases
) -> None:
    report(guarantor, 1_000_00)
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)
    join_group(group, applicant, relation="parent", basis="工商登记", by=SYSTEM, at=AT)

    grant_line(guarantor, applicant, 500_00, by=SYSTEM, at=AT, key="grant")

    reserve(guarantor, applicant, 60_00, for_=case(1), at=AT)
    assert used(group) == (60_00, 0)
    with pytest.raises(TooConcentrated):
        reserve(guarantor, applicant, 40_01, for_=case(2), at=AT)


def test_fallen_net_assets_take_nothing_back_but_stop_what_is_new(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation, sister: Organisation, case: Cases
) -> None:
    reserve(guarantor, applicant, 100_00, for_=case(1), at=AT)
    reserve(guarantor, sister, 50_00, for_=case(2), at=AT)

    report(guarantor, 600_00, date(2026, 9, 30))

    account = Account.objects.get(holder=guarantor, party=applicant, purpose="line_used")
    assert (account.ceiling, account.excess) == (60_00, 40_00)
    assert used(group) == (150_00, 60_00)
    with pytest.raises(TooConcentrated):
        reserve(guarantor, sister, 1, for_=case(3), at=AT)
    occupy(case(1), at=AT)
    void_reservation(case(2), at=AT)
    assert used(group) == (100_00, 10_00)
    restore(case(1), at=AT)
    account.refresh_from_db()
    assert (account.exposure, account.excess, used(group)) == (0, 0, (0, 0))
    reserve(guarantor, applicant, 60_00, for_=case(4), at=AT)


def test_the_database_itself_holds_the_limits(
    group: CustomerGroup, guarantor: Organisation, applicant: Organisation
) -> None:
    for row, change in (
        (CustomerGroup.objects.filter(pk=group.pk), {"used": 150_01}),
        (Account.objects.filter(party=applicant, purpose="line_used"), {"credits_pending": 100_01}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)


def test_what_makes_no_sense_is_refused(guarantor: Organisation, applicant: Organisation) -> None:
    group = found_group(guarantor, "恒达集团", by=SYSTEM, at=AT)
    report(guarantor, 1_000_00)

    wrong = [
        lambda: report(guarantor, -1),
        lambda: report(guarantor, 1, date(2026, 1, 1)),
        lambda: report(guarantor, 1, (AT + timedelta(days=2)).date()),
        lambda: report_capital(guarantor, 1, as_of=date(2026, 9, 30), source="x", by=SYSTEM, at=AT),
        lambda: found_group(guarantor, "恒达集团", by=SYSTEM, at=AT),
        lambda: found_group(guarantor, " ", by=SYSTEM, at=AT),
        lambda: join_group(group, applicant, relation="friend", basis="工商登记", by=SYSTEM, at=AT),
        lambda: join_group(group, applicant, relation="parent", basis="", by=SYSTEM, at=AT),
    ]
    for act in wrong:
        with pytest.raises(Invalid):
            act()
    assert GroupMember.objects.count() == 0
