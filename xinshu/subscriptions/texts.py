"""Announcements as they are compared: the newest version's text normalised, and the customer tags it touches."""

from django.db.models import Q

from xinshu.admission.models import Carry
from xinshu.core.clock import local_day
from xinshu.subscriptions.engine.wanted import Notice
from xinshu.subscriptions.engine.words import normalise
from xinshu.subscriptions.models import Compared
from xinshu.subscriptions.places import region_of, trade_of
from xinshu.tenders.models import Announcement


def compared_of(announcement: Announcement) -> Compared:
    """Return the newest version of an announcement as it compares, not saved."""
    revision = announcement.revisions.get(number=announcement.latest)
    published_at = announcement.published_at or announcement.received_at
    return Compared(
        announcement=announcement, number=announcement.latest, published_at=published_at,
        title=normalise(revision.title), body=normalise(revision.text), tags=_tags_of(announcement),
    )  # fmt: skip


def _tags_of(announcement: Announcement) -> list[int]:
    """Return the tags of the firms that an announcement surely names, as houses gave them."""
    firms = announcement.matches.filter(sure=True).values("organisation")
    today = local_day(announcement.changed_at)
    held = Carry.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today), firm__in=firms, until=None)
    return sorted(set(held.values_list("tag", flat=True)))


def notice_of(announcement: Announcement, compared: Compared) -> Notice:
    """Return an announcement as the engine sees it."""
    return Notice(
        compared.title, compared.body, announcement.kind, region_of(announcement), trade_of(announcement),
        announcement.amount, frozenset(compared.tags),
    )  # fmt: skip
