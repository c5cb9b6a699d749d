"""Workbooks for the tests: rows as people would type them."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta

import xlsxwriter

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.guarantees.batches.actions import confirm_batch, prepare_batch, submit_batch
from xinshu.guarantees.batches.columns import COLUMNS
from xinshu.guarantees.batches.models import PARTIES, Batch
from xinshu.guarantees.tests.city import MINUTE, City

Row = Mapping[str, str]
TITLES = {column.code: str(column.title) for column in COLUMNS}


def row_for(city: City, key: str, firm: Member | None = None, by: Member | None = None, **typed: str) -> dict[str, str]:
    """Return a row that nothing is wrong with: for a project of its own that `by` (the manager) registered."""
    assert city.guarantor
    firm = firm or city.applicant
    project, start = city.project(by or city.manager), local_day(city.at) + timedelta(days=1)
    usual = {
        "key": key, "kind": "履约保函", "project": project.number, "applicant": firm.organisation.uscc or "",
        "amount": "1,000,000.00", "effective_on": start.isoformat(),
        "expires_on": (start + timedelta(days=250)).isoformat(),
    }  # fmt: skip
    return usual | typed


def as_csv(rows: Iterable[Row], encoding: str = "utf-8") -> bytes:
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(TITLES.values())
    writer.writerows([row.get(code, "") for code in TITLES] for row in rows)
    return content.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Row]) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet("批量出函")
    for number, cells in enumerate([list(TITLES.values()), *([row.get(code, "") for code in TITLES] for row in rows)]):
        for place, cell in enumerate(cells):
            sheet.write(number, place, cell)
    book.close()
    return content.getvalue()


def prepared(city: City, rows: Iterable[Row], by: Member | None = None, name: str = "十一月履约保函") -> Batch:
    """Return a batch that the guarantor's manager (or `by`) has uploaded."""
    house = city.guarantor
    made = prepare_batch(as_csv(rows), "表.csv", name=name, guarantor=house, by=by or city.manager, at=city.at)
    return again(made)


def submitted(city: City, rows: Iterable[Row], by: Member | None = None, account: str = "6000-0001") -> Batch:
    batch = prepared(city, rows, by)
    assert batch.state == "ready", list(batch.rows.values_list("faults", flat=True))
    return again(submit_batch(batch, account=account, by=by or city.manager, at=city.at + MINUTE))


def confirmed(city: City, rows: Iterable[Row], by: Member | None = None, account: str = "6000-0001") -> Batch:
    batch = submitted(city, rows, by, account)
    return again(confirm_batch(batch, by=city.signer, at=city.at + 2 * MINUTE))


def again(batch: Batch) -> Batch:
    return Batch.objects.select_related(*PARTIES).get(pk=batch.pk)
