"""The register (保函台账): list, totals, export."""

import io
from datetime import date, datetime
from functools import partial

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, local_day, now
from xinshu.core.doors import needs
from xinshu.core.money import yuan
from xinshu.guarantees.extras import Extra
from xinshu.guarantees.forms import FiltersForm
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.queries import (
    COUNT_UP_TO,
    VIEW_LABELS,
    Filters,
    count_of,
    due_days,
    page_of_register,
    register,
    secret_until,
    totals_of,
)  # fmt: skip
from xinshu.guarantees.register_columns import COLUMNS as REGISTER_COLUMNS
from xinshu.guarantees.register_columns import chosen
from xinshu.guarantees.views.saved import told_query, views_of
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import page_in

PAGE = 20
EXPORT_UP_TO = 50_000
RARE = (
    "amount_from",
    "amount_to",
    "expires_from",
    "expires_to",
    "issued_from",
    "issued_to",
    "region",
    "guarantor",
    "sector",
    "begun_from",
    "begun_to",
    "decided_from",
    "decided_to",
    "reached",
)  # filters behind 更多


@needs("guarantees.view")
def show(request: HttpRequest) -> HttpResponse:
    """List what exists for the member, narrowed by the URL."""
    member, at = member_of(request), now()
    form, filters = read_filters(request)
    found = register(member, at, filters)
    total = count_of(found)
    page = _page_number(request, total)
    applied = _applied(form)
    rows = page_of_register(member, at, filters, page, PAGE)
    if not rows and page > 1:  # beyond the end of a register that is too long to be counted on every visit
        page = max(1, -(-found.count() // PAGE))
        rows = page_of_register(member, at, filters, page, PAGE)
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
            "cols": chosen(request.GET.getlist("cols")),
            "columns": REGISTER_COLUMNS,
            "saved": views_of(member, told_query(request.GET, request.GET.getlist("cols"))),
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
    asked = request.GET.getlist("cols")
    shown = {title for code in chosen(asked) for title in EXPORTED[code]} if asked else set(range(len(COLUMNS)))
    export = export_sheet(
        _("保函台账"),
        [
            *(column for place, column in enumerate(COLUMNS) if place in shown or place < ALWAYS),
            *extra_columns(filters.kind),
        ],
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
    return page_in(request, size=PAGE, total=total if total <= COUNT_UP_TO else None)


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
    Column(
        lazy("出函日"), 12, "guarantees.Guarantee.state", lambda row: _iso(row.issued_at and local_day(row.issued_at))
    ),
)


def extra_columns(kind: str) -> list[Column]:
    """Return the columns of types' own fields: one each where the list shows one type, else one for all of them."""
    one = "guarantees.Guarantee.extras"
    if kind in KINDS:
        return [Column(extra.name, 18, one, partial(_of, extra)) for extra in KINDS[kind].fields]
    if not any(present.fields for present in KINDS.values()):
        return []
    return [
        Column(lazy("类型字段"), 40, one, lambda row: "；".join(f"{e.name}：{_of(e, row)}" for e in row.type.fields))
    ]


def _of(extra: Extra, row: Guarantee) -> str:
    value = row.extras.get(extra.name)
    return extra.told(value) if value not in (None, "") else ""


ALWAYS = 3  # number, type and state are in every workbook
EXPORTED: dict[str, tuple[int, ...]] = {  # which columns of the workbook stand for a column of the page
    "applicant": (3,), "guarantor": (4,), "project": (5, 6), "amount": (7,), "fee": (8,), "effective": (9,),
    "expires": (10,), "due": (10,), "changed": (11,), "issued": (12,),
}  # fmt: skip


def _yuan_of(fen: int | None) -> float | str:
    return "" if fen is None else fen / 100


def _minute(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
