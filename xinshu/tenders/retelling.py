"""Which other announcements tell the same as one: asked at intake, where it is marked, and before a push."""

from django.db.models import Q

from xinshu.tenders.models import Announcement
from xinshu.tenders.sameness import APART, Told, same

MOST = 50  # with the same title or number, of other sources


def told_of(announcement: Announcement) -> Told:
    """Return an announcement as two of them are compared."""
    return Told(
        announcement.source, announcement.kind, announcement.title, announcement.project_number, announcement.buyer,
        frozenset(filter(None, announcement.winners.split("、"))), announcement.amount,
        announcement.published_at or announcement.received_at,
    )  # fmt: skip


def tellings_of(announcement: Announcement) -> list[Announcement]:
    """Return the announcements of other sources that tell the same, in the order in which they came."""
    alike = Q(title_key=announcement.title_key) if announcement.title_key else Q(pk=None)
    if announcement.number_key:
        alike |= Q(number_key=announcement.number_key)
    told = told_of(announcement)
    near = Q(received_at__range=(announcement.received_at - 3 * APART, announcement.received_at + 3 * APART))
    found = Announcement.objects.filter(alike, near, kind=announcement.kind).exclude(source=announcement.source)
    return [one for one in found.defer("words").order_by("pk")[:MOST] if same(told, told_of(one))]


def first_telling(announcement: Announcement) -> Announcement | None:
    """Return the announcement that told the same before this one did; None when this one is the first."""
    earlier = next((one for one in tellings_of(announcement) if one.pk < announcement.pk), None)
    return earlier and (earlier.told_again_of or earlier)


def telling_name(announcement: Announcement) -> str:
    """Return the name under which people are told once of what several sources tell."""
    return f"announcement:{announcement.told_again_of_id or announcement.pk}"


def seen_elsewhere(announcement: Announcement) -> list[Announcement]:
    """Return the others that are marked as telling the same: the first one and its repeats (另见)."""
    first = announcement.told_again_of_id or announcement.pk
    rows = Announcement.objects.filter(Q(pk=first) | Q(told_again_of=first)).exclude(pk=announcement.pk)
    return list(rows.defer("words").order_by("pk")[:MOST])
