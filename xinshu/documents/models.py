"""What is: blobs and the files that name them, sealed documents, letter templates and their versions."""

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.refusals import NotNow


def new_reference() -> str:
    """Return what stands in a file's address: random, so that nobody can count or guess files."""
    return secrets.token_urlsafe(16)


class Blob(models.Model):
    """Bytes kept once, whoever brings them: encrypted in storage under the SM3 of what they are."""

    sm3 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.sm3[:12]}… ({self.size})"


class File(models.Model):
    """A blob under a name, belonging to an organisation and, mostly, to a case (`subject`)."""

    blob = models.ForeignKey(Blob, models.PROTECT, related_name="files")
    name = models.CharField(max_length=160)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    uploaded_by = models.CharField(max_length=60)  # the actor's key: a member or the system
    uploaded_at = models.DateTimeField()
    subject_type = models.CharField(max_length=60, blank=True)  # "guarantees.guarantee"
    subject_id = models.BigIntegerField(null=True)
    sealed_until = models.DateTimeField(null=True)  # 开标前保密: what is recorded about this file stays sealed so long
    reference = models.CharField(max_length=32, unique=True, default=new_reference)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="file_subject")]

    def __str__(self) -> str:
        return self.name


class SealedDocument(models.Model):
    """A file that an organisation signed: what a later upload is compared with."""

    file = models.OneToOneField(File, models.PROTECT, related_name="sealing")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    pdf_sm3 = models.CharField(max_length=64, unique=True)
    sm2_signature = models.CharField(max_length=128)
    sm2_public = models.CharField(max_length=130)
    certificate_serial = models.CharField(max_length=48)
    sealed_at = models.DateTimeField()
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="sealed_subject")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.pdf_sm3[:12]}…"


class LetterTemplate(models.Model):
    """A kind of letter, the platform's own (no guarantor) or one guarantor's."""

    kind = models.CharField(max_length=40)
    guarantor = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "guarantor"], name="template_once_per_guarantor"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(guarantor=None), name="template_once_for_the_platform"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """What a letter looks like, from one activation to the next. A letter keeps the version it was born under."""

    template = models.ForeignKey(LetterTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField()  # typst; reads values only, as `data.NAME`
    placeholders = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="draft")
    activated_at = models.DateTimeField(null=True)
    activated_by = models.CharField(max_length=60, blank=True)
    retired_at = models.DateTimeField(null=True)

    _kept: tuple[str, str | None] = ("draft", None)  # state and source as the database has them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["template"], condition=models.Q(state="active"), name="version_one_active"),
        ]

    def __str__(self) -> str:
        return f"{self.template} V{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; refuse new text for a version that letters may already have been made with. Raises NotNow."""
        state, source = self._kept
        if state != "draft" and source is not None and source != self.source:
            raise NotNow(_("启用过的模板版本不能修改。"), advice=_("请另建一个版本，改好后启用。"))
        super().save(*args, **kwargs)
        self._kept = (self.state, self.source)

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> "TemplateVersion":
        version: TemplateVersion = super().from_db(*args, **options)
        version._kept = (version.__dict__.get("state", ""), version.__dict__.get("source"))
        return version
