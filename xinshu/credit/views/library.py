"""申请人信用库 and 保证人信用库: search, filters, Excel; of what is not the reader's only the public part."""

import io
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted
from xinshu.credit.actions.behaviours import record_of
from xinshu.credit.kinds import APPLICANT, GUARANTOR
from xinshu.credit.lifecycle import EXPORT, MANAGE, VIEW
from xinshu.credit.models import ListEntry, Record
from xinshu.credit.queries import Filters, bands_of, find_records, lists_on
from xinshu.credit.scores import refresh
from xinshu.ledger.exports import Column, export_sheet

PER_PAGE = 50
LIBRARIES = {"applicants": APPLICANT, "guarantors": GUARANTOR}
TITLES = {APPLICANT: lazy("申请人信用库"), GUARANTOR: lazy("保证人信用库")}


def _asked(request: MemberRequest) -> Filters:
    told = {name: request.GET.get(name, "")[:60] for name in ("q", "band", "listed", "sort")}
    return Filters(**told)


def rows_of(records: list[Record], side: str, request: MemberRequest, at: datetime) -> list[dict[str, Any]]:
    """Return what a list shows of the records of one side: two queries for all of them."""
    member = request.member
    ids = [record.pk for record in records]
    full = set(Record.objects.in_full_for(member).filter(pk__in=ids).values_list("pk", flat=True))
    house = None if member.can(MANAGE) else member.organisation_id
    lists = lists_on([record.organisation_id for record in records], side, house, local_day(at))
    return [
        {
            "record": record,
            "full": record.pk in full,
            "score": record.score if record.pk in full else None,
            "band": record.band if record.pk in full or side == GUARANTOR else "",
            "lists": lists.get(record.organisation_id, []),
        }
        for record in records
    ]


@needs(VIEW, MANAGE)
def show(request: MemberRequest, library: str) -> HttpResponse:
    """Show one library."""
    side, at = LIBRARIES[library], now()
    found = find_records(side, request.member, _asked(request), local_day(at))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "side": side,
        "library": library,
        "heading": TITLES[side],
        "page": page,
        "rows": rows_of(list(page), side, request, at),
        "bands": [(band, band) for band in bands_of(side)],
        "colours": ListEntry.Colour.choices,
        "manages": request.member.can(MANAGE),
        "exports": _exports(request),
    }
    return render(request, "credit/library.html", context)


@needs(VIEW, MANAGE)
def own(request: MemberRequest) -> HttpResponse:
    """Lead somebody to their own organisation's record; one without gets it now."""
    house = request.member.organisation
    if not request.member.can(VIEW) or house.kind in (Organisation.Kind.DEPARTMENT, Organisation.Kind.OPERATOR):
        raise NotPermitted(_("您所在的机构没有信用档案。"), advice=_("信用库可以从左侧菜单进入。"))
    side = GUARANTOR if house.kind in Organisation.ISSUERS else APPLICANT
    record = Record.objects.filter(organisation=house, side=side).first()
    if record is None:
        record = record_of(house, side)
        refresh(record, now())
    return redirect("credit:record", record.reference)


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row["record"].organisation.name),
    Column(
        lazy("统一社会信用代码"), 22, "accounts.Organisation.uscc",
        lambda row: row["record"].organisation.uscc or "",
    ),
    Column(lazy("信用分"), 10, "credit.Record.score", lambda row: row["score"]),
    Column(lazy("等级"), 10, "credit.Record.band", lambda row: row["band"]),
    Column(lazy("计分日"), 12, "credit.Record.side", lambda row: row["record"].on.isoformat() if row["score"] else ""),
    Column(
        lazy("名单"), 40, "credit.ListEntry.colour",
        lambda row: "；".join(f"{one.get_colour_display()}（{one.valid_until:%Y-%m-%d} 止）" for one in row["lists"]),
    ),
)  # fmt: skip


def _exports(request: MemberRequest) -> bool:
    return request.member.can(EXPORT) or request.member.can(MANAGE)


@needs(EXPORT, MANAGE)
def export(request: MemberRequest, library: str) -> FileResponse:
    """Download the records asked for as Excel. Who took what out is recorded."""
    side, at, member = LIBRARIES[library], now(), request.member
    found: QuerySet[Record] = find_records(side, member, _asked(request), local_day(at))
    title = str(TITLES[side])
    sheet = export_sheet(
        title, COLUMNS, _in_lots(found, side, request, at), kind="credit.exported", subject=member.organisation,
        by=member, at=at, library=side,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=f"{title}.xlsx")


def _in_lots(found: QuerySet[Record], side: str, request: MemberRequest, at: datetime) -> Any:
    records = list(found)
    for begin in range(0, len(records), 500):
        yield from rows_of(records[begin : begin + 500], side, request, at)
