"""企业资料: the record with sources, ages and contradictions; its history; the record of any past day."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now, today
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Invalid, Unknown
from xinshu.documents.lifecycle import BRING
from xinshu.documents.uploads import keep_file, read_upload
from xinshu.enterprises.actions import Origin, enter_fields, settle, verify_fields
from xinshu.enterprises.ageing import ages_of, rhythm_of
from xinshu.enterprises.fields import FIELDS, PARTS, codes_of
from xinshu.enterprises.forms import AsOfForm, OriginForm, RecordForm
from xinshu.enterprises.managers import ASSIGN
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.enterprises.queries import history_of, record_of, rivals_of
from xinshu.enterprises.views.doors import can_enter, enterprise_for, number_in
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import reason_in

LINES = 200  # of the history on one page


@signed_in
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the record, pre-filled; keep what was changed."""
    member = member_of(request)
    enterprise = _read(request, reference)
    record = record_of(enterprise.organisation, today())
    form = RecordForm(request.POST or None, record=record)
    origin = OriginForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() & origin.is_valid():
        try:
            kept = _keep(enterprise, form, origin, member, number_in(request.POST.get("seen", "")))
        except Invalid as refusal:
            (origin if "file" in refusal.fields else form).refuse(_at_paper(refusal))
        else:
            messages.success(
                request, _("已保存 %(n)d 项资料。") % {"n": kept} if kept else _("没有改动，资料保持不变。")
            )
            onward = request.POST.get("next", "")
            safe = onward.startswith("/") and url_has_allowed_host_and_scheme(
                onward, {request.get_host()}, request.is_secure()
            )
            return redirect(onward) if safe else redirect("enterprises:detail", reference)
    relation = _relation(enterprise, member)
    context = {
        "enterprise": enterprise,
        "organisation": enterprise.organisation,
        "form": form,
        "origin": origin,
        "editable": can_enter(enterprise, member),
        "rivals": rivals_of(enterprise, record),
        "ages": {age.part.label: age for age in _ages(enterprise, member)},
        "history": history_of(enterprise, limit=8),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "manager": relation,
        "hands_over": relation is not None and (member.can(ASSIGN) or relation.manager_id == member.pk),
        "hand_overs": _hand_overs(relation),
        "brings": relation is not None and relation.manager_id == member.pk and member.can(BRING),
        "seen": number_in(request.POST.get("seen", "")) if form.is_bound else form.seen,
    }
    return render(request, "enterprises/detail.html", context, status=max(form.status, origin.status))


def _keep(enterprise: Enterprise, form: RecordForm, origin: OriginForm, member: Member, seen: int) -> int:
    """Enter what was typed with its paper; return how many fields are new. A paper that proves nothing is not kept."""
    at, upload, told = now(), origin.cleaned_data.get("paper"), origin.cleaned_data
    content = read_upload(upload) if upload else b""
    with transaction.atomic():
        file = None
        if upload:
            file = keep_file(content, upload.name, member.organisation, member, at, subject=enterprise)
        kept = enter_fields(
            enterprise, form.values(), by=member, at=at, seen=seen,
            origin=Origin(
                file=file, place={"page": told["page"]} if file and told["page"] else {},
                valid_from=told["valid_from"],
            ),
        )  # fmt: skip
        if file is not None and not kept:
            message = _("资料没有改动，来源文件没有保存。")
            raise Invalid(message, advice=_("请先修改由它证明的内容。"), fields={"file": message})
    return len(kept)


def _at_paper(refusal: Invalid) -> Invalid:
    """Say what is wrong with an upload beside the field that the page has for it."""
    if "file" in refusal.fields:
        refusal.fields = {"paper": refusal.fields["file"]}
    return refusal


@require_POST
@signed_in
def verify(request: HttpRequest, reference: str) -> HttpResponse:
    """Note that somebody compared a part of the record with its papers."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    part = request.POST.get("part", "")
    if part not in PARTS:
        raise Unknown(_("没有这部分资料。"))
    verified = verify_fields(enterprise, codes_of(part), by=member, at=now())
    messages.success(request, _("已核实 %(n)d 项，更新时间从今天算起。") % {"n": len(verified)})
    return redirect("enterprises:detail", reference)


@require_POST
@signed_in
def settle_conflict(request: HttpRequest, reference: str) -> HttpResponse:
    """Take up a contradicting value or leave it, with a reason."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    pk = number_in(request.POST.get("conflict", ""))
    version = RecordField.objects.filter(enterprise=enterprise, aside=True, pk=pk).first()
    if version is None:
        raise Unknown(_("没有找到这一处不一致。"), advice=_("请刷新页面，从列出的内容中选择。"))
    take = request.POST.get("take") == "yes"
    settle(version, take=take, reason=reason_in(request), by=member, at=now())
    messages.success(request, _("已采用新的内容。") if take else _("已保留原来的内容。"))
    return redirect("enterprises:detail", reference)


@signed_in
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Show every version of every field, or of one."""
    enterprise = _read(request, reference)
    asked = request.GET.get("field", "")
    code = asked if asked in FIELDS else ""
    versions = history_of(enterprise, limit=LINES + 1, code=code)
    context = {
        "enterprise": enterprise, "versions": versions[:LINES], "more": len(versions) > LINES, "code": code,
        "fields": [("", _("全部内容")), *((field.code, field.label) for field in FIELDS.values())],
        "label": FIELDS[code].label if code else "",
    }  # fmt: skip
    return render(request, "enterprises/history.html", context)


@signed_in
def as_of(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the record of a past day: what was true then, from what was known then."""
    enterprise = _read(request, reference)
    form = AsOfForm(request.GET or None)
    on, known = form.days()
    record = record_of(enterprise.organisation, on, known_on=known)
    groups = [(part.label, [view for view in record if view.field.part == part.code]) for part in PARTS.values()]
    context = {
        "enterprise": enterprise, "form": form, "on": on, "known": known, "groups": groups,
        "rivals": rivals_of(enterprise, record, known_on=known), "before": known < today() or on < today(),
    }  # fmt: skip
    return render(request, "enterprises/as_of.html", context, status=form.status)


def _read(request: HttpRequest, reference: str) -> Enterprise:
    """Return the record asked for; a look at another organisation's is remembered."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    if enterprise.organisation_id != member.organisation_id:
        looked_at("enterprise.read", enterprise, by=member, at=now())
    return enterprise


def _relation(enterprise: Enterprise, member: Member) -> Relation | None:
    return enterprise.relations.filter(guarantor=member.organisation).select_related("manager__user").first()


def _hand_overs(relation: Relation | None) -> list[Any]:
    if relation is None:
        return []
    return list(relation.hand_overs.select_related("former__user", "manager__user").order_by("-pk")[:5])


def _ages(enterprise: Enterprise, member: Member) -> list[Any]:
    issuer = member.organisation if enterprise.organisation_id != member.organisation_id else None
    return ages_of([enterprise], rhythm_of(issuer))[enterprise.pk]
