"""Batch issue in numbers: ROWS rows from upload to preview, memory, then RUN of them to their letters with one worker.

One JSON line per database. On SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

ROWS = int(os.environ.get("BENCH_BATCH_ROWS", "5000"))
RUN = int(os.environ.get("BENCH_BATCH_RUN", "300"))
FIRMS = 50


def main() -> Iterator[dict[str, Any]]:
    """Measure on a fresh database with the demo's guarantors."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.core.clock import now
    from xinshu.guarantees.batches.actions import confirm_batch, prepare_batch, submit_batch
    from xinshu.guarantees.batches.models import Batch
    from xinshu.guarantees.batches.queries import progress_of, sums_by_applicant
    from xinshu.guarantees.batches.running import TURN, work_on
    from xinshu.guarantees.tests.batches import as_xlsx
    from xinshu.ledger.worker import drain

    call_command("migrate", verbosity=0)
    desk = a_desk()
    rows = list(typed(desk))
    drain()
    manager, signer = desk["manager"], desk["signer"]
    content = as_xlsx(rows)
    begun, worked = time.perf_counter(), time.process_time()
    batch = prepare_batch(content, "表.xlsx", name="bench", guarantor=manager.organisation, by=manager, at=now())
    previewed, previewed_cpu = time.perf_counter() - begun, time.process_time() - worked
    assert batch.state == "ready", list(batch.rows.exclude(faults=[]).values_list("faults", flat=True)[:3])
    begun = time.perf_counter()
    sums_by_applicant(batch)
    checked = time.perf_counter() - begun
    small = prepare_batch(
        as_xlsx(rows[:RUN]), "小.xlsx", name="run", guarantor=manager.organisation, by=manager, at=now()
    )
    small = submit_batch(small, account="6000-0001", by=manager, at=now())
    small = confirm_batch(Batch.objects.get(pk=small.pk), by=signer, at=now())
    work_on(small.pk)  # the first turn also loads fonts and keys, once in a worker's life
    begun, worked = time.perf_counter(), time.process_time()
    while work_on(small.pk):
        pass
    alone, alone_cpu = time.perf_counter() - begun, time.process_time() - worked
    drain()
    whole = time.perf_counter() - begun
    done = progress_of(small)
    assert (done.done, done.failed, done.referred) == (RUN, 0, 0)
    yield {
        "figure": "batch issue from a workbook",
        "database": connection.vendor,
        "rows": ROWS,
        "bytes": len(content),
        "upload_to_preview_seconds": round(previewed, 2),
        "upload_to_preview_cpu_seconds": round(previewed_cpu, 2),
        "line_check_ms": round(checked * 1000, 1),
        "process_peak_mb": round(peak() / 1024),
        "issued": RUN,
        "rows_per_second": round((RUN - TURN) / alone, 1),
        "rows_per_cpu_second": round((RUN - TURN) / alone_cpu, 1),
        "rows_per_second_with_notices": round((RUN - TURN) / whole, 1),
        "limit": {"upload_to_preview_seconds": 30, "rows_per_second": 20},
    }


def peak() -> int:
    """Return the largest memory of this process so far, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def a_desk() -> dict[str, Any]:
    """Return the guarantor's manager and signer, with FIRMS customers that have a record and a line."""
    from xinshu.accounts import demo as people
    from xinshu.accounts.actions.membership import create_organisation
    from xinshu.accounts.models import Member
    from xinshu.books.lines import grant_line
    from xinshu.core.actors import SYSTEM
    from xinshu.core.clock import now
    from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
    from xinshu.guarantees.demo.cast import WAN, prepare_guarantors
    from xinshu.guarantees.tests.city import RECORD

    at = now() - timedelta(days=1)
    houses = prepare_guarantors(at, admits_unverified=True)
    house = houses[people.GUARANTOR]
    members = Member.objects.filter(organisation=house).select_related("user", "organisation")
    desk: dict[str, Any] = {member.user.username: member for member in members}
    firms = []
    for number in range(FIRMS):
        firm = create_organisation(f"云州批量{number:03d}建设有限公司", "enterprise", code=None, by=SYSTEM, at=at)
        firm.uscc, firm.verified = f"91339900MABAT{number:05d}", True
        firm.save()
        take_customer(firm, manager=desk["manager"], by=desk["manager"], at=at)
        enter_fields(enterprise_of(firm), RECORD, by=SYSTEM, at=at)
        grant_line(house, firm, 10_000_000 * WAN, by=desk["manager"], at=at, key=f"bench:{firm.pk}")
        firms.append(firm)
    return desk | {"firms": firms, "buyer": houses[people.INSTITUTION]}


def typed(desk: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield ROWS rows, each for a project of its own."""
    from django.db import transaction

    from xinshu.core.clock import local_day, now
    from xinshu.guarantees.demo.cast import WAN
    from xinshu.projects.actions import record_award, register_project

    at, by = now(), desk["manager"]
    with transaction.atomic():
        for number in range(ROWS):
            firm = desk["firms"][number % FIRMS]
            project = register_project(
                name=f"云州市第{number}号泵站工程", number=f"BATCH-{number:05d}", kind="municipal",
                region_code="990103", buyer=desk["buyer"], contract_days=180, by=by, at=at,
            )  # fmt: skip
            record_award(project, winner=firm, amount=1_500 * WAN, award_source="中标通知书", by=by, at=at)
            yield {
                "key": f"B{number}", "kind": "履约保函", "project": project.number, "applicant": firm.uscc,
                "amount": f"{1_000_000 + number}.37", "effective_on": (local_day(at) + timedelta(days=1)).isoformat(),
                "expires_on": (local_day(at) + timedelta(days=300)).isoformat(),
            }  # fmt: skip
