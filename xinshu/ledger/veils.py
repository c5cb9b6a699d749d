"""Veils: secrecy that outlasts what an entry was recorded with, as when the opening of bids is put off."""

from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from xinshu.ledger.models import Entry, Veil

Row = TypeVar("Row", bound=models.Model)


def veil(subject: models.Model, until: datetime) -> None:
    """Keep all that is recorded about `subject` secret until `until`, or longer where it is veiled longer already."""
    named = {"subject_type": subject._meta.label_lower, "subject_id": subject.pk}
    found, new = Veil.objects.get_or_create(**named, defaults={"until": until})
    if not new and found.until < until:
        found.until = until
        found.save(update_fields=["until"])


def open_at(rows: models.QuerySet[Row], at: datetime, *, sealed: str = "", subject: str = "") -> models.QuerySet[Row]:
    """Return those of `rows` of which anybody may learn at `at`: entries, or what is kept secret as entries are.

    `sealed` and `subject` say through which links their `sealed_until` and `subject_type`, `subject_id` are reached.
    """
    veils = Veil.objects.filter(
        subject_type=OuterRef(f"{subject}subject_type"), subject_id=OuterRef(f"{subject}subject_id"), until__gt=at
    )
    until = f"{sealed}sealed_until"
    return rows.filter(Q(**{until: None}) | Q(**{f"{until}__lte": at})).exclude(Exists(veils))


class Secrecy:
    """What is secret at one moment, for judging many entries with one query."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @cached_property
    def _veiled(self) -> set[tuple[str, int]]:
        return set(Veil.objects.filter(until__gt=self.at).values_list("subject_type", "subject_id"))

    def covers(self, entry: Entry) -> bool:
        """Return whether nobody but the parties may learn of `entry` yet."""
        return self.hides(entry.sealed_until, entry.subject_type, entry.subject_id)

    def hides(self, sealed_until: datetime | None, subject_type: str, subject_id: int | None) -> bool:
        """Return whether what was recorded secret until then about that subject still is."""
        sealed = sealed_until is not None and sealed_until > self.at
        return sealed or (subject_type, subject_id) in self._veiled
