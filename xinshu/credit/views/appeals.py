"""异议: raised by the subject, listed with their last days, decided by somebody who did not record it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, F, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.credit.actions.appeals import (
    Remedy,
    must_not_have_recorded,
    raise_appeal,
    refuse_appeal,
    uphold_appeal,
    withdraw_appeal,
)
from xinshu.credit.forms import AppealForm, UpholdForm
from xinshu.credit.lifecycle import APPEAL, APPEAL_DAYS, MANAGE, VIEW
from xinshu.credit.models import Appeal, Behaviour, Record
from xinshu.credit.views.doors import appeal_for, behaviour_for, full_record_for, upload_in
from xinshu.web.posted import as_seen, reason_in, version_in

PER_PAGE = 50


@needs(VIEW, MANAGE)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the appeals that exist for who asks: what is open first, by its last day, then the newest."""
    rows = Appeal.objects.visible_to(request.member).select_related("record__organisation", "behaviour")
    state = request.GET.get("state", "")
    if state in APPEAL.states:
        rows = rows.filter(state=state)
    until = Case(When(state="open", then=F("due_on")))  # what is over has no day that anybody waits for
    found = rows.order_by(until.asc(nulls_last=True), "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "states": [(one.code, one.label) for one in APPEAL.states.values()],
        "told": APPEAL.states,
        "manages": request.member.can(MANAGE),
    }
    return render(request, "credit/appeals.html", context)


@needs(VIEW)
def against_score(request: MemberRequest, reference: str) -> HttpResponse:
    """Object to the score as a whole."""
    return _raise(request, full_record_for(request, reference), None)


@needs(VIEW)
def against_behaviour(request: MemberRequest, reference: str) -> HttpResponse:
    """Object to one behaviour."""
    row = behaviour_for(request, reference)
    return _raise(request, row.record, row)


def _raise(request: MemberRequest, record: Record, behaviour: Behaviour | None) -> HttpResponse:
    if "subject" not in record.sides_of(request.member):
        raise NotPermitted(_("只有企业自己可以对它的信用档案提出异议。"))
    form = AppealForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeal = raise_appeal(
                record, behaviour, text=form.cleaned_data["text"], upload=upload_in(form), by=request.member, at=now()
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("异议已提出，请在页面上看处理期限。"))
            return redirect("credit:appeal", appeal.reference)
    context = {"record": record, "row": behaviour, "form": form, "days": APPEAL_DAYS}
    return render(request, "credit/appeal_new.html", context, status=form.status)


@needs(VIEW, MANAGE)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show an appeal; whoever may decide finds the form of the correction."""
    return _page(request, appeal_for(request, reference), None)


def _page(request: MemberRequest, appeal: Appeal, form: UpholdForm | None) -> HttpResponse:
    member = request.member
    possible = APPEAL.possible(appeal, member)
    recorded = _recorded(appeal, request)
    if form is None and any(row.action == "uphold" for row in possible) and not recorded:
        form = UpholdForm(rows=_choices(appeal), side=appeal.record.side)
    context = {
        "appeal": appeal,
        "record": appeal.record,
        "state": APPEAL.states[appeal.state],
        "acts": [row for row in possible if row.action not in ("uphold", "raise_appeal") and not
                 (row.action == "refuse" and recorded)],
        "form": form,
        "recorded": recorded,
        "seen": request.POST.get("version", appeal.version),
    }  # fmt: skip
    return render(request, "credit/appeal.html", context, status=form.status if form is not None else 200)


def _recorded(appeal: Appeal, request: MemberRequest) -> bool:
    """Tell whether who asks recorded what is objected to."""
    try:
        must_not_have_recorded(appeal.behaviour, request.member)
    except NotPermitted:
        return True
    return False


def _choices(appeal: Appeal) -> list[Behaviour]:
    if appeal.behaviour is not None:
        return [appeal.behaviour]
    return list(appeal.record.behaviours.counting(now()).order_by("-happened_on", "-pk")[:200])


@require_POST
@needs(VIEW, MANAGE)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    appeal, by, at = appeal_for(request, reference), request.member, now()
    if action == "withdraw":
        withdraw_appeal(as_seen(appeal, request), by=by, at=at)
        messages.success(request, _("异议已撤回。"))
    elif action == "refuse":
        refuse_appeal(as_seen(appeal, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已决定不成立，双方都会收到通知。"))
    elif action == "uphold":
        return _uphold(request, appeal)
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("credit:appeal", reference)


def _uphold(request: MemberRequest, appeal: Appeal) -> HttpResponse:
    APPEAL.step("uphold", appeal, request.member)
    rows = _choices(appeal)
    form = UpholdForm(request.POST, rows=rows, side=appeal.record.side)
    if form.is_valid():
        typed = form.cleaned_data
        chosen = next(row for row in rows if row.reference == typed["behaviour"])
        remedy = Remedy(chosen, typed["kind"], typed["happened_on"])
        appeal.version = version_in(request)
        try:
            uphold_appeal(appeal, remedy, reason=typed["reason"], by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("异议成立，已更正，信用分已重算，双方都会收到通知。"))
            return redirect("credit:appeal", appeal.reference)
    return _page(request, appeal, form)
