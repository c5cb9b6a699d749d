"""明细统计: counts and sums by one dimension, each row leading to the register's rows behind it; Excel."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.forms import StatisticsForm
from xinshu.billing.statistics import DIMENSIONS, KIND, Row, of_this_year, statistics, total
from xinshu.billing.views.doors import attachment
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import Filters, secret_until
from xinshu.ledger.exports import Column, export_sheet

SHOWN = 200


@require_GET
@needs("guarantees.view")
def show(request: HttpRequest) -> HttpResponse:
    """Show the groups, the total under them."""
    member, at = member_of(request), now()
    form, filters, by = _asked(request, at)
    rows = statistics(member, at, filters, by)
    context = {
        "form": form,
        "filters": filters,
        "by": by,
        "dimension": DIMENSIONS[by],
        "rows": rows[:SHOWN],
        "left_out": max(0, len(rows) - SHOWN),
        "total": total(member, at, filters),
        "fees": _sees_fees(member),
    }
    return render(request, "billing/statistics.html", context, status=form.status)


@require_GET
@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download all groups with the total."""
    member, at = member_of(request), now()
    _form, filters, by = _asked(request, at)
    rows = [*statistics(member, at, filters, by), total(member, at, filters)]
    columns = [column for column in COLUMNS if column is not FEE or _sees_fees(member)]
    made = export_sheet(
        _("明细统计"), columns, rows, kind="statistics.exported", subject=member.organisation, by=member, at=at,
        query=request.GET.urlencode()[:500], sealed_until=secret_until(Guarantee.objects.visible_to(member, at), at),
    )  # fmt: skip
    return attachment(made.content, _("明细统计-%s") % DIMENSIONS[by], at)


def _sees_fees(member: Member) -> bool:
    """Fees are between applicant and guarantor: others see no column of them."""
    return member.can("billing.view")


def _asked(request: HttpRequest, at: datetime) -> tuple[StatisticsForm, Filters, str]:
    form = StatisticsForm(request.GET)
    form.is_valid()
    told: dict[str, Any] = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    by = told.pop("by", KIND)
    return form, of_this_year(Filters(**told), at), by


def _yuan(name: str) -> Any:
    return lambda row: getattr(row, name) / 100


FEE = Column(lazy("保费（元）"), 16, "guarantees.Guarantee.fee_amount", _yuan("fee"), money=True)


def _label(row: Row) -> str:
    return row.label


COLUMNS = (
    Column(lazy("分组"), 32, "guarantees.Guarantee.kind", _label),
    Column(lazy("出函笔数"), 12, "guarantees.Guarantee.state", lambda row: row.number),
    Column(lazy("出函金额（元）"), 20, "guarantees.Guarantee.first_amount", _yuan("face"), money=True),
    Column(lazy("在保笔数"), 12, "guarantees.Guarantee.state", lambda row: row.live_number),
    Column(lazy("在保余额（元）"), 20, "guarantees.Guarantee.available_amount", _yuan("live"), money=True),
    FEE,
    Column(lazy("代偿金额（元）"), 18, "guarantees.Guarantee.paid_amount", _yuan("paid"), money=True),
)
