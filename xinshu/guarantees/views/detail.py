"""One guarantee: its page, its acts, its live progress."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.books.lines import line_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.actions.application import submit_application, withdraw_application
from xinshu.guarantees.actions.approval import approve_application, decline_application, return_application
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.issuance import cancel_issue, issue_guarantee
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.committee import SIGNING, refresh_committee
from xinshu.guarantees.facts import nature_label
from xinshu.guarantees.forms import PaymentForm
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import due_days, returned_because, story_of
from xinshu.guarantees.views.doors import as_seen, guarantee_for, member_of
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.reads import looked_at
from xinshu.work.models import STOP_REASONS
from xinshu.work.queries import Progress, progress_of

ON_ITS_WAY = ("submitted", "issuing")  # the system is at work: the page looks again by itself
DONE_IN_WIZARD = ("edit", "submit")


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
    paying = inside and guarantee.payments.filter(state="requested").exists()
    return {
        "case": guarantee,
        "state": LIFECYCLE.states[guarantee.state],
        "sides": sides,
        "inside": inside,
        "acts": [row for row in possible if row.action not in (*DONE_IN_WIZARD, "pay", *closed)],
        "progress": progress,
        "signs": signs,
        "stop_reasons": STOP_REASONS,
        "nature": nature_label(guarantee),
        "editable": any(row.action == "edit" for row in possible),
        "payable": any(row.action == "pay" for row in possible) and not paying,
        "payment_form": PaymentForm(),
        "paying": paying,
        "waiting": guarantee.state in ON_ITS_WAY or paying,
        "story": story_of(guarantee),
        "due_on": due_days([guarantee])[guarantee.pk],
        "reason": returned_because(guarantee) if inside else "",
        "timeline": timeline_of(guarantee, sides),
        "findings": guarantee.findings if inside else [],
        "line": line_of(guarantee.guarantor, guarantee.applicant) if inside else None,
        "payments": guarantee.payments.order_by("-pk") if inside else [],
        "attachments": guarantee.attachments.select_related("file__blob").order_by("pk") if inside else [],
    }


def _not_theirs(progress: Progress) -> set[str]:
    """Return the buttons that the guarantor's plan does not give to the member now."""
    return ({"approve", "decline"} if not progress.may_sign else set()) | (
        {"return"} if not progress.may_steer else set()
    )


Act = Callable[[Guarantee, Member, HttpRequest], object]


def _reason(request: HttpRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Invalid(_("请写明原因。"), advice=_("对方会看到您写的内容。"), fields={"reason": _("还没有填写")})
    return reason[:500]


def _seat(request: HttpRequest) -> int | None:
    """Return for whom the member signs; None: the own seat, or the only one there is."""
    seat = request.POST.get("seat", "")
    return int(seat) if seat.isascii() and seat.isdecimal() and len(seat) < 19 else None


def _pay(guarantee: Guarantee, member: Member, request: HttpRequest) -> object:
    form = PaymentForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择付款账户。"))
    return request_payment(guarantee, channel="sandbox", account=form.cleaned_data["account"], by=member, at=now())


ACTS: dict[str, tuple[Act, str]] = {
    "submit": (lambda case, by, request: submit_application(case, by=by, at=now()), "已提交，正在自动审查。"),
    "withdraw": (
        lambda case, by, request: withdraw_application(case, by=by, at=now(), reason=_reason(request)),
        "申请已撤回。",
    ),
    "approve": (
        lambda case, by, request: approve_application(
            case, by=by, at=now(), opinion=request.POST.get("opinion", "").strip()[:500], seat=_seat(request)
        ),
        "审批意见已签署。",
    ),
    "return": (
        lambda case, by, request: return_application(case, by=by, at=now(), reason=_reason(request)),
        "已退回申请人补正。",
    ),
    "decline": (
        lambda case, by, request: decline_application(
            case, by=by, at=now(), reason=_reason(request), seat=_seat(request)
        ),
        "审批意见已签署。",
    ),
    "pay": (_pay, "已向支付渠道发起扣款，结果会自动显示。"),
    "issue": (lambda case, by, request: issue_guarantee(case, by=by, at=now()), "已签发，正在生成函件并签章。"),
    "cancel": (
        lambda case, by, request: cancel_issue(case, by=by, at=now(), reason=_reason(request)),
        _("申请已终止，正在退还保费。"),
    ),
    "release": (
        lambda case, by, request: release_guarantee(case, by=by, at=now(), reason=_reason(request)),
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
