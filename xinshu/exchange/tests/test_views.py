"""Pages of supervision, submissions and verification, and the doors at which receiving systems ring."""

import io
import json
from datetime import timedelta

import pytest
import python_calamine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.core.clock import moved_to
from xinshu.exchange.actions.verifying import words_of
from xinshu.exchange.adapters.iso20022 import mapping as tables
from xinshu.exchange.models import Verification
from xinshu.exchange.reading import MOST, read_numbers
from xinshu.guarantees.tests.systems import System
from xinshu.projects.models import SupervisionPlan

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def sent(city, receivers):
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
    [row] = receivers.all()
    return row


def sheet(*rows):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            page.write(line, column, value)
    book.close()
    return content.getvalue()


def upload(browser, content, name="清单.xlsx"):
    return browser.post("/verifications/", {"file": SimpleUploadedFile(name, content)})


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    return python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


# submissions


def test_guarantor_applicant_and_receiver_find_the_message_and_others_do_not(city, sent, browser_of):
    for who in ("manager", "applicant", "department"):
        assert str(sent.guarantee.number) in browser_of(getattr(city, who)).get("/submissions/").content.decode()
        assert browser_of(getattr(city, who)).get(f"/submissions/{sent.reference}/").status_code == 200
    for who in ("other_department", "rival", "beneficiary", "bank"):
        browser = browser_of(getattr(city, who))
        assert str(sent.guarantee.number) not in browser.get("/submissions/").content.decode()
        assert browser.get(f"/submissions/{sent.reference}/").status_code == 404
    assert browser_of(city.operator).get("/submissions/").status_code == 403


def test_the_department_files_or_returns_on_the_page_and_the_guarantor_sends_again(city, sent, browser_of):
    department, manager = browser_of(city.department), browser_of(city.manager)
    path = f"/submissions/{sent.reference}/"

    assert department.post(f"{path}return/", {"version": sent.version, "reason": ""}).status_code == 422
    department.post(f"{path}return/", {"version": sent.version, "reason": "受益人名称有误"})
    sent.refresh_from_db()
    assert (sent.state, sent.answer) == ("returned", "受益人名称有误")
    assert "受益人名称有误" in manager.get(path).content.decode()
    assert manager.post(f"{path}resend/", {"version": 1}).status_code == 409  # somebody changed it meanwhile
    manager.post(f"{path}resend/", {"version": sent.version})
    sent.refresh_from_db()
    assert sent.state == "waiting"
    assert department.post(f"{path}nonsense/", {"version": sent.version}).status_code == 404


def test_the_guarantee_s_page_shows_what_was_reported(city, sent, browser_of):
    page = browser_of(city.manager).get(f"/guarantees/{sent.guarantee.reference}/").content.decode()

    assert "监管报送" in page
    assert sent.receipt in page
    assert (
        "监管报送</h2>"
        not in browser_of(city.beneficiary).get(f"/guarantees/{sent.guarantee.reference}/").content.decode()
    )


def test_what_the_list_shows_is_what_the_workbook_holds(city, sent, browser_of):
    answer = browser_of(city.manager).get("/submissions/export/?state=submitted")

    _mark, head, row = rows_of(answer)
    assert dict(zip(head, row, strict=True))["回执编号"] == sent.receipt
    assert len(rows_of(browser_of(city.manager).get("/submissions/export/?state=returned"))) == 2


@pytest.mark.parametrize(
    "query", ["?page=999", "?state=nonsense", "?since=yesterday", "?view=%F0", "?event=x&until=2026-13-01"]
)
def test_nonsense_in_the_address_is_passed_over(sent, city, browser_of, query):
    assert browser_of(city.manager).get(f"/submissions/{query}").status_code == 200


def test_thirty_messages_take_no_more_queries_than_one(city, receivers, browser_of):
    browser = browser_of(city.manager)
    counts = []
    with receivers.open("iso20022"):
        for more in (1, 3):
            for _time in range(more):
                city.in_force(by=city.rival, amount=100_000)
            receivers.work()
            browser.get("/submissions/")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                browser.get("/submissions/")
            counts.append(len(queries))

    assert counts[0] == counts[1]


# the interface


@pytest.mark.req("EP-20")
def test_the_department_s_system_acknowledges_and_decides_through_the_signed_door(city, receivers, clock):
    receivers.iso.moods = ["silent"]
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
    system = System.of(city.department, city.colleague(city.department, "orgadmin"), city.at)

    [told] = system.get("/api/v1/submissions").json()["items"]
    assert (told["state"], [act["action"] for act in told["actions"]]) == ("sent", ["receipt", "file", "return"])
    path = f"/api/v1/submissions/{told['reference']}/actions"
    taken = system.post(f"{path}/receipt", {"version": told["version"], "receipt": "住建备-1"}).json()
    assert (taken["state"], taken["receipt"]) == ("submitted", "住建备-1")
    again = system.post(f"{path}/receipt", {"version": taken["version"], "receipt": "住建备-1"})
    assert again.status_code == 200
    filed = system.post(f"{path}/file", {"version": taken["version"], "reason": "同意备案"}).json()
    assert (filed["state"], filed["answer"]) == ("filed", "同意备案")
    assert system.post(f"{path}/return", {"version": filed["version"], "reason": "x"}).status_code == 409


# doors of receiving systems


def test_a_status_report_of_the_receiver_moves_the_message(city, receivers, clock):
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
        [row] = receivers.all()
        report = receivers.iso.report(tables.STATUS, "tsrv.001.001.01", row.message, "ACCP", "同意备案")
        wrong = receivers.iso.signed(
            receivers.iso.report(tables.STATUS, "tsrv.001.001.01", row.message, "REJT"), "wrong_signature"
        )
        door = "/receivers/iso20022/reports/"

        refused = Client().post(door, wrong, content_type="application/xml")
        taken = Client().post(door, receivers.iso.signed(report), content_type="application/xml")
        again = Client().post(
            door,
            receivers.iso.signed(
                receivers.iso.report(tables.STATUS, "tsrv.001.001.01", row.message, "ACCP", "同意备案")
            ),
            content_type="application/xml",
        )

    assert (refused.status_code, taken.status_code, again.status_code) == (400, 204, 204)
    row.refresh_from_db()
    assert (row.state, row.answer) == ("filed", "同意备案")


def test_a_result_in_its_envelope_is_taken_at_the_bank_s_door(city, receivers):
    city.in_force()
    with receivers.open("bank_bid"):
        receivers.work()
        envelope = json.dumps(receivers.bank.outbox.pop())
        with moved_to(receivers.moment):
            first = Client().post("/receivers/bank-bid/results/", envelope, content_type="application/json")
            second = Client().post("/receivers/bank-bid/results/", envelope, content_type="application/json")

    [row] = receivers.all()
    assert (first.status_code, second.status_code, row.state) == (200, 400, "submitted")


@pytest.mark.parametrize(
    "door",
    [
        "/receivers/nobody/results/",
        "/receivers/iso20022/results/",
        "/receivers/bank-bid/reports/",
        "/receivers/iso20022/reports/",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"<a/>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"[" * 50_000,
        b"x" * 600_000,
    ],
    ids=repr,
)
def test_nonsense_at_the_doors_is_refused_in_words(receivers, clock, door, body):
    with receivers.open():
        answer = Client().post(door, body, content_type="application/octet-stream")

    assert answer.status_code == 400
    assert answer.content
    assert Client().get(door).status_code == 405


# supervision


def test_two_people_make_a_plan_on_the_pages(city, browser_of):
    city.in_force()
    assert city.department  # has its region, as long as there is no plan
    operator, second = browser_of(city.operator), browser_of(city.colleague(city.operator, "secadmin"))
    operator.post("/supervision/")
    case = SupervisionPlan.objects.get()
    path = f"/supervision/{case.reference}/"
    [row] = case.rows.all()

    assert (
        operator.post(
            f"{path}rows/", {"version": 1, "department": city.other_department.organisation_id, "region_code": "99"}
        ).status_code
        == 422
    )
    operator.post(
        f"{path}rows/",
        {
            "version": 1,
            "department": city.other_department.organisation_id,
            "region_code": "990100",
            "kinds": ["performance"],
        },
    )
    operator.post(f"{path}rows/{row.pk}/remove/", {"version": 2})
    page = operator.get(path).content.decode()
    assert "新增 1 份" in page
    assert "减少 1 份" in page
    assert case.rows.get().department == city.other_department.organisation
    answer = operator.post(f"{path}submit/", {"version": 3, "basis": "云建〔2026〕7 号", "valid_from": ""})
    assert "云建〔2026〕7 号" in answer.content.decode()  # nothing typed is lost
    operator.post(
        f"{path}submit/",
        {"version": 3, "basis": "云建〔2026〕7 号", "valid_from": f"{city.at + timedelta(days=1):%Y-%m-%dT%H:%M}"},
    )
    assert operator.post(f"{path}approve/", {"version": 4}).status_code == 403
    listed = rows_of(second.get(f"{path}impact/"))
    assert len(listed) == 3
    second.post(f"{path}approve/", {"version": 4})

    case.refresh_from_db()
    assert case.state == "approved"
    assert "云建〔2026〕7 号" in operator.get("/supervision/").content.decode()


def test_who_arranges_supervision_reads_no_business(city, browser_of):
    case = city.in_force()
    assert city.department  # has its region, as long as there is no plan
    browser = browser_of(city.operator)
    browser.post("/supervision/")
    plan = SupervisionPlan.objects.get()
    row = plan.rows.first()
    browser.post(f"/supervision/{plan.reference}/rows/{row.pk}/remove/", {"version": 1})

    text = browser.get(f"/supervision/{plan.reference}/").content.decode()

    assert "无人归口" in text
    for word in (case.number, case.reference, case.applicant.name, case.project.name, case.beneficiary.name):
        assert word not in text


def test_a_department_sees_its_own_lines_and_no_plan(city, browser_of):
    city.department, city.other_department  # noqa: B018  both exist
    browser_of(city.operator).post("/supervision/")
    plan = SupervisionPlan.objects.get()
    page = browser_of(city.department).get("/supervision/").content.decode()

    assert "990100" in page
    assert "990200" not in page
    assert browser_of(city.department).get(f"/supervision/{plan.reference}/").status_code == 404
    assert browser_of(city.department).post("/supervision/").status_code == 403
    assert browser_of(city.manager).get("/supervision/").status_code == 403


# verification


@pytest.mark.req("EP-09")
def test_a_department_verifies_a_file_of_numbers_and_takes_the_result_away(city, browser_of):
    genuine, away = city.in_force(sealed=True), city.in_force(sealed=True, project=city.project(region_code="880100"))
    secret = city.in_force("bid", sealed=True)
    wrong = f"{(int(genuine.verify_code) + 1) % 1_000_000:06d}"
    browser = browser_of(city.department)
    content = sheet(
        ["保函编号", "验证码"], [genuine.number, genuine.verify_code], [genuine.number.lower()],
        [genuine.number, wrong],
        [away.number], [secret.number], ["LY20200101-ABCDEFGH"], ["随便写的"], [genuine.number], [genuine.number, "12"],
    )  # fmt: skip

    answer = upload(browser, content)

    batch = Verification.objects.get()
    assert answer["Location"] == f"/verifications/{batch.reference}/"
    outcomes = [(row["line"], words_of(row["outcome"])[0]) for row in batch.rows]
    assert outcomes == [
        (2, "真实有效"), (3, "真实有效"), (4, "没有查到"), (5, "真实有效"), (6, "没有查到"), (7, "没有查到"),
        (8, "没有读懂"), (9, "与前面重复"), (10, "没有查到"),
    ]  # fmt: skip
    assert batch.rows[0]["applicant"] == "云州恒达路桥工程有限公司"  # whoever has the code reads whole names
    assert batch.rows[1]["applicant"] == "云**"
    assert (batch.rows[0]["reference"], batch.rows[3]["reference"]) == (genuine.reference, "")  # away: not ours to open
    page = browser.get(answer["Location"]).content.decode()
    assert genuine.number in page
    listed = rows_of(browser.get(f"{answer['Location']}export/"))
    assert [row[2] for row in listed[2:]] == [words for _line, words in outcomes]


def test_numbers_are_read_from_csv_in_either_encoding_and_with_lost_zeros():
    text = "编号,验证码\nLY20261121-ABCDEFGH,42\n\nty20261121-23456789\t\n"

    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        asked = read_numbers(text.replace("\t", "").encode(encoding), "a.csv")
        assert [(one.line, one.number, one.code) for one in asked] == [
            (2, "LY20261121-ABCDEFGH", "000042"),
            (4, "TY20261121-23456789", ""),
        ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.xlsx"), (b"PK\x03\x04nonsense", "a.xlsx"), (b"%PDF-1.4", "a.pdf"), (b"\0\0", "a.csv"),
        (b"\xff\xff", "a.csv"),
        ("没有编号\n".encode(), "a.csv"), (sheet(["编号"]), "a.xlsx"), (sheet(["LY20261121-ABCDEFGH"]), "a.docx"),
        (b"LY20261121-ABCDEFGH\n" * (MOST + 1), "a.csv"), (b"LY20261121-ABCDEFGH", "..a?.csv"),
        (b'"' + b"a" * 200_000, "a.csv"),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_words_and_kept_nowhere(city, browser_of, content, name):
    answer = upload(browser_of(city.department), content, name)

    assert answer.status_code == 422
    assert not Verification.objects.exists()


def test_batches_are_the_department_s_own(city, browser_of):
    upload(browser_of(city.department), b"LY20261121-ABCDEFGH\n", "a.csv")
    batch = Verification.objects.get()

    assert browser_of(city.other_department).get(f"/verifications/{batch.reference}/").status_code == 404
    assert "a.csv" not in browser_of(city.other_department).get("/verifications/").content.decode()
    for who in ("manager", "beneficiary", "operator"):
        assert browser_of(getattr(city, who)).get("/verifications/").status_code == 403


def test_guessing_codes_line_by_line_is_stopped(city, browser_of):
    case = city.in_force()
    lines = "\n".join(f"{case.number},{code:06d}" for code in range(1, 30) if f"{code:06d}" != case.verify_code)

    upload(browser_of(city.department), lines.encode(), "a.csv")

    outcomes = [row["outcome"] for row in Verification.objects.get().rows]
    assert outcomes[:10] == ["unknown"] * 10
    assert set(outcomes[10:]) == {"stopped"}
