"""应急处置: stop, trace, and let go on, from one page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts import queries
from xinshu.accounts.actions.emergency import begin_block, lift_block
from xinshu.accounts.forms import BlockForm, ReasonForm
from xinshu.accounts.models import Block
from xinshu.accounts.requests import MemberRequest
from xinshu.core import clock
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
                begin_block(typed["what"], organisation, reason=typed["reason"], by=member, at=clock.now())
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


@require_POST
@needs("accounts.view")
def lift_act(request: MemberRequest, reference: str) -> HttpResponse:
    """恢复."""
    block = Block.objects.filter(reference=reference).first()
    if block is None:
        raise Unknown(_("没有找到这项处置。"))
    form = ReasonForm(request.POST)
    form.is_valid()
    lift_block(block, reason=form.cleaned_data.get("reason", ""), by=request.member, at=clock.now())
    messages.success(request, _("已恢复。"))
    return redirect("accounts:emergency")
