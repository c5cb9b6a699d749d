"""What is: firms and persons as nodes, and the ties between them as entries that are only ever inserted."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.cases import new_reference
from xinshu.documents.models import File
from xinshu.enterprises.models import Relation
from xinshu.rules.models import SourceCall
from xinshu.ties.graph import shapes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Node(models.Model):
    """A firm or a person. `key` is who it is: the credit code, the register's id of a person, never a name.

    "firm:<code>", "firm:org-<id>" of one without a code; "person:register-<id>", "person:card-<keyed digest>",
    "person:org-<id>" of an applicant, "person:alone-<random>" of somebody of whom only the name is known: such a one
    is never taken for another.
    """

    class Kind(models.TextChoices):
        FIRM = "firm", "企业"
        PERSON = "person", "自然人"

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    key = models.CharField(max_length=90, unique=True)
    name = models.CharField(max_length=120)
    card_masked = models.CharField(max_length=18, blank=True)  # of a person whose number was given: its ends
    organisation = models.OneToOneField(Organisation, models.PROTECT, null=True, related_name="node")

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """The credit code of a firm; "" where there is none."""
        start, _colon, code = self.key.partition(":")
        return "" if start != self.Kind.FIRM or code.startswith("org-") else code

    @property
    def known(self) -> bool:
        """Whether it can be told from others of the same name."""
        return not self.key.startswith("person:alone-")


class TieQuerySet(models.QuerySet["Tie"]):
    """Ties, and the one door to them."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: what registers say, what the own house told, cases of which it is an end.

        What a customer told exists for its houses. Guarantees of other houses exist for nobody here, and a
        bid guarantee has no tie before its opening (guarantees/tied.py).
        """
        return self.seen_from(member.organisation_id, customers=member.can("enterprises.view"))

    def seen_from(self, house: int, *, customers: bool) -> Self:
        """Return what exists for the people of an organisation; `customers`: for those who may look at customers."""
        end = Q(source__organisation=house) | Q(target__organisation=house)
        seen = Q(teller=None) | Q(teller=house) | (Q(origin=Tie.Origin.CASE) & end)
        if customers:
            theirs = Relation.objects.filter(guarantor=house, enterprise__organisation=OuterRef("teller"))
            firms = (Organisation.Kind.ENTERPRISE, Organisation.Kind.PERSON)  # never what another house knows
            seen |= Q(Exists(theirs), teller__kind__in=firms) & ~Q(origin=Tie.Origin.CASE)
        return self.filter(seen)

    def standing(self, on: date, known_until: datetime) -> Self:
        """Return what was true on a day, from what was recorded before a moment."""
        later = Tie.objects.filter(replaces=OuterRef("pk"), recorded_at__lt=known_until)
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on), ~Exists(later),
            valid_from__lte=on, recorded_at__lt=known_until, withdrawn=False,
        )  # fmt: skip


class Tie(models.Model):
    """One tie as somebody told it. A correction is a new entry that replaces it; `withdrawn`: it never was.

    `teller`: the organisation whose people, papers or cases say so; None: a public register.
    """

    class Kind(models.TextChoices):
        OWNS = shapes.OWNS, "持股"
        CONTROLS = shapes.CONTROLS, "实际控制"
        RUNS = shapes.RUNS, "任职"
        GUARANTEES = shapes.GUARANTEES, "担保"
        SUPPLIES = shapes.SUPPLIES, "供应"

    class Origin(models.TextChoices):
        DOCUMENT = "document", "文件"
        REGISTER = "register", "登记机关"
        CASE = "case", "平台业务"

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.ForeignKey(Node, models.PROTECT, related_name="ties_out")
    target = models.ForeignKey(Node, models.PROTECT, related_name="ties_in")
    share = models.PositiveSmallIntegerField(null=True)  # basis points, of ownership
    amount = models.BigIntegerField(null=True)  # 分, of guarantee and supply
    role = models.CharField(max_length=40, blank=True)  # 法定代表人, 监事: of a key person
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # the last day; None: open
    origin = models.CharField(max_length=8, choices=Origin.choices)
    teller = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey(File, models.PROTECT, null=True, related_name="+")
    call = models.ForeignKey(SourceCall, models.PROTECT, null=True, related_name="+")
    case_key = models.CharField(max_length=60, blank=True)  # "guarantees.guarantee:12:guarantee", of a case
    label = models.CharField(max_length=120, blank=True)  # the document or the case in words
    link = models.CharField(max_length=200, blank=True)  # where the case is found
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    withdrawn = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)  # of a correction
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)  # actor key

    objects = TieQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["source", "valid_from"], name="tie_of_source"),
            models.Index(fields=["target", "valid_from"], name="tie_of_target"),
            models.Index(fields=["case_key"], condition=~Q(case_key=""), name="tie_of_case"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="tie_between_two"),
            models.CheckConstraint(
                condition=Q(kind=shapes.OWNS, share__gte=1, share__lte=shapes.WHOLE)
                | (~Q(kind=shapes.OWNS) & Q(share=None)),
                name="tie_share_of_ownership_only",
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="tie_amount_positive"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="tie_days_ordered"
            ),
            models.CheckConstraint(
                condition=Q(origin="document", file__isnull=False, teller__isnull=False)
                | Q(origin="register", call__isnull=False, teller=None)
                | (Q(origin="case", teller__isnull=False) & ~Q(case_key="")),
                name="tie_names_its_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"

    @property
    def shape(self) -> shapes.Tie:
        """The tie as the sums take it."""
        return shapes.Tie(self.pk, self.kind, self.source_id, self.target_id, self.share, self.amount)

    @property
    def words(self) -> "StrOrPromise":
        """What stands beside its line: kind, share, role or amount is added by whoever shows it."""
        return self.role or self.get_kind_display()
