"""Batches on the desks of those whose turn it is."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.guarantees.batches.models import PARTIES, Batch
from xinshu.guarantees.batches.queries import waiting_for
from xinshu.work.cases import Todo
from xinshu.work.deadlines import calendar_of


def todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    """Return the batches that wait for `member`, oldest first."""
    return [_todo(batch) for batch in waiting_for(member).select_related(*PARTIES).order_by("changed_at", "pk")[:limit]]


def _todo(batch: Batch) -> Todo:
    state = batch.standing
    due = None
    if state.working_days:
        due = calendar_of(batch.guarantor_id).add(local_day(batch.changed_at), state.working_days).on
    return Todo(
        title=batch.name,
        subtitle=_("批量出函 %(rows)d 笔 · %(awaited)s") % {"rows": batch.row_count, "awaited": state.awaited},
        party=batch.owner.name,
        url=reverse("guarantees:batch", args=[batch.reference]),
        tone=state.tone,
        state_label=state.label,
        amount=batch.amount or None,
        due_on=due,
    )
