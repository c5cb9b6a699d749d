"""角色权限: what the roles of an organisation may do, page by page; a new version, its preview, its approval."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.actions.tables import approve_table, effects, propose_table, refuse_table, withdraw_table
from xinshu.accounts.forms import ReasonForm, SearchForm
from xinshu.accounts.lifecycle import ROLE_TABLE
from xinshu.accounts.models import Organisation, RoleTable
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.roles import PAGES, ROLES, ROLES_OF_KIND, configurable
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown

PER_PAGE = 20


@needs("accounts.view")
def tables_page(request: MemberRequest) -> HttpResponse:
    """角色权限: organisations whose table can differ, those with something waiting first."""
    q = SearchForm(request.GET).asked()["q"]
    waits = RoleTable.objects.filter(organisation=OuterRef("pk"), state="proposed")
    found = Organisation.objects.visible_to(request.member).exclude(kind="operator").annotate(waits=Exists(waits))
    if q:
        found = found.filter(name__icontains=q)
    page = Paginator(found.order_by("-waits", "name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/tables.html", {"page": page, "q": q})


@needs("accounts.view")
def table_page(request: MemberRequest, number: int) -> HttpResponse:
    """One organisation's rights: as they are, edited with a preview, the version that waits, and former ones."""
    organisation = _organisation(request, number)
    refusal, preview, reason = None, None, ""
    table = {role: organisation.role_table.get(role, ROLES[role][1]) for role in ROLES_OF_KIND[organisation.kind]}
    may_propose = request.member.can("accounts.manage")
    if request.method == "POST":
        table = {role: request.POST.getlist(f"rights_{role}") for role in table}
        form = ReasonForm(request.POST)
        form.is_valid()
        reason = form.cleaned_data.get("reason", "")
        try:
            if "preview" in request.POST:
                preview = effects(organisation, {role: [r for r in rights if r in configurable(organisation.kind)]
                                                 for role, rights in table.items()})  # fmt: skip
            else:
                propose_table(organisation, table, reason=reason, by=request.member, at=clock.now())
                messages.success(request, _("已提交，等安全管理员批准后启用。"))
                return redirect("accounts:table", organisation.pk)
        except Refusal as said:
            refusal = said
    waiting = RoleTable.objects.filter(organisation=organisation, state="proposed")
    shown = {
        "organisation": organisation,
        "table": table,
        "pages": [page for page in PAGES if any(r in configurable(organisation.kind) for r, _name in page.rights)],
        "allowed": configurable(organisation.kind),
        "roles": [(role, ROLES[role][0]) for role in table],
        "defaults": {role: ROLES[role][1] for role in table},
        "refusal": refusal,
        "preview": preview,
        "reason": reason,
        "may_propose": may_propose and not waiting.exists(),
        "versions": RoleTable.objects.filter(organisation=organisation)
        .select_related("proposed_by__user", "decided_by__user")
        .order_by("-number")[:20],
    }
    return render(request, "accounts/table.html", shown, status=refusal.status if refusal else 200)


@needs("accounts.view")
def version_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One version: who gains and who loses what, and the decision."""
    case = _table(request, reference)
    shown = {
        "case": case,
        "rows": ROLE_TABLE.possible(case, request.member),
        "effects": effects(case.organisation, case.roles) if case.state == "proposed" else [],
        "pages": PAGES,
        "roles": [(role, ROLES[role][0]) for role in ROLES_OF_KIND[case.organisation.kind]],
        "table": {role: case.roles.get(role, ROLES[role][1]) for role in ROLES_OF_KIND[case.organisation.kind]},
        "allowed": configurable(case.organisation.kind),
    }
    return render(request, "accounts/table_version.html", shown)


@require_POST
@needs("accounts.view")
def decide_table(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """批准启用, 不批准, 撤回申请."""
    case, at = _table(request, reference), clock.now()
    form = ReasonForm(request.POST)
    form.is_valid()
    case.version = form.cleaned_data.get("version") or 0
    if action == "approve":
        approve_table(case, by=request.member, at=at)
        messages.success(request, _("新的权限已启用。"))
    elif action == "refuse":
        refuse_table(case, reason=form.cleaned_data.get("reason", ""), by=request.member, at=at)
        messages.success(request, _("没有批准，权限保持不变。"))
    elif action == "withdraw":
        withdraw_table(case, by=request.member, at=at)
        messages.success(request, _("已撤回，权限保持不变。"))
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:version", case.reference)


def _organisation(request: MemberRequest, number: int) -> Organisation:
    met = Organisation.objects.visible_to(request.member).exclude(kind="operator")
    found = met.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Unknown(_("没有找到这个机构。"))
    return found


def _table(request: MemberRequest, reference: str) -> RoleTable:
    found = RoleTable.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related(
        "organisation", "proposed_by__user", "proposed_by__organisation", "decided_by__user", "decided_by__organisation"
    ).first()
    if case is None:
        raise Unknown(_("没有找到这一版权限。"))
    return case
