"""One record: score, dimensions, every line behind it, corrections, lists, appeals; as of any past day."""

from datetime import timedelta
from heapq import nlargest
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now, today
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.credit.actions.behaviours import correct_behaviour, record_behaviour
from xinshu.credit.forms import AsOfForm, BehaviourForm, CorrectionForm
from xinshu.credit.kinds import GUARANTOR, SIDES, kind_label
from xinshu.credit.lifecycle import APPEAL, LIST, MANAGE, VIEW
from xinshu.credit.models import Record
from xinshu.credit.queries import behaviours_of, end_of, past_scores, seen_lists
from xinshu.credit.reckoning import Line, Part, points_text
from xinshu.credit.scores import explain
from xinshu.credit.views.doors import behaviour_for, full_record_for, record_for, upload_in
from xinshu.credit.views.library import LIBRARIES, TITLES
from xinshu.ledger.reads import looked_at

LINES = 200


@needs(VIEW, MANAGE)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show a record: all of it to whose it is, the public part to others."""
    record, member, at = record_for(request, reference), request.member, now()
    if record.organisation_id != member.organisation_id:
        looked_at("credit.read", record, by=member, at=at)
    context: dict[str, Any] = {
        "record": record,
        "lists": seen_lists(record, member, today()),
        "library": next(name for name, side in LIBRARIES.items() if side == record.side),
        "heading": TITLES[record.side],
        "side": SIDES[record.side],
        "band_is_public": record.side == GUARANTOR,
        "manages": member.can(MANAGE),
        "lists_it": member.can(LIST) or member.can(MANAGE),
    }
    if not Record.objects.in_full_for(member).filter(pk=record.pk).exists():
        return render(request, "credit/public.html", context)
    form = AsOfForm(request.GET or None)
    asked, known = None, None
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data["on"]
        if asked is not None and asked > today():
            form.add_error("on", _("还没有到这一天。"))
            asked = None
        elif asked is not None and form.cleaned_data["known"]:
            known = at
    then = end_of(asked) if asked is not None and asked < today() else at
    found = explain(record, then, known=known)
    told = behaviours_of(record, member, found[1] if found else None, most=LINES)
    context |= {
        "form": form,
        "asked_day": asked,
        "known": known,
        "card": found[0] if found else None,
        "found": found[1] if found else None,
        "points": points_text,
        "kind_label": kind_label,
        "parts": [(part, *newest_of(part)) for part in found[1].parts] if found else [],
        "told": told,
        "behaviours": record.behaviours.count(),
        "past": past_scores(record, at),
        "mine": record.organisation_id == member.organisation_id,
        "appeals": _appeals(record, request),
        "newest": today() - timedelta(days=1),
    }
    return render(request, "credit/record.html", context, status=form.status)


def newest_of(part: Part) -> tuple[list[Line], int, int]:
    """Return the newest lines of a dimension, how many older ones there are, and what those give (thousandths)."""
    newest = {line.act.key for line in nlargest(LINES, part.lines, key=lambda line: (line.act.on, line.act.key))}
    older = [line for line in part.lines if line.act.key not in newest]
    shown = [line for line in part.lines if line.act.key in newest]
    return shown, len(older), sum(line.milli for line in older)


def _appeals(record: Record, request: MemberRequest) -> list[Any]:
    """Return the appeals of a record for its subject and the operator; to others they are nobody's business."""
    if not record.sides_of(request.member):
        return []
    rows = record.appeals.select_related("behaviour").order_by("-pk")[:20]
    return [(row, APPEAL.states[row.state]) for row in rows]


@needs(MANAGE)
def enter(request: MemberRequest, reference: str) -> HttpResponse:
    """Enter a behaviour by hand."""
    record = full_record_for(request, reference)
    form = BehaviourForm(request.POST or None, request.FILES or None, side=record.side)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            record_behaviour(
                record, typed["kind"], typed["happened_on"], document=typed["document"], note=typed["note"],
                upload=upload_in(form), by=request.member, at=now(),
            )  # fmt: skip
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已记录，信用分已重算。"))
            return redirect("credit:record", reference)
    return render(request, "credit/enter.html", {"record": record, "form": form}, status=form.status)


@needs(MANAGE)
def correct(request: MemberRequest, reference: str) -> HttpResponse:
    """Correct a behaviour by a new row; the old one stays to be seen."""
    row = behaviour_for(request, reference)
    form = CorrectionForm(request.POST or None, side=row.record.side)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            correct_behaviour(
                row, typed["kind"], typed["happened_on"], reason=typed["reason"], by=request.member, at=now()
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已更正，原来的一条仍然可见，信用分已重算。"))
            return redirect("credit:record", row.record.reference)
    context = {"record": row.record, "row": row, "form": form}
    return render(request, "credit/correct.html", context, status=form.status)
