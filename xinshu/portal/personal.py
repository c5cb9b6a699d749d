"""The personal centre: one's schedule (日程) month by month, and the documents of one's cases (文件)."""

import re
from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from xinshu.accounts.models import Member
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.portal import desks
from xinshu.portal.work import GUARANTEES
from xinshu.work.cases import Event, Paper
from xinshu.work.deadlines import calendar_of
from xinshu.work.queries import agenda_of, in_order, papers_of

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
PAPERS = 20  # on a page
LONGEST = 100  # of what is searched for


@dataclass(frozen=True)
class Day:
    """One day of the month's sheet: whether one's institution works on it, and what falls on it."""

    on: date
    inside: bool
    works: bool
    events: list[Event]


def events_of(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    """Return what falls on the days from `since` to `until`: of one's cases, and of one's other to-dos with a limit."""
    events = agenda_of(member, at, since, until)
    for source in desks.sources_of(member):
        if source is GUARANTEES:  # cases have an agenda of their own
            continue
        for todo in source.todos(member, at):
            if todo.due_on is not None and since <= todo.due_on <= until:
                late = todo.due_on < clock.local_day(at)
                events.append(
                    Event(
                        on=todo.due_on,
                        what="deadline",
                        words=todo.subtitle,
                        title=todo.title,
                        detail=todo.party,
                        url=todo.url,
                        tone="danger" if late else "warn",
                        amount=todo.amount,
                        mine=True,
                    )
                )
    return in_order(events)


@require_GET
@signed_in
def schedule(request: HttpRequest) -> HttpResponse:
    """我的日程: a month of time limits, openings and expiries; `?month=2026-11`."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    today = clock.local_day(at)
    asked = request.GET.get("month", "")
    first = date.fromisoformat(f"{asked}-01") if MONTH.fullmatch(asked) else today.replace(day=1)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    events = events_of(member, at, first, last)
    by_day: dict[date, list[Event]] = {}
    for event in events:
        by_day.setdefault(event.on, []).append(event)
    calendar = calendar_of(member.organisation_id)
    sheet = [
        [Day(day, day.month == first.month, calendar.is_working(day), by_day.get(day, [])) for day in week]
        for week in weeks
    ]
    context = {
        "first": first,
        "earlier": f"{first - timedelta(days=1):%Y-%m}",
        "later": f"{last + timedelta(days=1):%Y-%m}",
        "this_month": f"{today:%Y-%m}",
        "sheet": sheet,
        "days": sorted(by_day.items()),
        "count": len(events),
        "weekdays": "一二三四五六日",
    }
    return render(request, "portal/schedule.html", context)


class _Shelf:
    """What the paginator asks: how many documents there are, and a slice of them."""

    def __init__(self, member: Member, at: datetime, text: str) -> None:
        self.asked = (member, at, text)
        _papers, self.total = papers_of(*self.asked, 0, 0)

    def count(self) -> int:
        return self.total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, piece: slice) -> list[Paper]:
        papers, _total = papers_of(*self.asked, piece.start, piece.stop - piece.start)
        return papers


@require_GET
@signed_in
def documents(request: HttpRequest) -> HttpResponse:
    """我的文件: the documents of one's cases that one may read, newest first; `?q=` name, project or number."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    shelf: Any = _Shelf(member, at, text)
    page = Paginator(shelf, PAPERS).get_page(request.GET.get("page"))
    return render(request, "portal/documents.html", {"page": page, "text": text})
