"""Beside signing: add a signer, return to an earlier level, stop and resume the clock."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.actions.signing import stop_on_evidence
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.web.posted import as_seen
from xinshu.work.actions.approvals import add_signer, approval_of, return_to_level
from xinshu.work.actions.clock import resume_clock
from xinshu.work.forms import AddSignerForm, BackForm, StopForm
from xinshu.work.models import Approval


def _add(approval: Approval, case: Guarantee, by: Member, request: HttpRequest) -> str:
    form = AddSignerForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择加签的同事，并写明原因。"))
    data = form.cleaned_data
    colleagues = Member.objects.acting().filter(organisation=by.organisation_id, user=data["signer"])
    signer = colleagues.first()
    if signer is None:
        raise Invalid(_("只能加签本机构的同事。"), fields={"signer": _("请从名单中选择")})
    before = data["where"] == "before"
    add_signer(approval, case, signer=signer, before=before, reason=data["reason"], by=by, at=now())
    return _("已加签%(name)s，并通知此人。") % {"name": signer.user.name}


def _back(approval: Approval, case: Guarantee, by: Member, request: HttpRequest) -> str:
    form = BackForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择退回到哪一级，并写明原因。"))
    data = form.cleaned_data
    return_to_level(approval, case, key=data["level"], reason=data["reason"], by=by, at=now())
    return _("已退回，由那一级重新签署。")


def _stop(approval: Approval, case: Guarantee, by: Member, request: HttpRequest) -> str:
    form = StopForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Invalid(_("请选择原因、写明情况，并附上依据文件。"))
    data = form.cleaned_data
    content = read_upload(data["file"])
    stop_on_evidence(
        approval, case, reason=data["code"], note=data["reason"], content=content, name=data["file"].name,
        by=by, at=now(),
    )  # fmt: skip
    return _("计时已暂停，申请人可以看到原因和依据。")


def _resume(approval: Approval, case: Guarantee, by: Member, request: HttpRequest) -> str:
    resume_clock(approval, case, by=by, at=now())
    return _("计时已恢复，时限顺延。")


STEPS: dict[str, Callable[[Approval, Guarantee, Member, HttpRequest], str]] = {
    "add": _add,
    "back": _back,
    "stop": _stop,
    "resume": _resume,
}


@require_POST
@needs("guarantees.view")
def step(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Steer the approval of a case. The posted version is that of the approval as the person saw it."""
    member = member_of(request)
    case = guarantee_for(member, reference)
    if action not in STEPS:
        raise Unknown(_("没有这项操作。"))
    if "guarantor" not in case.sides_of(member):
        raise NotPermitted(_("只有保证人一方可以调整审批。"))
    approval = approval_of(case)
    if approval is None or approval.state != "open":
        raise NotNow(_("这笔申请不在审批中。"), advice=_("可能已有人先办理。刷新页面可以看到最新进展。"))
    messages.success(request, STEPS[action](as_seen(approval, request), case, member, request))
    return redirect("guarantees:detail", reference)
