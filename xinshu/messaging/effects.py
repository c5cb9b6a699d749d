"""推送效果: per week, topic and channel how many were told, sent, delivered, read, opened, and led to business.

Two grouped statements. What is still secret (开标前保密) is in no figure. A notice that left on several channels
counts on each of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day, moment
from xinshu.messaging.kinds import CHANNELS
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.topics import TOPICS

PAGE = "page"  # what every notice is on
FIGURES = ("told", "sent", "delivered", "read", "opened", "business")
LEFT = ("sent", "delivered", "collected")


@dataclass(frozen=True)
class Effect:
    """What became of the notices of one topic on one channel, in one week (None: in all)."""

    topic: str
    channel: str
    week: datetime | None
    told: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    opened: int = 0
    business: int = 0

    @property
    def topic_label(self) -> str:
        return str(TOPICS[self.topic].label) if self.topic in TOPICS else self.topic

    @property
    def channel_label(self) -> str:
        return str(CHANNELS[self.channel]) if self.channel in CHANNELS else ""

    def share(self, figure: str) -> int:
        """Return how many of those sent came as far as `figure`, in percent."""
        return round(getattr(self, figure) * 100 / self.sent) if self.sent else 0


def weeks_until(at: datetime, number: int) -> list[datetime]:
    """Return the Mondays of the last `number` weeks, the present one last."""
    today = local_day(at)
    monday = today - timedelta(days=today.weekday())
    return [moment(monday - timedelta(weeks=back)) for back in range(number - 1, -1, -1)]


def effects(member: Member | None, weeks: list[datetime], at: datetime, topic: str = "") -> list[Effect]:
    """Return what became of what was told since the first of `weeks`, by week, topic, channel. The operator's alone."""
    if member is None or not member.can("messaging.manage"):
        return []
    open_now = Q(sealed_until=None) | Q(sealed_until__lte=at)
    notices = Notice.objects.filter(open_now, at__gte=weeks[0], at__lt=weeks[-1] + timedelta(weeks=1))
    sent = Message.objects.visible_to(member, at).filter(
        notice__at__gte=weeks[0], notice__at__lt=weeks[-1] + timedelta(weeks=1)
    )
    if topic:
        notices, sent = notices.filter(topic=topic), sent.filter(notice__topic=topic)
    found = [*_on_page(notices, weeks), *_outside(sent, weeks)]
    order = list(TOPICS)
    channels = [PAGE, *CHANNELS]
    place = {name: number for number, name in enumerate(order)}
    return sorted(found, key=lambda one: (one.week, place.get(one.topic, 99), channels.index(one.channel)))


def totals(rows: Iterable[Effect]) -> list[Effect]:
    """Return the sums over the weeks, by topic and channel, in the order of the rows."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        told = sums.setdefault((row.topic, row.channel), dict.fromkeys(FIGURES, 0))
        for figure in FIGURES:
            told[figure] += getattr(row, figure)
    order = {name: number for number, name in enumerate(TOPICS)}
    channels = [PAGE, *CHANNELS]
    keys = sorted(sums, key=lambda key: (order.get(key[0], 99), channels.index(key[1])))
    return [Effect(topic, channel, None, **sums[topic, channel]) for topic, channel in keys]


def _week(field: str, weeks: list[datetime]) -> Case:
    later = [When(**{f"{field}__gte": week}, then=Value(number)) for number, week in reversed(list(enumerate(weeks)))]
    return Case(*later, output_field=IntegerField())


def _on_page(notices: QuerySet[Notice], weeks: list[datetime]) -> list[Effect]:
    rows = notices.annotate(week=_week("at", weeks)).order_by().values("topic", "week")
    counted = rows.annotate(
        told=Count("pk"), seen=Count("read_at"), followed=Count("opened_at"), led=Count("business_at")
    )
    return [
        Effect(row["topic"], PAGE, weeks[row["week"]], told=row["told"], sent=row["told"], delivered=row["told"],
               read=row["seen"], opened=row["followed"], business=row["led"])
        for row in counted
    ]  # fmt: skip


def _outside(messages: QuerySet[Message], weeks: list[datetime]) -> list[Effect]:
    rows = messages.annotate(week=_week("notice__at", weeks)).order_by().values("notice__topic", "channel", "week")
    gone = Q(state__in=LEFT)
    counted = rows.annotate(
        told=Count("pk"), left=Count("pk", filter=gone), arrived=Count("pk", filter=Q(state="delivered")),
        seen=Count("notice__read_at", filter=gone), followed=Count("opened_at", filter=gone),
        led=Count("notice__business_at", filter=gone),
    )  # fmt: skip
    return [
        Effect(row["notice__topic"], row["channel"], weeks[row["week"]], told=row["told"], sent=row["left"],
               delivered=row["arrived"], read=row["seen"], opened=row["followed"], business=row["led"])
        for row in counted
    ]  # fmt: skip
