"""The rights of an organisation's roles, page by page: proposed, previewed, put in use by another person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.lifecycle import ROLE_TABLE
from xinshu.accounts.models import Member, Organisation, RoleTable
from xinshu.accounts.roles import (
    NEED_QUERY,
    NEVER_TOGETHER,
    RIGHT_NAMES,
    ROLES,
    ROLES_OF_KIND,
    configurable,
    permissions_of,
)
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record

Table = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Effect:
    """What a new table would mean for one member."""

    member: Member
    gains: tuple[str, ...]
    loses: tuple[str, ...]


def effects(organisation: Organisation, table: Table) -> list[Effect]:
    """Return who would gain and who would lose what if `table` were in use instead of the present one."""
    members = Member.objects.filter(organisation=organisation, active=True).select_related("user", "organisation")
    found = []
    for member in members.order_by("user__username"):
        now, then = permissions_of(member.roles, organisation.role_table), permissions_of(member.roles, table)
        if now != then:
            found.append(Effect(member, _named(then - now), _named(now - then)))
    return found


@transaction.atomic
def propose_table(organisation: Organisation, table: Table, *, reason: str, by: Member, at: datetime) -> RoleTable:
    """Ask that the roles of `organisation` may do what `table` says; nothing changes until a second person approves.

    Raises Invalid where a right does not exist for this kind of organisation, lacks its query right, or where two
    rights meet in one role that four eyes keep apart.
    """
    if not by.can("accounts.manage"):
        raise NotPermitted(_("您没有调整角色权限的权限。"))
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    differing = _read(organisation, table)
    if differing == organisation.role_table:
        raise Invalid(_("权限没有变化。"), advice=_("请先勾选或取消至少一项。"))
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，批准人会看到。"), fields={"reason": _("请写明原因")})
    newest = organisation.role_tables.aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            proposed = RoleTable.objects.create(
                organisation=organisation,
                number=newest + 1,
                roles=differing,
                reason=reason,
                state="proposed",
                proposed_by=by,
                proposed_at=at,
            )
    except IntegrityError:
        raise NotNow(_("该机构已有一版权限在等待批准。"), advice=_("请先撤回，或等批准后再改。")) from None
    _record("proposed", proposed, by, at, roles=differing, reason=reason)
    return proposed


def _read(organisation: Organisation, table: Table) -> dict[str, list[str]]:
    """Return what differs from roles.py, per role, sorted: {} when nothing does."""
    allowed = configurable(organisation.kind)
    if not allowed:
        raise Invalid(_("平台运营方的角色是固定的，不能调整。"))
    differing = {}
    for role in ROLES_OF_KIND[organisation.kind]:
        rights = set(table.get(role, ROLES[role][1]))
        name = ROLES[role][0]
        if rights - allowed:
            raise Invalid(_("“%(role)s”有这类机构没有的权限。") % {"role": name})
        if lacking := {NEED_QUERY[right] for right in rights if right in NEED_QUERY} & allowed - rights:
            missing = "、".join(_named(lacking))
            raise Invalid(
                _("“%(role)s”能编辑或导出，却不能查询：请同时勾选%(query)s。") % {"role": name, "query": missing}
            )
        for one, other in NEVER_TOGETHER:
            if {one, other} <= rights:
                raise Invalid(
                    _("“%(role)s”不能同时有%(one)s和%(other)s：须由不同的人办理。")
                    % {"role": name, "one": RIGHT_NAMES[one], "other": RIGHT_NAMES[other]}
                )
        if rights != ROLES[role][1]:
            differing[role] = sorted(rights)
    return differing


@transaction.atomic
def approve_table(proposed: RoleTable, *, by: Member, at: datetime) -> RoleTable:
    """Put a version in use: with their next request all members of the organisation have its rights."""
    proposed = RoleTable.objects.locked(proposed)
    step = ROLE_TABLE.step("approve", proposed, by)
    organisation = Organisation.objects.select_for_update().get(pk=proposed.organisation_id)
    for former in RoleTable.objects.filter(organisation=organisation, state="active"):
        former.change(state="superseded")
    touched = effects(organisation, proposed.roles)
    organisation.role_table = proposed.roles
    organisation.save(update_fields=["role_table"])
    proposed.change(step, decided_by=by, decided_at=at)
    changes = {one.member.user.username: {"gains": list(one.gains), "loses": list(one.loses)} for one in touched}
    _record("approved", proposed, by, at, changes=changes)
    return proposed


@transaction.atomic
def refuse_table(proposed: RoleTable, *, reason: str, by: Member, at: datetime) -> RoleTable:
    """Leave the rights as they are, and say why."""
    proposed = RoleTable.objects.locked(proposed)
    step = ROLE_TABLE.step("refuse", proposed, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("请写明原因")})
    proposed.change(step, decided_by=by, decided_at=at, refusal=reason)
    _record("refused", proposed, by, at, reason=reason)
    return proposed


@transaction.atomic
def withdraw_table(proposed: RoleTable, *, by: Member, at: datetime) -> RoleTable:
    """Take one's own proposal back before it is decided."""
    proposed = RoleTable.objects.locked(proposed)
    proposed.change(ROLE_TABLE.step("withdraw", proposed, by), decided_at=at)
    _record("withdrawn", proposed, by, at)
    return proposed


def _named(rights: frozenset[str] | set[str]) -> tuple[str, ...]:
    return tuple(name for right, name in RIGHT_NAMES.items() if right in rights)


def _record(what: str, table: RoleTable, by: Member, at: datetime, **more: Any) -> None:
    organisation = table.organisation
    record(
        f"role_table.{what}", organisation, by=by, at=at, organisation=organisation.name, number=table.number, **more
    )
