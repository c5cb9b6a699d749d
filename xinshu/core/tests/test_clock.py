"""The clock: China's days, and a present that tests and the demo may move without touching anybody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from xinshu.core import clock


def test_the_day_changes_at_midnight_in_china():
    assert clock.local_day(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert clock.local_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_moment_is_given_in_chinas_time():
    assert clock.moment(date(2026, 3, 2), 9, 30) == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert clock.local_day(clock.moment(date(2026, 3, 2))) == date(2026, 3, 2)


def test_a_moved_clock_runs_on_and_is_put_back():
    before = datetime.now(UTC)

    with clock.moved_to(clock.moment(date(2024, 2, 29), 23, 59)):
        assert clock.today() == date(2024, 2, 29)
        assert clock.now() >= clock.moment(date(2024, 2, 29), 23, 59)
        with clock.moved_to(clock.moment(date(2030, 1, 1), 8)):
            assert clock.today() == date(2030, 1, 1)
        assert clock.today() == date(2024, 2, 29)

    assert before <= clock.now() <= datetime.now(UTC) + timedelta(seconds=1)


def test_a_clock_that_a_failure_leaves_is_put_back_too():
    with pytest.raises(RuntimeError), clock.moved_to(clock.moment(date(2024, 2, 29))):
        raise RuntimeError

    assert clock.now() > clock.moment(date(2025, 1, 1))


def test_moving_the_clock_moves_no_other_thread():
    with ThreadPoolExecutor(1) as pool, clock.moved_to(clock.moment(date(2020, 1, 1))):
        elsewhere = pool.submit(clock.now).result()

    assert elsewhere > clock.moment(date(2025, 1, 1))
