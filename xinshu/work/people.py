"""Who can sign in an organisation, by what badges, and for whom: the plan's committee, from the database."""

from datetime import date

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.roles import is_own, permissions_of
from xinshu.work.cases import KINDS
from xinshu.work.models import Delegation


def badges_of(member: Member) -> frozenset[str]:
    """Return the badges of a member: one per permission and per role that gives any (a disabled one does not)."""
    table = member.organisation.role_table
    roles = [role for role in member.roles if not is_own(role) or permissions_of([role], table)]
    return frozenset(
        {f"role:{role}" for role in roles} | {f"permission:{permission}" for permission in member.permissions}
    )


def signers_of(organisation: Organisation | int, kind: str) -> list[Member]:
    """Return the acting members who hold the permission without which nobody signs this kind of case."""
    members = Member.objects.acting().filter(organisation=organisation).order_by("pk")
    return [member for member in members if member.can(KINDS[kind].signs)]


def committee_of(organisation: Organisation | int, kind: str) -> dict[int, frozenset[str]]:
    """Return everybody who can sign this kind of case, by user, with their badges."""
    return {member.user_id: badges_of(member) for member in signers_of(organisation, kind)}


def keepers_in(organisation: Organisation | int, kind: str) -> list[int]:
    """Return the signers who may also make such a case themselves."""
    return [member.user_id for member in signers_of(organisation, kind) if member.can(KINDS[kind].keeps)]


def stand_ins(organisation: Organisation | int, kind: str, on: date) -> dict[int, dict[int, Delegation]]:
    """Return who may sign for whom on the day `on`: delegate → principal → by which delegation. Users, not members."""
    found: dict[int, dict[int, Delegation]] = {}
    given = Delegation.objects.on(on).filter(organisation=organisation).select_related("principal", "delegate")
    for delegation in given.order_by("-pk"):
        if kind in delegation.kinds:
            found.setdefault(delegation.delegate.user_id, {})[delegation.principal.user_id] = delegation
    return found
