"""Working days (工作日): the State Council's yearly notices with make-up days, and an institution's own days."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

_DAY = timedelta(days=1)
_NEXT_NOTICE_REACHES = (12, 28)  # from here on next year's notice may move days of this year (29 to 31 December 2018)


@dataclass(frozen=True)
class Notice:
    """One year's arrangement: its document number, the holiday of each day off, weekend days worked instead."""

    number: str
    off: Mapping[date, str]
    work: frozenset[date]


@dataclass(frozen=True)
class Deadline:
    """A day, whether it may move because a year's notice is not out yet, and the rule behind it, in a sentence."""

    on: date
    provisional: bool
    rule: str


@dataclass(frozen=True)
class WorkingCalendar:
    """Who works when. `closed` and `open` are one institution's own days and go before everything else."""

    notices: Mapping[int, Notice]
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    weekdays: frozenset[int] = field(default=frozenset(range(5)))  # 0 is Monday
    name: str = ""

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise ValueError("a working week needs at least one weekday, numbered 0 (Monday) to 6")

    def of_institution(
        self,
        name: str,
        *,
        closed: Iterable[date] = (),
        open: Iterable[date] = (),
        weekdays: Iterable[int] | None = None,
    ) -> "WorkingCalendar":
        """Return the calendar of an institution with days of its own, or a working week of its own."""
        return replace(
            self,
            name=name,
            closed=self.closed | set(closed),
            open=self.open | set(open),
            weekdays=self.weekdays if weekdays is None else frozenset(weekdays),
        )

    def is_working(self, day: date) -> bool:
        """Say whether `day` is worked."""
        if day in self.open:
            return True
        if day in self.closed or self.holiday(day):
            return False
        return self._is_make_up(day) or day.weekday() in self.weekdays

    def holiday(self, day: date) -> str:
        """Return the holiday's name when a notice gives this day off, else ""."""
        return next((notice.off[day] for notice in self._notices_on(day) if day in notice.off), "")

    def is_provisional(self, day: date) -> bool:
        """Say whether a notice that is not out yet may still change this day."""
        if day.year not in self.notices:
            return True
        return (day.month, day.day) >= _NEXT_NOTICE_REACHES and day.year + 1 not in self.notices

    def add(self, day: date, n: int) -> Deadline:
        """Return the n-th working day after `day`, which does not count (民法典 201); before it for n < 0.

        n = 0 gives `day` itself, or the next working day when it is none (民法典 203).
        """
        if n == 0:
            on = self.roll_forward(day)
        else:
            on, left, step = day, abs(n), _DAY if n > 0 else -_DAY
            while left:
                on += step
                left -= self.is_working(on)
        return self._deadline(day, n, on)

    def between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` up to and with `end`, so that between(d, add(d, n).on) == n.

        Negative when `end` lies before `start`.
        """
        if end >= start:
            return sum(self.is_working(start + n * _DAY) for n in range(1, (end - start).days + 1))
        return -sum(self.is_working(end + n * _DAY) for n in range((start - end).days))

    def roll_forward(self, day: date) -> date:
        """Return `day`, or the next working day when it is none."""
        while not self.is_working(day):
            day += _DAY
        return day

    def _notices_on(self, day: date) -> list[Notice]:
        years = (day.year, day.year + 1) if day.month == 12 else (day.year,)
        return [self.notices[year] for year in years if year in self.notices]

    def _is_make_up(self, day: date) -> bool:
        return any(day in notice.work for notice in self._notices_on(day))

    def _deadline(self, start: date, n: int, on: date) -> Deadline:
        days = [min(start, on) + k * _DAY for k in range(abs((on - start).days) + 1)]
        if n == 0 and on == start:
            rule = _("%(start)s（星期%(weekday)s）是工作日。")
        elif n == 0:
            rule = _("%(start)s不是工作日，顺延到下一个工作日，为%(on)s（星期%(weekday)s）。")
        elif n > 0:
            rule = _("%(start)s之后第 %(n)s 个工作日（当日不计），为%(on)s（星期%(weekday)s）。")
        else:
            rule = _("%(start)s之前第 %(n)s 个工作日（当日不计），为%(on)s（星期%(weekday)s）。")
        weekday = "一二三四五六日"[on.weekday()]
        rule = rule % {"start": _written(start), "n": abs(n), "on": _written(on), "weekday": weekday}
        passed = self._passed(days)
        if passed:
            rule += _("期间%(passed)s。") % {"passed": "，".join(passed)}
        numbers = dict.fromkeys(notice.number for day in days for notice in self._notices_on(day)[:1])
        if numbers and passed:
            rule += _("依据：%(notices)s。") % {"notices": "、".join(numbers)}
        if self.name:
            rule += _("按%(name)s的工作日历计算。") % {"name": self.name}
        open_years = list(dict.fromkeys(self._open_year(day) for day in days if self.is_provisional(day)))
        if open_years:
            rule += _("%(years)s年放假安排没有公布，暂按平常周推算，公布后重新计算。") % {
                "years": "、".join(str(year) for year in open_years)
            }
        return Deadline(on, bool(open_years), rule)

    def _passed(self, days: list[date]) -> list[str]:
        """Name what lies on the way: holidays by their span, make-up days, days of the institution's own."""
        spans: dict[tuple[int, str], list[date]] = {}
        for day in days:
            if (name := self.holiday(day)) and day not in self.open:
                spans.setdefault((day.year if day.month < 12 else day.year + 1, name), []).append(day)
        found = [
            _("%(name)s%(span)s放假") % {"name": name, "span": _span(inside[0], inside[-1])}
            for (_year, name), inside in spans.items()
        ]
        for day in days:
            text = _short(day)
            if day in self.open:
                found.append(_("%(day)s本机构上班") % {"day": text})
            elif day in self.closed and (self._is_make_up(day) or day.weekday() in self.weekdays):
                found.append(_("%(day)s本机构不上班") % {"day": text})
            elif self._is_make_up(day) and day not in self.closed:
                found.append(_("%(day)s调休上班") % {"day": text})
        return found

    def _open_year(self, day: date) -> int:
        return day.year if day.year not in self.notices else day.year + 1


@cache
def default_calendar() -> WorkingCalendar:
    """Return the calendar of the State Council's notices that this release knows (holidays/<year>.json)."""
    files = sorted((Path(__file__).parent / "holidays").glob("*.json"))
    return WorkingCalendar({int(file.stem): _notice(json.loads(file.read_text("utf-8"))) for file in files})


def _notice(data: dict[str, Any]) -> Notice:
    off: dict[date, str] = {}
    for name, first, last in data["off"]:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            off[day] = name
            day += _DAY
    return Notice(data["notice"], off, frozenset(date.fromisoformat(day) for day in data["work"]))


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _span(first: date, last: date) -> str:
    if first == last:
        return _short(first)
    return f"{_short(first)}至{last.day}日" if first.month == last.month else f"{_short(first)}至{_short(last)}"
