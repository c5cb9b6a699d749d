"""优惠建议: customers worth one, what was proposed and what became of it; proposing, adopting, export."""

import io
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Organisation
from xinshu.admission.knowing import customers_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, NotNow, Unknown, there
from xinshu.insights.actions import adopt_discount, decline_discount, propose_discount, recall_discount
from xinshu.insights.forms import ProposalForm
from xinshu.insights.lifecycle import EDIT, EXPORT, PROPOSAL, VIEW
from xinshu.insights.loyalty import candidates, what_is_asked
from xinshu.insights.models import Proposal
from xinshu.insights.views.doors import house_of, proposal_of
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen, reason_in

PER_PAGE, CANDIDATES = 20, 20
USUAL = timedelta(days=365)


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show who is worth a proposal, and the proposals."""
    return _page(request, {}, {})


def _page(request: HttpRequest, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    member, at = house_of(request), now()
    proposals = _proposals(request)
    page = Paginator(proposals, PER_PAGE).get_page(request.GET.get("page"))
    plan, found = candidates(member.organisation, at)
    waiting = set(proposals.model.objects.visible_to(member).filter(state="proposed").values_list("firm_id", flat=True))
    worth = [one for one in found if one.firm.pk not in waiting]
    context = {
        "plan": plan, "worth": worth[:CANDIDATES], "left_out": max(0, len(worth) - CANDIDATES), "asks": what_is_asked(),
        "page": page, "state_of": PROPOSAL.states, "proposes": member.can(EDIT), "exports": member.can(EXPORT),
        "me": member.pk, "typed": typed, "errors": errors, "until": (local_day(at) + USUAL).isoformat(),
        "states": [(state.code, state.label) for state in PROPOSAL.states.values()],
    }  # fmt: skip
    return render(request, "insights/discounts.html", context, status=422 if errors else 200)


def _proposals(request: HttpRequest) -> Any:
    rows = Proposal.objects.visible_to(house_of(request)).select_related(
        "firm", "proposed_by__user", "decided_by__user"
    )
    if (state := request.GET.get("state", "")) in PROPOSAL.states:
        rows = rows.filter(state=state)
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(firm__name__icontains=text)
    return rows.order_by("-proposed_at", "-pk")


@require_POST
@needs(EDIT)
def propose(request: HttpRequest) -> HttpResponse:
    """Propose the tier of one candidate."""
    member, form = house_of(request), ProposalForm(request.POST)
    form.is_valid()
    typed = {name: request.POST.get(name, "")[:200] for name in ("firm", "note", "until")}
    number = typed["firm"] if typed["firm"].isascii() and typed["firm"].isdecimal() and len(typed["firm"]) < 19 else "0"
    customers = Organisation.objects.filter(pk__in=customers_of(member.organisation))
    firm = there(customers.filter(pk=int(number)).first(), _("没有找到这家客户。"))
    until = form.cleaned_data.get("until")
    try:
        if until is None:
            raise Invalid(_("没有提出。"), fields={"until": _("请填写有效期，例如 2027-11-21")})
        proposal = propose_discount(firm, note=form.cleaned_data.get("note", ""), until=until, by=member, at=now())
    except Invalid as refusal:
        return _page(request, typed, refusal.fields or {"note": refusal.message})
    except NotNow as refusal:
        messages.error(request, f"{refusal.message}{refusal.advice}")
        return redirect("insights:discounts")
    messages.success(request, _("已提出，等客户经理核定。"))
    return redirect("insights:proposal", proposal.reference)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a proposal with its reasons."""
    proposal, member = proposal_of(request, reference), house_of(request)
    relation = (
        proposal.firm.enterprise.relations.filter(guarantor=proposal.house).select_related("manager__user").first()
    )
    acts = [
        row
        for row in PROPOSAL.possible(proposal, member)
        if row.action != "adopt" or proposal.proposed_by.user_id != member.user_id
    ]
    context = {
        "proposal": proposal, "state": PROPOSAL.states[proposal.state], "acts": acts,
        "manager": relation.manager.user.name if relation is not None else _("没有客户经理"),
    }  # fmt: skip
    return render(request, "insights/proposal.html", context)


@require_POST
@needs(VIEW)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    proposal, by, at = proposal_of(request, reference), house_of(request), now()
    if action == "adopt":
        adopt_discount(as_seen(proposal, request), by=by, at=at)
        messages.success(request, _("已核定，以后的保费按这个等级优惠。"))
    elif action == "decline":
        decline_discount(as_seen(proposal, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已记下不采纳，客户的优惠不变。"))
    elif action == "recall":
        recall_discount(as_seen(proposal, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("建议已撤回。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("insights:proposal", reference)


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("建议等级"), 14, "insights.Proposal.tier_name", lambda row: row.tier_name),
    Column(lazy("优惠"), 10, "insights.Proposal.discount_rate", lambda row: f"{row.discount_rate:.2%}"),
    Column(lazy("理由"), 70, "insights.Proposal.reasons", lambda row: "；".join(row.reasons)),
    Column(lazy("说明"), 30, "insights.Proposal.note", lambda row: row.note),
    Column(lazy("有效至"), 14, "insights.Proposal.until", lambda row: row.until.isoformat()),
    Column(lazy("状态"), 16, "insights.Proposal.state", lambda row: PROPOSAL.states[row.state].label),
    Column(lazy("提出人"), 14, "accounts.User.name", lambda row: row.proposed_by.user.name),
    Column(lazy("办理人"), 14, "accounts.User.name", lambda row: row.decided_by.user.name if row.decided_by else ""),
    Column(lazy("结果说明"), 30, "insights.Proposal.outcome", lambda row: row.outcome),
)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download the proposals that the list shows. It is recorded."""
    member = house_of(request)
    sheet = export_sheet(
        _("优惠建议"), COLUMNS, _proposals(request), kind="discount.exported", subject=member.organisation, by=member,
        at=now(),
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("优惠建议.xlsx"))
