"""What can be asked: announcements, narrowed; what concerns a house; how far its opportunities came."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Unknown
from xinshu.tenders.asking import concerning
from xinshu.tenders.models import STAGES, Announcement, Match, Opportunity, Revision, Step
from xinshu.tenders.reading.facts import Fact


def announcement_for(reference: str) -> Announcement:
    """Return one announcement. Raises Unknown when there is none."""
    found = Announcement.objects.filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这条公告。"), advice=_("请从中标动态列表进入。"))
    return found


def revision_of(announcement: Announcement, number: str) -> Revision:
    """Return a version of an announcement, the newest where `number` names none."""
    asked = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else announcement.latest
    rows = {row.number: row for row in announcement.revisions.filter(number__in=(asked, announcement.latest))}
    return rows.get(asked) or rows[announcement.latest]


def matches_for(announcement: Announcement, member: Member) -> QuerySet[Match]:
    """Return the matches that concern the member's house: itself, or its customers. Others' customers stay theirs."""
    mine = concerning(member).filter(announcement=announcement)
    return mine.select_related("organisation").order_by("lot", "-score", "pk")


def opportunities_of(announcement: Announcement, member: Member) -> QuerySet[Opportunity]:
    """Return the own house's opportunities of an announcement, with all that the page tells of them."""
    rows = Opportunity.objects.visible_to(member).filter(announcement=announcement)
    return rows.select_related("announcement", "firm", "house", "manager__user", "match").order_by("match__lot", "pk")


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and the facts that stand in it (none: plain)."""

    text: str
    facts: tuple[tuple[int, Fact], ...] = ()

    @property
    def sure(self) -> bool:
        return all(fact.sure for _number, fact in self.facts)


def pieces_of(text: str, facts: Sequence[Fact]) -> list[Piece]:
    """Cut `text` where facts stand in it, so that a page can mark them; facts of one place are marked together."""
    places: dict[tuple[int, int], list[tuple[int, Fact]]] = defaultdict(list)
    for number, fact in enumerate(facts):
        if 0 <= fact.start < fact.end <= len(text):
            places[fact.start, fact.end].append((number, fact))
    pieces, at = [], 0
    for (start, end), told in sorted(places.items()):
        if start < at:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], tuple(told)))
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def reached(opportunity: Opportunity) -> dict[str, datetime]:
    """Return when an opportunity reached its stages."""
    return {step.stage: step.at for step in _in_order(opportunity.steps.all())}


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: STAGES.index(step.stage))
