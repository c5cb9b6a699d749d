"""What follows from an announcement: it is compared with all subscriptions, whoever asked for it hears of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import F

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.subscriptions.actions.matches import compare, convert
from xinshu.subscriptions.announcements import tell
from xinshu.subscriptions.lifecycle import VIEW
from xinshu.subscriptions.models import NEVER, Compared, Hit
from xinshu.subscriptions.texts import compared_of
from xinshu.subscriptions.trying import DAYS
from xinshu.tenders.models import Announcement, Opportunity


@reacts_to("announcement.taken", "announcement.edited")
def compare_announcement(entry: Entry) -> None:
    """Find whose subscriptions the newest version meets."""
    compare(Announcement.objects.get(pk=entry.subject_id), at=entry.at)


@reacts_to("announcement.compared", together=False)
def tell_subscribers(entry: Entry) -> None:
    """Tell everyone whose subscriptions this version met first; who hears of it as business of a customer does not."""
    rows = Hit.objects.filter(announcement=entry.subject_id, first=entry.data["number"])
    rows = rows.filter(score__gte=F("subscription__least_score"))  # what was answered before may have moved it
    rows = rows.select_related("announcement", "subscription__owner").order_by("subscription__owner", "-score", "pk")
    served = list(Opportunity.objects.filter(announcement=entry.subject_id).values_list("house", "manager"))
    for person, matches in groupby(rows.iterator(chunk_size=1000), lambda match: match.subscription.owner):
        if not hears_otherwise(person, served) and person.can(VIEW):
            tell(entry, person, list(matches))


def hears_otherwise(person: Member, served: Sequence[tuple[int, int | None]]) -> bool:
    """Whether a person is told by the opportunity: the customer's manager, or all of the house where there is none."""
    return any(house == person.organisation_id and manager in (None, person.pk) for house, manager in served)


@reacts_to("opportunity.issued")
def count_converted(entry: Entry) -> None:
    """Note with the house's matches of the announcement that business came of it."""
    convert(Opportunity.objects.select_related("announcement").get(pk=entry.subject_id), at=entry.at)


@every_night
def keep_ninety_days(on: date, at: datetime) -> None:
    """Keep the normalised texts of the days that a trial looks into: add what came before there were subscriptions
    (not compared, told to nobody), forget what is older. The announcements themselves stay.
    """
    since = moment(on) - timedelta(days=DAYS + 1)
    Compared.objects.filter(published_at__lt=since).exclude(body="").update(body="")
    for announcement in Announcement.objects.filter(compared=None, received_at__gte=since).iterator(chunk_size=200):
        row = compared_of(announcement)
        row.number = NEVER
        Compared.objects.bulk_create([row], ignore_conflicts=True)
