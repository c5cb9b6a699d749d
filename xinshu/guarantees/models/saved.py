"""A view of the register that somebody saved: its filters and columns under a name, for oneself or the house."""

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member, Organisation
from xinshu.core.cases import new_reference


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The one door to saved views."""

    def visible_to(self, member: Member) -> "SavedViewQuerySet":
        """Return the member's own views and those that colleagues share; nobody else learns what a house looks for."""
        return self.filter(Q(owner=member) | Q(house=member.organisation_id, shared=True))


class SavedView(models.Model):
    """The address of the register under a name. Never changed: saving under the same name writes it anew."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    house = models.ForeignKey(Organisation, models.PROTECT, related_name="register_views")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="register_views")
    name = models.CharField(max_length=20)
    query = models.CharField(max_length=600, blank=True)  # the register's filters and columns, as in the URL
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once")]
        indexes = [models.Index(fields=["house", "shared"], name="saved_view_of_house")]

    def __str__(self) -> str:
        return self.name
