"""One search for everything: a customer by its initials with what is theirs, and files by what is written in them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.documents.searching.keeping import keep, written
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.tests.city import City
from xinshu.ledger.worker import drain


@pytest.mark.req("BH-08")
@pytest.mark.django_db
def test_one_search_brings_the_customer_with_what_is_theirs_and_files_by_what_is_written_in_them(
    city: City, browser_of: Callable[[Member], Client]
) -> None:
    case = city.in_force("performance")
    drain()
    paper = keep_file(PDF, "施工合同.pdf", case.applicant, city.applicant, city.at, subject=case)
    keep([written(paper, [["第一页"], ["缺陷责任期二十四个月，质量保证金百分之三"]], city.at)])
    browser, page = browser_of(city.manager), reverse("enterprises:find")
    home = reverse("guarantees:detail", args=[case.reference])

    asked = ("yzhd", case.applicant.name[2:6], "缺陷责任", "质量", case.project.name, case.number or "")
    answers = {q: browser.get(page, {"q": q}).text for q in asked}
    by_buyer = browser_of(city.beneficiary).get(page, {"q": case.project.name}).text

    for q in ("yzhd", case.applicant.name[2:6]):
        assert case.applicant.name in answers[q]
        assert home in answers[q]
    assert "<mark>质量</mark>保证金" in answers["质量"]
    assert "第 2 页" in answers["缺陷责任"]
    assert home in answers["缺陷责任"]  # the case that it belongs to
    assert home in answers[case.project.name]
    assert reverse("projects:detail", args=[case.project.reference]) in by_buyer
    assert home in answers[case.number or ""]


@pytest.mark.django_db
def test_a_letter_is_found_by_its_clauses_without_being_opened_again(
    city: City, browser_of: Callable[[Member], Client], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_asked: object, **_named: object) -> None:
        raise AssertionError("the platform wrote this letter itself")

    settings.READ_FILES = True
    monkeypatch.setattr("xinshu.documents.searching.keeping.pages_of", opened)
    case = city.in_force("performance")
    drain()
    assert case.letter is not None

    page = browser_of(city.manager).get(reverse("enterprises:find"), {"q": "连带责任保证"}).text

    assert case.letter.file.reference in page
    assert "<mark>连带责任保证</mark>" in page
