"""The rights of an organisation's roles, page by page: proposed, previewed, put in use by another person.

Its own roles (自定义角色) are added, changed, disabled and deleted in the same versions; they are assigned as all roles
are (actions.roles).
"""

from collections.abc import Iterable, Mapping
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
    Table,
    clash,
    configurable,
    is_own,
    names_of,
    own_roles,
    permissions_of,
    rights_in,
)
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record

OWN_AT_MOST = 20
NAME_AT_MOST = 20
STATES = {"active": "使用中", "disabled": "停用", "deleted": "删除"}


@dataclass(frozen=True)
class Effect:
    """What a new table would mean for one member."""

    member: Member
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    dropped: str = ""  # names of own roles that are deleted and taken from the member


def effects(organisation: Organisation, table: Table) -> list[Effect]:
    """Return who would gain and who would lose what if `table` were in use instead of the present one."""
    members = Member.objects.filter(organisation=organisation, active=True).select_related("user", "organisation")
    found = []
    for member in members.order_by("user__username"):
        now, then = permissions_of(member.roles, organisation.role_table), permissions_of(member.roles, table)
        dropped = names_of((role for role in member.roles if _is_deleted(table, role)), table)
        if now != then or dropped:
            found.append(Effect(member, _named(then - now), _named(now - then), dropped))
    return found


def own_changes(former: Table, table: Table) -> list[str]:
    """Return in words what becomes of the own roles from one table to another."""
    was, words = own_roles(former), []
    for code, said in own_roles(table).items():
        old, name = was.get(code), said["name"]
        if old is None:
            words.append(_("新增“%(name)s”") % {"name": name})
            continue
        if old["name"] != name:
            words.append(_("“%(old)s”改名为“%(name)s”") % {"old": old["name"], "name": name})
        if old["state"] != said["state"]:
            act = {"active": _("恢复“%(name)s”"), "disabled": _("停用“%(name)s”"), "deleted": _("删除“%(name)s”")}
            words.append(act[said["state"]] % {"name": name})
        if said["state"] != "deleted" and set(old["rights"]) != set(said["rights"]):
            words.append(_("调整“%(name)s”的权限") % {"name": name})
    return words


def next_code(codes: Iterable[str]) -> str:
    """Return the code of the next own role of an organisation whose table has `codes`."""
    return f"own{1 + max((int(code[3:]) for code in codes if is_own(code)), default=0)}"


def _is_deleted(table: Table, role: str) -> bool:
    said = table.get(role)
    return isinstance(said, Mapping) and said["state"] == "deleted"


@transaction.atomic
def propose_table(organisation: Organisation, table: Table, *, reason: str, by: Member, at: datetime) -> RoleTable:
    """Ask that the roles of `organisation` may do what `table` says; nothing changes until a second person approves.

    Raises Invalid where a right does not exist for this kind of organisation, lacks its query right, or where two
    rights meet in one role that four eyes keep apart.
    """
    if not by.can("accounts.manage"):
        raise NotPermitted(_("您没有调整角色权限的权限。"))
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    differing = _read(organisation, table) | _read_own(organisation, table)
    if differing == organisation.role_table:
        raise Invalid(_("权限没有变化。"), advice=_("请先勾选或取消至少一项，或增加、改动一个角色。"))
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，批准人会看到。"), fields={"reason": _("请写明原因")})
    _must_fit_holders(organisation, differing)
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
    own = own_changes(organisation.role_table, differing)
    _record("proposed", proposed, by, at, roles=differing, own_roles=own, reason=reason)
    return proposed


def _read(organisation: Organisation, table: Table) -> dict[str, Any]:
    """Return what differs from roles.py, per role of ROLES, sorted: {} when nothing does."""
    allowed = configurable(organisation.kind)
    if not allowed:
        raise Invalid(_("平台运营方的角色是固定的，不能调整。"))
    differing = {}
    for role in ROLES_OF_KIND[organisation.kind]:
        rights = set(rights_in(table, role))
        _must_go_together(ROLES[role][0], rights, allowed)
        if rights != ROLES[role][1]:
            differing[role] = sorted(rights)
    return differing


def _read_own(organisation: Organisation, table: Table) -> dict[str, Any]:
    """Return the own roles that `table` leads to. One left out stays as it is; a deleted one stays deleted."""
    standing, wanted = own_roles(organisation.role_table), own_roles(table)
    allowed, found = configurable(organisation.kind), {code: dict(said) for code, said in standing.items()}
    newest = int(next_code(standing)[3:])
    for code, said in wanted.items():
        former = standing.get(code)
        if former is None and (said["state"] == "deleted" or not newest <= int(code[3:]) < newest + 2 * OWN_AT_MOST):
            continue  # added and dropped again on the same page
        if former is not None and former["state"] == "deleted":
            continue
        name, rights, state = " ".join(str(said["name"]).split()), set(said["rights"]), str(said["state"])
        if state not in STATES:
            raise Invalid(_("没有这样的角色状态。"))
        if state == "deleted":
            found[code] |= {"rights": [], "state": state, "revoke": bool(said.get("revoke"))}
            continue
        if not name or len(name) > NAME_AT_MOST or not name.isprintable():
            raise Invalid(_("角色名称须有 1 至 %(n)d 个字。") % {"n": NAME_AT_MOST})
        _must_go_together(name, rights, allowed)
        found[code] = {"name": name, "rights": sorted(rights), "state": state}
    names = [said["name"] for said in found.values() if said["state"] != "deleted"]
    if len(names) > OWN_AT_MOST:
        raise Invalid(_("一个机构最多有 %(n)d 个自定义角色。") % {"n": OWN_AT_MOST})
    taken = {name for name, _rights in ROLES.values()}
    if double := next((name for name in names if name in taken or names.count(name) > 1), None):
        raise Invalid(_("已有叫“%(name)s”的角色，请换一个名称。") % {"name": double})
    return found


def _must_go_together(name: str, rights: set[str], allowed: frozenset[str]) -> None:
    """Raise Invalid unless one role of this name can have all of `rights`."""
    if rights - allowed:
        raise Invalid(_("“%(role)s”有这类机构没有的权限。") % {"role": name})
    if lacking := {NEED_QUERY[right] for right in rights if right in NEED_QUERY} & allowed - rights:
        missing = "、".join(_named(lacking))
        raise Invalid(_("“%(role)s”能编辑或导出，却不能查询：请同时勾选%(query)s。") % {"role": name, "query": missing})
    for one, other in NEVER_TOGETHER:
        if {one, other} <= rights:
            raise Invalid(
                _("“%(role)s”不能同时有%(one)s和%(other)s：须由不同的人办理。")
                % {"role": name, "one": RIGHT_NAMES[one], "other": RIGHT_NAMES[other]}
            )


def _must_fit_holders(organisation: Organisation, table: Table) -> None:
    """Raise NotNow when `table` deletes a role under its holders unasked, or joins in one what must be apart."""
    own = own_roles(table)
    for member in Member.objects.filter(organisation=organisation, active=True).select_related("user"):
        for role in member.roles:
            if _is_deleted(table, role) and not own[role].get("revoke"):
                raise NotNow(
                    _("%(user)s还有“%(role)s”角色，不能删除。") % {"user": member.user.name, "role": own[role]["name"]},
                    advice=_("请先变更持有人的角色，或勾选“同时从持有人收回”。"),
                )
        if why := clash(member.roles, table):
            raise NotNow(
                _("%(user)s会同时有不相容的权限：%(why)s。") % {"user": member.user.name, "why": why},
                advice=_("请先变更这位成员的角色，或调整权限。"),
            )


@transaction.atomic
def approve_table(proposed: RoleTable, *, by: Member, at: datetime) -> RoleTable:
    """Put a version in use: with their next request all members of the organisation have its rights."""
    proposed = RoleTable.objects.locked(proposed)
    step = ROLE_TABLE.step("approve", proposed, by)
    organisation = Organisation.objects.select_for_update().get(pk=proposed.organisation_id)
    for former in RoleTable.objects.filter(organisation=organisation, state="active"):
        former.change(state="superseded")
    _must_fit_holders(organisation, proposed.roles)
    touched, own = effects(organisation, proposed.roles), own_changes(organisation.role_table, proposed.roles)
    organisation.role_table = proposed.roles
    organisation.save(update_fields=["role_table"])
    proposed.change(step, decided_by=by, decided_at=at)
    changes = {one.member.user.username: {"gains": list(one.gains), "loses": list(one.loses)} for one in touched}
    _record("approved", proposed, by, at, changes=changes, own_roles=own)
    _take_deleted(organisation, by, at)
    return proposed


def _take_deleted(organisation: Organisation, by: Member, at: datetime) -> None:
    table = organisation.role_table
    for member in Member.objects.select_for_update(of=("self",)).filter(organisation=organisation).order_by("pk"):
        if gone := [role for role in member.roles if _is_deleted(table, role)]:
            before, member.roles = member.roles, [role for role in member.roles if role not in gone]
            member.save(update_fields=["roles"])
            data = {"before": before, "after": member.roles, "taken": names_of(gone, table)}
            record("roles.taken", member, by=by, at=at, user=member.user.username, **data)


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
