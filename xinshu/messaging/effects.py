"""推送效果: how many were told, sent, delivered, read, opened, and what came of it, by week, topic, channel and person.

Grouped statements only. What is still secret (开标前保密) is in no figure. A notice that left on several channels
counts on each of them. The operator counts all notices, the head of a house those of its own people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day, moment
from xinshu.messaging.kinds import CHANNELS
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.topics import TOPICS

ALL, OWN, EXPORT = "messaging.manage", "messaging.oversee", "messaging.export"
PAGE = "page"  # what every notice is on
FIGURES = ("told", "sent", "delivered", "read", "opened", "followed", "business", "issued")
OF_PEOPLE = ("told", "read", "opened", "followed", "business", "issued")  # a notice once, whatever channels it took
LEFT = ("sent", "delivered", "collected")


@dataclass(frozen=True)
class Asked:
    """Whose notices of which weeks: of one topic, of one person (for a head) or one house (for the operator)."""

    member: Member | None
    weeks: list[datetime]
    at: datetime
    topic: str = ""
    who: int | None = None

    @property
    def by_house(self) -> bool:
        """Whether houses are told apart (the operator sees no people), or the people of the own one."""
        return self.member is not None and self.member.can(ALL)

    def of(self, prefix: str) -> Q | None:
        """Return the condition on notices, seen from where `prefix` leads to them; None: there is nothing to see."""
        if self.member is None or not (self.by_house or self.member.can(OWN)):
            return None
        begin, end = self.weeks[0], self.weeks[-1] + timedelta(weeks=1)
        wanted: dict[str, object] = {f"{prefix}at__gte": begin, f"{prefix}at__lt": end}
        if self.topic:
            wanted[f"{prefix}topic"] = self.topic
        if not self.by_house:
            wanted[f"{prefix}member__organisation"] = self.member.organisation_id
        if self.who is not None:
            wanted[f"{prefix}member{'__organisation' if self.by_house else ''}"] = self.who
        return Q(**wanted) & (Q(sealed_until=None) | Q(sealed_until__lte=self.at))


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
    followed: int = 0
    business: int = 0
    issued: int = 0

    @property
    def topic_label(self) -> str:
        return str(TOPICS[self.topic].label) if self.topic in TOPICS else self.topic

    @property
    def channel_label(self) -> str:
        return str(CHANNELS[self.channel]) if self.channel in CHANNELS else ""

    def share(self, figure: str) -> int:
        """Return how many of those sent came as far as `figure`, in percent."""
        return round(getattr(self, figure) * 100 / self.sent) if self.sent else 0


@dataclass(frozen=True)
class Reader:
    """What one person of the house, or one institution, was told, and what became of it."""

    key: int
    name: str
    told: int
    read: int
    opened: int
    followed: int
    business: int
    issued: int

    def share(self, figure: str) -> int:
        """Return how many of those told came as far as `figure`, in percent."""
        return round(getattr(self, figure) * 100 / self.told) if self.told else 0


def weeks_until(at: datetime, number: int) -> list[datetime]:
    """Return the Mondays of the last `number` weeks, the present one last."""
    today = local_day(at)
    monday = today - timedelta(days=today.weekday())
    return [moment(monday - timedelta(weeks=back)) for back in range(number - 1, -1, -1)]


def effects(asked: Asked) -> list[Effect]:
    """Return what became of what was told, by week, topic, channel. Two statements."""
    on_page, outside = asked.of(""), asked.of("notice__")
    if on_page is None or outside is None:
        return []
    weeks = asked.weeks
    found = [*_on_page(Notice.objects.filter(on_page), weeks), *_outside(Message.objects.filter(outside), weeks)]
    return sorted(found, key=lambda one: (one.week, *_place(one.topic, one.channel)))


def readers(asked: Asked) -> list[Reader]:
    """Return a line for each person of the own house; for the operator one for each institution. Most told first."""
    wanted = asked.of("")
    if wanted is None:
        return []
    notices = Notice.objects.filter(wanted)
    if asked.by_house:
        notices = notices.filter(member__organisation__kind__in=Organisation.ISSUERS)
        key, name = "member__organisation", "member__organisation__name"
    else:
        key, name = "member", "member__user__name"
    counted = notices.order_by().values(key, name).annotate(
        n=Count("pk"), seen=Count("read_at"), came=Count("opened_at"), taken=Count("followed_at"),
        led=Count("business_at"), letters=Count("issued_at"),
    )  # fmt: skip
    rows = [
        Reader(row[key], row[name], row["n"], row["seen"], row["came"], row["taken"], row["led"], row["letters"])
        for row in counted
    ]
    return sorted(rows, key=lambda row: (-row.told, row.name, row.key))


def totals(rows: Iterable[Effect]) -> list[Effect]:
    """Return the sums over the weeks, by topic and channel, in the order of the rows."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        told = sums.setdefault((row.topic, row.channel), dict.fromkeys(FIGURES, 0))
        for figure in FIGURES:
            told[figure] += getattr(row, figure)
    keys = sorted(sums, key=lambda key: _place(*key))
    return [Effect(topic, channel, None, **sums[topic, channel]) for topic, channel in keys]


def _place(topic: str, channel: str) -> tuple[int, int]:
    topics, channels = list(TOPICS), [PAGE, *CHANNELS]
    return topics.index(topic) if topic in TOPICS else len(topics), channels.index(channel)


def _week(field: str, weeks: list[datetime]) -> Case:
    later = [When(**{f"{field}__gte": week}, then=Value(number)) for number, week in reversed(list(enumerate(weeks)))]
    return Case(*later, output_field=IntegerField())


def _on_page(notices: QuerySet[Notice], weeks: list[datetime]) -> list[Effect]:
    rows = notices.annotate(week=_week("at", weeks)).order_by().values("topic", "week")
    counted = rows.annotate(
        told=Count("pk"), seen=Count("read_at"), came=Count("opened_at"), taken=Count("followed_at"),
        led=Count("business_at"), letters=Count("issued_at"),
    )  # fmt: skip
    return [
        Effect(row["topic"], PAGE, weeks[row["week"]], told=row["told"], sent=row["told"], delivered=row["told"],
               read=row["seen"], opened=row["came"], followed=row["taken"], business=row["led"], issued=row["letters"])
        for row in counted
    ]  # fmt: skip


def _outside(messages: QuerySet[Message], weeks: list[datetime]) -> list[Effect]:
    rows = messages.annotate(week=_week("notice__at", weeks)).order_by().values("notice__topic", "channel", "week")
    gone = Q(state__in=LEFT)
    counted = rows.annotate(
        told=Count("pk"), left=Count("pk", filter=gone), arrived=Count("pk", filter=Q(state="delivered")),
        seen=Count("notice__read_at", filter=gone), came=Count("opened_at", filter=gone),
        taken=Count("notice__followed_at", filter=gone), led=Count("notice__business_at", filter=gone),
        letters=Count("notice__issued_at", filter=gone),
    )  # fmt: skip
    return [
        Effect(row["notice__topic"], row["channel"], weeks[row["week"]], told=row["told"], sent=row["left"],
               delivered=row["arrived"], read=row["seen"], opened=row["came"], followed=row["taken"],
               business=row["led"], issued=row["letters"])
        for row in counted
    ]  # fmt: skip
