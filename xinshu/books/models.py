"""What is: accounts with four running sums each, the transfers that moved them, groups of customers, totals."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinshu.accounts.models import Organisation
from xinshu.core.cases import new_reference


class Capital(models.Model):
    """The net assets that an issuer reported: what its concentration is a share of. Only ever inserted."""

    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="capitals")
    amount = models.BigIntegerField()  # 分
    as_of = models.DateField()  # the day of the balance sheet
    source = models.CharField(max_length=120)  # "2025 年度审计报告"
    mainly_small = models.BooleanField(default=False)  # serves mainly small firms and farming: the higher multiple
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)  # actor label

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="capital_not_negative")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.as_of} {self.amount}"


class TotalLimit(models.Model):
    """What all customers of one issuer together have taken up, and may (责任余额上限, a multiple of its net assets).

    As with a group, the row is the limit: moves.py adds to `used` in the statement that moves a customer's account.
    """

    issuer = models.OneToOneField(Organisation, models.PROTECT, related_name="total_limit")
    used = models.BigIntegerField(default=0)  # 分: reserved and occupied, of all customers
    ceiling = models.BigIntegerField(null=True)  # None: no multiple, or no net assets known
    excess = models.BigIntegerField(default=0)  # what stood above a ceiling that was lowered; only ever falls
    warn_at = models.PositiveSmallIntegerField(default=80)  # percent taken up from which people are told
    alarm_at = models.PositiveSmallIntegerField(default=95)  # and told once more
    told = models.PositiveSmallIntegerField(default=0)  # the threshold last told of; 0 when use has fallen below

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0, excess__gte=0), name="total_not_negative"),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(used__lte=F("ceiling") + F("excess")), name="total_within_ceiling"
            ),
            models.CheckConstraint(
                condition=Q(warn_at__gte=1, warn_at__lt=F("alarm_at"), alarm_at__lte=100), name="total_warns_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.used} / {self.ceiling}"

    @property
    def room(self) -> int | None:
        """What all customers together may still take up, in 分. None: no limit is known."""
        return None if self.ceiling is None else max(0, self.ceiling - self.used)


class TotalDay(models.Model):
    """How an issuer's total stood at the end of a day; written every night, never changed."""

    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    reserved = models.BigIntegerField()  # 分
    occupied = models.BigIntegerField()  # 分
    ceiling = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "on"], name="total_once_a_day")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.on} {self.reserved + self.occupied}"


class CustomerGroup(models.Model):
    """Customers that one issuer judges as one (集团客户). `used` is what all of them together have taken up.

    The row is the group's limit: transfers.py adds to `used` in the statement that moves a member's account.
    """

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="customer_groups")
    name = models.CharField(max_length=80)
    used = models.BigIntegerField(default=0)  # 分: reserved and occupied, of all members
    ceiling = models.BigIntegerField(null=True)  # None: no limit is known
    excess = models.BigIntegerField(default=0)  # what stood above a ceiling that was lowered; only ever falls

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "name"], name="group_name_once_per_issuer"),
            models.CheckConstraint(condition=Q(used__gte=0, excess__gte=0), name="group_not_negative"),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(used__lte=F("ceiling") + F("excess")), name="group_within_ceiling"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def room(self) -> int | None:
        """What all members together may still take up, in 分. None: no limit is known."""
        return None if self.ceiling is None else max(0, self.ceiling - self.used)


class GroupMember(models.Model):
    """One customer's time in a group. A customer stands in one group of an issuer at most."""

    class Relation(models.TextChoices):
        PARENT = "parent", "集团母公司"
        CONTROLLED = "controlled", "受同一控制"
        MANAGEMENT = "management", "关键管理人员相同"
        SURETY = "surety", "互保或连环担保"
        OTHER = "other", "其他关联"

    group = models.ForeignKey(CustomerGroup, models.PROTECT, related_name="members")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="group_memberships")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    basis = models.CharField(max_length=200)  # what the judgement rests on
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "party"], condition=Q(until=None), name="in_one_group_of_an_issuer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} · {self.group}"


class Account(models.Model):
    """What `holder` keeps for one purpose, about one `party` or nobody. Only transfers.py changes a row."""

    class Unit(models.TextChoices):
        CNY = "CNY", "人民币（分）"
        LINE = "LINE", "授信额度（分）"

    SUMS: ClassVar = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="accounts_held")
    party = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="accounts_as_party")
    purpose = models.CharField(max_length=20)  # lines.py and fees.py name theirs
    unit = models.CharField(max_length=4, choices=Unit.choices)
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_must_not_exceed_credits = models.BooleanField(default=False)
    # Of an account that counts what a customer has taken up (`exposure`): its single-client limit, and its group.
    ceiling = models.BigIntegerField(null=True)  # None: no limit is known
    excess = models.BigIntegerField(default=0)  # what stood above a ceiling that was lowered; only ever falls
    group = models.ForeignKey(CustomerGroup, models.PROTECT, null=True, related_name="accounts")
    total = models.ForeignKey(TotalLimit, models.PROTECT, null=True, related_name="accounts")  # of its house
    closed_to = models.DateTimeField(null=True)  # a statement was given as of then: nothing is booked earlier any more

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
            models.CheckConstraint(condition=Q(excess__gte=0), name="account_excess_not_negative"),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True)
                | Q(ceiling__gte=F("credits_pending") + F("credits_posted") - F("debits_posted") - F("excess")),
                name="account_within_ceiling",
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

    @property
    def exposure(self) -> int:
        """What came here and has not gone back, reserved or posted, in 分."""
        return self.credits_pending + self.balance


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
    due_at = models.DateTimeField(null=True)  # a pending one is voided then (holds.py); None: it waits for its case

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
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="transfer_subject"),
            models.Index(
                fields=["due_at"], condition=Q(state="pending", due_at__isnull=False), name="transfer_pending_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.amount} {self.state}"


class Reconciliation(models.Model):
    """One run of the reconciliation (对账): when, over how much, and how many differences stood then."""

    at = models.DateTimeField()
    accounts = models.PositiveIntegerField()
    transfers = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    differences = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.differences}"


class Difference(models.Model):
    """Two things that should agree and do not (对账差异). Found once, gone when a later run no longer finds it."""

    kind = models.CharField(max_length=12)  # reconciliation.KINDS
    about = models.CharField(max_length=120)  # what differs: "account:8K3M7Q2P4RTW:debits_pending"
    issuer = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    party = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    stands = models.CharField(max_length=80)  # what the one says; money in 分, in words with its state
    should = models.CharField(max_length=80)  # what the other says
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], condition=Q(gone_at=None), name="difference_stands_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
