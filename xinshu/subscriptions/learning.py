"""What a person answered to earlier matches of a subscription moves the score of later ones like them, with the reason.

Followed, converted or not relevant, within a year; by kind of notice and by trade. A rate drawn to the middle while
there are few answers, as with awards (decision 56). An answer that is taken back counts no more. Nothing stops
matching: what meets a subscription is listed with it, and what falls below the score asked for is told to nobody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from xinshu.subscriptions.models import Hit, Subscription
from xinshu.tenders.models import Announcement
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import trade_label
from xinshu.tenders.worth import MIDDLE, Answers, drawn

REMEMBERED = timedelta(days=365)
MOST = {"kind": 12, "trade": 20}  # points that a respect gives or takes at most
GOOD, BAD = Q(verdict=Hit.Verdict.FOLLOWED) | Q(converted_at__isnull=False), Q(verdict=Hit.Verdict.IRRELEVANT)


@dataclass(frozen=True)
class Lesson:
    """What was answered to notices that are alike in one respect: a kind or a trade, how often, and the points."""

    respect: str
    code: str
    answers: Answers

    @property
    def points(self) -> int:
        return round((drawn(self.answers, MIDDLE) - MIDDLE) * 2 * MOST[self.respect])

    @property
    def label(self) -> str:
        return str(KINDS.get(self.code, self.code)) if self.respect == "kind" else trade_label(self.code)

    @property
    def words(self) -> str:
        """Return the reason as the person reads it."""
        good, bad, points = self.answers.good, self.answers.bad, self.points
        told = {"good": good, "bad": bad, "what": self.label, "points": abs(points)}
        if points < 0:
            return _("因您 %(bad)d 次标为不相关、%(good)d 次跟进，“%(what)s”类降 %(points)d 分") % told
        if points > 0:
            return _("因您 %(good)d 次跟进、%(bad)d 次标为不相关，“%(what)s”类加 %(points)d 分") % told
        return _("“%(what)s”类您 %(good)d 次跟进、%(bad)d 次标为不相关，分数不变") % told


@dataclass(frozen=True)
class Learned:
    """What one subscription's answers say, by respect and code."""

    lessons: Mapping[tuple[str, str], Lesson] = field(default_factory=dict)

    def about(self, kind: str, trade: str) -> list[Lesson]:
        """Return the lessons that move the score of a notice of this kind and trade."""
        found = (self.lessons.get(("kind", kind)), self.lessons.get(("trade", trade[:2])))
        return [one for one in found if one is not None and one.points]

    @property
    def all(self) -> list[Lesson]:
        """Return every lesson that moves a score, the strongest first."""
        moving = [one for one in self.lessons.values() if one.points]
        return sorted(moving, key=lambda one: (-abs(one.points), one.respect, one.code))


def learned_of(subscriptions: Iterable[Subscription], at: datetime) -> dict[int, Learned]:
    """Return what was answered to the matches of these subscriptions. One statement, however many they are."""
    rows = Hit.objects.filter(GOOD | BAD, subscription__in=list(subscriptions), at__gt=at - REMEMBERED).order_by()
    counted = rows.values("subscription", "announcement__kind", short=Substr("announcement__trade", 1, 2)).annotate(
        good=Count("pk", filter=GOOD), bad=Count("pk", filter=BAD & Q(converted_at=None))
    )
    sums: dict[int, Counter[tuple[str, str, str]]] = {}
    for row in counted:
        mine = sums.setdefault(row["subscription"], Counter())
        for respect, code in (("kind", row["announcement__kind"]), ("trade", row["short"])):
            if code:
                mine[respect, code, "good"] += row["good"]
                mine[respect, code, "bad"] += row["bad"]
    return {pk: Learned(_lessons(mine)) for pk, mine in sums.items()}


def _lessons(sums: Counter[tuple[str, str, str]]) -> dict[tuple[str, str], Lesson]:
    keys = {(respect, code) for respect, code, _what in sums}
    return {
        key: Lesson(*key, Answers(sums[(*key, "good")], sums[(*key, "bad")])) for key in keys
    }  # fmt: skip


def moved(score: int, learned: Learned | None, announcement: Announcement) -> tuple[int, list[str]]:
    """Return the score as the answers move it (within 0 and 100), and why."""
    lessons = learned.about(announcement.kind, announcement.trade) if learned is not None else []
    return max(0, min(100, score + sum(one.points for one in lessons))), [one.words for one in lessons]
