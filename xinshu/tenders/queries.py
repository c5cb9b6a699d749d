"""What can be asked: announcements, narrowed; what concerns a house; how far its opportunities came."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.core.refusals import Unknown
from xinshu.tenders.listing import concerning
from xinshu.tenders.models import STAGES, Announcement, Match, Opportunity, Revision, Stage, Step
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


@dataclass(frozen=True)
class Row:
    """One line of the funnel: whose (None: nobody's, or the firm's own), and how many reached each stage."""

    manager: Member | None
    counts: dict[str, int]

    def share(self, stage: str) -> int:
        """Return how many of those pushed reached `stage`, in percent."""
        pushed = self.counts.get(Stage.PUSHED, 0)
        return round(self.counts.get(stage, 0) * 100 / pushed) if pushed else 0


def cohort(
    member: Member, since: date | None, until: date | None, manager: str = "", stage: str = ""
) -> QuerySet[Opportunity]:
    """Return the own house's opportunities pushed within the days, of a manager ("-": none), that reached `stage`."""
    found = Opportunity.objects.visible_to(member)
    if since:
        found = found.filter(pushed_at__gte=moment(since))
    if until:
        found = found.filter(pushed_at__lt=moment(date.fromordinal(until.toordinal() + 1)))
    if manager == "-":
        found = found.filter(manager=None)
    elif manager:
        found = found.filter(manager=int(manager))
    if stage in STAGES:
        found = found.filter(pk__in=Step.objects.filter(stage=stage).values("opportunity"))
    rows = found.select_related("announcement", "firm", "manager__user", "match")
    return rows.prefetch_related("steps").order_by("-pushed_at", "-pk")


def funnel(opportunities: QuerySet[Opportunity]) -> tuple[Row, list[Row]]:
    """Return the total and a row per manager. One count of steps in the database: each is there once."""
    counted: dict[int | None, Counter[str]] = defaultdict(Counter)
    steps = Step.objects.filter(opportunity__in=opportunities.order_by().values("pk")).order_by()
    for manager, stage in steps.values_list("opportunity__manager", "stage").iterator():
        counted[manager][stage] += 1
    people = Member.objects.select_related("user").in_bulk([key for key in counted if key is not None])
    rows = [Row(people.get(key) if key is not None else None, dict(counts)) for key, counts in counted.items()]
    rows.sort(key=lambda row: (-row.counts.get(Stage.PUSHED, 0), row.manager.pk if row.manager else 0))
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row.counts)
    return Row(None, dict(total)), rows


def reached(opportunity: Opportunity) -> dict[str, datetime]:
    """Return when an opportunity reached its stages."""
    return {step.stage: step.at for step in _in_order(opportunity.steps.all())}


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: STAGES.index(step.stage))
