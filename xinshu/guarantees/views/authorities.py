"""The authority table (审批授权): what holds type by type, proposals with what they change, and their second person."""

import io
from collections.abc import Callable
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
from xinshu.guarantees.authorities.actions import confirm_authority, discard_authority, propose_authority, waivable
from xinshu.guarantees.authorities.forms import AuthorityForm
from xinshu.guarantees.authorities.lifecycle import LIFECYCLE
from xinshu.guarantees.authorities.models import AuthorityDraft
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import Authority
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen

RIGHT = "work.plans"


@needs(RIGHT)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's table, the types that it has no row for, and what waits for its second person."""
    member = member_of(request)
    _must_be_issuer(member)
    held = {(row.kind, row.unverified): row for row in Authority.objects.filter(guarantor=member.organisation)}
    rows = [
        {"code": code, "label": str(kind.label), "unverified": unverified, "row": held.get((code, unverified)),
         "waived": _waived(code, held.get((code, unverified)))}
        for code, kind in KINDS.items()
        for unverified in (False, True)
        if not kind.retired or (code, unverified) in held
    ]  # fmt: skip
    drafts = AuthorityDraft.objects.visible_to(member).filter(state="proposed").order_by("-pk")
    context = {"rows": rows, "drafts": drafts, "writes": member.can("work.design")}
    return render(request, "guarantees/authorities.html", context)


def _must_be_issuer(member: Member) -> None:
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有审批授权表。"))


def _waived(code: str, row: Authority | AuthorityDraft | None) -> list[str]:
    """Return in words what `row` lets pass; rules that this type never asks are not told."""
    names = waivable(KINDS[code]) if code in KINDS else {}
    return [names[rule] for rule in row.waives if rule in names] if row is not None else []


@needs("guarantees.export")
def export(request: HttpRequest) -> FileResponse:
    """Download the table as Excel. Who took what out is recorded."""
    member = member_of(request)
    _must_be_issuer(member)
    rows = Authority.objects.filter(guarantor=member.organisation).order_by("kind", "unverified")
    sheet = export_sheet(
        _("审批授权"), COLUMNS, rows, kind="authorities.exported", subject=member.organisation, by=member, at=now(),
        query="",
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("审批授权.xlsx"))


_ROW = "guarantees.Authority"
COLUMNS = (
    Column(lazy("类型"), 20, f"{_ROW}.kind", lambda row: str(row.get_kind_display())),
    Column(lazy("申请人"), 14, f"{_ROW}.kind", lambda row: _("未核验") if row.unverified else _("已核验")),
    Column(lazy("自动审批不超过（元）"), 20, f"{_ROW}.auto_amount", lambda row: row.auto_amount / 100, money=True),
    Column(lazy("人工审批不超过（元）"), 20, f"{_ROW}.person_amount", lambda row: row.person_amount / 100, money=True),
    Column(lazy("不转人工的提示"), 60, f"{_ROW}.waives", lambda row: "；".join(_waived(row.kind, row))),
)


@needs("work.design")
def new(request: HttpRequest) -> HttpResponse:
    """Propose the row of ?kind= (and ?unverified=1), beginning with what holds."""
    member, kind = member_of(request), request.GET.get("kind", "")
    _must_be_issuer(member)
    if kind not in KINDS or KINDS[kind].retired:
        raise Unknown(_("没有这种保函，或已停办。"), advice=_("请从审批授权列表选择类型。"))
    unverified = request.GET.get("unverified") == "1"
    present = Authority.objects.filter(guarantor=member.organisation, kind=kind, unverified=unverified).first()
    initial: dict[str, Any] = {"unverified": "1" if unverified else ""}
    if present is not None:
        initial |= {name: getattr(present, name) for name in ("auto_amount", "person_amount", "waives")}
    form = AuthorityForm(request.POST or None, initial=initial, kind=KINDS[kind])
    if request.method == "POST" and form.is_valid():
        try:
            typed = form.cleaned_data | {"unverified": form.cleaned_data["unverified"] == "1"}
            draft = propose_authority(kind, by=member, at=now(), **typed)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存，请由另一人确认。"))
            return redirect("guarantees:authority", draft.reference)
    return render(request, "guarantees/authority_new.html", {"form": form, "kind": KINDS[kind]}, status=form.status)


@needs(RIGHT)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one proposal beside what holds."""
    member, draft = member_of(request), _draft(request, reference)
    present = Authority.objects.filter(guarantor=draft.guarantor, kind=draft.kind, unverified=draft.unverified).first()
    context = {
        "draft": draft, "state": LIFECYCLE.states[draft.state], "author": member.user_id == draft.author,
        "acts": [row for row in LIFECYCLE.possible(draft, member) if row.action != "propose_authority"],
        "present": present, "waived": _waived(draft.kind, draft), "waived_now": _waived(draft.kind, present),
    }  # fmt: skip
    return render(request, "guarantees/authority.html", context)


Act = Callable[[AuthorityDraft, Member, HttpRequest], object]
ACTS: dict[str, tuple[Act, Any]] = {
    "set_authority": (
        lambda draft, by, request: confirm_authority(draft, by=by, at=now()), lazy("已生效，按新的权限审批。"),
    ),
    "discard_authority": (
        lambda draft, by, request: discard_authority(draft, by=by, at=now(), reason=request.POST.get("reason", "")),
        lazy("变更已作废，现行权限不变。"),
    ),
}  # fmt: skip


@require_POST
@needs(RIGHT)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    draft = _draft(request, reference)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[action]
    doing(as_seen(draft, request), member_of(request), request)
    messages.success(request, str(done))
    return redirect("guarantees:authorities")


def _draft(request: HttpRequest, reference: str) -> AuthorityDraft:
    found = AuthorityDraft.objects.visible_to(member_of(request)).filter(reference=reference)
    draft = found.select_related("guarantor").first()
    if draft is None:
        raise Unknown(_("没有找到这份变更。"), advice=_("它可能属于其他机构，请从审批授权列表进入。"))
    return draft
