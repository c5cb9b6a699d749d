"""中标动态: the list of announcements with its export, and where they come from, on a map of regions."""

# ruff: noqa: E501  (a table is read across)

import io
from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.divisions import children, lineage, name_of
from xinshu.core.doors import needs
from xinshu.ledger.exports import Column, export_sheet
from xinshu.tenders.asking import Filters
from xinshu.tenders.forms import FiltersForm
from xinshu.tenders.listing import LAST_PAGE, all_of, page_of, sources
from xinshu.tenders.maps import regions, tiles_of
from xinshu.tenders.models import Opportunity
from xinshu.tenders.origins import namer
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import TRADES

EXPORT_UP_TO = 50_000


@needs("tenders.view")
def show(request: HttpRequest) -> HttpResponse:
    """List announcements, narrowed and ordered by the URL."""
    member = member_of(request)
    form = FiltersForm(request.GET)
    filters = form.filters()
    page = page_of(member, filters, _number(request.GET.get("page", "")))
    context = {
        "page": page,
        "last_page": LAST_PAGE,
        "may_enter": member.can("tenders.enter"),
        "may_export": member.can("tenders.export"),
        "todo": Opportunity.objects.visible_to(member).filter(state="pushed").exists(),
    }
    return render(request, "tenders/list.html", context | _choices(form, filters))


@needs("tenders.view")
def show_map(request: HttpRequest) -> HttpResponse:
    """Count what the filters leave by region: tiles of the provinces, and a table that goes down to the counties."""
    member = member_of(request)
    form = FiltersForm(request.GET)
    filters = form.filters()
    found = regions(member, filters)
    context = {
        "regions": found,
        "total": sum(region.count for region in found),
        "tiles": tiles_of(found) if not filters.region else [],
        "deeper": len(filters.region) < 6,
    }
    return render(request, "tenders/map.html", context | _choices(form, filters))


def _choices(form: FiltersForm, filters: Filters) -> dict[str, Any]:
    """Return what both pages offer to choose from: regions above, at and directly within the one chosen."""
    above = [(one.prefix, one.name) for one in lineage(filters.region)] if filters.region else []
    if filters.region and (not above or above[-1][0] != filters.region):
        above.append((filters.region, name_of(filters.region)))
    within = [(one.prefix, f"　{one.name}") for one in children(filters.region)]
    coming = dict.fromkeys([*sources(), *filter(None, [filters.source])])
    called = namer()
    return {
        "form": form,
        "filters": filters,
        "kinds": KINDS,
        "trades": TRADES,
        "name_of": name_of,
        "region_name": name_of(filters.region) if filters.region else "",
        "region_choices": [("", _("全部地区")), *above, *within],
        "source_choices": [("", _("全部来源")), *((one, called(one)) for one in coming)],
        "source_name": called(filters.source),
        "called": called,
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


@needs("tenders.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave. Who took what out is recorded."""
    member, at = member_of(request), now()
    found = all_of(member, FiltersForm(request.GET).filters(), EXPORT_UP_TO)
    made = export_sheet(
        _("中标动态"), _columns(namer()), found, kind="announcement.exported", subject=member.organisation, by=member, at=at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    name = _("中标动态-%(when)s.xlsx") % {"when": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


_NAME = "tenders.Announcement."


def _columns(called: Callable[[str], str]) -> tuple[Column, ...]:
    return (
        Column(lazy("发布日期"), 12, _NAME + "title", lambda row: f"{row.published_at.astimezone(CHINA):%Y-%m-%d}" if row.published_at else ""),
        Column(lazy("类型"), 14, _NAME + "kind", lambda row: row.kind_label),
        Column(lazy("公告"), 50, _NAME + "title", lambda row: row.title),
        Column(lazy("项目"), 44, _NAME + "project_name", lambda row: row.project_name),
        Column(lazy("项目编号"), 22, _NAME + "project_number", lambda row: row.project_number),
        Column(lazy("招标人"), 32, _NAME + "buyer", lambda row: row.buyer),
        Column(lazy("中标人"), 36, _NAME + "winners", lambda row: row.winners),
        Column(lazy("中标价（元）"), 18, _NAME + "amount", lambda row: "" if row.amount is None else row.amount / 100, money=True),
        Column(lazy("行政区划"), 10, _NAME + "region_code", lambda row: row.region_code),
        Column(lazy("地区"), 24, _NAME + "region_code", lambda row: name_of(row.region_code) if row.region_code else ""),
        Column(lazy("行业"), 16, _NAME + "trade", lambda row: str(TRADES.get(row.trade, row.trade))),
        Column(lazy("跟进"), 12, "tenders.Opportunity.state", lambda row: "、".join(one.standing.label for one in row.ours)),
        Column(lazy("来源"), 16, _NAME + "source", lambda row: called(row.source)),
        Column(lazy("另见来源"), 24, _NAME + "source", lambda row: "、".join(called(one.source) for one in row.others)),
        Column(lazy("原文网址"), 40, _NAME + "url", lambda row: row.url),
    )  # fmt: skip
