"""Recourse: what was paid and is owed, case by case; each with its account and its Excel."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.claims.actions.recourse import agree_rate, enter_cost, interest_on, record_recovery, write_off
from xinshu.claims.forms import RECOURSE_STATES, EntryForm, RateForm
from xinshu.claims.history import story_of
from xinshu.claims.lifecycle import RECOURSE
from xinshu.claims.models import Recourse
from xinshu.claims.queries import recourses
from xinshu.claims.views.doors import recourse_for
from xinshu.claims.views.register import PAGE, attachment
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in


@needs("claims.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """List the recourse cases that exist for the member."""
    member, at = member_of(request), now()
    state = request.GET.get("state", "")
    page = Paginator(recourses(member, at, state), PAGE).get_page(request.GET.get("page"))
    rows = [{"case": case, "state": RECOURSE.states[case.state], "owed": owed_on(case, local_day(at))} for case in page]
    context = {"page": page, "rows": rows, "states": RECOURSE_STATES, "state": state}
    return render(request, "claims/recourses.html", context)


@needs("claims.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one case with its account."""
    member, at = member_of(request), now()
    case = recourse_for(member, reference)
    looked_at("recourse.read", case, by=member, at=at, sealed_until=case.demand.secret_until)
    possible = RECOURSE.possible(case, member)
    return render(
        request,
        "claims/recourse.html",
        {
            "recourse": case,
            "demand": case.demand,
            "case": case.demand.guarantee,
            "state": RECOURSE.states[case.state],
            "acts": [row for row in possible if row.action == "write_off" and case.principal_amount],
            "may": {row.action for row in possible},
            "interest": interest_on(case, local_day(at)),
            "owed": owed_on(case, local_day(at)),
            "entries": case.entries.order_by("on", "pk"),
            "timeline": story_of(case),
            "rate_form": RateForm(),
            "entry_form": EntryForm(initial={"on": local_day(at)}),
        },
    )


def owed_on(case: Recourse, day: Any) -> int:
    """Return all that is open on a day, in 分."""
    return case.costs_amount + interest_on(case, day) + case.principal_amount


@needs("claims.export")
def export(request: HttpRequest, reference: str) -> FileResponse:
    """Download the account of one case."""
    member, at = member_of(request), now()
    case = recourse_for(member, reference)
    export = export_sheet(
        _("追偿明细"), COLUMNS, case.entries.order_by("on", "pk"), kind="recourse.exported", subject=case, by=member,
        at=at, sealed_until=case.demand.secret_until,
    )  # fmt: skip
    return attachment(export.content, _("追偿明细-%(reference)s") % {"reference": case.reference})


def _rate(case: Recourse, by: Member, request: HttpRequest) -> object:
    form = RateForm(request.POST)
    _must_read(form)
    rate = form.cleaned_data["percent"] / Decimal(100)
    return agree_rate(case, annual_rate=rate, basis=form.cleaned_data["basis"], by=by, at=now())


def _entry(form: EntryForm) -> dict[str, Any]:
    _must_read(form)
    return {name: form.cleaned_data[name] for name in ("amount", "number", "on", "note")}


def _must_read(form: Any) -> None:
    if not form.is_valid():
        wrong = {name: str(errors[0]) for name, errors in form.errors.items()}
        raise Invalid(_("没有登记：有内容没有填好。"), advice=_("请改正后重新登记。"), fields=wrong)


ACTS: dict[str, tuple[Callable[[Recourse, Member, HttpRequest], object], str]] = {
    "agree_rate": (_rate, "利率已登记。"),
    "enter_cost": (
        lambda case, by, request: enter_cost(case, **_entry(EntryForm(request.POST)), by=by, at=now()),
        "费用已登记。",
    ),
    "recover": (
        lambda case, by, request: record_recovery(case, **_entry(EntryForm(request.POST)), by=by, at=now()),
        "收回已登记，按费用、利息、本金的顺序冲抵。",
    ),
    "write_off": (
        lambda case, by, request: write_off(case, reason=reason_in(request), by=by, at=now()),
        "已核销，债权继续催收。",
    ),
}


@require_POST
@needs("claims.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of a recourse case."""
    member = member_of(request)
    case = recourse_for(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(case, request), member, request)
    messages.success(request, done)
    return redirect("claims:recourse", reference)


COLUMNS = (
    Column(lazy("日期"), 12, "claims.Recourse.state", lambda row: row.on.isoformat()),
    Column(lazy("事项"), 12, "claims.RecourseEntry.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("凭证号"), 24, "claims.RecourseEntry.number", lambda row: row.number),
    Column(lazy("金额（元）"), 18, "claims.RecourseEntry.amount", lambda row: row.amount / 100, money=True),
    Column(lazy("其中费用"), 16, "claims.RecourseEntry.to_costs", lambda row: row.to_costs / 100, money=True),
    Column(lazy("其中利息"), 16, "claims.RecourseEntry.to_interest", lambda row: row.to_interest / 100, money=True),
    Column(lazy("其中本金"), 16, "claims.RecourseEntry.to_principal", lambda row: row.to_principal / 100, money=True),
    Column(lazy("说明"), 30, "claims.RecourseEntry.note", lambda row: row.note),
    Column(lazy("登记人"), 20, "claims.RecourseEntry.by_label", lambda row: row.by_label),
)
