"""机构认证方式: what one's own firm has proven, how strong it is, until when, and how to raise it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from xinshu.accounts.actions.identity import settings_now
from xinshu.accounts.assurance import LEVELS, MEANINGS
from xinshu.accounts.assurance.acts import ACTS
from xinshu.accounts.assurance.holding import KINDS_OF_FIRMS, held_by, level_of
from xinshu.accounts.assurance.methods import FIRM, METHODS, methods_of
from xinshu.accounts.assurance.settings import in_force
from xinshu.accounts.models import IdentityCheck, Member
from xinshu.accounts.requests import member_of
from xinshu.certification.forms import ProofForm
from xinshu.certification.methods import ELEMENTS, TRANSFER
from xinshu.certification.models import SmallTransfer
from xinshu.certification.proofs import READ_BACK, RIGHTS, order_transfer, prove_elements, read_back
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown, there

PER_PAGE = 20
TONES = {"passed": "ok", "failed": "danger", "silent": "warn", "open": "info"}
ACTIONS = ("elements", "transfer", "read-back")


@never_cache
@needs(*RIGHTS)
def proofs(request: HttpRequest) -> HttpResponse:
    """机构认证方式."""
    return _page(request, "", ProofForm())


@never_cache
@sensitive_post_parameters("number", "account_no")
@require_POST
@needs(*RIGHTS)
def proofs_act(request: HttpRequest, action: str) -> HttpResponse:
    """Prove the firm by one method; a refusal stands beside what was typed."""
    if action not in ACTIONS:
        raise Unknown(_("没有这样的操作。"))
    form, member, at = ProofForm(request.POST), member_of(request), now()
    if not form.is_valid():
        return _page(request, action, form)
    typed = form.cleaned_data
    try:
        if action == "elements":
            count = int(typed["count"] or 2)
            prove_elements(member, count, representative=typed["representative"], number=typed["number"], at=at)
            messages.success(request, _("与登记机关一致，已计入机构级别。"))
        elif action == "transfer":
            order_transfer(member, account_no=typed["account_no"], bank=typed["bank"], at=at)
            messages.success(request, _("已安排打款。收到后把金额填回来，7 天内有效。"))
        else:
            row = SmallTransfer.objects.filter(organisation=member.organisation_id, state=SmallTransfer.State.SENT)
            read_back(there(row.first(), _("没有等待回填的打款。")), typed["amount"], by=member, at=at)
            messages.success(request, _("打款认证通过，已计入机构级别。"))
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, action, form)
    return redirect("certification:proofs")


def _page(request: HttpRequest, action: str, form: ProofForm) -> HttpResponse:
    member, at, settings = member_of(request), now(), settings_now()
    firm = member.organisation
    held, table = held_by(firm, settings, at), in_force()
    has = {one.method.code: one for one in held}
    on = [one for one in methods_of(FIRM) if settings.is_on(one)]
    checks = IdentityCheck.objects.filter(organisation=firm).select_related("by__user").order_by("-at", "-pk")
    context = {
        "firm": firm, "proves": firm.kind in KINDS_OF_FIRMS, "level": level_of(held, at), "levels": LEVELS,
        "meanings": MEANINGS, "methods": [(one, has.get(one.code)) for one in on],
        "counts": [(count, METHODS[code].name) for code, count in ELEMENTS.items() if METHODS[code] in on],
        "transfers": METHODS[TRANSFER] in on,
        "waiting": SmallTransfer.objects.filter(organisation=firm, state__in=("ordered", "sent")).first(),
        "last": SmallTransfer.objects.filter(organisation=firm).order_by("-ordered_at").first(),
        "read_back": READ_BACK, "acts": _acts(member, held, table, at), "form": form, "doing": action,
        "page": Paginator(checks, PER_PAGE).get_page(request.GET.get("page")), "all_methods": METHODS, "tones": TONES,
    }  # fmt: skip
    return render(request, "certification/proofs.html", context, status=form.status if action else 200)


def _acts(member: Member, held: Any, table: Any, at: Any) -> list[dict[str, Any]]:
    """Return the acts that ask something of a firm, and whether this one reaches it."""
    found = []
    for act in ACTS.values() if table and member.organisation.kind in KINDS_OF_FIRMS else ():
        asked = table.asked(act)
        if asked.firm:
            reached = level_of(held, at, days=asked.days) >= asked.firm
            found.append({"name": act.name, "asked": asked, "reached": reached})
    return found
