"""What is: dossiers, each one version of all that is kept about a guarantee, and the files in them."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.core.cases import new_reference
from xinshu.documents.models import Blob
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.canonical import moment_text


class DossierQuerySet(models.QuerySet["Dossier"]):
    """The one door to dossiers."""

    def visible_to(self, member: Member, at: datetime) -> "DossierQuerySet":
        """Return the dossiers of guarantees that exist for `member`: secrecy before the opening holds here too."""
        return self.filter(guarantee__in=Guarantee.objects.visible_to(member, at).order_by().values("pk"))

    def standing(self) -> "DossierQuerySet":
        """Return of every guarantee the version that was sealed last."""
        return self.filter(latest=True)


class Dossier(models.Model):
    """One sealing of a guarantee's papers (归档案卷). Made once and never changed; later papers make a new version."""

    class Cause(models.TextChoices):
        ENDED = "ended", _("结束后自动归档")
        ASKED = "asked", _("人工归档")

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="dossiers")
    number = models.PositiveIntegerField()  # version, from 1
    cause = models.CharField(max_length=8, choices=Cause.choices)
    asked_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)  # None: being made
    latest = models.BooleanField(default=False)
    state_then = models.CharField(max_length=20, blank=True)  # of the guarantee
    header = models.JSONField(default=dict)  # what the platform's seal signs
    signature = models.CharField(max_length=128, blank=True)
    manifest_sm3 = models.CharField(max_length=64, blank=True)  # of the header; stands in the ledger
    entry_number = models.BigIntegerField(null=True)  # of archive.sealed
    count = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)  # bytes of all files
    retain_until = models.DateField(null=True)  # None: the guarantee has not ended

    objects = DossierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantee", "number"], name="dossier_version_once"),
            models.UniqueConstraint(fields=["guarantee"], condition=models.Q(latest=True), name="dossier_latest_once"),
            models.UniqueConstraint(
                fields=["guarantee"], condition=models.Q(sealed_at=None), name="dossier_one_in_the_making"
            ),
        ]
        indexes = [
            models.Index(fields=["-sealed_at", "-id"], condition=models.Q(latest=True), name="dossier_by_sealing"),
        ]

    def __str__(self) -> str:
        return f"{self.guarantee} V{self.number}"


class Item(models.Model):
    """One file of a dossier. Its row, with a random salt, is a leaf of the tree whose root the header states."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=200)  # in the ZIP
    title = models.CharField(max_length=120)
    since = models.DateTimeField(null=True)
    size = models.BigIntegerField()
    sm3 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    salt = models.CharField(max_length=32)  # a side that may not see the file cannot guess it from the leaf
    sides = models.JSONField(default=list)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dossier", "position"], name="item_position_once")]

    def __str__(self) -> str:
        return self.path

    @property
    def stated(self) -> dict[str, Any]:
        """The row as the manifest states it and its leaf hashes it."""
        return {
            "path": self.path,
            "title": self.title,
            "since": None if self.since is None else moment_text(self.since),
            "size": self.size,
            "sm3": self.sm3,
            "sha256": self.sha256,
            "salt": self.salt,
            "sides": self.sides,
        }


class ExportQuerySet(models.QuerySet["Export"]):
    """The one door to exports."""

    def visible_to(self, member: Member) -> "ExportQuerySet":
        """Return those that `member` asked for: what is in one is what this very person may see."""
        return self.filter(member=member)


class Export(models.Model):
    """Many dossiers asked for at once (批量导出): made part by part by the worker, kept for some days."""

    class State(models.TextChoices):
        MAKING = "making", _("准备中")
        READY = "ready", _("可以下载")
        EXPIRED = "expired", _("已过期")

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    filters = models.CharField(max_length=500, blank=True)  # as they stood in the address
    count = models.PositiveIntegerField()  # dossiers
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="export_of_member")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="making") | models.Q(ready_at__isnull=False, expires_at__isnull=False),
                name="export_ready_until",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ExportPart(models.Model):
    """One ZIP of an export: which dossiers, and its bytes once it is made, until the export expires."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    dossiers = models.JSONField()  # their ids, in order
    size = models.BigIntegerField(default=0)  # bytes of the ZIP
    blob = models.OneToOneField(Blob, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="export_part_once")]

    def __str__(self) -> str:
        return f"{self.export} {self.position}"
