"""Veils: secrecy that outlasts what an entry was recorded with, as when the opening of bids is put off."""

from datetime import datetime
from functools import cached_property

from django.db import models
from django.db.models import Exists, OuterRef, Q

from xinshu.ledger.models import Entry, Veil


def veil(subject: models.Model, until: datetime) -> None:
    """Keep all that is recorded about `subject` secret until `until`, or longer where it is veiled longer already."""
    named = {"subject_type": subject._meta.label_lower, "subject_id": subject.pk}
    found, new = Veil.objects.get_or_create(**named, defaults={"until": until})
    if not new and found.until < until:
        found.until = until
        found.save(update_fields=["until"])


def open_at(entries: models.QuerySet[Entry], at: datetime) -> models.QuerySet[Entry]:
    """Return those of `entries` of which anybody may learn at `at`."""
    veils = Veil.objects.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"), until__gt=at)
    return entries.filter(Q(sealed_until=None) | Q(sealed_until__lte=at)).exclude(Exists(veils))


class Secrecy:
    """What is secret at one moment, for judging many entries with one query."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @cached_property
    def _veiled(self) -> set[tuple[str, int]]:
        return set(Veil.objects.filter(until__gt=self.at).values_list("subject_type", "subject_id"))

    def covers(self, entry: Entry) -> bool:
        """Return whether nobody but the parties may learn of `entry` yet."""
        sealed = entry.sealed_until is not None and entry.sealed_until > self.at
        return sealed or (entry.subject_type, entry.subject_id) in self._veiled
