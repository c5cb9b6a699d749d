"""When a message goes out: one pure function of priority, preference and quiet hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from xinshu.core.clock import CHINA, local_day, moment
from xinshu.messaging.kinds import CRITICAL, HIGH, MAIL, NORMAL, PUSH, SMS, WECHAT
from xinshu.messaging.models import Preference

DIGEST_HOUR = 8
MONDAY = 0
Rhythm = Preference.Rhythm


@dataclass(frozen=True)
class Wish:
    """How somebody wants a channel."""

    rhythm: str
    least: int
    floor: int = 0  # the least score, of news that have one


@dataclass(frozen=True)
class Quiet:
    """Quiet hours in China's time; None: never."""

    begins: time | None
    ends: time | None


DEFAULTS = {  # what holds for whoever has not said otherwise
    SMS: Wish(Rhythm.AT_ONCE, HIGH),
    MAIL: Wish(Rhythm.AT_ONCE, NORMAL),
    WECHAT: Wish(Rhythm.AT_ONCE, NORMAL),
    PUSH: Wish(Rhythm.AT_ONCE, NORMAL),
}
QUIET = Quiet(time(22), time(8))
SILENT = {MAIL}  # channels that wake nobody: quiet hours do not matter to them


@dataclass(frozen=True)
class Plan:
    """At once or later (`due_at`), into a digest that is due then, or not at all (`never`: why)."""

    due_at: datetime
    digest: bool = False
    step: timedelta = timedelta(days=1)  # from one digest to the next
    never: str = ""
    below: bool = False  # never, unless the same is told again with a better score


def plan(channel: str, priority: int, wish: Wish, quiet: Quiet, at: datetime, score: int | None = None) -> Plan:
    """Return when a message of `priority` leaves. A critical one always leaves at once, whatever was wished."""
    if priority >= CRITICAL:
        return Plan(at)
    if wish.rhythm == Rhythm.OFF:
        return Plan(at, never=_("本人已关闭这个渠道"))
    if priority < wish.least:
        return Plan(at, never=_("低于本人设定的优先级"))
    if score is not None and score < wish.floor:
        why = _("%(score)d 分，低于本人设定的 %(floor)d 分") % {"score": score, "floor": wish.floor}
        return Plan(at, never=why, below=True)
    if wish.rhythm == Rhythm.DAILY:
        return Plan(_next(at), digest=True)
    if wish.rhythm == Rhythm.WEEKLY:
        return Plan(_next(at, MONDAY), digest=True, step=timedelta(days=7))
    return Plan(at if channel in SILENT else after_quiet(at, quiet))


def after_quiet(at: datetime, quiet: Quiet) -> datetime:
    """Return `at`, or the end of the quiet hours in which it falls."""
    begins, ends = quiet.begins, quiet.ends
    if begins is None or ends is None or begins == ends:
        return at
    clock = at.astimezone(CHINA).time()
    over_midnight = begins > ends
    inside = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
    if not inside:
        return at
    day = local_day(at) + timedelta(days=1 if over_midnight and clock >= begins else 0)
    return moment(day, ends.hour, ends.minute)


def _next(at: datetime, weekday: int | None = None) -> datetime:
    """Return the next time that digests leave."""
    day = local_day(at)
    while moment(day, DIGEST_HOUR) <= at or (weekday is not None and day.weekday() != weekday):
        day += timedelta(days=1)
    return moment(day, DIGEST_HOUR)
