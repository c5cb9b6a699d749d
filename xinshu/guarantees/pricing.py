"""What a guarantee costs: a quote line by line from a tariff. No database, no clock; rounded once, at the end.

Vectors: spec/domain.md 3.5 no. 21-23. A quarter is three calendar months from the first day, never 91 days.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from xinshu.core.money import share, yuan

DAILY, MONTH, QUARTER, FLAT = "daily", "month", "quarter", "flat"
PERIODS = ((DAILY, "按日"), (MONTH, "按月，不足一月按一月"), (QUARTER, "按季，不足一季按一季"), (FLAT, "按笔"))
PERIOD_LABELS = dict(PERIODS)


@dataclass(frozen=True)
class Tariff:
    """How a guarantor charges: `annual_rate` a year of the face amount (FLAT: once), at least `minimum` 分."""

    annual_rate: Decimal
    period: str = DAILY
    basis: int = 365  # days in a year for DAILY: 365 or 360
    minimum: int = 0
    includes_last_day: bool = False


@dataclass(frozen=True)
class QuoteLine:
    """One line of a quote: what it is, how it was counted, and its amount in 分 (None for an explanation only)."""

    label: str
    basis: str
    amount: int | None = None


@dataclass(frozen=True)
class Quote:
    """The fee in 分 and the lines that explain it."""

    total: int
    lines: tuple[QuoteLine, ...]


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the month's last day where it has no such day (31 Aug + 3 = 30 Nov)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def periods_begun(first: date, end: date, months: int) -> int:
    """Return how many periods of `months` calendar months, counted from `first`, have begun before the day `end`."""
    count = 1
    while add_months(first, months * count) < end:
        count += 1
    return count


def quote(amount: int, first: date, last: date, tariff: Tariff) -> Quote:
    """Return the fee for `amount` 分 covered from `first` to `last` under `tariff`.

    The days counted are those from `first` to `last`, the last one only where the tariff includes it.
    """
    days = (last - first).days + (1 if tariff.includes_last_day else 0)
    end = first + timedelta(days=days)
    rate = Fraction(tariff.annual_rate)
    percent = f"{(tariff.annual_rate * 100).normalize():f}%"
    if tariff.period == DAILY:
        part = rate * days / tariff.basis
        basis = _("%(amount)s 元 × %(rate)s ÷ %(basis)s × %(days)s 天")
        extent = {"days": days}
    elif tariff.period in (MONTH, QUARTER):
        months = 1 if tariff.period == MONTH else 3
        count = periods_begun(first, end, months)
        part = rate * months * count / 12
        basis = (
            _("%(amount)s 元 × %(rate)s ÷ 12 × %(count)s 个月")
            if months == 1
            else _("%(amount)s 元 × %(rate)s ÷ 4 × %(count)s 个季度")
        )
        extent = {"count": count}
    else:
        part, basis, extent = rate, _("%(amount)s 元 × %(rate)s"), {}
    computed = share(amount, part)
    lines = [
        QuoteLine(
            _("担保费"),
            basis % {"amount": yuan(amount), "rate": percent, "basis": tariff.basis, **extent},
            computed,
        )
    ]
    if computed < tariff.minimum:
        lines.append(
            QuoteLine(
                _("补足最低收费"),
                _("每笔不低于 %(minimum)s 元") % {"minimum": yuan(tariff.minimum)},
                tariff.minimum - computed,
            )
        )
    return Quote(max(computed, tariff.minimum), tuple(lines))
