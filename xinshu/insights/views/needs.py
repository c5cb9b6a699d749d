"""产品推荐: what customers need now, and which products answer it, with reasons and what is missing; export."""

import io

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.insights.lifecycle import EXPORT, VIEW
from xinshu.insights.needs import AWARD, EXPIRING, Advice, Need, advise, needs_for
from xinshu.insights.views.doors import house_of
from xinshu.ledger.exports import Column, export_sheet

PER_PAGE = 20
SOURCES = {AWARD: lazy("中标"), EXPIRING: lazy("即将到期")}
TRUTHS = {True: ("ok", lazy("符合")), False: ("danger", lazy("不符合")), None: ("warn", lazy("待核实"))}


def _found(request: HttpRequest, member: Member) -> list[Need]:
    text = request.GET.get("q", "").replace("\0", "")[:60]
    source = request.GET.get("source", "")
    return needs_for(member, now(), text, source if source in SOURCES else "")


@needs(VIEW)
def show(request: HttpRequest) -> HttpResponse:
    """Show what customers need, a page of it with the products."""
    member = house_of(request)
    page = Paginator(_found(request, member), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": advise(list(page), member.organisation, now()), "sources": list(SOURCES.items()),
        "truths": TRUTHS, "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "insights/needs.html", context)


def _advice(row: tuple[Need, list[Advice]]) -> str:
    told = [
        f"{one.product.name}（{TRUTHS[one.truth][1]}{'：' if one.missing else ''}{'；'.join(one.missing)}）"
        for one in row[1]
    ]
    return "。".join(told) or _("货架上没有这类产品")


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row[0].firm.name),
    Column(lazy("需要"), 14, "guarantees.Guarantee.kind", lambda row: row[0].kind_label),
    Column(lazy("来源"), 12, "guarantees.Guarantee.kind", lambda row: str(SOURCES[row[0].source])),
    Column(lazy("日期"), 12, "guarantees.Guarantee.kind", lambda row: row[0].on.isoformat()),
    Column(lazy("理由"), 60, "guarantees.Guarantee.number", lambda row: row[0].why),
    Column(
        lazy("金额（元）"), 18, "guarantees.Guarantee.amount",
        lambda row: "" if row[0].amount is None else row[0].amount / 100, money=True,
    ),
    Column(lazy("推荐产品"), 70, "guarantees.Guarantee.kind", _advice),
)  # fmt: skip


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download what customers need with the products. It is recorded."""
    member = house_of(request)
    sheet = export_sheet(
        _("产品推荐"), COLUMNS, advise(_found(request, member), member.organisation, now()), kind="needs.exported",
        subject=member.organisation, by=member, at=now(),
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("产品推荐.xlsx"))
