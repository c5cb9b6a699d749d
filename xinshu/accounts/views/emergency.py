"""应急处置: stop, trace, and let go on, from one page."""

import csv
import io
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts import queries
from xinshu.accounts.actions.emergency import begin_block, lift_block, take_report
from xinshu.accounts.forms import BlockForm, ReasonForm
from xinshu.accounts.models import Block, Member
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.stops import BEFORE, Trace, trace_of
from xinshu.core import clock
from xinshu.core.classification import class_of, shown
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown

PER_PAGE = 20


@needs("accounts.view")
def emergency_page(request: MemberRequest) -> HttpResponse:
    """应急处置: what is stopped now, the form to stop something, and what was stopped before."""
    member = request.member
    may_act = member.can("accounts.secure") or member.can("accounts.manage")
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        organisation = queries.named_organisation(typed["organisation"])
        if typed["organisation"] and organisation is None:
            form.add_error("organisation", _("平台上没有这个机构，请核对全称或信用代码"))
        else:
            try:
                begin_block(
                    typed["what"],
                    organisation,
                    target=typed["target"],
                    reason=typed["reason"],
                    by=member,
                    at=clock.now(),
                )
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已停止，下一次操作起生效。"))
                return redirect("accounts:emergency")
    blocks = Block.objects.select_related("organisation", "begun_by__user", "lifted_by__user")
    shown = {
        "form": form,
        "may_act": may_act,
        "in_force": blocks.filter(lifted_at=None).order_by("-begun_at"),
        "page": Paginator(blocks.exclude(lifted_at=None).order_by("-lifted_at"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "accounts/emergency.html", shown, status=form.status)


@needs("accounts.view")
def block_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One measure and its trace: what was done before, by whom, from where."""
    block, at = _block(reference), clock.now()
    trace = Paginator(trace_of(block, at), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/block.html", {"block": block, "page": trace, "before": BEFORE.days})


@require_POST
@needs("accounts.view")
def report_act(request: MemberRequest, reference: str) -> HttpResponse:
    """下载处置报告: the measure and its whole trace as CSV; works while exports are stopped."""
    block, at, by = _block(reference), clock.now(), request.member
    trace = take_report(block, by=by, at=at)
    text = io.StringIO()
    sheet = csv.writer(text)
    for row in (
        (_("应急处置报告"), block.reference),
        (_("事项"), block.get_what_display(), block.about),
        (_("原因"), block.reason),
        (_("停止"), stamp(block.begun_at), block.begun_by.actor_label),
        (_("恢复"), stamp(block.lifted_at) if block.lifted_at else _("尚未恢复"),
         block.lifted_by.actor_label if block.lifted_by else ""),
        (_("下载"), stamp(at), by.actor_label),
        (),
        (_("时间"), _("办理人"), _("内容"), _("来源")),
        *((stamp(one.at), *_covered(one, by)) for one in trace),
    ):  # fmt: skip
        sheet.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" and cell else cell for cell in row])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="incident-{block.reference}.csv"'
    return response


def stamp(at: datetime) -> str:
    return f"{at.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"


def _covered(one: Trace, by: Member) -> tuple[str, str, str]:
    return (
        shown("ledger.Entry.actor_label", one.who, by),
        class_of("accounts.Block.reason").shown(one.what, by),
        shown("accounts.SignInSession.address", one.where, by),
    )


def _block(reference: str) -> Block:
    found = Block.objects.select_related(
        "organisation", "begun_by__user", "begun_by__organisation", "lifted_by__user", "lifted_by__organisation"
    )
    block = found.filter(reference=reference).first()
    if block is None:
        raise Unknown(_("没有找到这项处置。"))
    return block


@require_POST
@needs("accounts.view")
def lift_act(request: MemberRequest, reference: str) -> HttpResponse:
    """恢复."""
    block = _block(reference)
    form = ReasonForm(request.POST)
    form.is_valid()
    lift_block(block, reason=form.cleaned_data.get("reason", ""), by=request.member, at=clock.now())
    messages.success(request, _("已恢复。"))
    return redirect("accounts:emergency")
