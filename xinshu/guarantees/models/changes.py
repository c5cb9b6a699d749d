"""What may happen to a guarantee while it lives: amendments, reductions, surrenders, and how long its line waits after
its end.
"""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.documents.models import File, SealedDocument
from xinshu.guarantees import changing, kinds
from xinshu.guarantees.law import consenting
from xinshu.guarantees.models.instrument import Guarantee

WITH_PARTIES = (
    "guarantee__applicant", "guarantee__guarantor", "guarantee__beneficiary", "guarantee__project",
    "guarantee__letter",
)  # fmt: skip


class ChangeQuerySet(CaseQuerySet[Any]):
    """The door to what happens to guarantees: nothing exists for whom the guarantee does not exist."""

    def visible_to(self, member: Member, at: datetime) -> Self:
        """Return what exists for `member`: inside the case everything, to others what has been put before them."""
        mine = Q(guarantee__applicant=member.organisation_id) | Q(guarantee__guarantor=member.organisation_id)
        others = Q(**self.model.OUTWARD) if self.model.OUTWARD else Q(pk__isnull=False)
        return self.filter(mine | others, Guarantee.objects.exists_for(member, at))


class Change(Case):
    """One change in the life of a guarantee, from its proposal to its end. Its sides are those of the guarantee."""

    OUTWARD: ClassVar[dict[str, Any]] = {}  # when others than applicant and guarantor learn of it; empty: at once

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="%(class)ss")
    reason = models.CharField(max_length=500)
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = ChangeQuerySet.as_manager()

    class Meta:
        abstract = True

    def sides_of(self, by: Actor) -> set[str]:
        return self.guarantee.sides_of(by)

    def change(self, step: Any = None, /, **changes: Any) -> Self:
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)

    @property
    def secret_until(self) -> datetime | None:
        return self.guarantee.secret_until


class Amendment(Change):
    """修改: terms that are to take the place of the old ones once the beneficiary accepts them as a whole (URDG 11).

    None in `new_amount` or `new_expires_on`: stays as it is. `wording`: letter values that read differently.
    """

    OUTWARD: ClassVar[dict[str, Any]] = {"issued_at__isnull": False}

    number = models.PositiveSmallIntegerField(null=True)  # given at issue, counted per guarantee
    old_amount = models.BigIntegerField()  # the face at the proposal
    new_amount = models.BigIntegerField(null=True)
    new_expires_on = models.DateField(null=True)
    wording = models.JSONField(default=dict)
    before = models.JSONField(default=dict)  # letter values as they stood at the proposal
    fee_amount = models.BigIntegerField(default=0)
    fee_lines = models.JSONField(default=list)
    letter = models.OneToOneField(SealedDocument, models.PROTECT, null=True)
    letter_values = models.JSONField(default=dict)  # what the amendment letter says, frozen when it is sealed
    reviewed_by_key = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    on_demand = models.CharField(max_length=16, blank=True)  # reference of the demand that asked "extend or pay"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantee", "number"], name="amendment_number_once"),
            models.UniqueConstraint(
                fields=["guarantee"], condition=Q(state__in=changing.AMENDMENT_OPEN), name="amendment_open_once"
            ),
            models.CheckConstraint(
                condition=Q(new_amount__isnull=True) | Q(new_amount__gt=0), name="amendment_amount_positive"
            ),
            models.CheckConstraint(condition=Q(fee_amount__gte=0), name="amendment_fee_not_negative"),
        ]
        indexes = [models.Index(fields=["state", "guarantee"], name="amendment_by_state")]

    def __str__(self) -> str:
        return f"{self.guarantee} 修改 {self.number or self.reference}"

    @property
    def extra(self) -> int:
        """By how much the face grows (below nothing: falls), in 分."""
        return 0 if self.new_amount is None else self.new_amount - self.old_amount


class Reduction(Change):
    """减额: one fall of the face, agreed at issue for a day, or by a document that the beneficiary confirms."""

    amount = models.BigIntegerField()
    on = models.DateField(null=True)  # the day of the schedule; None: by document
    document = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    taken_amount = models.BigIntegerField(default=0)  # what it came to: never more than was available

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="reduction_amount_positive"),
            models.CheckConstraint(
                condition=Q(taken_amount__gte=0, taken_amount__lte=models.F("amount")), name="reduction_taken_within"
            ),
            models.UniqueConstraint(
                fields=["guarantee", "on"], condition=Q(on__isnull=False), name="reduction_day_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "on"], name="reduction_by_day")]

    def __str__(self) -> str:
        return f"{self.guarantee} 减额 {self.amount}"


class ContractChange(Change):
    """主合同变更: a change of the contract that the guarantee secures, put before the guarantor (consenting.py)."""

    effect = models.CharField(max_length=10, choices=consenting.EFFECTS)
    amount = models.BigIntegerField(null=True)  # 分: by how much the debt grows or falls, or how much went over
    document = models.ForeignKey(File, models.PROTECT, related_name="+")
    letter = models.OneToOneField(SealedDocument, models.PROTECT, null=True)  # the written answer

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="contract_change_amount_positive"
            ),
        ]
        indexes = [models.Index(fields=["state", "guarantee"], name="contract_change_by_state")]

    def __str__(self) -> str:
        return f"{self.guarantee} 主合同变更 {self.reference}"

    @property
    def effect_now(self) -> consenting.Effect:
        """What it does to the guarantee as things stand: without a consent, as if there were none."""
        if self.state == "withdrawn":
            return consenting.Effect(0, _("登记已撤回。"), "")
        return consenting.effect_of(
            self.guarantee.nature, self.effect, self.amount or 0, consented=self.state == "consented"
        )


class Surrender(Change):
    """退保: the applicant gives the guarantee back before its day; the department that supervises it reviews it."""

    ground = models.CharField(max_length=20, choices=changing.GROUNDS)
    proof = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    checks = models.JSONField(default=list)  # what the system looked at, each with its reason
    consent = models.CharField(max_length=10, blank=True)  # of the beneficiary: "", "agreed", "objected"
    consent_note = models.CharField(max_length=500, blank=True)
    decision = models.CharField(max_length=500, blank=True)  # the department's words
    receipt_number = models.CharField(max_length=32, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guarantee"], condition=Q(state__in=changing.SURRENDER_OPEN), name="surrender_open_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "guarantee"], name="surrender_by_state")]

    def __str__(self) -> str:
        return f"{self.guarantee} 退保 {self.receipt_number or self.reference}"

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands; which department it is at the moment, the acts ask (surrenders.py)."""
        sides = super().sides_of(by)
        if isinstance(by, Member) and by.can("guarantees.supervise"):
            sides.add("department")
        return sides


class ClaimTail(models.Model):
    """A guarantor's own days between an end and the return of the line (索赔尾期), unlike changing.TAILS."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="claim_tails")
    kind = models.CharField(max_length=20, choices=kinds.every_choice)
    end = models.CharField(max_length=10, choices=changing.ENDS)
    days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guarantor", "kind", "end"], name="claim_tail_once")]

    def __str__(self) -> str:
        return f"{self.guarantor} {self.kind} {self.end} {self.days}"
