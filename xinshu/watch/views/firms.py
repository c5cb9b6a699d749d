"""企业风险: firms by live level with what the house answers for; one firm's events, alerts, cases and guarantees."""

# ruff: noqa: E501  (a table is read across)

from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import now, today
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.enterprises.models import Enterprise
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.exports import Column
from xinshu.watch.feeds import feed_name
from xinshu.watch.forms import FirmFilters
from xinshu.watch.levels import BANDS
from xinshu.watch.lifecycle import EXPORT, SCREEN, VIEW
from xinshu.watch.models import Screening, WatchCase
from xinshu.watch.patterns import GRADE_TONES, GRADES
from xinshu.watch.queries import events_of, firms, told_of, watched
from xinshu.watch.views.alerts import POLARITIES
from xinshu.watch.views.doors import EXPORT_UP_TO, house_of, sheet, stamp

PAGE = 20
SHOWN = 50


@needs(VIEW)
def show_list(request: HttpRequest) -> HttpResponse:
    """List firms with alerts by their live level; words in a name bring calm ones, too."""
    member, at = house_of(request), now()
    form = FirmFilters(request.GET)
    asked = form.asked()
    found = firms(member, at, text=asked.get("q", "").strip(), band=asked.get("band", ""))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": told_of(member, at, page.object_list),
        "form": form,
        "told": asked,
        "bands": {code: label for _least, code, label, _tone in BANDS},
        "may_export": member.can(EXPORT),
    }
    return render(request, "watch/firms.html", context)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave."""
    member, at = house_of(request), now()
    asked = FirmFilters(request.GET).asked()
    found = firms(member, at, text=asked.get("q", "").strip(), band=asked.get("band", ""))[:EXPORT_UP_TO]
    rows = (row for start in range(0, len(found), 500) for row in told_of(member, at, found[start : start + 500]))
    return sheet(request, _("企业风险"), "watch_level.exported", COLUMNS, rows, at)


COLUMNS = (
    Column(lazy("企业"), 32, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("风险等级"), 10, "watch.Alert.grade", lambda row: str(row.level.label)),
    Column(lazy("风险分"), 8, "watch.Alert.grade", lambda row: row.level.tenths / 10),
    Column(lazy("主要事件"), 50, "watch.RiskEvent.title", lambda row: "；".join(w.what.event.title for w in row.level.made_of[:3])),
    Column(lazy("在保笔数"), 10, "guarantees.Guarantee.state", lambda row: row.guarantees),
    Column(lazy("在保余额（元）"), 18, "guarantees.Guarantee.available_amount", lambda row: row.exposure / 100, money=True),
    Column(lazy("未结案件"), 10, "watch.WatchCase.state", lambda row: row.cases),
    Column(lazy("冻结"), 8, "watch.WatchCase.state", lambda row: _("是") if row.frozen else ""),
    Column(lazy("客户经理"), 12, "accounts.User.name", lambda row: row.manager),
    Column(lazy("最近预警"), 18, "watch.Alert.state", lambda row: stamp(row.latest)),
)  # fmt: skip


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One firm before the house: its level and what makes it, all that was told of it, the guarantees in force."""
    member, at = house_of(request), now()
    enterprise = Enterprise.objects.filter(reference=reference).select_related("organisation").first()
    if enterprise is None or not watched(member, at, Q(pk=enterprise.organisation_id)).exists():
        raise Unknown(_("没有找到这家企业。"), advice=_("它可能不是本机构的客户。"))
    firm = enterprise.organisation
    risk = told_of(member, at, [firm.pk])[0]
    held = Guarantee.objects.visible_to(member, at).filter(
        guarantor=member.organisation_id, applicant=firm, state="in_force"
    )
    found = WatchCase.objects.visible_to(member).filter(Q(firm=firm) | Q(evidence__firm=firm)).distinct()
    context = {
        "firm": firm,
        "enterprise": enterprise,
        "risk": risk,
        "level": risk.level,
        "events": [(one, feed_name(one.source), POLARITIES[one.polarity]) for one in events_of(member, firm)[:SHOWN]],
        "cases": list(found.select_related("firm").order_by("-pk")[:SHOWN]),
        "held": held.select_related("project").order_by("expires_on", "pk")[:SHOWN],
        "sum": held.aggregate(sum=Sum("available_amount"))["sum"] or 0,
        "screenings": Screening.objects.visible_to(member).filter(uscc=firm.uscc or "-").order_by("-at")[:5],
        "may_screen": member.can(SCREEN) and bool(firm.uscc),
        "grades": GRADES,
        "grade_tones": GRADE_TONES,
        "today": today(),
    }
    return render(request, "watch/firm.html", context)
