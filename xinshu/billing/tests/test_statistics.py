"""Statistics agree with the register behind every row, and count nothing that is secret from who asks."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.billing.statistics import DIMENSIONS, of_this_year, statistics, total
from xinshu.guarantees.forms import FiltersForm
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import Filters, register
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


@pytest.fixture
def year(city: City) -> Filters:
    """Return this year's filters, with guarantees of every sort in the city."""
    city.in_force()
    city.in_force("bid", by=city.rival)
    city.exhausted()
    city.released()
    city.in_force(project=city.project(region_code="990201"))
    city.fee_due()  # is not issued: counts nowhere
    return of_this_year(Filters(), city.at)


def behind(url: str, member: Member, city: City) -> list[Guarantee]:
    """Return the rows that the register shows at a row's address, read as the page reads it."""
    form = FiltersForm(dict(re.findall(r"(\w+)=([^&]*)", unescape_url(url))))
    assert form.is_valid(), form.errors
    told = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    return list(register(member, city.at, Filters(**told)))


def unescape_url(url: str) -> str:
    from urllib.parse import unquote_plus

    return unquote_plus(unescape(url.partition("?")[2]))


@pytest.mark.parametrize("by", DIMENSIONS)
def test_every_row_sums_exactly_the_register_s_rows_behind_it(city: City, year: Filters, by: str) -> None:
    for member in (city.reviewer, city.applicant, city.beneficiary):
        rows = statistics(member, city.at, year, by)
        for row in [*rows, total(member, city.at, year)]:
            cases = behind(row.url, member, city)
            live = [case for case in cases if case.state == "in_force"]
            mine = [c for c in cases if member.organisation_id in (c.applicant_id, c.guarantor_id)]
            assert row.number == len(cases), (member, row)
            assert row.face == sum(case.first_amount or 0 for case in cases)
            assert (row.live_number, row.live) == (len(live), sum(c.available_amount + c.reserved_amount for c in live))
            assert row.paid == sum(case.paid_amount for case in cases)
            assert row.fee == sum(case.fee_amount or 0 for case in mine)
        assert sum(row.number for row in rows) == total(member, city.at, year).number > 0


def test_a_bid_guarantee_before_the_opening_is_counted_for_its_parties_only(city: City, year: Filters) -> None:
    counted = {
        who: {row.label: row.number for row in statistics(getattr(city, who), city.at, year, "kind")}.get("投标保函", 0)
        for who in ("rival", "reviewer", "beneficiary", "department", "applicant")
    }
    opened = statistics(city.beneficiary, city.opens_at, of_this_year(Filters(), city.opens_at), "kind")

    assert counted == {"rival": 1, "reviewer": 1, "beneficiary": 0, "department": 0, "applicant": 0}
    assert {row.label: row.number for row in opened}["投标保函"] == 1


@pytest.mark.parametrize("by", DIMENSIONS)
def test_groups_and_total_take_one_statement_each(
    city: City, year: Filters, by: str, django_assert_num_queries
) -> None:
    assert city.reviewer.can("guarantees.view")

    with django_assert_num_queries(2):
        statistics(city.reviewer, city.at, year, by)
        total(city.reviewer, city.at, year)


def test_the_database_finds_a_house_s_guarantees_by_an_index(city: City, year: Filters) -> None:
    found = register(city.reviewer, city.at, year).order_by()

    plan = found.explain()

    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table whole, and rightly so
        assert "guarantees_guarantee USING INDEX" in plan or "MULTI-INDEX OR" in plan, plan


@pytest.mark.req("EP-28")
def test_statistics_by_type_region_institution_and_period_lead_to_the_rows_and_to_excel(
    city: City, year: Filters, browser_of: BrowserOf
) -> None:
    browser = browser_of(city.reviewer)

    for by, group in {
        "kind": "履约保函",
        "region": "990201",
        "guarantor": city.guarantor.name,
        "month": "2026-11",
    }.items():
        page = browser.get(f"/billing/statistics/?by={by}").content.decode()
        link = next(href for href, label in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page) if label == group)
        rows = browser.get(unescape(link)).content.decode()
        assert "保函台账" in rows
        assert len(re.findall("data-row ", rows)) == len(behind(link, city.reviewer, city)) > 0
    sheet = browser.get("/billing/statistics/export/?by=month")

    assert sheet.status_code == 200
    told = Entry.objects.get(kind="statistics.exported")
    assert (told.data["rows"], told.sealed_until) == (2, city.opens_at)


@pytest.mark.parametrize(
    "query",
    [
        "by=x",
        "region=abc",
        "issued_from=2026-13-01",
        "kind=nonsense",
        "issued_from=9999-12-31",
        "issued_to=9999-12-31",
        "issued_from=0001-01-01",
    ],
)
def test_conditions_that_cannot_be_read_are_said_and_left_out(
    city: City, year: Filters, browser_of: BrowserOf, query: str
) -> None:
    assert browser_of(city.reviewer).get(f"/billing/statistics/?{query}").status_code in (200, 422)
    assert browser_of(city.reviewer).get(f"/guarantees/?{query}").status_code == 200


def test_departments_see_no_fees(city: City, year: Filters, browser_of: BrowserOf) -> None:
    page = browser_of(city.department).get("/billing/statistics/").content.decode()

    assert "出函金额" in page
    assert "保费（元）" not in page
    assert date(2026, 1, 1) == year.issued_from
