"""The register of demands (索赔台账): list, export."""

import io
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.requests import member_of
from xinshu.claims.forms import FiltersForm
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import PARTIES, Demand, DemandQuerySet
from xinshu.claims.queries import VIEW_LABELS, Filters, count_of, due_on, register, totals_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import COUNT_UP_TO, secret_until
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import page_in

PAGE = 20


@needs("claims.view")
def show(request: HttpRequest) -> HttpResponse:
    """List what exists for the member, narrowed by the URL."""
    member, at = member_of(request), now()
    form, filters = read_filters(request)
    found = register(member, at, filters)
    total = count_of(found)
    page = page_number(request, total)
    rows = rows_of(found, page)
    applied = [
        (f"{form.fields[name].label or _('状态')}：{form.cleaned_data[name]}", name)
        for name in ("presented_from", "presented_to")
        if form.cleaned_data.get(name)
    ]
    if filters.state:
        applied.append((_("状态：%(state)s") % {"state": DEMAND.states[filters.state].label}, "state"))
    tabs = []
    for code, label in VIEW_LABELS.items():
        number = count_of(register(member, at, Filters(view=code)))
        shown = f"{COUNT_UP_TO:,}+" if number > COUNT_UP_TO else number
        link = reverse("claims:list") + (f"?view={code}" if code else "")
        tabs.append((label, link, shown, filters.view == code))
    return render(
        request,
        "claims/register.html",
        {
            "form": form,
            "filters": filters,
            "rows": [{"demand": row, "state": DEMAND.states[row.state], "due_on": due_on(row)} for row in rows],
            "page": page,
            "first": (page - 1) * PAGE + 1,
            "last": (page - 1) * PAGE + len(rows),
            "total": total,
            "many": total > COUNT_UP_TO,
            "has_next": page * PAGE < total if total <= COUNT_UP_TO else len(rows) == PAGE,
            "views": tabs,
            "applied": applied,
            "extra": len([name for _words, name in applied if name != "state"]),
            "sums": totals_of(found) if total <= COUNT_UP_TO else None,
        },
    )


@needs("claims.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    _form, filters = read_filters(request)
    found = register(member, at, filters)
    cases = Guarantee.objects.filter(pk__in=found.order_by().values("guarantee"))
    export = export_sheet(
        _("索赔台账"),
        COLUMNS,
        found.select_related(*PARTIES).iterator(chunk_size=2000),
        kind="claim.exported",
        subject=member.organisation,
        by=member,
        at=at,
        query=request.GET.urlencode()[:500],
        sealed_until=secret_until(cases, at),
    )
    return attachment(export.content, _("索赔台账"))


def attachment(content: bytes, name: str) -> FileResponse:
    """Return a workbook as a download that carries the moment in its name."""
    full = _("%(name)s-%(moment)s.xlsx") % {"name": name, "moment": now().astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=full)


def read_filters(request: HttpRequest) -> tuple[FiltersForm, Filters]:
    """Read the filters from the URL; one that does not read is dropped, and the form says so."""
    form = FiltersForm(request.GET)
    form.is_valid()
    return form, Filters(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})


def page_number(request: HttpRequest, total: int) -> int:
    return page_in(request, size=PAGE, total=total if total <= COUNT_UP_TO else None)


def rows_of(found: DemandQuerySet, page: int) -> list[Demand]:
    return list(found.select_related(*PARTIES)[(page - 1) * PAGE : page * PAGE])


def _day(value: Any) -> str:
    return value.isoformat() if value else ""


COLUMNS = (
    Column(lazy("索赔编号"), 16, "claims.Demand.reference", lambda row: row.reference),
    Column(lazy("保函编号"), 22, "guarantees.Guarantee.number", lambda row: row.guarantee.number),
    Column(lazy("类型"), 12, "guarantees.Guarantee.kind", lambda row: str(row.guarantee.get_kind_display())),
    Column(lazy("受益人"), 28, "accounts.Organisation.name", lambda row: row.guarantee.beneficiary.name),
    Column(lazy("申请人"), 28, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("保证人"), 28, "accounts.Organisation.name", lambda row: row.guarantee.guarantor.name),
    Column(lazy("项目"), 36, "projects.Project.name", lambda row: row.guarantee.project.name),
    Column(lazy("索赔金额（元）"), 18, "claims.Demand.amount", lambda row: row.amount / 100, money=True),
    Column(
        lazy("应付金额（元）"), 18, "claims.Demand.payable_amount",
        lambda row: None if row.payable_amount is None else row.payable_amount / 100, money=True,
    ),
    Column(lazy("状态"), 12, "claims.Demand.state", lambda row: DEMAND.states[row.state].label),
    Column(lazy("收到日"), 12, "claims.Demand.state", lambda row: _day(row.received_on)),
    Column(lazy("审核时限"), 12, "claims.Demand.state", lambda row: _day(row.due_on)),
)  # fmt: skip
