"""Batches in the demo city: one that went through, and one whose preview waits to be submitted."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts import demo as people
from xinshu.core.clock import local_day, moved_to
from xinshu.core.money import yuan
from xinshu.guarantees.batches.actions import confirm_batch, prepare_batch, submit_batch
from xinshu.guarantees.batches.columns import COLUMNS
from xinshu.guarantees.batches.models import PARTIES, Batch
from xinshu.guarantees.batches.running import work_on
from xinshu.projects.actions import record_award, register_project

WAN = 10_000_00
LOTS = ("老旧小区改造", "农村公路养护", "校舍维修加固", "雨污分流改造")


def live_batches(city: Any) -> None:
    """Leave a batch of four that was issued three weeks ago, and one of four to be submitted. `city` is demo.City."""
    city.say("批量出函")
    begun = city.at - timedelta(days=21)
    done = _prepared(city, "十一月第一批履约保函", begun, "一", (60, 75, 90, 120))
    with moved_to(begun + timedelta(hours=1)):
        done = submit_batch(done, account="6000-0001", by=city.manager, at=begun + timedelta(hours=1))
        confirm_batch(_whole(done), by=city.signer, at=begun + timedelta(hours=1))
    with moved_to(begun + timedelta(hours=2)):
        while work_on(done.pk):
            pass
    _prepared(city, "十一月第二批履约保函", city.at - timedelta(hours=3), "二", (50, 80, 110, 400))


def _prepared(city: Any, name: str, at: datetime, ordinal: str, amounts: tuple[int, ...]) -> Batch:
    start = local_day(at) + timedelta(days=1)
    rows = []
    for number, (lot, amount) in enumerate(zip(LOTS, amounts, strict=True)):
        firm = city.companies[1 + number % 3]
        project = register_project(
            name=f"云州市{lot}工程（{ordinal}批）", number=f"YZ-PL{at:%m%d}-{number + 1:02d}", kind="municipal",
            region_code=people.REGION, buyer=city.buyers[number % len(city.buyers)], contract_days=240, by=city.manager,
            at=at,
        )  # fmt: skip
        project = record_award(
            project, winner=firm, amount=amount * 10 * WAN, award_source="中标通知书", by=city.manager, at=at
        )
        rows.append({
            "key": f"{number + 1}", "kind": "履约保函", "project": project.number, "applicant": firm.uscc or "",
            "amount": yuan(amount * WAN), "effective_on": start.isoformat(),
            "expires_on": (start + timedelta(days=300)).isoformat(),
        })  # fmt: skip
    content = io.StringIO()
    sheet = csv.writer(content)
    sheet.writerow([str(column.title) for column in COLUMNS])
    sheet.writerows([row.get(column.code, "") for column in COLUMNS] for row in rows)
    made = prepare_batch(
        content.getvalue().encode("utf-8-sig"),
        f"{name}.csv",
        name=name,
        guarantor=city.guarantor,
        by=city.manager,
        at=at,
    )
    return _whole(made)


def _whole(batch: Batch) -> Batch:
    return Batch.objects.select_related(*PARTIES).get(pk=batch.pk)
