"""Pages: who sees which house, filing and confirming in the browser, versions, Excel, junk."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.guarantors.actions import confirm_filing, file_qualification, file_scope
from xinshu.guarantors.models import Qualification, Scope
from xinshu.guarantors.tests.conftest import LICENCE, SCOPE, Town
from xinshu.guarantors.tests.test_filings import PDF
from xinshu.ledger.models import Entry

FORM = {
    "kind": "guaranty", "certificate": "云融担证 0001 号", "authority": "云州市地方金融管理局",
    "valid_from": "2024-01-01", "valid_until": "2026-12-10",
}  # fmt: skip
SCOPED = {
    "kind": "performance", "region_code": "9901", "most_amount": "5000万元", "annual_rate": "1.2",
    "valid_from": "2024-01-01", "valid_until": "",
}  # fmt: skip


@pytest.mark.req("EP-04")
def test_a_house_files_its_licence_and_the_operator_confirms_it(town: Town, browser_of: Any) -> None:
    house, first = browser_of(town.reviewer), browser_of(town.first)

    scan = SimpleUploadedFile("许可证.pdf", PDF, "application/pdf")
    assert house.post(reverse("guarantors:new_qualification"), FORM | {"file": scan}).status_code == 302
    filed = Qualification.objects.get()
    act = reverse("guarantors:qualification_act", args=[filed.reference, "confirm_filing"])
    refused = house.post(act, {"version": filed.version})
    waiting = first.get(reverse("guarantors:list")).content.decode()
    page = first.get(reverse("guarantors:qualification", args=[filed.reference])).content.decode()
    confirmed = first.post(act, {"version": filed.version})

    assert refused.status_code == 403
    assert "等确认" in waiting
    assert "许可证.pdf" in page
    assert filed.file is not None
    assert first.get(reverse("documents:file", args=[filed.file.reference])).status_code == 200
    assert confirmed.status_code == 302
    listed = first.get(reverse("guarantors:list")).content.decode()
    assert "即将到期" in listed
    assert "2026-12-10 到期" in listed
    assert "登记新版本" in house.get(reverse("guarantors:qualification", args=[filed.reference])).content.decode()
    next_one = house.get(reverse("guarantors:new_qualification"), {"replaces": filed.reference}).content.decode()
    assert 'value="云融担证 0001 号"' in next_one
    path = f"{reverse('guarantors:new_qualification')}?replaces={filed.reference}"
    assert house.post(path, FORM | {"valid_until": ""}).status_code == 302
    assert Qualification.objects.get(replaces=filed).state == "draft"


def test_a_scope_is_filed_edited_and_confirmed_by_another(town: Town, browser_of: Any) -> None:
    first, second = browser_of(town.first), browser_of(town.second)

    assert first.post(f"{reverse('guarantors:new_scope')}?house={town.house.pk}", SCOPED).status_code == 302
    filed = Scope.objects.get()
    edit = reverse("guarantors:edit_scope", args=[filed.reference])
    shown = first.get(edit).content.decode()
    first.post(edit, SCOPED | {"annual_rate": "1.5", "version": "1"})
    act = reverse("guarantors:scope_act", args=[filed.reference, "confirm_filing"])
    second.post(act, {"version": "2"})

    assert 'value="50,000,000.00"' in shown
    assert 'value="1.2"' in shown
    filed.refresh_from_db()
    assert (filed.state, filed.most_amount, str(filed.annual_rate)) == ("confirmed", 5_000_000_000, "0.015000")
    page = second.get(f"{reverse('guarantors:list')}?house={town.house.pk}").content.decode()
    assert "业务范围：履约保函" in page
    assert "报备年费率 1.5%" in page


def test_a_house_sees_itself_only_and_others_nothing(town: Town, browser_of: Any) -> None:
    other = town.organisation("江北担保有限公司", "guarantor")
    theirs = file_qualification(other, LICENCE, by=town.first, at=town.at)
    applicant = town.member("app", town.organisation("云州建设有限公司", "enterprise"), "applicant")
    house = browser_of(town.reviewer)

    own = house.get(reverse("guarantors:list")).content.decode()

    assert town.house.name in own
    assert other.name not in own
    assert house.get(f"{reverse('guarantors:list')}?house={other.pk}").content.decode().count(other.name) == 0
    assert house.get(reverse("guarantors:qualification", args=[theirs.reference])).status_code == 404
    assert browser_of(applicant).get(reverse("guarantors:list")).status_code == 403
    assert browser_of(applicant).get(reverse("guarantors:qualification", args=[theirs.reference])).status_code == 404


def test_houses_leave_as_excel(town: Town, browser_of: Any) -> None:
    filed = file_qualification(town.house, LICENCE | {"valid_until": date(2026, 1, 1)}, by=town.first, at=town.at)
    confirm_filing(filed, by=town.second, at=town.at)

    answer = browser_of(town.first).get(reverse("guarantors:export"))

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    rows = {row[0]: row for row in book.get_sheet_by_index(0).to_python()}
    assert rows[town.house.name][1:3] == ["停止受理", "融资担保业务经营许可证已于 2026-01-01 到期"]
    assert Entry.objects.filter(kind="guarantors.exported").exists()


def test_a_fault_is_shown_and_nothing_typed_is_lost(town: Town, browser_of: Any) -> None:
    answer = browser_of(town.reviewer).post(
        reverse("guarantors:new_qualification"), FORM | {"valid_until": "2020-01-01", "authority": "某某局某某处"}
    )

    assert answer.status_code == 422
    assert "截止日期不能早于开始日期" in answer.content.decode()
    assert "某某局某某处" in answer.content.decode()


@pytest.mark.parametrize("junk", ["", "x" * 3000, "-1", "9" * 40, "²", "NaN"])
def test_junk_in_any_field_is_an_answer_never_a_crash(town: Town, browser_of: Any, junk: str) -> None:
    house, first = browser_of(town.reviewer), browser_of(town.first)

    for form, page in ((FORM, "guarantors:new_qualification"), (SCOPED, "guarantors:new_scope")):
        for name in form:
            assert house.post(reverse(page), form | {name: junk}).status_code in (302, 422)
        for name in ("house", "replaces"):
            assert first.get(reverse(page), {name: junk}).status_code in (200, 404)
    for name in ("house", "q"):
        assert first.get(reverse("guarantors:list"), {name: junk}).status_code in (200, 404)


def test_thirty_houses_cost_as_many_queries_as_two(town: Town, browser_of: Any) -> None:
    browser, path = browser_of(town.first), reverse("guarantors:list")

    def more(number: int) -> None:
        house = town.organisation(f"担保{number:02d}", "guarantor")
        confirm_filing(file_qualification(house, LICENCE, by=town.first, at=town.at), by=town.second, at=town.at)
        confirm_filing(file_scope(house, SCOPE, by=town.first, at=town.at), by=town.second, at=town.at)

    more(1)
    browser.get(path)
    with CaptureQueriesContext(connection) as two:
        browser.get(path)
    for number in range(2, 30):
        more(number)
    with CaptureQueriesContext(connection) as thirty:
        browser.get(path)

    assert len(thirty) == len(two)
