"""The pages: the firm's own, and the operator's list and review."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.accounts.tests.browsers import signed_in
from xinshu.accounts.tests.conftest import member_with
from xinshu.certification import actions
from xinshu.certification.models import Certification, Item
from xinshu.certification.tests.conftest import AT, NUMBER, Submitting
from xinshu.certification.tests.test_certifying import LATER, _referred
from xinshu.core.clock import moved_to
from xinshu.documents.tests.conftest import PDF

TYPED = {
    "legal_name": "云州新禾建设有限公司", "representative": "李新禾", "number": NUMBER,
    "authorised_from": "2026-01-01", "authorised_until": "2027-01-01",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock():
    with moved_to(LATER):
        yield


def _files() -> dict[str, SimpleUploadedFile]:
    return {
        name: SimpleUploadedFile(f"{name}.pdf", PDF) for name in ("licence", "representative_file", "authorisation")
    }


def test_a_firm_hands_in_on_one_page_and_sees_how_it_stands(clerk: Member) -> None:
    browser = signed_in(clerk)
    assert "开始认证" in browser.get("/certification/").content.decode()

    answer = browser.post("/certification/new/", {**TYPED, "uscc": clerk.organisation.uscc, **_files()}, follow=True)

    assert "正在与登记机关核对" in answer.content.decode()
    assert NUMBER not in answer.content.decode()
    assert Certification.objects.get().state == "checking"


def test_what_was_typed_stays_when_a_file_is_missing(clerk: Member) -> None:
    files = {name: file for name, file in _files().items() if name != "authorisation"}

    answer = signed_in(clerk).post("/certification/new/", {**TYPED, "uscc": clerk.organisation.uscc, **files})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请上传信用信息查询授权书" in page
    assert 'value="李新禾"' in page


def test_an_operator_judges_item_by_item_on_the_page(submitted: Submitting, operator: Member) -> None:
    row, browser = _referred(submitted()), signed_in(operator)
    assert row.legal_name in browser.get("/certifications/").content.decode()

    for item in Item:
        row.refresh_from_db()
        told = {"version": row.version, "accept": "1"}
        assert browser.post(f"/certifications/{row.reference}/{item}/judge/", told).status_code == 302
    row.refresh_from_db()
    answer = browser.post(f"/certifications/{row.reference}/approve/", {"version": row.version}, follow=True)

    assert "已通过认证" in answer.content.decode()


def test_the_files_are_open_to_who_reviews_and_to_nobody_else(
    submitted: Submitting, operator: Member, clerk: Member
) -> None:
    row = submitted()
    path = f"/files/{row.id_file.reference}/"

    assert signed_in(operator).get(path).status_code == 200
    assert signed_in(clerk).get(path).status_code == 200
    colleague = signed_in(member_with("orgadmin", username="colleague", organisation=clerk.organisation))
    assert colleague.get(path).status_code == 404
    assert colleague.get(f"/files/{row.licence_file.reference}/").status_code == 200
    assert signed_in(member_with("reviewer", kind="guarantor")).get(path).status_code == 404


def test_a_return_shows_its_reasons_where_the_firm_mends_them(
    submitted: Submitting, clerk: Member, operator: Member
) -> None:
    row = actions.judge(_referred(submitted()), Item.LICENCE, accept=False, reason="照片有反光", by=operator, at=AT)
    actions.send_back(row, by=operator, at=LATER)

    browser: Client = signed_in(clerk)

    assert "照片有反光" in browser.get("/certification/").content.decode()
    assert "照片有反光" in browser.get("/certification/new/").content.decode()
