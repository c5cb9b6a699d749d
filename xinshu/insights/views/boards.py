"""经营分析: the board with its chart and export; every number leads to the register's rows behind it."""

import io
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.insights.forms import BoardForm
from xinshu.insights.lifecycle import EXPORT, VIEW
from xinshu.insights.views.doors import house_of
from xinshu.insights.volumes import DIMENSIONS, MONTH, Line, board
from xinshu.ledger.exports import Column, export_sheet

SHOWN, DRAWN = 100, 12


@require_GET
@needs(VIEW)
def show(request: HttpRequest) -> HttpResponse:
    """Show the groups with the total."""
    member, at = house_of(request), now()
    form = BoardForm(request.GET)
    form.is_valid()
    asked = form.asked(at)
    lines, total = board(member.organisation, asked)
    drawn = lines[-DRAWN:] if asked.by == MONTH else lines[:DRAWN]
    context = {
        "form": form,
        "told": {"since": asked.since.isoformat(), "until": asked.until.isoformat()},
        "asked_for": asked,
        "dimension": DIMENSIONS[asked.by],
        "lines": lines[:SHOWN],
        "left_out": max(0, len(lines) - SHOWN),
        "total": total,
        "bars": [(line.label, round(line.amount / 1_000_000)) for line in drawn],
        "exports": member.can(EXPORT),
        "drills": member.can("guarantees.view"),
    }
    return render(request, "insights/board.html", context)


def _of(name: str) -> Any:
    return lambda line: getattr(line, name)


def _hours(line: Line) -> float | str:
    return "" if line.hours is None else round(line.hours, 2)


COLUMNS = (
    Column(lazy("分组"), 24, "guarantees.Guarantee.kind", _of("label")),
    Column(lazy("出函笔数"), 12, "guarantees.Guarantee.state", _of("number")),
    Column(lazy("出函金额（元）"), 20, "guarantees.Guarantee.first_amount", lambda line: line.amount / 100, money=True),
    Column(lazy("审批笔数"), 12, "guarantees.Guarantee.state", _of("decided")),
    Column(lazy("平均审批时长（小时）"), 20, "guarantees.Guarantee.state", _hours),
    Column(lazy("发起"), 10, "guarantees.Guarantee.state", _of("begun")),
    Column(lazy("提交"), 10, "guarantees.Guarantee.state", _of("submitted")),
    Column(lazy("批准"), 10, "guarantees.Guarantee.state", _of("approved")),
    Column(lazy("出函"), 10, "guarantees.Guarantee.state", _of("issued")),
    Column(lazy("转化率"), 10, "guarantees.Guarantee.state", _of("conversion")),
)


@require_GET
@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download all groups with the total."""
    member, at = house_of(request), now()
    form = BoardForm(request.GET)
    form.is_valid()
    lines, total = board(member.organisation, form.asked(at))
    made = export_sheet(
        _("经营分析"), COLUMNS, [*lines, total], kind="insights.exported", subject=member.organisation, by=member,
        at=at, query=request.GET.urlencode()[:500],
        sealed_until=secret_until(Guarantee.objects.filter(guarantor=member.organisation), at),
    )  # fmt: skip
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=_("经营分析.xlsx"))
