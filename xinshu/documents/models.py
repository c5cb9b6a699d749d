"""What is: blobs and the files that name them, sealed documents, letter templates, readings of papers."""

import secrets
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet, random_code
from xinshu.core.refusals import NotNow
from xinshu.documents.lifecycle import BRING


def new_reference() -> str:
    """Return what stands in a file's address: random, so that nobody can count or guess files."""
    return secrets.token_urlsafe(16)


def random_batch() -> str:
    """Return the name of one upload of several files."""
    return random_code(12)


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


class FileText(models.Model):
    """What is written in a file, by which it is found (searching/): encrypted as the file is, with keyed pieces of it.

    `read_at` None: the worker is still at it. On SQLite an FTS5 table follows `grams` by triggers, on PostgreSQL a GIN
    index stands over it; see core/pieces.py and migration 0003.
    """

    file = models.OneToOneField(File, models.CASCADE, primary_key=True, related_name="text")
    content = models.BinaryField(default=bytes)  # SM4 of JSON: the lines of each page as people read them
    grams = models.TextField(blank=True)  # keyed digests of the pieces; empty until all of it is read
    pages_total = models.PositiveSmallIntegerField(default=0)
    pages_read = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=10, blank=True)  # why nothing but its name is known: apart.REFUSALS and own codes
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.file_id} {self.pages_read}/{self.pages_total}"


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


class ReadingQuerySet(CaseQuerySet["Reading"]):
    """Readings, and the one door to them."""

    def visible_to(self, member: Member) -> Self:
        """Return what exists for `member`: their own organisation's, and what is in their keeping for customers."""
        mine = models.Q(owner=member.organisation_id)
        if member.can(BRING):
            mine |= models.Q(keeper=member.pk)
        return self.filter(mine)


class Reading(Case):
    """One file that is read: where it stands, what kind it turned out to be, who confirmed what it says."""

    file = models.OneToOneField(File, models.PROTECT, related_name="reading")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    batch = models.CharField(max_length=16, default=random_batch)  # files brought together bear one
    brought_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    # brought for a customer: who looks after that customer now (a hand-over takes it along)
    keeper = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    asks_owner = models.BooleanField(default=False)  # once read, it goes to the owner for confirmation by itself
    brought_at = models.DateTimeField()
    kind = models.CharField(max_length=20, blank=True)  # reading.kinds.KINDS; "" not known yet
    certainty = models.DecimalField(max_digits=4, decimal_places=3, null=True)  # of the kind, 0 to 1
    pages_total = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)  # why it was refused, failed or withdrawn, in words
    remarks = models.JSONField(default=list)  # what does not fit together in it, in words
    sums = models.JSONField(default=dict)  # of a statement, by column: [[total, [[part, sign], ...]], ...]
    read_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="reading_newest"),
            models.Index(fields=["keeper", "-id"], name="reading_of_keeper"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.kind}"

    def sides_of(self, by: Actor) -> set[str]:
        if getattr(by, "organisation_id", None) == self.owner_id:
            return {"owner"}
        return {"manager"} if self.keeper_id is not None and getattr(by, "pk", None) == self.keeper_id else set()


class ReadingPage(models.Model):
    """One page as it was read. Of an identity card neither lines nor picture show number, birth or address."""

    reading = models.ForeignKey(Reading, models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField()
    printed = models.BooleanField()  # text layer; else OCR
    turned = models.PositiveSmallIntegerField(default=0)  # degrees by which it was put right
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    lines = models.JSONField()  # reading.lines.as_rows
    concealed = models.BooleanField(default=False)
    found = models.JSONField(default=list)  # what had to be read before it was concealed: values as plain data
    picture = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "number"], name="reading_page_once")]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.number}"


class ReadValue(models.Model):
    """One field: what the machine read, with place and confidence, and what a person made of it (`final`)."""

    reading = models.ForeignKey(Reading, models.PROTECT, related_name="values")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=80)  # a field of the kind, or "item|column" of a statement
    value = models.CharField(max_length=500, blank=True)  # money in 分, days in ISO
    sure = models.BooleanField()
    depends = models.BooleanField(default=False)  # sure as soon as what contradicts beside it is decided
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    page = models.PositiveSmallIntegerField()
    box = models.JSONField(null=True)  # [left, top, right, bottom] in thousandths of the page
    note = models.CharField(max_length=200, blank=True)
    proposed = models.CharField(max_length=500, blank=True)
    final = models.CharField(max_length=500, null=True)  # as confirmed; None until then
    decided_at = models.DateTimeField(null=True)

    reading_id: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reading", "code"], name="read_value_once")]

    def __str__(self) -> str:
        return f"{self.reading_id} {self.code}"

    @property
    def stands(self) -> str:
        """What counts now: as confirmed, else as read."""
        return self.value if self.final is None else self.final


class ReadingSettlement(models.Model):
    """Two papers say different things, and a person wrote why that is all right."""

    first = models.ForeignKey(ReadValue, models.PROTECT, related_name="+")
    second = models.ForeignKey(ReadValue, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="reading_settled_once")]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"
