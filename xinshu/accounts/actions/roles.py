"""Roles are given and taken: one administrator proposes, another decides, and nobody gives anything to oneself.

三权分立: a system administrator never proposes the security or the audit role, a security administrator proposes those
and no others, an audit administrator neither. Every grant passes `must_be_compatible`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.lifecycle import ROLE_CHANGE
from xinshu.accounts.models import Member, Organisation, RoleChange, User
from xinshu.accounts.roles import (
    GUARDIANS,
    PLATFORM,
    ROLES,
    ROLES_OF_KIND,
    clash,
    conflict,
    in_order,
    is_own,
    names_of,
    own_roles,
)
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record


class Incompatible(Invalid):
    """One person cannot hold these roles together."""

    title = "角色不相容"


def must_be_compatible(
    user: User, roles: Iterable[str], *, organisation: Organisation, instead_of: Member | None = None
) -> None:
    """Raise Incompatible unless `user` can hold `roles` in `organisation` beside what is held elsewhere.

    The organisation's own roles are looked at by the rights they carry; a disabled one is kept, not newly given.

    Administration is looked at across organisations: nobody is system administrator here and auditor there.
    """
    roles = list(roles)
    table = organisation.role_table
    own = {code: said["state"] for code, said in own_roles(table).items() if said["state"] != "deleted"}
    if unknown := sorted(set(roles) - set(ROLES) - set(own)):
        raise Invalid(_("没有这样的角色：%(roles)s。") % {"roles": names_of(unknown, table) or "、".join(unknown)})
    kept = instead_of.roles if instead_of is not None else ()
    if idle := [role for role in roles if own.get(role) == "disabled" and role not in kept]:
        raise Invalid(
            _("“%(roles)s”已停用，不能新授予。") % {"roles": names_of(idle, table)}, fields={"roles": _("请重选")}
        )
    if misplaced := [role for role in roles if role not in ROLES_OF_KIND[organisation.kind] and not is_own(role)]:
        raise Incompatible(
            _("这类机构没有“%(roles)s”角色。") % {"roles": names_of(misplaced)}, fields={"roles": _("请重选")}
        )
    elsewhere = user.members.filter(active=True)
    if instead_of is not None:
        elsewhere = elsewhere.exclude(pk=instead_of.pk)
    held = {role for held in elsewhere.values_list("roles", flat=True) for role in held if role in PLATFORM}
    if (
        why := clash(roles, table)
        or conflict(roles)
        or conflict({*(role for role in roles if role in PLATFORM), *held})
    ):
        raise Incompatible(_("%(why)s，没有保存。") % {"why": why}, fields={"roles": why})


@transaction.atomic
def propose_roles(member: Member, roles: Iterable[str], *, reason: str, by: Member, at: datetime) -> RoleChange:
    """Ask that `member` have exactly `roles`; nothing changes until another administrator approves.

    Raises NotPermitted for oneself and for roles that are not one's to propose, Incompatible, NotNow while another
    change of this member waits.
    """
    member = Member.objects.select_related("organisation", "user").get(pk=member.pk)
    wanted, table = set(roles), member.organisation.role_table
    after = in_order(wanted, table)
    if extra := sorted(wanted - set(after)):
        raise Invalid(_("没有这样的角色：%(roles)s。") % {"roles": "、".join(extra)}, fields={"roles": _("请重选")})
    before = in_order(member.roles, table)
    _must_be_theirs_to_propose(member, set(before) ^ set(after), by)
    if before == after:
        raise Invalid(_("角色没有变化。"), fields={"roles": _("请增加或减少角色")})
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，批准人会看到。"), fields={"reason": _("请写明原因")})
    if not member.active:
        raise NotNow(_("该成员已停用，不能变更角色。"))
    must_be_compatible(member.user, after, organisation=member.organisation, instead_of=member)
    try:
        with transaction.atomic():
            change = RoleChange.objects.create(
                member=member,
                before=before,
                after=after,
                reason=reason,
                state="proposed",
                proposed_by=by,
                proposed_at=at,
            )
    except IntegrityError:
        raise NotNow(_("该成员已有一份角色变更在等待批准。"), advice=_("请先撤回，或等批准后再改。")) from None
    _record("proposed", change, by, at, reason=reason)
    return change


def _must_be_theirs_to_propose(member: Member, touched: set[str], by: Member) -> None:
    if member.user_id == by.user_id:
        raise NotPermitted(_("不能变更自己的角色。"), advice=_("请由另一位管理员提出。"))
    if by.can("accounts.secure"):
        if touched - GUARDIANS:
            raise NotPermitted(
                _("安全管理员只能提出安全管理员、审计管理员的角色变更。"), advice=_("其他角色请系统管理员提出。")
            )
    elif by.can("accounts.manage"):
        if touched & GUARDIANS:
            raise NotPermitted(_("系统管理员不能授予或收回安全、审计角色。"), advice=_("请安全管理员提出。"))
    else:
        raise NotPermitted(_("您没有变更角色的权限。"))


@transaction.atomic
def approve_roles(change: RoleChange, *, by: Member, at: datetime) -> RoleChange:
    """Give and take the roles as proposed. This is the one act by which an administrator's wish becomes a right.

    Raises NotNow when the member's roles are no longer what they were when it was proposed.
    """
    change = RoleChange.objects.locked(change)
    step = ROLE_CHANGE.step("approve", change, by)
    User.objects.locked(change.member.user)  # two grants to one person at once must see each other
    # The table is held too: a role must not be deleted while it is given. Locks go organisation, then member.
    organisation = Organisation.objects.select_for_update().get(pk=change.member.organisation_id)
    member = Member.objects.select_for_update().get(pk=change.member_id)
    if in_order(member.roles, organisation.role_table) != change.before or not member.active:
        raise NotNow(_("该成员的角色已经变过，这份申请不再适用。"), advice=_("请不批准，由申请人重新提出。"))
    must_be_compatible(member.user, change.after, organisation=organisation, instead_of=member)
    member.roles = change.after
    member.save(update_fields=["roles"])
    change.change(step, decided_by=by, decided_at=at)
    _record("approved", change, by, at)
    return change


@transaction.atomic
def refuse_roles(change: RoleChange, *, reason: str, by: Member, at: datetime) -> RoleChange:
    """Leave the roles as they are, and say why."""
    change = RoleChange.objects.locked(change)
    step = ROLE_CHANGE.step("refuse", change, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("请写明原因")})
    change.change(step, decided_by=by, decided_at=at, refusal=reason)
    _record("refused", change, by, at, reason=reason)
    return change


@transaction.atomic
def withdraw_roles(change: RoleChange, *, by: Member, at: datetime) -> RoleChange:
    """Take one's own proposal back before it is decided."""
    change = RoleChange.objects.locked(change)
    change.change(ROLE_CHANGE.step("withdraw", change, by), decided_at=at)
    _record("withdrawn", change, by, at)
    return change


def _record(what: str, change: RoleChange, by: Member, at: datetime, **more: Any) -> None:
    record(
        f"roles.{what}",
        change.member,
        by=by,
        at=at,
        user=change.member.user.username,
        organisation=change.member.organisation.name,
        before=change.before,
        after=change.after,
        after_names=change.after_names,
        **more,
    )
