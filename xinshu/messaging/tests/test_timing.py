"""Tables: when a message leaves."""

from datetime import date, time

import pytest

from xinshu.core.clock import moment
from xinshu.messaging.kinds import CRITICAL, HIGH, LOW, NORMAL
from xinshu.messaging.timing import Quiet, Wish, plan

NIGHT, NEVER = Quiet(time(22), time(8)), Quiet(None, None)
NOON = Quiet(time(12), time(14))


def on(day, hour=0, minute=0):
    return moment(date(2026, 11, day), hour, minute)


@pytest.mark.parametrize(
    ("channel", "priority", "wish", "quiet", "at", "due", "digest"),
    [
        # at once, by day and by night
        ("sms", HIGH, Wish("at_once", HIGH), NIGHT, on(21, 10), on(21, 10), False),
        ("sms", HIGH, Wish("at_once", HIGH), NIGHT, on(21, 22), on(22, 8), False),
        ("sms", HIGH, Wish("at_once", HIGH), NIGHT, on(21, 7, 59), on(21, 8), False),
        ("sms", HIGH, Wish("at_once", HIGH), NIGHT, on(21, 8), on(21, 8), False),
        ("push", HIGH, Wish("at_once", LOW), NOON, on(21, 13), on(21, 14), False),
        ("push", HIGH, Wish("at_once", LOW), NEVER, on(21, 3), on(21, 3), False),
        ("mail", HIGH, Wish("at_once", LOW), NIGHT, on(21, 3), on(21, 3), False),  # wakes nobody
        # digests: at eight, weekly on Mondays (the 23rd)
        ("mail", HIGH, Wish("daily", LOW), NIGHT, on(21, 7), on(21, 8), True),
        ("mail", HIGH, Wish("daily", LOW), NIGHT, on(21, 8), on(22, 8), True),
        ("mail", HIGH, Wish("weekly", LOW), NIGHT, on(21, 7), on(23, 8), True),
        ("mail", HIGH, Wish("weekly", LOW), NIGHT, on(23, 8), on(30, 8), True),
        # critical: at once, whatever was wished
        ("sms", CRITICAL, Wish("off", HIGH), NIGHT, on(21, 3), on(21, 3), False),
        ("sms", CRITICAL, Wish("weekly", HIGH), NIGHT, on(21, 3), on(21, 3), False),
    ],
)
def test_when_it_leaves(channel, priority, wish, quiet, at, due, digest):
    decided = plan(channel, priority, wish, quiet, at)

    assert (decided.due_at, decided.digest, decided.never) == (due, digest, "")


@pytest.mark.parametrize(
    ("priority", "wish", "word"),
    [
        (HIGH, Wish("off", LOW), "关闭"),
        (NORMAL, Wish("at_once", HIGH), "优先级"),
        (LOW, Wish("daily", NORMAL), "优先级"),
    ],
)
def test_what_never_leaves_and_why(priority, wish, word):
    assert word in plan("sms", priority, wish, NEVER, on(21, 10)).never
