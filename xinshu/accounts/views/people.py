"""用户与权限: the list, one user, and what the administrators do: each their own part, none another's."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts import queries
from xinshu.accounts.actions.accounts import (
    add_user,
    change_details,
    leave,
    lock_user,
    review_user,
    successors_of,
    unlock_user,
)
from xinshu.accounts.actions.roles import approve_roles, propose_roles, refuse_roles, withdraw_roles
from xinshu.accounts.actions.second_factor import due, reset_second_factor
from xinshu.accounts.forms import NewUserForm, ReasonForm, SearchForm, UserForm
from xinshu.accounts.lifecycle import ROLE_CHANGE, USER
from xinshu.accounts.models import Member, RoleChange, User
from xinshu.accounts.requests import MemberRequest
from xinshu.accounts.roles import GUARDIANS, ROLES, ROLES_OF_KIND, own_roles, role_name
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown
from xinshu.ledger.kinds import name_of

PER_PAGE = 20
IN_A_DIALOG = ("lock", "unlock", "review")  # leaving has a page of its own: it asks who takes over


@needs("accounts.view")
def users_page(request: MemberRequest) -> HttpResponse:
    """用户与权限: the list."""
    asked = SearchForm(request.GET).asked()
    found = queries.users(request.member, q=asked["q"], state=asked["state"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/users.html", {"page": page, "asked_for": asked, "states": USER.states.values()})


@needs("accounts.manage")
def new_user_page(request: MemberRequest) -> HttpResponse:
    """新增用户."""
    form = NewUserForm(request.POST or None)
    if form.is_valid():
        typed = dict(form.cleaned_data)
        organisation = queries.named_organisation(typed.pop("organisation"))
        if organisation is None:
            form.add_error("organisation", _("平台上没有这个机构，请核对全称或信用代码"))
        else:
            try:
                member = add_user(**typed, organisation=organisation, by=request.member, at=clock.now())
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("已新增%(name)s。请为其申请角色。") % {"name": member.user.name})
                return redirect("accounts:user", member.user.username)
    return render(request, "accounts/new_user.html", {"form": form}, status=form.status)


@needs("accounts.view")
def user_page(request: MemberRequest, username: str) -> HttpResponse:
    """One user: memberships, state, what an administrator may do, and what was done."""
    user = _user(request, username)
    memberships = list(user.members.select_related("organisation").order_by("organisation__name"))
    rows = USER.possible(user, request.member) if user.pk != request.member.user_id else []
    waiting = RoleChange.objects.filter(member__in=memberships, state="proposed").select_related(
        "proposed_by__user", "member__organisation"
    )
    secures = request.member.can("accounts.secure") and user.pk != request.member.user_id
    sees = request.member.can("accounts.secure") or request.member.can("ledger.audit")
    return render(
        request,
        "accounts/user.html",
        {
            "person": user,
            "memberships": memberships,
            "rows": [row for row in rows if row.action in IN_A_DIALOG],
            "may_leave": any(row.action == "leave" for row in rows),
            "may_change": request.member.can("accounts.manage") and bool(rows),
            "may_propose": {one.pk for one in memberships if one.active and _proposable(request.member, one)},
            "waiting": {change.member_id: change for change in waiting},
            "sessions": queries.open_sessions(user) if sees else [],
            "may_end": secures,
            "may_reset": secures and due(user) == "code",
            "bound": due(user) == "code",
            "trace": [(name_of(entry.kind), entry) for entry in queries.trace(user)],
        },
    )


@needs("accounts.manage")
def change_user_page(request: MemberRequest, username: str) -> HttpResponse:
    """修改资料."""
    user = _user(request, username)
    form = UserForm(request.POST or None, initial={"name": user.name, "phone": user.phone})
    if form.is_valid():
        try:
            change_details(user, **form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("资料已保存。"))
            return redirect("accounts:user", user.username)
    return render(request, "accounts/change_user.html", {"form": form, "person": user}, status=form.status)


@needs("accounts.manage")
def leave_page(request: MemberRequest, username: str) -> HttpResponse:
    """办理离职: who takes over in each organisation."""
    user, refusal = _user(request, username), None
    if request.method == "POST":
        chosen = {
            member.pk: int(value)
            for member in user.members.all()
            if _is_number(value := request.POST.get(f"successor_{member.pk}", ""))
        }
        form = ReasonForm(request.POST)
        form.is_valid()
        try:
            reason = form.cleaned_data.get("reason", "")
            leave(user, successors=chosen, reason=reason, by=request.member, at=clock.now())
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("已办理%(name)s离职，在办业务已移交。") % {"name": user.name})
            return redirect("accounts:user", user.username)
    places = [
        (member, successors_of(member)) for member in user.members.filter(active=True).select_related("organisation")
    ]
    shown = {"person": user, "places": places, "refusal": refusal}
    return render(request, "accounts/leave.html", shown, status=refusal.status if refusal else 200)


@needs("accounts.view")
def roles_page(request: MemberRequest, username: str, number: int) -> HttpResponse:
    """申请变更角色: of one membership."""
    user = _user(request, username)
    members = user.members.select_related("organisation", "user")
    member = members.filter(pk=number).first() if number < 2**63 else None
    if member is None or not _proposable(request.member, member):
        raise Unknown(_("没有找到可以由您变更的角色。"))
    own = GUARDIANS if request.member.can("accounts.secure") else frozenset(ROLES) - GUARDIANS
    choices = [role for role in ROLES_OF_KIND[member.organisation.kind] if role in own]
    table = member.organisation.role_table
    if not request.member.can("accounts.secure"):  # the organisation's own; a disabled one is only there to be taken
        choices += [
            code
            for code, said in own_roles(table).items()
            if said["state"] == "active" or (said["state"] == "disabled" and code in member.roles)
        ]
    fixed = [role for role in member.roles if role not in choices]
    refusal, chosen = None, member.roles
    if request.method == "POST":
        chosen = [role for role in request.POST.getlist("roles") if role in choices]
        form = ReasonForm(request.POST)
        form.is_valid()
        try:
            reason = form.cleaned_data.get("reason", "")
            propose_roles(member, [*chosen, *fixed], reason=reason, by=request.member, at=clock.now())
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("已提交，等安全管理员批准后生效。"))
            return redirect("accounts:user", user.username)
    shown = {
        "person": user,
        "membership": member,
        "choices": [(role, role_name(role, table)) for role in choices],
        "fixed": [name for role in fixed if (name := role_name(role, table))],
        "chosen": chosen,
        "reason": request.POST.get("reason", "")[:500],
        "refusal": refusal,
    }
    return render(request, "accounts/roles.html", shown, status=refusal.status if refusal else 200)


@require_POST
@needs("accounts.view")
def change_user(request: MemberRequest, username: str, action: str) -> HttpResponse:
    """锁定账号, 解除锁定, 复核权限, 重置动态口令: whose act it is, the action knows."""
    user, at = _user(request, username), clock.now()
    form = ReasonForm(request.POST)
    form.is_valid()
    reason = form.cleaned_data.get("reason", "")
    name = {"name": user.name}
    if action == "lock":
        lock_user(user, reason=reason, by=request.member, at=at)
        messages.success(request, _("已锁定%(name)s的账号。") % name)
    elif action == "unlock":
        unlock_user(user, reason=reason, by=request.member, at=at)
        messages.success(request, _("已解除%(name)s账号的锁定。") % name)
    elif action == "review":
        review_user(user, reason=reason, by=request.member, at=at)
        messages.success(request, _("已记录%(name)s的权限复核。") % name)
    elif action == "reset-second-factor":
        reset_second_factor(user, reason=reason, by=request.member, at=at)
        messages.success(request, _("已重置%(name)s的动态口令。") % name)
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:user", user.username)


@needs("accounts.view")
def role_changes_page(request: MemberRequest) -> HttpResponse:
    """角色变更: what waits for a second person, and what became of the others."""
    state = request.GET.get("state", "proposed")
    found = queries.role_changes(request.member, state=state if state in ROLE_CHANGE.states else "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "state": state,
        "states": [one for one in ROLE_CHANGE.states.values() if one.code != "superseded"],
        "rows": {case.pk: ROLE_CHANGE.possible(case, request.member) for case in page},
    }
    return render(request, "accounts/role_changes.html", shown)


@needs("accounts.view")
def role_change_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One role change, with what it would mean."""
    case = _role_change(request, reference)
    shown = {"case": case, "rows": ROLE_CHANGE.possible(case, request.member)}
    return render(request, "accounts/role_change.html", shown)


@require_POST
@needs("accounts.view")
def decide_roles(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """批准变更, 不批准, 撤回申请."""
    case, at = _role_change(request, reference), clock.now()
    form = ReasonForm(request.POST)
    form.is_valid()
    case.version = form.cleaned_data.get("version") or 0
    if action == "approve":
        approve_roles(case, by=request.member, at=at)
        messages.success(request, _("角色变更已生效。"))
    elif action == "refuse":
        refuse_roles(case, reason=form.cleaned_data.get("reason", ""), by=request.member, at=at)
        messages.success(request, _("没有批准，角色保持不变。"))
    elif action == "withdraw":
        withdraw_roles(case, by=request.member, at=at)
        messages.success(request, _("已撤回，角色保持不变。"))
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:role_change", case.reference)


def _proposable(by: Member, member: Member) -> bool:
    """Tell whether `by` could propose any other role for `member`; the action has the last word."""
    if by.user_id == member.user_id:
        return False
    if by.can("accounts.secure"):
        return member.organisation.kind == "operator"
    return by.can("accounts.manage")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _user(request: MemberRequest, username: str) -> User:
    user = User.objects.visible_to(request.member).filter(username=username).first()
    if user is None:
        raise Unknown(_("没有找到这个用户。"))
    return user


def _role_change(request: MemberRequest, reference: str) -> RoleChange:
    found = RoleChange.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related(
        "member__user", "member__organisation", "proposed_by__user", "proposed_by__organisation",
        "decided_by__user", "decided_by__organisation",
    ).first()  # fmt: skip
    if case is None:
        raise Unknown(_("没有找到这份角色变更。"))
    return case
