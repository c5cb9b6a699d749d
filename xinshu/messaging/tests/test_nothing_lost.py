"""Scored topics and digests under whatever happens: told twice, told by two, wishes changed, lines broken, deaths.

Whatever the order, in the end: one notice per person and thing, with the best score told; what was to leave has left
once, at once or in a digest, and nothing else has.
"""

import contextlib
import json
import random
from datetime import timedelta

import pytest
from django.db import transaction

from xinshu.ledger.models import Delivery
from xinshu.messaging import sending
from xinshu.messaging.kinds import HIGH, MessageKind, declare_kind
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.notices import notify_members
from xinshu.messaging.preferences import TopicWish, forget_topic, set_topic
from xinshu.messaging.tests.channels import later, person
from xinshu.messaging.timing import Wish

pytestmark = pytest.mark.django_db(transaction=True)
KIND = MessageKind("opportunity.chaos", "中标", "${what}中标。", {"what": "甲"}, ("push",), HIGH)
declare_kind(KIND)
THINGS, SOURCES, EVENTS = 6, 3, 40


class Killed(BaseException):
    """The process ends here."""


def _die_once(monkeypatch, name):
    whole = getattr(sending, name)

    def die(*_args):
        monkeypatch.setattr(sending, name, whole)
        raise Killed

    monkeypatch.setattr(sending, name, die)


def _work(at):
    Delivery.objects.filter(state="waiting").update(leased_until=None, leased_by="")
    with contextlib.suppress(Killed):
        later(at)


def _tell(member, thing, source, score, at):
    what = f"<{member.pk}-{thing}>"
    with transaction.atomic():
        notify_members(
            [member], f"{what}中标", link="/x/", key=f"announcement:{thing}-{source}", at=at, kind=KIND.code,
            values={"what": what}, score=score, merge=f"award:{thing}",
        )  # fmt: skip


@pytest.mark.req("BH-15", "BH-32")
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_and_nothing_goes_twice(sandbox, at, monkeypatch, seed):
    chance = random.Random(seed)
    people = [person(1, channels=["push"]), person(2, channels=["push"], ending="0004")]  # whose first line breaks
    best: dict[tuple[int, int], int] = {}
    for _event in range(EVENTS):
        member, what = chance.choice(people), chance.random()
        if what < 0.6:
            thing, score = chance.randrange(THINGS), chance.randrange(101)
            _tell(member, thing, chance.randrange(SOURCES), score, at)
            best[member.pk, thing] = max(best.get((member.pk, thing), 0), score)
        elif what < 0.75:
            rhythm = chance.choice(("at_once", "daily", "weekly", "off"))
            set_topic("award", TopicWish({"push": Wish(rhythm, 1)}, chance.choice((0, 50, 90))), by=member, at=at)
        elif what < 0.8:
            forget_topic("award", by=member, at=at)
        else:
            at += timedelta(minutes=chance.choice((1, 5, 600, 2000)))
            if chance.random() < 0.4:
                _die_once(monkeypatch, chance.choice(("_finish", "_letter")))
            for minutes in (0, 1, 3):  # a death is repaired while the provider still knows the key
                _work(at + timedelta(minutes=minutes))
    for _round in range(6):
        at += timedelta(days=4)
        for minutes in (0, 1, 3):
            _work(at + timedelta(minutes=minutes))

    told = {(one.member_id, int(one.merge.split(":")[1])): one.score for one in Notice.objects.all()}
    assert told == best
    assert Notice.objects.count() == len(best)
    out = json.dumps(sandbox.world.sent, ensure_ascii=False, default=str)
    for message in Message.objects.filter(notice__isnull=False).select_related("notice"):
        name = message.notice.text.removesuffix("中标")
        times = sum(name in json.dumps(one, ensure_ascii=False, default=str) for one in sandbox.world.sent)
        assert (message.state, times) in {("sent", 1), ("collected", 1), ("below", 0), ("suppressed", 0)}, (name, out)
    assert not Message.objects.filter(state__in=("queued", "held", "sending", "failed", "unknown")).exists()
