"""What is: submissions with their tries, batches of verified numbers, and envelopes already opened."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.exchange.lifecycle import COUNTS, SUBMISSION
from xinshu.exchange.models.lines import InLine
from xinshu.guarantees.models import Guarantee


class Submissions(CaseQuerySet["Submission"]):
    """The one door to submissions."""

    def visible_to(self, member: Member, at: datetime) -> Self:
        """Return what exists for `member`: of guarantees that exist for them, as guarantor, applicant or receiver.

        So a sealed message exists for applicant and guarantor only until the bids are open.
        """
        mine = member.organisation_id
        told = Q(guarantee__guarantor=mine) | Q(guarantee__applicant=mine)
        if member.can("guarantees.supervise"):
            told |= Q(receiver=mine)
        return self.filter(told, guarantee__in=Guarantee.objects.visible_to(member, at).values("pk"))


class Submission(InLine):
    """One message about one guarantee to one receiving system, in order per guarantee and system."""

    FAMILY, TABLE, WITH = "submission", SUBMISSION, ("guarantee__project",)

    class Event(models.TextChoices):
        SEALED = "sealed", "密文登记"
        REVEAL = "reveal", "开标还原"
        ISSUE = "issue", "保函签发"
        AMENDMENT = "amendment", "保函变更"
        DEMAND = "demand", "索赔"
        REFUSAL = "refusal", "拒付通知"
        RELEASE = "release", "解保"
        EXPIRY = "expiry", "到期"

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="submissions")
    event = models.CharField(max_length=12, choices=Event.choices)
    nonce = models.CharField(max_length=64, blank=True)  # of a sealed one, told with its reveal
    commitment = models.CharField(max_length=64, blank=True)

    objects = Submissions.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["guarantee", "destination", "number"], name="submission_in_order"),
            models.UniqueConstraint(fields=["destination", "entry", "event"], name="submission_once"),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTS) | Q(receipted_at__isnull=False), name="submission_counts_by_receipt"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "sent_at"], name="submission_by_state"),
            models.Index(fields=["destination", "order"], name="submission_by_order"),
            models.Index(fields=["receiver", "-id"], name="submission_by_receiver"),
        ]

    @property
    def line(self) -> Any:
        """Return the messages about the same guarantee to the same system."""
        return Submission.objects.filter(guarantee=self.guarantee_id, destination=self.destination)

    @property
    def secret_until(self) -> datetime | None:
        """Return until when its guarantee is secret."""
        return self.guarantee.secret_until

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands."""
        organisation = getattr(by, "organisation_id", None)
        sides = {"guarantor": self.guarantee.guarantor_id, "receiver": self.receiver_id}
        return {side for side, house in sides.items() if organisation is not None and house == organisation}


class Try(models.Model):
    """One try to deliver a message, and what came back (masked, cut)."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="tries", null=True)
    project_message = models.ForeignKey("ProjectMessage", models.PROTECT, related_name="tries", null=True)
    message = models.CharField(max_length=32)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12)  # received, submitted, filed, returned, failed
    status = models.PositiveSmallIntegerField(null=True)  # HTTP; None: no answer
    answer = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(submission__isnull=False, project_message__isnull=True)
                | Q(submission__isnull=True, project_message__isnull=False),
                name="try_of_one_message",
            )
        ]

    def __str__(self) -> str:
        return f"{self.message} {self.outcome}"


class OpenedEnvelope(models.Model):
    """The random number of an envelope that came in: none is opened twice."""

    destination = models.CharField(max_length=40)
    nonce = models.CharField(max_length=32)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["destination", "nonce"], name="envelope_once")]

    def __str__(self) -> str:
        return self.nonce


class Verifications(models.QuerySet["Verification"]):
    """The one door to verified batches."""

    def visible_to(self, member: Member) -> Self:
        """Return those of one's own department."""
        mine = self.filter(organisation=member.organisation_id)
        return mine if member.can("guarantees.supervise") else self.none()


class Verification(models.Model):
    """A list of numbers that a department had checked (批量查验), with the verdict on each line as it was then."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=200)
    name = models.CharField(max_length=160)  # of the file
    at = models.DateTimeField()
    rows = models.JSONField()  # [{"line", "number", "outcome", "note", ...}]

    objects = Verifications.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="verification_by_house")]

    def __str__(self) -> str:
        return self.name
