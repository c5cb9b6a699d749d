"""保证人条款: the house's versions, the draft of the next one beside what is in force, and its acts."""

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.guarantors.naming import kind_name
from xinshu.guarantors.terms.actions import activate_terms, discard_terms, edit_terms, write_terms
from xinshu.guarantors.terms.forms import TermsForm
from xinshu.guarantors.terms.lifecycle import LIFECYCLE, WRITE
from xinshu.guarantors.terms.models import Terms
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen


def _house(request: HttpRequest) -> Member:
    """Return the member, where it is a guarantor's. Raises NotPermitted."""
    member = member_of(request)
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(
            _("只有担保公司、银行和保险公司有保证人条款。"), advice=_("各保证人的条款在申请页和保函页上。")
        )
    return member


def _versions(member: Member) -> Any:
    return Terms.objects.filter(guarantor=member.organisation).order_by("kind", "-pk")


@needs("guarantees.view")
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's versions and drafts."""
    member = _house(request)
    rows = [(row, _title(row), LIFECYCLE.states[row.state]) for row in _versions(member).defer("text")]
    return render(request, "guarantors/terms_list.html", {"rows": rows, "writes": member.can(WRITE)})


def _title(terms: Terms) -> str:
    return kind_name(terms.kind) if terms.kind else _("全部类型")


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the house's versions as Excel. Who took what out is recorded."""
    member, at = _house(request), now()
    sheet = export_sheet(
        _("保证人条款"), COLUMNS, _versions(member), kind="terms.exported", subject=member.organisation, by=member,
        at=at,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("保证人条款.xlsx"))


COLUMNS = (
    Column(lazy("类型"), 18, "guarantors.Terms.kind", _title),
    Column(lazy("版本"), 8, "guarantors.Terms.number", lambda row: row.number or ""),
    Column(lazy("状态"), 10, "guarantors.Terms.state", lambda row: LIFECYCLE.states[row.state].label),
    Column(lazy("启用人"), 20, "guarantors.Terms.activated_by", lambda row: row.activated_by),
    Column(lazy("正文"), 80, "guarantors.Terms.text", lambda row: row.text),
)


@needs("guarantees.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version; a draft beside the version in force."""
    member, terms = request.member, _terms(request, reference)  # type: ignore[attr-defined]
    acts = LIFECYCLE.possible(terms, member)
    series = Terms.objects.filter(guarantor=terms.guarantor_id, kind=terms.kind, state="active")
    return render(
        request,
        "guarantors/terms.html",
        {
            "terms": terms,
            "title": _title(terms),
            "state": LIFECYCLE.states[terms.state],
            "own": terms.guarantor_id == member.organisation_id,
            "present": series.exclude(pk=terms.pk).first() if terms.state == "draft" else None,
            "acts": [row for row in acts if row.action != "edit"],
            "editable": any(row.action == "edit" for row in acts),
            "author": member.user_id in terms.authors,
        },
    )


def _terms(request: HttpRequest, reference: str) -> Terms:
    found = Terms.objects.visible_to(request.member).filter(reference=reference)  # type: ignore[attr-defined]
    terms = found.select_related("guarantor").first()
    if terms is None:
        raise Unknown(_("没有找到这份条款。"), advice=_("它可能还没有启用，或属于其他机构。"))
    return terms


@needs(WRITE)
def new(request: HttpRequest) -> HttpResponse:
    """Write the next version, beginning with the text in force of the kind that a link names."""
    member = _house(request)
    kind = request.GET.get("kind", "")[:20]
    present = _versions(member).filter(state="active", kind=kind).first()
    form = TermsForm(request.POST or None, initial={"kind": kind, "text": present.text if present else ""})
    if request.method == "POST" and form.is_valid():
        try:
            terms = write_terms(form.cleaned_data["kind"], form.cleaned_data["text"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("条款草稿已保存，请预览，再由另一人启用。"))
            return redirect("guarantors:terms", terms.reference)
    return render(request, "guarantors/terms_edit.html", {"form": form}, status=form.status)


@needs(WRITE)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    member, terms = _house(request), _terms(request, reference)
    LIFECYCLE.step("edit", terms, member)
    form = TermsForm(request.POST or None, initial={"kind": terms.kind, "text": terms.text})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            edit_terms(as_seen(terms, request), typed["kind"], typed["text"], by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("条款草稿已保存，请预览，再由另一人启用。"))
            return redirect("guarantors:terms", reference)
    context = {"form": form, "terms": terms, "seen": request.POST.get("version", terms.version)}
    return render(request, "guarantors/terms_edit.html", context, status=form.status)


@require_POST
@needs("guarantees.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    terms, by, at = _terms(request, reference), request.member, now()  # type: ignore[attr-defined]
    if action == "activate_terms":
        activate_terms(as_seen(terms, request), by=by, at=at)
        done = _("已启用，此后提交的申请按新版本。")
    elif action == "discard_terms":
        discard_terms(as_seen(terms, request), by=by, at=at, reason=request.POST.get("reason", ""))
        done = _("草稿已作废，现行条款不变。")
    else:
        raise Unknown(_("没有这项操作。"))
    messages.success(request, done)
    return redirect("guarantors:terms", reference)
