"""Agreements (协议) in versions, and the consents (同意) that people gave to them."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from xinshu.accounts.lifecycle import AGREEMENT
from xinshu.accounts.models.people import Member, Organisation, Registration, User
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State

OPEN_TO_ALL = ("published", "replaced")


class Agreements(CaseQuerySet["Agreement"]):
    """Versions of agreements, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return what was ever published to everybody; drafts to those who write, publish or oversee them."""
        if member is not None and (
            member.can("accounts.draft") or member.can("accounts.publish") or member.can("accounts.view")
        ):
            return self
        return self.filter(state__in=OPEN_TO_ALL)

    def current(self) -> Self:
        """Return the version in force of each agreement that everybody agrees to."""
        return self.filter(state="published").exclude(kind__in=Agreement.APART).order_by("-kind")

    def apart(self, kind: str) -> "Agreement | None":
        """Return the version in force of an agreement that is asked for apart, None where there is none."""
        return self.filter(state="published", kind=kind).first()


class Agreement(Case):
    """One version of one agreement; its words never change once it is published."""

    class Kind(models.TextChoices):
        SERVICE = "service", "用户服务协议"
        PRIVACY = "privacy", "隐私政策"
        FACE = "face", "人脸信息处理规则"

    PER_SUBJECT: ClassVar = frozenset({Kind.SERVICE})  # binds the organisation too: agreed to once for each

    APART: ClassVar = frozenset({Kind.FACE})  # only of those who choose what it is about, and by itself (PIPL art. 29)

    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveIntegerField()
    text = models.TextField()
    changes = models.CharField(max_length=500, blank=True)  # what is different from the version before
    digest = models.CharField(max_length=64, blank=True)  # SM3 of the text, hex
    minimum_seconds = models.PositiveSmallIntegerField(default=10)
    again = models.BooleanField(default=True)  # whoever agreed to an older version is asked again
    valid_from_number = models.PositiveIntegerField(default=1)  # consents to this version and later ones still count
    writers = models.JSONField(default=list)  # users who wrote any of it: none of them may publish it
    returned = models.CharField(max_length=500, blank=True)  # why it was sent back
    written_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    objects = Agreements.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="agreement_numbered_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(state="published"), name="agreement_in_force_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state__in=["draft", "proposed"]), name="agreement_drafted_once"
            ),
            models.CheckConstraint(
                condition=Q(minimum_seconds__gte=3, minimum_seconds__lte=60), name="agreement_reading_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} V{self.number}"

    @property
    def name(self) -> str:
        return str(Agreement.Kind(self.kind).label)

    @property
    def standing(self) -> State:
        return AGREEMENT.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: the operator's people write, another one of them publishes."""
        if not isinstance(by, Member) or by.organisation.kind != Organisation.Kind.OPERATOR:
            return set()
        return {"writer"} if by.user_id in self.writers else {"writer", "second"}


class Consents(models.QuerySet["Consent"]):
    """Consents, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return one's own, whatever organisation one acts for."""
        return self.none() if member is None else self.filter(user=member.user_id)

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """Somebody agreed to a version: who, for whom, to which words, when, from where. Withdrawn ones are kept."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="consents")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="consents")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    registration = models.ForeignKey(Registration, models.PROTECT, null=True, related_name="consents")
    digest = models.CharField(max_length=64)  # of the words that were shown
    opened_at = models.DateTimeField()
    agreed_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    entry_number = models.BigIntegerField(null=True)  # of the ledger: its proof is part of the download

    objects = Consents.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "agreement"], name="consent_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(registration__isnull=False), name="consent_is_somebodys"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} · {self.reference}"
