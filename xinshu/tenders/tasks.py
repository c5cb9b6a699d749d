"""What follows from an announcement: its names are matched; whom it concerns is told."""

from datetime import date, datetime

from django.db import transaction

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.ledger.recording import record
from xinshu.tenders.actions.opportunities import find_opportunities, reach
from xinshu.tenders.announcements import push
from xinshu.tenders.lines import list_unlisted, unlisted
from xinshu.tenders.models import Announcement, Opportunity, Stage


@reacts_to("announcement.taken", "announcement.edited")
def match_announcement(entry: Entry) -> None:
    """Find out whom a notice concerns, in its newest version."""
    find_opportunities(Announcement.objects.get(pk=entry.subject_id), at=entry.at)


@reacts_to("opportunity.pushed")
def push_opportunity(entry: Entry) -> None:
    """Tell the people of the house, once, and count it."""
    rows = Opportunity.objects.select_related("announcement", "house", "firm", "manager", "match")
    opportunity = rows.get(pk=entry.subject_id)
    reach(opportunity, Stage.PUSHED, at=entry.at)
    push(entry, opportunity)


AT_ONCE = 500  # announcements made findable in one turn


@every_night
def look_for_unlisted(on: date, at: datetime) -> None:
    """Where announcements cannot be found as they should, have them listed: none, no entry."""
    missing = unlisted().order_by("-pk").first()
    if missing is not None:
        with transaction.atomic():
            record("announcement.unlisted_found", missing, by=SYSTEM, at=at)


@reacts_to("announcement.unlisted_found", together=False)
def list_what_is_missing(entry: Entry) -> None:
    """List what is missing, newest first, some at a time; each is a row, so it goes on where it stopped."""
    if list_unlisted(AT_ONCE):
        raise Later(now())
