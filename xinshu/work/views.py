"""The doors: approval plans with their editor and preview, delegations, an institution's own days."""

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.web.posted import version_in
from xinshu.work.actions.delegations import delegate_signing, end_delegation
from xinshu.work.actions.plans import (
    activate_plan,
    discard_plan,
    draft_plan,
    edit_plan,
    set_own_day,
    what_is_wrong,
)
from xinshu.work.actions.standing_in import appoint_stand_in
from xinshu.work.cases import KINDS
from xinshu.work.forms import DelegationForm, OwnDayForm, StandInForm, levels_formset, levels_in
from xinshu.work.lifecycle import DELEGATION, PLAN
from xinshu.work.models import ApprovalPlan, Delegation, OwnDay
from xinshu.work.people import badges_of, signers_of
from xinshu.work.queries import (
    badge_words,
    names_of,
    preview,
    short_approvals,
    shortages_of,
    words_for_condition,
    words_for_signers,
)

SHOWN_DAYS = 20


def _plan(member: Member, reference: str) -> ApprovalPlan:
    found = ApprovalPlan.objects.visible_to(member).filter(reference=reference)
    plan = found.select_related("organisation", "drafted_by__user", "activated_by__user").first()
    if plan is None or plan.kind not in KINDS:
        raise Unknown(_("没有找到这份审批方案。"), advice=_("它可能不属于您所在的机构。"))
    return plan


@needs("work.plans")
def plans(request: HttpRequest) -> HttpResponse:
    """审批方案: every version of every kind, the one in use first."""
    member = member_of(request)
    kinds = [kind for kind in KINDS.values() if signers_of(member.organisation_id, kind.code)]
    found = ApprovalPlan.objects.visible_to(member).select_related("drafted_by__user", "activated_by__user")
    order = {"draft": 0, "active": 1, "retired": 2}
    rows = sorted(found, key=lambda plan: (plan.kind, order[plan.state], -plan.number))
    context = {
        "rows": [{"plan": plan, "kind": KINDS[plan.kind].label, "state": plan.standing} for plan in rows],
        "kinds": kinds,
        "drafting": {plan.kind for plan in rows if plan.state == "draft"},
        "may_design": member.can("work.design"),
        "days": OwnDay.objects.filter(organisation=member.organisation).order_by("-day")[:SHOWN_DAYS],
        "day_form": OwnDayForm(),
    }
    return render(request, "work/plans.html", context)


@require_POST
@needs("work.design")
def new_plan(request: HttpRequest) -> HttpResponse:
    """Begin the next version."""
    plan = draft_plan(request.POST.get("kind", "")[:20], by=member_of(request), at=clock.now())
    messages.success(request, _("已按启用中的方案起草新版，修改后由另一人启用。"))
    return redirect("work:plan", plan.reference)


@needs("work.plans")
def plan(request: HttpRequest, reference: str) -> HttpResponse:
    """One version: its levels (a draft in the editor), what would become of past cases, who wrote and activated it."""
    member = member_of(request)
    return _show(request, _plan(member, reference), member)


def _show(request: HttpRequest, plan: ApprovalPlan, member: Member, formset: BaseFormSet | None = None) -> HttpResponse:
    signers = signers_of(plan.organisation_id, plan.kind)
    names = names_of(
        {member.user_id for member in signers} | {person for level in plan.steps for person in level.people}
    )
    possible = PLAN.possible(plan, member)
    editable = any(row.action == "edit" for row in possible)
    context = {
        "plan": plan,
        "kind": KINDS[plan.kind],
        "state": plan.standing,
        "levels": [
            {
                "level": level,
                "who": words_for_signers(level, names, plan.kind, plan.organisation.role_table),
                "condition": words_for_condition(level, plan.kind),
            }
            for level in plan.steps
        ],
        "acts": [row for row in possible if row.action != "edit"],
        "editable": editable,
        "formset": (formset or levels_formset(plan)) if editable else None,
        "escalations": [("", _("不升级")), *_badges(plan, signers)],
        "escalates_to": badge_words(plan.escalates_to, plan.kind, plan.organisation.role_table)
        if plan.escalates_to
        else _("不升级"),
        "trouble": what_is_wrong(plan) if plan.state != "retired" else "",
        "preview": preview(plan),
        "hands": "、".join(names_of(plan.hands).values()),
    }
    status = 422 if formset is not None and formset.is_bound else 200
    return render(request, "work/plan.html", context, status=status)


def _badges(plan: ApprovalPlan, signers: list[Member]) -> list[tuple[str, str]]:
    held = {badge for member in signers for badge in badges_of(member) if badge.startswith("role:")}
    held |= {"role:director"}
    return [(badge, badge_words(badge, plan.kind, plan.organisation.role_table)) for badge in sorted(held)]


@require_POST
@needs("work.plans")
def plan_act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Save, activate or discard a draft."""
    member, at = member_of(request), clock.now()
    plan = _plan(member, reference)
    if action not in ("edit", "activate", "discard"):
        raise Unknown(_("没有这项操作。"))
    plan.version = version_in(request)
    if action == "edit":
        PLAN.step("edit", plan, member)  # before anything is read from the form
        formset = levels_formset(plan, request.POST)
        if not formset.is_valid():
            return _show(request, plan, member, formset)
        escalates_to = request.POST.get("escalates_to", "")
        if escalates_to not in {badge for badge, _words in _badges(plan, signers_of(plan.organisation_id, plan.kind))}:
            escalates_to = ""
        edit_plan(plan, levels=levels_in(formset), escalates_to=escalates_to, by=member, at=at)
        messages.success(request, _("草稿已保存，由另一人启用后生效。"))
    elif action == "activate":
        activate_plan(plan, by=member, at=at)
        messages.success(request, _("方案已启用，新的申请按这一版审批。"))
    else:
        discard_plan(plan, by=member, at=at)
        messages.success(request, _("草稿已放弃。"))
        return redirect("work:plans")
    return redirect("work:plan", reference)


@require_POST
@needs("work.design")
def own_day(request: HttpRequest) -> HttpResponse:
    """Say that one's institution works on a day, or does not."""
    form = OwnDayForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请填写日期和说明。"), advice=_("已有的安排没有改动。"))
    data = form.cleaned_data
    set_own_day(data["day"], works=data["works"] == "yes", note=data["note"], by=member_of(request), at=clock.now())
    messages.success(request, _("工作日历已更新，时限按新日历计算。"))
    return redirect("work:plans")


@needs("work.appoint")
def short(request: HttpRequest) -> HttpResponse:
    """缺人的审批: where nobody is left who may sign, and who could stand in."""
    found = shortages_of(member_of(request), clock.now())
    return render(request, "work/short.html", {"rows": found})


@require_POST
@needs("work.appoint")
def appoint(request: HttpRequest, reference: str) -> HttpResponse:
    """Appoint a stand-in for one level of one approval."""
    member = member_of(request)
    approval = short_approvals(member).filter(reference=reference).first()
    if approval is None:
        raise Unknown(_("没有找到这笔缺人的审批。"), advice=_("可能已有人指定了代签人。刷新页面可以看到最新情况。"))
    approval.version = version_in(request)
    form = StandInForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择代签人，并写明原因。"), advice=_("还没有指定任何人。"))
    key, _bar, person = form.cleaned_data["place"].rpartition("|")
    colleagues = Member.objects.acting().filter(organisation=member.organisation_id, user=int(person))
    stand_in = colleagues.first()
    if stand_in is None:
        raise Invalid(_("只能指定本机构的同事。"), fields={"place": _("请从名单中选择")})
    case = KINDS[approval.kind].case_of(approval.subject_id)
    appoint_stand_in(
        approval, case, key=key, stand_in=stand_in, reason=form.cleaned_data["reason"], by=member, at=clock.now()
    )
    messages.success(request, _("已指定%(name)s代签，并通知此人。") % {"name": stand_in.user.name})
    return redirect("work:short")


@needs("work.sign")
def delegations(request: HttpRequest) -> HttpResponse:
    """我的委托: what one has given and was given; by POST, give one."""
    member, at = member_of(request), clock.now()
    today = clock.local_day(at)
    form = DelegationForm(request.POST or None, member=member, today=today)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        delegate = Member.objects.acting().filter(pk=int(data.pop("delegate"))).first()
        try:
            if delegate is None:
                raise Invalid(_("只能委托本机构的另一位同事。"), fields={"delegate": _("请从名单中选择")})
            delegate_signing(delegate, **data, by=member, at=at)
        except Invalid as refusal:
            for name, message in (refusal.fields or {"delegate": refusal.message}).items():
                form.add_error(name if name in form.fields else None, message)
        else:
            messages.success(request, _("委托已生效，期间由受托人以本人名义代签。"))
            return redirect("work:delegations")
    found = Delegation.objects.visible_to(member).select_related("principal__user", "delegate__user").order_by("-pk")
    context = {
        "form": form,
        "rows": [
            {
                "delegation": row,
                "given": row.principal_id == member.pk,
                "kinds": "、".join(str(KINDS[kind].label) for kind in row.kinds if kind in KINDS),
                "over": row.state == "given" and row.ends_on < today,
                "acts": DELEGATION.possible(row, member) if row.ends_on >= today else [],
            }
            for row in found[:50]
        ],
    }
    return render(request, "work/delegations.html", context, status=422 if form.errors else 200)


@require_POST
@needs("work.sign")
def delegation_act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """End a delegation."""
    member = member_of(request)
    delegation = Delegation.objects.visible_to(member).filter(reference=reference).first()
    if delegation is None or action != "end":
        raise Unknown(_("没有找到这项委托。"))
    delegation.version = version_in(request)
    end_delegation(delegation, by=member, at=clock.now())
    messages.success(request, _("委托已终止。"))
    return redirect("work:delegations")
