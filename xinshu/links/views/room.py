"""The room behind a link: what the guarantee says, what waits for an answer, and every act that is the beneficiary's.

The acts are those of the beneficiary's own people; only who acts differs (models.Guest).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand
from xinshu.core.clock import local_day, now
from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Changed, Invalid, Refusal, Unknown
from xinshu.documents.views import hand_over
from xinshu.documents.visibility import file_for
from xinshu.guarantees.changes.desk import TABLES, lifecycle_of
from xinshu.guarantees.facts import nature_label
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Amendment, Guarantee
from xinshu.guarantees.models.changes import Change
from xinshu.guarantees.sealed.amended import after
from xinshu.guarantees.terms_now import differing, last_day
from xinshu.guarantees.views.changes import ACTS as CHANGE_ACTS
from xinshu.guarantees.views.changes import BEGIN, change_for
from xinshu.guarantees.views.detail import ACTS
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.links.actions.acknowledging import acknowledge, may_acknowledge
from xinshu.links.models import Guest, Link
from xinshu.links.queries import receipt_of
from xinshu.links.views.arrival import closed, of, visit_in
from xinshu.web.posted import as_seen

Inside = Callable[..., HttpResponse]


def through_a_visit(view: Inside) -> Inside:
    """Let in browsers with an open visit to this link; every other gets the page of links that open nothing."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, reference: str, **arguments: str) -> HttpResponse:
        visit = visit_in(request, reference)
        if visit is None:
            return closed(request)
        return view(request, Guest.of(visit.link), **arguments)

    return guarded


def case_of(guest: Guest) -> Guarantee:
    """Return the one guarantee that a guest may meet, through the beneficiary's own gate. Raises Unknown."""
    found = Guarantee.objects.visible_to(guest, now()).filter(pk=guest.only_guarantee)
    case = found.select_related("applicant", "guarantor", "beneficiary", "project", "letter__file").first()
    if case is None:
        raise Unknown(_("这份保函现在不能查看。"), advice=_("请联系保证人。"))
    return case


@through_a_visit
@require_safe
def show(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Show the guarantee, what waits for an answer, and what was done."""
    case, at = case_of(guest), now()
    possible = {row.action: row for row in LIFECYCLE.possible(case, guest)} if case.state == "in_force" else {}
    demands = Demand.objects.visible_to(guest, at).filter(guarantee=case).order_by("-pk")
    last = last_day(case)
    context = {
        "link": guest.link,
        "guest": guest,
        "base": of(guest.link),
        "case": case,
        "state": LIFECYCLE.states[case.state],
        "nature": nature_label(case),
        "acts": [row for name, row in possible.items() if name == "release"],
        "reports": "report_change" in possible,
        "claims": case.state == "in_force" and local_day(at) <= last,
        "last_day": last,
        "receipt": receipt_of(case),
        "acknowledges": may_acknowledge(case, guest, at),
        "changes": [_told(change, guest) for change in _changes(case, guest)],
        "demands": [(demand, DEMAND.states[demand.state]) for demand in demands],
        "timeline": timeline_of(case, {"beneficiary"}),
        "vouched": guest.link.vouched_by_id is not None,
    }
    return render(request, "links/room.html", context)


def _changes(case: Guarantee, guest: Guest) -> list[Change]:
    found: list[Change] = []
    for model, _table, _page in TABLES:
        rows = model.objects.visible_to(guest, now()).filter(guarantee=case)
        found += rows.select_related("guarantee__project", "letter__file") if model is Amendment else rows
    return sorted(found, key=lambda change: (change.changed_at, change.pk), reverse=True)


def _told(change: Change, guest: Guest) -> dict[str, Any]:
    table = lifecycle_of(change)
    acts: list[Row] = table.possible(change, guest)
    compared = []
    if isinstance(change, Amendment):
        compared = differing(change.before, change.letter_values or after(change))
    return {
        "change": change,
        "kind": change._meta.model_name,
        "state": table.states[change.state],
        "acts": acts,
        "compared": compared,
        "file": _paper_of(change),
    }


def _paper_of(change: Any) -> Any:
    """Return what was put before the beneficiary with a change: the amendment letter, the proof, the paper."""
    letter = getattr(change, "letter", None)
    return letter.file if letter else getattr(change, "proof", None) or getattr(change, "document", None)


@through_a_visit
@require_POST
def act(request: HttpRequest, guest: Guest, action: str) -> HttpResponse:
    """Acknowledge the letter, or release. The posted version is what the person saw."""
    case = case_of(guest)
    if action == "acknowledge":
        acknowledge(case, by=guest, at=now())
        done = _("函件已签收。")
    elif action == "release":
        doing, done = ACTS["release"]
        doing(as_seen(case, request), guest, request)
    else:
        raise Unknown(_("没有这项操作。"))
    messages.success(request, done)
    return redirect(of(guest.link))


@through_a_visit
@require_POST
def act_on_change(request: HttpRequest, guest: Guest, change: str, action: str) -> HttpResponse:
    """Answer an amendment, a reduction, a surrender. Whose act it is, the lifecycle's row says."""
    found = change_for(guest, change)
    if found.guarantee_id != guest.only_guarantee or action not in CHANGE_ACTS[type(found)]:
        raise Unknown(_("没有找到这笔业务。"))
    doing, done = CHANGE_ACTS[type(found)][action]
    doing(as_seen(found, request), guest, request)
    messages.success(request, str(done))
    return redirect(of(guest.link))


@through_a_visit
def report_change(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Report a change of the contract to the guarantor, with the paper."""
    case, way = case_of(guest), BEGIN["report_change"]
    LIFECYCLE.step("report_change", case, guest)
    form = way.form(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            way.do(as_seen(case, request), guest, request, form.cleaned_data)
        except Changed:
            raise
        except Invalid as refusal:
            show_in(form, refusal, "file" if "file" in refusal.fields else None)
        except Refusal as refusal:  # nothing typed is lost: it is said above the form
            form.add_error(None, f"{refusal.message}{refusal.advice}")
        else:
            messages.success(request, str(way.done))
            return redirect(of(guest.link))
    context = {"link": guest.link, "base": of(guest.link), "case": case, "form": form, "way": way}
    return render(request, "links/report_change.html", context, status=422 if form.is_bound else 200)


@through_a_visit
@require_safe
def download(request: HttpRequest, guest: Guest, file: str) -> HttpResponse:
    """Hand over the letter, an amendment letter, or a paper of this guarantee; of no other that the house has."""
    at = now()
    found = file_for(file, guest, at)
    if not _belongs(found, guest.link):
        raise Unknown(_("没有找到这个文件。"))
    return hand_over(found, guest, at)


def _belongs(file: Any, link: Link) -> bool:
    if file.subject_type == "claims.demand":
        return Demand.objects.filter(pk=file.subject_id, guarantee=link.guarantee_id).exists()
    return bool(file.subject_type == "guarantees.guarantee" and file.subject_id == link.guarantee_id)
