"""What is: certifications, what the checks of one found, decisions on its items; small amounts that prove accounts."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member, Organisation
from xinshu.certification import checks
from xinshu.certification.lifecycle import CERTIFICATION
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, new_reference
from xinshu.core.lifecycle import State
from xinshu.documents.models import File
from xinshu.messaging.models import unseal

REVIEW = "certification.review"
OPEN_STATES = ("checking", "reviewing")


class Item(models.TextChoices):
    """What is looked at, one after the other."""

    LICENCE = checks.LICENCE, _("营业执照")
    REPRESENTATIVE = checks.REPRESENTATIVE, _("法定代表人证件")
    AUTHORISATION = checks.AUTHORISATION, _("信用信息查询授权书")


class CertificationQuerySet(CaseQuerySet["Certification"]):
    """The one door to certifications."""

    def visible_to(self, member: Member) -> Self:
        """Return the firm's own; all of them for who reviews."""
        return self if member.can(REVIEW) else self.filter(organisation=member.organisation_id)


class Certification(Case):
    """What a firm handed in to be certified, once. The number of the identity card is encrypted in its column."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="certifications")
    applied_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    legal_name = models.CharField(max_length=120)
    uscc = models.CharField(max_length=18)
    representative = models.CharField(max_length=40)
    licence_until = models.DateField(null=True)  # None: 长期
    licence_file = models.ForeignKey(File, models.PROTECT, related_name="+")
    id_number = models.BinaryField()  # 公民身份号码, sealed
    id_masked = models.CharField(max_length=18)
    id_until = models.DateField(null=True)  # None: 长期
    id_file = models.ForeignKey(File, models.PROTECT, related_name="+")
    authorised_from = models.DateField()
    authorised_until = models.DateField()
    authorisation_file = models.ForeignKey(File, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # None: by the machine alone
    reason = models.CharField(max_length=500, blank=True)  # why it was revoked

    objects = CertificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state__in=OPEN_STATES), name="certification_one_open"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state="approved"), name="certification_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(authorised_until__gte=models.F("authorised_from")), name="certification_period_ordered"
            ),
        ]
        indexes = [models.Index(fields=["state", "-submitted_at"], name="certification_waiting")]

    def __str__(self) -> str:
        return f"{self.legal_name} {self.submitted_at:%Y-%m-%d}"

    @property
    def standing(self) -> State:
        return CERTIFICATION.states[self.state]

    @property
    def number(self) -> str:
        """The 公民身份号码 of the legal representative, for comparing only."""
        return unseal(self.id_number)

    def sides_of(self, by: Actor) -> set[str]:
        """Return on which sides `by` stands: the firm's own people, or who reviews (never one's own firm)."""
        if getattr(by, "organisation_id", None) == self.organisation_id:
            return {"firm"}
        return {"operator"} if by.can(REVIEW) else set()


class Finding(models.Model):
    """What one check said of one item: true, false, or not to be told by a machine."""

    class Result(models.TextChoices):
        AGREES = checks.AGREES, _("相符")
        DIFFERS = checks.DIFFERS, _("不符")
        UNKNOWN = checks.UNKNOWN, _("没有结论")

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="findings")
    item = models.CharField(max_length=16, choices=Item.choices)
    check_code = models.CharField(max_length=24)  # checks.CHECKS
    result = models.CharField(max_length=8, choices=Result.choices)
    words = models.CharField(max_length=300)
    source = models.CharField(max_length=60)  # who says so
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certification", "check_code"], name="finding_once_per_check")]

    def __str__(self) -> str:
        return f"{self.check_code}={self.result}"


class Judgement(models.Model):
    """What an operator decided on one item; the last one counts until the certification is decided."""

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="judgements")
    item = models.CharField(max_length=16, choices=Item.choices)
    accepted = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certification", "item"], name="judgement_once_per_item"),
            models.CheckConstraint(condition=Q(accepted=True) | ~Q(reason=""), name="judgement_rejects_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {'accepted' if self.accepted else 'rejected'}"


class SmallTransfer(models.Model):
    """A small amount paid into a firm's bank account (打款认证); whoever reads it back holds the account.

    Account and amount are encrypted; the amount is emptied once it is over.
    """

    class State(models.TextChoices):
        ORDERED = "ordered", _("打款中")
        SENT = "sent", _("已打款，待回填")
        PROVEN = "proven", _("已通过")
        WRONG = "wrong", _("回填错误次数用完")
        UNPAID = "unpaid", _("打款没有成功")
        LAPSED = "lapsed", _("已过期")

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="small_transfers")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    account = models.BinaryField()  # number, sealed
    account_masked = models.CharField(max_length=40)
    bank = models.CharField(max_length=60)
    amount = models.BinaryField()  # 分, sealed; emptied when it is over
    state = models.CharField(max_length=8, choices=State.choices, default=State.ORDERED)
    tries = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=200, blank=True)
    ordered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state__in=("ordered", "sent")), name="small_transfer_one_open"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-ordered_at"], name="small_transfer_of_firm")]

    def __str__(self) -> str:
        return f"{self.account_masked} {self.ordered_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.ORDERED, self.State.SENT)
