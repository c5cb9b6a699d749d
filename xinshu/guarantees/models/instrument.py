"""The instrument with its payments and checks, and the tables by which a guarantor prices and approves."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.money import yuan
from xinshu.documents.models import File, SealedDocument, TemplateVersion
from xinshu.guarantees import kinds, lifecycle
from xinshu.guarantees.favour.models import FavourPlan
from xinshu.guarantees.products.models import Product
from xinshu.guarantees.tariffs.models import Tariff
from xinshu.guarantees.wordings.models import Wording
from xinshu.guarantors.models import Terms
from xinshu.projects.models import Project
from xinshu.projects.supervision import guarantees_under

PARTIES = ("applicant", "guarantor", "beneficiary", "project")
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


class Authority(models.Model):
    """One row of a guarantor's authority table (审批授权): up to which amount who may decide, for which applicants."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="authorities")
    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    unverified = models.BooleanField(default=False)  # the row for applicants whose identity is not verified yet
    auto_amount = models.BigIntegerField()  # approved at once up to here when every rule meets
    person_amount = models.BigIntegerField()  # a reviewer may decide up to here
    waives = models.JSONField(default=list)  # rules (review.py) whose "unknown" needs no person within auto_amount

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "kind", "unverified"], name="authority_row_once"),
            models.CheckConstraint(
                condition=Q(auto_amount__gte=0, person_amount__gte=F("auto_amount")), name="authority_ascends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind}"


class GuaranteeQuerySet(CaseQuerySet["Guarantee"]):
    """The one door to guarantees."""

    def visible_to(self, member: Member, at: datetime) -> "GuaranteeQuerySet":
        """Return what exists for `member` at the moment `at`.

        Applicant and guarantor see theirs (a guarantor only what was once submitted to it, or what its own people
        keep). Beneficiary and department (as the plan of supervision says, 归口管理) see instruments only, and
        bid guarantees only once the bids are open (开标前保密).
        """
        sides = sides_of(member, at)
        if not sides:
            return self.none()
        sees = reduce(or_, sides)
        if member.can("guarantees.supervise"):
            return self.filter(sees)
        mine = member.organisation_id
        # Said twice: the sides alone are conditions on this table, which the database can answer from its indexes.
        return self.filter(Q(applicant=mine) | Q(guarantor=mine) | Q(beneficiary=mine), sees)

    def exists_for(self, member: Member, at: datetime) -> Exists:
        """Return the condition on rows with a `guarantee` that it exists for `member`.

        Asked row by row: such rows are few beside the guarantees that a great house sees.
        """
        return Exists(self.visible_to(member, at).order_by().filter(pk=OuterRef("guarantee")))


def sides_of(member: Member, at: datetime) -> list[Q]:
    """Return what `member` may see, side by side: each condition has an index of its own, in the order of change."""
    if not member.can("guarantees.view"):
        return []
    mine, opened = member.organisation_id, ~Q(kind__in=kinds.SECRET) | Q(project__opens_at__lte=at)
    sides = [
        Q(applicant=mine),
        Q(guarantor=mine) & (Q(submitted_at__isnull=False) | Q(on_behalf=True)),
        Q(beneficiary=mine, state__in=lifecycle.INSTRUMENT) & opened,
    ]
    if member.can("guarantees.supervise"):
        sides.append(guarantees_under(member.organisation, at) & Q(state__in=lifecycle.INSTRUMENT) & opened)
    return sides


class Guarantee(Case):
    """One guarantee from draft to its end. The four parts of the amount always sum to it while it is an instrument."""

    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    kind_number = models.PositiveIntegerField(default=1)  # the version of the type that it was applied for under
    number = models.CharField(max_length=32, null=True, unique=True)  # at issue, never counting
    verify_code = models.CharField(max_length=6, blank=True)
    applicant = models.ForeignKey(Organisation, models.PROTECT, related_name="guarantees_applied")
    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="guarantees_given")
    beneficiary = models.ForeignKey(Organisation, models.PROTECT, related_name="guarantees_held")
    project = models.ForeignKey(Project, models.PROTECT, related_name="guarantees")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="guarantees")
    on_behalf = models.BooleanField(default=False)  # kept by the guarantor's manager for the applicant (代企业提交)
    manager = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    currency = models.CharField(max_length=3, default="CNY")
    amount = models.BigIntegerField(null=True)
    base_amount = models.BigIntegerField(null=True)  # what the legal cap is counted from
    base_source = models.CharField(max_length=120, blank=True)
    effective_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    extras = models.JSONField(default=dict)  # the type's own fields (extras.py), by name
    findings = models.JSONField(default=list)  # the last review, rule by rule
    reviewed_by_key = models.CharField(max_length=60, blank=True)

    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True)
    favour_plan = models.ForeignKey(FavourPlan, models.PROTECT, null=True, related_name="guarantees")
    tier = models.CharField(max_length=40, blank=True)  # the customer's, in words, when the fee was quoted
    discount_rate = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal(0))  # of the fee, kept for good
    fee_amount = models.BigIntegerField(null=True)
    fee_lines = models.JSONField(default=list)

    terms = models.ForeignKey(Terms, models.PROTECT, null=True, related_name="guarantees")  # as accepted at submission
    template = models.ForeignKey(TemplateVersion, models.PROTECT, null=True)
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, related_name="guarantees")  # null: standard text
    nature = models.CharField(max_length=20, choices=kinds.Nature.CHOICES, blank=True)
    clauses = models.JSONField(default=list)
    letter_values = models.JSONField(default=dict)  # what the letter says, frozen at issue
    letter = models.OneToOneField(SealedDocument, models.PROTECT, null=True)

    worded = models.JSONField(default=dict)  # letter values that accepted amendments word differently

    first_amount = models.BigIntegerField(null=True)  # the face as issued
    increased_amount = models.BigIntegerField(default=0)  # Σ accepted increases
    reduced_amount = models.BigIntegerField(default=0)  # Σ reductions and accepted decreases
    available_amount = models.BigIntegerField(default=0)
    reserved_amount = models.BigIntegerField(default=0)
    paid_amount = models.BigIntegerField(default=0)
    lapsed_amount = models.BigIntegerField(default=0)

    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    tail_until = models.DateField(null=True)  # the last day on which its line still waits (actions/tail.py)
    restored_at = models.DateTimeField(null=True)  # when the line came back, once
    changed_at = models.DateTimeField()
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors")  # renewed from

    objects = GuaranteeQuerySet.as_manager()

    PARTS: ClassVar = ("available_amount", "reserved_amount", "paid_amount", "lapsed_amount")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0) | Q(amount=0, reduced_amount__gt=0),
                name="guarantee_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(available_amount__gte=0, reserved_amount__gte=0, paid_amount__gte=0, lapsed_amount__gte=0),
                name="guarantee_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=lifecycle.BEFORE_ISSUE)
                | Q(
                    amount=F("available_amount") + F("reserved_amount") + F("paid_amount") + F("lapsed_amount"),
                    number__isnull=False,
                    issued_at__isnull=False,
                ),
                name="guarantee_parts_sum_to_amount",
            ),
            models.CheckConstraint(
                condition=Q(increased_amount__gte=0, reduced_amount__gte=0), name="guarantee_changes_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=lifecycle.BEFORE_ISSUE)
                | Q(amount=F("first_amount") + F("increased_amount") - F("reduced_amount")),
                name="guarantee_face_is_first_and_changes",
            ),
            models.CheckConstraint(
                condition=Q(restored_at__isnull=True) | Q(ended_at__isnull=False, reserved_amount=0),
                name="guarantee_restored_after_end",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(expires_on__gte=F("effective_on")),
                name="guarantee_period_ordered",
            ),
        ]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="guarantee_by_change"),  # any side at once, in order
            models.Index(fields=["guarantor", "-changed_at", "-id"], name="guarantee_by_guarantor"),
            models.Index(fields=["applicant", "-changed_at", "-id"], name="guarantee_by_applicant"),
            models.Index(fields=["beneficiary", "-changed_at", "-id"], name="guarantee_by_beneficiary"),
            models.Index(fields=["guarantor", "state", "-changed_at"], name="guarantee_by_state"),
            models.Index(fields=["state", "expires_on"], name="guarantee_by_expiry"),
            models.Index(
                fields=["guarantor", "kind", "-decided_at"],
                condition=Q(decided_at__isnull=False),
                name="guarantee_by_decision",  # the last decisions of a house (speed.py)
            ),
            models.Index(fields=["submitted_at", "guarantor", "applicant"], name="guarantee_by_submission"),
            # What a house answers for, firm by firm (watch/detecting.py), read from the index alone.
            models.Index(
                fields=["guarantor", "applicant", "amount", "state"],
                condition=Q(state__in=lifecycle.HOLDING),
                name="guarantee_by_holding",
            ),
            # A house's business by day, trade and customer (insights), read from the index alone.
            models.Index(
                fields=[
                    "guarantor",
                    "issued_at",
                    "created_at",
                    "submitted_at",
                    "decided_at",
                    "kind",
                    "state",
                    "on_behalf",
                    "project",
                    "applicant",
                    "first_amount",
                    "paid_amount",
                ],
                name="guarantee_by_business",
            ),
            models.Index(fields=["tail_until"], condition=Q(restored_at=None), name="guarantee_by_tail"),
        ]

    def __str__(self) -> str:
        return self.number or self.reference

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: a manager who keeps the case for the applicant stands on both.

        Whoever was let into one guarantee only (links.models.Guest) stands nowhere in another.
        """
        if getattr(by, "only_guarantee", self.pk) != self.pk:
            return set()
        organisation = getattr(by, "organisation_id", None)
        sides = set()
        if organisation == self.applicant_id:
            sides.add("applicant")
        if organisation == self.guarantor_id:
            sides |= {"guarantor", "applicant"} if self.on_behalf else {"guarantor"}
        if organisation == self.beneficiary_id:
            sides.add("beneficiary")
        return sides

    def is_secret(self, at: datetime) -> bool:
        """Return whether only applicant and guarantor may know of it: a bid guarantee before the bids are open."""
        opens_at = self.project.opens_at
        return self.kind in kinds.SECRET and (opens_at is None or opens_at > at)

    @property
    def secret_until(self) -> datetime | None:
        """When others may learn of it (never, as long as no opening is scheduled); None: no secret at all."""
        return (self.project.opens_at or NEVER) if self.kind in kinds.SECRET else None

    def days_left(self, on: date) -> int | None:
        return None if self.expires_on is None else (self.expires_on - on).days

    def change(self, step: Any = None, /, **changes: Any) -> "Guarantee":
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)

    @property
    def title(self) -> str:
        label = str(self.type.label)
        return f"{label} {yuan(self.amount)} 元" if self.amount else label

    @property
    def type(self) -> kinds.Kind:
        """The version of its type under which it was applied for: what it was promised with stays with it."""
        return kinds.KINDS.version_of(self.kind, self.kind_number)


class Payment(models.Model):
    """One attempt to pay a fee through a channel. The order number is what both sides call it by."""

    class State(models.TextChoices):
        REQUESTED = "requested", "支付中"
        CONFIRMED = "confirmed", "已到账"
        REFUSED = "refused", "未成功"
        REFUNDING = "refunding", "退费中"
        REFUNDED = "refunded", "已退费"

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="payments")
    amendment = models.ForeignKey("guarantees.Amendment", models.PROTECT, null=True, related_name="payments")
    order_number = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=20)
    account = models.CharField(max_length=60, blank=True)  # what the payer chose at the channel
    amount = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.UniqueConstraint(
                fields=["guarantee"],
                condition=Q(state__in=["requested", "confirmed"], amendment=None),
                name="payment_once_per_guarantee",
            ),
            models.UniqueConstraint(
                fields=["amendment"],
                condition=Q(state__in=["requested", "confirmed"], amendment__isnull=False),
                name="payment_once_per_amendment",
            ),
        ]

    def __str__(self) -> str:
        return self.order_number


class Attachment(models.Model):
    """A file that belongs to an application, under the name of what it proves."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="attachments")
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    reused_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="reused")  # not uploaded anew

    def __str__(self) -> str:
        return self.title


class PublicCheck(models.Model):
    """One look at a guarantee by the public (查验), and how wrong codes are counted so that nobody tries them all."""

    number = models.CharField(max_length=40, db_index=True)
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, null=True, related_name="checks")
    way = models.CharField(max_length=10)  # "code", "file"
    verdict = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["number", "at"], name="check_by_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"
