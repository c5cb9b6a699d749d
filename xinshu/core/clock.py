"""The one clock. Only doors (pages, commands, the worker) read it; actions are handed `at=` a moment, `on=` a day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_shift: ContextVar[timedelta] = ContextVar("clock_shift", default=timedelta())


def now() -> datetime:
    """Return the present moment (aware, UTC) as this process sees it."""
    return datetime.now(UTC) + _shift.get()


def today() -> date:
    """Return the present day in China."""
    return local_day(now())


def local_day(at: datetime) -> date:
    """Return the calendar day in China on which the moment `at` falls."""
    return at.astimezone(CHINA).date()


def moment(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """Return the moment at which it is `hour:minute` on `day` in China."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)


@contextmanager
def moved_to(at: datetime) -> Iterator[None]:
    """Let the clock of this context read `at` and run on from there. For tests and the demo city."""
    token = _shift.set(at - datetime.now(UTC))
    try:
        yield
    finally:
        _shift.reset(token)
