"""How figures, days, moments and time limits read."""

from datetime import date, timedelta

import pytest

from xinshu.core.clock import moment
from xinshu.web import words

NOW = moment(date(2026, 11, 21), 10, 40)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(minutes=5), ("warn", "剩 5 分", 50)),
        (timedelta(hours=1, minutes=20), ("warn", "剩 1 小时 20 分", 50)),
        (timedelta(hours=5), ("ok", "剩 5 小时", 50)),
        (timedelta(days=1, hours=3), ("ok", "剩 1 天 3 小时", 50)),
        (timedelta(days=2), ("ok", "剩 2 天", 50)),
        (timedelta(days=12, hours=3), ("ok", "剩 12 天", 50)),
        (timedelta(0), ("danger", "已超 0 分", 100)),
        (timedelta(minutes=-35), ("danger", "已超 35 分", 100)),
    ],
)
def test_a_time_limit_is_told_in_words(left, told):
    assert words.time_left(NOW + left, NOW) == told


def test_a_time_limit_with_a_beginning_warns_in_its_last_quarter():
    since = NOW - timedelta(hours=6)

    early = words.time_left(NOW + timedelta(hours=6), NOW, since)
    late = words.time_left(NOW + timedelta(hours=1), NOW, since)

    assert (early[0], early[2]) == ("ok", 50)
    assert (late[0], late[2]) == ("warn", 86)


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (date(2026, 11, 20), ("mute", "2026-11-20 已到期")),
        (date(2026, 11, 21), ("danger", "今天到期")),
        (date(2026, 11, 28), ("danger", "11-28 到期 · 7 天")),
        (date(2026, 12, 3), ("warn", "12-03 到期 · 12 天")),
        (date(2027, 3, 17), ("ok", "2027-03-17 到期")),
    ],
)
def test_the_last_day_is_told_in_words(on, told):
    assert words.days_left(on, date(2026, 11, 21)) == told


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (date(2026, 11, 18), ("danger", "已超 3 天")),
        (date(2026, 11, 21), ("warn", "今天截止")),
        (date(2026, 11, 22), ("warn", "11-22 前 · 1 天")),
        (date(2026, 11, 26), ("info", "11-26 前 · 5 天")),
        (date(2027, 1, 4), ("info", "2027-01-04 前 · 44 天")),
    ],
)
def test_the_day_to_act_by_is_told_in_words(on, told):
    assert words.work_left(on, date(2026, 11, 21)) == told


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (moment(date(2026, 11, 21), 9, 12), "今天 09:12"),
        (moment(date(2026, 11, 20), 23, 59), "昨天 23:59"),
        (moment(date(2026, 11, 18), 16, 35), "11-18 16:35"),
        (moment(date(2025, 11, 18), 16, 35), "2025-11-18 16:35"),
        (None, "—"),
    ],
)
def test_a_moment_is_told_from_now(at, told):
    assert words.moment(at, NOW) == told


def test_days_and_moments_are_those_of_china():
    late = moment(date(2026, 11, 21), 0, 30)  # still the 20th in London

    assert (words.day(late), words.moment(late), words.stamp(late)) == (
        "2026-11-21",
        "11-21 00:30",
        "2026-11-21 00:30:00",
    )


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (words.yuan, 486_200_000, "4,862,000.00"),
        (words.yuan, None, "—"),
        (words.wan, None, "—"),
        (words.capitals, 486_200_000, "人民币肆佰捌拾陆万贰仟元整"),
        (words.day, date(2026, 11, 21), "2026-11-21"),
        (words.day, None, "—"),
        (words.mask_uscc, "91330100MA2H12345X", "9133****MA2H****5X"),
        (words.mask_uscc, "", "—"),
        (words.mask_phone, "13800006021", "138****6021"),
        (words.mask_phone, None, "—"),
        (words.mask_name, "云州恒达路桥工程有限公司", "云州恒达**工程有限公司"),
        (words.mask_name, "刘恒", "刘**"),
        (words.mask_name, "", "—"),
    ],
)
def test_values_are_written_as_on_paper(write, value, text):
    assert write(value) == text
