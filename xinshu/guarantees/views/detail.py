"""One guarantee: its page, its acts, its live progress."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.books.lines import line_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.actions.application import submit_application, withdraw_application
from xinshu.guarantees.actions.approval import (
    approve_application,
    ask_papers,
    decline_application,
    return_application,
)
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.issuance import cancel_issue, issue_guarantee
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.actions.transfers import hand_in_slip
from xinshu.guarantees.applying.reuse import origins_of
from xinshu.guarantees.changes.panel import BEGIN
from xinshu.guarantees.facts import nature_label
from xinshu.guarantees.forms import PaymentForm, SlipForm
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.judging.committee import SIGNING, refresh_committee
from xinshu.guarantees.judging.decisions import decisions_of
from xinshu.guarantees.kinds import titles
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import panels_of
from xinshu.guarantees.payments import TRANSFER
from xinshu.guarantees.queries import due_days, returned_because, story_of, told_extras
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in, seat_in
from xinshu.work.models import STOP_REASONS
from xinshu.work.queries import Progress, progress_of

ON_ITS_WAY = ("submitted", "issuing")  # the system is at work: the page looks again by itself
DONE_ELSEWHERE = ("edit", "submit", *BEGIN)  # in the wizard, on the pages of changes


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the case to somebody for whom it exists; the inner matter to applicant and guarantor only."""
    member = member_of(request)
    guarantee = guarantee_for(member, reference)
    if guarantee.applicant_id != member.organisation_id:
        looked_at("guarantee.read", guarantee, by=member, at=now(), sealed_until=guarantee.secret_until)
    return render(request, "guarantees/detail.html", context_of(guarantee, member))


@needs("guarantees.view")
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell a waiting page whether the case has moved: 204 while it has not, a reload when it has."""
    guarantee = guarantee_for(member_of(request), reference)
    if str(guarantee.version) == request.GET.get("version"):
        return HttpResponse(status=204)
    return HttpResponse(status=200, headers={"HX-Refresh": "true"})


def context_of(guarantee: Guarantee, member: Member) -> dict[str, Any]:
    """Return what the detail page shows `member`."""
    sides = guarantee.sides_of(member)
    inside = bool(sides & {"applicant", "guarantor"})
    possible = LIFECYCLE.possible(guarantee, member)
    at = now()
    signs = "guarantor" in sides
    progress = progress_of(guarantee, member, at) if inside else None
    closed = set() if progress is None or guarantee.state != "in_review" else _not_theirs(progress)
    attachments = list(guarantee.attachments.select_related("file__blob").order_by("pk")) if inside else []
    by_transfer = inside and guarantee.payments.filter(state="requested", channel=TRANSFER).exists()
    paying = inside and guarantee.payments.filter(state="requested", amendment=None).exists()
    # The channel answered between the reading of the case and of its payments: a form would carry the version before,
    # and a page that waits would wait for news that has been told. It looks again instead.
    moved = guarantee.state == "fee_due" and guarantee.has_moved()
    return {
        "case": guarantee,
        "state": LIFECYCLE.states[guarantee.state],
        "sides": sides,
        "inside": inside,
        "acts": [row for row in possible if row.action not in (*DONE_ELSEWHERE, "pay", "ask_papers", *closed)],
        "progress": progress,
        "signs": signs,
        "stop_reasons": STOP_REASONS,
        "nature": nature_label(guarantee),
        "extras": told_extras(guarantee, member),
        "editable": any(row.action == "edit" for row in possible),
        "payable": any(row.action == "pay" for row in possible) and not paying and not moved,
        "payment_form": PaymentForm(),
        "slip_form": SlipForm(initial={"payer": guarantee.applicant.name, "paid_on": local_day(at)}),
        "by_transfer": by_transfer,
        "paying": paying and not by_transfer,
        "waiting": guarantee.state in ON_ITS_WAY or (paying and not by_transfer) or moved,
        "story": story_of(guarantee),
        "due_on": due_days([guarantee])[guarantee.pk],
        "reason": returned_because(guarantee) if inside else "",
        "timeline": timeline_of(guarantee, sides),
        "panels": panels_of(guarantee, member, at),
        "findings": guarantee.findings if inside else [],
        "decisions": decisions_of(guarantee, member),
        "line": line_of(guarantee.guarantor, guarantee.applicant) if inside else None,
        "payments": guarantee.payments.order_by("-pk") if inside else [],
        "attachments": attachments,
        "origins": origins_of(attachments, member, at),
        "papers_asked": guarantee.paper_requests.select_related("asked_by__user").order_by("pk") if inside else [],
        "asks_papers": any(row.action == "ask_papers" for row in possible) and "ask_papers" not in closed,
        "titles": titles(),
    }


def _not_theirs(progress: Progress) -> set[str]:
    """Return the buttons that the guarantor's plan does not give to the member now."""
    return ({"approve", "decline"} if not progress.may_sign else set()) | (
        {"return", "ask_papers"} if not progress.may_steer else set()
    )


Act = Callable[[Guarantee, Member, HttpRequest], object]


def _pay(guarantee: Guarantee, member: Member, request: HttpRequest) -> object:
    form = PaymentForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择付款账户。"))
    return request_payment(guarantee, channel="sandbox", account=form.cleaned_data["account"], by=member, at=now())


def _hand_in(guarantee: Guarantee, member: Member, request: HttpRequest) -> object:
    form = SlipForm(request.POST, request.FILES)
    if not form.is_valid():
        wrong = {name: str(errors[0]) for name, errors in form.errors.items()}
        raise Invalid(_("转账凭证没有提交，请填全付款户名、转账日期并选择凭证文件。"), fields=wrong)
    data = form.cleaned_data
    return hand_in_slip(
        guarantee, content=read_upload(data["slip"]), name=data["slip"].name, payer=data["payer"],
        paid_on=data["paid_on"], by=member, at=now(),
    )  # fmt: skip


ACTS: dict[str, tuple[Act, str]] = {
    "submit": (lambda case, by, request: submit_application(case, by=by, at=now()), "已提交，正在自动审查。"),
    "withdraw": (
        lambda case, by, request: withdraw_application(case, by=by, at=now(), reason=reason_in(request)),
        "申请已撤回。",
    ),
    "approve": (
        lambda case, by, request: approve_application(
            case, by=by, at=now(), opinion=request.POST.get("opinion", "").strip()[:500], seat=seat_in(request)
        ),
        "审批意见已签署。",
    ),
    "return": (
        lambda case, by, request: return_application(case, by=by, at=now(), reason=reason_in(request)),
        "已退回申请人补正。",
    ),
    "ask_papers": (
        lambda case, by, request: ask_papers(
            case,
            [title for title in request.POST.getlist("title") if title.strip()],
            note=request.POST.get("note", "").strip()[:300],
            by=by,
            at=now(),
        ),
        _("已请申请人补充材料，补齐后回到您这里。"),
    ),
    "decline": (
        lambda case, by, request: decline_application(
            case, by=by, at=now(), reason=reason_in(request), seat=seat_in(request)
        ),
        "审批意见已签署。",
    ),
    "pay": (_pay, "已向支付渠道发起扣款，结果会自动显示。"),
    "slip": (_hand_in, _("已提交转账凭证，等保证人财务核对。")),
    "issue": (lambda case, by, request: issue_guarantee(case, by=by, at=now()), "已签发，正在生成函件并签章。"),
    "cancel": (
        lambda case, by, request: cancel_issue(case, by=by, at=now(), reason=reason_in(request)),
        _("申请已终止，正在退还保费。"),
    ),
    "release": (
        lambda case, by, request: release_guarantee(case, by=by, at=now(), reason=reason_in(request)),
        "担保责任已解除。",
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    member = member_of(request)
    guarantee = guarantee_for(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    if action in SIGNING:
        refresh_committee(guarantee, by=member, at=now())
    doing(as_seen(guarantee, request), member, request)
    messages.success(request, _outcome(action, reference) or done)
    return redirect("guarantees:detail", reference)


def _outcome(action: str, reference: str) -> str:
    """Return what a signature led to, where it was the last one."""
    if action not in ("approve", "decline"):
        return ""
    state = Guarantee.objects.values_list("state", flat=True).get(reference=reference)
    return {
        "fee_due": _("审批已通过，已通知申请人缴费。"),
        "declined": _("已拒绝承保，原因已告知申请人。"),
        "in_review": _("您的意见已签署，等下一位签署人。"),
    }.get(state, "")


@needs("guarantees.view")
def evidence(request: HttpRequest, reference: str) -> HttpResponse:
    """Download the proof of what happened last to this guarantee, as far as the member may know of it."""
    member = member_of(request)
    guarantee = guarantee_for(member, reference)
    told = timeline_of(guarantee, guarantee.sides_of(member))
    if not told:
        raise Unknown(_("还没有可以下载的存证。"))
    answer = JsonResponse(evidence_of(told[0]["entry"]), json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"{guarantee.number or guarantee.reference}.evidence.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
