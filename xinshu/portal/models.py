"""What is: announcements (公告) with their versions and files, and how the public home page is arranged."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State
from xinshu.documents.models import File
from xinshu.portal.bulletins.lifecycle import BULLETIN, COMING, OVER


class Category(models.TextChoices):
    """What an announcement is about."""

    RULE = "rule", "规则"
    SERVICE = "service", "服务"
    WARNING = "warning", "警示"
    NEWS = "news", "动态"


class Wording(models.Model):
    """What is written: the same columns on the announcement as it stands and on each of its versions."""

    title = models.CharField(max_length=120)
    category = models.CharField(max_length=10, choices=Category.choices, default=Category.SERVICE)
    body = models.TextField()  # Markdown without HTML: see bulletins/wording.py
    pinned = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)  # 发布时间, as printed; None: not published yet
    shown_from = models.DateTimeField(null=True)  # 展示时间
    shown_until = models.DateTimeField(null=True)  # 下架时间; None: stays

    class Meta:
        abstract = True


class Bulletins(CaseQuerySet["Bulletin"]):
    """The one door to announcements."""

    def shown(self, at: datetime) -> Self:
        """Return what anybody sees at the moment `at`: nobody has to put it up or take it down."""
        return self.filter(Q(shown_until=None) | Q(shown_until__gt=at), state="published", shown_from__lte=at)

    def in_order(self) -> Self:
        """Return pinned ones first, then the newest."""
        return self.order_by("-pinned", "-published_at", "-pk")


class Bulletin(Case, Wording):
    """One announcement. What people read is in these columns; every wording it ever had is a BulletinVersion."""

    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = Bulletins.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until=None) | Q(shown_from=None) | Q(shown_until__gt=F("shown_from")),
                name="bulletin_times_ordered",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, shown_from__isnull=False),
                name="bulletin_published_has_times",
            ),
        ]
        indexes = [models.Index(fields=["state", "shown_from"], name="bulletin_shown")]

    def __str__(self) -> str:
        return self.title

    def sides_of(self, by: Actor) -> set[str]:
        """Announcements are the platform's; who may keep them is a matter of rights."""
        return {"platform"}

    def standing_at(self, at: datetime) -> State:
        """Return how it stands at `at`: a published one may be yet to come, or over."""
        if self.state == "published" and self.shown_from and self.shown_from > at:
            return COMING
        if self.state == "published" and self.shown_until and self.shown_until <= at:
            return OVER
        return BULLETIN.states[self.state]


class BulletinVersion(Wording):
    """The wording of an announcement from one change to the next, and who made the change."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    files = models.JSONField(default=list)  # names of what was attached
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "number"], name="bulletin_version_once")]

    def __str__(self) -> str:
        return f"{self.title} V{self.number}"


class Attachment(models.Model):
    """A file that anybody may take while the announcement is shown. Taking it off leaves the file where it is."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="attachments")
    file = models.ForeignKey(File, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.file.name


class Arrangement(models.Model):
    """How the public site is arranged, one version after the other; the newest holds. See arranging/pieces.py."""

    number = models.PositiveIntegerField(unique=True)
    channels = models.JSONField()
    columns = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"V{self.number}"
