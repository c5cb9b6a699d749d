"""Working days: the notices as published, institutions with days of their own, years that are not announced yet."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinshu.core.calendar import Deadline, WorkingCalendar, default_calendar

PUBLISHED = Path(__file__).resolve().parents[4] / "shared/data/codes"
BANK = default_calendar().of_institution("云州银行", closed=[date(2026, 10, 10)])


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_our_notices_agree_with_the_published_ones(year):
    file = PUBLISHED / f"holiday_cn_{year}.json"
    if not file.is_file():
        pytest.skip(f"the published list is not on this machine: {file.name}")
    published = {
        date.fromisoformat(day["date"]): day["isOffDay"] for day in json.loads(file.read_text("utf-8"))["days"]
    }

    notice = default_calendar().notices[year]

    assert set(notice.off) == {day for day, off in published.items() if off}
    assert notice.work == {day for day, off in published.items() if not off}


def test_make_up_days_are_weekends_and_never_holidays():
    for notice in default_calendar().notices.values():
        assert all(day.weekday() >= 5 and day not in notice.off for day in notice.work)


def test_five_working_days_over_national_day():
    deadline = default_calendar().add(date(2026, 9, 29), 5)

    assert deadline == Deadline(
        date(2026, 10, 12),
        False,
        "2026年9月29日之后第 5 个工作日（当日不计），为2026年10月12日（星期一）。"
        "期间国庆节10月1日至7日放假，10月10日调休上班。依据：国办发明电〔2025〕7号。",
    )


def test_a_bank_that_is_closed_on_a_make_up_day_takes_a_day_longer():
    deadline = BANK.add(date(2026, 9, 29), 5)

    assert deadline.on == date(2026, 10, 13)
    assert "10月10日本机构不上班" in deadline.rule
    assert "按云州银行的工作日历计算" in deadline.rule


def test_an_institutions_own_open_day_goes_before_a_holiday():
    hall = default_calendar().of_institution("政务大厅", open=[date(2026, 10, 1)])

    assert hall.is_working(date(2026, 10, 1))
    assert "10月1日本机构上班" in hall.add(date(2026, 9, 30), 1).rule


def test_an_institution_may_work_another_week():
    hall = default_calendar().of_institution("政务大厅", weekdays=[1, 2, 3, 4, 5])

    assert hall.is_working(date(2026, 3, 7))  # a Saturday
    assert not hall.is_working(date(2026, 3, 9))  # a Monday
    with pytest.raises(ValueError):
        hall.of_institution("无人", weekdays=[])


@pytest.mark.parametrize(
    ("start", "n", "on"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 7), 0, date(2026, 3, 9)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 10), -3, date(2026, 3, 5)),
        (date(2026, 10, 12), -5, date(2026, 9, 29)),
        (date(2022, 12, 30), 1, date(2023, 1, 3)),
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
    ],
)
def test_days_are_counted_forwards_and_backwards(start, n, on):
    assert default_calendar().add(start, n).on == on


def test_a_year_without_a_notice_gives_a_provisional_deadline_and_says_so():
    deadline = default_calendar().add(date(2027, 9, 29), 5)

    assert deadline.provisional
    assert deadline.on == date(2027, 10, 6)
    assert deadline.rule.endswith("2027年放假安排没有公布，暂按平常周推算，公布后重新计算。")


def test_the_last_days_of_a_year_wait_for_the_next_notice():
    calendar = default_calendar()

    assert calendar.is_provisional(date(2026, 12, 31))  # as the notice for 2019 moved 29 to 31 December 2018
    assert not calendar.is_provisional(date(2026, 12, 27))
    assert not calendar.is_provisional(date(2025, 12, 31))


def test_the_day_is_rolled_forward_over_a_holiday():
    assert default_calendar().roll_forward(date(2026, 2, 15)) == date(2026, 2, 24)
    assert default_calendar().roll_forward(date(2026, 2, 14)) == date(2026, 2, 14)


@given(st.dates(date(2022, 6, 1), date(2028, 1, 1)), st.integers(-80, 80).filter(bool), st.sampled_from([0, 1]))
def test_counting_and_adding_agree(start, n, which):
    calendar = (default_calendar(), BANK)[which]

    on = calendar.add(start, n).on

    assert calendar.is_working(on)
    assert calendar.between(start, on) == n


@given(st.dates(date(2023, 1, 1), date(2026, 6, 1)), st.integers(0, 200))
def test_between_counts_each_working_day_once(start, length):
    calendar: WorkingCalendar = default_calendar()
    days = [start + timedelta(days=n) for n in range(length + 1)]

    assert calendar.between(start, days[-1]) == sum(map(calendar.is_working, days[1:]))
    assert calendar.between(days[-1], start) == -sum(map(calendar.is_working, days[:-1]))
