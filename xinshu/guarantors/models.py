"""What is: a guarantor's qualifications, the business it does and its net assets, version by version."""

from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.documents.models import File
from xinshu.guarantors.lifecycle import MANAGE
from xinshu.guarantors.terms.models import Terms

__all__ = ["SETTLED", "Filing", "FilingQuerySet", "NetAssets", "Qualification", "Scope", "Terms", "in_force"]
FilingRow = TypeVar("FilingRow", bound="Filing")
SETTLED = ("confirmed", "replaced", "ended")  # what was once confirmed


class FilingQuerySet(CaseQuerySet[FilingRow]):
    """The one door to filings."""

    def visible_to(self, member: Member) -> "FilingQuerySet[FilingRow]":
        """Return what exists for `member`: everything for the operator's people, one's own for a guarantor's."""
        if member.can(MANAGE):
            return self
        if member.organisation.kind in Organisation.ISSUERS and member.can("guarantees.view"):
            return self.filter(guarantor=member.organisation_id)
        return self.none()


class Filing(Case):
    """One version of something filed about a guarantor, with the days on which it holds (both inclusive)."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # None: without end
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors")
    authors = models.JSONField(default=list)  # users who filed it: none of them confirms it
    filed_by = models.CharField(max_length=60)
    confirmed_by = models.CharField(max_length=60, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    replaces_id: int | None
    objects = FilingQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="%(class)s_days_ordered"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=SETTLED) | Q(confirmed_at__isnull=False), name="%(class)s_confirmed"
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(state__in=SETTLED), name="%(class)s_replaced_once"
            ),
        ]
        indexes = [models.Index(fields=["guarantor", "state"], name="%(class)s_of_house")]

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands."""
        organisation = getattr(by, "organisation", None)
        if organisation is None:
            return set()
        sides = {"operator"} if organisation.kind == Organisation.Kind.OPERATOR else set()
        return sides | ({"guarantor"} if organisation.pk == self.guarantor_id else set())

    @property
    def values(self) -> dict[str, Any]:
        """What it says, by column."""
        return {name: getattr(self, name) for name in self.SAYS}

    SAYS: tuple[str, ...] = ()


class Qualification(Filing):
    """A licence or record (许可证、经营许可、备案) under which a guarantor does business."""

    class Kind(models.TextChoices):
        GUARANTY = "guaranty", "融资担保业务经营许可证"
        BANKING = "banking", "金融许可证"
        INSURANCE = "insurance", "保险许可证"
        BUSINESS = "business", "营业执照（经营范围）"
        RECORD = "record", "工程担保备案"

    SAYS = ("kind", "certificate", "authority", "valid_from", "valid_until")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    certificate = models.CharField(max_length=60)  # its number
    authority = models.CharField(max_length=80)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.certificate}"


class NetAssets(Filing):
    """Net assets as a report states them, on the day of its balance sheet (`valid_from`): the base of capacity.

    `mainly_small`: the house serves mainly small firms and farming, which allows the higher multiple; `basis` says by
    which figures or whose finding.
    """

    SAYS = ("amount", "valid_from", "source", "mainly_small", "basis")

    amount = models.BigIntegerField()  # 分
    source = models.CharField(max_length=120)  # "2025 年度审计报告"
    mainly_small = models.BooleanField(default=False)
    basis = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.guarantor} {self.valid_from} {self.amount}"


class Scope(Filing):
    """Which business a guarantor does: a kind (empty: any), a region (prefix, empty: anywhere), up to what amount."""

    SAYS = ("kind", "region_code", "most_amount", "annual_rate", "valid_from", "valid_until")

    kind = models.CharField(max_length=20, blank=True)
    region_code = models.CharField(max_length=6, blank=True)  # what the codes of its regions begin with
    most_amount = models.BigIntegerField(null=True)  # 分, of a single guarantee; None: no limit
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)  # as filed; the tariff decides

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind} {self.region_code}"


def in_force(rows: list[FilingRow], on: date) -> list[FilingRow]:
    """Return those of the settled `rows` of one house that hold on the day `on`.

    A replaced version holds until the day before the first day of the one that replaced it.
    """
    begins = {row.replaces_id: row.valid_from for row in rows if row.replaces_id is not None}
    return [
        row
        for row in rows
        if row.state != "ended"
        and row.valid_from <= on
        and (row.valid_until is None or on <= row.valid_until)
        and (row.state != "replaced" or on < begins.get(row.pk, date.min))
    ]
