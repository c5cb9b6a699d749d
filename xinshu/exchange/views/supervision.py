"""归口管理: who supervises what now, plans in the making, and what a plan would change before it holds."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Invalid, NotPermitted, Refusal, Unknown
from xinshu.exchange.actions import supervision as acts
from xinshu.exchange.forms import DecisionForm, RowForm, SubmitForm
from xinshu.exchange.lifecycle import SUPERVISE
from xinshu.exchange.simulation import Simulation, covered, shift_of, simulate
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.exports import Column, export_sheet
from xinshu.projects.models import Project, SupervisionPlan
from xinshu.projects.supervision import APPROVE, DRAFT, PLAN, Rules, plan_at
from xinshu.web.posted import as_seen

PER_PAGE = 50
SHOWN = 30
OPEN = ("draft", "proposed")
OWN_FORMS = ("edit", "submit")
DONE = {
    "submit": lazy("已提交，等另一人批准。"),
    "approve": lazy("已批准，到生效时间自动切换。"),
    "refuse": lazy("没有批准，现行方案不变。"),
    "withdraw": lazy("已撤回，现行方案不变。"),
}


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: MemberRequest) -> HttpResponse:
    """What holds now, what is in the making; by POST, begin a draft. A department sees its own lines."""
    member, at = request.member, now()
    arranges = member.can(DRAFT) or member.can(APPROVE)
    if not arranges and not member.can(SUPERVISE):
        raise NotPermitted(_("您没有查看归口管理的权限。"), advice=_("需要查看的，请联系本机构管理员开通。"))
    if request.method == "POST":
        made = acts.draft_plan(by=member, at=at)
        messages.success(request, _("已按现行归口起草，可以逐行修改。"))
        return redirect("exchange:plan", made.reference)
    plan = plan_at(at)
    lines = Rules.at(at).lines
    plans = SupervisionPlan.objects.order_by("-pk") if arranges else SupervisionPlan.objects.none()
    coming = SupervisionPlan.objects.filter(state="approved", valid_from__gt=at).order_by("valid_from")
    context = {
        "plan": plan,
        "lines": [line for line in lines if arranges or line.department_id == member.organisation_id],
        "open": plans.filter(state__in=OPEN),
        "coming": coming if arranges else [],
        "past": plans.exclude(state__in=OPEN)[:SHOWN],
        "arranges": arranges,
        "may_draft": member.can(DRAFT) and not plans.filter(state="draft").exists(),
        "words": _words,
    }
    return render(request, "exchange/supervision.html", context)


@require_GET
@signed_in
def plan(request: MemberRequest, reference: str) -> HttpResponse:
    """One plan: its lines, what it changes, what this person may do."""
    return _page(request, _plan(request, reference))


@require_POST
@signed_in
def add(request: MemberRequest, reference: str) -> HttpResponse:
    """Add a line to a draft."""
    case = as_seen(_plan(request, reference), request)
    form = RowForm(request.POST)
    if form.is_valid():
        try:
            acts.add_row(case, **form.cleaned_data, by=request.member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已加入方案。"))
            return redirect("exchange:plan", reference)
    return _page(request, case, row_form=form, status=form.status)


@require_POST
@signed_in
def remove(request: MemberRequest, reference: str, number: int) -> HttpResponse:
    """Take a line out of a draft."""
    acts.remove_row(as_seen(_plan(request, reference), request), min(number, 2**62), by=request.member, at=now())
    messages.success(request, _("已从方案中移除。"))
    return redirect("exchange:plan", reference)


@require_POST
@signed_in
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Submit, approve, refuse, withdraw."""
    case, by, at = as_seen(_plan(request, reference), request), request.member, now()
    form = DecisionForm(request.POST)
    form.is_valid()
    if action == "submit":
        return _submit(request, case)
    if action == "approve":
        acts.approve_plan(case, by=by, at=at)
    elif action == "refuse":
        acts.refuse_plan(case, reason=form.cleaned_data.get("reason", ""), by=by, at=at)
    elif action == "withdraw":
        acts.withdraw_plan(case, by=by, at=at)
    else:
        raise Http404
    messages.success(request, str(DONE[action]))
    return redirect("exchange:plan", reference)


@require_GET
@signed_in
def export(request: MemberRequest, reference: str) -> FileResponse:
    """Download the guarantees that gain or lose a supervisor. Numbers stay covered: this is no register."""
    case, member, at = _plan(request, reference), request.member, now()
    simulation = simulate(case, at)
    rows = [(row, shift_of(simulation, row)) for row in simulation.guarantees[:50_001]]
    made = export_sheet(
        _("归口影响清单"), COLUMNS, rows, kind="supervision.exported", subject=case, by=member, at=at,
    )  # fmt: skip
    name = _("归口影响-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _submit(request: MemberRequest, case: SupervisionPlan) -> HttpResponse:
    form = SubmitForm(request.POST)
    if form.is_valid():
        try:
            acts.submit_plan(case, **form.cleaned_data, by=request.member, at=now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, str(DONE["submit"]))
            return redirect("exchange:plan", case.reference)
    return _page(request, case, submit_form=form, status=form.status)


def _page(
    request: MemberRequest, case: SupervisionPlan, *, row_form: RowForm | None = None,
    submit_form: SubmitForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    at, possible = now(), PLAN.possible(case, request.member)
    simulation = simulate(case, at) if case.state in OPEN or (case.valid_from and case.valid_from > at) else None
    context: dict[str, Any] = {
        "case": case,
        "lines": case.rows.select_related("department").order_by("department__name", "pk"),
        "rows": [row for row in possible if row.action not in OWN_FORMS],
        "may": {row.action for row in possible},
        "row_form": row_form or RowForm(),
        "submit_form": submit_form or SubmitForm(),
        "simulation": simulation,
        "words": _words,
    }
    if simulation is not None:
        page = Paginator(simulation.guarantees, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "listed": [_listed(row, simulation) for row in page]}
    return render(request, "exchange/plan.html", context, status=status)


def _listed(row: Guarantee, simulation: Simulation) -> dict[str, Any]:
    return {"number": covered(row.number), "kind": row.get_kind_display(), "shift": shift_of(simulation, row)}


def _words(codes: list[str], of: str) -> str:
    """Return kinds of guarantees or projects in words; all of them where none is named."""
    if not codes:
        return _("全部")
    names = {code: str(kind.label) for code, kind in KINDS.items()} if of == "kinds" else dict(Project.Kind.choices)
    return "、".join(str(names.get(code, code)) for code in codes)


def _plan(request: MemberRequest, reference: str) -> SupervisionPlan:
    if not (request.member.can(DRAFT) or request.member.can(APPROVE)):
        raise Unknown(_("没有找到这份归口方案。"))
    found = SupervisionPlan.objects.filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这份归口方案。"))
    return found


def _names(houses: tuple[Any, ...]) -> str:
    return "、".join(house.name for house in houses)


COLUMNS = (
    Column(lazy("保函编号（遮盖）"), 24, "guarantees.Guarantee.state", lambda row: covered(row[0].number)),
    Column(lazy("保函类型"), 12, "guarantees.Guarantee.kind", lambda row: str(row[0].get_kind_display())),
    Column(lazy("工程类别"), 14, "projects.Project.kind", lambda row: _words([row[1].project_kind], "projects")),
    Column(lazy("行政区划"), 12, "projects.Project.region_code", lambda row: row[1].region_code),
    Column(lazy("不再归口"), 40, "accounts.Organisation.name", lambda row: _names(row[1].lose)),
    Column(lazy("新归口"), 40, "accounts.Organisation.name", lambda row: _names(row[1].gain)),
    Column(lazy("继续归口"), 40, "accounts.Organisation.name", lambda row: _names(row[1].keep)),
)
