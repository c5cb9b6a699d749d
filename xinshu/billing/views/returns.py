"""退费: what goes back of fees after early ends: what waits for finance, what is on its way, what is done; as Excel."""

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.views.doors import attachment, page_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.guarantees.changing import FEE_RETURN
from xinshu.guarantees.models import FeeReturn, Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import LIMIT, Column, export_sheet

PAGE = 20
VIEWS = {
    "waiting": (lazy("待办理"), ("asked", "stated", "transferring", "failed")),
    "paying": (lazy("退款中"), ("paying",)),
    "done": (lazy("已办"), ("done", "none")),
}


def _returns(member: Member, view: str) -> "QuerySet[FeeReturn]":
    found = FeeReturn.objects.visible_to(member, now()).filter(state__in=VIEWS[view][1])
    related = ("payment", "guarantee__applicant", "guarantee__guarantor", "guarantee__project")
    ordered: QuerySet[FeeReturn] = found.select_related(*related).order_by(
        "-ended_at" if view == "done" else "proposed_at", "pk"
    )
    return ordered


def _view_of(request: HttpRequest) -> str:
    view = request.GET.get("view", "")
    return view if view in VIEWS else "waiting"


@require_GET
@needs("billing.view")
def show_list(request: HttpRequest) -> HttpResponse:
    """Show the returns of the own house's fees, those that it pays and those that it gets."""
    member, page, view = member_of(request), page_of(request), _view_of(request)
    rows = list(_returns(member, view)[(page - 1) * PAGE : page * PAGE + 1])
    tabs = []
    for code, (label, _states) in VIEWS.items():
        count = _returns(member, code).order_by()[:1001].count()
        address = f"{reverse('billing:returns')}?view={code}"
        tabs.append((str(label), address, count if count <= 1000 else "1,000+", code == view))
    context = {
        "rows": [(row, FEE_RETURN.states[row.state]) for row in rows[:PAGE]],
        "views": tabs, "view": view, "page": page, "has_next": len(rows) > PAGE,
    }  # fmt: skip
    return render(request, "billing/returns.html", context)


@require_GET
@needs("billing.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the returns of one list as Excel."""
    member, at = member_of(request), now()
    found = _returns(member, _view_of(request))
    told = Guarantee.objects.filter(pk__in=found.order_by().values("guarantee"))
    made = export_sheet(
        _("退费"), COLUMNS, found[:LIMIT], kind="returns.exported", subject=member.organisation, by=member, at=at,
        sealed_until=secret_until(told, at),
    )  # fmt: skip
    return attachment(made.content, _("退费"), at)


def _day(row: FeeReturn) -> str:
    return "" if row.ended_at is None else local_day(row.ended_at).isoformat()


COLUMNS = (
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: row.guarantee.number or ""),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("保证人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.guarantor.name),
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", lambda row: row.payment.order_number),
    Column(lazy("担保结束"), 12, "guarantees.FeeReturn.ended_on", lambda row: row.ended_on.isoformat()),
    Column(lazy("已交保费（元）"), 16, "guarantees.Payment.amount", lambda row: row.payment.amount / 100, money=True),
    Column(
        lazy("按费率应退（元）"), 16, "guarantees.FeeReturn.computed_amount", lambda row: row.computed_amount / 100,
        money=True,
    ),
    Column(lazy("退费金额（元）"), 16, "guarantees.FeeReturn.amount", lambda row: row.amount / 100, money=True),
    Column(lazy("状态"), 12, "guarantees.FeeReturn.amount", lambda row: str(FEE_RETURN.states[row.state].label)),
    Column(lazy("不同的原因"), 40, "guarantees.FeeReturn.stated_reason", lambda row: row.stated_reason),
    Column(lazy("退款凭证"), 24, "guarantees.FeeReturn.receipt", lambda row: row.receipt),
    Column(lazy("办结"), 12, "guarantees.FeeReturn.ended_on", _day),
)  # fmt: skip
