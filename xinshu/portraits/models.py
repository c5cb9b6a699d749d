"""What is: reports that were issued. A report never changes: what it said is kept beside its file."""

from typing import Self

from django.db import models

from xinshu.accounts.models import Member, Organisation
from xinshu.core.cases import new_reference
from xinshu.documents.models import File
from xinshu.enterprises.models import Enterprise


class ReportQuerySet(models.QuerySet["Report"]):
    """The one door to reports."""

    def visible_to(self, member: Member) -> Self:
        """Return the reports that the member's own house had made."""
        return self.filter(house=member.organisation_id)


class Report(models.Model):
    """One report on a firm, as it was said to one house on one day (出具记录)."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    number = models.CharField(max_length=24, unique=True)  # QYBG20261122-8K3M7Q2P
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="reports")
    name = models.CharField(max_length=120)  # of the firm, on that day
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    content = models.JSONField()  # reports.content_of
    sm3 = models.CharField(max_length=64)  # of the content
    file = models.ForeignKey(File, models.PROTECT, related_name="+")

    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["house", "-made_at"], name="report_of_house")]

    def __str__(self) -> str:
        return self.number
