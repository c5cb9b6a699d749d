"""转化漏斗: from push to issued guarantee, per manager, institution, region and month, down to the opportunity."""

import io
from dataclasses import replace
from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, local_day, now
from xinshu.core.doors import needs
from xinshu.ledger.exports import Column, Export, export_sheet
from xinshu.tenders.forms import FunnelForm
from xinshu.tenders.funnels import (
    GROUPS,
    HOUSE,
    MANAGER,
    MONTH,
    OVERSEE,
    REGION,
    Asked,
    Row,
    cohort,
    listed,
    overseen,
    rows_of,
    span,
    total_of,
    without_list,
)
from xinshu.tenders.listing import PAGE
from xinshu.tenders.models import Opportunity, Stage
from xinshu.tenders.queries import reached
from xinshu.tenders.views.listing import EXPORT_UP_TO

GROUPS_SHOWN = 60
OF_HOUSE, OF_FIRM, OF_ALL = (MANAGER, REGION, MONTH), (MONTH, REGION), (HOUSE, REGION, MONTH)


def _offered(member: Member) -> tuple[str, ...]:
    return OF_HOUSE if member.organisation.kind in member.organisation.ISSUERS else OF_FIRM


@needs("tenders.view")
def show(request: HttpRequest) -> HttpResponse:
    """Count the own house's opportunities by stage, in all and in groups; list those behind a figure."""
    member = member_of(request)
    offered = _offered(member)
    form = FunnelForm(request.GET)
    asked = form.asked(offered)
    mine = Opportunity.objects.visible_to(member)
    wide = without_list(asked)
    groups = rows_of(cohort(mine, wide), wide)
    page = Paginator(listed(member, asked), PAGE).get_page(request.GET.get("page"))
    context = _told(form, asked, offered) | {
        "total": total_of(cohort(mine, wide), _("全机构") if MANAGER in offered else _("本单位")),
        "stretch": total_of(cohort(mine, _without_stage(asked)), ""),
        "groups": groups[:GROUPS_SHOWN],
        "more": max(0, len(groups) - GROUPS_SHOWN),
        "page": page,
        "reached": {one.pk: reached(one) for one in page.object_list},
        "may_export": member.can("tenders.export"),
        "issuer": MANAGER in offered,
    }
    return render(request, "tenders/funnel.html", context)


@needs(OVERSEE)
def show_institutions(request: HttpRequest) -> HttpResponse:
    """Count the opportunities of all institutions by stage; sums only, nobody's customers."""
    form = FunnelForm(request.GET)
    asked = form.asked(OF_ALL)
    rows = cohort(overseen(member_of(request)), _without_stage(asked))
    total = total_of(rows, _("全部机构"))
    page = Paginator(rows_of(rows, asked), PAGE).get_page(request.GET.get("page"))
    house = Organisation.objects.filter(pk=int(asked.house), kind__in=Organisation.ISSUERS) if asked.house else None
    context = _told(form, asked, OF_ALL) | {"total": total, "page": page, "house": house.first() if house else None}
    return render(request, "tenders/funnels.html", context)


def _told(form: FunnelForm, asked: Asked, offered: tuple[str, ...]) -> dict[str, object]:
    return {
        "form": form,
        "asked_for": asked,
        "periods": _periods(now()),
        "stages": list(Stage.choices),
        "by_choices": [(code, GROUPS[code]) for code in offered],
        "span": span,
    }


def _periods(at: datetime) -> list[tuple[str, str]]:
    """Return the periods that are asked for most, with their first days."""
    today = local_day(at)
    days = ((_("近 7 天"), 6), (_("近 30 天"), 29), (_("近 90 天"), 89))
    return [(label, (today - timedelta(days=back)).isoformat()) for label, back in days]


@needs("tenders.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the opportunities behind the figures, with the moment of every stage; or (`sums`) the figures."""
    member, at = member_of(request), now()
    offered = _offered(member)
    asked = FunnelForm(request.GET).asked(offered)
    if "sums" in request.GET:
        mine, wide = Opportunity.objects.visible_to(member), without_list(asked)
        rows = [total_of(cohort(mine, wide), _("合计")), *rows_of(cohort(mine, wide), wide)]
        return _sums(rows, request, member, at)
    found = listed(member, asked)[:EXPORT_UP_TO]
    made = export_sheet(
        _("转化漏斗"), COLUMNS, found.iterator(chunk_size=1000), kind="opportunity.exported",
        subject=member.organisation, by=member, at=at, query=request.GET.urlencode()[:500],
    )  # fmt: skip
    return _file(made, _("转化漏斗"), at)


@needs(OVERSEE)
def export_institutions(request: HttpRequest) -> FileResponse:
    """Download the sums of all institutions."""
    member, at = member_of(request), now()
    asked = FunnelForm(request.GET).asked(OF_ALL)
    rows = cohort(overseen(member), _without_stage(asked))
    return _sums([total_of(rows, _("合计")), *rows_of(rows, asked)], request, member, at)


def _without_stage(asked: Asked) -> Asked:
    return replace(asked, stage="")


def _sums(rows: list[Row], request: HttpRequest, member: Member, at: datetime) -> FileResponse:
    made = export_sheet(
        _("漏斗汇总"), SUMS, rows, kind="opportunity.exported", subject=member.organisation, by=member, at=at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    return _file(made, _("漏斗汇总"), at)


def _file(made: Export, name: str, at: datetime) -> FileResponse:
    stamped = f"{name}-{at.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=stamped)


def _at(row: Opportunity, stage: str) -> str:
    at: datetime | None = reached(row).get(stage)
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


def _case(row: Opportunity) -> str:
    return next((step.case for step in row.steps.all() if step.case), "")


def _letter(row: Opportunity) -> float | None:
    amounts = [step.amount for step in row.steps.all() if step.amount is not None]
    return amounts[-1] / 100 if amounts else None


def _count(stage: str, label: object) -> Column:
    return Column(label, 10, "tenders.Step.stage", lambda row: row.at(stage).count)  # type: ignore[arg-type]


COLUMNS = (
    Column(lazy("公告"), 50, "tenders.Announcement.title", lambda row: row.announcement.title),
    Column(lazy("地区代码"), 12, "tenders.Announcement.region_code", lambda row: row.announcement.region_code),
    Column(lazy("中标人"), 32, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("中标金额（元）"), 18, "tenders.Opportunity.amount",
           lambda row: None if row.amount is None else row.amount / 100, money=True),
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
    Column(lazy("保函金额（元）"), 18, "tenders.Step.amount", _letter, money=True),
    Column(lazy("不相关的原因"), 30, "tenders.Opportunity.reason", lambda row: row.reason),
)  # fmt: skip
SUMS = (
    Column(lazy("分列"), 30, "accounts.Organisation.name", lambda row: row.label),
    *(_count(stage, label) for stage, label in Stage.choices),
    Column(lazy("转化率 %"), 10, "tenders.Step.stage", lambda row: row.share(Stage.ISSUED)),
    Column(lazy("推送中标金额（元）"), 20, "tenders.Opportunity.amount",
           lambda row: row.at(Stage.PUSHED).awards / 100, money=True),
    Column(lazy("出函中标金额（元）"), 20, "tenders.Opportunity.amount",
           lambda row: row.at(Stage.ISSUED).awards / 100, money=True),
    Column(lazy("出函保函金额（元）"), 20, "tenders.Step.amount",
           lambda row: row.at(Stage.ISSUED).letters / 100, money=True),
    *(
        Column(lazy("%s：距上一步平均") % label, 20, "tenders.Step.after",
               lambda row, stage=stage: span(row.at(stage).after))  # type: ignore[misc]
        for stage, label in Stage.choices[1:]
    ),
)  # fmt: skip
