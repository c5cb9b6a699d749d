"""What is: one product of one guarantor."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.guarantees import kinds
from xinshu.guarantees.products.conditions import Condition, read


class ProductQuerySet(CaseQuerySet["Product"]):
    """The one door to products."""

    def offered(self, on: date) -> "ProductQuerySet":
        """Return what stands on the shelf on the day `on`."""
        return self.filter(
            Q(offered_until=None) | Q(offered_until__gte=on), state="on_shelf", offered_from__lte=on,
            guarantor__active=True,
        )  # fmt: skip

    def visible_to(self, member: Member, on: date) -> "ProductQuerySet":
        """Return the products that exist for `member`: the shelf, and all of one's own house."""
        if not member.can("guarantees.view"):
            return self.none()
        return (self.offered(on) | self.filter(guarantor=member.organisation_id)).distinct()


class Product(Case):
    """A type on a guarantor's shelf. Its price is the guarantor's tariff of the day; a guarantee keeps its version."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="products")
    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    name = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    least_amount = models.BigIntegerField()  # 分
    most_amount = models.BigIntegerField()
    longest_days = models.PositiveIntegerField()
    offered_from = models.DateField()
    offered_until = models.DateField(null=True)
    conditions = models.JSONField(default=list)
    documents = models.JSONField(default=list)  # titles, required besides those of the type
    authors = models.JSONField(default=list)  # users who wrote it: none of them puts it on the shelf
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(least_amount__gt=0, most_amount__gte=F("least_amount")), name="product_amounts_ordered"
            ),
            models.CheckConstraint(
                condition=Q(offered_until=None) | Q(offered_until__gte=F("offered_from")), name="product_days_ordered"
            ),
        ]
        indexes = [models.Index(fields=["state", "kind", "guarantor"], name="product_shelf")]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: a product is its guarantor's."""
        return {"guarantor"} if getattr(by, "organisation_id", None) == self.guarantor_id else set()

    @property
    def asks(self) -> list[Condition]:
        """What it asks of the applicant."""
        kept: list[dict[str, Any]] = self.conditions
        return [read(one) for one in kept]
