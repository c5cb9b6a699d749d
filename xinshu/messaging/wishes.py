"""What holds for a person in one topic: what they said for it, else what they said in general, else the default."""

from collections.abc import Iterable
from dataclasses import dataclass

from xinshu.messaging.models import Preference, QuietHours, TopicRule
from xinshu.messaging.timing import DEFAULTS, QUIET, Quiet, Wish
from xinshu.messaging.topics import TOPICS


@dataclass(frozen=True)
class Wishes:
    """What some people want in one topic."""

    topic: str
    said: dict[tuple[int, str, str], Preference]  # by user, topic ("": in general), channel
    rules: dict[int, TopicRule]
    hours: dict[int, Quiet]

    def own(self, user: int) -> bool:
        """Whether this person has decided about the topic."""
        return user in self.rules

    def wish(self, user: int, channel: str) -> Wish:
        """Return how `user` wants `channel`."""
        rule, usual = self.rules.get(user), DEFAULTS[channel]
        topic = TOPICS.get(self.topic)
        floor = rule.least_score if rule is not None else topic.floors.get(channel, 0) if topic is not None else 0
        row = (self.said.get((user, self.topic, channel)) if rule is not None else None) or self.said.get(
            (user, "", channel)
        )
        return Wish(row.rhythm, row.least, floor) if row is not None else Wish(usual.rhythm, usual.least, floor)

    def quiet(self, user: int) -> Quiet:
        """Return when `user` is not to be disturbed."""
        rule, general = self.rules.get(user), self.hours.get(user, QUIET)
        if rule is None or rule.quiet == TopicRule.Quiet.GENERAL:
            return general
        return Quiet(rule.begins, rule.ends) if rule.quiet == TopicRule.Quiet.OWN else Quiet(None, None)


def wishes_of(users: Iterable[int], topic: str) -> Wishes:
    """Return what `users` want in `topic`: three queries, however many they are."""
    users = list(users)
    said = Preference.objects.filter(user__in=users, topic__in={"", topic})
    hours = QuietHours.objects.filter(user__in=users)
    return Wishes(
        topic,
        {(row.user_id, row.topic, row.channel): row for row in said},
        {row.user_id: row for row in TopicRule.objects.filter(user__in=users, topic=topic)},
        {row.user_id: Quiet(row.begins, row.ends) for row in hours},
    )
