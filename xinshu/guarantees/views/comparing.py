"""比一比: which guarantors suit, in an open order; choosing one goes on in the application wizard."""

import io
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now, today
from xinshu.core.doors import needs
from xinshu.guarantees.comparing import ranking
from xinshu.guarantees.comparing.forms import CompareForm
from xinshu.guarantees.comparing.offers import Comparison, Offer, Unfit, compare
from xinshu.guarantees.comparing.speed import LAST, Usual
from xinshu.ledger.exports import Column, export_sheet
from xinshu.projects.models import Project

ASKED = ("kind", "project", "amount", "effective_on", "expires_on")
DECIDES = {
    ranking.BY_RULE: ("ok", lazy("资料齐全时自动通过")),
    ranking.BY_PERSON: ("info", lazy("一人审批")),
    ranking.BY_SEVERAL: ("warn", lazy("须多级审批")),
}


@needs("guarantees.view")
def show(request: HttpRequest) -> HttpResponse:
    """Ask what is wanted, and answer with who suits and who does not."""
    member = member_of(request)
    form = _form(request, member)
    answered = form.is_bound and form.is_valid()
    answer = _answer(form, member) if answered else Comparison()
    order = form.order_asked if answered else "overall"
    return render(
        request,
        "guarantees/compare.html",
        {
            "form": form,
            "answered": answered,
            "rows": [
                (row, usual_in_words(row.offered.usual), DECIDES[row.offered.decides], _apply(request, row.offered))
                for row in answer.suitable
            ],
            "unfit": [(row, _apply(request, row) if row.line_only else "") for row in answer.unfit],
            "applies": _applicant(member) is not None,
            "orders": [
                (label, f"?{_query(request, order=code)}", None, code == order)
                for code, label in ranking.ORDERS.items()
            ],
            "weights": [(ranking.LABELS[what], weight) for what, weight in ranking.WEIGHTS[order].items()],
            "labels": ranking.LABELS,
            "version": ranking.VERSION,
            "last": LAST,
            "export": f"{reverse('guarantees:export_comparison')}?{_query(request)}",
        },
    )


def _form(request: HttpRequest, member: Member) -> CompareForm:
    projects = Project.objects.visible_to(member, now()).order_by("-id")
    start = today() + timedelta(days=1)
    initial = {
        "kind": "performance", "effective_on": start, "expires_on": start + timedelta(days=365),
        **{name: request.GET[name] for name in ASKED if request.GET.get(name)},
    }  # fmt: skip
    asked = request.GET if "amount" in request.GET else None  # a link may bring a part of it along
    return CompareForm(asked, initial=initial, projects=projects)


def _applicant(member: Member) -> Organisation | None:
    """Return whose line and record count: the own firm's, where it is one that applies."""
    applies = member.can("guarantees.apply") and member.organisation.kind not in Organisation.ISSUERS
    return member.organisation if applies else None


def _answer(form: CompareForm, member: Member) -> Comparison:
    return compare(form.wish(), _applicant(member), form.order_asked, now())


def _query(request: HttpRequest, **changes: str) -> str:
    kept = {name: request.GET[name] for name in (*ASKED, "order") if request.GET.get(name)}
    return urlencode(kept | changes)


def _apply(request: HttpRequest, chosen: Offer | Unfit) -> str:
    """Return where the application goes on with this guarantor, everything asked for filled in."""
    given = {name: request.GET[name] for name in ASKED if request.GET.get(name)}
    given["guarantor"] = str(chosen.guarantor.pk)
    product = getattr(chosen, "product", None)
    if product is not None:
        given["product"] = product.reference
    return f"{reverse('guarantees:new')}?{urlencode(given)}"


def usual_in_words(usual: Usual | None) -> str:
    """Return how long a decision usually takes, for people."""
    if usual is None:
        return _("暂无")
    hours = usual.time / timedelta(hours=1)
    if hours < 1:
        return _("不到 1 小时")
    if hours < 24:
        return _("约 %(hours)d 小时") % {"hours": round(hours)}
    return _("约 %(days)s 天") % {"days": f"{hours / 24:.1f}".removesuffix(".0")}


@needs("guarantees.export")
def export(request: HttpRequest) -> HttpResponseBase:
    """Download the comparison as Excel, those that do not suit included. Who took what out is recorded."""
    member = member_of(request)
    form = _form(request, member)
    if not (form.is_bound and form.is_valid()):
        return redirect(f"{reverse('guarantees:compare')}?{_query(request)}")
    answer = _answer(form, member)
    rows: list[Any] = [*answer.suitable, *answer.unfit]
    sheet = export_sheet(
        _("保证人比较"), COLUMNS, rows, kind="comparison.exported", subject=member.organisation, by=member, at=now()
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保证人比较.xlsx"))


def _of(row: Any) -> Offer | None:
    return None if isinstance(row, Unfit) else row.offered


def _points(row: Any, what: str) -> str:
    return "" if isinstance(row, Unfit) else f"{float(row.points[what]):.1f}"


COLUMNS = (
    Column(lazy("名次"), 8, "guarantees.Tariff.number", lambda row: "" if isinstance(row, Unfit) else row.place),
    Column(
        lazy("保证人"), 32, "accounts.Organisation.name",
        lambda row: row.guarantor.name if isinstance(row, Unfit) else row.offered.guarantor.name,
    ),
    Column(
        lazy("产品"), 24, "guarantees.Product.name",
        lambda row: offer.product.name if (offer := _of(row)) and offer.product else "",
    ),
    Column(
        lazy("保费（元）"), 16, "guarantees.Guarantee.fee_amount",
        lambda row: offer.fee.total / 100 if (offer := _of(row)) else "", money=True,
    ),
    Column(
        lazy("怎么算"), 60, "guarantees.Guarantee.fee_lines",
        lambda row: "；".join(f"{line.label} {line.basis}" for line in offer.fee.lines) if (offer := _of(row)) else "",
    ),
    Column(
        lazy("通常用时"), 14, "guarantees.Tariff.kind",
        lambda row: usual_in_words(offer.usual) if (offer := _of(row)) else "",
    ),
    Column(
        lazy("审批"), 20, "guarantees.Tariff.kind",
        lambda row: str(DECIDES[offer.decides][1]) if (offer := _of(row)) else "",
    ),
    Column(lazy("价格分"), 10, "guarantees.Tariff.number", lambda row: _points(row, ranking.PRICE)),
    Column(lazy("时间分"), 10, "guarantees.Tariff.number", lambda row: _points(row, ranking.TIME)),
    Column(lazy("自动审批分"), 12, "guarantees.Tariff.number", lambda row: _points(row, ranking.EASE)),
    Column(
        lazy("总分"), 10, "guarantees.Tariff.number",
        lambda row: "" if isinstance(row, Unfit) else f"{float(row.score):.1f}",
    ),
    Column(
        lazy("不适合的原因"), 60, "guarantees.Tariff.kind",
        lambda row: "；".join(row.reasons) if isinstance(row, Unfit) else "",
    ),
)  # fmt: skip
