"""承保能力: a house's own limits, what is reserved, occupied and free, by kind, region and scope, with its history."""

import io
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import member_of
from xinshu.books.limits import USED, capital_of, ceilings_of, total_of
from xinshu.books.models import Account, CustomerGroup
from xinshu.books.queries import EXPOSURE, percent, tone
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted
from xinshu.guarantees.capacity import Held, business_of, by_kind, by_region, held_by, history, kind_in_words, together
from xinshu.ledger.exports import Column, export_sheet


def _house(request: HttpRequest) -> Organisation:
    house: Organisation = member_of(request).organisation
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有出具保函的机构有承保能力。"))
    return house


def _limits(house: Organisation, on: Any) -> list[dict[str, Any]]:
    """Return each limit with what is used of it: the total, the largest client, the largest group (分)."""
    ceilings, total = ceilings_of(house, on), total_of(house)
    clients = Account.objects.filter(holder=house, purpose=USED).annotate(taken=EXPOSURE).order_by("-taken", "pk")
    client = clients.select_related("party").first()
    group = CustomerGroup.objects.filter(issuer=house).order_by("-used", "pk").first()
    rows = [(_("全部客户"), "", total.used, ceilings.total)]
    if client is not None and client.exposure:
        rows.append(
            (_("单一客户（最大）"), client.party.name if client.party else "", client.exposure, ceilings.client)
        )
    if group is not None:
        rows.append((_("集团客户（最大）"), group.name, group.used, ceilings.group))
    return [
        {
            "what": what, "who": who, "used": used, "ceiling": ceiling,
            "free": None if ceiling is None else max(0, ceiling - used),
            "percent": None if ceiling is None else percent(used, ceiling),
        }
        for what, who, used, ceiling in rows
    ]  # fmt: skip


@needs("books.view")
def show(request: HttpRequest) -> HttpResponse:
    """Show the house's capacity."""
    house, on = _house(request), local_day(now())
    rows = held_by(house)
    total, whole = total_of(house), together(rows)
    context = {
        "capital": capital_of(house), "total": total, "whole": whole, "limits": _limits(house, on),
        "percent": None if total.ceiling is None else percent(total.used, total.ceiling),
        "kinds": [(kind_in_words(row.kind), row) for row in by_kind(rows)], "regions": by_region(rows),
        "business": business_of(house, rows, on), "history": history(house, on), "tone": tone,
    }  # fmt: skip
    return render(request, "guarantees/capacity.html", context)


@needs("books.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what is held, by kind and region, as Excel. Who took it out is recorded."""
    house, member, at = _house(request), member_of(request), now()
    rows: list[Held] = held_by(house)
    sheet = export_sheet(_("承保能力"), COLUMNS, rows, kind="capacity.exported", subject=house, by=member, at=at)
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("承保能力.xlsx"))


COLUMNS = (
    Column(lazy("保函类型"), 18, "guarantees.Guarantee.kind", lambda row: kind_in_words(row.kind)),
    Column(lazy("行政区划"), 14, "projects.Project.region_code", lambda row: row.region or _("没有填写")),
    Column(lazy("笔数"), 10, "books.TotalLimit.used", lambda row: row.number),
    Column(lazy("预占（元）"), 20, "books.TotalLimit.used", lambda row: row.reserved / 100, money=True),
    Column(lazy("占用（元）"), 20, "books.TotalLimit.used", lambda row: row.occupied / 100, money=True),
    Column(lazy("合计（元）"), 20, "books.TotalLimit.used", lambda row: row.used / 100, money=True),
)  # fmt: skip
