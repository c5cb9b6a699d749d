"""The nightly round: once per local day, missed days made up in order, interrupted ones taken up again."""

from datetime import date, timedelta

import pytest

from xinshu.core.clock import moment
from xinshu.ledger import nightly
from xinshu.ledger.models import NightlyRun
from xinshu.ledger.reactions import every_night
from xinshu.ledger.worker import run_nightly

pytestmark = pytest.mark.django_db


def test_a_function_runs_once_per_day_in_china(at):
    days = []

    @every_night
    def expire(on: date, at) -> None:
        days.append(on)

    for when in (moment(date(2026, 3, 1), 0, 1), moment(date(2026, 3, 1), 23, 59), moment(date(2026, 3, 2))):
        run_nightly(when)

    assert days == [date(2026, 3, 1), date(2026, 3, 2)]


def test_missed_days_are_made_up_in_order_with_the_moment_of_today():
    calls = []

    @every_night
    def expire(on: date, at) -> None:
        calls.append((on.day, at))

    run_nightly(moment(date(2026, 3, 1), 1))
    later = moment(date(2026, 3, 4), 9)
    assert run_nightly(later) == 3

    assert calls[1:] == [(2, later), (3, later), (4, later)]


def test_a_round_that_fails_is_tried_again_later_and_holds_back_only_itself():
    calls, broken = [], [True]

    @every_night
    def fails(on: date, at) -> None:
        calls.append(("fails", on.day))
        if broken:
            raise ValueError("读不到日历")

    @every_night
    def works(on: date, at) -> None:
        calls.append(("works", on.day))

    run_nightly(moment(date(2026, 3, 1), 1))
    run_nightly(moment(date(2026, 3, 2), 1))
    assert calls == [("fails", 1), ("works", 1), ("fails", 1), ("works", 2)]
    run = NightlyRun.objects.get(finished_at=None)
    assert (run.day.day, run.attempts, run.last_error) == (1, 2, "ValueError: 读不到日历")

    broken.clear()
    run_nightly(moment(date(2026, 3, 2), 2))

    assert calls[4:] == [("fails", 1), ("fails", 2)]


def test_a_round_under_way_is_left_alone_until_its_worker_is_dead():
    calls = []

    @every_night
    def expire(on: date, at) -> None:
        calls.append(on)

    night = moment(date(2026, 3, 1), 1)
    (name,) = ["xinshu.ledger.tests.test_nightly." + expire.__qualname__]
    assert nightly._take(name, date(2026, 3, 1), "killed worker", night)
    assert run_nightly(night) == 0

    run = NightlyRun.objects.get()
    NightlyRun.objects.update(leased_until=run.leased_until - timedelta(hours=1))

    assert run_nightly(night) == 1
    assert calls == [date(2026, 3, 1)]
