"""The application wizard (申请向导): project, company record, terms, material, submission. Every step is kept."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.uploads import keep_file, read_upload
from xinshu.enterprises.models import Relation
from xinshu.enterprises.queries import record_of
from xinshu.guarantees.actions.application import attach_file, edit_application, start_application, submit_application
from xinshu.guarantees.actions.approval import tariff_for
from xinshu.guarantees.facts import examine
from xinshu.guarantees.forms import AttachmentForm, StartForm, TermsForm
from xinshu.guarantees.models import Guarantee, Tariff
from xinshu.guarantees.pricing import Quote, quote
from xinshu.guarantees.proposals import proposed_terms
from xinshu.guarantees.queries import returned_because
from xinshu.guarantees.review import FAILS, SUBMISSION, obstacles
from xinshu.guarantees.views.doors import as_seen, guarantee_for, member_of
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.projects.models import Project

STEPS = (("company", "核对企业资料"), ("terms", "保函要素"), ("files", "上传材料"), ("confirm", "确认提交"))


@needs("guarantees.apply")
def start(request: HttpRequest) -> HttpResponse:
    """Choose what for whom; a draft begins."""
    member = member_of(request)
    form = StartForm(request.POST or None, initial=request.GET.dict(), **_choices(member))
    if request.method == "POST" and form.is_valid():
        chosen = {
            "kind": form.cleaned_data["kind"],
            "project": form.cleaned_data["project"],
            "applicant": form.cleaned_data.get("applicant") or member.organisation,
            "guarantor": form.cleaned_data.get("guarantor") or member.organisation,
        }
        try:
            guarantee = _untouched(member, chosen) or start_application(**chosen, by=member, at=now())
        except Invalid as refusal:
            show_in(form, refusal)
        else:
            return redirect("guarantees:step", guarantee.reference, "company")
    status = 422 if form.is_bound else 200
    return render(request, "guarantees/wizard_start.html", {"form": form, "steps": _steps("")}, status=status)


def _untouched(member: Member, chosen: dict[str, Any]) -> Guarantee | None:
    """Return the same draft when it was begun already and nothing was filled in: a double click makes one draft."""
    same = Guarantee.objects.visible_to(member, now()).filter(state="draft", version=1, **chosen)
    return same.order_by("-id").first()


def _choices(member: Member) -> dict[str, Any]:
    organisations = Organisation.objects.filter(active=True).order_by("name")
    projects = Project.objects.visible_to(member, now()).order_by("-id")
    if member.organisation.kind in Organisation.ISSUERS:
        customers = organisations.filter(
            pk__in=Relation.objects.filter(guarantor=member.organisation).values("enterprise__organisation")
        )
        return {"projects": projects, "guarantors": organisations.none(), "applicants": customers}
    guarantors = organisations.filter(pk__in=Tariff.objects.values("guarantor"))
    return {"projects": projects, "guarantors": guarantors, "applicants": organisations.none()}


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
    """Show the record that the application reuses; what is missing or stale is filled in on the record's own page."""
    record = record_of(guarantee.applicant, on=local_day(now()))
    wanting = [field for field in record if field.required and field.state in ("missing", "stale")]
    return _page(request, guarantee, "company", record=record, wanting=wanting)


def terms(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Amount and period, proposed from the project until the person says otherwise."""
    given = {name: getattr(guarantee, name) for name in ("amount", "effective_on", "expires_on")}
    proposed = proposed_terms(guarantee, local_day(now()))
    initial = {name: given[name] if given[name] is not None else proposed[name].value for name in given}
    form = TermsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            edit_application(as_seen(guarantee, request), by=member_of(request), at=now(), **form.cleaned_data)
        except Invalid as refusal:
            show_in(form, refusal)
        else:
            return redirect("guarantees:step", guarantee.reference, "files")
    return _page(request, guarantee, "terms", form=form, proposed=proposed)


def files(request: HttpRequest, guarantee: Guarantee) -> HttpResponse:
    """Add material, one file at a time; what is kept is listed."""
    form = AttachmentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        member, at, upload = member_of(request), now(), form.cleaned_data["file"]
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
    attachments = guarantee.attachments.select_related("file__blob").order_by("pk")
    return _page(request, guarantee, "files", form=form, attachments=attachments)


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
    )


VIEWS = {"company": company, "terms": terms, "files": files, "confirm": confirm}


def estimate(guarantee: Guarantee) -> Quote | None:
    """Return what the guarantee would cost at today's tariff, or None while something for it is missing."""
    tariff = tariff_for(guarantee, now())
    if tariff is None or guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        return None
    return quote(guarantee.amount, guarantee.effective_on, guarantee.expires_on, tariff.terms())


def _page(request: HttpRequest, guarantee: Guarantee, name: str, **context: Any) -> HttpResponse:
    form = context.get("form")
    return render(
        request,
        f"guarantees/wizard_{name}.html",
        {
            "case": guarantee,
            "steps": _steps(name),
            "here": name,
            "fee": estimate(guarantee),
            "reason": returned_because(guarantee),
            **context,
        },
        status=422 if form is not None and form.is_bound and not form.is_valid() else 200,
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
