"""What is: how a guarantor charges for one kind, as published versions and as the draft of the next."""

from dataclasses import fields
from decimal import Decimal

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees import kinds, pricing

COLUMNS = {  # of pricing.Tariff: the column that keeps it, where it has another name
    "minimum": "minimum_amount", "base": "base_amount", "period_minimum": "period_minimum_amount",
}  # fmt: skip


class Charges(models.Model):
    """The columns in which a way to charge is kept (pricing.Tariff says what they mean). Amounts in 分."""

    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    period = models.CharField(max_length=10, choices=pricing.PERIODS, default=pricing.DAILY)
    basis = models.PositiveSmallIntegerField(default=365)
    minimum_amount = models.BigIntegerField(default=0)
    minimum_rate = models.DecimalField(max_digits=9, decimal_places=6, default=Decimal(0))
    period_minimum_amount = models.BigIntegerField(default=0)
    base_amount = models.BigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=9, decimal_places=6, default=Decimal(0))
    includes_last_day = models.BooleanField(default=False)
    refunds = models.CharField(max_length=10, choices=pricing.REFUNDS, default=pricing.NONE)
    valid_from = models.DateField()

    class Meta:
        abstract = True

    def terms(self) -> pricing.Tariff:
        """Return it as what quotes and refunds are counted from."""
        return pricing.Tariff(
            **{one.name: getattr(self, COLUMNS.get(one.name, one.name)) for one in fields(pricing.Tariff)}
        )


class Tariff(Charges):
    """One version of what a guarantor charges for one kind. Never edited: an instrument keeps its version."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="tariffs")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guarantor", "kind", "number"], name="tariff_version_once")]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind} V{self.number}"


class TariffDraftQuerySet(CaseQuerySet["TariffDraft"]):
    """The one door to drafts."""

    def visible_to(self, member: Member) -> "TariffDraftQuerySet":
        """Return the drafts that exist for `member`: those of the own house, for whoever writes or publishes."""
        if not (member.can("guarantees.review") or member.can("guarantees.issue")):
            return self.none()
        return self.filter(guarantor=member.organisation_id)


class TariffDraft(Case, Charges):
    """The next version of a tariff while it is written; once published it names the version that it became."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="tariff_drafts")
    tariff = models.OneToOneField(Tariff, models.PROTECT, null=True, related_name="draft")
    authors = models.JSONField(default=list)  # users who wrote it: none of them publishes it
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = TariffDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(tariff__isnull=False), name="tariff_draft_published_as"
            )
        ]
        indexes = [models.Index(fields=["guarantor", "state", "-changed_at"], name="tariff_draft_by_state")]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind}"

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: a tariff is its guarantor's."""
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()
