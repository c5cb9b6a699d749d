"""What is, of the bank's own statement: files, their lines, and which line belongs to which fee or refund."""

from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.books.models import Transfer
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference


class BankFile(models.Model):
    """One file of bank lines that a house imported. The same file is imported once."""

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="bank_files")
    name = models.CharField(max_length=120)
    sm3 = models.CharField(max_length=64)
    count = models.PositiveIntegerField()  # lines that were new
    known = models.PositiveIntegerField(default=0)  # lines whose bank number an earlier file had brought
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=60)  # actor label

    class Meta:
        constraints = [models.UniqueConstraint(fields=["house", "sm3"], name="bank_file_once")]

    def __str__(self) -> str:
        return self.name


class BankLineQuerySet(models.QuerySet["BankLine"]):
    """The one door to bank lines."""

    def visible_to(self, member: Member) -> "BankLineQuerySet":
        """Return the lines of `member`'s own house: nobody else sees its account."""
        return self.filter(house=member.organisation_id) if member.can("billing.reconcile") else self.none()

    def left(self) -> "BankLineQuerySet":
        """Return the lines that belong to nothing yet."""
        return self.exclude(pk__in=Match.objects.standing().values("line"))


class BankLine(models.Model):
    """One line as the bank states it. Amount in 分, money in positive."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="bank_lines")
    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField()
    on = models.DateField()
    amount = models.BigIntegerField()
    payer = models.CharField(max_length=120, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    bank_number = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)  # why it was not matched by itself

    objects = BankLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "row"], name="bank_line_once_per_file"),
            models.UniqueConstraint(
                fields=["house", "bank_number"], condition=~Q(bank_number=""), name="bank_line_number_once"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_moves_something"),
        ]
        indexes = [models.Index(fields=["house", "on", "id"], name="bank_line_by_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.amount}"


class MatchQuerySet(CaseQuerySet["Match"]):
    """The one door to matches."""

    def visible_to(self, member: Member) -> "MatchQuerySet":
        return self.filter(house=member.organisation_id) if member.can("billing.reconcile") else self.none()

    def standing(self) -> "MatchQuerySet":
        """Return what was not undone: each such match holds its line and its transfer."""
        return self.exclude(state="undone")


class Match(Case):
    """A bank line and the transfer that it is. Neither can be in two matches that stand."""

    class Way(models.TextChoices):
        AUTO = "auto", "自动"
        PERSON = "person", "人工"

    house = models.ForeignKey(Organisation, models.PROTECT, related_name="bank_matches")
    line = models.ForeignKey(BankLine, models.PROTECT, related_name="matches")
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="bank_matches")
    way = models.CharField(max_length=6, choices=Way.choices)
    score = models.PositiveSmallIntegerField()  # 0 to 100
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True)  # actor label
    changed_at = models.DateTimeField()

    objects = MatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=~Q(state="undone"), name="match_line_once"),
            models.UniqueConstraint(fields=["transfer"], condition=~Q(state="undone"), name="match_transfer_once"),
            models.CheckConstraint(condition=Q(score__lte=100), name="match_score_of_100"),
        ]
        indexes = [models.Index(fields=["house", "state", "-changed_at"], name="match_by_house")]

    def __str__(self) -> str:
        return self.reference

    def sides_of(self, by: Actor) -> set[str]:
        return {"house"} if getattr(by, "organisation_id", None) == self.house_id else set()

    def change(self, step: Any = None, /, **changes: Any) -> "Match":
        changes["changed_at"] = changes.pop("at")
        return super().change(step, **changes)
