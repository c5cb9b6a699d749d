"""保费收入: fees earned and unearned by kind on a day, reserves by the house's method, order by order as Excel."""

from datetime import date, datetime
from decimal import Decimal

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.actions.methods import set_method
from xinshu.billing.earnings import (
    OrderRow,
    balance_of,
    by_kind,
    income_of_year,
    method_of,
    orders_of,
    total_of,
)
from xinshu.billing.forms import DayForm, MethodForm
from xinshu.billing.models import ReserveMethod
from xinshu.billing.reserves import Method, reserves
from xinshu.billing.views.doors import attachment
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import Column, export_sheet

ISSUERS = ("guarantor", "bank", "insurer")
HUNDRED = Decimal(100)


@require_GET
@needs("billing.view")
def show(request: HttpRequest) -> HttpResponse:
    """Show what is earned on a day, and what is to be set aside."""
    return _page(request, _house_of(request))


def _page(request: HttpRequest, member: Member, method_form: MethodForm | None = None) -> HttpResponse:
    at, house = now(), member.organisation
    form, on = _day(request, at)
    method = method_of(house, on)
    rows = by_kind(house, on.replace(day=1), on, at_once=method.at_once)
    income, balance = income_of_year(house, on), balance_of(house)
    initial = {
        "unearned": _percent(method.unearned_rate), "claims": _percent(method.claims_rate),
        "cap": _percent(method.claims_cap), "opening": method.opening,
        "minimum_at_once": method.at_once, "valid_from": local_day(at),
    }  # fmt: skip
    may_set = member.can("billing.reserve")
    context = {
        "form": form,
        "on": on,
        "rows": rows,
        "total": total_of(rows),
        "method": method,
        "percents": [initial["unearned"], initial["claims"], initial["cap"]],
        "income": income,
        "balance": balance,
        "reserves": reserves(income, balance, method),
        "method_form": (method_form or MethodForm(initial=initial)) if may_set else None,
        "versions": ReserveMethod.objects.filter(house=house).order_by("-valid_from", "-pk")[:5],
    }
    status = method_form.status if method_form else form.status
    return render(request, "billing/earnings.html", context, status=status)


@require_POST
@needs("billing.reserve")
def set_terms(request: HttpRequest) -> HttpResponse:
    """Write another version of the method."""
    member, form = _house_of(request), MethodForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        method = Method(
            told["unearned"] / HUNDRED, told["claims"] / HUNDRED, told["cap"] / HUNDRED, told["opening"] or 0,
            told["minimum_at_once"], told["source"],
        )  # fmt: skip
        try:
            set_method(method, valid_from=told["valid_from"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("准备金方法已设定，从适用日起按它测算；以前的版本保留。"))
            return redirect("billing:earnings")
    return _page(request, member, form)


@require_GET
@needs("billing.export")
def export(request: HttpRequest) -> FileResponse:
    """Download order by order what is earned on the day."""
    member, at = _house_of(request), now()
    _form, on = _day(request, at)
    house = member.organisation
    made = export_sheet(
        _("保费收入明细"), COLUMNS, orders_of(house, on, at_once=method_of(house, on).at_once),
        kind="earnings.exported", subject=house, by=member, at=at, on=on.isoformat(),
        sealed_until=secret_until(Guarantee.objects.filter(guarantor=house), at),
    )  # fmt: skip
    return attachment(made.content, _("保费收入明细-%s") % f"{on:%Y%m%d}", at)


def _percent(rate: Decimal) -> str:
    """Write a rate in percent: 0.5 as "50", 0.0125 as "1.25"."""
    return f"{(rate * HUNDRED).normalize():f}"


def _house_of(request: HttpRequest) -> Member:
    member = member_of(request)
    if member.organisation.kind not in ISSUERS:
        raise NotPermitted(_("保费收入由保证人查看。"), advice=_("缴费记录在“对账单”里。"))
    return member


def _day(request: HttpRequest, at: datetime) -> tuple[DayForm, date]:
    """Return the form and the day asked for; today where it cannot be read or is to come."""
    form, today = DayForm(request.GET), local_day(at)
    form.is_valid()
    on = form.cleaned_data.get("on") or today
    if on > today or on.year < 2000:
        form.add_error("on", _("只能看到今天为止。"))
        on = today
    return form, on


def _case(row: OrderRow) -> Guarantee:
    return row.guarantee


COLUMNS = (
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: _case(row).number or _case(row).reference),
    Column(lazy("类型"), 12, "guarantees.Guarantee.kind", lambda row: str(_case(row).get_kind_display())),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: _case(row).applicant.name),
    Column(lazy("生效日"), 12, "guarantees.Guarantee.state", lambda row: str(_case(row).effective_on or "")),
    Column(lazy("到期日"), 12, "guarantees.Guarantee.state", lambda row: str(_case(row).expires_on or "")),
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", lambda row: row.order),
    Column(lazy("已收（元）"), 16, "guarantees.Payment.amount", lambda row: row.received / 100, money=True),
    Column(lazy("已赚（元）"), 16, "guarantees.Payment.amount", lambda row: row.earned / 100, money=True),
    Column(lazy("已退（元）"), 16, "guarantees.FeeReturn.amount", lambda row: row.returned / 100, money=True),
    Column(lazy("未赚（元）"), 16, "guarantees.Payment.amount", lambda row: row.unearned / 100, money=True),
)
