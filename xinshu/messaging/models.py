"""What is: a notice, one line of news for one member."""

from datetime import datetime

from django.db import models

from xinshu.accounts.models import Member
from xinshu.core.cases import new_reference

LONGEST = 300  # characters of a text


class NoticeQuerySet(models.QuerySet["Notice"]):
    """A notice exists for its addressee and nobody else."""

    def visible_to(self, member: Member | None) -> "NoticeQuerySet":
        """Return what `member` was told and has not removed."""
        return self.filter(member=member, removed_at=None) if member else self.none()

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def mark_read(self, at: datetime) -> int:
        """Mark what is still unread as read at `at`; return how many that were."""
        return self.unread().update(read_at=at)


class Notice(models.Model):
    """One line of news for one member, at most once per `key`."""

    class Tone(models.TextChoices):
        OK = "ok", "办成"
        INFO = "info", "告知"
        WARN = "warn", "待办"
        DANGER = "danger", "紧急"

    member = models.ForeignKey(Member, models.CASCADE, related_name="notices")
    reference = models.CharField(
        max_length=16, default=new_reference, editable=False
    )  # counting ids would tell volumes
    text = models.CharField(max_length=LONGEST)
    link = models.CharField(max_length=300, blank=True)
    tone = models.CharField(max_length=8, choices=Tone.choices, default=Tone.INFO)
    subject_type = models.CharField(max_length=60, blank=True)  # "guarantees.guarantee"
    subject_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)  # kept as a row, so that a repeated reaction does not bring it back

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="notice_once_per_key")]
        indexes = [
            models.Index(fields=["member", "-at", "-id"], condition=models.Q(removed_at=None), name="notice_of_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None, removed_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text
