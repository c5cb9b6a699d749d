"""By when a level should have signed: working days of the institution's own calendar, less the time the clock stood."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from xinshu.accounts.models import Organisation
from xinshu.core.calendar import Deadline, WorkingCalendar, default_calendar
from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.work.models import OwnDay, StoppedClock
from xinshu.work.plan import Level


def calendar_of(organisation: Organisation | int) -> WorkingCalendar:
    """Return the calendar by which an institution works."""
    pk = organisation if isinstance(organisation, int) else organisation.pk
    return _calendar(_days_of(pk))


@composed
def _days_of(organisation: int) -> QuerySet[OwnDay]:
    return OwnDay.objects.filter(organisation=organisation).select_related("organisation")


def _calendar(own: list[OwnDay]) -> WorkingCalendar:
    if not own:
        return default_calendar()
    return default_calendar().of_institution(
        own[0].organisation.name,
        closed=[row.day for row in own if not row.works],
        open=[row.day for row in own if row.works],
    )


def calendars_of(organisations: Iterable[int]) -> dict[int, WorkingCalendar]:
    """Return the calendars of several institutions, in one query."""
    wanted = set(organisations)
    own: dict[int, list[OwnDay]] = {}
    for row in OwnDay.objects.filter(organisation__in=wanted).select_related("organisation"):
        own.setdefault(row.organisation_id, []).append(row)
    return {pk: _calendar(own.get(pk, [])) for pk in wanted}


def stood_still(stops: Iterable[StoppedClock], since: date, calendar: WorkingCalendar) -> int:
    """Return for how many working days after the day `since` the clock stood, over all finished stops."""
    days = 0
    for stop in stops:
        if stop.to_at is not None and local_day(stop.to_at) > since:
            days += calendar.between(max(since, local_day(stop.from_at)), local_day(stop.to_at))
    return days


def deadline(level: Level, opened_at: datetime, stops: Iterable[StoppedClock], calendar: WorkingCalendar) -> Deadline:
    """Return by when `level` should be signed, with the rule behind it."""
    since = local_day(opened_at)
    return calendar.add(since, level.working_days + stood_still(stops, since, calendar))
