"""Stories and pages: a guarantor publishes the next version of its tariff, with two people, from a day to come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.guarantees import pricing
from xinshu.guarantees.actions.approval import tariff_for
from xinshu.guarantees.models import Tariff, TariffDraft
from xinshu.guarantees.tariffs.actions import Offer, discard_draft, edit_tariff, publish_draft, write_tariff
from xinshu.guarantees.tariffs.words import examples_of, price_in_words
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

Browser = Callable[[Member], Client]
SOON = date(2027, 1, 1)
TERMS = pricing.Tariff(
    Decimal("0.03"), pricing.QUARTER, minimum=1_000_00, base=500_00, minimum_rate=Decimal("0.015"),
    tax_rate=Decimal("0.06"), refunds=pricing.FULL_PERIODS,
)  # fmt: skip
OFFER = Offer("performance", SOON, TERMS)
FORM = {
    "kind": "performance", "valid_from": "2027-01-01", "annual_rate": "3", "period": "quarter", "basis": "365",
    "minimum_amount": "1000", "minimum_rate": "1.5", "period_minimum_amount": "", "base_amount": "500",
    "tax_rate": "6", "refunds": "periods",
}  # fmt: skip


def written(city: City, **changes: Any) -> TariffDraft:
    assert city.guarantor
    return write_tariff(replace(OFFER, **changes), by=city.reviewer, at=city.at)


def test_whoever_wrote_a_tariff_does_not_publish_it(city: City) -> None:
    both = city.member("云州融信融资担保有限公司", "guarantor", "signer")
    draft = written(city)
    TariffDraft.objects.filter(pk=draft.pk).update(authors=[city.reviewer.user_id, both.user_id])
    draft.refresh_from_db()

    with pytest.raises(NotPermitted):
        publish_draft(draft, by=both, at=city.at)
    with pytest.raises(NotPermitted):
        publish_draft(draft, by=city.reviewer, at=city.at)

    assert Tariff.objects.filter(kind="performance").count() == 1
    assert not Entry.objects.filter(kind="tariff.published", actor_key=both.actor_key).exists()


def test_a_published_version_says_what_was_written_and_holds_from_its_first_day(city: City) -> None:
    draft = publish_draft(written(city), by=city.signer, at=city.at)

    assert draft.tariff is not None
    assert (draft.state, draft.tariff.number, draft.tariff.terms()) == ("published", 2, TERMS)
    assert Tariff.objects.get(pk=draft.tariff.pk).terms() == TERMS
    case = city.draft()
    assert tariff_for(case, city.at).number == 1
    assert tariff_for(case, city.at + (SOON - local_day(city.at))).number == 2


def test_fees_already_quoted_keep_their_version(city: City) -> None:
    case = city.fee_due()

    publish_draft(written(city, valid_from=local_day(city.at)), by=city.signer, at=city.at)

    case.refresh_from_db()
    assert case.tariff is not None
    assert (case.tariff.number, case.fee_amount) == (1, 10_958_90)


def test_what_was_published_or_discarded_is_not_touched_again(city: City) -> None:
    published = publish_draft(written(city), by=city.signer, at=city.at)
    discarded = discard_draft(written(city), by=city.reviewer, at=city.at, reason="费率另议。")

    for draft in (published, discarded):
        with pytest.raises(NotNow):
            edit_tariff(draft, OFFER, by=city.reviewer, at=city.at)
        with pytest.raises(NotNow):
            publish_draft(draft, by=city.signer, at=city.at)
    assert Tariff.objects.filter(kind="performance").count() == 2


def test_whoever_saw_an_older_draft_does_not_publish_the_newer(city: City) -> None:
    draft = written(city)
    edit_tariff(draft, replace(OFFER, terms=replace(TERMS, base=900_00)), by=city.reviewer, at=city.at)

    with pytest.raises(Changed):
        publish_draft(draft, by=city.signer, at=city.at)


def test_a_draft_whose_day_has_passed_is_not_published(city: City) -> None:
    draft = written(city, valid_from=local_day(city.at))

    with pytest.raises(Invalid) as refusal:
        publish_draft(draft, by=city.signer, at=city.at + timedelta(days=1))

    assert "valid_from" in refusal.value.fields


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"annual_rate": Decimal("1.1")}, "annual_rate"),
        ({"annual_rate": Decimal("-0.1")}, "annual_rate"),
        ({"minimum_rate": Decimal(2)}, "minimum_rate"),
        ({"tax_rate": Decimal(2)}, "tax_rate"),
        ({"minimum": 0}, "minimum_amount"),
        ({"base": -1}, "base_amount"),
        ({"period": pricing.DAILY, "period_minimum": 100}, "period_minimum_amount"),
        ({"period": "weekly"}, "period"),
        ({"basis": 364}, "basis"),
        ({"refunds": "all"}, "refunds"),
    ],
)
def test_what_cannot_be_charged_is_refused_at_its_field(city: City, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        written(city, terms=replace(TERMS, **changes))

    assert field in refusal.value.fields
    assert not TariffDraft.objects.exists()


def test_only_an_issuer_has_a_tariff(city: City) -> None:
    stranger = city.member("云州恒达路桥工程有限公司", "enterprise", "reviewer")

    with pytest.raises(NotPermitted):
        write_tariff(OFFER, by=stranger, at=city.at)


def test_a_tariff_in_words_leaves_nothing_out() -> None:
    assert price_in_words(TERMS) == (
        "年费率 3%，不足一季按一季，另加基本费 500.00 元，每笔最低为金额的 1.5% 和 1,000.00 元中的高者，另加税 6%"
    )


def test_examples_stand_beside_the_present_version() -> None:
    present = pricing.Tariff(Decimal("0.01"), minimum=300_00)

    first, *_others = examples_of(TERMS, present, SOON)

    assert (first.amount, first.days) == (500_000_00, 90)
    assert first.fee.total == 7_950_00  # 1.5 % and its tax
    assert first.before == 1_232_88


# pages


def test_a_tariff_is_drafted_previewed_and_published_by_a_second_person(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    writer, signer = browser_of(city.reviewer), browser_of(city.signer)

    prefilled = writer.get(reverse("guarantees:new_tariff"), {"kind": "performance"}).content.decode()
    assert writer.post(reverse("guarantees:new_tariff"), FORM).status_code == 302
    draft = TariffDraft.objects.get()
    page = signer.get(reverse("guarantees:tariff", args=[draft.reference])).content.decode()
    act = reverse("guarantees:tariff_act", args=[draft.reference, "publish_tariff"])
    refused = writer.post(act, {"version": "1"})
    listed = signer.get(reverse("guarantees:tariffs")).content.decode()

    assert 'value="300.00"' in prefilled
    assert all(f"试算：{example}" in page for example in ("500,000.00 元，90 天", "2,000,000.00", "10,000,000.00"))
    assert "满 45 天时解保，退还" in page
    assert "现行版本 1,232.88 元" in page
    assert refused.status_code == 403
    assert "等另一人发布" in listed
    assert signer.post(act, {"version": "1"}).status_code == 302
    assert Tariff.objects.get(number=2).terms() == TERMS
    listed = signer.get(reverse("guarantees:tariffs")).content.decode()
    assert "待生效" in listed
    assert "等另一人发布" not in listed


def test_a_draft_is_edited_until_it_is_published(city: City, browser_of: Browser) -> None:
    draft, writer = written(city), browser_of(city.reviewer)
    path = reverse("guarantees:edit_tariff", args=[draft.reference])

    shown = writer.get(path).content.decode()
    answer = writer.post(path, FORM | {"annual_rate": "2.5", "version": "1"})

    assert 'value="1.5"' in shown
    assert 'value="500.00"' in shown
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.terms() == replace(TERMS, annual_rate=Decimal("0.025"))


def test_versions_leave_as_excel(city: City, browser_of: Browser) -> None:
    publish_draft(written(city), by=city.signer, at=city.at)

    answer = browser_of(city.signer).get(reverse("guarantees:export_tariffs"))

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    told = {(row[0], row[1]): row[5] for row in book.get_sheet_by_index(0).to_python() if len(row) > 5}
    assert told["履约保函", 2] == "待生效"
    assert told["履约保函", 1] == "现行"
    assert Entry.objects.filter(kind="tariffs.exported").exists()


def test_a_draft_exists_for_its_own_house_only(city: City, browser_of: Browser) -> None:
    draft = written(city)
    path = reverse("guarantees:tariff", args=[draft.reference])
    other = city.member("云州安信融资担保有限公司", "guarantor", "signer")

    for member in (city.applicant, city.beneficiary, city.department, city.manager, other):
        assert browser_of(member).get(path).status_code == 404
    assert browser_of(city.signer).get(path).status_code == 200
    assert browser_of(city.applicant).get(reverse("guarantees:tariffs")).status_code == 403
    assert browser_of(city.signer).get(reverse("guarantees:new_tariff")).status_code == 403


def test_a_fault_is_shown_and_nothing_typed_is_lost(city: City, browser_of: Browser) -> None:
    answer = browser_of(city.reviewer).post(
        reverse("guarantees:new_tariff"), FORM | {"valid_from": "2020-01-01", "base_amount": "777"}
    )

    assert answer.status_code == 422
    assert "生效日不能早于今天" in answer.content.decode()
    assert 'value="777"' in answer.content.decode()


@pytest.mark.parametrize("junk", ["", "x" * 3000, "-1", "9" * 40, "NaN"])
def test_junk_in_any_field_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    browser = browser_of(city.reviewer)

    for name in FORM:
        assert browser.post(reverse("guarantees:new_tariff"), FORM | {name: junk}).status_code in (302, 422)


def test_the_list_costs_as_many_queries_for_thirty_versions_as_for_one(city: City, browser_of: Browser) -> None:
    publish_draft(written(city), by=city.signer, at=city.at)
    browser, path = browser_of(city.signer), reverse("guarantees:tariffs")
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    for _number in range(29):
        publish_draft(written(city), by=city.signer, at=city.at)
    with CaptureQueriesContext(connection) as many:
        browser.get(path)

    assert len(many) == len(few)
