"""Stories and pages: a guarantor puts a type on its shelf; applications are made under its products."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.facts import examine
from xinshu.guarantees.law.review import FAILS, MEETS, UNKNOWN
from xinshu.guarantees.models import Guarantee, Product
from xinshu.guarantees.products.actions import Offer, edit_product, offer_product, take_down_product, write_product
from xinshu.guarantees.products.conditions import Condition, read
from xinshu.guarantees.tests.city import WAN, City
from xinshu.ledger.models import Entry

Browser = Callable[[Member], Client]
SINCE = date(2026, 1, 1)
OFFER = Offer(
    kind="performance", name="履约快保", note="云州企业，当天出函。", least_amount=10 * WAN, most_amount=500 * WAN,
    longest_days=720, offered_from=SINCE, offered_until=None,
    conditions=(Condition("verified", SINCE), Condition("capital", SINCE, least=5_000 * WAN)),
    documents=("近一年审计报告",),
)  # fmt: skip
FORM = {
    "kind": "performance", "name": "履约快保", "note": "当天出函。", "least_amount": "10万元", "most_amount": "500万元",
    "longest_days": "720", "offered_from": "2026-01-01", "documents": "近一年审计报告", "verified": "on",
    "capital": "5000万元", "capital_since": "2026-01-01",
}  # fmt: skip


def offered(city: City, **changes: Any) -> Product:
    assert city.guarantor
    product = write_product(replace(OFFER, **changes), by=city.reviewer, at=city.at)
    return offer_product(product, by=city.signer, at=city.at)


@pytest.mark.parametrize("condition", [*OFFER.conditions, Condition("customer", SINCE, date(2026, 12, 31))])
def test_a_condition_reads_back_as_it_was_written(condition: Condition) -> None:
    assert read(condition.as_json()) == condition


@pytest.mark.parametrize(("value", "met"), [(None, None), (5_000 * WAN, True), (5_000 * WAN - 1, False), (0, False)])
def test_a_condition_answers_three_ways(value: int | None, met: bool | None) -> None:
    assert Condition("capital", SINCE, least=5_000 * WAN).met({"capital": value}) is met


def test_whoever_wrote_a_product_does_not_put_it_on_the_shelf(city: City) -> None:
    assert city.guarantor
    both = city.colleague(city.reviewer, "reviewer")
    product = write_product(OFFER, by=city.reviewer, at=city.at)

    with pytest.raises(NotPermitted):
        offer_product(product, by=both, at=city.at)
    offer_product(product, by=city.signer, at=city.at)

    assert list(Product.objects.visible_to(city.applicant, local_day(city.at))) == [product]


def test_a_product_on_the_shelf_is_not_edited_and_taken_down_is_gone(city: City) -> None:
    product = offered(city)

    with pytest.raises(NotNow):
        edit_product(product, OFFER, by=city.reviewer, at=city.at)
    taken = take_down_product(product, by=city.reviewer, at=city.at, reason="额度用完。")

    assert not Product.objects.visible_to(city.applicant, local_day(city.at)).exists()
    assert list(Product.objects.visible_to(city.signer, local_day(city.at))) == [taken]
    again = edit_product(taken, replace(OFFER, name="履约新保"), by=city.reviewer, at=city.at)
    assert (again.state, again.name) == ("draft", "履约新保")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"name": "快"}, "name"),
        ({"least_amount": 0}, "least_amount"),
        ({"most_amount": 1}, "most_amount"),
        ({"longest_days": 0}, "longest_days"),
        ({"offered_until": date(2025, 1, 1)}, "offered_until"),
        ({"documents": ("甲", "甲")}, "documents"),
        ({"conditions": (Condition("verified", SINCE, date(2025, 1, 1)),)}, "verified_until"),
    ],
)
def test_what_cannot_be_a_product_is_refused_at_its_field(city: City, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        write_product(replace(OFFER, **changes), by=city.reviewer, at=city.at)

    assert field in refusal.value.fields
    assert not Product.objects.exists()


def test_nothing_is_put_on_the_shelf_without_a_price(city: City) -> None:
    product = write_product(OFFER, by=city.reviewer, at=city.at)  # no tariff yet: the house is not in business

    with pytest.raises(Invalid):
        offer_product(product, by=city.signer, at=city.at)


def test_applications_are_made_under_the_only_product(city: City) -> None:
    product = offered(city)

    assert city.draft().product == product
    assert city.draft("advance").product is None  # nothing of that type is on the shelf: the tariff alone holds


def test_of_several_products_one_must_be_chosen(city: City) -> None:
    offered(city)
    offered(city, name="履约大额保", most_amount=5_000 * WAN)

    with pytest.raises(Invalid) as refusal:
        city.draft()

    assert "product" in refusal.value.fields


@pytest.mark.parametrize(
    ("changes", "rule", "verdict"),
    [
        ({}, "product.amount", MEETS),
        ({"most_amount": 199 * WAN}, "product.amount", FAILS),
        ({"least_amount": 201 * WAN}, "product.amount", FAILS),
        ({}, "product.period", MEETS),
        ({"longest_days": 199}, "product.period", FAILS),
        ({}, "product.verified", MEETS),
        ({}, "product.capital", MEETS),
        ({"conditions": (Condition("capital", SINCE, least=8_001 * WAN),)}, "product.capital", FAILS),
        ({}, "documents.complete", UNKNOWN),
    ],
)
def test_the_terms_of_a_product_are_judged_before_submission(
    city: City, changes: dict[str, Any], rule: str, verdict: str
) -> None:
    offered(city, **changes)
    case = city.draft()

    found = {finding.rule: finding.verdict for finding in examine(case, city.at)}

    assert found[rule] == verdict
    if verdict == FAILS:
        with pytest.raises(Invalid):
            submit_application(case, by=city.applicant, at=city.at + timedelta(minutes=2))


def test_a_condition_that_is_not_asked_yet_is_not_judged(city: City) -> None:
    offered(city, conditions=(Condition("capital", date(2027, 1, 1), least=9_000 * WAN),))

    assert "product.capital" not in {finding.rule for finding in examine(city.draft(), city.at)}


# pages


@pytest.mark.req("FS-43")
def test_a_guarantor_puts_a_product_on_the_shelf_and_a_link_leads_to_a_filled_application(
    city: City, browser_of: Browser
) -> None:
    assert city.guarantor
    writer, signer, applicant = browser_of(city.reviewer), browser_of(city.signer), browser_of(city.applicant)
    project = city.project()

    assert writer.post(reverse("guarantees:new_product"), FORM).status_code == 302
    product = Product.objects.get()
    assert applicant.get(reverse("guarantees:product", args=[product.reference])).status_code == 404
    act = reverse("guarantees:product_act", args=[product.reference, "offer"])
    assert writer.post(act, {"version": "1"}).status_code == 403
    assert signer.post(act, {"version": "1"}).status_code == 302

    shelf = applicant.get(reverse("guarantees:shelf")).content.decode()
    assert "履约快保" in shelf
    assert "年费率 1%，每笔最低 300.00 元" in shelf
    brought = {"project": project.reference, "amount": "1500000", "effective_on": "2026-11-22"}
    path = reverse("guarantees:product", args=[product.reference])
    page = applicant.get(path, brought | {"expires_on": "2027-08-01"}).content.decode()
    assert "注册资本不低于 50,000,000.00 元" in page
    assert "data:image/svg+xml" in page
    start = {"product": product.reference, "kind": "performance", "guarantor": city.guarantor.pk, **brought}
    start["expires_on"] = "2027-08-01"
    filled = applicant.get(reverse("guarantees:new"), start).content.decode()
    assert f'value="{product.reference}" selected' in filled
    assert f'value="{project.reference}" selected' in filled
    assert applicant.post(reverse("guarantees:new"), start).status_code == 302

    case = Guarantee.objects.get()
    assert (case.product, case.amount, case.expires_on) == (product, 150 * WAN, date(2027, 8, 1))
    files = applicant.get(reverse("guarantees:step", args=[case.reference, "files"])).content.decode()
    assert "近一年审计报告" in files
    assert list(Entry.objects.filter(kind="product.offered").values_list("subject_id", flat=True)) == [product.pk]
    for kind in ("bid", "advance", "wage"):
        writer.post(reverse("guarantees:new_product"), FORM | {"kind": kind, "name": f"{kind} 快保"})
        other = Product.objects.get(kind=kind)
        signer.post(reverse("guarantees:product_act", args=[other.reference, "offer"]), {"version": "1"})
    shelf = applicant.get(reverse("guarantees:shelf")).content.decode()
    assert all(name in shelf for name in ("履约快保", "bid 快保", "advance 快保", "wage 快保"))


def test_a_fault_is_shown_and_nothing_typed_is_lost(city: City, browser_of: Browser) -> None:
    answer = browser_of(city.reviewer).post(
        reverse("guarantees:new_product"), FORM | {"most_amount": "1万元", "note": "云州企业优先"}
    )

    assert answer.status_code == 422
    assert "最高金额不能低于最低金额" in answer.content.decode()
    assert "云州企业优先" in answer.content.decode()


@pytest.mark.parametrize("junk", ["", "x" * 3000, "-1", "9" * 40])
def test_junk_in_any_field_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    browser = browser_of(city.reviewer)

    for name in FORM:
        assert browser.post(reverse("guarantees:new_product"), FORM | {name: junk}).status_code in (302, 422)


def test_a_taken_down_product_cannot_be_applied_for_by_its_old_link(city: City, browser_of: Browser) -> None:
    product, project = offered(city), city.project()
    take_down_product(product, by=city.reviewer, at=city.at, reason="额度用完。")
    start = {"product": product.reference, "kind": "performance", "guarantor": city.guarantor.pk}

    answer = browser_of(city.applicant).post(reverse("guarantees:new"), start | {"project": project.reference})

    assert answer.status_code in (302, 422)
    assert not Guarantee.objects.filter(product=product).exists()


def test_the_shelf_costs_as_many_queries_for_thirty_products_as_for_one(city: City, browser_of: Browser) -> None:
    offered(city)
    browser, path = browser_of(city.applicant), reverse("guarantees:shelf")
    browser.get(path)
    with CaptureQueriesContext(connection) as one:
        browser.get(path)
    for number in range(29):
        offered(city, name=f"履约快保{number}")
    with CaptureQueriesContext(connection) as thirty:
        browser.get(path)

    assert len(thirty) == len(one)


@pytest.mark.parametrize("who", ["applicant", "beneficiary", "department", "manager", "signer"])
def test_only_those_who_review_write_products(city: City, browser_of: Browser, who: str) -> None:
    assert browser_of(getattr(city, who)).post(reverse("guarantees:new_product"), FORM).status_code == 403
