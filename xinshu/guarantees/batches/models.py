"""What is: a batch as one workbook told it, and its rows, each of which leads to one guarantee at most."""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State
from xinshu.documents.models import File
from xinshu.guarantees import kinds
from xinshu.guarantees.batches.lifecycle import LIFECYCLE
from xinshu.guarantees.products.models import Product
from xinshu.projects.models import Project

PARTIES = ("owner", "guarantor", "prepared_by__user", "prepared_by__organisation", "confirmed_by__user", "file")
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


class BatchQuerySet(CaseQuerySet["Batch"]):
    """The one door to batches."""

    def visible_to(self, member: Member, at: datetime) -> "BatchQuerySet":
        """Return what exists for `member`: of the own house, and what was submitted to it as guarantor.

        Nobody else learns of a batch, at any time: it names many applicants, and bidders among them (开标前保密).
        """
        if not member.can("guarantees.view"):
            return self.none()
        mine = member.organisation_id
        return self.filter(Q(owner=mine) | Q(guarantor=mine, submitted_at__isnull=False))


class Batch(Case):
    """One workbook of guarantees wanted from one guarantor. `amount`, `fee`: 分 over the rows without faults."""

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="batches_prepared")  # who prepared it
    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="batches_received")
    name = models.CharField(max_length=60)
    prepared_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    authors = models.JSONField(default=list)  # users who uploaded or submitted it: none of them confirms it
    confirmed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")  # the latest upload
    account = models.CharField(max_length=60, blank=True)  # which account each row's fee is charged to
    row_count = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)  # rows with faults
    amount = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)  # why it was sent back last
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="batch_by_owner"),
            models.Index(fields=["guarantor", "-id"], name="batch_by_guarantor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["running", "paused", "finished"]) | Q(confirmed_by__isnull=False),
                name="batch_runs_when_confirmed",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def sides_of(self, by: Actor) -> set[str]:
        """Name the sides on which `by` stands: a guarantor that prepares for its customers stands on both."""
        house = getattr(by, "organisation_id", None)
        sides = {"preparer"} if house == self.owner_id else set()
        return sides | ({"guarantor"} if house == self.guarantor_id else set())

    @property
    def standing(self) -> State:
        return LIFECYCLE.states[self.state]

    @property
    def on_behalf(self) -> bool:
        """Whether the guarantor's own people prepared it for customers."""
        return self.owner_id == self.guarantor_id

    @property
    def secret_until(self) -> datetime | None:
        """When others may learn of all its bid rows (never, while one has no opening); None: it has none."""
        secret = self.rows.filter(kind__in=kinds.SECRET, project__isnull=False)
        openings = list(secret.order_by().values_list("project__opens_at", flat=True).distinct())
        return max((opens_at or NEVER for opens_at in openings), default=None)

    def change(self, step: Any = None, /, **changes: Any) -> "Batch":
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)


class BatchRow(models.Model):
    """One line of the workbook: what was typed, what was read out of it, what became of it.

    `key` (序号) names it within its batch; together they lead to one guarantee, however often the row is worked on.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待办"
        DONE = "done", "已出函"
        REFERRED = "referred", "转人工审批"
        FAILED = "failed", "未办成"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()  # where it stands in the sheet, counted from 1
    key = models.CharField(max_length=40)
    typed = models.JSONField(default=dict)  # column code -> text
    faults = models.JSONField(default=list)  # [{"column": code, "message": words}]
    notes = models.JSONField(default=list)  # words: why a person will have to look at it

    kind = models.CharField(max_length=20, blank=True, choices=kinds.every_choice)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+")
    applicant = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    amount = models.BigIntegerField(null=True)
    effective_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    fee = models.BigIntegerField(null=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # how often the payment channel gave no answer
    guarantee = models.OneToOneField("guarantees.Guarantee", models.PROTECT, null=True, related_name="batch_row")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="batch_line_once"),
            models.UniqueConstraint(fields=["batch", "key"], name="batch_key_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "referred"]) | Q(guarantee__isnull=False), name="batch_row_has_letter"
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "line"], name="batch_rows_by_state")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.key}"
