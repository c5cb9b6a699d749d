"""承保能力: which business a house does, where, up to what, at what rate, and how much of its capacity is used."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.books.models import TotalLimit
from xinshu.books.tasks import watch_totals
from xinshu.books.thresholds import set_thresholds
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.approval import approve_application
from xinshu.guarantees.capacity import business_of, by_kind, held_by, together
from xinshu.guarantees.life_tasks import watch_capacity
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_books_pages import sheet_behind
from xinshu.guarantors.actions import confirm_filing, file_net_assets, file_scope
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


def operators(city: City) -> tuple[Member, Member]:
    first = city.operator
    return first, city.colleague(first, "operator")


@pytest.mark.req("EP-05")
def test_a_house_sees_its_business_where_up_to_what_at_what_rate_and_its_use(city: City, browser_of: BrowserOf) -> None:
    first, second = operators(city)
    house, day = city.guarantor, local_day(city.at)
    scope = {
        "kind": "performance", "region_code": "99", "most_amount": 5_000_000_00, "annual_rate": None,
        "valid_from": day - timedelta(days=30), "valid_until": None,
    }  # fmt: skip
    confirm_filing(file_scope(house, scope, by=first, at=city.at), by=second, at=city.at)
    confirm_filing(file_scope(house, scope | {"kind": "bid"}, by=first, at=city.at), by=second, at=city.at)
    reserved, occupied = city.fee_due(), city.in_force("bid")
    stated = {"amount": 500_000_000_00, "valid_from": day, "source": "三季度审计报表"}
    confirm_filing(file_net_assets(house, stated, by=first, at=city.at), by=second, at=city.at)
    watch_totals(day + timedelta(days=1), city.at)

    rows = held_by(house)
    doing = {row.scope.kind: row for row in business_of(house, rows, day)}
    page = browser_of(city.reviewer).get(reverse("guarantees:capacity")).content.decode()

    assert {row.kind: (row.reserved, row.occupied) for row in by_kind(rows)} == {
        "performance": (reserved.amount, 0), "bid": (0, occupied.amount),
    }  # fmt: skip
    assert together(rows).used == TotalLimit.objects.get(issuer=house).used
    assert doing["performance"].held.reserved == reserved.amount
    assert doing["performance"].most == "5,000,000.00"
    assert "年费率" in doing["performance"].rate
    for words in ("50 亿", "单一客户（最大）", city.applicant.organisation.name, "5,000,000.00", "年费率"):
        assert words in page, words
    assert day.isoformat() in page or f"{day:%Y-%m-%d}" in page
    sheet = sheet_behind(browser_of(city.reviewer), reverse("guarantees:export_capacity"))
    assert {row[0] for row in sheet[2:]} >= {"履约保函", "投标保函"}
    assert Entry.objects.filter(kind="capacity.exported").count() == 1


def test_it_is_the_houses_own_affair(city: City, browser_of: BrowserOf) -> None:
    city.in_force("bid")
    for name in ("guarantees:capacity", "guarantees:export_capacity"):
        assert Client().get(reverse(name)).status_code == 302
        assert browser_of(city.applicant).get(reverse(name)).status_code == 403
        assert browser_of(city.operator).get(reverse(name)).status_code == 403
    assert held_by(city.organisation("江北融资担保有限公司", "guarantor")) == []


def test_the_house_is_told_in_the_wake_of_the_approval_that_passes_a_threshold(city: City) -> None:
    case = city.in_review()
    TotalLimit.objects.filter(issuer=case.guarantor).update(ceiling=(case.amount or 0) * 10 // 9)
    set_thresholds(case.guarantor, 50, 90, by=SYSTEM, at=city.at)

    approve_application(case, by=city.reviewer, at=city.at, opinion="同意承保。")
    watch_capacity(Entry.objects.get(kind="guarantee.approved"))
    watch_capacity(Entry.objects.get(kind="guarantee.approved"))

    assert Notice.objects.filter(member=city.reviewer, text__contains="责任余额已达到上限的 90%").count() == 1


def test_as_many_queries_for_thirty_cases_as_for_one(city: City, browser_of: BrowserOf) -> None:
    browser, page = browser_of(city.reviewer), reverse("guarantees:capacity")
    city.fee_due()
    browser.get(page)
    with CaptureQueriesContext(connection) as few:
        browser.get(page)
    for _more in range(3):
        city.fee_due()
    with CaptureQueriesContext(connection) as many:
        browser.get(page)

    assert len(many) == len(few)
