"""Pages: the firm hands in and sees how it stands; who reviews goes through it item by item."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.forms import SearchForm
from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.certification import actions, queries
from xinshu.certification.forms import CertificationForm, begun_from
from xinshu.certification.lifecycle import CERTIFICATION
from xinshu.certification.models import OPEN_STATES, REVIEW, Certification, Item
from xinshu.core.clock import now, today
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import NotPermitted, Refusal, Unknown
from xinshu.enterprises.queries import record_of
from xinshu.ledger.reads import looked_at
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 20
FIELD_OF: dict[str, str] = {Item.REPRESENTATIVE: "representative_file"}  # where the form has the file of an item


@needs("enterprises.edit")
def mine(request: HttpRequest) -> HttpResponse:
    """企业认证: how the firm's own stands."""
    member = member_of(request)
    rows = list(Certification.objects.filter(organisation=member.organisation_id).order_by("-pk")[:20])
    row = rows[0] if rows else None
    context = {
        "row": row, "former": rows[1:], "items": queries.items_of(row) if row else [],
        "rows": CERTIFICATION.possible(row, member) if row else [], "organisation": member.organisation,
        "may_apply": row is None or row.state not in OPEN_STATES,
    }  # fmt: skip
    return render(request, "certification/mine.html", context)


@needs("enterprises.edit")
def apply(request: HttpRequest) -> HttpResponse:
    """Hand in a certification, pre-filled from the one before or from the record."""
    member = member_of(request)
    before = Certification.objects.filter(organisation=member.organisation_id).order_by("-pk").first()
    form = CertificationForm(request.POST or None, request.FILES or None, initial=begun_from(before, _known(member)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.submit(member.organisation, form.papers(), by=member, at=now())
        except NotPermitted:
            raise
        except Refusal as refusal:
            refusal.fields = {FIELD_OF.get(name, name): words for name, words in refusal.fields.items()}
            form.refuse(refusal)
        else:
            messages.success(request, _("已提交。与登记机关核对通常在一分钟内完成，结果会通知您。"))
            return redirect("certification:mine")
    accepted = set(before.judgements.filter(accepted=True).values_list("item", flat=True)) if before else set()
    rejected = {one.item: one.reason for one in before.judgements.filter(accepted=False)} if before else {}
    context = {"form": form, "before": before, "accepted": accepted, "rejected": rejected}
    return render(request, "certification/apply.html", context, status=form.status)


def _known(member: Member) -> dict[str, str]:
    record = {view.code: view.value for view in record_of(member.organisation, today())}
    return {
        "legal_name": record["legal_name"] or member.organisation.name,
        "uscc": record["uscc"] or member.organisation.uscc or "",
        "representative": record["legal_representative"],
    }


@needs(REVIEW)
def show_list(request: HttpRequest) -> HttpResponse:
    """认证审核: what waits for a decision, unless another view was chosen."""
    member, asked = member_of(request), SearchForm(request.GET).asked()
    state = asked["state"] or "reviewing"
    found = queries.certifications(member, q=asked["q"], state="" if state == "all" else state)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")), "state": state, "q": asked["q"],
        "states": [one for one in CERTIFICATION.states.values() if one.code != "replaced"],
        "counts": queries.by_state(member),
    }  # fmt: skip
    return render(request, "certification/list.html", context)


@needs(REVIEW)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """One certification, item by item: the file, what was typed, what the checks found."""
    member = member_of(request)
    row = _row(member, reference)
    looked_at("certification.read", row, by=member, at=now())
    possible = CERTIFICATION.possible(row, member)
    context = {
        "row": row, "items": queries.items_of(row), "organisation": row.organisation,
        "rows": [one for one in possible if one.action not in ("accept", "reject")],
        "judges": any(one.action == "accept" for one in possible),
    }  # fmt: skip
    return render(request, "certification/review.html", context)


@require_POST
@needs(REVIEW)
def judge_item(request: HttpRequest, reference: str, item: str) -> HttpResponse:
    """Accept one item, or reject it with a reason."""
    member = member_of(request)
    row = as_seen(_row(member, reference), request)
    if item not in Item.values:
        raise Unknown(_("没有这一项。"))
    accept = request.POST.get("accept") == "1"
    reason = "" if accept else reason_in(request)
    actions.judge(row, item, accept=accept, reason=reason, by=member, at=now())
    label = Item(item).label
    messages.success(
        request, _("%(item)s：已通过。") % {"item": label} if accept else _("%(item)s：已退回。") % {"item": label}
    )
    return redirect("certification:review", reference)


Act = Callable[[Certification, Member, HttpRequest], Any]
ACTS: dict[str, tuple[Act, Any]] = {
    "approve": (lambda row, by, _request: actions.approve(row, by=by, at=now()), gettext_lazy("已通过认证。")),
    "return": (
        lambda row, by, _request: actions.send_back(row, by=by, at=now()),
        gettext_lazy("已退回，企业会看到各项原因。"),
    ),
    "withdraw": (
        lambda row, by, _request: actions.withdraw(row, by=by, at=now()),
        gettext_lazy("已撤回，可以修改后再提交。"),
    ),
    "revoke": (
        lambda row, by, request: actions.revoke(row, reason=reason_in(request), by=by, at=now()),
        gettext_lazy("已撤销认证。"),
    ),
}


@require_POST
@signed_in
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Decide, withdraw or revoke, on what the person saw."""
    member = member_of(request)
    row = _row(member, reference)
    if action not in ACTS:
        raise Unknown(_("没有这样的操作。"))
    doing, done = ACTS[action]
    doing(as_seen(row, request), member, request)
    messages.success(request, str(done))
    own = row.organisation_id == member.organisation_id
    return redirect("certification:mine") if own else redirect("certification:review", reference)


def _row(member: Member, reference: str) -> Certification:
    found = Certification.objects.visible_to(member).filter(reference=reference).select_related("organisation").first()
    if found is None:
        raise Unknown(_("没有找到这份认证。"))
    return found
