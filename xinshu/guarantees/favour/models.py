"""What is: a guarantor's plan of tiers, as versions and drafts in one table, and the tiers that its people set."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees.favour.tiers import Tier, tier_of_json


class FavourPlanQuerySet(CaseQuerySet["FavourPlan"]):
    """The one door to plans."""

    def visible_to(self, member: Member) -> "FavourPlanQuerySet":
        """Return the plans of the own house: nobody else sees how it favours its customers."""
        if member.organisation.kind not in Organisation.ISSUERS or not member.can("guarantees.view"):
            return self.none()
        return self.filter(guarantor=member.organisation_id)


class FavourPlan(Case):
    """One version of a house's plan. Published it is never edited: a guarantee keeps the version of its approval."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="favour_plans")
    number = models.PositiveIntegerField(null=True)  # given when it is published
    tiers = models.JSONField()  # best first, as Tier.as_json
    valid_from = models.DateField()
    authors = models.JSONField(default=list)  # users who wrote it: none of them publishes it
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = FavourPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "number"], name="favour_version_once"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(number__isnull=False), name="favour_published_has_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guarantor} 守信优惠 V{self.number or '…'}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: a plan is its guarantor's."""
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()

    @property
    def ladder(self) -> list[Tier]:
        return [tier_of_json(row) for row in self.tiers]


class CustomerTier(models.Model):
    """A tier that a house's manager set for a customer, with the reason. Only ever inserted: the latest one holds."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="tiers_set")
    applicant = models.ForeignKey(Organisation, models.PROTECT, related_name="tiers_held")
    code = models.CharField(max_length=10, blank=True)  # "": taken back
    reason = models.CharField(max_length=300)
    until = models.DateField(null=True)  # the last day on which it holds
    set_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["guarantor", "applicant", "-id"], name="customer_tier_latest")]

    def __str__(self) -> str:
        return f"{self.applicant} {self.code or '—'}"
