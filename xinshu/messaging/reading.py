"""A member reads, marks and removes their own notices; what the platform's own people do there leaves a trace, too."""

from datetime import datetime

from django.db import models, transaction

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.roles import is_privileged
from xinshu.ledger.recording import record
from xinshu.messaging.models import Message, Notice

OUTCOMES = ("followed", "business", "issued")  # what may come of a notice, in this order


@transaction.atomic
def read_all(*, by: Member, at: datetime) -> int:
    """Mark all notices of `by` as read; returns how many were not."""
    marked: int = Notice.objects.visible_to(by).mark_read(at)
    if marked and is_privileged(by.roles):
        record("notice.all_read", by, by=by, at=at, notices=marked)
    return marked


@transaction.atomic
def open_notice(notice: Notice, *, by: Member, at: datetime) -> None:
    """Note that the addressee followed a notice: that counts as read, too. The first time is the one that counts."""
    mark_notice(notice, "read", by=by, at=at)
    Notice.objects.filter(pk=notice.pk, opened_at=None).update(opened_at=at)


@transaction.atomic
def open_message(message: Message, *, by: Member, at: datetime) -> str:
    """Note that the addressee came by the link of a message, and return where it leads."""
    Message.objects.filter(pk=message.pk, opened_at=None).update(opened_at=at)
    if message.notice is not None:
        open_notice(message.notice, by=by, at=at)
    return message.link


@transaction.atomic
def read_about(subject: models.Model, *, by: Member, at: datetime) -> int:
    """Somebody who looks at a thing has read the notices that told of it; returns how many were unread."""
    about = Notice.objects.visible_to(by).filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    read: int = about.mark_read(at)
    if read and is_privileged(by.roles):
        record("notice.read", by, by=by, at=at, notices=read)
    return read


@transaction.atomic
def came_of(
    subject: models.Model, house: Organisation, outcome: str, *, at: datetime, person: Member | None = None
) -> int:
    """Something came of what the people of `house` (or `person` alone) were told about `subject`: once per notice.

    Each outcome takes those before it along: who handed in an application followed what they were told.
    """
    told = Notice.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, at__lte=at)
    told = told.filter(member=person) if person is not None else told.filter(member__organisation=house)
    counted = 0
    for one in OUTCOMES[: OUTCOMES.index(outcome) + 1]:
        counted = told.filter(**{f"{one}_at": None}).update(**{f"{one}_at": at})
    return counted


@transaction.atomic
def mark_notice(notice: Notice, what: str, *, by: Member, at: datetime) -> None:
    """Make `notice` "read", "unread" or "removed"."""
    before = notice.read_at, notice.removed_at
    if what == "removed":
        notice.removed_at = at
    else:
        notice.read_at = (notice.read_at or at) if what == "read" else None
    if (notice.read_at, notice.removed_at) == before:
        return
    notice.save(update_fields=["read_at", "removed_at"])
    if is_privileged(by.roles):  # of others nothing: it would fill the log with what proves nothing
        record(f"notice.{what}", notice, by=by, at=at)
