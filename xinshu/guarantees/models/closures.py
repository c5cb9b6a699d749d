"""What is: times in which a guarantor's counter was shut by force majeure, and the guarantees that lived on by it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.documents.models import File
from xinshu.guarantees.models.instrument import Guarantee


class ClosureQuerySet(CaseQuerySet["Closure"]):
    """The one door to closures."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: those of the own house."""
        own = member.organisation.kind in Organisation.ISSUERS and member.can("guarantees.view")
        return self.filter(guarantor=member.organisation_id) if own else self.none()

    def shut_on(self, day: date) -> Self:
        """Return those that cover a day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), began_on__lte=day)


class Closure(Case):
    """不可抗力停业: nothing can be presented at the guarantor's from `began_on` until `ended_on`, both inclusive."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="closures")
    began_on = models.DateField()
    ended_on = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    document = models.ForeignKey(File, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=60)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")), name="closure_days_ordered"
            ),
            models.CheckConstraint(
                condition=Q(state="standing", ended_on=None) | (~Q(state="standing") & Q(ended_on__isnull=False)),
                name="closure_ended_when_lifted",
            ),
            models.UniqueConstraint(fields=["guarantor"], condition=Q(state="standing"), name="closure_standing_once"),
        ]
        indexes = [models.Index(fields=["guarantor", "began_on"], name="closure_of_house")]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.began_on}"

    def sides_of(self, by: Actor) -> set[str]:
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()


class Prolonging(models.Model):
    """One guarantee that was extended by a closure, once (URDG 758 Art. 26)."""

    closure = models.ForeignKey(Closure, models.PROTECT, related_name="prolongings")
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="prolongings")
    before = models.DateField()
    after = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closure", "guarantee"], name="prolonged_once_by_a_closure"),
            models.CheckConstraint(condition=Q(after__gt=F("before")), name="prolonged_to_later"),
        ]

    def __str__(self) -> str:
        return f"{self.guarantee} {self.before} {self.after}"
