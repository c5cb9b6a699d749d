"""Sources that contradict each other: what a rule decides, what waits for a person, and what is known of it later."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of, settle, verify_fields
from xinshu.enterprises.conflicts import Word, takes_over
from xinshu.enterprises.models import Enterprise, RecordField, Settlement
from xinshu.enterprises.queries import FieldView, history_of, record_of, rivals_of
from xinshu.ledger.models import Entry

ON = date(2026, 11, 21)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
Browser = Callable[[Member], Client]


def view_of(firm: Organisation, code: str, on: date = ON, known_on: date | None = None) -> FieldView:
    return next(view for view in record_of(firm, on, known_on=known_on) if view.code == code)


@pytest.mark.parametrize(
    ("new", "standing", "takes"),
    [
        # new source, confidence      standing source, verified       takes over by rule
        (("registry", None),          ("licence", False),             True),
        (("registry", None),          ("licence", True),              False),  # a person looked: a person decides
        (("licence", "0.991"),        ("award_notice", False),        True),
        (("licence", "0.899"),        ("award_notice", False),        False),  # read with doubt
        (("licence", "0.900"),        ("entered", False),             True),
        (("award_notice", None),      ("licence", False),             False),
        (("award_notice", None),      ("application", False),         False),  # equals contradict each other
        (("licence", "0.950"),        ("licence", True),              True),   # the same source corrects itself
        (("licence", "0.500"),        ("licence", False),             False),
        (("imported", None),          ("entered", False),             False),
    ],
)  # fmt: skip
def test_whether_a_word_takes_over(new: tuple, standing: tuple, takes: bool) -> None:
    confidence = Decimal(new[1]) if new[1] else None

    assert takes_over(Word("新", new[0], confidence), Word("旧", standing[0], verified=standing[1])) is takes


def test_an_empty_place_takes_what_was_read_surely() -> None:
    assert takes_over(Word("新", "imported"), Word("", "imported"))
    assert not takes_over(Word("新", "licence", Decimal("0.4")), Word("", "licence"))


@pytest.fixture
def contradicted(enterprise: Enterprise, at: datetime) -> RecordField:
    """A qualification from the licence, and another one from an award notice beside it."""
    early, later = at - timedelta(days=20), at - timedelta(days=5)
    enter_fields(enterprise, {"qualification": "总承包一级"}, by=SYSTEM, at=early, source="licence")
    notice = Origin("award_notice", "中标公告 2026-11-16", place={"page": 2}, confidence=Decimal("0.970"))
    assert enter_fields(enterprise, {"qualification": "总承包二级"}, by=SYSTEM, at=later, origin=notice) == []
    return RecordField.objects.get(aside=True)


@pytest.mark.django_db
def test_values_that_contradict_stand_side_by_side_with_their_sources(
    enterprise: Enterprise, firm: Organisation, contradicted: RecordField
) -> None:
    [rival] = rivals_of(enterprise, record_of(firm, ON))

    assert (rival.view.value, rival.view.source) == ("总承包一级", "营业执照")
    assert (rival.shown, rival.source, rival.place, rival.confidence) == (
        "总承包二级", "中标公告 2026-11-16", "第 2 页", "97.0%",
    )  # fmt: skip
    assert Entry.objects.get(kind="enterprise.contradicted").data["fields"] == {"qualification": contradicted.pk}


@pytest.mark.django_db
def test_the_same_contradiction_is_not_put_to_anybody_twice(
    enterprise: Enterprise, contradicted: RecordField, at: datetime
) -> None:
    enter_fields(enterprise, {"qualification": "总承包二级"}, by=SYSTEM, at=at, source="award_notice")

    assert RecordField.objects.filter(aside=True).count() == 1
    assert Entry.objects.filter(kind="enterprise.contradicted").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("take", "value"), [(True, "总承包二级"), (False, "总承包一级")])
def test_a_person_decides_with_a_reason(
    enterprise: Enterprise, firm: Organisation, contradicted: RecordField, clerk: Member, at: datetime, take: bool,
    value: str,
) -> None:  # fmt: skip
    settle(contradicted, take=take, reason="证书已换发", by=clerk, at=at)

    view = view_of(firm, "qualification")
    assert view.value == value
    assert (view.verified_by, view.source) == ((clerk.user.name, "中标公告 2026-11-16") if take else ("", "营业执照"))
    assert rivals_of(enterprise, record_of(firm, ON)) == []
    entry = Entry.objects.get(kind="enterprise.settled")
    assert (entry.data["taken"], entry.data["reason"]) == (take, "证书已换发")
    with pytest.raises(NotNow):
        settle(contradicted, take=True, reason="再来一次", by=clerk, at=at)


@pytest.mark.django_db
def test_nobody_decides_without_a_reason_or_for_another_firm(
    contradicted: RecordField, clerk: Member, rival: Member, at: datetime
) -> None:
    with pytest.raises(Invalid):
        settle(contradicted, take=True, reason="  ", by=clerk, at=at)
    with pytest.raises(NotPermitted):
        settle(contradicted, take=True, reason="抢先", by=rival, at=at)

    assert not Settlement.objects.exists()


@pytest.mark.django_db
def test_what_stood_aside_is_closed_when_its_value_comes_in(
    contradicted: RecordField, enterprise: Enterprise, clerk: Member, at: datetime
) -> None:
    [version] = enter_fields(enterprise, {"qualification": "总承包二级"}, by=clerk, at=at)

    assert (contradicted.settlement.taken, contradicted.settlement.entered) == (True, version)


@pytest.mark.django_db
def test_a_past_day_can_be_asked_for_what_was_true_and_for_what_was_known(
    enterprise: Enterprise, firm: Organisation, at: datetime
) -> None:
    moved = Origin(valid_from=ON - timedelta(days=30))
    enter_fields(enterprise, {"address": "旧址"}, by=SYSTEM, at=at - timedelta(days=90))
    enter_fields(enterprise, {"address": "新址"}, by=SYSTEM, at=at - timedelta(days=10), origin=moved)

    between = ON - timedelta(days=20)  # it had moved, and nobody here knew
    assert view_of(firm, "address", between, known_on=between).value == "旧址"
    assert view_of(firm, "address", between, known_on=ON).value == "新址"
    assert view_of(firm, "address", ON - timedelta(days=31), known_on=ON).value == "旧址"


@pytest.mark.django_db
def test_an_older_fact_that_comes_late_changes_the_past_and_not_the_present(
    enterprise: Enterprise, firm: Organisation, at: datetime
) -> None:
    enter_fields(enterprise, {"address": "现址"}, by=SYSTEM, at=at - timedelta(days=10), source="licence")
    old = Origin("imported", valid_from=date(2020, 1, 1))

    enter_fields(enterprise, {"address": "老厂区"}, by=SYSTEM, at=at, origin=old)

    assert view_of(firm, "address").value == "现址"
    assert view_of(firm, "address", date(2021, 6, 1), known_on=ON).value == "老厂区"
    assert not RecordField.objects.filter(aside=True).exists()


@pytest.mark.django_db
def test_a_person_who_corrects_since_an_earlier_day_means_today_too(
    enterprise: Enterprise, firm: Organisation, clerk: Member, at: datetime
) -> None:
    enter_fields(enterprise, {"address": "旧址"}, by=SYSTEM, at=at - timedelta(days=5))

    enter_fields(enterprise, {"address": "新址"}, by=clerk, at=at, origin=Origin(valid_from=ON - timedelta(days=50)))

    assert view_of(firm, "address").value == "新址"
    assert view_of(firm, "address", ON - timedelta(days=40), known_on=ON).value == "新址"


@pytest.mark.django_db
def test_a_decision_does_not_rewrite_what_was_open_before_it(
    enterprise: Enterprise, firm: Organisation, contradicted: RecordField, clerk: Member, at: datetime
) -> None:
    settle(contradicted, take=True, reason="证书已换发", by=clerk, at=at)
    day_before = ON - timedelta(days=1)

    then = record_of(firm, day_before)
    assert [rival.shown for rival in rivals_of(enterprise, then, known_on=day_before)] == ["总承包二级"]
    assert view_of(firm, "qualification", day_before).value == "总承包一级"
    assert [(line.value, line.aside) for line in history_of(enterprise, 5)] == [
        ("总承包二级", ""), ("总承包二级", "已采用"), ("总承包一级", ""),
    ]  # fmt: skip


@pytest.mark.django_db
def test_verifying_makes_a_part_fresh_but_prolongs_no_paper(
    enterprise: Enterprise, firm: Organisation, clerk: Member, at: datetime
) -> None:
    long_ago = at - timedelta(days=400)
    enter_fields(enterprise, {"qualification": "一级"}, by=SYSTEM, at=long_ago, source="licence")
    ended = ON - timedelta(days=1)
    enter_fields(enterprise, {"safety_licence": "A1"}, by=SYSTEM, at=long_ago, valid_until=ended)

    verified = verify_fields(enterprise, ["qualification", "safety_licence"], by=clerk, at=at)

    assert [version.code for version in verified] == ["qualification"]
    view = view_of(firm, "qualification")
    assert (view.state, view.source, view.verified_by) == ("reused", "营业执照", clerk.user.name)
    assert view_of(firm, "safety_licence").state == "stale"
    with pytest.raises(NotNow):
        verify_fields(enterprise, ["bank_account_name"], by=clerk, at=at)


# pages


@pytest.mark.django_db
def test_the_page_shows_both_values_and_takes_the_decision(
    browser_of: Browser, enterprise: Enterprise, contradicted: RecordField, clerk: Member
) -> None:
    browser = browser_of(clerk)
    page = reverse("enterprises:detail", args=[enterprise.reference])
    act = reverse("enterprises:settle", args=[enterprise.reference])

    shown = browser.get(page).text
    refused = browser.post(act, {"conflict": contradicted.pk, "take": "yes", "reason": ""})
    done = browser.post(act, {"conflict": contradicted.pk, "take": "yes", "reason": "证书已换发"}, follow=True)

    assert all(
        words in shown for words in ("总承包一级", "总承包二级", "中标公告 2026-11-16", "可信度 97.0%", "第 2 页")
    )
    assert refused.status_code == 422
    assert "已采用新的内容" in done.text
    assert "来源不一致" not in done.text


@pytest.mark.django_db
def test_a_contradiction_of_another_record_is_not_found(
    browser_of: Browser, contradicted: RecordField, rival: Member
) -> None:
    own = enterprise_of(rival.organisation)
    answer = browser_of(rival).post(
        reverse("enterprises:settle", args=[own.reference]),
        {"conflict": contradicted.pk, "take": "yes", "reason": "试"},
    )

    assert answer.status_code == 404


@pytest.mark.django_db
def test_a_change_keeps_its_paper_page_and_day(
    browser_of: Browser, enterprise: Enterprise, firm: Organisation, clerk: Member, customer: None, manager: Member
) -> None:
    page = reverse("enterprises:detail", args=[enterprise.reference])
    paper = SimpleUploadedFile("营业执照.pdf", PDF)
    told = {"address": "港城路 9 号", "seen": "0", "page": "2", "valid_from": "2026-10-01"}

    answer = browser_of(clerk).post(page, told | {"paper": paper})
    seen = browser_of(manager).get(page).text

    version = RecordField.objects.get(code="address")
    assert answer.status_code == 302
    assert (version.source_file.name, version.place, str(version.valid_from)) == (
        "营业执照.pdf", {"page": 2}, "2026-10-01",
    )  # fmt: skip
    assert "第 2 页" in seen
    file = reverse("documents:file", args=[version.source_file.reference])
    assert browser_of(manager).get(file).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"valid_from": "明年", "address": "港城路"}, "请填写日期"),
        ({"page": "首页", "address": "港城路"}, "请填写页码"),
        ({"established_on": "2015年", "address": "港城路"}, "请填写日期"),
        ({"staff_count": "很多", "address": "港城路"}, "请填写整数"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_stays(
    browser_of: Browser, enterprise: Enterprise, clerk: Member, told: dict, words: str
) -> None:
    answer = browser_of(clerk).post(reverse("enterprises:detail", args=[enterprise.reference]), {**told, "seen": "0"})

    assert answer.status_code == 422
    assert words in answer.text
    assert "港城路" in answer.text
    assert not RecordField.objects.exists()


@pytest.mark.django_db
def test_any_day_can_be_asked_for_and_nonsense_is_told(
    browser_of: Browser, enterprise: Enterprise, contradicted: RecordField, clerk: Member
) -> None:
    browser, page = browser_of(clerk), reverse("enterprises:as_of", args=[enterprise.reference])

    past = browser.get(page, {"true": "2026-11-17", "known": "2026-11-17"})
    answers = [browser.get(page, {"true": told}).status_code for told in ("昨天", "0001-01-01", "9999-12-31", "")]

    assert "总承包一级" in past.text
    assert "未决定" in past.text
    assert answers == [422, 422, 422, 200]


@pytest.mark.django_db
def test_the_history_names_every_version_and_can_be_narrowed(
    browser_of: Browser, enterprise: Enterprise, contradicted: RecordField, clerk: Member
) -> None:
    browser, page = browser_of(clerk), reverse("enterprises:history", args=[enterprise.reference])

    assert browser.get(page).text.count("总承包") == 2
    assert "还没有版本" in browser.get(page, {"field": "address"}).text
    assert browser.get(page, {"field": "<nothing>"}).status_code == 200
