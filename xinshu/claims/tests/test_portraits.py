"""A portrait says with source and day what the reader may see; a report freezes it."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from xinshu.accounts.tests.browsers import signed_in
from xinshu.claims.tests.city import ClaimsCity
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Unknown
from xinshu.core.sm import sm3
from xinshu.documents.blobs import read_blob
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.models import Entry
from xinshu.portraits.chapters import portrait_of
from xinshu.portraits.models import Report
from xinshu.portraits.reports import issue_report


@pytest.fixture
def enterprise(city: ClaimsCity) -> Enterprise:
    made = enterprise_of(city.applicant.organisation)
    city.make_customer(made.organisation)
    licence = Origin(source=RecordField.Source.LICENCE)
    told = {"registered_capital": "800000000000", "legal_representative": "刘建国", "established_on": "2011-04-18"}
    enter_fields(made, told, by=city.applicant, at=city.at, origin=licence)
    enter_fields(
        made, {"legal_representative": "刘恒"}, by=city.applicant, at=city.at + timedelta(days=1), origin=licence
    )
    return made


def test_every_sentence_has_its_source_and_its_day(enterprise: Enterprise, city: ClaimsCity) -> None:
    portrait = portrait_of(enterprise, city.manager, city.at + timedelta(days=2))

    sentences = [line for one in portrait.written for line in one.said.sentences]
    assert {line.text: line.source for line in sentences}["法定代表人：刘恒"] == "营业执照"
    assert all(line.source and line.as_of for line in sentences)


def test_what_changed_stands_on_the_time_line(enterprise: Enterprise, city: ClaimsCity) -> None:
    events = portrait_of(enterprise, city.manager, city.at + timedelta(days=2)).events

    assert ("法定代表人变更", "刘建国 → 刘恒") in {(event.title, event.text) for event in events}
    assert [event.on for event in events] == sorted((event.on for event in events), reverse=True)


def test_business_is_told_to_its_parties_and_a_bid_guarantee_to_nobody_else(
    enterprise: Enterprise, city: ClaimsCity
) -> None:
    city.in_force(amount=50_000_000)
    secret = city.in_force("bid")

    own, other = (
        portrait_of(enterprise, member, city.at + timedelta(hours=3)) for member in (city.manager, city.rival)
    )

    assert any("履约保函累计 1 笔" in line.text for one in own.written for line in one.said.sentences)
    assert str(secret.number) not in str(other)
    assert not [one for one in other.written if one.chapter.code == "guarantees"]


def test_a_claim_that_was_paid_is_told_and_asks_for_a_person(enterprise: Enterprise, city: ClaimsCity) -> None:
    city.paid()

    portrait = portrait_of(enterprise, city.manager, city.day(9))

    assert ("danger", "有代偿") in portrait.tags
    assert "有代偿未收回，新的申请请由人审批。" in portrait.advice


@pytest.mark.req("CS-55")
def test_a_report_is_frozen_proven_and_listed(enterprise: Enterprise, city: ClaimsCity) -> None:
    at = city.at + timedelta(days=2)
    report = issue_report(enterprise, by=city.manager, at=at)
    enter_fields(enterprise, {"legal_representative": "周敏"}, by=city.applicant, at=at, source="licence")

    kept = Report.objects.get(pk=report.pk)
    assert "法定代表人：刘恒" in str(kept.content)
    assert (
        sm3(canonical_json(kept.content).encode()).hex()
        == kept.sm3
        == Entry.objects.get(kind="portrait.reported").data["sm3"]
    )
    pages = PdfReader(BytesIO(read_blob(kept.file.blob))).pages
    words = "".join(page.extract_text() for page in pages).replace("\n", "")
    assert all(part in words for part in ("法定代表人：刘恒", "营业执照", kept.number, "建议"))
    browser = signed_in(city.manager)
    with moved_to(at):
        assert kept.number in browser.get("/reports/").content.decode()
        assert kept.number not in browser.get("/reports/?q=没有").content.decode()
        sheet = browser.get("/reports/export/")
    assert sheet.status_code == 200
    assert b"".join(sheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_reports_are_the_houses_own_and_firms_of_others_are_unknown(enterprise: Enterprise, city: ClaimsCity) -> None:
    report = issue_report(enterprise, by=city.manager, at=city.at)

    with pytest.raises(Unknown):
        issue_report(enterprise, by=city.rival, at=city.at)
    assert signed_in(city.rival).get(f"/enterprises/{enterprise.reference}/portrait/").status_code == 404
    assert signed_in(city.rival).get(f"/files/{report.file.reference}/").status_code == 404


def test_the_page_shows_it_and_makes_a_report(enterprise: Enterprise, city: ClaimsCity) -> None:
    browser, path = signed_in(city.manager), f"/enterprises/{enterprise.reference}/"
    with moved_to(city.at + timedelta(days=2)):
        page = browser.get(f"{path}portrait/").content.decode()
        answer = browser.post(f"{path}report/", follow=True).content.decode()

    assert "刘恒" in page
    assert "依据" in page
    assert "已出具报告" in answer
