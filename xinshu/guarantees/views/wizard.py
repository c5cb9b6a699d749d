"""The application wizard (申请向导): project, company record, terms, material, submission. Every step is kept."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.documents.uploads import keep_file, read_upload
from xinshu.enterprises.actions import enter_fields, enterprise_of, may_enter
from xinshu.enterprises.forms import RecordForm
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.enterprises.queries import MISSING, STALE, record_of
from xinshu.guarantees.actions.application import (
    attach_file,
    edit_application,
    reuse_file,
    start_application,
    submit_application,
)
from xinshu.guarantees.actions.approval import discount_of, tariff_for
from xinshu.guarantees.actions.reductions import plan_reductions
from xinshu.guarantees.actions.renewal import against_predecessor
from xinshu.guarantees.applying.extra_forms import ExtrasForm
from xinshu.guarantees.applying.proposals import proposed_terms
from xinshu.guarantees.applying.requests import open_requests
from xinshu.guarantees.applying.reuse import firm_papers, offers_for, origins_of, past_of, usable, usual_house
from xinshu.guarantees.changes.forms import ScheduleForm
from xinshu.guarantees.facts import examine, papers_of
from xinshu.guarantees.favour.conduct import favour_for
from xinshu.guarantees.forms import AttachmentForm, StartForm, TermsForm
from xinshu.guarantees.kinds import KINDS, SECRET
from xinshu.guarantees.law.legal import Cap, in_force
from xinshu.guarantees.law.review import FAILS, SUBMISSION, obstacles
from xinshu.guarantees.models import Guarantee, Product, Tariff
from xinshu.guarantees.origins.showing import origin_of
from xinshu.guarantees.pricing import Quote, quote
from xinshu.guarantees.queries import returned_because, told_extras
from xinshu.guarantees.views.comparing import ASKED
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.guarantors.models import Terms
from xinshu.projects.models import Project
from xinshu.web.posted import as_seen

TERMS = ("amount", "effective_on", "expires_on")
STEPS = (("company", "核对企业资料"), ("terms", "保函要素"), ("files", "上传材料"), ("confirm", "确认提交"))


@needs("guarantees.apply")
def start(request: HttpRequest) -> HttpResponse:
    """Choose what for whom; a draft begins."""
    member = member_of(request)
    usual = usual_house(member, now())
    kept = {"guarantor": usual.guarantor_id} if usual is not None else {}
    form = StartForm(request.POST or None, initial=kept | request.GET.dict(), **_choices(member))
    if request.method == "POST" and form.is_valid():
        chosen = {
            "kind": form.cleaned_data["kind"],
            "project": form.cleaned_data["project"],
            "applicant": form.cleaned_data.get("applicant") or member.organisation,
            "guarantor": form.cleaned_data.get("guarantor") or member.organisation,
        }
        product = form.cleaned_data.get("product")
        try:
            with transaction.atomic():  # what a link brought along is kept with the draft, or neither
                guarantee = _untouched(member, chosen, product) or start_application(
                    **chosen, product=product, by=member, at=now()
                )
                if terms := form.terms():
                    guarantee = edit_application(guarantee, by=member, at=now(), **terms)
        except Invalid as refusal:
            show_in(form, refusal)
        else:
            return redirect("guarantees:step", guarantee.reference, "company")
    status = 422 if form.is_bound else 200
    given = {name: request.GET[name] for name in ASKED if request.GET.get(name)}
    compare = f"{reverse('guarantees:compare')}?{urlencode(given)}"
    again = usual if usual is not None and "guarantor" not in request.GET else None
    context = {"form": form, "steps": _steps(""), "compare": compare, "usual": again}
    return render(request, "guarantees/wizard_start.html", context, status=status)


def _untouched(member: Member, chosen: dict[str, Any], product: Product | None) -> Guarantee | None:
    """Return the same draft when it was begun already and nothing was filled in: a double click makes one draft."""
    same = Guarantee.objects.visible_to(member, now()).filter(state="draft", version=1, **chosen)
    if product is not None:
        same = same.filter(product=product)
    return same.order_by("-id").first()


def _choices(member: Member) -> dict[str, Any]:
    on = local_day(now())
    organisations = Organisation.objects.filter(active=True).order_by("name")
    projects = Project.objects.visible_to(member, now()).order_by("-id")
    if member.organisation.kind in Organisation.ISSUERS:
        customers = organisations.filter(
            pk__in=Relation.objects.filter(guarantor=member.organisation).values("enterprise__organisation")
        )
        own = Product.objects.offered(on).filter(guarantor=member.organisation)
        return {"projects": projects, "guarantors": organisations.none(), "applicants": customers, "products": own}
    guarantors = organisations.filter(pk__in=Tariff.objects.values("guarantor"))
    products = Product.objects.offered(on).select_related("guarantor").order_by("guarantor__name", "name")
    return {
        "projects": projects, "guarantors": guarantors, "applicants": organisations.none(), "products": products,
    }  # fmt: skip


@needs("guarantees.apply")
def step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Show one step of a draft, or keep what was filled in there."""
    guarantee = guarantee_for(member_of(request), reference)
    if guarantee.state not in ("draft", "returned") or "applicant" not in guarantee.sides_of(member_of(request)):
        return redirect("guarantees:detail", reference)
    if name not in VIEWS:
        raise Unknown(_("没有这一步。"))
    return VIEWS[name](request, guarantee)


def company(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Show what the application reuses, with source and day; ask only for what is missing or stale."""
    member, at = member_of(request), now()
    record = record_of(guarantee.applicant, on=local_day(at))
    wanting = [field for field in record if field.required and field.state in (MISSING, STALE)]
    editable = bool(wanting) and _may_enter(guarantee, member)
    form = RecordForm(request.POST or None, record=wanting) if editable else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            enterprise = enterprise_of(guarantee.applicant)
            enter_fields(enterprise, form.values(), by=member, at=at, seen=_seen(request))
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已更新企业资料，这笔和以后的申请都沿用。"))
            return redirect("guarantees:step", guarantee.reference, "company")
    past, in_all = past_of(guarantee.applicant, member, at)
    return _page(
        request, guarantee, "company", record=[field for field in record if field not in wanting or form is None],
        wanting=wanting, form=form, past=past, in_all=in_all, reused=sum(bool(field.value) for field in record),
        seen=_seen(request) if form is not None and form.is_bound else max((one.version for one in wanting), default=0),
    )  # fmt: skip


def _may_enter(guarantee: Guarantee, member: Member) -> bool:
    enterprise = Enterprise.objects.filter(organisation=guarantee.applicant_id).first()
    if enterprise is None:
        return member.organisation_id == guarantee.applicant_id and member.can("enterprises.edit")
    try:
        may_enter(enterprise, member)
    except NotPermitted:
        return False
    return True


def _seen(request: HttpRequest) -> int:
    posted = request.POST.get("seen", "")
    return int(posted) if posted.isascii() and posted.isdecimal() and len(posted) < 19 else 0


def terms(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Amount, period and reductions, proposed from the project (or the predecessor) until the person says otherwise."""
    given = {name: getattr(guarantee, name) for name in TERMS}
    proposed = proposed_terms(guarantee, local_day(now()))
    initial = {name: given[name] if given[name] is not None else proposed[name].value for name in given}
    form = TermsForm(request.POST or None, initial=initial)
    reduces = guarantee.kind not in SECRET
    planned = list(guarantee.reductions.filter(state="planned").order_by("on").values_list("on", "amount"))
    schedule = ScheduleForm(request.POST or None, initial={"schedule": planned}) if reduces else None
    extras = ExtrasForm(request.POST or None, KINDS[guarantee.kind].fields, guarantee.extras)
    asked = [one for one in (form, schedule, extras) if one is not None]
    if request.method == "POST" and not [one for one in asked if not one.is_valid()]:  # each is asked: all faults show
        by, at, steps = member_of(request), now(), schedule.cleaned_data["schedule"] if schedule else []
        try:
            with transaction.atomic():
                case = edit_application(
                    as_seen(guarantee, request), by=by, at=at, extras=extras.values(), **form.cleaned_data
                )
                if steps != planned:
                    plan_reductions(case, steps, by=by, at=at)
        except Invalid as refusal:
            if not extras.show(refusal):
                show_in(schedule if schedule and "schedule" in refusal.fields else form, refusal)
        else:
            return redirect("guarantees:step", guarantee.reference, "files")
    wrong = any(one.is_bound and not one.is_valid() for one in asked)
    return _page(
        request, guarantee, "terms", form=form, proposed=proposed, limits=_limits(guarantee), schedule=schedule,
        wrong=wrong, extras=extras, against=against_predecessor(guarantee),
        estimate=estimate(guarantee, form if form.is_bound else TermsForm(_as_typed(initial))),
    )  # fmt: skip


def _as_typed(initial: dict[str, Any]) -> dict[str, str]:
    """Return proposed or kept terms as a browser would send them back unchanged."""
    told = {"amount": yuan(initial["amount"]) if initial["amount"] is not None else ""}
    return told | {name: initial[name].isoformat() if initial[name] else "" for name in TERMS[1:]}


def _limits(guarantee: Guarantee) -> list[tuple[Cap, int | None]]:
    """Return what the law allows and asks for today, each with its amount for this project (None: base unknown)."""
    caps = in_force(guarantee.type.caps, local_day(now()), guarantee.project.regime)
    return [(cap, cap.limit(guarantee.base_amount)) for cap in caps]


def files(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Add material, one file at a time, or use again what was uploaded before; what is kept is listed."""
    member, at = member_of(request), now()
    if "reuse" in request.POST:
        return _reuse(request, guarantee)
    asked = open_requests(guarantee)
    wished = request.GET.get("title", asked[0].title if asked else "")
    form = AttachmentForm(request.POST or None, request.FILES or None, asked=asked, initial={"title": wished})
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            content = read_upload(upload)
            with transaction.atomic():  # a file that the case does not take is not kept either
                kept = keep_file(
                    content, upload.name, member.organisation, member, at,
                    subject=guarantee, sealed_until=guarantee.secret_until,
                )  # fmt: skip
                attach_file(as_seen(guarantee, request), kept, form.cleaned_data["title"], by=member, at=at)
        except Invalid as refusal:
            show_in(form, refusal, "file")
        else:
            messages.success(request, _("已保存 %(name)s。") % {"name": kept.name})
            return redirect("guarantees:step", guarantee.reference, "files")
    attachments = list(guarantee.attachments.select_related("file__blob").order_by("pk"))
    there = {attachment.title for attachment in attachments}
    papers = [(document, document.title in there) for document in papers_of(guarantee)]
    offers = offers_for(guarantee, member, at)
    return _page(
        request, guarantee, "files", form=form, attachments=attachments, papers=papers, papers_asked=asked,
        offers=[(offer, offer.is_stale(local_day(at))) for offer in offers],
        firm=firm_papers(guarantee, offers, local_day(at)), origins=origins_of(attachments, member, at),
        hand_back=guarantee.state == "returned" and not asked and guarantee.paper_requests.exists(),
    )  # fmt: skip


def _reuse(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Take over a file that an earlier case of the applicant's has."""
    chosen = request.POST["reuse"]
    number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0
    origin = usable(guarantee, member_of(request), now()).filter(pk=number).first()
    if origin is None:
        raise Unknown(_("没有找到可以沿用的这份材料。"), advice=_("请刷新页面，从列出的材料中选择。"))
    reuse_file(as_seen(guarantee, request), origin, by=member_of(request), at=now())
    messages.success(request, _("已沿用%(title)s，不用重新上传。") % {"title": origin.title})
    return redirect("guarantees:step", guarantee.reference, "files")


def confirm(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Show what the rules say and what it will cost; submit."""
    if guarantee.amount is None:
        return redirect("guarantees:step", guarantee.reference, "terms")
    if request.method == "POST":
        submit_application(as_seen(guarantee, request), by=member_of(request), at=now())
        messages.success(request, _("已提交，正在自动审查。"))
        return redirect("guarantees:detail", guarantee.reference)
    findings = examine(guarantee, now())
    return _page(
        request,
        guarantee,
        "confirm",
        findings=findings,
        stopping=obstacles(findings, SUBMISSION),
        open_questions=[finding for finding in findings if finding.verdict != "meets"],
        fails=FAILS,
        attachments=guarantee.attachments.select_related("file"),
        against=against_predecessor(guarantee),
        extras=told_extras(guarantee, member_of(request)),
        planned=guarantee.reductions.filter(state="planned").order_by("on"),
        compare=_to_compare(guarantee),
        accepts=Terms.objects.active_for(guarantee.guarantor_id, guarantee.kind),
    )


def _to_compare(guarantee: Guarantee) -> str:
    """Return where the same guarantee is compared at all guarantors."""
    asked = {
        "kind": guarantee.kind, "project": guarantee.project.reference, "amount": yuan(guarantee.amount or 0),
        "effective_on": guarantee.effective_on, "expires_on": guarantee.expires_on,
    }  # fmt: skip
    return f"{reverse('guarantees:compare')}?{urlencode(asked)}"


VIEWS = {"company": company, "terms": terms, "files": files, "confirm": confirm}


@dataclass(frozen=True)
class Estimate:
    """What a guarantee would cost at today's tariff on the terms shown; or, in words, what keeps it from being known.

    `saved`: these are the terms that are kept, not proposed or typed ones.
    """

    amount: int | None
    effective_on: date | None
    expires_on: date | None
    fee: Quote | None
    wanting: tuple[str, ...]
    saved: bool = True


def estimate(guarantee: Guarantee, typed: TermsForm | None = None) -> Estimate:
    """Return what the kept terms would cost; or those of a form as far as it is filled in, of which nothing is kept."""
    wanting: list[str] = []
    if typed is None:
        terms: dict[str, Any] = {name: getattr(guarantee, name) for name in TERMS}
    else:
        typed.is_valid()
        terms = {name: typed.cleaned_data.get(name) for name in TERMS}
        wanting = [
            f"{field.label}：{'；'.join(str(fault) for fault in typed.errors[name])}"
            for name, field in typed.fields.items()
            if name in typed.errors
        ]
    amount, first, last = terms["amount"], terms["effective_on"], terms["expires_on"]
    if not wanting and (amount is None or first is None or last is None):
        wanting = [_("填好金额和期限后显示。")]
    elif not wanting and amount <= 0:
        wanting = [_("保函金额应大于零。")]
    elif not wanting and last < first:
        wanting = [_("到期日不能早于生效日。")]
    tariff = tariff_for(guarantee, now())
    if tariff is None and not wanting:
        wanting = [_("%(name)s还没有发布这类保函的费率，请向保证人询价。") % {"name": guarantee.guarantor.name}]
    fee = None
    if not wanting and tariff is not None:
        _plan, favour = favour_for(guarantee.guarantor, guarantee.applicant, now())
        fee = quote(amount, first, last, tariff.terms(), discount_of(favour))
    saved = typed is None or all(terms[name] == getattr(guarantee, name) for name in TERMS)
    return Estimate(amount, first, last, fee, tuple(wanting), saved)


@require_POST
@needs("guarantees.apply")
def fee_preview(request: HttpRequest, reference: str) -> HttpResponse:
    """Return what is being typed would cost: a fragment, keeps nothing."""
    guarantee = guarantee_for(member_of(request), reference)
    if guarantee.state not in ("draft", "returned") or "applicant" not in guarantee.sides_of(member_of(request)):
        raise Unknown(_("这笔申请现在不能填写。"), advice=_("请打开保函页查看进展。"))
    context = {"estimate": estimate(guarantee, TermsForm(request.POST)), "case": guarantee}
    return render(request, "guarantees/_fee.html", context)


def _page(request: HttpRequest, guarantee: Guarantee, name: str, **context: Any) -> HttpResponse:
    form = context.get("form")
    return render(
        request,
        f"guarantees/wizard_{name}.html",
        {
            "case": guarantee,
            "steps": _steps(name),
            "here": name,
            "estimate": context.pop("estimate", None) or estimate(guarantee),
            "reason": returned_because(guarantee),
            "origin": origin_of(guarantee),
            **context,
        },
        status=422 if form is not None and form.is_bound and (not form.is_valid() or context.get("wrong")) else 200,
    )


def _steps(here: str) -> list[dict[str, str]]:
    codes = [code for code, _label in STEPS]
    place = codes.index(here) if here else -1
    first = {"label": _("选项目"), "status": "done" if place >= 0 else "now"}
    return [
        first,
        *(
            {"label": label, "status": "done" if index < place else "now" if index == place else ""}
            for index, (_code, label) in enumerate(STEPS)
        ),
    ]
