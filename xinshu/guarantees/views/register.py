"""The register (保函台账): list, totals, export."""

import io
from datetime import date, datetime

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.money import yuan
from xinshu.guarantees.forms import FiltersForm
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, GuaranteeQuerySet
from xinshu.guarantees.queries import (
    COUNT_UP_TO,
    VIEW_LABELS,
    Filters,
    count_of,
    due_days,
    register,
    secret_until,
    totals_of,
)  # fmt: skip
from xinshu.guarantees.views.doors import member_of
from xinshu.ledger.exports import Column, export_sheet

PAGE = 20
EXPORT_UP_TO = 50_000
RARE = ("amount_from", "amount_to", "expires_from", "expires_to")  # filters behind 更多


@needs("guarantees.view")
def show(request: HttpRequest) -> HttpResponse:
    """List what exists for the member, narrowed by the URL."""
    member, at = member_of(request), now()
    form, filters = read_filters(request)
    found = register(member, at, filters)
    total = count_of(found)
    page = _page_number(request, total)
    applied = _applied(form)
    rows = _rows(found, page)
    if not rows and page > 1:  # beyond the end of a register that is too long to be counted on every visit
        page = max(1, -(-found.count() // PAGE))
        rows = _rows(found, page)
    due = due_days(rows)
    return render(
        request,
        "guarantees/register.html",
        {
            "form": form,
            "filters": filters,
            "rows": [{"case": row, "state": LIFECYCLE.states[row.state], "due_on": due[row.pk]} for row in rows],
            "page": page,
            "first": (page - 1) * PAGE + 1,
            "last": (page - 1) * PAGE + len(rows),
            "total": total,
            "many": total > COUNT_UP_TO,
            "has_next": page * PAGE < total if total <= COUNT_UP_TO else len(rows) == PAGE,
            "views": _views(member, at, filters),
            "page_amount": sum(row.amount or 0 for row in rows),
            "page_fee": sum(row.fee_amount or 0 for row in rows),
            "applied": applied,
            "extra": sum(name in RARE for _words, name in applied),
        },
    )


@needs("guarantees.view")
def totals(request: HttpRequest) -> HttpResponse:
    """Count and sum everything that the filters leave: a fragment, asked for by the person."""
    _form, filters = read_filters(request)
    sums = totals_of(register(member_of(request), now(), filters))
    return render(request, "guarantees/_totals.html", {"sums": sums})


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took what out is recorded."""
    member, at = member_of(request), now()
    _form, filters = read_filters(request)
    found = register(member, at, filters).select_related(*PARTIES)[:EXPORT_UP_TO]
    export = export_sheet(
        _("保函台账"),
        COLUMNS,
        found.iterator(chunk_size=2000),
        kind="guarantee.exported",
        subject=member.organisation,
        by=member,
        at=at,
        query=request.GET.urlencode()[:500],
        sealed_until=secret_until(register(member, at, filters), at),
    )
    name = _("保函台账-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(export.content), as_attachment=True, filename=name)


def read_filters(request: HttpRequest) -> tuple[FiltersForm, Filters]:
    """Read the filters from the URL; one that does not read is dropped, and the form says so."""
    form = FiltersForm(request.GET)
    form.is_valid()
    return form, Filters(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})


def _page_number(request: HttpRequest, total: int) -> int:
    text = request.GET.get("page", "1")
    asked = int(text) if text.isdecimal() and len(text) < 7 else 1
    last = max(1, -(-total // PAGE)) if total <= COUNT_UP_TO else 10_000
    return min(max(asked, 1), last)


def _rows(found: GuaranteeQuerySet, page: int) -> list[Guarantee]:
    return list(found.select_related(*PARTIES)[(page - 1) * PAGE : page * PAGE])


def _views(member: Member, at: datetime, filters: Filters) -> list[tuple[str, str, int | str | None, bool]]:
    tabs: list[tuple[str, str, int | str | None, bool]] = []
    for code, label in VIEW_LABELS.items():
        number = count_of(register(member, at, Filters(view=code)))
        shown = f"{COUNT_UP_TO:,}+" if number > COUNT_UP_TO else number
        address = reverse("guarantees:list") + (f"?view={code}" if code else "")
        tabs.append((str(label), address, shown, code == filters.view))
    return tabs


def _applied(form: FiltersForm) -> list[tuple[str, str]]:
    """Return the filters in force in words, each with the name to leave out of the URL."""
    words = []
    for name in ("q", "kind", "state", *RARE):
        value = form.cleaned_data.get(name)
        if value in (None, ""):
            continue
        field = form.fields[name]
        shown = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
        shown = yuan(value) if isinstance(value, int) else shown
        words.append((f"{field.label}：{shown}" if field.label else str(shown), name))
    return words


COLUMNS = (
    Column(lazy("保函编号"), 22, "guarantees.Guarantee.number", lambda row: row.number or row.reference),
    Column(lazy("类型"), 10, "guarantees.Guarantee.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("状态"), 10, "guarantees.Guarantee.state", lambda row: LIFECYCLE.states[row.state].label),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: row.applicant.name),
    Column(lazy("保证人"), 28, "accounts.Organisation.name", lambda row: row.guarantor.name),
    Column(lazy("受益人"), 32, "accounts.Organisation.name", lambda row: row.beneficiary.name),
    Column(lazy("项目"), 44, "projects.Project.name", lambda row: row.project.name),
    Column(lazy("保函金额（元）"), 18, "guarantees.Guarantee.amount", lambda row: _yuan_of(row.amount), money=True),
    Column(
        lazy("保费（元）"),
        14,
        "guarantees.Guarantee.fee_amount",
        lambda row: _yuan_of(row.fee_amount),
        money=True,
    ),
    Column(lazy("生效日"), 12, "guarantees.Guarantee.state", lambda row: _iso(row.effective_on)),
    Column(lazy("到期日"), 12, "guarantees.Guarantee.state", lambda row: _iso(row.expires_on)),
    Column(
        lazy("更新时间"),
        18,
        "guarantees.Guarantee.state",
        lambda row: f"{row.changed_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    ),
)


def _yuan_of(fen: int | None) -> float | str:
    return "" if fen is None else fen / 100


def _minute(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
