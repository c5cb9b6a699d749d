"""What can be asked of credit: records found, one record told line by line, who stands on which list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day, moment
from xinshu.core.composed import composed
from xinshu.credit.kinds import APPLICANT, GUARANTOR
from xinshu.credit.lifecycle import HOLDS, MANAGE
from xinshu.credit.models import SETTLED, Behaviour, Card, ListEntry, Record
from xinshu.credit.reckoning import Act, Reckoned, reckon
from xinshu.enterprises.search.finding import matching

MONTHS = 12


@dataclass(frozen=True)
class Filters:
    """What a library is narrowed to."""

    q: str = ""
    band: str = ""
    listed: str = ""  # a colour
    sort: str = ""


def find_records(side: str, member: Member, asked: Filters, on: date) -> QuerySet[Record]:
    """Return the records of one side that exist for `member` and fit. What is not theirs to read narrows nothing."""
    found = Record.objects.visible_to(member).filter(side=side).select_related("organisation")
    if asked.q.strip():
        named = Q(organisation__name__icontains=asked.q.strip()) | Q(organisation__uscc=asked.q.strip().upper())
        texts = matching(asked.q, member)
        if texts is not None:  # former names, pinyin initials, codes of the own customers
            named |= Q(organisation__enterprise__in=texts.values("enterprise_id"))
        found = found.filter(named)
    if asked.listed in ListEntry.Colour.values:
        held = ListEntry.objects.visible_to(member).on(on).filter(colour=asked.listed, side=side)
        found = found.filter(Exists(held.filter(organisation=OuterRef("organisation"))))
    if asked.band:
        found = found.filter(band=asked.band[:20])
    if (asked.band and side != GUARANTOR) or asked.sort in ("score", "-score"):
        found = found.filter(pk__in=Record.objects.in_full_for(member).values("pk"))
    if asked.sort == "score":
        return found.order_by(F("score").asc(nulls_last=True), "organisation__name", "pk")
    if asked.sort == "-score":
        return found.order_by(F("score").desc(nulls_last=True), "organisation__name", "pk")
    return found.order_by("organisation__name", "pk")


def lists_on(organisations: Collection[int], side: str, house: int | None, on: date) -> dict[int, list[ListEntry]]:
    """Return per organisation the entries that hold on `on`: the city's, and those of `house`."""
    found: dict[int, list[ListEntry]] = {}
    for entry in _held(Q(organisation__in=organisations), side, Q(owner=house), on):
        found.setdefault(entry.organisation_id, []).append(entry)
    return found


def lists_of(organisation: int, side: str, house: int, on: date) -> list[ListEntry]:
    """Return what `lists_on` says of one organisation, to a house."""
    return _held_by_one(organisation, side, house, on)


@composed
def _held_by_one(organisation: int, side: str, house: int, on: date) -> QuerySet[ListEntry]:
    return _held(Q(organisation=organisation), side, Q(owner=house), on)


def _held(who: Q, side: str, own: Q, on: date) -> QuerySet[ListEntry]:
    held = ListEntry.objects.on(on).filter(own | Q(owner=None), who, side=side)
    return held.select_related("owner").order_by("colour", "pk")


def seen_lists(record: Record, member: Member, on: date) -> list[ListEntry]:
    """Return the entries of a record that hold and exist for `member`."""
    held = ListEntry.objects.visible_to(member).on(on).filter(organisation=record.organisation_id, side=record.side)
    return list(held.select_related("owner").order_by("colour", "pk"))


@dataclass(frozen=True)
class Told:
    """One behaviour as a page shows it."""

    row: Behaviour
    corrected: bool
    milli: int | None  # what it gives now; None: nothing
    until: date | None
    from_within: bool  # whether the reader may know the case and the house behind it


def behaviours_of(record: Record, member: Member, reckoned: Reckoned | None, *, most: int) -> list[Told]:
    """Return the newest behaviours of `record`, what was corrected among them, with what each gives now.

    In whose business it happened, under which number: the subject, the operator and that house read it, other houses
    only what happened.
    """
    lines = {line.act.key: line for part in reckoned.parts for line in part.lines} if reckoned else {}
    rows = record.behaviours.select_related("house", "file", "corrects", "correction").order_by("-happened_on", "-pk")
    within = record.organisation_id == member.organisation_id or member.can(MANAGE)
    return [
        Told(
            row, hasattr(row, "correction"), line.milli if (line := lines.get(row.pk)) else None,
            line.until if line else None, within or row.house_id == member.organisation_id,
        )
        for row in rows[:most]
    ]  # fmt: skip


def past_scores(record: Record, at: datetime) -> list[tuple[str, int]]:
    """Return the score at the ends of the last months, as it was known then, and of now. Two queries."""
    cards = list(Card.objects.filter(side=record.side, state__in=SETTLED).order_by("number"))
    rows = list(
        record.behaviours.exclude(kind="").values_list(
            "pk", "kind", "happened_on", "recorded_at", "correction__recorded_at"
        )
    )
    found = []
    for then in [*month_ends(local_day(at), MONTHS), at]:
        held = [card for card in cards if card.activated_at is not None and card.activated_at <= then]
        if held:
            acts = [Act(pk, kind, on) for pk, kind, on, since, until in rows
                    if since <= then and (until is None or until > then)]  # fmt: skip
            day = local_day(then)
            found.append((f"{day:%Y-%m-%d}", reckon(held[-1].read, acts, day).score))
    return found


def month_ends(on: date, months: int) -> list[datetime]:
    """Return the last moments of the months before the one of `on`, oldest first."""
    found, first = [], on.replace(day=1)
    for _month in range(months):
        found.append(end_of(first - timedelta(days=1)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def end_of(day: date) -> datetime:
    """Return the last moment of a day in China."""
    return moment(day + timedelta(days=1)) - timedelta(microseconds=1)


def standing_of(applicant: Organisation, house: int, at: datetime) -> tuple[Record | None, list[ListEntry]]:
    """Return what a house that judges an applicant goes by: its record as it stands, and the lists that hold."""
    record = Record.objects.filter(organisation=applicant, side=APPLICANT).select_related("organisation").first()
    return record, lists_of(applicant.pk, APPLICANT, house, local_day(at))


def bands_of(side: str) -> list[str]:
    """Return the bands of the active card, best first."""
    card = Card.objects.filter(side=side, state="active").first()
    return [band.label for band in card.read.bands] if card else []


def waiting_lists(member: Member) -> QuerySet[ListEntry]:
    """Return the entries that wait for a second person on the member's side."""
    waiting = ListEntry.objects.filter(state__in=("proposed", HOLDS[1]))
    return waiting.filter(owner=None if member.can(MANAGE) else member.organisation_id)
