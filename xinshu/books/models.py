"""What is: accounts with four running sums each, and the transfers that moved them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Organisation


class Account(models.Model):
    """What `holder` keeps for one purpose, about one `party` or nobody. Only transfers.py changes a row."""

    class Unit(models.TextChoices):
        CNY = "CNY", "人民币（分）"
        LINE = "LINE", "授信额度（分）"

    SUMS: ClassVar = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")

    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="accounts_held")
    party = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="accounts_as_party")
    purpose = models.CharField(max_length=20)  # lines.py and fees.py name theirs
    unit = models.CharField(max_length=4, choices=Unit.choices)
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_must_not_exceed_credits = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # Two constraints, because NULL differs from NULL in a unique key and SQLite has no NULLS NOT DISTINCT.
            models.UniqueConstraint(fields=["holder", "party", "purpose", "unit"], name="account_once_per_party"),
            models.UniqueConstraint(
                fields=["holder", "purpose", "unit"], condition=Q(party=None), name="account_once_without_party"
            ),
            models.CheckConstraint(
                condition=Q(debits_pending__gte=0, debits_posted__gte=0, credits_pending__gte=0, credits_posted__gte=0),
                name="account_sums_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(debits_must_not_exceed_credits=False)
                | Q(credits_posted__gte=F("debits_pending") + F("debits_posted")),
                name="account_not_overdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.unit} #{self.pk}"

    @property
    def balance(self) -> int:
        """What is posted here, in 分: credits less debits."""
        return self.credits_posted - self.debits_posted

    @property
    def available(self) -> int:
        """What may still be debited, in 分: the balance less what is reserved."""
        return self.balance - self.debits_pending


class Transfer(models.Model):
    """One amount from `debit` to `credit`. Pending until posted or voided; after that it never changes again."""

    class State(models.TextChoices):
        PENDING = "pending", "已预占"
        POSTED = "posted", "已入账"
        VOIDED = "voided", "已撤销"

    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_index=False)
    amount = models.BigIntegerField()  # 分
    state = models.CharField(max_length=7, choices=State.choices)
    key = models.CharField(
        max_length=120, unique=True
    )  # the same key is the same transfer, however often it is asked for
    subject_type = models.CharField(max_length=60, blank=True)  # "guarantees.guarantee": what it is for
    subject_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)  # posted or voided

    repeated = False  # not a column: the call that returned this found its key already used

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            models.CheckConstraint(
                condition=Q(state="pending", settled_at=None) | (~Q(state="pending") & Q(settled_at__isnull=False)),
                name="transfer_settled_when_not_pending",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="transfer_subject")]

    def __str__(self) -> str:
        return f"{self.key} {self.amount} {self.state}"
