"""角色权限: what the roles of an organisation may do, page by page; a new version, its preview, its approval."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.actions.tables import (
    NAME_AT_MOST,
    OWN_AT_MOST,
    STATES,
    approve_table,
    effects,
    next_code,
    own_changes,
    propose_table,
    refuse_table,
    withdraw_table,
)
from xinshu.accounts.forms import ReasonForm, SearchForm
from xinshu.accounts.lifecycle import ROLE_TABLE
from xinshu.accounts.models import Member, Organisation, RoleTable
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.roles import (
    PAGES,
    ROLES,
    ROLES_OF_KIND,
    Table,
    configurable,
    is_own,
    own_roles,
    rights_in,
    role_name,
)
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Refusal, Unknown

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
    table: Table = organisation.role_table
    standing = own_roles(table)
    may_propose = request.member.can("accounts.manage")
    if request.method == "POST":
        table = _posted(request, organisation)
        form = ReasonForm(request.POST)
        form.is_valid()
        reason = form.cleaned_data.get("reason", "")
        try:
            if "add" in request.POST:
                if not request.POST.get("new_name", "").strip():
                    raise Invalid(_("请填写新角色的名称。"))
            elif "preview" in request.POST:
                preview = effects(organisation, table)
            else:
                propose_table(organisation, table, reason=reason, by=request.member, at=clock.now())
                messages.success(request, _("已提交，等安全管理员批准后启用。"))
                return redirect("accounts:table", organisation.pk)
        except Refusal as said:
            refusal = said
    waiting = RoleTable.objects.filter(organisation=organisation, state="proposed")
    # What is deleted only now is still there to be taken back.
    own = {code: said for code, said in own_roles(table).items() if standing.get(code, {}).get("state") != "deleted"}
    shown = {
        "organisation": organisation,
        **_shown(organisation, table, own),
        "own": own,
        "added": [code for code in own_roles(table) if code not in standing],
        "holders": _holders(organisation),
        "states": STATES,
        "name_at_most": NAME_AT_MOST,
        "changes": own_changes(organisation.role_table, table) if preview is not None else [],
        "pages": [page for page in PAGES if any(r in configurable(organisation.kind) for r, _name in page.rights)],
        "allowed": configurable(organisation.kind),
        "defaults": {role: ROLES[role][1] for role in ROLES_OF_KIND[organisation.kind]},
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
    own = {code: said for code, said in own_roles(case.roles).items() if said["state"] != "deleted"}
    shown = {
        "case": case,
        "rows": ROLE_TABLE.possible(case, request.member),
        "effects": effects(case.organisation, case.roles) if case.state == "proposed" else [],
        "pages": PAGES,
        "changes": own_changes(case.organisation.role_table, case.roles) if case.state == "proposed" else [],
        **_shown(case.organisation, case.roles, own),
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


def _posted(request: MemberRequest, organisation: Organisation) -> Table:
    """Return the table that was typed: rights of the fixed roles, the organisation's own, and one more if named."""
    said, allowed = request.POST, configurable(organisation.kind)

    def ticked(role: str) -> list[str]:
        return [right for right in said.getlist(f"rights_{role}") if right in allowed]

    table: dict[str, Any] = {role: ticked(role) for role in ROLES_OF_KIND[organisation.kind]}
    standing = own_roles(organisation.role_table)
    added = [code for code in said.getlist("added")[:OWN_AT_MOST] if is_own(code) and code not in standing]
    for code in (*standing, *added):
        if f"name_{code}" not in said or standing.get(code, {}).get("state") == "deleted":
            table |= {code: standing[code]} if code in standing else {}
            continue
        former = standing.get(code, {}).get("state", "active")
        table[code] = {
            "name": said[f"name_{code}"][: NAME_AT_MOST + 1].strip(),
            "rights": ticked(code),
            "state": state if (state := said.get(f"state_{code}", "")) in STATES else former,
            "revoke": f"revoke_{code}" in said,
        }
    if name := said.get("new_name", "").strip():
        like = said.get("new_like", "")
        rights = sorted(allowed & set(rights_in(table, like))) if like in table else []
        table[next_code(table)] = {"name": name[: NAME_AT_MOST + 1], "rights": rights, "state": "active"}
    return table


def _shown(organisation: Organisation, table: Table, own: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the columns of a table as pages show it: (code, name), and the rights of each."""
    codes = [*ROLES_OF_KIND[organisation.kind], *own]
    idle = {code for code, said in own.items() if said["state"] == "disabled"}
    named = [(code, role_name(code, table) + (_("（停用）") if code in idle else "")) for code in codes]
    return {"roles": named, "table": {code: rights_in(table, code) for code in codes}}


def _holders(organisation: Organisation) -> dict[str, list[str]]:
    """Return who holds each own role."""
    found: dict[str, list[str]] = {}
    for member in Member.objects.filter(organisation=organisation, active=True).select_related("user"):
        for role in filter(is_own, member.roles):
            found.setdefault(role, []).append(member.user.name)
    return found


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
