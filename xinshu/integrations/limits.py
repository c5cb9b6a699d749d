"""Rate limits: a token bucket in the database, right however many processes answer.

The bucket is one number, the moment at which it will be full again; a call moves it on by its cost in one conditional
UPDATE, which fails when the bucket is empty. Nobody counts, nobody holds a lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Value
from django.db.models.functions import Greatest

from xinshu.integrations.models import Meter

MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True)
class Allowance:
    """What is left after a call: whether it may go on, how many more at once, and when to come back."""

    granted: bool
    limit: int
    remaining: int
    seconds: int  # until the next one, when not granted


def take(name: str, per_minute: int, at: datetime) -> Allowance:
    """Take one token from the bucket `name`, which holds `per_minute` and refills evenly within a minute."""
    now, cost = int(at.timestamp() * 1_000_000), max(1, MINUTE // per_minute)
    empty_beyond = now + MINUTE
    bucket = Meter.objects.filter(name=name, full_at__lte=empty_beyond - cost)
    if not bucket.update(full_at=Greatest(F("full_at"), Value(now)) + cost):
        Meter.objects.bulk_create([Meter(name=name, full_at=now)], ignore_conflicts=True)
        if not bucket.update(full_at=Greatest(F("full_at"), Value(now)) + cost):
            full_at = Meter.objects.values_list("full_at", flat=True).get(name=name)
            wait = max(0, full_at + cost - empty_beyond)
            return Allowance(False, per_minute, 0, max(1, -(-wait // 1_000_000)))
    full_at = Meter.objects.values_list("full_at", flat=True).get(name=name)
    return Allowance(True, per_minute, max(0, (empty_beyond - full_at) // cost), 0)


def forget_full(at: datetime) -> int:
    """Remove buckets that have been full for an hour. Returns how many."""
    before = int((at - timedelta(hours=1)).timestamp() * 1_000_000)
    return Meter.objects.filter(full_at__lt=before).delete()[0]
