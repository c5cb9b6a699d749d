"""What is: enterprises, the versions of their fields, and whose customers they are."""

from typing import Self

from django.db import models

from xinshu.accounts.models import Member, Organisation
from xinshu.core.cases import new_reference


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Enterprises, and the one door to them."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: its own record, and those of its institution's customers."""
        mine = models.Q(organisation=member.organisation_id)
        if member.can("enterprises.view"):
            customers = Relation.objects.filter(guarantor=member.organisation_id)
            mine |= models.Q(pk__in=customers.values("enterprise"))
        return self.filter(mine)


class Enterprise(models.Model):
    """The record of one organisation that applies for guarantees."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="enterprise")

    objects = EnterpriseQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.organisation)


class RecordField(models.Model):
    """One version of one field. Only ever inserted: the latest is the value, the earlier ones are its history."""

    class Source(models.TextChoices):
        ENTERED = "entered", "本人填写"
        MANAGER = "manager", "客户经理填写"
        LICENCE = "licence", "营业执照"
        APPLICATION = "application", "历史申请"
        AWARD_NOTICE = "award_notice", "中标公告"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="fields")
    code = models.CharField(max_length=40)  # fields.FIELDS
    value = models.CharField(max_length=500)  # money in 分
    source = models.CharField(max_length=12, choices=Source.choices)
    source_label = models.CharField(max_length=120, blank=True)  # which one: "历史申请 YZLG2026-0612-0193"
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True)  # of a machine that read it, 0 to 1
    valid_until = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)  # actor key

    class Meta:
        indexes = [models.Index(fields=["enterprise", "code", "-id"], name="record_field_latest")]

    def __str__(self) -> str:
        return f"{self.code}={self.value}"


class Relation(models.Model):
    """An enterprise is the customer of a guarantor, looked after by one account manager (客户经理)."""

    guarantor = models.ForeignKey(Organisation, models.PROTECT, related_name="customers")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="relations")
    manager = models.ForeignKey(Member, models.PROTECT, related_name="customers")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "enterprise"], name="one_manager_per_institution"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.manager}"
