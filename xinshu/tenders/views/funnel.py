"""转化漏斗: from push to issued guarantee, per manager and period, down to the single opportunity."""

import io
from datetime import datetime

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.ledger.exports import Column, export_sheet
from xinshu.tenders.forms import FunnelForm
from xinshu.tenders.listing import PAGE
from xinshu.tenders.models import Opportunity, Stage
from xinshu.tenders.queries import cohort, funnel, reached
from xinshu.tenders.views.listing import EXPORT_UP_TO


@needs("tenders.view")
def show(request: HttpRequest) -> HttpResponse:
    """Count the own house's opportunities by stage, in all and per manager; list those behind a figure."""
    member = member_of(request)
    form = FunnelForm(request.GET)
    asked = form.asked()
    total, rows = funnel(cohort(member, asked["since"], asked["until"]))
    listed = cohort(member, **asked)
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "asked_for": asked,
        "stages": list(Stage.choices),
        "total": total,
        "rows": rows,
        "page": page,
        "reached": {one.pk: reached(one) for one in page.object_list},
        "may_export": member.can("tenders.export"),
        "issuer": member.organisation.kind in member.organisation.ISSUERS,
    }
    return render(request, "tenders/funnel.html", context)


@needs("tenders.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the opportunities behind the figures, with the moment of every stage."""
    member, at = member_of(request), now()
    found = cohort(member, **FunnelForm(request.GET).asked())[:EXPORT_UP_TO]
    made = export_sheet(
        _("转化漏斗"), COLUMNS, found.iterator(chunk_size=1000), kind="opportunity.exported",
        subject=member.organisation, by=member, at=at, query=request.GET.urlencode()[:500],
    )  # fmt: skip
    name = _("转化漏斗-%(when)s.xlsx") % {"when": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _at(row: Opportunity, stage: str) -> str:
    at: datetime | None = reached(row).get(stage)
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


def _case(row: Opportunity) -> str:
    return next((step.case for step in row.steps.all() if step.case), "")


COLUMNS = (
    Column(lazy("公告"), 50, "tenders.Announcement.title", lambda row: row.announcement.title),
    Column(lazy("中标人"), 32, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("客户经理"), 12, "accounts.User.name", lambda row: row.manager.user.name if row.manager else ""),
    Column(lazy("状态"), 10, "tenders.Opportunity.state", lambda row: row.standing.label),
    Column(lazy("分数"), 8, "tenders.Opportunity.score", lambda row: row.score),
    Column(lazy("推送"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.PUSHED)),
    Column(lazy("查看"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.OPENED)),
    Column(lazy("跟进"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.FOLLOWED)),
    Column(lazy("发起申请"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.BEGUN)),
    Column(lazy("提交"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.SUBMITTED)),
    Column(lazy("出函"), 18, "tenders.Step.stage", lambda row: _at(row, Stage.ISSUED)),
    Column(lazy("申请编号"), 16, "tenders.Step.case", _case),
    Column(lazy("不相关的原因"), 30, "tenders.Opportunity.reason", lambda row: row.reason),
)
