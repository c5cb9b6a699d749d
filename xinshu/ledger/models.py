"""What is remembered: entries, their deliveries, and the tree that proves them."""

from django.db import models

from xinshu.core.actors import Actor


class Entry(models.Model):
    """One thing that happened. Inserted once, never changed: the audit trail, the outbox and the feed in one row."""

    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)  # "guarantees.guarantee"
    subject_id = models.BigIntegerField()
    actor_key = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=120)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    sealed_until = models.DateTimeField(null=True)  # 开标前保密: nobody but the parties may learn of it before then
    data = models.JSONField(default=dict)
    mac = models.BinaryField(max_length=32)  # keyed: a row that the platform did not write has no valid one

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
            models.Index(fields=["kind", "id"], name="entry_kind"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"
