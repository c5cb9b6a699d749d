"""Pages of 留存规则: what is kept for how long, what is due to be cleared, and the two people's acts."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal
from xinshu.ledger import retaining
from xinshu.ledger.forms import DecisionForm, RuleForm
from xinshu.ledger.kinds import expirable, name_of
from xinshu.ledger.lifecycle import REDACTION, RULE
from xinshu.ledger.models import Redaction, RetentionRule

SHOWN = 50
OPEN = ("proposed", "approved")
_CASES: dict[str, Any] = {"rules": (RetentionRule, RULE), "clearings": (Redaction, REDACTION)}


@require_http_methods(["GET", "POST"])
@needs("ledger.retention")
def retention(request: HttpRequest) -> HttpResponse:
    """What is in force, what waits for a decision, what was cleared; by POST, propose a rule."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rule = retaining.propose_rule(**form.cleaned_data, by=member, at=at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已提出，等待安全管理员批准。"))
            return redirect("ledger:retention_case", "rules", rule.reference)
    active = RetentionRule.objects.filter(state="active").order_by("kind")
    rules = [(rule, retaining.due(rule, retaining.cut_off(rule, at), at).count()) for rule in active]
    without = [
        (name_of(kind), least) for kind, least in expirable().items() if kind not in {rule.kind for rule in active}
    ]
    asked = RetentionRule.objects.filter(state="proposed").order_by("proposed_at")
    clearings = Redaction.objects.select_related("rule").order_by("proposed_at")
    shown = {
        "form": form,
        "rules": rules,
        "without": without,
        "waiting": [*asked, *clearings.filter(state__in=OPEN)],
        "past": clearings.exclude(state__in=OPEN).order_by("-proposed_at")[:SHOWN],
        "name_of": name_of,
        "may_propose": member.can("ledger.audit"),
    }
    return render(request, "ledger/retention.html", shown, status=form.status)


@require_GET
@needs("ledger.retention")
def case(request: HttpRequest, what: str, reference: str) -> HttpResponse:
    """One rule or one clearing, with what this person may do with it."""
    found, lifecycle = _found(what, reference)
    rule = found if what == "rules" else found.rule
    shown = {
        "case": found,
        "rule": rule,
        "is_rule": what == "rules",
        "what": what,
        "rows": lifecycle.possible(found, request.member),  # type: ignore[attr-defined]
        "name_of": name_of,
    }
    return render(request, "ledger/retention_case.html", shown)


@require_POST
@needs("ledger.retention")
def act(request: HttpRequest, what: str, reference: str, action: str) -> HttpResponse:
    """Approve, refuse or withdraw."""
    found, lifecycle = _found(what, reference)
    form = DecisionForm(request.POST)
    form.is_valid()
    found.version = form.cleaned_data.get("version") or found.version
    by, at = request.member, clock.now()  # type: ignore[attr-defined]
    if action == "approve" and what == "rules":
        retaining.approve_rule(found, by=by, at=at)
    elif action == "approve":
        retaining.approve_redaction(found, by=by, at=at)
    elif action == "refuse":
        retaining.refuse(found, reason=form.cleaned_data.get("reason") or "", by=by, at=at)
    elif action == "withdraw":
        retaining.withdraw(found, by=by, at=at)
    else:
        raise Http404
    messages.success(request, _("已办理：%s。") % next(row.label for row in lifecycle.rows if row.action == action))
    return redirect("ledger:retention_case", what, reference)


@require_POST
@needs("ledger.retention")
def clear(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose that everything be cleared that is older than a rule keeps."""
    rule, _lifecycle = _found("rules", reference)
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    redaction = retaining.propose_redaction(rule, by=member, at=at)
    messages.success(request, _("已提出，等待安全管理员批准。"))
    return redirect("ledger:retention_case", "clearings", redaction.reference)


def _found(what: str, reference: str) -> tuple[Any, Any]:
    if what not in _CASES:
        raise Http404
    model, lifecycle = _CASES[what]
    found = model.objects.filter(reference=reference).first()
    if found is None:
        raise Http404
    return found, lifecycle
