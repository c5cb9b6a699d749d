"""名单: the city's and the house's own, what waits for a second person, one entry with its story."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now, today
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Refusal, Unknown
from xinshu.credit.actions.lists import (
    Wanted,
    ask_to_lift,
    confirm_entry,
    keep_entry,
    lift_entry,
    may_keep,
    propose_entry,
    refuse_entry,
)
from xinshu.credit.forms import ListForm
from xinshu.credit.importing import HEADS, MOST, Faulty, Row, propose_rows, rows_in
from xinshu.credit.kinds import APPLICANT, SIDES
from xinshu.credit.lifecycle import EXPORT, LIST, LISTED, MANAGE, VIEW
from xinshu.credit.models import ListEntry, Record
from xinshu.credit.queries import waiting_lists
from xinshu.credit.views.doors import entry_for, upload_in
from xinshu.documents.uploads import read_upload
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.kinds import name_of
from xinshu.ledger.queries import history_of
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50


def _found(request: MemberRequest) -> QuerySet[ListEntry]:
    rows = ListEntry.objects.visible_to(request.member).select_related("organisation", "owner")
    if q := request.GET.get("q", "").strip()[:60]:
        rows = rows.filter(Q(organisation__name__icontains=q) | Q(organisation__uscc=q.upper()))
    if (colour := request.GET.get("colour", "")) in ListEntry.Colour.values:
        rows = rows.filter(colour=colour)
    if (state := request.GET.get("state", "")) in LISTED.states:
        rows = rows.filter(state=state)
    whose = request.GET.get("whose", "")
    if whose in ("city", "house"):
        rows = rows.filter(owner__isnull=whose == "city")
    return rows.order_by("-changed_at", "-pk")


@needs(VIEW, MANAGE)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the entries that exist for who asks, those that wait for them first."""
    member = request.member
    page = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    writes = member.can(MANAGE) or (member.can(LIST) and may_keep(member.organisation))
    waiting = waiting_lists(member).select_related("organisation").order_by("changed_at") if writes else []
    context = {
        "page": page,
        "told": LISTED.states,
        "sides": SIDES,
        "waiting": waiting,
        "colours": ListEntry.Colour.choices,
        "states": [(one.code, one.label) for one in LISTED.states.values()],
        "writes": writes,
        "exports": member.can(EXPORT) or member.can(MANAGE),
    }
    return render(request, "credit/lists.html", context)


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row.organisation.name),
    Column(lazy("名单"), 10, "credit.ListEntry.colour", lambda row: row.get_colour_display()),
    Column(lazy("范围"), 30, "accounts.Organisation.name", lambda row: row.owner.name if row.owner else _("全市")),
    Column(lazy("效力"), 24, "credit.ListEntry.effect", lambda row: row.get_effect_display()),
    Column(lazy("理由"), 50, "credit.ListEntry.reason", lambda row: row.reason),
    Column(lazy("依据"), 30, "credit.ListEntry.evidence", lambda row: row.evidence),
    Column(lazy("自"), 12, "credit.ListEntry.colour", lambda row: row.valid_from.isoformat()),
    Column(lazy("至"), 12, "credit.ListEntry.colour", lambda row: row.valid_until.isoformat()),
    Column(lazy("状态"), 12, "credit.ListEntry.state", lambda row: LISTED.states[row.state].label),
)


@needs(EXPORT, MANAGE)
def export(request: MemberRequest) -> FileResponse:
    """Download the entries asked for as Excel. It is recorded."""
    member = request.member
    sheet = export_sheet(
        _("名单"),
        COLUMNS,
        _found(request),
        kind="credit_list.exported",
        subject=member.organisation,
        by=member,
        at=now(),
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("名单.xlsx"))


@needs(LIST, MANAGE)
def new(request: MemberRequest) -> HttpResponse:
    """Propose to put somebody on a list."""
    about = Record.objects.visible_to(request.member).filter(reference=request.GET.get("record", "")[:16])
    record = about.select_related("organisation").first()
    initial = {
        "firm": record.organisation.name if record else "", "side": record.side if record else APPLICANT,
        "valid_from": today(), "effect": "block",
    }  # fmt: skip
    form = ListForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            wanted = Wanted(
                _firm(typed["firm"]), typed["side"], typed["colour"], typed["effect"], typed["reason"],
                typed["evidence"], typed["valid_from"], typed["valid_until"],
            )  # fmt: skip
            entry = propose_entry(wanted, upload=upload_in(form), by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已提出，请由另一人确认。"))
            return redirect("credit:list_entry", entry.reference)
    context = {"form": form, "city": request.member.can(MANAGE)}
    return render(request, "credit/list_new.html", context, status=form.status)


def _firm(typed: str) -> Organisation:
    """Return the organisation meant, by its whole name or code. Raises Invalid for none, and for a name of several."""
    found = Organisation.objects.filter(Q(name=typed.strip()) | Q(uscc=typed.strip().upper())).order_by("pk")[:2]
    if not found:
        raise Invalid(
            _("没有找到这家企业。"), advice=_("请填登记的全称或统一社会信用代码。"), fields={"firm": _("没有找到")}
        )
    if len(found) > 1:
        raise Invalid(
            _("有几家机构叫这个名称。"), advice=_("请填统一社会信用代码。"), fields={"firm": _("请填统一社会信用代码")}
        )
    return found[0]


@needs(VIEW, MANAGE)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show one entry."""
    entry, member = entry_for(request, reference), request.member
    own = bool(entry.sides_of(member))
    possible = [row for row in LISTED.possible(entry, member) if row.action != "propose"]
    first = {"confirm": entry.proposed_by, "lift": entry.lift_asked_by}
    story = history_of(entry).filter(kind__startswith="credit_list.").order_by("-pk") if own else []
    context = {
        "entry": entry,
        "own": own,
        "side": SIDES[entry.side],
        "state": LISTED.states[entry.state],
        "acts": [row for row in possible if first.get(row.action) != member.user_id],
        "first": member.user_id in [first[row.action] for row in possible if row.action in first],
        "record": Record.objects.visible_to(member).filter(organisation=entry.organisation_id, side=entry.side).first(),
        "story": [
            {
                "title": name_of(one.kind, one.kind), "by": one.actor_label, "at": one.at,
                "text": one.data.get("reason", ""),
            }
            for one in story
        ],
    }  # fmt: skip
    return render(request, "credit/list_entry.html", context)


@require_POST
@needs(LIST, MANAGE)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    entry, by, at = as_seen(entry_for(request, reference), request), request.member, now()
    if action == "confirm":
        confirm_entry(entry, by=by, at=at)
        messages.success(request, _("已列入名单，自生效日起按它的效力处理新业务。"))
    elif action == "refuse":
        refuse_entry(entry, reason=reason_in(request), by=by, at=at)
        messages.success(request, _("没有列入名单。"))
    elif action == "ask_to_lift":
        ask_to_lift(entry, reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已提出移出，请由另一人确认；确认以前名单继续有效。"))
    elif action == "lift":
        lift_entry(entry, by=by, at=at)
        messages.success(request, _("已移出名单。"))
    elif action == "keep":
        keep_entry(entry, reason=reason_in(request), by=by, at=at)
        messages.success(request, _("名单继续有效。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("credit:list_entry", reference)


@needs(LIST, MANAGE)
def bring(request: MemberRequest) -> HttpResponse:
    """Take in a workbook of entries: all rows are proposed, or none and every fault is shown."""
    rows: list[Row] = []
    refusal = None
    upload: Any = request.FILES.get("file")
    if request.method == "POST":
        try:
            if upload is None:
                raise Invalid(_("还没有选择文件。"), fields={"file": _("请选择导入表")})
            told = rows_in(read_upload(upload), upload.name or "", now())
            number = propose_rows(told, by=request.member, at=now())
        except Faulty as faulty:
            rows = faulty.rows
        except Invalid as wrong:
            refusal = wrong
        else:
            messages.success(request, _("已提出 %(n)s 条，请由另一人确认。") % {"n": number})
            return redirect("credit:lists")
    context = {"rows": rows, "refusal": refusal, "most": MOST, "heads": HEADS, "city": request.member.can(MANAGE)}
    return render(request, "credit/list_import.html", context, status=422 if rows or refusal else 200)


@require_POST
@needs(LIST, MANAGE)
def confirm_many(request: MemberRequest) -> HttpResponse:
    """Confirm the chosen entries, each by the act of one; those that this person may not confirm stay as they are."""
    chosen = request.POST.getlist("entry")[:MOST]
    done, left = 0, 0
    for entry in ListEntry.objects.visible_to(request.member).filter(reference__in=chosen, state="proposed"):
        try:
            confirm_entry(entry, by=request.member, at=now())
            done += 1
        except Refusal:
            left += 1
    if done:
        messages.success(request, _("已确认 %(n)s 条。") % {"n": done})
    if left or not done:
        messages.warning(request, _("%(n)s 条没有确认：由您提出的须由另一人确认，过期的请重新提出。") % {"n": left})
    return redirect("credit:lists")
