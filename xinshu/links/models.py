"""What is: links by which a beneficiary acts without an account, visits through them, receipts of letters."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from xinshu.accounts.models import Member
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.guarantees.models import Guarantee
from xinshu.links import lifecycle
from xinshu.links.rules import IDLE, LONGEST
from xinshu.messaging.models import unseal

WITH_PARTIES = (
    "guarantee__applicant", "guarantee__guarantor", "guarantee__beneficiary", "guarantee__project",
    "guarantee__letter__file",
)  # fmt: skip
SEES = frozenset({"guarantees.view", "claims.view", "claims.present"})  # whoever holds the bound phone
DISPOSES = frozenset({"guarantees.release"})  # and, once the guarantor has vouched for who that is


def digest_of(what: str, secret: str) -> str:
    """Return the keyed digest under which a token, a visit's key or a phone is found; it opens nothing by itself."""
    return salted_hmac(f"xinshu.links.{what}", secret, algorithm="sha256").hexdigest()


class LinkQuerySet(CaseQuerySet["Link"]):
    """The one door to links."""

    def visible_to(self, member: Member, at: datetime) -> Self:
        """Return the links under guarantees that exist for `member` and in which its house has a part."""
        mine = member.organisation_id
        party = Q(guarantee__applicant=mine) | Q(guarantee__guarantor=mine) | Q(guarantee__beneficiary=mine)
        return self.filter(party, Guarantee.objects.exists_for(member, at))


class Link(Case):
    """One link: bound to one guarantee and one phone, good until `expires_at`. Its token is kept as a digest only."""

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="links")
    token_digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=40)  # of the person who receives it
    phone_sealed = models.BinaryField()
    phone_key = models.CharField(max_length=64)
    phone_masked = models.CharField(max_length=20)
    mail_sealed = models.BinaryField(null=True)
    sent_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # None: the platform, at issue
    sent_by_label = models.CharField(max_length=200)
    vouched_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # of the guarantor
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # the first time, by code
    ended_at = models.DateTimeField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")  # what it was renewed by

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("sent_at")), name="link_period_ordered"),
            models.CheckConstraint(condition=Q(state="live") | Q(ended_at__isnull=False), name="link_end_dated"),
        ]
        indexes = [
            models.Index(fields=["guarantee", "-id"], name="link_of_guarantee"),
            models.Index(fields=["phone_key", "-sent_at"], name="link_to_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.phone_masked}"

    @property
    def phone(self) -> str:
        return unseal(self.phone_sealed)

    @property
    def mail(self) -> str:
        return unseal(self.mail_sealed) if self.mail_sealed else ""

    @property
    def standing(self) -> lifecycle.State:
        return lifecycle.LINK.states[self.state]

    @property
    def key_of_acts(self) -> str:
        """What the ledger calls whoever acts through it."""
        return f"link:{self.pk}"

    def stands(self, at: datetime) -> bool:
        """Tell whether it opens anything at `at`: live, not run out, and its guarantee no secret (开标前保密)."""
        return self.state == "live" and at < self.expires_at and not self.guarantee.is_secret(at)

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: those of the guarantee; the house that sent it; its holder."""
        if isinstance(by, Guest):
            return {"holder"} if by.link.pk == self.pk else set()
        sides = self.guarantee.sides_of(by)
        mine = self.sent_by is not None and getattr(by, "organisation_id", None) == self.sent_by.organisation_id
        return sides | {"sender"} if mine else sides


class Guest(Member):
    """Whoever holds a link: acts for the beneficiary in one guarantee, and is named in the ledger as what they are.

    A Member, so that every action of the beneficiary's own people takes it; never a row: it has no user and is no
    member. `only_guarantee` keeps it on no side of any other case (Guarantee.sides_of, claims' sides_in).
    """

    link: Link

    class Meta:
        proxy = True

    @classmethod
    def of(cls, link: Link) -> "Guest":
        guest = cls(organisation=link.guarantee.beneficiary, roles=["beneficiary"])
        guest.link = link
        return guest

    @property
    def only_guarantee(self) -> int:
        return self.link.guarantee_id

    @property
    def actor_key(self) -> str:
        return self.link.key_of_acts

    @property
    def actor_label(self) -> str:
        return f"{self.link.name}（{self.organisation}）· 办理链接 {self.link.phone_masked}"[:200]

    @cached_property
    def permissions(self) -> frozenset[str]:
        return SEES | DISPOSES if self.link.vouched_by_id is not None else SEES


class Visit(models.Model):
    """One browser let in by a code: known by its cookie's digest, for one link, until it rests or leaves."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    link = models.ForeignKey(Link, models.PROTECT, related_name="visits")
    key_digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.link} {self.began_at:%Y-%m-%d %H:%M}"

    def is_open(self, at: datetime) -> bool:
        return self.ended_at is None and at - self.seen_at <= IDLE and at - self.began_at <= LONGEST


class Receipt(models.Model):
    """签收: the beneficiary says that it has the letter. It gives up nothing and binds nobody."""

    guarantee = models.OneToOneField(Guarantee, models.PROTECT, related_name="receipt")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.guarantee} {self.at:%Y-%m-%d}"
