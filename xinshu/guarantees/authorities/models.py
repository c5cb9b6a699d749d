"""What is: a proposed row of a house's authority table."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees import kinds


class AuthorityDraftQuerySet(CaseQuerySet["AuthorityDraft"]):
    """The one door to proposals."""

    def visible_to(self, member: Member) -> "AuthorityDraftQuerySet":
        """Return the own house's, for whoever may look at its approval plans."""
        return self.filter(guarantor=member.organisation_id) if member.can("work.plans") else self.none()


class AuthorityDraft(Case):
    """One row of the authority table as somebody proposes it; instrument.Authority is what holds. Amounts in 分."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="authority_drafts")
    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    unverified = models.BooleanField(default=False)
    auto_amount = models.BigIntegerField()
    person_amount = models.BigIntegerField()
    waives = models.JSONField(default=list)
    author = models.PositiveBigIntegerField()  # the user who proposed it: never the one who sets it
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = AuthorityDraftQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(auto_amount__gte=0, person_amount__gte=F("auto_amount")), name="authority_draft_ascends"
            ),
            models.UniqueConstraint(
                fields=["guarantor", "kind", "unverified"], condition=Q(state="proposed"), name="authority_one_proposed"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: the table is its house's."""
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()
