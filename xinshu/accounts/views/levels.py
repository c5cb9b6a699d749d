"""认证方式与级别: methods with their use, acts with their level, versions that wait for a second person, the log."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.actions.identity import settings_now
from xinshu.accounts.actions.levels import (
    LONGEST_DAYS,
    approve_levels,
    changes,
    propose_levels,
    refuse_levels,
    withdraw_levels,
)
from xinshu.accounts.assurance import LEVELS, MEANINGS
from xinshu.accounts.assurance.acts import ACTS
from xinshu.accounts.assurance.figures import checks, uses
from xinshu.accounts.assurance.holding import firms_by_level, firms_that_prove, users_by_level
from xinshu.accounts.assurance.methods import FIRM, METHODS, PERSON, SIDES, methods_of
from xinshu.accounts.assurance.settings import Settings
from xinshu.accounts.exports import export_checks
from xinshu.accounts.forms import ReasonForm
from xinshu.accounts.lifecycle import LEVEL_TABLE
from xinshu.accounts.models import IdentityCheck, LevelTable
from xinshu.accounts.requests import MemberRequest
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown, there
from xinshu.ledger.exports import XLSX

PER_PAGE = 50
VERSIONS = 20


@needs("accounts.view")
def levels_page(request: MemberRequest) -> HttpResponse:
    """认证方式与级别: as it stands, and the form of the next version."""
    at, settings, refusal, reason = clock.now(), settings_now(), None, ""
    if request.method == "POST":
        content, form = _posted(request.POST), ReasonForm(request.POST)
        form.is_valid()
        reason = form.cleaned_data.get("reason", "")
        try:
            proposed = propose_levels(content, reason=reason, by=request.member, at=at)
        except Refusal as said:
            refusal, settings = said, Settings(_readable(content))
        else:
            messages.success(request, _("已提交，等安全管理员批准后启用。"))
            return redirect("accounts:level_version", proposed.reference)
    versions = LevelTable.objects.visible_to(request.member).select_related("proposed_by__user", "decided_by__user")
    waiting = versions.filter(state="proposed").first()
    context = {
        **_shown(settings),
        "uses": uses(at),
        "people": users_by_level(settings, at),
        "firms": firms_by_level(settings, at),
        "all_firms": firms_that_prove().count(),
        "active": LevelTable.objects.filter(state="active").first(),
        "waiting": waiting,
        "may_propose": request.member.can("accounts.manage") and waiting is None,
        "versions": versions.order_by("-number")[:VERSIONS],
        "refusal": refusal,
        "reason": reason,
        "longest": LONGEST_DAYS,
    }
    return render(request, "accounts/levels.html", context, status=refusal.status if refusal else 200)


@needs("accounts.view")
def level_version_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One version: what it changes, how many reach its levels, and the decision."""
    case, at = _case(request, reference), clock.now()
    settings = Settings(case.content)
    context = {
        **_shown(settings),
        "case": case,
        "rows": LEVEL_TABLE.possible(case, request.member),
        "changes": changes(case.content) if case.state == "proposed" else [],
        "people": users_by_level(settings, at),
        "firms": firms_by_level(settings, at),
        "all_firms": firms_that_prove().count(),
    }
    return render(request, "accounts/level_version.html", context)


@require_POST
@needs("accounts.view")
def decide_levels(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """批准启用, 不批准, 撤回申请."""
    case, at = _case(request, reference), clock.now()
    form = ReasonForm(request.POST)
    form.is_valid()
    case.version = form.cleaned_data.get("version") or 0
    if action == "approve":
        approve_levels(case, by=request.member, at=at)
        messages.success(request, _("新的认证级别已启用。"))
    elif action == "refuse":
        refuse_levels(case, reason=form.cleaned_data.get("reason", ""), by=request.member, at=at)
        messages.success(request, _("没有批准，认证级别保持不变。"))
    elif action == "withdraw":
        withdraw_levels(case, by=request.member, at=at)
        messages.success(request, _("已撤回，认证级别保持不变。"))
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:level_version", case.reference)


@needs("accounts.view")
def checks_page(request: MemberRequest) -> HttpResponse:
    """认证记录: every use of a method, by whom, how it ended."""
    asked = _asked(request.GET)
    found = checks(request.member, q=asked["q"], method=asked["method"], outcome=asked["outcome"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "asked_for": asked,
        "methods": METHODS,
        "choices": [(code, one.name) for code, one in METHODS.items()],
        "outcomes": IdentityCheck.Outcome.choices,
        "tones": {"passed": "ok", "failed": "danger", "silent": "warn", "open": "info"},
    }
    return render(request, "accounts/checks.html", context)


@require_POST
@needs("accounts.view")
def checks_export(request: MemberRequest) -> HttpResponse:
    """导出认证记录: what the filters leave."""
    at = clock.now()
    export = export_checks(request.member, **_asked(request.GET), at=at)
    response = HttpResponse(export.content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="checks-{at.astimezone(clock.CHINA):%Y%m%d-%H%M}.xlsx"'
    return response


def _asked(query: QueryDict) -> dict[str, str]:
    """Return the filters; what is not on offer is left out."""
    method, outcome = query.get("method", ""), query.get("outcome", "")
    return {
        "q": query.get("q", "").replace("\0", "").strip()[:60],
        "method": method if method in METHODS else "",
        "outcome": outcome if outcome in IdentityCheck.Outcome.values else "",
    }


def _posted(posted: QueryDict) -> dict[str, Any]:
    """Return the table as it was typed; what is no number stays text, for the action to refuse."""
    return {
        "methods": {
            code: {"on": f"on_{code}" in posted, "days": _number(posted.get(f"method_days_{code}", "0"))}
            for code in METHODS
        },
        "acts": {
            code: {name: _number(posted.get(f"{name}_{code}", "0")) for name in (PERSON, FIRM, "days")} for code in ACTS
        },
    }


def _number(typed: str) -> int | str:
    typed = typed.strip() or "0"
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else typed[:20]


def _readable(content: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed so that the page can show it again; what is no number becomes 0."""
    return {
        part: {code: {k: v if isinstance(v, int) else 0 for k, v in row.items()} for code, row in rows.items()}
        for part, rows in content.items()
    }


def _shown(settings: Settings) -> dict[str, Any]:
    return {
        "sides": [(side, name, methods_of(side)) for side, name in SIDES.items() if methods_of(side)],
        "acts": [(act, settings.asked(act)) for act in ACTS.values()],
        "settings": settings,
        "levels": LEVELS,
        "meanings": MEANINGS,
    }


def _case(request: MemberRequest, reference: str) -> LevelTable:
    found = LevelTable.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related(
        "proposed_by__user", "proposed_by__organisation", "decided_by__user", "decided_by__organisation"
    ).first()
    return there(case, _("没有找到这一版认证级别。"))
