"""Ties told by hand, corrected, taken back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now, today
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Invalid, Unknown
from xinshu.enterprises.actions import may_enter
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.views.doors import enterprise_for
from xinshu.ties.actions import correct_tie, may_correct, points, tell_tie, withdraw_tie
from xinshu.ties.analysis import words_of
from xinshu.ties.forms import FactsForm, TieForm
from xinshu.ties.models import Tie
from xinshu.ties.nodes import found_node
from xinshu.ties.queries import seen_by, surroundings
from xinshu.web.posted import reason_in

OFFERED = 200  # nodes to choose from


@signed_in
def tell(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter a tie of a firm whose record the person keeps."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    may_enter(enterprise, member)
    node, on = found_node(enterprise.organisation), today()
    there = surroundings(node, seen_by(member, on, on), most=OFFERED) if node else None
    nodes = [one for one in there.nodes.values() if one != node] if there else []
    form = TieForm(request.POST or None, request.FILES or None, nodes=nodes)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            tell_tie(
                enterprise, form.other(), form.facts(told["kind"]), from_other=told["direction"] == "from",
                upload=told["file"], label=told["label"], about=told["about"], by=member, at=now(),
            )  # fmt: skip
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已登记，图谱已更新。"))
            return redirect("ties:show", reference)
    return render(
        request, "ties/tell.html", {"enterprise": enterprise, "form": form, "nodes": nodes}, status=form.status
    )


@signed_in
def correct(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct what a tie says; the former entry stays in the history."""
    member = member_of(request)
    tie = _tie(member, reference)
    enterprise = _home_of(tie, member)
    share = points(tie.share) if tie.share else None
    form = FactsForm(
        request.POST or None,
        initial={"share": share, "amount": tie.amount, "role": tie.role, "valid_from": tie.valid_from,
                 "valid_until": tie.valid_until},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            correct_tie(tie, form.facts(tie.kind), reason=reason_in(request), by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已更正；原来的内容留在记录里，按当时日期仍可查看。"))
            return redirect("ties:show", enterprise.reference)
    context = {
        "enterprise": enterprise, "tie": tie, "form": form, "words": words_of(tie), "may": may_correct(tie, member),
        "reason": request.POST.get("reason", "")[:300],
    }  # fmt: skip
    return render(request, "ties/correct.html", context, status=form.status)


@require_POST
@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a tie never was."""
    member = member_of(request)
    tie = _tie(member, reference)
    enterprise = _home_of(tie, member)
    withdraw_tie(tie, reason=reason_in(request), by=member, at=now())
    messages.success(request, _("已撤销，图谱不再显示；记录里保留原来的内容和原因。"))
    return redirect("ties:show", enterprise.reference)


def _tie(member: Member, reference: str) -> Tie:
    found = (
        Tie.objects.visible_to(member).filter(reference=reference).select_related("source", "target", "file").first()
    )
    if found is None:
        raise Unknown(_("没有找到这条关系。"), advice=_("请从企业的关联图谱进入。"))
    return found


def _home_of(tie: Tie, member: Member) -> Enterprise:
    """Return the firm from whose graph the person comes: the end whose record they may see."""
    ends = [node.organisation_id for node in (tie.target, tie.source) if node.organisation_id]
    found = Enterprise.objects.visible_to(member).filter(organisation__in=ends).select_related("organisation")
    homes = {one.organisation_id: one for one in found}
    home = next((homes[end] for end in ends if end in homes), None)
    if home is None:
        raise Unknown(_("没有找到这条关系。"), advice=_("请从企业的关联图谱进入。"))
    return home
