"""The watch: how headlines are read, and what looking for anomalies costs over BENCH_WATCH_ROWS guarantees (a million).

Headlines: precision and recall of "somebody should look" on the half of the set that no word was mended on. The set
(xinshu/watch/tests/headlines.tsv) is written by us, in the manner of registers, courts and news. Anomalies: the night
over everything, and judging one application that has just come in, beside the same night's limit in performance.md.
Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

ROWS = int(os.environ.get("BENCH_WATCH_ROWS", "1000000"))
FIRMS, HOUSES, LIMIT = 20_000, 20, 60


def main() -> Iterator[dict[str, Any]]:
    """Yield the figures of both halves, and of the rounds."""
    yield from _headlines()
    yield from _rounds()


def _headlines() -> Iterator[dict[str, Any]]:
    from xinshu.watch.reading.classifying import classify
    from xinshu.watch.tests.measuring import measured

    for half, words in (("a", "mended on"), ("b", "held out")):
        score = measured(half)
        for what in ("precision", "recall", "kinds"):
            limit = 0.85 if half == "b" else None
            figure = f"headlines {what}, half {words} ({score.number})"
            yield {"figure": figure, "value": round(getattr(score, what), 3), "unit": "", "limit": limit}
    began = time.process_time()
    for number in range(2000):
        classify(f"（2026）云01民初{number}号：大山建设建设工程施工合同纠纷", "云州大山建设有限公司")
    rate = round(2000 / (time.process_time() - began))
    yield {"figure": "headlines read", "value": rate, "unit": "titles/s", "limit": None}


def _rounds() -> Iterator[dict[str, Any]]:
    from django.core.management import call_command
    from django.db import connection

    from xinshu.core.clock import now
    from xinshu.guarantees.models import PARTIES, Guarantee
    from xinshu.watch import detecting
    from xinshu.watch.models import Trace

    call_command("migrate", verbosity=0)
    at = now()
    _fill(at)
    night = 0.0
    for name, find in (
        ("often_firms", lambda: detecting.often_firms(at)), ("over_sums", lambda: detecting.over_sums(at)),
        ("over_shares", lambda: detecting.over_shares(at)), ("shared_anywhere", lambda: detecting.shared_anywhere()),
    ):  # fmt: skip
        begun = time.perf_counter()
        found = len(list(find()))
        night += time.perf_counter() - begun
        yield {
            "database": connection.vendor, "figure": f"anomalies at night: {name}", "found": found,
            "value": round(time.perf_counter() - begun, 2), "unit": "s", "limit": None,
        }  # fmt: skip
    figure = f"anomalies at night over {ROWS:,} guarantees"
    yield {"database": connection.vendor, "figure": figure, "value": round(night, 2), "unit": "s", "limit": LIMIT}
    spent = []
    for case in Guarantee.objects.select_related(*PARTIES).order_by("-pk")[:50]:
        traces = list(Trace.objects.filter(guarantee=case))  # as trace_submission hands them on
        begun = time.perf_counter()
        list(chain(detecting.in_application(case, at), detecting.of_tender(traces)))
        spent.append(time.perf_counter() - begun)
    yield {
        "database": connection.vendor, "figure": "one application judged, median of 50",
        "value": round(sorted(spent)[25] * 1000, 1), "unit": "ms", "limit": 50,
    }  # fmt: skip


def _fill(at: Any) -> None:
    """Write houses, firms, guarantees and traces by multiplying one real row of each in SQL."""
    from django.db import connection, transaction

    from xinshu.accounts.models import Organisation
    from xinshu.guarantees.models import Guarantee
    from xinshu.projects.models import Project
    from xinshu.watch.models import Trace

    buyer = Organisation.objects.create(name="测试建设中心", kind="institution")
    Organisation.objects.bulk_create(Organisation(name=f"测试第{n}担保", kind="guarantor") for n in range(HOUSES))
    firms = [Organisation(name=f"测试第{n}建设有限公司", kind="enterprise") for n in range(FIRMS)]
    Organisation.objects.bulk_create(firms, batch_size=2000)
    project = Project.objects.create(
        name="测试标段", number="B-1", buyer=buyer, registered_by=buyer, state="tendering", created_at=at, opens_at=at
    )
    house, firm = (
        Organisation.objects.filter(kind=kind).order_by("pk").first() for kind in ("guarantor", "enterprise")
    )
    assert house is not None
    assert firm is not None
    old, new = at - timedelta(days=200), at - timedelta(days=2)
    first = Guarantee.objects.create(
        kind="performance", state="in_force", applicant=firm, guarantor=house, beneficiary=buyer, project=project,
        amount=100_000_00, first_amount=100_000_00, available_amount=100_000_00, number="BW-0", issued_at=old,
        created_at=old, changed_at=old, submitted_at=old,
    )  # fmt: skip
    trace = Trace.objects.create(
        guarantee=first, house=house, firm=firm, project=project, tender="t0", what="device", digest="d0", at=old
    )
    own = {
        "reference": "'W' || n", "number": "'BW-' || n", "applicant_id": f"{firm.pk} + n * 7919 % {FIRMS}",
        "guarantor_id": f"{house.pk} + n % {HOUSES}",
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        _multiply(cursor, Guarantee, first.pk, own, {"submitted_at": (new, old)})
        traced = {
            "guarantee_id": f"{first.pk} + n", "house_id": f"{house.pk} + n % {HOUSES}", "tender": "'t' || (n / 10)",
            "firm_id": f"{firm.pk} + n * 7919 % {FIRMS}",
            "digest": "CASE WHEN n % 50000 < 2 THEN 'same' ELSE 'd' || n END",
        }  # fmt: skip
        _multiply(cursor, Trace, trace.pk, traced, {})
        agent = traced | {"id": f"{trace.pk + ROWS} + n", "what": "'agent'", "digest": "'a' || (n % 1999)"}
        _multiply(cursor, Trace, trace.pk, agent, {"at": (new, old)})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _multiply(cursor: Any, model: Any, pk: int, own: dict[str, str], moments: dict[str, tuple[Any, Any]]) -> None:
    """Insert ROWS copies of a row: columns of `own` by an expression in n; of `moments` every fiftieth the first."""
    own = {"id": f"{pk} + n"} | own
    names = [field.column for field in model._meta.concrete_fields]
    values, parameters = [], []
    for name in names:
        if name in moments:
            values.append("CASE WHEN n % 50 = 0 THEN %s ELSE %s END")
            parameters += list(moments[name])
        else:
            values.append(own.get(name, name).replace("%", "%%"))
    table = model._meta.db_table
    sql = f"""WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS})
              INSERT INTO {table} ({", ".join(names)})
              SELECT {", ".join(values)} FROM s, {table} WHERE {table}.id = {pk}"""
    cursor.execute(sql, parameters)
