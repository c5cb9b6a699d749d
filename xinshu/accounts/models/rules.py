"""Who may do what, as data: changes of roles that wait for a second person, role tables, blocks."""

from typing import ClassVar, Self

from django.db import models

from xinshu.accounts.lifecycle import ROLE_CHANGE, ROLE_TABLE
from xinshu.accounts.models.people import Member, Organisation
from xinshu.accounts.roles import names_of
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State


def sides_in(by: Actor, proposer_id: int, subjects: set[int]) -> set[str]:
    """Return where `by` stands in a proposal: proposer, or second person; whoever it is about stands nowhere."""
    if not isinstance(by, Member) or by.organisation.kind != Organisation.Kind.OPERATOR:
        return set()
    if by.user_id == proposer_id:
        return {"proposer"}
    return set() if by.user_id in subjects else {"second"}


class RoleChanges(CaseQuerySet["RoleChange"]):
    """Role changes, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return all of them for the three administrators, none for others."""
        return self if member is not None and member.can("accounts.view") else self.none()


class Proposal(Case):
    """What one administrator proposes and another one decides."""

    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, blank=True)

    class Meta(Case.Meta):
        abstract = True


class RoleChange(Proposal):
    """One administrator proposes other roles for a member; another one decides."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="role_changes")
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)

    objects = RoleChanges.as_manager()

    class Meta(Proposal.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(state="proposed"), name="one_role_change_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.after_names}"

    @property
    def standing(self) -> State:
        return ROLE_CHANGE.states[self.state]

    @property
    def before_names(self) -> str:
        return names_of(self.before, self.member.organisation.role_table)

    @property
    def after_names(self) -> str:
        return names_of(self.after, self.member.organisation.role_table)

    def sides_of(self, by: Actor) -> set[str]:
        return sides_in(by, self.proposed_by.user_id, {self.member.user_id})


class RoleTables(CaseQuerySet["RoleTable"]):
    """Role tables, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return all of them for the three administrators, none for others."""
        return self if member is not None and member.can("accounts.view") else self.none()


class RoleTable(Proposal):
    """One version of what the roles of an organisation may do, where that differs from roles.py."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="role_tables")
    number = models.PositiveIntegerField()
    roles = models.JSONField(default=dict)  # see roles.Table; roles left out are as in roles.py

    objects = RoleTables.as_manager()

    class Meta(Proposal.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="role_table_numbered_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="proposed"), name="one_role_table_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="active"), name="one_active_role_table"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.number}"

    @property
    def standing(self) -> State:
        return ROLE_TABLE.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        return sides_in(by, self.proposed_by.user_id, set())


class Block(models.Model):
    """An emergency measure (应急处置): who or what was stopped, why, by whom, and when it was lifted."""

    class What(models.TextChoices):
        USER = "user", "停用用户"
        ORGANISATION = "organisation", "停用机构"
        KEY = "key", "停用接口密钥"
        INTERFACES = "interfaces", "停用机构接口"
        ALL_INTERFACES = "all_interfaces", "停用全部接口"
        EXPORTS = "exports", "停止导出"
        ALL_EXPORTS = "all_exports", "停止全部导出"

    EVERYWHERE: ClassVar = frozenset({What.ALL_EXPORTS, What.ALL_INTERFACES})
    BY_NAME: ClassVar = frozenset({What.USER, What.KEY})

    reference = models.CharField(max_length=16, unique=True)
    what = models.CharField(max_length=14, choices=What.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="blocks")
    target = models.CharField(max_length=60, blank=True)  # user name, or the public name of a key
    reason = models.CharField(max_length=500)
    begun_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["what", "organisation", "target"],
                condition=models.Q(lifted_at=None),
                name="block_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["what", "target"],
                condition=models.Q(lifted_at=None, organisation=None),
                name="block_of_everybody_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {self.about}"

    @property
    def about(self) -> str:
        """What was stopped, in words: a name, an organisation, or nothing where it is everything."""
        return " · ".join(part for part in (self.target, str(self.organisation or "")) if part)
