"""比一比: who suits a guarantee, in an order that anybody can count again, and why the others do not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import grant_line, room_of
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.comparing.offers import Unfit, Wish, compare
from xinshu.guarantees.comparing.ranking import (
    BY_PERSON,
    BY_RULE,
    BY_SEVERAL,
    EASE,
    PRICE,
    TIME,
    WEIGHTS,
    Measure,
    ranked,
)
from xinshu.guarantees.comparing.speed import usual_times
from xinshu.guarantees.models import Authority, Guarantee
from xinshu.guarantees.products.actions import Offer as ProductOffer
from xinshu.guarantees.products.actions import offer_product, write_product
from xinshu.guarantees.products.conditions import Condition
from xinshu.guarantees.tests.city import LINE, WAN, City
from xinshu.guarantees.views.comparing import usual_in_words
from xinshu.guarantees.views.wizard import estimate

Browser = Callable[[Member], Client]
HOUR = timedelta(hours=1)
PRODUCT = ProductOffer(
    kind="performance", name="履约快保", note="", least_amount=10 * WAN, most_amount=500 * WAN, longest_days=720,
    offered_from=date(2026, 1, 1), offered_until=None,
)  # fmt: skip
MEASURES = st.builds(
    Measure,
    st.integers(0, 10**9),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=30)),
    st.sampled_from([BY_RULE, BY_PERSON, BY_SEVERAL]),
)


def wish(city: City, **changes: Any) -> Wish:
    start = local_day(city.at) + timedelta(days=1)
    return replace(Wish("performance", 200 * WAN, start, start + timedelta(days=365)), **changes)


def another(city: City, name: str, kind: str = Organisation.Kind.BANK, *, rate: str = "0.008", line: int = LINE):
    """Return another guarantor in business, with a line for the applicant."""
    house = city.organisation(name, kind)
    publish_tariff(
        house, "performance", annual_rate=Decimal(rate), minimum_amount=100_00, valid_from=date(2024, 1, 1),
        by=SYSTEM, at=city.at,
    )  # fmt: skip
    set_authority(
        house, "performance", unverified=False, auto_amount=100 * WAN, person_amount=1_000 * WAN, waives=[],
        by=SYSTEM, at=city.at,
    )  # fmt: skip
    if line:
        grant_line(house, city.applicant.organisation, line, by=SYSTEM, at=city.at, key=f"line:{name}")
    return house


def reasons(found: list[Unfit], name: str) -> tuple[str, ...]:
    return next(row.reasons for row in found if row.guarantor.name == name)


# the order


def test_the_order_is_counted_as_the_page_says() -> None:
    slow, fast = Measure(8_000_00, timedelta(days=2), BY_PERSON), Measure(10_000_00, 6 * HOUR, BY_RULE)

    first, second = ranked([("cheap", slow, "甲"), ("quick", fast, "乙")], "overall")

    assert (first.offered, first.points) == ("quick", {PRICE: 80, TIME: 100, EASE: 100})
    assert first.score == 88  # 80 × 60 % + 100 × 25 % + 100 × 15 %
    assert (second.offered, second.points) == ("cheap", {PRICE: 100, TIME: Fraction(25, 2), EASE: 50})
    assert second.score == Fraction(565, 8)


@pytest.mark.parametrize(("order", "first"), [("price", "cheap"), ("time", "quick"), ("overall", "quick")])
def test_one_may_ask_for_another_order(order: str, first: str) -> None:
    offers = [
        ("quick", Measure(10_000_00, 6 * HOUR, BY_RULE), "乙"),
        ("cheap", Measure(8_000_00, timedelta(days=2), BY_PERSON), "甲"),
    ]

    assert ranked(offers, order)[0].offered == first


def test_seconds_against_minutes_decide_nothing_and_no_past_is_neither_praise_nor_blame() -> None:
    new, machine = Measure(1, None, BY_RULE), Measure(1, timedelta(seconds=4), BY_RULE)
    person = Measure(1, timedelta(minutes=50), BY_RULE)

    points = {
        row.offered: row.points[TIME]
        for row in ranked([("n", new, "n"), ("m", machine, "m"), ("p", person, "p")], "time")
    }

    assert points == {"n": 50, "m": 100, "p": 100}


def test_equal_sums_go_by_price_then_by_name() -> None:
    same = Measure(5, HOUR, BY_RULE)

    assert [row.offered for row in ranked([(2, same, "乙"), (1, same, "丙"), (0, same, "一")], "overall")] == [0, 1, 2]


def test_weights_are_whole_shares_of_a_hundred() -> None:
    assert all(sum(weights.values()) == 100 for weights in WEIGHTS.values())


@given(st.lists(MEASURES, max_size=8), st.sampled_from(sorted(WEIGHTS)), st.randoms())
def test_the_order_depends_on_nothing_but_the_measures(measures: list[Measure], order: str, chance: Any) -> None:
    offers = [(place, measure, f"{place:02d}") for place, measure in enumerate(measures)]
    shuffled = list(offers)
    chance.shuffle(shuffled)

    rows = ranked(offers, order)

    assert rows == ranked(shuffled, order)
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
    assert all(0 <= point <= 100 for row in rows for point in row.points.values())


# who suits


def test_everybody_who_suits_is_ranked_with_price_and_who_decides(city: City) -> None:
    assert city.guarantor
    bank = another(city, "江北银行股份有限公司")

    found = compare(wish(city), city.applicant.organisation, "overall", city.at)

    assert [row.offered.guarantor for row in found.suitable] == [bank, city.guarantor]
    assert [row.offered.fee.total for row in found.suitable] == [16_000_00, 20_000_00]
    assert [row.offered.decides for row in found.suitable] == [BY_PERSON, BY_RULE]
    assert [row.score for row in found.suitable] == [80, Fraction(151, 2)]


def test_the_price_is_the_one_that_the_wizard_quotes(city: City) -> None:
    case = city.draft()
    asked = wish(city, amount=case.amount, effective_on=case.effective_on, expires_on=case.expires_on)

    (row,) = compare(asked, city.applicant.organisation, "overall", city.at).suitable

    assert row.offered.fee == estimate(case).fee


def test_each_of_the_others_says_why_not(city: City) -> None:
    assert city.guarantor
    another(city, "无额度银行", line=0)
    another(city, "小额度银行", line=50 * WAN)
    city.organisation("无费率保险", Organisation.Kind.INSURER)
    another(city, "无授权银行")
    Authority.objects.filter(guarantor__name="无授权银行").delete()

    found = compare(wish(city), city.applicant.organisation, "overall", city.at)

    assert [row.offered.guarantor for row in found.suitable] == [city.guarantor]
    assert reasons(found.unfit, "无额度银行") == ("还没有给您核定授信额度",)
    assert reasons(found.unfit, "小额度银行") == ("您的可用额度 500,000.00 元，不足",)
    assert "没有这类保函的有效费率，不能报价" in reasons(found.unfit, "无费率保险")
    assert reasons(found.unfit, "无授权银行") == ("审批授权没有覆盖这类申请",)
    assert {row.guarantor.name for row in found.unfit if row.line_only} == {"无额度银行", "小额度银行"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": 501 * WAN}, "履约快保：只承保 100,000.00 至 5,000,000.00 元"),
        ({"expires_on": date(2029, 12, 31)}, "履约快保：最长 720 天"),
    ],
)
def test_where_no_product_fits_each_says_why(city: City, changes: dict[str, Any], reason: str) -> None:
    assert city.guarantor
    offer_product(write_product(PRODUCT, by=city.reviewer, at=city.at), by=city.signer, at=city.at)

    found = compare(wish(city, **changes), city.applicant.organisation, "overall", city.at)

    assert not found.suitable
    assert reasons(found.unfit, city.guarantor.name) == (reason,)


def test_the_product_that_fits_is_offered_and_what_nobody_knows_is_said(city: City) -> None:
    asks = (Condition("capital", date(2026, 1, 1), least=9_000 * WAN),)
    assert city.guarantor
    for offer in (replace(PRODUCT, name="履约大户保", conditions=asks), PRODUCT):
        offer_product(write_product(offer, by=city.reviewer, at=city.at), by=city.signer, at=city.at)

    (row,) = compare(wish(city), city.applicant.organisation, "overall", city.at).suitable

    assert row.offered.product is not None
    assert row.offered.product.name == "履约快保"
    (row,) = compare(wish(city), None, "overall", city.at).suitable
    assert row.offered.to_check == ("注册资本不低于 90,000,000.00 元",)


def test_the_line_counts_as_it_does_at_approval(city: City) -> None:
    assert city.guarantor
    room = room_of(city.guarantor, city.applicant.organisation)

    assert room is not None
    assert compare(wish(city, amount=room.amount), city.applicant.organisation, "overall", city.at).suitable
    assert not compare(wish(city, amount=room.amount + 1), city.applicant.organisation, "overall", city.at).suitable


def test_whoever_calls_the_tender_does_not_stand_surety_in_it(city: City) -> None:
    assert city.guarantor
    project = city.project()
    type(project).objects.filter(pk=project.pk).update(buyer=city.guarantor)
    project.refresh_from_db()

    found = compare(wish(city, project=project), city.applicant.organisation, "overall", city.at)

    assert reasons(found.unfit, city.guarantor.name) == ("是项目的招标人，不能同时担保",)


# how long it takes


def decided(city: City, hours: list[float], kind: str = "performance") -> None:
    """Leave one decided case for each time, the later ones decided later."""
    for number, taken in enumerate(hours):
        case = city.draft(kind)
        at = city.at + timedelta(days=number)
        Guarantee.objects.filter(pk=case.pk).update(submitted_at=at - timedelta(hours=taken), decided_at=at)


@pytest.mark.parametrize(
    ("hours", "median"),
    [([3], 3), ([1, 9], 5), ([9, 1, 2], 2), ([4, 1, 2, 8], 3), ([100] * 5 + [2] * 20, 2), ([5.5], 5.5)],
)
def test_the_usual_time_is_the_median_of_the_last_decisions(city: City, hours: list[float], median: float) -> None:
    decided(city, hours)

    usual = usual_times([city.guarantor.pk], "performance", city.at + timedelta(days=40))

    assert usual[city.guarantor.pk].time == timedelta(hours=median)
    assert usual[city.guarantor.pk].decisions == min(len(hours), 20)


def test_without_decisions_nothing_is_said(city: City) -> None:
    decided(city, [3], "quality")

    assert usual_times([city.guarantor.pk], "performance", city.at) == {}
    assert usual_in_words(None) == "暂无"


def test_bids_that_are_not_opened_move_no_figure(city: City) -> None:
    decided(city, [3], "bid")
    opened: datetime = city.opens_at

    assert usual_times([city.guarantor.pk], "bid", opened - HOUR) == {}
    assert usual_times([city.guarantor.pk], "bid", opened)[city.guarantor.pk].time == 3 * HOUR


# pages


ASKED = {
    "kind": "performance", "amount": "200万元", "effective_on": "2026-11-22", "expires_on": "2027-11-22",
}  # fmt: skip


@pytest.mark.req("EP-27")
def test_an_applicant_compares_and_goes_on_with_the_one_chosen(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    another(city, "江北银行股份有限公司")
    another(city, "无额度银行", line=0)
    decided(city, [3])
    project, browser = city.project(), browser_of(city.applicant)
    asked = ASKED | {"project": project.reference}

    start = browser.get(reverse("guarantees:new"), asked).content.decode()
    page = browser.get(reverse("guarantees:compare"), asked).content.decode()

    assert reverse("guarantees:compare") in start
    assert page.index("1. 云州融信融资担保有限公司") < page.index("2. 江北银行股份有限公司")
    assert "¥20,000.00" in page
    assert "约 3 小时（最近 1 笔的中位数）" in page
    assert "暂无" in page
    assert "还没有给您核定授信额度" in page
    assert "60%" in page
    chosen = {**asked, "guarantor": Organisation.objects.get(name="江北银行股份有限公司").pk}
    assert f"guarantor={chosen['guarantor']}" in page
    assert browser.post(reverse("guarantees:new"), chosen).status_code == 302
    case = Guarantee.objects.order_by("-pk").first()
    assert case is not None
    assert (case.guarantor.name, case.project, case.amount) == ("江北银行股份有限公司", project, 200 * WAN)
    confirm = browser.get(reverse("guarantees:step", args=[case.reference, "confirm"])).content.decode()
    assert "与其他保证人比一比" in confirm


def test_the_same_link_asks_the_same_and_leaves_as_excel(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    another(city, "无额度银行", line=0)

    answer = browser_of(city.applicant).get(reverse("guarantees:export_comparison"), ASKED)

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    rows = {row[1]: row for row in book.get_sheet_by_index(0).to_python() if len(row) > 11}
    assert rows["云州融信融资担保有限公司"][3] == 20_000
    assert rows["无额度银行"][11] == "还没有给您核定授信额度"


def test_whoever_applies_for_nothing_sees_prices_and_nobodys_line(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    page = browser_of(city.department).get(reverse("guarantees:compare"), ASKED).content.decode()

    assert "¥20,000.00" in page
    assert "额度、资料和客户关系没有核对" in page
    assert "选这家，去申请" not in page


@pytest.mark.parametrize("junk", ["", "x" * 3000, "-1", "0", "9" * 40, "9999-12-31", "NaN"])
def test_junk_in_any_field_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    assert city.guarantor
    browser = browser_of(city.applicant)

    for name in (*ASKED, "project", "order"):
        for page in ("guarantees:compare", "guarantees:export_comparison"):
            assert browser.get(reverse(page), ASKED | {name: junk}).status_code in (200, 302)


def test_somebody_elses_project_is_not_known(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    lot = city.lot(city.rival, name="秘密标段")

    page = browser_of(city.applicant).get(reverse("guarantees:compare"), ASKED | {"project": lot.reference})

    assert "秘密标段" not in page.content.decode()
    assert "¥20,000.00" not in page.content.decode()


def test_thirty_guarantors_cost_as_many_queries_as_two(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    another(city, "甲银行")
    browser, path = browser_of(city.applicant), reverse("guarantees:compare")
    browser.get(path, ASKED)
    with CaptureQueriesContext(connection) as two:
        browser.get(path, ASKED)
    for number in range(28):
        another(city, f"银行{number:02d}")
    with CaptureQueriesContext(connection) as thirty:
        browser.get(path, ASKED)

    assert len(thirty) == len(two)
