"""What is: from which opportunity an application was begun, and where each field that was filled in came from."""

from django.db import models

from xinshu.guarantees.models.instrument import Guarantee
from xinshu.tenders.models import Announcement, Opportunity


class Origin(models.Model):
    """A guarantee remembers its announcement. `told`: (field in words, value in words, where it was read)."""

    guarantee = models.OneToOneField(Guarantee, models.CASCADE, related_name="origin")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="origins")
    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="origins")
    revision = models.PositiveIntegerField()  # the version that was read
    told = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.guarantee} ← {self.announcement}"
