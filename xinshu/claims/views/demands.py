"""One demand: how it comes in, its page, its acts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.claims import checks
from xinshu.claims.actions.examination import (
    Mark,
    agree_to_pay,
    clock_of,
    is_precluded,
    mark_findings,
    propose_payment,
    propose_refusal,
    refuse_demand,
    seen_by_machine,
    send_back,
)
from xinshu.claims.actions.payout import request_payout
from xinshu.claims.actions.presentation import (
    Payee,
    attach_paper,
    complete_demand,
    last_day_of,
    present_demand,
    state_position,
    withdraw_demand,
)
from xinshu.claims.actions.suspension import decline_extension, grant_extension, suspend_payment
from xinshu.claims.committee import PAY, REFUSE
from xinshu.claims.forms import CompleteForm, DemandForm
from xinshu.claims.history import timeline_of
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand, Injunction, Position, RefusalNotice
from xinshu.claims.queries import due_on
from xinshu.claims.views.doors import demand_for, files_in
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.guarantees.facts import nature_label
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in, seat_in
from xinshu.work.queries import progress_of

BY_OWN_FORM = ("attach", "complete", "comment", "mark")  # acts with a form of their own on the page
WITH_OPINION = ("propose_refusal", "propose_payment", "agree", "refuse")


@needs("claims.present")
def new(request: HttpRequest, reference: str) -> HttpResponse:
    """Demand payment under a guarantee: one form, one act."""
    member = member_of(request)
    guarantee = guarantee_for(member, reference)
    if guarantee.beneficiary_id != member.organisation_id:
        raise NotPermitted(_("只有保函的受益人可以索赔。"))
    form = DemandForm(request.POST or None, initial=proposed(guarantee, member, request))
    if request.method == "POST" and form.is_valid():
        try:
            demand = present(guarantee, form.cleaned_data, request, by=member)
        except Invalid as refusal:
            show_in(form, refusal)
        else:
            messages.success(request, taken_in(demand))
            return redirect("claims:detail", demand.reference)
    context = {
        "case": guarantee,
        "form": form,
        "last_day": last_day_of(guarantee),
        "statement_needed": guarantee.nature,
        "documents": [check.label for check in checks.checks_for(guarantee.nature) if check.code == "documents"],
    }
    return render(request, "claims/new.html", context, status=422 if form.is_bound else 200)


def present(guarantee: Guarantee, data: dict[str, Any], request: HttpRequest, *, by: Member) -> Demand:
    """Present what a DemandForm held, with the files that came with it, for `by`."""
    return present_demand(
        guarantee,
        amount=data["amount"],
        statement=data["statement"].strip(),
        payee=Payee(data["payee_name"], data["payee_bank"], data["payee_account"].replace(" ", "")),
        papers=files_in(request, "files"),
        to_complete=data["to_complete"].strip() if data["later"] else "",
        extend_to=data["extend_to"],
        previous=_previous(guarantee, request),
        by=by,
        at=now(),
    )


def taken_in(demand: Demand) -> str:
    """Return what is said to whoever has just presented `demand`."""
    return _("索赔已收到，补齐单据后开始审核。") if demand.to_complete else _("索赔已送达保证人。")


def proposed(guarantee: Guarantee, member: Member, request: HttpRequest) -> dict[str, Any]:
    """Return what a new DemandForm begins with: the demand before, or the whole that is left, to the house itself."""
    previous = _previous(guarantee, request)
    if previous is not None:
        names = ("amount", "statement", "payee_name", "payee_bank", "payee_account")
        return {name: getattr(previous, name) for name in names}
    return {"payee_name": member.organisation.name, "amount": guarantee.available_amount}


def _previous(guarantee: Guarantee, request: HttpRequest) -> Demand | None:
    reference = request.GET.get("previous", "")
    return Demand.objects.filter(guarantee=guarantee, reference=reference).first() if reference else None


@needs("claims.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a demand to somebody for whom it exists: each side its part."""
    member = member_of(request)
    demand = demand_for(member, reference)
    looked_at("claim.read", demand, by=member, at=now(), sealed_until=demand.secret_until)
    return render(request, "claims/detail.html", context_of(demand, member))


def context_of(demand: Demand, member: Member) -> dict[str, Any]:
    """Return what the page shows `member`."""
    sides, at = demand.sides_of(member), now()
    on, examines = local_day(at), "guarantor" in sides
    possible = DEMAND.possible(demand, member)
    progress = progress_of(demand, member, at) if examines else None
    hidden = set(BY_OWN_FORM)
    if demand.state == "deciding":
        hidden.add("refuse" if demand.proposal.get("outcome") == PAY else "agree")
        if progress is None or not progress.may_sign:
            hidden |= {"agree", "refuse", "object"}
    if demand.extend_to is None or demand.suspended_until is not None:
        hidden.add("suspend")
    precluded = is_precluded(demand, on)
    if precluded:
        hidden |= {"propose_refusal", "refuse"}
    clock = clock_of(demand)
    return {
        "demand": demand,
        "case": demand.guarantee,
        "state": DEMAND.states[demand.state],
        "sides": sides,
        "examines": examines,
        "acts": [row for row in possible if row.action not in hidden],
        "may": {row.action for row in possible},
        "with_opinion": WITH_OPINION,
        "progress": progress,
        "clock": clock,
        "precluded": precluded,
        "days_left": None if demand.due_on is None else (demand.due_on - on).days,
        "due_on": due_on(demand),
        "nature": nature_label(demand.guarantee),
        "partly": demand.guarantee.nature != Nature.INDEPENDENT,
        "checklist": _checklist(demand) if examines else [],
        "others": [row["note"] for row in demand.findings if row["code"] == checks.OTHER] if examines else [],
        "verdicts": checks.VERDICTS.items(),
        "papers": demand.papers.select_related("file__blob").order_by("pk") if sides else [],
        "notice": _notice(demand),
        "positions": demand.positions.order_by("-pk") if sides & {"applicant", "guarantor"} else [],
        "stances": Position.Stance.choices,
        "payouts": demand.payouts.order_by("-pk") if sides else [],
        "injunctions": Injunction.objects.filter(guarantee=demand.guarantee).on(on) if sides else [],
        "recourse": getattr(demand, "recourse", None) if sides & {"applicant", "guarantor"} else None,
        "complete_form": CompleteForm(initial={"statement": demand.statement}),
        "again": "beneficiary" in sides and demand.state in ("refused", "withdrawn", "overtime")
        and demand.guarantee.state == "in_force" and member.can("claims.present"),
        "last_day": last_day_of(demand.guarantee),
        "timeline": timeline_of(demand, sides),
        "pay": PAY,
        "refuse": REFUSE,
    }  # fmt: skip


def _notice(demand: Demand) -> RefusalNotice | None:
    return getattr(demand, "notice", None)


def _checklist(demand: Demand) -> list[dict[str, Any]]:
    """Return the checks with what is marked; before anything is, with what the platform sees by itself."""
    marked = {row["code"]: Mark(row["verdict"], row["note"]) for row in demand.findings}
    seen = marked or seen_by_machine(demand)
    return [
        {"check": check, "mark": seen.get(check.code, Mark(checks.OPEN))}
        for check in checks.checks_for(demand.guarantee.nature)
    ]


Act = Callable[[Demand, Member, HttpRequest], object]


def _opinion(request: HttpRequest) -> str:
    return request.POST.get("opinion", "").strip()[:500]


def _mark(demand: Demand, by: Member, request: HttpRequest) -> object:
    marks = {
        check.code: Mark(request.POST.get(f"verdict-{check.code}", ""), request.POST.get(f"note-{check.code}", ""))
        for check in checks.checks_for(demand.guarantee.nature)
    }
    others = request.POST.get("others", "")[:4000].splitlines()
    return mark_findings(demand, marks, others, by=by, at=now())


def _propose_payment(demand: Demand, by: Member, request: HttpRequest) -> object:
    text = request.POST.get("amount", "").strip()
    amount = parse_yuan(text) if text else None
    return propose_payment(demand, amount=amount, opinion=_opinion(request), by=by, at=now())


def _attach(demand: Demand, by: Member, request: HttpRequest) -> object:
    files = files_in(request, "file")
    if not files:
        raise Invalid(_("没有选择文件。"), fields={"file": _("还没有选择")})
    return attach_paper(demand, *files[0], by=by, at=now())


def _comment(demand: Demand, by: Member, request: HttpRequest) -> object:
    stance, text = request.POST.get("stance", ""), request.POST.get("text", "")
    return state_position(demand, stance=stance, text=text, by=by, at=now())


ACTS: dict[str, tuple[Act, str]] = {
    "attach": (_attach, "已保存单据。"),
    "complete": (
        lambda case, by, request: complete_demand(
            case, statement=request.POST.get("statement", "")[:4000], by=by, at=now()
        ),
        "单据已补齐，保证人开始审核。",
    ),
    "withdraw": (
        lambda case, by, request: withdraw_demand(case, reason=reason_in(request), by=by, at=now()),
        "索赔已撤回。",
    ),
    "comment": (_comment, "您的意见已送达保证人。"),
    "mark": (_mark, "审核记录已保存。"),
    "propose_payment": (_propose_payment, "已提出付款，等复核。"),
    "propose_refusal": (
        lambda case, by, request: propose_refusal(case, opinion=_opinion(request), by=by, at=now()),
        "已提出拒付，等复核。",
    ),
    "agree": (
        lambda case, by, request: agree_to_pay(
            case, opinion=_opinion(request), by=by, at=now(), seat=seat_in(request)
        ),
        "复核意见已签署。",
    ),
    "refuse": (
        lambda case, by, request: refuse_demand(
            case, opinion=_opinion(request), by=by, at=now(), seat=seat_in(request)
        ),
        "复核意见已签署。",
    ),
    "object": (
        lambda case, by, request: send_back(
            case, reason=reason_in(request), by=by, at=now(), seat=seat_in(request)
        ),
        "已退回审核人。",
    ),
    "suspend": (lambda case, by, request: suspend_payment(case, by=by, at=now()), "已暂停付款，并通知受益人和申请人。"),
    "grant_extension": (
        lambda case, by, request: grant_extension(case, reason=reason_in(request), by=by, at=now()),
        "保函已展期，索赔视为撤回。",
    ),
    "decline_extension": (
        lambda case, by, request: decline_extension(case, reason=reason_in(request), by=by, at=now()),
        "不展期，已转付款。",
    ),
    "pay": (
        lambda case, by, request: request_payout(case, channel="sandbox", by=by, at=now()),
        "付款指令已发出，结果会自动显示。",
    ),
}  # fmt: skip


@require_POST
@needs("claims.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    member = member_of(request)
    demand = demand_for(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(demand, request), member, request)
    messages.success(request, _outcome(action, reference) or done)
    return redirect("claims:detail", reference)


def _outcome(action: str, reference: str) -> str:
    """Return what a signature led to, where it was the last one."""
    if action not in ("agree", "refuse"):
        return ""
    state = Demand.objects.values_list("state", flat=True).get(reference=reference)
    return {
        "complying": _("已认定相符，转财务付款。"),
        "refused": _("拒付通知已发出。"),
        "deciding": _("您的意见已签署，等下一位签署人。"),
    }.get(state, "")
