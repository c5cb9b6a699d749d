"""What is: demands with their papers, refusal notice, positions and payouts; injunctions; recourse with its entries."""

from datetime import date, datetime
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.claims import lifecycle
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.clock import moment
from xinshu.core.money import yuan
from xinshu.documents.models import File
from xinshu.guarantees.models import Guarantee

PARTIES = ("guarantee__applicant", "guarantee__guarantor", "guarantee__beneficiary", "guarantee__project")
FINAL = [state.code for state in lifecycle.DEMAND.states.values() if state.final]


def sides_in(guarantee: Guarantee, by: Actor) -> set[str]:
    """Return the sides on which `by` stands in a claim: only by organisation, for nobody speaks for two here."""
    if getattr(by, "only_guarantee", guarantee.pk) != guarantee.pk:
        return set()
    organisation = getattr(by, "organisation_id", None)
    parties = {
        "applicant": guarantee.applicant_id,
        "guarantor": guarantee.guarantor_id,
        "beneficiary": guarantee.beneficiary_id,
    }
    return {side for side, pk in parties.items() if pk == organisation}


class DemandQuerySet(CaseQuerySet["Demand"]):
    """The one door to demands."""

    def visible_to(self, member: Member, at: datetime) -> "DemandQuerySet":
        """Return the demands under guarantees that exist for `member` at the moment `at`."""
        if not member.can("claims.view"):
            return self.none()
        return self.filter(Guarantee.objects.exists_for(member, at))


class Demand(Case):
    """One presentation under a guarantee, from the day it came to payment or refusal. Money in 分."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="demands")
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="again")  # re-presentation
    amount = models.BigIntegerField()
    reserved_amount = models.BigIntegerField(default=0)  # what it holds of the guarantee now
    payable_amount = models.BigIntegerField(null=True)  # what was decided to be paid
    statement = models.TextField(blank=True)  # in what respect the applicant is in breach (URDG 15)
    payee_name = models.CharField(max_length=80)
    payee_bank = models.CharField(max_length=80)
    payee_account = models.CharField(max_length=40)
    to_complete = models.CharField(max_length=300, blank=True)  # what is still to come; "" once complete
    extend_to = models.DateField(null=True)  # "extend or pay": until which day

    presented_at = models.DateTimeField()
    received_on = models.DateField()  # the day at the place of presentation
    complete_on = models.DateField(null=True)
    due_on = models.DateField(null=True)  # last day for payment or refusal
    due_rule = models.CharField(max_length=600, blank=True)
    due_provisional = models.BooleanField(default=False)
    findings = models.JSONField(default=list)  # [{code, label, source, verdict, note}]
    proposal = models.JSONField(default=dict)  # {outcome, amount, opinion, by, at}
    notify_due_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    pay_due_on = models.DateField(null=True)
    suspended_until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = DemandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="demand_amount_positive"),
            models.CheckConstraint(
                condition=Q(reserved_amount__gte=0, reserved_amount__lte=F("amount")), name="demand_reserves_its_amount"
            ),
            models.CheckConstraint(
                condition=Q(payable_amount__isnull=True) | Q(payable_amount__gt=0, payable_amount__lte=F("amount")),
                name="demand_pays_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FINAL) | Q(reserved_amount=0, ended_at__isnull=False),
                name="demand_ended_reserves_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(payable_amount__isnull=False), name="demand_paid_says_how_much"
            ),
        ]
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="demand_by_change"),
            models.Index(fields=["state", "due_on"], name="demand_by_due"),
        ]

    def __str__(self) -> str:
        return self.reference

    def sides_of(self, by: Actor) -> set[str]:
        return sides_in(self.guarantee, by)

    @property
    def secret_until(self) -> datetime | None:
        return self.guarantee.secret_until

    @property
    def is_over(self) -> bool:
        """Whether more was demanded than could be claimed when it came: nothing is set aside for it."""
        return self.reserved_amount == 0 and self.state in (*lifecycle.OPEN, "paying")

    @property
    def title(self) -> str:
        return f"{self.guarantee.get_kind_display()} {self.guarantee.number} · {yuan(self.amount)} 元"

    def change(self, step: Any = None, /, **changes: Any) -> "Demand":
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)


class Paper(models.Model):
    """A file presented with a demand."""

    demand = models.ForeignKey(Demand, models.PROTECT, related_name="papers")
    file = models.ForeignKey(File, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.file.name


class Fixed(TypeError):
    """A refusal notice was to be written again."""


class RefusalNotice(models.Model):
    """拒付通知: the one notice of a demand. Written once; the database refuses to change it (migration 0001)."""

    demand = models.OneToOneField(Demand, models.PROTECT, related_name="notice")
    number = models.CharField(max_length=16, unique=True, default=new_reference)
    refused_amount = models.BigIntegerField()
    discrepancies = models.JSONField()  # [{code, label, source, note}], every one of them
    digest = models.CharField(max_length=64)  # SM3 of what it says; stands in the ledger too
    late = models.BooleanField()  # after the last day, where that does not preclude
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(refused_amount__gt=0), name="refused_amount_positive")]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise Fixed("a refusal notice is given once")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise Fixed("a refusal notice is kept")


class Position(models.Model):
    """What the applicant says to a demand. It moves no time limit."""

    class Stance(models.TextChoices):
        AGREES = "agrees", "同意付款"
        OBJECTS = "objects", "有异议"
        WAIVES = "waives", "同意放弃主张不符点"

    demand = models.ForeignKey(Demand, models.PROTECT, related_name="positions")
    stance = models.CharField(max_length=8, choices=Stance.choices)
    text = models.CharField(max_length=1000)
    by_label = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_stance_display()


class Payout(models.Model):
    """One order to pay a demand through a channel. The order number is what both sides call it by."""

    class State(models.TextChoices):
        REQUESTED = "requested", "付款中"
        CONFIRMED = "confirmed", "已付款"
        REFUSED = "refused", "未成功"

    demand = models.ForeignKey(Demand, models.PROTECT, related_name="payouts")
    order_number = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=20)
    account = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=200, blank=True)
    receipt = models.CharField(max_length=60, blank=True)
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_amount_positive"),
            models.UniqueConstraint(
                fields=["demand"], condition=Q(state__in=["requested", "confirmed"]), name="payout_once_per_demand"
            ),
        ]

    def __str__(self) -> str:
        return self.order_number


class InjunctionQuerySet(CaseQuerySet["Injunction"]):
    """The one door to injunctions."""

    def visible_to(self, member: Member, at: datetime) -> "InjunctionQuerySet":
        """Return those under guarantees that exist for `member`."""
        if not member.can("claims.view"):
            return self.none()
        return self.filter(Guarantee.objects.exists_for(member, at))

    def on(self, day: date) -> "InjunctionQuerySet":
        """Return those that stop payment on `day`."""
        return self.filter(state="standing", from_on__lte=day).filter(Q(until_on=None) | Q(until_on__gte=day))

    def stopped(self, day: date) -> "InjunctionQuerySet":
        """Return those that stopped payment on the past day `day`, whatever became of them since."""
        begun = self.filter(from_on__lte=day).filter(Q(until_on=None) | Q(until_on__gte=day))
        return begun.filter(Q(ended_at=None) | Q(ended_at__gte=moment(day)))


class Injunction(Case):
    """止付: a court's order not to pay under a guarantee. It blocks payment, not examination."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="injunctions")
    court = models.CharField(max_length=80)
    document_number = models.CharField(max_length=80)
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    file_sm3 = models.CharField(max_length=64)
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # None: until it is lifted
    sue_by = models.DateField()  # without a suit until then it lapses
    sued_on = models.DateField(null=True)
    suit = models.CharField(max_length=80, blank=True)  # the number under which the court took the suit
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = InjunctionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="injunction_period_ordered"
            ),
        ]

    def __str__(self) -> str:
        return self.document_number

    def sides_of(self, by: Actor) -> set[str]:
        return sides_in(self.guarantee, by)


class RecourseQuerySet(CaseQuerySet["Recourse"]):
    """The one door to recourse cases: guarantor and debtor, nobody else."""

    def visible_to(self, member: Member, at: datetime) -> "RecourseQuerySet":
        """Return the cases of the member's house on either side."""
        if not member.can("claims.view"):
            return self.none()
        return self.filter(Q(creditor=member.organisation_id) | Q(debtor=member.organisation_id))


class Recourse(Case):
    """追偿: what a guarantor is owed for one payment. Open costs, interest and principal, each in 分."""

    demand = models.OneToOneField(Demand, models.PROTECT, related_name="recourse")
    creditor = models.ForeignKey(Organisation, models.PROTECT, related_name="recourses_led")
    debtor = models.ForeignKey(Organisation, models.PROTECT, related_name="recourses_owed")
    paid_amount = models.BigIntegerField()
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6, default=0)
    rate_basis = models.CharField(max_length=120, blank=True)
    accrued_to = models.DateField()  # interest is reckoned up to and with this day
    costs_amount = models.BigIntegerField(default=0)
    interest_amount = models.BigIntegerField(default=0)
    principal_amount = models.BigIntegerField()
    written_off_amount = models.BigIntegerField(default=0)  # of the principal: off the accounts, still owed
    recovered_amount = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    objects = RecourseQuerySet.as_manager()
    OPEN_PARTS: ClassVar = ("costs_amount", "interest_amount", "principal_amount")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    costs_amount__gte=0, interest_amount__gte=0, principal_amount__gte=0, recovered_amount__gte=0,
                    principal_amount__lte=F("paid_amount"), written_off_amount__gte=0,
                    written_off_amount__lte=F("principal_amount"), annual_rate__gte=0,
                ),
                name="recourse_parts_sound",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(costs_amount=0, interest_amount=0, principal_amount=0),
                name="recourse_settled_owes_nothing",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["creditor", "-changed_at", "-id"], name="recourse_by_creditor")]

    def __str__(self) -> str:
        return self.reference

    def sides_of(self, by: Actor) -> set[str]:
        organisation = getattr(by, "organisation_id", None)
        return {
            side for side, pk in (("guarantor", self.creditor_id), ("applicant", self.debtor_id)) if pk == organisation
        }

    def change(self, step: Any = None, /, **changes: Any) -> "Recourse":
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)


class RecourseEntry(models.Model):
    """One line of a recourse case's account. Only ever inserted."""

    class Kind(models.TextChoices):
        PAID_OUT = "paid_out", "代偿本金"
        COST = "cost", "追偿费用"
        RECOVERY = "recovery", "收回"
        WRITE_OFF = "write_off", "核销"

    recourse = models.ForeignKey(Recourse, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.CharField(max_length=60)  # of the voucher: the same one is entered once
    amount = models.BigIntegerField()
    to_costs = models.BigIntegerField(default=0)
    to_interest = models.BigIntegerField(default=0)
    to_principal = models.BigIntegerField(default=0)
    on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    by_label = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recourse", "kind", "number"], name="recourse_voucher_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="recourse_entry_positive"),
            models.CheckConstraint(
                condition=~Q(kind="recovery") | Q(amount=F("to_costs") + F("to_interest") + F("to_principal")),
                name="recovery_goes_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
