"""What follows from an announcement: its names are matched; whom it concerns is told."""

from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.tenders.actions.opportunities import find_opportunities, reach
from xinshu.tenders.announcements import push
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
