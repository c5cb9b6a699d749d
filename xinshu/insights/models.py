"""What is: segments with their versions, and proposals to favour a customer."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.enterprises.models import Relation
from xinshu.insights.lifecycle import VIEW
from xinshu.rules.engine.facts import FactType
from xinshu.rules.models import types_from


class SegmentQuerySet(CaseQuerySet["Segment"]):
    """The one door to segments."""

    def visible_to(self, member: Member) -> "SegmentQuerySet":
        """Return what exists for `member`: the segments of the own house."""
        return self.filter(house=member.organisation_id) if member.can(VIEW) else self.none()


class Segment(Case):
    """One segment (客群) of a house's customers. What it says stands in its newest version."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="segments")
    name = models.CharField(max_length=30)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    house_id: int
    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["house", "name"], name="segment_named_once")]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        return {"house"} if getattr(by, "organisation_id", None) == self.house_id else set()

    @property
    def newest(self) -> "SegmentVersion":
        """The version that counts."""
        found = self.versions.order_by("-number").select_related("written_by__user").first()
        assert found is not None  # a segment is written with its first version
        return found


class SegmentVersion(models.Model):
    """What a segment said from a moment on, and how many customers were in it then. Only ever inserted.

    `content`: one rule as `rules` reads it, over facts whose types `known` keeps.
    """

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    known = models.JSONField()
    looked = models.PositiveIntegerField()  # customers of the house then
    size = models.PositiveIntegerField()  # of them in the segment
    unknown = models.PositiveIntegerField()  # of them nobody can say
    written_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} V{self.number}"

    @property
    def types(self) -> dict[str, FactType]:
        """The facts that its rule asks for, by code."""
        return types_from(self.known)


class ProposalQuerySet(CaseQuerySet["Proposal"]):
    """The one door to proposals."""

    def visible_to(self, member: Member) -> "ProposalQuerySet":
        """Return what exists for `member`: the proposals of the own house."""
        return self.filter(house=member.organisation_id) if member.can(VIEW) else self.none()


class Proposal(Case):
    """A tier proposed for a customer with the reasons, as they were; its account manager decides. Grants nothing."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="discount_proposals")
    firm = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10)  # code of the plan's tier
    tier_name = models.CharField(max_length=40)
    discount_rate = models.DecimalField(max_digits=5, decimal_places=4)  # of the fee, as the plan then said
    reasons = models.JSONField(default=list)  # sentences
    note = models.CharField(max_length=200)
    until = models.DateField()  # the last day on which the tier will hold
    proposed_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    house_id: int
    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["house", "firm"], condition=Q(state="proposed"), name="discount_proposal_one_open"
            ),
        ]
        indexes = [models.Index(fields=["house", "-proposed_at"], name="discount_proposal_newest")]

    def __str__(self) -> str:
        return f"{self.firm} {self.tier_name}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: the house, and of it the customer's account manager."""
        if not isinstance(by, Member) or by.organisation_id != self.house_id:
            return set()
        kept = Relation.objects.filter(guarantor=self.house_id, enterprise__organisation=self.firm_id, manager=by)
        return {"house", "manager"} if kept.exists() else {"house"}
