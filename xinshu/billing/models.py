"""What is: invoices, and the title that a buyer wants on them; the bank's lines stand in bank.py."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.billing.bank import BankFile, BankLine, Match
from xinshu.billing.reserves import Method
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.documents.models import File
from xinshu.guarantees.models import Guarantee, Payment


class Titled(models.Model):
    """What a tax invoice says of its buyer."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", "普通发票"
        SPECIAL = "special", "增值税专用发票"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ORDINARY)
    title = models.CharField(max_length=120)
    tax_number = models.CharField(max_length=20)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40, blank=True)
    mail = models.EmailField(blank=True)  # where the channel sends the file besides

    class Meta:
        abstract = True


TITLE = ("kind", "title", "tax_number", "address", "phone", "bank", "account", "mail")


class BuyerTitle(Titled):
    """What an organisation last wanted on its invoices: offered the next time."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="invoice_title")

    def __str__(self) -> str:
        return self.title


class InvoiceQuerySet(CaseQuerySet["Invoice"]):
    """The one door to invoices."""

    def visible_to(self, member: Member, at: datetime) -> "InvoiceQuerySet":
        """Return the invoices that `member`'s house buys or gives; they are nobody else's, whatever is open by `at`."""
        if not member.can("billing.view"):
            return self.none()
        mine = member.organisation_id
        return self.filter(Q(buyer=mine) | Q(seller=mine))


class Invoice(Titled, Case):
    """One e-invoice (数电票) for one order. Money in 分; `amount` is what was paid, tax included."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="invoices")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="invoices")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_bought")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_given")
    amount = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    net_amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    serial = models.CharField(max_length=32, unique=True)  # what the channel knows this request by
    number = models.CharField(max_length=20, null=True, unique=True)  # 数电票号码
    issued_at = models.DateTimeField(null=True)
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=20, blank=True)  # of the last refusal, as the channel says it
    reason = models.CharField(max_length=200, blank=True)
    red_amount = models.BigIntegerField(null=True)  # of the red letter where it cancels a part only (提前解保退费)
    red_serial = models.CharField(max_length=32, null=True, unique=True)
    red_number = models.CharField(max_length=20, null=True, unique=True)
    red_at = models.DateTimeField(null=True)
    red_file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    red_reason = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=~Q(state="reversed"), name="invoice_once_per_order"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount=F("net_amount") + F("tax_amount"), tax_amount__gte=0),
                name="invoice_net_and_tax_are_the_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "refused"])
                | Q(number__isnull=False, issued_at__isnull=False, file__isnull=False),
                name="invoice_issued_has_number_and_file",
            ),
            models.CheckConstraint(
                condition=Q(red_amount__isnull=True) | Q(red_amount__gt=0, red_amount__lt=F("amount")),
                name="invoice_red_part_within",
            ),
            models.CheckConstraint(
                condition=~Q(state="reduced") | Q(red_amount__isnull=False, red_number__isnull=False),
                name="invoice_reduced_has_red_letter",
            ),
            models.CheckConstraint(
                condition=~Q(state="reversed") | Q(red_number__isnull=False, red_at__isnull=False),
                name="invoice_reversed_has_red_letter",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "-changed_at", "-id"], name="invoice_by_seller"),
            models.Index(fields=["buyer", "-changed_at", "-id"], name="invoice_by_buyer"),
        ]

    def __str__(self) -> str:
        return self.number or self.reference

    @property
    def cancelled_amount(self) -> int:
        """What its red letter cancels, asked for or made: a part, or the whole; in 分."""
        return self.amount if self.red_amount is None else self.red_amount

    def sides_of(self, by: Actor) -> set[str]:
        return self.guarantee.sides_of(by) & {"applicant", "guarantor"}

    def change(self, step: Any = None, /, **changes: Any) -> "Invoice":
        """Save as every case does. `at`, the moment of the act, becomes `changed_at`."""
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)


class ReserveMethod(models.Model):
    """One version of how a house sets aside reserves. Never edited: a new one is written."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="reserve_methods")
    unearned_rate = models.DecimalField(max_digits=6, decimal_places=5)
    claims_rate = models.DecimalField(max_digits=6, decimal_places=5)
    claims_cap = models.DecimalField(max_digits=6, decimal_places=5)
    opening_amount = models.BigIntegerField(default=0)  # 担保赔偿准备 at the beginning of the year
    minimum_at_once = models.BooleanField(default=True)
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    set_by = models.CharField(max_length=60)  # actor label
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unearned_rate__range=(0, 1), claims_rate__range=(0, 1), claims_cap__range=(0, 1)),
                name="reserve_rates_within_one",
            ),
            models.CheckConstraint(condition=Q(opening_amount__gte=0), name="reserve_opening_not_negative"),
        ]
        indexes = [models.Index(fields=["house", "-valid_from", "-id"], name="reserve_method_valid")]

    def __str__(self) -> str:
        return f"{self.house} {self.valid_from}"

    def terms(self) -> Method:
        return Method(
            self.unearned_rate,
            self.claims_rate,
            self.claims_cap,
            self.opening_amount,
            self.minimum_at_once,
            self.source,
        )


__all__ = ["BankFile", "BankLine", "BuyerTitle", "Invoice", "Match", "ReserveMethod"]
