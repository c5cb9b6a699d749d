"""Records by Excel: read whole, checked whole, previewed, taken in by the worker; what contradicts stands aside."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.enterprises.actions import enter_fields, take_customer
from xinshu.enterprises.importing.actions import discard_import, prepare_import, start_import, take_in
from xinshu.enterprises.importing.reading import MOST, lines_of, read_line
from xinshu.enterprises.models import Enterprise, ImportRow, RecordField, RecordImport
from xinshu.enterprises.queries import record_of
from xinshu.enterprises.tests.conftest import member_of
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

HEAD = "企业名称,统一社会信用代码,从业人数,注册资本（元）,成立日期,经办人手机\n"


def sheet(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows)).encode()


@pytest.fixture
def arranger(guarantor: Organisation) -> Member:
    return member_of(guarantor, "reviewer")


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        ("registered_capital", "5,000万元", "5000000000"),
        ("staff_count", "1,860人", "1860"),
        ("established_on", "2009年6月8日", "2009-06-08"),
        ("uscc", " 91330100ma2h12345x ", None),
        ("contact_phone", "138****6021", None),
        ("staff_count", "很多", None),
        ("established_on", "2009-02-30", None),
    ],
)
def test_a_cell_is_read_as_its_field_is_kept_or_left_alone_or_refused(code: str, typed: str, value: str | None) -> None:
    line = read_line(2, {code: typed})

    assert line.values.get(code) == value
    assert bool(line.faults) == (value is None and "*" not in typed)


@pytest.mark.parametrize(
    "content", [b"", "甲,乙\n1,2\n".encode(), HEAD.encode(), sheet(*["甲公司,,1"] * (MOST + 1)), b"\0\1"]
)
def test_a_file_without_rows_or_known_headings_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        lines_of(content, "表.csv")
    assert "file" in refused.value.fields


def test_a_row_of_nobody_and_a_firm_twice_are_faults_and_nothing_is_taken_in(
    enterprise: Enterprise, customer: None, arranger: Member, at: datetime
) -> None:
    name = enterprise.organisation.name
    one = prepare_import(sheet(f"{name},,12", "云州无名有限公司,,5", f"{name},,13"), "表.csv", by=arranger, at=at)

    assert (one.state, one.row_count, one.fault_count) == ("faulty", 3, 3)
    with pytest.raises(Exception, match="不能"):
        start_import(one, by=arranger, at=at)
    assert not RecordField.objects.exists()


def test_what_is_new_comes_in_and_what_contradicts_stands_aside(
    enterprise: Enterprise, customer: None, arranger: Member, clerk: Member, at: datetime
) -> None:
    enter_fields(enterprise, {"staff_count": "100"}, by=clerk, at=at)
    later = at + timedelta(days=1)
    row = f"{enterprise.organisation.name},,120,5000万,2009-06-18,138****6021"
    one = prepare_import(sheet(row), "三季度.csv", by=arranger, at=later)
    assert sorted(ImportRow.objects.get().brings) == [
        ["established_on", "new"], ["registered_capital", "new"], ["staff_count", "aside"]]  # fmt: skip

    start_import(one, by=arranger, at=later)
    with moved_to(later):
        drain(at=later)

    one.refresh_from_db()
    told = ImportRow.objects.get()
    assert (one.state, told.state, told.entered, told.aside) == ("finished", "done", 2, 1)
    record = {view.code: view for view in record_of(enterprise.organisation, local_day(later))}
    assert (record["staff_count"].value, record["registered_capital"].value) == ("100", "5000000000")
    assert record["registered_capital"].source.startswith("批量导入：三季度.csv，")
    assert [rival.value for rival in enterprise.fields.contradicting()] == ["120"]
    notice = Notice.objects.get(member=arranger)
    assert notice.text == "资料导入“三季度.csv”已完成：1 家已写入，0 家没有写入，1 家有不一致待决定。"


def test_rows_are_taken_in_turns_and_a_second_worker_finds_them_done(
    guarantor: Organisation, manager: Member, arranger: Member, at: datetime
) -> None:
    firms = [Organisation.objects.create(name=f"云州第{n}建设有限公司", kind="enterprise") for n in range(3)]
    for firm in firms:
        take_customer(firm, manager=manager, by=SYSTEM, at=at)
    one = prepare_import(
        sheet(*[f"{firm.name},,{n + 5}" for n, firm in enumerate(firms)]), "表.csv", by=arranger, at=at
    )
    start_import(one, by=arranger, at=at)

    left = [take_in(one.pk, at=at, rows=2) for _turn in range(3)]

    assert left == [True, False, False]
    assert RecordField.objects.filter(code="staff_count").count() == 3
    assert RecordImport.objects.get().state == "finished"


def test_only_who_may_imports_and_only_the_own_house_sees_it(
    enterprise: Enterprise, customer: None, arranger: Member, manager: Member, stranger: Member, at: datetime
) -> None:
    content = sheet(f"{enterprise.organisation.name},,12")
    for by in (manager, stranger):
        with pytest.raises(NotPermitted):
            prepare_import(content, "表.csv", by=by, at=at)
    one = prepare_import(content, "表.csv", by=arranger, at=at)
    other = member_of(stranger.organisation, "reviewer")

    assert [RecordImport.objects.visible_to(by).count() for by in (arranger, other)] == [1, 0]
    assert discard_import(one, by=arranger, at=at).state == "discarded"


def test_from_the_upload_to_the_faults_and_the_import_on_the_pages(
    enterprise: Enterprise, customer: None, arranger: Member, browser_of: Callable[[Member], Client], at: datetime
) -> None:
    browser = browser_of(arranger)
    name = enterprise.organisation.name

    def send(content: bytes) -> Any:
        return browser.post("/enterprises/imports/new/", {"file": SimpleUploadedFile("表.csv", content)})

    assert send("甲,乙\n1,2".encode()).status_code == 422
    assert browser.post("/enterprises/imports/new/", {}).status_code == 422
    wrong = send(sheet(f"{name},,很多", "云州无名有限公司,,5")).headers["Location"]
    assert "请填写整数" in browser.get(wrong).content.decode()
    answer = browser.get(f"{wrong}faults/")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    assert sum("从业人数：请填写整数。" in row for row in rows) == 1
    right = send(sheet(f"{name},,37")).headers["Location"]
    assert "从业人数" in browser.get(right).content.decode()
    browser.post(f"{right}start_import/", {"version": "1"})
    assert "已处理 0 / 1 家" in browser.get(f"{right}progress/").content.decode()
    drain()

    done = browser.get(f"{right}progress/")

    assert (done.headers["HX-Refresh"], "已处理 1 / 1 家" in done.content.decode()) == ("true", True)
    assert browser.get("/enterprises/imports/template/").status_code == 200
    assert browser.get("/enterprises/imports/").content.decode().count("表.csv") >= 2
