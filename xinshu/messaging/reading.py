"""A member reads, marks and removes their own notices; what the platform's own people do there leaves a trace, too."""

from datetime import datetime

from django.db import models, transaction

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.roles import is_privileged
from xinshu.ledger.recording import record
from xinshu.messaging.models import Message, Notice


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
def business_from(subject: models.Model, house: Organisation, *, at: datetime) -> int:
    """Business came of what the people of `house` were told about `subject`: count it with the notices, once each."""
    told = Notice.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, business_at=None)
    return told.filter(member__organisation=house, at__lte=at).update(business_at=at)


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
