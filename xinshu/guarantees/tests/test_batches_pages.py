"""The pages of a batch, as its people meet them."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.guarantees.batches.actions import confirm_batch
from xinshu.guarantees.batches.models import Batch
from xinshu.guarantees.tests.batches import again, as_csv, as_xlsx, confirmed, prepared, row_for, submitted
from xinshu.guarantees.tests.city import MINUTE, City
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


def file_of(content: bytes, name: str = "表.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_from_template_to_result(city: City, browser_of: BrowserOf):
    manager, signer = browser_of(city.manager), browser_of(city.signer)
    assert "还没有批次" in manager.get("/batches/").content.decode()
    template = CalamineWorkbook.from_filelike(BytesIO(manager.get("/batches/template/").content))
    assert template.sheet_names == ["批量出函", "填写说明", "可选值"]
    assert template.get_sheet_by_index(0).to_python()[0][1] == "保函类型*"
    assert "履约保函" in {row[0] for row in template.get_sheet_by_index(2).to_python()}

    rows = [row_for(city, "1"), row_for(city, "2", amount="很多")]
    answer = manager.post("/batches/new/", {"name": "十一月", "file": file_of(as_xlsx(rows))})
    batch = Batch.objects.get()
    assert answer["Location"] == f"/batches/{batch.reference}/"
    here = answer["Location"]
    page = manager.get(here).content.decode()
    assert "有 1 行要改" in page
    assert "“很多”不是金额" in page
    assert here in manager.get("/workbench/").content.decode()

    marked = b"".join(manager.get(f"{here}faults/").streaming_content)
    sheet = CalamineWorkbook.from_filelike(BytesIO(marked)).get_sheet_by_index(0).to_python()
    mended = BytesIO()
    _write(mended, [[800000 if cell == "很多" else cell for cell in row] for row in sheet])
    answer = manager.post(f"{here}replace/", {"version": batch.version, "file": file_of(mended.getvalue())})
    batch = again(batch)
    assert (answer.status_code, batch.state) == (302, "ready")

    answer = manager.post(f"{here}submit/", {"version": batch.version, "account": "6000-0001"})
    batch = again(batch)
    assert batch.state == "to_confirm"
    assert here in signer.get("/batches/").content.decode()
    assert here in signer.get("/workbench/").content.decode()
    assert "确认出函" in signer.get(here).content.decode()
    signer.post(f"{here}confirm/", {"version": batch.version})
    drain(at=city.at + 120 * MINUTE)

    page = signer.get(here).content.decode()
    assert "已办 2 / 2 行" in page
    answer = manager.get(f"{here}result/")
    sheet = (
        CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in sheet[2:]] == ["1", "2"]


def _write(content: BytesIO, rows: list[list[object]]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.close()


def test_a_bad_file_is_answered_in_the_form_with_what_was_typed(city: City, browser_of: BrowserOf):
    assert city.guarantor
    browser = browser_of(city.applicant)

    for content, name in ((b"", "a.xlsx"), (b"%PDF-1.4", "a.pdf"), (b"\xff\xfe", "b.csv"), (b"a,b\n1,2", "c.csv")):
        answer = browser.post(
            "/batches/new/", {"name": "我的名字", "guarantor": city.guarantor.pk, "file": file_of(content, name)}
        )
        assert answer.status_code == 422
        assert "我的名字" in answer.content.decode()
    assert browser.post("/batches/new/", {}).status_code == 422
    assert not Batch.objects.exists()

    batch = prepared(city, [row_for(city, "1", by=city.applicant)], by=city.applicant)
    answer = browser.post(
        f"/batches/{batch.reference}/replace/", {"version": batch.version, "file": file_of(b"x", "a.csv")}
    )
    assert answer.status_code == 422
    assert again(batch).version == batch.version


def test_four_eyes_and_stale_pages(city: City, browser_of: BrowserOf):
    batch = submitted(city, [row_for(city, "1")])
    here = f"/batches/{batch.reference}/"
    manager, signer = browser_of(city.manager), browser_of(city.signer)

    assert "确认须由另一人办理" in manager.get(here).content.decode()
    assert manager.post(f"{here}confirm/", {"version": batch.version}).status_code == 403
    assert signer.post(f"{here}confirm/", {"version": batch.version - 1}).status_code == 409
    assert signer.post(f"{here}confirm/", {}).status_code == 422
    assert signer.post(f"{here}nonsense/", {"version": batch.version}).status_code == 404
    assert again(batch).state == "to_confirm"


def test_the_bar_moves_and_the_page_is_loaded_anew_when_something_else_changed(city: City, browser_of: BrowserOf):
    batch = confirmed(city, [row_for(city, "1")])
    browser, here = browser_of(city.signer), f"/batches/{batch.reference}/progress/"

    answer = browser.get(f"{here}?version={batch.version}")
    assert "已办 0 / 1 行" in answer.content.decode()
    assert 'hx-trigger="every 1s"' in answer.content.decode()
    drain(at=city.at + 120 * MINUTE)

    assert browser.get(f"{here}?version={batch.version}")["HX-Refresh"] == "true"


def test_strangers_find_nothing_and_readers_of_lists_are_not_told(city: City, browser_of: BrowserOf):
    lot = city.lot()
    bid = row_for(
        city, "1", by=city.applicant, applicant="", kind="投标保函", project=lot.number, amount="400000",
        expires_on="2027-03-01",
    )  # fmt: skip
    batch = submitted(city, [bid], by=city.applicant)
    confirm_batch(batch, by=city.signer, at=city.at)
    drain(at=city.at + 30 * MINUTE)
    assert again(batch).state == "finished"

    for member in (city.rival, city.beneficiary, city.department, city.bank):
        browser = browser_of(member)
        assert batch.name not in browser.get("/batches/").content.decode()
        for rest in ("", "progress/", "faults/", "result/"):
            assert browser.get(f"/batches/{batch.reference}/{rest}").status_code in (403, 404)
        assert browser.get(f"/files/{batch.file.reference}/").status_code == 404
    for member in (city.applicant, city.signer):
        assert lot.name in browser_of(member).get(f"/batches/{batch.reference}/").content.decode()


def test_what_is_sent_back_or_withdrawn_is_its_preparers_alone_again(city: City, browser_of: BrowserOf):
    batch = submitted(city, [row_for(city, "1", by=city.applicant, applicant="")], by=city.applicant)
    here, signer, applicant = f"/batches/{batch.reference}/", browser_of(city.signer), browser_of(city.applicant)
    reads.forget()
    assert signer.get(here).status_code == 200
    reads.flush()
    assert Entry.objects.filter(kind="batch.read").count() == 1

    answer = signer.post(f"{here}return/", {"version": batch.version, "reason": "请分两批。"})

    assert answer["Location"] == "/batches/"
    assert signer.get(here).status_code == 404
    assert "请分两批。" in applicant.get(here).content.decode()
    export = b"".join(applicant.get("/batches/export/").streaming_content)
    sheet = CalamineWorkbook.from_filelike(BytesIO(export)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[2:]] == [batch.name]


def test_views_narrow_the_rows(city: City, browser_of: BrowserOf):
    batch = prepared(city, [row_for(city, "甲"), row_for(city, "乙", amount="很多")])
    browser, here = browser_of(city.manager), f"/batches/{batch.reference}/"

    page = browser.get(f"{here}?view=faulty").content.decode()

    assert "3 / 乙" in page
    assert "2 / 甲" not in page
    assert browser.get(f"{here}?view=nonsense&page=x").status_code == 200
    assert as_csv([]) != b""
