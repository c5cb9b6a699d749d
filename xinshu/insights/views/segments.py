"""客群: the list, one segment with who is in it and its versions, the editor that says the size while one types."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Organisation
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.enterprises.models import Relation
from xinshu.insights.actions import Wanted, close_segment, edit_segment, reopen_segment, write_segment
from xinshu.insights.facts import for_segments
from xinshu.insights.lifecycle import EDIT, EXPORT, SEGMENT, VIEW
from xinshu.insights.models import Segment, SegmentVersion
from xinshu.insights.segments import Crowd, content_of, crowd_of, crowd_of_version, reading_of
from xinshu.insights.views.doors import house_of, segment_of
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules import sheets
from xinshu.rules.engine.answers import Evidence, Problems
from xinshu.rules.engine.comparing import OPERATORS
from xinshu.rules.engine.conditions import JOINS
from xinshu.rules.engine.deciding import CONDITIONS, prepare
from xinshu.rules.engine.facts import TYPES
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50
TYPED = ("name", "note")


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """List the house's segments with the size that each had when its rule was last written."""
    member = house_of(request)
    rows = Segment.objects.visible_to(member).order_by("state", "name", "pk").reverse()
    page = Paginator(rows.prefetch_related("versions__written_by__user"), PER_PAGE).get_page(request.GET.get("page"))
    listed = [(one, max(one.versions.all(), key=lambda version: version.number)) for one in page]
    context = {
        "page": page,
        "rows": [(one, version, reading_of(version)) for one, version in listed],
        "state_of": SEGMENT.states,
        "writes": member.can(EDIT),
    }
    return render(request, "insights/segments.html", context)


def _words(evidence: tuple[Evidence, ...]) -> str:
    return "，".join(f"{one.label} {one.value}" for one in evidence)


def _inside(crowd: Crowd, house: Organisation, text: str = "") -> list[Relation]:
    """Return the customers in a crowd by name: one query, the names of a crowd are its page."""
    rows = Relation.objects.filter(guarantor=house).select_related("enterprise__organisation", "manager__user")
    if text:
        rows = rows.filter(enterprise__organisation__name__icontains=text)
    rows = rows.order_by("enterprise__organisation__name")
    return [one for one in rows if one.enterprise.organisation_id in crowd.firms]


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a segment: its rule, who is in it now and why, its versions."""
    segment, member = segment_of(request, reference), house_of(request)
    versions = list(segment.versions.order_by("-number").select_related("written_by__user"))
    version = _chosen(versions, request)
    version.segment = segment
    crowd = crowd_of_version(version, now())
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    page = Paginator(_inside(crowd, segment.house, text), PER_PAGE).get_page(request.GET.get("page"))
    possible = SEGMENT.possible(segment, member)
    context = {
        "segment": segment, "state": SEGMENT.states[segment.state], "version": version, "reading": reading_of(version),
        "crowd": crowd, "page": page,
        "rows": [(one, _words(crowd.firms[one.enterprise.organisation_id])) for one in page],
        "versions": [(one, reading_of(one)) for one in versions],
        "acts": [row for row in possible if row.action != "edit_segment"],
        "editable": any(row.action == "edit_segment" for row in possible),
        "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "insights/segment.html", context)


def _chosen(versions: list[SegmentVersion], request: HttpRequest) -> SegmentVersion:
    """Return the version that is asked for, the newest where none is."""
    asked = request.GET.get("number", "")
    return next((one for one in versions if str(one.number) == asked), versions[0])


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row[0].enterprise.organisation.name),
    Column(
        lazy("统一社会信用代码"), 24, "accounts.Organisation.uscc",
        lambda row: row[0].enterprise.organisation.uscc or "",
    ),
    Column(lazy("客户经理"), 14, "accounts.User.name", lambda row: row[0].manager.user.name),
    Column(lazy("依据"), 70, "insights.SegmentVersion.content", lambda row: row[1]),
)  # fmt: skip


@needs(EXPORT)
def export(request: HttpRequest, reference: str) -> FileResponse:
    """Download who is in a segment now. It is recorded."""
    segment, member = segment_of(request, reference), house_of(request)
    version = segment.newest
    version.segment = segment
    crowd = crowd_of_version(version, now())
    rows = [(one, _words(crowd.firms[one.enterprise.organisation_id])) for one in _inside(crowd, segment.house)]
    sheet = export_sheet(
        _("客群企业"), COLUMNS, rows, kind="segment.exported", subject=segment, by=member, at=now(),
        number=version.number,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("客群企业.xlsx"))


# the editor


def _posted(post: QueryDict) -> sheets.Sheet:
    sheet = sheets.posted(post, CONDITIONS)
    if not sheet["rules"]:
        sheet = sheets.empty(CONDITIONS)
    sheet["rules"][0]["name"] = "-"
    return sheet


def _rule(sheet: sheets.Sheet, house: Organisation) -> dict[str, Any]:
    types = {one.code: one for one in for_segments(house)}
    rules = sheets.content_of(sheet, CONDITIONS, types)["rules"]
    rule = {name: rules[0][name] for name in ("expression", "join", "conditions") if rules and name in rules[0]}
    return rule or {"join": "all", "conditions": []}


def _told(sheet: sheets.Sheet, house: Organisation) -> dict[str, Any]:
    """Return what stands beside the editor: the rule in words and how many are in it now."""
    content = content_of(_rule(sheet, house))
    try:
        prepared = prepare(content, {one.code: one for one in for_segments(house)})
        return {"reading": prepared.readings[0][1], "crowd": crowd_of(house, content, now()), "problems": []}
    except Problems as wrong:
        return {"reading": "", "crowd": None, "problems": [what for _where, what in wrong.found]}


def _editor(
    request: HttpRequest, segment: Segment | None, sheet: sheets.Sheet, typed: dict[str, str], errors: dict[str, str]
) -> HttpResponse:
    house = house_of(request).organisation
    context = {
        "segment": segment, "rule": sheet["rules"][0], "typed": typed, "errors": errors, "joins": list(JOINS.items()),
        "operators": [(code, one.label) for code, one in OPERATORS.items()],
        "options": [(one.code, f"{one.label}（{TYPES[one.type]}）") for one in for_segments(house)],
        "seen": request.POST.get("version", str(segment.version))[:10] if segment else "",
        "told": _told(sheet, house),
    }  # fmt: skip
    return render(request, "insights/segment_edit.html", context, status=422 if errors else 200)


@require_POST
@needs(EDIT)
def size(request: HttpRequest) -> HttpResponse:
    """Say how many are in what is typed so far: a fragment of the editor. Nothing is kept."""
    told = _told(_posted(request.POST), house_of(request).organisation)
    return render(request, "insights/_size.html", {"told": told})


@needs(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Write a segment."""
    member = house_of(request)
    if request.method != "POST":
        return _editor(request, None, sheets.empty(CONDITIONS), {}, {})
    sheet, typed = _posted(request.POST), {name: request.POST.get(name, "")[:200] for name in TYPED}
    if more := request.POST.get("more", ""):
        return _editor(request, None, sheets.grown(sheet, CONDITIONS, more), typed, {})
    try:
        wanted = Wanted(typed["name"], typed["note"], _rule(sheet, member.organisation))
        segment = write_segment(wanted, by=member, at=now())
    except Invalid as refusal:
        return _editor(request, None, sheet, typed, refusal.fields or {"content": refusal.message})
    messages.success(request, _("客群已保存。"))
    return redirect("insights:segment", segment.reference)


@needs(EDIT)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a segment."""
    segment, member = segment_of(request, reference), house_of(request)
    SEGMENT.step("edit_segment", segment, member)
    if request.method != "POST":
        version = segment.newest
        typed = {"name": segment.name, "note": segment.note}
        return _editor(request, segment, sheets.sheet_of(version.content, version.types), typed, {})
    sheet, typed = _posted(request.POST), {name: request.POST.get(name, "")[:200] for name in TYPED}
    if more := request.POST.get("more", ""):
        return _editor(request, segment, sheets.grown(sheet, CONDITIONS, more), typed, {})
    try:
        wanted = Wanted(typed["name"], typed["note"], _rule(sheet, member.organisation))
        edit_segment(as_seen(segment, request), wanted, by=member, at=now())
    except Invalid as refusal:
        return _editor(request, segment, sheet, typed, refusal.fields or {"content": refusal.message})
    messages.success(request, _("客群已保存。"))
    return redirect("insights:segment", reference)


@require_POST
@needs(VIEW)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    segment, by = segment_of(request, reference), house_of(request)
    if action == "close_segment":
        close_segment(as_seen(segment, request), reason=reason_in(request), by=by, at=now())
        messages.success(request, _("客群已停用，各版本都保留。"))
    elif action == "reopen_segment":
        reopen_segment(as_seen(segment, request), by=by, at=now())
        messages.success(request, _("客群已启用。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("insights:segment", reference)
