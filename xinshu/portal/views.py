"""Pages: public home, workbench, manual; and the plain answers to machines."""

from datetime import date, datetime, timedelta

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from xinshu.accounts.models import Member
from xinshu.core import clock
from xinshu.core.calendar import default_calendar
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Unknown
from xinshu.messaging.models import Notice
from xinshu.portal import desks, manual
from xinshu.portal.arranging import showing
from xinshu.portal.work import TODOS
from xinshu.web.assets import static
from xinshu.work.cases import Event
from xinshu.work.queries import agenda_of

SHOWN_TODOS = 12
SHOWN_NOTICES = 5
SHOWN_EVENTS = 5
COMING_WITHIN = timedelta(days=14)
ROBOTS = "User-agent: *\nAllow: /$\nAllow: /help/\nAllow: /announcements/\nDisallow: /\n"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The public home page, as it is arranged."""
    channels, columns = showing.current()
    rows = showing.filled(columns, clock.now(), inside=request.member is not None)  # type: ignore[attr-defined]
    return render(request, "portal/home.html", {"rows": rows, "public_channels": showing.bar_of(channels)})


@require_GET
@signed_in
def workbench(request: HttpRequest) -> HttpResponse:
    """What waits for this member, and where things stand."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    today = clock.local_day(at)
    sources = desks.sources_of(member)
    todos = [todo for source in sources for todo in source.todos(member, at)]
    shown = {"over": [t for t in todos if t.is_over(today)], "today": [t for t in todos if t.is_today(today)]}
    chosen = request.GET.get("due", "")
    context = {
        "greeting": _greeting(at),
        "calendar_words": _calendar_words(at),
        "figures": [figure for source in sources for figure in source.figures(member, at)],
        "panels": [panel for source in sources for panel in source.panels(member, at)],
        "sources": sources,
        "todos": shown.get(chosen, todos)[:SHOWN_TODOS],
        "chosen": chosen if chosen in shown else "",
        "counts": {"": len(todos), **{name: len(found) for name, found in shown.items()}},
        "at_most": TODOS,
        "starts": desks.starts_of(member),
        "manuals": [manual.BY_SLUG[desk.manual] for desk in desks.desks_of(member) if desk.manual],
        "coming": _coming(member, at, today),
        "notices": Notice.objects.visible_to(member).order_by("-at", "-id")[:SHOWN_NOTICES],
    }
    return render(request, "portal/workbench.html", context)


def _coming(member: Member, at: datetime, today: date) -> list[Event]:
    """Return what comes next in the member's cases; what waits for the member itself stands among the to-dos."""
    events = agenda_of(member, at, today, today + COMING_WITHIN)
    return [event for event in events if not event.mine][:SHOWN_EVENTS]


def _greeting(at: datetime) -> str:
    hour = at.astimezone(clock.CHINA).hour
    if 5 <= hour < 11:
        return _("上午好")
    if 11 <= hour < 13:
        return _("中午好")
    return _("下午好") if 13 <= hour < 18 else _("晚上好")


def _calendar_words(at: datetime) -> str:
    """Say what day it is, and on a day off when time limits run on."""
    today, calendar = clock.local_day(at), default_calendar()
    weekday = "一二三四五六日"[today.weekday()]
    day = _("%(y)d 年 %(m)d 月 %(d)d 日 周%(w)s") % {"y": today.year, "m": today.month, "d": today.day, "w": weekday}
    if calendar.is_working(today):
        return day
    back = calendar.roll_forward(today)
    return day + _(" · 休息日，按工作日计时的事项从 %(m)d 月 %(d)d 日起接着算。") % {"m": back.month, "d": back.day}


@require_GET
def help_index(request: HttpRequest) -> HttpResponse:
    """The manual's table of contents, the member's own pages first."""
    roles = set(getattr(request.member, "roles", ()))  # type: ignore[attr-defined]
    mine = [page for page in manual.PAGES if roles & set(page.roles)]
    others = [page for page in manual.PAGES if page not in mine]
    return render(request, "portal/help.html", {"mine": mine, "others": others})


@require_GET
def help_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of the manual."""
    text = manual.read(slug)
    if text is None:
        raise Unknown(_("没有这一页帮助。"), advice=_("请从帮助目录里选择您的角色。"))
    context = {"text": text, "page": manual.BY_SLUG[slug], "pages": manual.PAGES}
    return render(request, "portal/help_page.html", context)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell whether this process can serve: it answers, and its database does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"ok": False}, status=503)
    return JsonResponse({"ok": True})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines read the home page, the announcements and the manual, nothing else."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask without reading the page to our own mark."""
    return HttpResponsePermanentRedirect(static("web/brand.svg"))
