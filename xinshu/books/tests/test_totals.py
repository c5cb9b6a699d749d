"""The total of a house: a multiple of its net assets, held in the reservation, watched, kept and reconciled."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from xinshu.accounts.models import Organisation, User
from xinshu.books.limits import report_capital
from xinshu.books.lines import grant_line, line_of, occupy, reserve, restore, room_of, void_reservation
from xinshu.books.models import Capital, TotalDay, TotalLimit
from xinshu.books.reconciliation import reconcile
from xinshu.books.tasks import follow_dated_rules, watch_totals
from xinshu.books.tests.conftest import AT
from xinshu.books.tests.test_many_at_once import PEOPLE, at_once
from xinshu.books.thresholds import set_thresholds, tell_of_use
from xinshu.books.transfers import TooConcentrated
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid

DAY = date(2026, 9, 30)


def parties(guarantor: Organisation, count: int, line: int = 1_000_00) -> list[Organisation]:
    made = []
    for number in range(count):
        party = Organisation.objects.create(name=f"云州第{number}建筑有限公司", kind=Organisation.Kind.ENTERPRISE)
        grant_line(guarantor, party, line, by=SYSTEM, at=AT, key=f"line-{number}")
        made.append(party)
    return made


def assets(guarantor: Organisation, amount: int, *, small: bool = False, day: date = DAY) -> Capital:
    return report_capital(guarantor, amount, as_of=day, source="三季度报表", mainly_small=small, by=SYSTEM, at=AT)


def total(guarantor: Organisation) -> TotalLimit:
    return TotalLimit.objects.get(issuer=guarantor)


@pytest.mark.parametrize(("small", "most"), [(False, 1_000_00), (True, 1_500_00)])
def test_the_multiple_is_ten_and_fifteen_for_who_serves_mainly_small_firms(
    guarantor: Organisation, small: bool, most: int
) -> None:
    assets(guarantor, 100_00, small=small)

    assert total(guarantor).ceiling == most


def test_a_bank_has_no_multiple(db: None) -> None:
    bank = Organisation.objects.create(name="云州银行", kind=Organisation.Kind.BANK)
    assets(bank, 100_00)

    assert total(bank).ceiling is None


def test_customers_within_their_own_limits_are_stopped_together_by_the_multiple(guarantor: Organisation) -> None:
    assets(guarantor, 100_00)  # one client at most 10, all together at most 1,000
    made = parties(guarantor, 101)
    for number, party in enumerate(made[:100]):
        reserve(guarantor, party, 10_00, for_=User(pk=number + 1), at=AT)

    with pytest.raises(TooConcentrated) as refused:
        reserve(guarantor, made[100], 1, for_=User(pk=500), at=AT)

    assert "责任余额上限是 1,000.00 元" in str(refused.value)
    assert refused.value.available == 0
    assert room_of(guarantor, made[100]).amount == 0  # type: ignore[union-attr]
    assert room_of(guarantor, made[100]).bound_by == "保证人承保能力"  # type: ignore[union-attr]
    assert (total(guarantor).used, line_of(guarantor, made[100]).reserved) == (1_000_00, 0)
    assert reconcile(AT).differences == 0


def test_what_comes_back_makes_room_once_and_issuing_changes_nothing(guarantor: Organisation) -> None:
    one, other = parties(guarantor, 2)
    TotalLimit.objects.filter(issuer=guarantor).update(ceiling=100_00)
    reserve(guarantor, one, 60_00, for_=User(pk=1), at=AT)
    reserve(guarantor, other, 40_00, for_=User(pk=2), at=AT)

    occupy(User(pk=1), at=AT)
    assert total(guarantor).used == 100_00
    void_reservation(User(pk=2), at=AT)
    restore(User(pk=1), at=AT)
    restore(User(pk=1), at=AT)

    assert total(guarantor).used == 0
    assert reconcile(AT).differences == 0


def test_net_assets_that_fall_take_nothing_back_and_let_nothing_in(guarantor: Organisation) -> None:
    (one,) = parties(guarantor, 1)
    reserve(guarantor, one, 500_00, for_=User(pk=1), at=AT)

    assets(guarantor, 10_00)
    stood = total(guarantor)
    assert (stood.used, stood.ceiling, stood.excess) == (500_00, 100_00, 400_00)
    with pytest.raises(TooConcentrated):
        reserve(guarantor, one, 1, for_=User(pk=2), at=AT)
    void_reservation(User(pk=1), at=AT)

    assert (total(guarantor).used, total(guarantor).excess) == (0, 0)


def test_the_database_itself_keeps_the_total_below_its_ceiling(guarantor: Organisation) -> None:
    assets(guarantor, 10_00)
    with pytest.raises(IntegrityError), transaction.atomic():
        TotalLimit.objects.filter(issuer=guarantor).update(used=100_01)


def test_people_are_told_once_per_threshold_and_again_after_it_fell(guarantor: Organisation) -> None:
    (one,) = parties(guarantor, 1)
    set_thresholds(guarantor, 50, 90, by=SYSTEM, at=AT)
    TotalLimit.objects.filter(issuer=guarantor).update(ceiling=100_00)
    reserve(guarantor, one, 50_00, for_=User(pk=1), at=AT)

    assert [tell_of_use(total(guarantor), AT) for _again in range(2)] == [True, False]
    reserve(guarantor, one, 40_00, for_=User(pk=2), at=AT)
    assert tell_of_use(total(guarantor), AT)
    void_reservation(User(pk=2), at=AT)
    assert not tell_of_use(total(guarantor), AT)
    reserve(guarantor, one, 45_00, for_=User(pk=3), at=AT)
    assert tell_of_use(total(guarantor), AT)


@pytest.mark.parametrize(("warn", "alarm"), [(0, 90), (90, 90), (95, 80), (80, 101)])
def test_thresholds_that_make_no_sense_are_refused(guarantor: Organisation, warn: int, alarm: int) -> None:
    with pytest.raises(Invalid):
        set_thresholds(guarantor, warn, alarm, by=SYSTEM, at=AT)


def test_every_night_keeps_a_day_of_history_once_and_follows_dated_rules(guarantor: Organisation) -> None:
    (one,) = parties(guarantor, 1)
    assets(guarantor, 500_00)
    reserve(guarantor, one, 30_00, for_=User(pk=1), at=AT)
    reserve(guarantor, one, 20_00, for_=User(pk=2), at=AT)
    occupy(User(pk=2), at=AT)

    for _again in range(2):
        watch_totals(AT.date() + timedelta(days=1), AT)
    follow_dated_rules(date(2016, 1, 4), AT)

    kept = TotalDay.objects.get()
    assert (kept.on, kept.reserved, kept.occupied, kept.ceiling) == (AT.date(), 30_00, 20_00, 5_000_00)
    assert total(guarantor).ceiling == 5_000_00  # ten times under the older rule, too


@pytest.mark.django_db(transaction=True)
def test_lines_of_many_customers_never_pass_the_total_together(transactional_db: None, guarantor: Organisation) -> None:
    made = parties(guarantor, PEOPLE + 1)
    TotalLimit.objects.filter(issuer=guarantor).update(ceiling=100_00)

    def many(number: int) -> int:
        done = 0
        for turn in range(6):
            try:
                with transaction.atomic():
                    reserve(guarantor, made[number], 7_00, for_=User(pk=number * 100 + turn), at=AT)
            except TooConcentrated:
                break
            done += 1
        return done

    got = at_once(many, own=True)

    assert sum(one for one in got if isinstance(one, int)) == 14
    assert total(guarantor).used == 98_00
    assert reconcile(AT).differences == 0
