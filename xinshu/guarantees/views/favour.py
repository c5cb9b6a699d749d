"""守信优惠: the house's plan, version by version, and how its customers stand under it."""

import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.enterprises.models import Relation
from xinshu.guarantees.favour.actions import discard_plan, edit_plan, publish_plan, set_tier, write_plan
from xinshu.guarantees.favour.conduct import conduct_of, plan_in_force, standings_of, tiers_set
from xinshu.guarantees.favour.forms import FavourForm, TierForm, initial_of
from xinshu.guarantees.favour.lifecycle import LIFECYCLE
from xinshu.guarantees.favour.tiers import label_of
from xinshu.guarantees.models import CustomerTier, FavourPlan
from xinshu.guarantees.pricing import percent_of
from xinshu.ledger.exports import LIMIT, Column, export_sheet
from xinshu.web.posted import as_seen

PER_PAGE = 20


def _house(request: HttpRequest) -> Member:
    member = member_of(request)
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(
            _("只有担保公司、银行和保险公司有守信优惠方案。"), advice=_("您的优惠在费用预估和保费明细里可以看到。")
        )
    return member


@needs("guarantees.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's versions, newest first, and the drafts that wait for their second person."""
    member = _house(request)
    plans = FavourPlan.objects.visible_to(member)
    return render(
        request,
        "guarantees/favour.html",
        {
            "rows": plans.filter(state="published").order_by("-number"),
            "drafts": plans.filter(state="draft").order_by("-changed_at"),
            "present": plan_in_force(member.organisation_id, local_day(now())),
            "percent": percent_of,
            "writes": member.can("guarantees.review"),
        },
    )


@needs("guarantees.review")
def new(request: HttpRequest) -> HttpResponse:
    """Write the next version, beginning with the present one."""
    member, on = _house(request), local_day(now())
    present = plan_in_force(member.organisation_id, on)
    initial = {**(initial_of(present) if present else {}), "valid_from": on}
    form = FavourForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plan = write_plan(form.tiers(), form.cleaned_data["valid_from"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("方案草稿已保存，请由另一人发布。"))
            return redirect("guarantees:favour_plan", plan.reference)
    return render(request, "guarantees/favour_edit.html", {"form": form}, status=form.status)


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version or draft, and who may publish it."""
    member, plan = _house(request), _plan(request, reference)
    possible = LIFECYCLE.possible(plan, member)
    context = {
        "plan": plan,
        "state": LIFECYCLE.states[plan.state],
        "acts": [row for row in possible if row.action != "edit"],
        "editable": any(row.action == "edit" for row in possible),
        "author": member.user_id in plan.authors,
        "percent": percent_of,
    }
    return render(request, "guarantees/favour_plan.html", context)


@needs("guarantees.review")
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    member, plan = _house(request), _plan(request, reference)
    LIFECYCLE.step("edit", plan, member)
    form = FavourForm(request.POST or None, initial=initial_of(plan))
    if request.method == "POST" and form.is_valid():
        try:
            edit_plan(as_seen(plan, request), form.tiers(), form.cleaned_data["valid_from"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("方案草稿已保存，请由另一人发布。"))
            return redirect("guarantees:favour_plan", reference)
    context = {"form": form, "plan": plan, "seen": request.POST.get("version", plan.version)}
    return render(request, "guarantees/favour_edit.html", context, status=form.status)


Act = Callable[[FavourPlan, Member, HttpRequest], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "publish_favour": (
        lambda plan, by, request: publish_plan(plan, by=by, at=now()),
        lazy("已发布，自生效日起按新版本计费和审批。"),
    ),
    "discard_favour": (
        lambda plan, by, request: discard_plan(plan, by=by, at=now(), reason=request.POST.get("reason", "")),
        lazy("草稿已作废，现行方案不变。"),
    ),
}


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    plan = _plan(request, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(plan, request), member_of(request), request)
    messages.success(request, str(done))
    return redirect("guarantees:favour_plan", reference)


def _plan(request: HttpRequest, reference: str) -> FavourPlan:
    plan = FavourPlan.objects.visible_to(member_of(request)).filter(reference=reference).first()
    if plan is None:
        raise Unknown(_("没有找到这份方案。"), advice=_("它可能属于其他机构，请从守信优惠页进入。"))
    return plan


def _customers(member: Member) -> Any:
    found = Relation.objects.filter(guarantor=member.organisation).select_related(
        "enterprise__organisation", "manager__user"
    )
    return found.order_by("enterprise__organisation__name", "pk")


def _stands(member: Member, relations: list[Relation]) -> list[dict[str, Any]]:
    pks = [relation.enterprise.organisation_id for relation in relations]
    _plan_now, standings = standings_of(member.organisation_id, pks, now())
    return [{"relation": one, "standing": standings[one.enterprise.organisation_id]} for one in relations]


@needs("guarantees.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Show how each customer of the house stands, with the reasons behind it."""
    member = _house(request)
    q = request.GET.get("q", "").strip()[:100]
    found = _customers(member)
    if q:
        found = found.filter(enterprise__organisation__name__icontains=q)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": _stands(member, list(page)), "q": q, "percent": percent_of,
        "present": plan_in_force(member.organisation_id, local_day(now())),
    }  # fmt: skip
    return render(request, "guarantees/favour_customers.html", context)


@needs("guarantees.view")
def customer(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one customer's standing, fact by fact; its manager sets a tier here."""
    member, at = _house(request), now()
    relation = _customers(member).filter(enterprise__reference=reference).first()
    if relation is None:
        raise Unknown(_("没有找到这家客户。"), advice=_("请从客户等级列表进入。"))
    applicant, plan = relation.enterprise.organisation, plan_in_force(member.organisation_id, local_day(at))
    form = TierForm(request.POST or None, plan=plan)
    mine = relation.manager_id == member.pk and member.can("guarantees.apply")
    if request.method == "POST" and form.is_valid():
        try:
            set_tier(applicant, **form.cleaned_data, by=member, at=at)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已核定，以后的报价按它计算。"))
            return redirect("guarantees:favour_customer", reference)
    facts = conduct_of(member.organisation_id, [applicant.pk], at)[applicant.pk]
    context = {
        "relation": relation,
        "standing": _stands(member, [relation])[0]["standing"],
        "facts": [(label_of(name), fact) for name, fact in facts.items()],
        "plan": plan,
        "form": form,
        "mine": mine and plan is not None,
        "by_hand": tiers_set(member.organisation_id, [applicant.pk], local_day(at)).get(applicant.pk),
        "history": CustomerTier.objects.filter(guarantor=member.organisation, applicant=applicant)
        .select_related("set_by__user")
        .order_by("-pk")[:10],
        "percent": percent_of,
    }
    return render(request, "guarantees/favour_customer.html", context, status=form.status)


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download how the customers stand as Excel. Who took what out is recorded."""
    member, at = _house(request), now()
    rows = _stands(member, list(_customers(member)[:LIMIT]))
    sheet = export_sheet(
        _("客户等级"), COLUMNS, rows, kind="favour.exported", subject=member.organisation, by=member, at=at
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("客户等级.xlsx"))


def _reasons(row: dict[str, Any]) -> str:
    standing = row["standing"]
    said = [f"{answer.label}：{answer.message}" for answer in standing.answers]
    return "；".join([_("客户经理核定：%s") % standing.set_by_hand, *said] if standing.set_by_hand else said)


def _tier(row: dict[str, Any]) -> str:
    tier = row["standing"].tier
    return tier.name if tier else ""


def _at_once(row: dict[str, Any]) -> float:
    return row["standing"].auto_amount / 100


COLUMNS = (
    Column(lazy("客户"), 36, "accounts.Organisation.name", lambda row: row["relation"].enterprise.organisation.name),
    Column(lazy("等级"), 12, "guarantees.CustomerTier.code", _tier),
    Column(lazy("保费优惠"), 12, "guarantees.FavourPlan.tiers", lambda row: percent_of(row["standing"].discount)),
    Column(lazy("秒批额度（元）"), 18, "guarantees.FavourPlan.tiers", _at_once, money=True),
    Column(lazy("依据"), 80, "guarantees.CustomerTier.reason", _reasons),
)  # fmt: skip
