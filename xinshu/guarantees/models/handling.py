"""What is kept while an application is handled: papers asked for by name, decisions by rule, slips of bank
transfers.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member
from xinshu.core.cases import new_reference
from xinshu.documents.models import File
from xinshu.guarantees.models.instrument import Attachment, Guarantee, Payment


class PaperRequest(models.Model):
    """One paper that a reviewer named (补材料). `attachment`: the file that answered it; None: still to come."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="paper_requests")
    title = models.CharField(max_length=60)
    note = models.CharField(max_length=300, blank=True)  # what exactly is wanted, in the reviewer's words
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    attachment = models.OneToOneField(Attachment, models.PROTECT, null=True, related_name="answers")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guarantee", "title"], condition=Q(attachment=None), name="paper_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Decision(models.Model):
    """One run of the approval engine over one application: what every source and rule said. Only ever inserted.

    `answers`: [{rule, label, value, law, origin, answer: true | false | null, stops, waived}]; null is "unknown".
    """

    class Outcome(models.TextChoices):
        PASSED = "passed", "自动通过"
        REFERRED = "referred", "转人工审批"
        APPROVED = "approved", "人工批准"

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    rules_version = models.CharField(max_length=20)
    answers = models.JSONField()
    favour = models.JSONField(default=dict)  # {tier, set_by_hand, answers}: why the fee is what it is
    sent_to = models.CharField(max_length=60, blank=True)  # the level of the approval that it went to
    signs = models.JSONField(default=list)  # names of who may sign there, as it was then
    decided_by = models.CharField(max_length=60)  # actor key
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["guarantee", "-id"], name="decision_latest")]

    def __str__(self) -> str:
        return f"{self.guarantee} {self.get_outcome_display()}"

    @property
    def stopped_by(self) -> list[dict[str, Any]]:
        """Return the answers for which no rule could let it pass: no, or not known and not waived."""
        return [answer for answer in self.answers if answer["answer"] is not True and not answer["waived"]]


class RelatedParties(models.Model):
    """The applicant's group as the house knew it at a decision, with what followed. Only ever inserted.

    `members`: [{node, name, why}], the applicant first; `circle`: [{tie, from, to, says}]; `struck`: [{node, name,
    step, by, how, tie, says, goes_on}]; `customers`: those of the group who are the house's, [{name, why}]. In 分:
    what they had taken up together before this application, and the limit of a group.
    """

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="related")
    controller = models.CharField(max_length=120, blank=True)
    members = models.JSONField()
    circle = models.JSONField(default=list)
    struck = models.JSONField(default=list)
    customers = models.JSONField(default=list)
    exposure = models.BigIntegerField()
    ceiling = models.BigIntegerField(null=True)
    grouped = models.BooleanField()  # the books counted all these customers into one group
    cut = models.BooleanField(default=False)  # there was more than was looked at

    def __str__(self) -> str:
        return f"{self.decision} {len(self.members)}"

    def over(self, amount: int) -> bool:
        """Say whether the group would stand above its limit with `amount` more."""
        return bool(self.customers) and self.ceiling is not None and self.exposure + amount > self.ceiling


class TransferSlip(models.Model):
    """The applicant's proof that it paid a fee by bank transfer; finance says whether the money is there."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="slip")
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    payer = models.CharField(max_length=120)
    paid_on = models.DateField()
    handed_in_by = models.CharField(max_length=60)  # actor key
    decided_by = models.CharField(max_length=60, blank=True)  # actor label

    def __str__(self) -> str:
        return f"{self.payment} {self.payer}"
