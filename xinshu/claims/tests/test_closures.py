"""Force majeure (URDG 758 Art. 26): the counter is shut, what would expire lives on, the clocks of demands stand."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.claims.actions.examination import Mark, is_precluded, mark_findings, seen_by_machine
from xinshu.claims.actions.presentation import present_demand
from xinshu.claims.checks import FAILS, MEETS, NOT_ASKED
from xinshu.claims.closures import moved, resume_clocks
from xinshu.claims.tasks import follow_the_clocks
from xinshu.claims.tests.city import PAYEE, PDF, STATEMENT, ClaimsCity, fresh
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees import verification
from xinshu.guarantees.actions.closures import declare_closure, lift_closure
from xinshu.guarantees.actions.contract_changes import report_contract_change
from xinshu.guarantees.announcements import announce
from xinshu.guarantees.life_tasks import expire_overdue, prolong_in_closures
from xinshu.guarantees.models import Closure, Guarantee, Prolonging
from xinshu.guarantees.tests.city import Kind
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


def shut(city: ClaimsCity, day: int = 2, **facts: Any) -> Closure:
    usual: dict[str, Any] = {"began_on": local_day(city.day(day)), "reason": "台风封路。", "content": PDF,
                             "name": "政府公告.pdf"}  # fmt: skip
    return declare_closure(city.guarantor, by=city.signer, at=city.day(day), **(usual | facts))


def night(city: ClaimsCity, day: int) -> None:
    at = moment(local_day(city.day(day)), 0, 5)
    prolong_in_closures(local_day(at), at)
    expire_overdue(local_day(at), at)


def test_what_expires_while_the_counter_is_shut_lives_thirty_days_longer(city: ClaimsCity) -> None:
    case = city.in_force(days=5, sealed=True)  # Friday 27 November 2026
    last = case.expires_on
    closure = shut(city, 5)
    for day in (6, 7, 8, 9):
        night(city, day)

    case = Guarantee.objects.get()
    assert (last, case.expires_on) == (date(2026, 11, 27), date(2026, 12, 27))
    assert case.state == "in_force"
    assert Prolonging.objects.get().closure == closure
    entry = Entry.objects.get(kind="guarantee.prolonged")
    announce(entry, Guarantee.objects.select_related("applicant", "guarantor", "beneficiary", "project").get())
    told = Notice.objects.filter(text__contains="不可抗力停业")
    assert {notice.member for notice in told} >= {city.applicant, city.beneficiary}
    assert verification.by_number(case.number, city.day(9)).outcome == verification.IN_FORCE
    demand = present_demand(case, amount=1_00, statement=STATEMENT, payee=PAYEE, by=city.beneficiary, at=city.day(20))
    assert demand.state == "examining"


def test_what_expires_before_or_after_the_closure_keeps_its_day(city: ClaimsCity) -> None:
    before, after = city.in_force(days=5), city.in_force(days=60)
    closure = shut(city, 9)
    lift_closure(closure, ended_on=local_day(city.day(12)), by=city.signer, at=city.day(13))

    assert not Prolonging.objects.exists()
    assert {case.pk: case.expires_on for case in Guarantee.objects.all()} == {
        before.pk: before.expires_on, after.pk: after.expires_on,
    }  # fmt: skip


def test_a_day_that_rolls_is_counted_from_the_business_day_it_rolls_to(city: ClaimsCity) -> None:
    city.in_force(days=6)  # Saturday 28 November: could be presented until Monday the 30th
    shut(city, 8, began_on=local_day(city.day(8)))
    night(city, 10)

    assert Guarantee.objects.get().expires_on == date(2026, 12, 30)


def test_what_has_ended_stays_ended(city: ClaimsCity) -> None:
    city.in_force(days=6)
    night(city, 10)
    shut(city, 10, began_on=local_day(city.day(5)))

    assert Guarantee.objects.get().state == "expired"
    assert not Prolonging.objects.exists()


def test_a_period_of_suretyship_is_extended_by_nothing(db: None, at: Any) -> None:
    city = ClaimsCity(at, issuer=Kind.GUARANTOR)
    case = city.in_force(days=5)
    shut(city, 5)
    night(city, 6)
    night(city, 9)

    assert Guarantee.objects.get().expires_on == case.expires_on
    assert Guarantee.objects.get().state == "expired"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"began_on": date(2999, 1, 1)}, "began_on"), ({"reason": "x"}, "reason"), ({"content": None}, "file")],
)
def test_a_closure_needs_a_day_a_reason_and_a_paper(city: ClaimsCity, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        shut(city, **wrong)
    assert field in refused.value.fields
    with pytest.raises(NotPermitted):
        declare_closure(
            city.guarantor, began_on=local_day(city.at), reason="台风封路。", content=PDF, name="a.pdf",
            by=city.applicant, at=city.at,
        )  # fmt: skip
    shut(city)
    with pytest.raises(NotNow):
        shut(city)
    with pytest.raises(Invalid):
        lift_closure(Closure.objects.get(), ended_on=date(2020, 1, 1), by=city.signer, at=city.day(3))


def test_the_clock_of_a_demand_stands_while_the_counter_is_shut_and_goes_on_with_what_was_left(
    city: ClaimsCity,
) -> None:
    demand = city.presented()  # Monday the 23rd; five business days: Monday the 30th
    assert demand.due_on == date(2026, 11, 30)
    closure = shut(city, 5)  # Thursday the 26th: two days of the five are over
    at = moment(date(2026, 12, 4), 0, 5)
    follow_the_clocks(local_day(at), at)
    assert (fresh(demand).state, is_precluded(fresh(demand), local_day(at))) == ("examining", False)
    lift_closure(closure, ended_on=date(2026, 12, 4), by=city.signer, at=city.day(14))
    assert not is_precluded(fresh(demand), date(2026, 12, 7))

    for _twice in range(2):
        resume_clocks(Closure.objects.get(), city.day(14))

    assert fresh(demand).due_on == date(2026, 12, 9)  # three business days from Monday the 7th
    assert Entry.objects.filter(kind="claim.clock_resumed").count() == 1
    assert is_precluded(fresh(demand), date(2026, 12, 10))


def test_the_days_left_are_counted_from_the_later_of_receipt_and_closure(city: ClaimsCity) -> None:
    closure = Closure(began_on=date(2026, 11, 20), ended_on=date(2026, 11, 27))
    calendar = default_calendar()

    assert moved(date(2026, 11, 30), date(2026, 11, 23), closure, calendar) == date(2026, 12, 4)


def test_in_the_browser_a_signer_declares_and_lifts(city: ClaimsCity, browser_of: BrowserOf) -> None:
    city.in_force(days=3)
    signer, page = browser_of(city.signer), reverse("guarantees:closures")
    assert "没有登记过停业" in signer.get(page).content.decode()
    paper = SimpleUploadedFile("公告.pdf", PDF, "application/pdf")
    wrong = signer.post(page, {"began_on": "x", "reason": "台风封路。"})
    assert (wrong.status_code, "台风封路。" in wrong.content.decode()) == (422, True)
    assert browser_of(city.reviewer).post(page, {"began_on": "2026-11-21", "reason": "台风"}).status_code == 403
    assert signer.post(page, {"began_on": "2026-11-21", "reason": "台风封路。", "file": paper}).status_code == 302
    closure = Closure.objects.get()
    shown = reverse("guarantees:closure", args=[closure.reference])
    assert "停业中" in signer.get(shown).content.decode()
    assert browser_of(city.applicant).get(shown).status_code == 404
    lift = reverse("guarantees:lift_closure", args=[closure.reference])
    assert signer.post(lift, {"ended_on": "2020-01-01", "version": closure.version}).status_code == 422
    assert signer.post(lift, {"ended_on": "2026-11-21", "version": closure.version}).status_code == 302
    sheet = reverse("guarantees:export_closure", args=[closure.reference])
    assert signer.get(sheet).status_code == 200
    assert browser_of(city.applicant).get(sheet).status_code in (403, 404)


def test_a_surety_cannot_overlook_what_it_never_consented_to(db: None, at: Any) -> None:
    city = ClaimsCity(at, issuer=Kind.GUARANTOR)
    case = city.in_force()
    report_contract_change(
        case, effect="heavier", amount=200_000_00, reason="增加一座桥梁。", content=PDF, name="补充协议.pdf",
        by=city.applicant, at=city.at,
    )  # fmt: skip
    demand = city.presented(Guarantee.objects.get())

    seen = seen_by_machine(demand)["changes"]
    assert (seen.verdict, "200,000.00" in seen.note) == (FAILS, True)
    with pytest.raises(Invalid) as refused:
        mark_findings(demand, {"changes": Mark(MEETS)}, [], by=city.examiner, at=city.day(3))
    assert "changes" in refused.value.fields
    kept = mark_findings(
        demand, {"changes": Mark(NOT_ASKED, "索赔不含增加的部分。")}, [], by=city.examiner, at=city.day(3)
    )
    assert kept.state == "examining"
