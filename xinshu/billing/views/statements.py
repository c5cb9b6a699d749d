"""对账单: per counterparty and period, one of them with its movements, both as Excel."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.fee_statements import (
    Movement,
    Period,
    Statement,
    account_for,
    accounts_of,
    period_of,
    statement_of,
    sums_of,
)
from xinshu.billing.forms import PeriodForm
from xinshu.billing.views.doors import attachment, page_of
from xinshu.books.models import Account
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import Column, export_sheet

PAGE, SHOWN, AT_ONCE = 20, 500, 500


@require_GET
@needs("billing.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """List the counterparties with what they paid in the period."""
    member, at, page = member_of(request), now(), page_of(request)
    form, period = _period(request, at)
    found = list(_found(member, form)[(page - 1) * PAGE : page * PAGE + 1])
    sums = sums_of(found[:PAGE], period)
    rows = [{"account": one, "other": _other(one, member), "sums": sums[one.pk]} for one in found[:PAGE]]
    context = {"form": form, "period": period, "rows": rows, "page": page, "has_next": len(found) > PAGE}
    return render(request, "billing/statements.html", context, status=form.status)


@require_GET
@needs("billing.export")
def export_all(request: HttpRequest) -> FileResponse:
    """Download the counterparties with their sums."""
    member, at = member_of(request), now()
    form, period = _period(request, at)
    accounts = list(_found(member, form))
    sums: dict[int, Any] = {}
    for first in range(0, len(accounts), AT_ONCE):
        sums |= sums_of(accounts[first : first + AT_ONCE], period)
    rows = [(str(_other(one, member)), sums[one.pk]) for one in accounts]
    made = export_sheet(
        _("对账单汇总"), SUMMARY, rows, kind="statement.exported", subject=member.organisation, by=member, at=at,
        since=period.since.isoformat(), until=period.until.isoformat(),
        sealed_until=secret_until(_cases_of(member), at),
    )  # fmt: skip
    return attachment(made.content, _("对账单汇总-%(period)s") % {"period": _name(period)}, at)


@require_GET
@needs("billing.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one statement: opening, movements, closing."""
    member, at = member_of(request), now()
    account = account_for(member, reference)
    form, statement = _statement(request, account, at)
    context = {
        "form": form,
        "account": account,
        "other": _other(account, member),
        "statement": statement,
        "movements": statement.movements[-SHOWN:],
        "left_out": max(0, len(statement.movements) - SHOWN),
    }
    return render(request, "billing/statement.html", context, status=form.status)


@require_GET
@needs("billing.export")
def export(request: HttpRequest, reference: str) -> FileResponse:
    """Download one statement, all of it that the filters leave."""
    member, at = member_of(request), now()
    account = account_for(member, reference)
    _form, statement = _statement(request, account, at)
    made = export_sheet(
        _("对账单"), MOVEMENTS, _lines(statement), kind="statement.exported", subject=account, by=member, at=at,
        since=statement.period.since.isoformat(), until=statement.period.until.isoformat(),
        sealed_until=secret_until(_cases_of(member), at),
    )  # fmt: skip
    name = _("对账单-%(other)s-%(period)s") % {"other": _other(account, member), "period": _name(statement.period)}
    return attachment(made.content, name, at)


def _period(request: HttpRequest, at: datetime) -> tuple[PeriodForm, Period]:
    """Return the form and the period that it asks for; the month so far where it asks for none that can be."""
    form = PeriodForm(request.GET)
    form.is_valid()
    try:
        return form, period_of(form.cleaned_data.get("since"), form.cleaned_data.get("until"), at)
    except Invalid as refusal:
        form.refuse(refusal)
        return form, period_of(None, None, at)


def _statement(request: HttpRequest, account: Account, at: datetime) -> tuple[PeriodForm, Statement]:
    form, period = _period(request, at)
    what, q = form.cleaned_data.get("what", ""), form.cleaned_data.get("q", "")
    return form, statement_of(account, period, at=at, what=what, q=q)


def _found(member: Member, form: PeriodForm) -> Any:
    found = accounts_of(member).order_by("holder__name", "party__name", "pk")
    text = form.cleaned_data.get("q", "").strip()
    if text:
        side = "party" if member.organisation.kind in ISSUERS else "holder"
        found = found.filter(**{f"{side}__name__icontains": text})
    return found


def _cases_of(member: Member) -> Any:
    """Return the guarantees of the house: the log is sealed until the last of them is opened."""
    return Guarantee.objects.visible_to(member, now())


def _other(account: Account, member: Member) -> Any:
    return account.party if account.holder_id == member.organisation_id else account.holder


def _name(period: Period) -> str:
    return f"{period.since:%Y%m%d}-{period.until:%Y%m%d}"


def _lines(statement: Statement) -> list[tuple[str, str, str, str, int | None, int]]:
    """Return the rows of the workbook: opening, movements, closing."""
    sums, period = statement.sums, statement.period
    rows: list[tuple[str, str, str, str, int | None, int]] = [
        (period.since.isoformat(), _("期初"), "", "", None, sums.opening)
    ]
    rows += [_line(one) for one in statement.movements]
    rows.append((period.until.isoformat(), _("期末"), "", "", sums.fees - sums.refunds, sums.closing))
    return rows


def _line(one: Movement) -> tuple[str, str, str, str, int | None, int]:
    case = one.guarantee
    number = "" if case is None else case.number or case.reference
    return f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M}", one.label, one.order, number, one.amount, one.after


ISSUERS = ("guarantor", "bank", "insurer")
SUMMARY = (
    Column(lazy("对方"), 36, "accounts.Organisation.name", lambda row: row[0]),
    Column(lazy("期初（元）"), 18, "books.Transfer.amount", lambda row: row[1].opening / 100, money=True),
    Column(lazy("收取（元）"), 18, "books.Transfer.amount", lambda row: row[1].fees / 100, money=True),
    Column(lazy("退还（元）"), 18, "books.Transfer.amount", lambda row: row[1].refunds / 100, money=True),
    Column(lazy("期末（元）"), 18, "books.Transfer.amount", lambda row: row[1].closing / 100, money=True),
)
MOVEMENTS = (
    Column(lazy("时间"), 18, "books.Transfer.state", lambda row: row[0]),
    Column(lazy("事项"), 12, "books.Transfer.state", lambda row: row[1]),
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", lambda row: row[2]),
    Column(lazy("保函"), 24, "guarantees.Guarantee.number", lambda row: row[3]),
    Column(
        lazy("金额（元）"),
        18,
        "books.Transfer.amount",
        lambda row: None if row[4] is None else row[4] / 100,
        money=True,
    ),
    Column(lazy("累计（元）"), 18, "books.Transfer.amount", lambda row: row[5] / 100, money=True),
)
