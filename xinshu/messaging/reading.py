"""A member reads, marks and removes their own notices; what the platform's own people do there leaves a trace, too."""

from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.accounts.roles import is_privileged
from xinshu.ledger.recording import record
from xinshu.messaging.models import Notice


@transaction.atomic
def read_all(*, by: Member, at: datetime) -> int:
    """Mark all notices of `by` as read; returns how many were not."""
    marked: int = Notice.objects.visible_to(by).mark_read(at)
    if marked and is_privileged(by.roles):
        record("notice.all_read", by, by=by, at=at, notices=marked)
    return marked


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
