"""What a guarantee costs, and what goes back when it ends early: line by line from a tariff. No database, no clock.

Everything is counted exactly and rounded once, at the end, half up; a line is the step between two rounded sums, so
that the lines always add up. Vectors: spec/domain.md 3.5 no. 21-24. A quarter is three calendar months from the first
day, never 91 days.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from xinshu.core.money import share, yuan

DAILY, MONTH, QUARTER, FLAT = "daily", "month", "quarter", "flat"
PERIODS = ((DAILY, "按日"), (MONTH, "按月，不足一月按一月"), (QUARTER, "按季，不足一季按一季"), (FLAT, "按笔"))
PERIOD_LABELS = dict(PERIODS)


NONE, UNEARNED, FULL_PERIODS = "none", "unearned", "periods"
REFUNDS = (
    (NONE, "不退"),
    (UNEARNED, "按未满天数退，最低收费不退"),
    (FULL_PERIODS, "按未开始的整期退，最低收费不退"),
)


@dataclass(frozen=True)
class Tariff:
    """How a guarantor charges: `annual_rate` a year of the face amount (FLAT: once), amounts in 分.

    `base` is charged once on top, `period_minimum` is the least for each month or quarter begun, `minimum` and
    `minimum_rate` of the face, whichever is higher, are the least for the whole instrument, base included. `tax_rate`
    comes on top of all (价外). `refunds` says what an early end gives back.
    """

    annual_rate: Decimal
    period: str = DAILY
    basis: int = 365  # days in a year for DAILY: 365 or 360
    minimum: int = 0
    includes_last_day: bool = False
    base: int = 0
    minimum_rate: Decimal = Decimal(0)
    period_minimum: int = 0
    tax_rate: Decimal = Decimal(0)
    refunds: str = NONE

    def least(self, amount: int) -> Fraction:
        """Return the least that a guarantee of `amount` 分 costs before tax, exactly."""
        return max(Fraction(self.minimum), Fraction(self.minimum_rate) * amount, Fraction(self.base))

    def without_minimum(self) -> "Tariff":
        """Return the same rates for more of an instrument that has paid base and minimum already."""
        return replace(self, minimum=0, base=0, minimum_rate=Decimal(0), period_minimum=0)


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
    if year > date.max.year:
        return date.max
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def periods_begun(first: date, end: date, months: int) -> int:
    """Return how many periods of `months` calendar months, counted from `first`, have begun before the day `end`."""
    count = 1
    while add_months(first, months * count) < end:
        count += 1
    return count


@dataclass(frozen=True)
class Discount:
    """What a customer's tier takes off a fee: `rate` of it (0.1: a tenth), and what the tier is called."""

    rate: Decimal = Decimal(0)
    tier: str = ""


NO_DISCOUNT = Discount()


def quote(amount: int, first: date, last: date, tariff: Tariff, discount: Discount = NO_DISCOUNT) -> Quote:
    """Return the fee for `amount` 分 covered from `first` to `last` under `tariff`.

    The days counted are those from `first` to `last`, the last one only where the tariff includes it. A `discount` is a
    line of its own before tax, and never goes below what the tariff takes at least.
    """
    part, extent, count = _extent(amount, first, last, tariff)
    charges = [(_("担保费"), extent, amount * part)]
    sum_now = charges[0][2]
    if sum_now < tariff.period_minimum * count:
        words = _("每期不低于 %(least)s 元，共 %(count)s 期") % {"least": yuan(tariff.period_minimum), "count": count}
        charges.append((_("补足每期最低收费"), words, tariff.period_minimum * count - sum_now))
    if tariff.base:
        charges.append((_("基本费"), _("每笔 %(base)s 元") % {"base": yuan(tariff.base)}, Fraction(tariff.base)))
    sum_now = sum((charge for _label, _words, charge in charges), Fraction())
    if sum_now < (least := tariff.least(amount)):
        charges.append((_("补足最低收费"), _least_in_words(amount, tariff), least - sum_now))
        sum_now = least
    floor = max(least, Fraction(tariff.period_minimum * count + tariff.base))
    if off := min(sum_now * Fraction(discount.rate), sum_now - floor):
        told = {"tier": discount.tier, "rate": percent_of(discount.rate)}
        charges.append((_("守信优惠"), _("%(tier)s，以上合计的 %(rate)s，不低于最低收费") % told, -off))
        sum_now -= off
    if tariff.tax_rate:
        words = _("以上合计 × %(rate)s") % {"rate": percent_of(tariff.tax_rate)}
        charges.append((_("税费"), words, sum_now * Fraction(tariff.tax_rate)))
    lines, exact, rounded = [], Fraction(), 0
    for label, words, charge in charges:
        exact += charge
        lines.append(QuoteLine(label, words, share(1, exact) - rounded))
        rounded = share(1, exact)
    return Quote(rounded, tuple(lines))


def longer(amount: int, first: date, last: date, end: date, tariff: Tariff, discount: Discount = NO_DISCOUNT) -> int:
    """Return in 分 what it costs that a cover from `first` ends on `end` instead of `last`; 0 where it is no later.

    The whole term with the added days, less the whole term without them: a month that had begun is not charged twice.
    """
    if end <= last:
        return 0
    return quote(amount, first, end, tariff, discount).total - quote(amount, first, last, tariff, discount).total


def _extent(amount: int, first: date, last: date, tariff: Tariff) -> tuple[Fraction, str, int]:
    """Return which part of the face the period costs, in words how that was counted, and the periods begun."""
    days, rate = _days(first, last, tariff), Fraction(tariff.annual_rate)
    told: dict[str, object] = {
        "amount": yuan(amount), "rate": percent_of(tariff.annual_rate), "basis": tariff.basis, "days": days,
    }  # fmt: skip
    if tariff.period == DAILY:
        return rate * days / tariff.basis, _("%(amount)s 元 × %(rate)s ÷ %(basis)s × %(days)s 天") % told, 0
    if tariff.period == FLAT:
        return rate, _("%(amount)s 元 × %(rate)s") % told, 0
    months = 1 if tariff.period == MONTH else 3
    count = periods_begun(first, first + timedelta(days=days), months)
    told["count"] = count
    words = (
        _("%(amount)s 元 × %(rate)s ÷ 12 × %(count)s 个月")
        if months == 1
        else _("%(amount)s 元 × %(rate)s ÷ 4 × %(count)s 个季度")
    )
    return rate * months * count / 12, words % told, count


def _least_in_words(amount: int, tariff: Tariff) -> str:
    by_rate = Fraction(tariff.minimum_rate) * amount
    if not tariff.minimum_rate:
        return _("每笔不低于 %(minimum)s 元") % {"minimum": yuan(tariff.minimum)}
    told = {
        "minimum": yuan(tariff.minimum), "rate": percent_of(tariff.minimum_rate), "by_rate": yuan(share(1, by_rate)),
    }  # fmt: skip
    return _("每笔不低于保函金额的 %(rate)s（%(by_rate)s 元）和 %(minimum)s 元，取高者") % told


def percent_of(rate: Decimal) -> str:
    """Print a rate as a percentage without trailing zeros: 0.0120 -> "1.2%"."""
    return f"{(rate * 100).normalize():f}%"


@dataclass(frozen=True)
class Paid:
    """What a fee was paid for: `fee` 分 for `amount` from `first` to `last`.

    `follows` is given for days that were added to a cover later: the day from which the whole cover is counted, so that
    a month or quarter that had begun before is not charged twice; what a tariff takes at least was paid with the first.
    """

    fee: int
    amount: int
    first: date
    last: date
    follows: date | None = None


def refund(paid: Paid, ended_on: date, tariff: Tariff, rate_off: Decimal = Decimal(0)) -> Quote:
    """Return what goes back of a fee when cover ends on `ended_on`.

    `tariff` is the version bound at issue, never today's (spec/domain.md 3.5 no. 24). Whatever the rule, the least fee
    and its tax stay with the guarantor. UNEARNED gives back the days that were not covered, as their share of what was
    paid; FULL_PERIODS each month or quarter that had not begun (by day: each day; FLAT: nothing, once begun).
    `rate_off` is the discount with which the fee was quoted: what has been earned was charged with it, too.
    """
    least = Fraction(0) if paid.follows else tariff.least(paid.amount) * (1 + Fraction(tariff.tax_rate))
    begun = ended_on >= paid.first
    if tariff.refunds == NONE:
        earned, words = Fraction(paid.fee), _("按约定不退")
    elif tariff.refunds == UNEARNED:
        earned, words = _by_days(paid, min(ended_on, paid.last), tariff)
    elif not begun:
        earned, words = Fraction(0), _("还没有生效，只收最低收费")
    else:
        earned, words = _by_periods(paid, min(ended_on, paid.last), tariff, rate_off)
    lines = [QuoteLine(_("已交保费"), "", paid.fee)]
    kept = min(share(1, earned), paid.fee)
    lines.append(QuoteLine(_("保证人应收"), words, -kept))
    floor = min(share(1, least), paid.fee)
    if tariff.refunds != NONE and kept < floor:
        told = {"least": _least_in_words(paid.amount, tariff), "floor": yuan(floor)}
        words = _("%(least)s，含税 %(floor)s 元，补足到此数") if tariff.tax_rate else _("%(least)s，补足到此数")
        lines.append(QuoteLine(_("最低收费不退"), words % told, kept - floor))
    return Quote(sum(line.amount or 0 for line in lines), tuple(lines))


def _by_days(paid: Paid, until: date, tariff: Tariff) -> tuple[Fraction, str]:
    """Return what of a fee its days until `until` have earned, exactly, and how that was counted."""
    added = 1 if tariff.includes_last_day and not paid.follows else 0
    whole = (paid.last - paid.first).days + added
    used = min((until - paid.first).days + added, whole) if until >= paid.first else 0
    told = {"used": used, "whole": whole, "fee": yuan(paid.fee)}
    words = _("已担保 %(used)s 天，共 %(whole)s 天：%(fee)s 元 × %(used)s ÷ %(whole)s，四舍五入到分") % told
    return (Fraction(paid.fee * used, whole) if whole else Fraction(paid.fee)), words


def _by_periods(paid: Paid, until: date, tariff: Tariff, rate_off: Decimal) -> tuple[Fraction, str]:
    """Return what the periods begun until `until` cost with tax, exactly, and how that was counted."""

    def charged(day: date) -> tuple[Fraction, str]:
        part, extent, count = _extent(paid.amount, paid.follows or paid.first, day, tariff)
        least = Fraction(tariff.period_minimum * count + tariff.base)
        cost = max(paid.amount * part, Fraction(tariff.period_minimum * count)) + tariff.base
        return max(cost * (1 - Fraction(rate_off)), least), extent

    earned, extent = charged(until)
    if paid.follows:
        earned -= charged(paid.first)[0]
    return earned * (1 + Fraction(tariff.tax_rate)), _("已开始的期间：%(extent)s，含税，四舍五入到分") % {
        "extent": extent
    }


def _days(first: date, last: date, tariff: Tariff) -> int:
    return (last - first).days + (1 if tariff.includes_last_day else 0)
