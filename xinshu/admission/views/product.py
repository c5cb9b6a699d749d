"""A product's conditions before a firm: whether it is admitted, what is missing, and how to come by it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.gates import match
from xinshu.admission.actions.sheets import begin_sheet
from xinshu.admission.lifecycle import FILLS
from xinshu.admission.models import FIRM, FIRMS, SUBJECTS, Gate, Sheet
from xinshu.admission.queries import gates_of, latest, reading_of
from xinshu.admission.shelves import Ware, ware_for
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted, Unknown
from xinshu.rules.engine.answers import OUTCOMES, TONES
from xinshu.rules.running import fresh

MOST = 10  # persons, properties, vehicles shown for one gate


def _ware(request: MemberRequest, product: str) -> Ware:
    if request.member.organisation.kind not in FIRMS:
        raise NotPermitted(_("这里由申请企业核对自己是否符合。"), advice=_("本机构的核对记录在准入方案里。"))
    found = ware_for(product, request.member, now())
    if found is None:
        raise Unknown(_("没有找到这个产品。"), advice=_("它可能已经下架，请从产品货架进入。"))
    return found[1]


def _gate(request: MemberRequest, product: str) -> Gate:
    _ware(request, product)
    reference = request.POST.get("gate", "")[:16]
    found = next((one for one in gates_of(product) if one.reference == reference), None)
    if found is None:
        raise Unknown(_("这个产品没有这份准入方案。"), advice=_("请刷新页面后再试。"))
    return found


def _standing(gate: Gate, request: MemberRequest) -> dict[str, Any]:
    """Return what the page shows of one gate: readings, the firm's newest results, its questionnaires."""
    firm, on = request.member.organisation, local_day(now())
    version = gate.rule_set.version_on(on) if gate.rule_set.state == "on" else None
    sheets = (
        Sheet.objects.filter(version_asked__questionnaire=gate.questionnaire, firm=firm)
        if gate.questionnaire
        else (Sheet.objects.none())
    )
    handed_in = sheets.filter(state="handed_in").order_by("-pk")
    abouts = [""] if gate.subject == FIRM else list(dict.fromkeys(handed_in.values_list("about", flat=True)))[:MOST]
    results = []
    for about in abouts:
        newest = latest(gate, firm, about)
        results.append((about, newest, reading_of(newest.run) if newest else None))
    return {
        "gate": gate, "subject": SUBJECTS[gate.subject], "asks": version is not None,
        "readings": fresh(version).readings if version and gate.shows_unmet else (), "results": results,
        "open": sheets.filter(state="open").order_by("pk")[:MOST], "answered": bool(handed_in),
    }  # fmt: skip


@needs(FILLS)
def show(request: MemberRequest, product: str) -> HttpResponse:
    """Show what a product asks, and how the own firm stands to it."""
    ware = _ware(request, product)
    context = {
        "ware": ware, "gates": [_standing(gate, request) for gate in gates_of(product)],
        "outcomes": OUTCOMES, "tones": TONES, "record": reverse("enterprises:list"),
    }  # fmt: skip
    return render(request, "admission/product.html", context)


@require_POST
@needs(FILLS)
def check(request: MemberRequest, product: str) -> HttpResponse:
    """Ask the house's rules about the own firm; the house reads the result, too."""
    gate = _gate(request, product)
    about = request.POST.get("about", "").replace("\0", "")[:60]
    found = match(gate, request.member.organisation, about, by=request.member, at=now())
    messages.success(request, _("已核对：%(outcome)s。") % {"outcome": OUTCOMES[found.run.outcome]})
    return redirect("admission:product", product)


@require_POST
@needs(FILLS)
def fill(request: MemberRequest, product: str) -> HttpResponse:
    """Open the product's questionnaire."""
    gate = _gate(request, product)
    about = request.POST.get("about", "").replace("\0", "")[:60]
    sheet = begin_sheet(gate, about, by=request.member, at=now())
    return redirect("admission:sheet", sheet.reference)
