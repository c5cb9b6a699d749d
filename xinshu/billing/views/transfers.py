"""转账核对: the fees that came by transfer, with the slip, the bank's lines that may be theirs, and finance's word."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.actions.transfers import confirm_on_line
from xinshu.billing.bank import BankLine
from xinshu.billing.matching import bare
from xinshu.billing.views.doors import attachment, page_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.guarantees.actions.transfers import confirm_given_back, confirm_slip, refuse_slip
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.payments import TRANSFER
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import LIMIT, Column, export_sheet

PAGE = 20
WITHIN = timedelta(days=10)  # between the day on the slip and the bank's own
VIEWS = {
    "waiting": (lazy("待核对"), (Payment.State.REQUESTED,)),
    "returning": (lazy("待退款"), (Payment.State.REFUNDING,)),
    "done": (lazy("已办"), (Payment.State.CONFIRMED, Payment.State.REFUSED, Payment.State.REFUNDED)),
}
TONES = {"requested": "warn", "confirmed": "ok", "refused": "danger", "refunding": "warn", "refunded": "mute"}


def _transfers(member: Member, view: str) -> "QuerySet[Payment]":
    found = Payment.objects.filter(channel=TRANSFER, guarantee__guarantor=member.organisation, state__in=VIEWS[view][1])
    return found.select_related("slip__file", "guarantee__applicant", "guarantee__project").order_by("requested_at")


@require_GET
@needs("billing.reconcile")
def show_list(request: HttpRequest) -> HttpResponse:
    """Show what waits for finance, oldest first."""
    member, page = member_of(request), page_of(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "waiting"
    rows = list(_transfers(member, view)[(page - 1) * PAGE : page * PAGE + 1])
    tabs = []
    for code, (label, _states) in VIEWS.items():
        count = _transfers(member, code)[:1001].count()
        address = f"{reverse('billing:transfers')}?view={code}"
        tabs.append((str(label), address, count if count <= 1000 else "1,000+", code == view))
    context = {
        "rows": rows[:PAGE], "views": tabs, "view": view, "page": page, "has_next": len(rows) > PAGE, "tones": TONES,
    }  # fmt: skip
    return render(request, "billing/transfers.html", context)


@require_GET
@needs("billing.reconcile")
def show(request: HttpRequest, order_number: str) -> HttpResponse:
    """Show one transfer with its slip, and the bank lines of the same amount around its day."""
    member, payment = member_of(request), _transfer(request, order_number)
    context = {
        "payment": payment,
        "tone": TONES[payment.state],
        "lines": _candidates(member, payment) if payment.state == Payment.State.REQUESTED else [],
        "own": payment.slip.handed_in_by == member.actor_key,
    }
    return render(request, "billing/transfer.html", context)


def _candidates(member: Member, payment: Payment) -> list[BankLine]:
    """Return the free lines of the same amount around the slip's day, those in the payer's name first."""
    on, payer = payment.slip.paid_on, bare(payment.slip.payer)
    found = BankLine.objects.visible_to(member).left()
    found = found.filter(amount=payment.amount, on__range=(on - WITHIN, on + WITHIN)).order_by("on", "pk")
    return sorted(found[:20], key=lambda line: bare(line.payer) != payer)


def _confirm(payment: Payment, by: Member, request: HttpRequest) -> None:
    reference = request.POST.get("line", "").strip()
    if not reference:
        confirm_slip(payment, by=by, at=now())
        return
    line = BankLine.objects.visible_to(by).filter(reference=reference[:16]).select_related("house").first()
    if line is None:
        raise Unknown(_("没有找到这笔流水。"), advice=_("请刷新页面，从列出的流水中选择。"))
    confirm_on_line(payment, line, by=by, at=now())


def _refuse(payment: Payment, by: Member, request: HttpRequest) -> None:
    refuse_slip(payment, reason=request.POST.get("reason", ""), by=by, at=now())


def _give_back(payment: Payment, by: Member, request: HttpRequest) -> None:
    confirm_given_back(payment, receipt=request.POST.get("receipt", ""), by=by, at=now())


ACTS: dict[str, tuple[Callable[[Payment, Member, HttpRequest], None], Any]] = {
    "confirm": (_confirm, lazy("已确认到账，保函转待签发。")),
    "refuse": (_refuse, lazy("已告知申请人没有到账的原因。")),
    "give-back": (_give_back, lazy("已登记退款。")),
}


@require_POST
@needs("billing.reconcile")
def act(request: HttpRequest, order_number: str, action: str) -> HttpResponse:
    """Say whether the money is there, or that it went back."""
    payment = _transfer(request, order_number)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(payment, member_of(request), request)
    messages.success(request, str(done))
    return redirect("billing:transfer", order_number)


def _transfer(request: HttpRequest, order_number: str) -> Payment:
    mine = Payment.objects.filter(channel=TRANSFER, guarantee__guarantor=member_of(request).organisation)
    payment = mine.select_related("slip__file", "guarantee__applicant", "guarantee__project").filter(
        order_number=order_number
    )
    if (found := payment.first()) is None:
        raise Unknown(_("没有找到这笔转账。"), advice=_("请从“转账核对”页面打开。"))
    return found


@require_GET
@needs("billing.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the transfers of one list as Excel."""
    member, at = member_of(request), now()
    view = request.GET.get("view", "")
    found = _transfers(member, view if view in VIEWS else "waiting")
    told = Guarantee.objects.filter(pk__in=found.order_by().values("guarantee"))
    made = export_sheet(
        _("转账核对"), COLUMNS, found[:LIMIT], kind="transfers.exported", subject=member.organisation, by=member,
        at=at, sealed_until=secret_until(told, at),
    )  # fmt: skip
    return attachment(made.content, _("转账核对"), at)


COLUMNS = (
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", lambda row: row.order_number),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("付款户名"), 32, "guarantees.TransferSlip.payer", lambda row: row.slip.payer),
    Column(lazy("转账日期"), 12, "guarantees.TransferSlip.payer", lambda row: row.slip.paid_on.isoformat()),
    Column(lazy("金额（元）"), 16, "guarantees.Payment.amount", lambda row: row.amount / 100, money=True),
    Column(lazy("状态"), 10, "guarantees.Payment.state", lambda row: str(row.get_state_display())),
    Column(lazy("说明"), 40, "guarantees.Payment.reason", lambda row: row.reason),
)
