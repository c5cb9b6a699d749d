"""The nightly round over a register of BENCH_NIGHT_ROWS guarantees (a million), beside its limit of 60 seconds.

A register in which as many guarantees end on every day of the year: two thirds live, one third are over. What is due
tonight is real, line and all: those that expire, those whose tail is over, steps of schedules, and reminders 30, 15, 7
and 1 days ahead. The same night run again must find nothing. Runs on SQLite and, where there is one, on PostgreSQL
(XINSHU_DATABASE_URL).
"""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

ROWS = int(os.environ.get("BENCH_NIGHT_ROWS", "1000000"))
YEAR, LIMIT = 365, 60
Figure = dict[str, Any]


def main() -> Iterator[Figure]:
    """Fill a fresh database, run one night twice, and yield seconds by function."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.core.clock import local_day, moment, now
    from xinshu.guarantees import life_tasks, tasks
    from xinshu.ledger.models import Delivery

    call_command("migrate", verbosity=0)
    on = local_day(now()) + timedelta(days=7)
    on += timedelta(days=(3 - on.weekday()) % 7)  # a Thursday: what ends on a closed day waits for the next open one
    begun = time.perf_counter()
    due = fill(on)
    filled = time.perf_counter() - begun
    rounds = (life_tasks.expire_overdue, life_tasks.reduce_by_schedule, life_tasks.remind_of_expiry,
              life_tasks.restore_lines, tasks.announce_opened, tasks.remind_of_limits)  # fmt: skip
    whole = {"first": 0.0, "again": 0.0}
    for night in whole:
        for step in rounds:
            begun = time.perf_counter()
            step(on, moment(on, 0, 5))
            spent = time.perf_counter() - begun
            whole[night] += spent
            yield {
                "database": connection.vendor, "figure": f"night, {night} time: {step.__name__}",
                "value": round(spent, 2), "unit": "s", "limit": None,
            }  # fmt: skip
    yield {
        "database": connection.vendor, "figure": f"night over {ROWS:,} guarantees", "value": round(whole["first"], 1),
        "unit": "s", "limit": LIMIT, "due": due, "left": left(on), "deliveries": Delivery.objects.count(),
        "filling": round(filled, 1),
    }  # fmt: skip
    yield {
        "database": connection.vendor, "figure": "the same night again, with nothing left to do",
        "value": round(whole["again"], 1), "unit": "s", "limit": LIMIT,
    }  # fmt: skip


def fill(on: date) -> dict[str, int]:
    """Write the register, with real lines under what is due on the night to `on`; return how much is due."""
    from django.db import connection, transaction

    from bench.guarantees import a_desk, awards
    from xinshu.accounts.models import Organisation
    from xinshu.books.lines import occupy, reserve
    from xinshu.core.clock import moment
    from xinshu.guarantees.awards.importing import take_in
    from xinshu.guarantees.models import Guarantee, Reduction

    desk = a_desk()
    project = None
    for award in awards("n", 60):
        project, _new = take_in(award, desk)
    lined = list(Organisation.objects.filter(name__startswith="测试第", name__endswith="建设有限公司"))
    at = moment(on - timedelta(days=1), 9)
    for first in range(0, ROWS, 10_000):
        Guarantee.objects.bulk_create(
            a_guarantee(n, desk.guarantor, lined[n % len(lined)], project, on, at)
            for n in range(first, min(first + 10_000, ROWS))
        )
    tail = Guarantee.objects.filter(state="expired", restored_at=None)
    stepped = Guarantee.objects.filter(state="in_force", expires_on__gt=on + timedelta(days=40)).order_by("pk")
    expiring = Guarantee.objects.filter(state="in_force", expires_on=on - timedelta(days=1))
    steps = list(stepped[: ROWS // 2000])
    with transaction.atomic():
        for case in (*tail, *expiring, *steps):
            reserve(case.guarantor, case.applicant, case.amount or 0, for_=case, at=at)
            occupy(case, at=at)
    Reduction.objects.bulk_create(
        Reduction(guarantee=case, state="planned", amount=1_000, on=on, proposed_at=at, changed_at=at) for case in steps
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ahead = [on + timedelta(days=days) for days in (30, 15, 7, 1)]
    return {
        "expire": expiring.count(), "tails": tail.count(), "reductions": len(steps),
        "reminders": Guarantee.objects.filter(state="in_force", expires_on__in=ahead).count(),
    }  # fmt: skip


def left(on: date) -> int:
    """Return how much of what was due is still to do."""
    from xinshu.guarantees.models import Guarantee, Reduction

    over = Guarantee.objects.filter(state="in_force", expires_on__lt=on).count()
    tails = Guarantee.objects.filter(state="expired", restored_at=None, tail_until__lte=on).count()
    return over + tails + Reduction.objects.filter(state="planned", on__lte=on).count()


def a_guarantee(n: int, guarantor: Any, applicant: Any, project: Any, on: date, at: Any) -> Any:
    """Return the n-th: two of three in force with their ends spread over a year, the third expired in the year before.

    Of those expired, only the ones whose tail ends tonight have not given their line back.
    """
    from xinshu.guarantees.models import Guarantee

    amount, alive, day = 10_000 + n % 1000, n % 3 != 0, n // 3 % YEAR
    expires = on + timedelta(days=day - 1) if alive else on - timedelta(days=day + 2)
    restored = None if alive or day == 0 else at
    return Guarantee(
        kind="performance", state="in_force" if alive else "expired", applicant=applicant, guarantor=guarantor,
        beneficiary=project.buyer, project=project, amount=amount, first_amount=amount, number=f"BN-{n:08d}",
        issued_at=at, available_amount=amount if alive else 0, lapsed_amount=0 if alive else amount, fee_amount=50_000,
        effective_on=expires - timedelta(days=YEAR), expires_on=expires, on_behalf=True, created_at=at,
        changed_at=at - timedelta(minutes=n % 500_000), ended_at=None if alive else at, restored_at=restored,
        tail_until=None if alive else on,
    )  # fmt: skip
