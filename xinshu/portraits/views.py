"""Pages: the portrait of a firm, and the reports that the own house had made."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.forms import SearchForm
from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs, signed_in
from xinshu.enterprises.models import Relation
from xinshu.enterprises.views.doors import enterprise_for
from xinshu.ledger.exports import LIMIT, Column, export_sheet
from xinshu.ledger.reads import looked_at
from xinshu.portraits.chapters import portrait_of
from xinshu.portraits.models import Report
from xinshu.portraits.reports import issue_report
from xinshu.web.words import stamp

PER_PAGE = 20
FEW_EVENTS = 12
_OF = "portraits.Report."
COLUMNS = (
    Column(lazy("报告编号"), 26, _OF + "number", lambda row: row.number),
    Column(lazy("企业"), 32, _OF + "name", lambda row: row.name),
    Column(lazy("出具时间"), 18, _OF + "number", lambda row: stamp(row.made_at)),
    Column(lazy("出具人"), 12, "accounts.User.name", lambda row: row.made_by.user.name),
    Column("SM3", 66, _OF + "sm3", lambda row: row.sm3),
)  # fmt: skip


@signed_in
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """企业画像: all that is known of a firm to this reader."""
    member, at = member_of(request), now()
    enterprise = enterprise_for(member, reference)
    if enterprise.organisation_id != member.organisation_id:
        looked_at("portrait.read", enterprise, by=member, at=at)
    portrait = portrait_of(enterprise, member, at)
    relation = Relation.objects.filter(guarantor=member.organisation_id, enterprise=enterprise)
    context = {
        "enterprise": enterprise, "organisation": enterprise.organisation, "portrait": portrait,
        "columns": [portrait.column(name) for name in ("left", "middle", "right")],
        "events": portrait.events[:FEW_EVENTS], "more_events": len(portrait.events) - FEW_EVENTS,
        "manager": relation.select_related("manager__user").first(),
    }  # fmt: skip
    return render(request, "portraits/show.html", context)


@require_POST
@signed_in
def make_report(request: HttpRequest, reference: str) -> HttpResponse:
    """Issue a report as of now."""
    member = member_of(request)
    report = issue_report(enterprise_for(member, reference), by=member, at=now())
    messages.success(request, _("已出具报告 %(number)s。") % {"number": report.number})
    return redirect("portraits:reports")


@needs("enterprises.view", "enterprises.edit")
def show_list(request: HttpRequest) -> HttpResponse:
    """企业报告: what the own house had made, newest first."""
    asked = SearchForm(request.GET).asked()
    page = Paginator(_found(member_of(request), asked), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portraits/reports.html", {"page": page, "q": asked["q"]})


def _found(member: Member, asked: dict[str, Any]) -> QuerySet[Report]:
    found = Report.objects.visible_to(member).select_related("made_by__user", "file", "enterprise")
    if q := asked["q"]:
        found = found.filter(Q(name__contains=q) | Q(number__icontains=q))
    return found.order_by("-made_at", "-pk")


@needs("enterprises.export", "enterprises.edit")
def export(request: HttpRequest) -> FileResponse:
    """出具记录 as Excel."""
    member = member_of(request)
    rows = _found(member, SearchForm(request.GET).asked())[:LIMIT]
    made = export_sheet(
        _("企业报告出具记录"),
        COLUMNS,
        rows,
        kind="portraits.exported",
        subject=member.organisation,
        by=member,
        at=now(),
    )
    return FileResponse(BytesIO(made.content), as_attachment=True, filename=_("企业报告出具记录.xlsx"))
