"""What is: versions of the level table, and every use of a method by a person or a firm."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.lifecycle import LEVEL_TABLE
from xinshu.accounts.models.people import Member, Organisation, User
from xinshu.accounts.models.rules import Proposal, sides_in
from xinshu.core.actors import Actor
from xinshu.core.cases import CaseQuerySet, new_reference
from xinshu.core.lifecycle import State


class LevelTables(CaseQuerySet["LevelTable"]):
    """Level tables, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return all of them for the three administrators, none for others."""
        return self if member is not None and member.can("accounts.view") else self.none()


class LevelTable(Proposal):
    """One version: which methods are on and for how long they are good, which act asks for which level.

    `content`: {"methods": {code: {"on": bool, "days": int}}, "acts": {code: {"person": 0-4, "firm": 0-4, "days": int}}}
    """

    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(  # type: ignore[assignment]  # None: shipped
        Member, models.PROTECT, null=True, related_name="+"
    )

    objects = LevelTables.as_manager()

    class Meta(Proposal.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="proposed"), name="one_level_table_proposed"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="one_level_table_active"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def standing(self) -> State:
        return LEVEL_TABLE.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        return sides_in(by, self.proposed_by.user_id if self.proposed_by else 0, set())


class IdentityChecks(models.QuerySet["IdentityCheck"]):
    """Checks, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return one's own and those of one's organisation; the three administrators meet all."""
        if member is None:
            return self.none()
        if member.can("accounts.view"):
            return self
        return self.filter(Q(user=member.user_id) | Q(organisation=member.organisation_id))

    def standing(self) -> Self:
        """Return those that passed and were not taken back."""
        return self.filter(outcome=IdentityCheck.Outcome.PASSED, ended_at=None)


class IdentityCheck(models.Model):
    """One use of a method (认证记录): who, by what, against which source, how it ended; not what was compared."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("进行中")
        PASSED = "passed", _("通过")
        FAILED = "failed", _("没有通过")
        SILENT = "silent", _("没有答复")

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="identity_checks")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="identity_checks")
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # for a firm: who did it
    method = models.CharField(max_length=24)  # assurance.METHODS
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    source = models.CharField(max_length=60)
    words = models.CharField(max_length=200, blank=True)
    mark = models.CharField(max_length=40, blank=True)  # what it was about, covered
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # taken back

    objects = IdentityChecks.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(organisation__isnull=True), name="identity_check_of_one"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "method", "-at"], name="identity_check_of_user"),
            models.Index(fields=["organisation", "method", "-at"], name="identity_check_of_firm"),
            models.Index(fields=["-at", "-id"], name="identity_check_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.at:%Y-%m-%d %H:%M}"

    @property
    def subject(self) -> Any:
        return self.user or self.organisation
