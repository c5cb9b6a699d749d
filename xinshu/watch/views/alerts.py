"""预警: the list with its export, one alert with the event behind it, what people do about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.core.clock import local_day, now, today
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.exports import Column
from xinshu.watch.actions.alerts import acknowledge_alert, handle_alert, set_alert_aside
from xinshu.watch.entries import CASE_WORDS
from xinshu.watch.feeds import feed_name
from xinshu.watch.forms import AlertFilters
from xinshu.watch.levels import weight
from xinshu.watch.lifecycle import ALERT, EXPORT, VIEW
from xinshu.watch.patterns import EVENTS, GRADE_TONES, GRADES
from xinshu.watch.queries import alerts, story_of
from xinshu.watch.views.doors import EXPORT_UP_TO, alert_of, house_of, sheet, stamp
from xinshu.web.posted import as_seen, reason_in

PAGE = 20
POLARITIES = {-1: lazy("负面"), 0: lazy("中性"), 1: lazy("正面")}


@needs(VIEW)
def show_list(request: HttpRequest) -> HttpResponse:
    """List the house's alerts, narrowed by the URL."""
    member = house_of(request)
    form = AlertFilters(request.GET)
    asked = form.asked()
    context = {
        "page": Paginator(alerts(member, asked), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "told": asked,
        "kinds": EVENTS,
        "grades": GRADES,
        "grade_tones": GRADE_TONES,
        "may_export": member.can(EXPORT),
        "today": today(),
    }
    return render(request, "watch/alerts.html", context)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave."""
    rows = alerts(house_of(request), AlertFilters(request.GET).asked())[:EXPORT_UP_TO]
    return sheet(request, _("预警"), "watch_alert.exported", COLUMNS, rows.iterator(chunk_size=1000), now())


COLUMNS = (
    Column(lazy("企业"), 32, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("类型"), 12, "watch.RiskEvent.kind", lambda row: row.event.kind_label),
    Column(lazy("等级"), 8, "watch.Alert.grade", lambda row: str(GRADES[row.grade])),
    Column(lazy("事件"), 50, "watch.RiskEvent.title", lambda row: row.event.title),
    Column(lazy("来源"), 20, "watch.RiskEvent.source", lambda row: feed_name(row.event.source)),
    Column(lazy("发生"), 18, "watch.RiskEvent.happened_at", lambda row: stamp(row.happened_at)),
    Column(lazy("状态"), 12, "watch.Alert.state", lambda row: row.standing.label),
    Column(lazy("客户经理"), 12, "accounts.User.name", lambda row: row.manager.user.name if row.manager else ""),
    Column(lazy("处理结果"), 40, "watch.Alert.outcome", lambda row: row.outcome),
)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One alert: the event, how it was read, what it weighs, the guarantees behind the firm."""
    member, at = house_of(request), now()
    alert = alert_of(request, reference)
    event, mine = alert.event, Q(house=None) | Q(house=member.organisation_id)
    held = Guarantee.objects.visible_to(member, at).filter(
        guarantor=member.organisation_id, applicant=alert.firm, state="in_force"
    )
    context = {
        "alert": alert,
        "event": event,
        "state": alert.standing,
        "grade": GRADES[alert.grade],
        "grade_tone": GRADE_TONES[alert.grade],
        "polarity": POLARITIES[event.polarity],
        "source": feed_name(event.source),
        "repeats": [(one, feed_name(one.source)) for one in event.repeats.filter(mine).order_by("happened_at", "pk")],
        "weighs": weight(alert.grade, alert.half_life, local_day(alert.happened_at), local_day(at)) / 10,
        "held": held.select_related("project").order_by("expires_on", "pk")[:10],
        "number": held.count(),
        "exposure": held.aggregate(sum=Sum("available_amount"))["sum"] or 0,
        "acts": ALERT.possible(alert, member),
        "story": story_of(alert, CASE_WORDS),
        "enterprise": getattr(alert.firm, "enterprise", None),
        "today": today(),
    }
    return render(request, "watch/alert.html", context)


@require_POST
@needs(VIEW)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """What people do about an alert."""
    member, at = house_of(request), now()
    alert = alert_of(request, reference)
    if action == "acknowledge":
        acknowledge_alert(as_seen(alert, request), by=member, at=at)
        messages.success(request, _("已确认，处理完毕后请写明结果。"))
    elif action == "handle":
        handle_alert(as_seen(alert, request), reason=reason_in(request), by=member, at=at)
        messages.success(request, _("已处理完毕。"))
    elif action == "set_aside":
        set_alert_aside(as_seen(alert, request), reason=reason_in(request), by=member, at=at)
        messages.success(request, _("已标为误报，不再计入风险等级。"))
    else:
        raise Unknown(_("没有这个操作。"))
    return redirect("watch:alert", reference)
