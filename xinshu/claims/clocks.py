"""Which clock runs for a demand: by the nature of the promise, from a day of validity on. Pure: no database.

Examination counts from the day after the presentation was complete (URDG 758 Art. 20; 民法典 201). Where the clock
`precludes`, whoever has not refused by the end of the last day can no longer say that the demand does not comply.
"""

# ruff: noqa: E501  (a table is read across)

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.core.calendar import Deadline, WorkingCalendar
from xinshu.guarantees.kinds import Nature

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WORKING, CALENDAR = "working", "calendar"
SUSPENSION_DAYS = 30  # URDG 758 Art. 23(b): calendar days from the day after receipt
SUE_WITHIN_DAYS = 30  # after a court's order to stop payment; else it lapses (法释〔2016〕24号, article unverified)


@dataclass(frozen=True)
class Span:
    """So many days, counted from the day after something happened."""

    days: int
    unit: str = WORKING

    def after(self, day: date, calendar: WorkingCalendar) -> Deadline:
        """Return the last day; calendar days that end on a day off roll on (民法典 203)."""
        if self.unit == WORKING:
            return calendar.add(day, self.days)
        last = day + timedelta(days=self.days)
        rolled = calendar.add(last, 0)
        rule = _("%(day)s次日起 %(n)s 日，至%(last)s。") % {
            "day": day.isoformat(),
            "n": self.days,
            "last": last.isoformat(),
        }
        return Deadline(rolled.on, rolled.provisional, rule + (rolled.rule if rolled.on != last else ""))


@dataclass(frozen=True)
class Clock:
    """The limits for one nature of promise. None: no limit of its own, the act belongs inside the one before."""

    nature: str
    examine: Span
    notify: Span | None  # the refusal, after it was decided
    pay: Span | None  # the money, after it was decided
    precludes: bool
    source: "StrOrPromise"
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


_l = gettext_lazy
CLOCKS = (
    #     nature              examine              notify             pay                 precludes  source, from
    Clock(Nature.INDEPENDENT, Span(5),             None,              None,               True,
          _l("URDG 758 第 20 条（审核期五个营业日）、第 24 条（逾期不得再主张不符）；函件约定五个营业日内见索即付"), date(2010, 7, 1)),
    Clock(Nature.JOINT,       Span(7),             None,              None,               False,
          _l("函件约定：收到书面索赔通知及证明材料，核实后七个工作日内支付；逾期承担迟延责任（民法典第 577 条）"), date(2021, 1, 1)),
    Clock(Nature.GENERAL,     Span(7),             None,              None,               False,
          _l("函件约定：收到书面索赔通知及证明材料，核实后七个工作日内支付；一般保证人另有先诉抗辩权（民法典第 687 条）"), date(2021, 1, 1)),
    Clock(Nature.INSURANCE,   Span(30, CALENDAR),  Span(3, CALENDAR), Span(10, CALENDAR), False,
          _l("保险法第二十三条（三十日内核定，达成协议后十日内支付）、第二十四条（核定之日起三日内发出拒赔通知）"), date(2009, 10, 1)),
)  # fmt: skip


def clock_for(nature: str, day: date) -> Clock:
    """Return the clock for a promise of this nature on `day`. Raises LookupError where the table has none."""
    for clock in CLOCKS:
        if clock.nature == nature and clock.holds_on(day):
            return clock
    raise LookupError(f"no clock for {nature!r} on {day}")


def suspension_ends(received_on: date) -> date:
    """Return the last day until which the guarantor may wait for an answer to "extend or pay" (URDG 23)."""
    return received_on + timedelta(days=SUSPENSION_DAYS)
