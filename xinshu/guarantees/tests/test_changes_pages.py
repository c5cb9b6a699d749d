"""Pages: each change begun, looked at and decided in the browser by whose turn it is; and the rest of a life."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member, User
from xinshu.books.lines import line_of
from xinshu.core.clock import local_day, moment, moved_to
from xinshu.core.refusals import NotNow
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees import verification
from xinshu.guarantees.actions.ending import DemandOpen, NotYetOver, expire_guarantee, release_guarantee
from xinshu.guarantees.actions.surrenders import ChecksFail, approve_surrender
from xinshu.guarantees.actions.tail import restore_line, set_tail
from xinshu.guarantees.life_tasks import expire_overdue, reduce_by_schedule, remind_of_expiry, restore_lines
from xinshu.guarantees.models import Amendment, Guarantee, Reduction, Surrender
from xinshu.guarantees.tests.city import LINE, MINUTE, City
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Message, Notice
from xinshu.projects.models import Project
from xinshu.work.models import OwnDay

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db
FACE = 1_500_000_00


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("竣工验收.pdf", PDF, "application/pdf")


def of(case: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related("applicant", "guarantor", "beneficiary", "project").get(pk=case.pk)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def begin(browser: Client, case: Guarantee, what: str, **typed: object) -> object:
    return browser.post(f"/guarantees/{case.reference}/{what}/", {"version": of(case).version, **typed})


def do(browser: Client, change: object, what: str, **typed: object) -> object:
    change.refresh_from_db()  # type: ignore[attr-defined]
    path = f"/{change._meta.model_name}s/{change.reference}/{what}/"  # type: ignore[attr-defined]
    return browser.post(path, {"version": change.version, **typed})  # type: ignore[attr-defined]


def test_an_amendment_from_the_form_to_the_new_terms(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force(amount=FACE)
    applicant, signer, beneficiary = (browser_of(who) for who in (city.applicant, city.signer, city.beneficiary))
    form = text(applicant.get(f"/guarantees/{case.reference}/amend/"))
    assert 'value="1,500,000.00"' in form
    typed = {"new_amount": "1600000", "new_expires_on": case.expires_on.isoformat(), "reason": "变更增加工程量。"}

    wrong = begin(applicant, case, "amend", **(typed | {"new_amount": "9000000"}))
    assert (wrong.status_code, "9000000" in text(wrong), "超过法定上限" in text(wrong)) == (422, True, True)
    begin(applicant, case, "amend", **typed)
    amendment = Amendment.objects.get()
    page = text(applicant.get(f"/amendments/{amendment.reference}/"))
    assert "1,600,000.00" in page
    assert "补缴保费" in page
    assert beneficiary.get(f"/amendments/{amendment.reference}/").status_code == 404
    do(applicant, amendment, "pay", account="6000-0001")
    drain()
    do(signer, amendment, "issue")
    drain()
    page = text(beneficiary.get(f"/amendments/{amendment.reference}/"))
    assert "接受修改" in page
    assert "补缴" not in page  # what the applicant pays is none of the beneficiary's business
    assert do(applicant, amendment, "accept").status_code == 403
    do(beneficiary, amendment, "accept")

    assert of(case).amount == 1_600_000_00
    assert "已生效" in text(applicant.get(f"/guarantees/{case.reference}/"))
    letter = Amendment.objects.get().letter.file
    assert beneficiary.get(f"/files/{letter.reference}/").status_code in (200, 302)
    assert Notice.objects.filter(member=city.beneficiary, text__contains="请确认是否接受").count() == 1


@pytest.mark.req("BH-26")
def test_a_surrender_is_checked_reviewed_receipted_and_seen_by_everybody(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force(sealed=True)
    assert city.department
    applicant, department, beneficiary, guarantor = (
        browser_of(who) for who in (city.applicant, city.department, city.beneficiary, city.signer)
    )
    page = text(applicant.get(f"/guarantees/{case.reference}/surrender/"))
    assert city.department.organisation.name in page
    missing = begin(applicant, case, "surrender", ground="accepted", reason="竣工验收合格。")
    assert (missing.status_code, Surrender.objects.count()) == (422, 0)

    begin(applicant, case, "surrender", ground="accepted", reason="竣工验收合格。", file=upload())
    drain()
    surrender = Surrender.objects.get()
    address = f"/surrenders/{surrender.reference}/"
    for browser in (applicant, department, beneficiary, guarantor):
        assert "待监管审核" in text(browser.get(address))
        assert "待监管审核" in text(browser.get(f"/guarantees/{case.reference}/"))
    assert browser_of(city.other_department).get(address).status_code == 404
    assert "审核退保" in text(department.get("/workbench/"))
    proof = surrender.proof.reference
    assert {browser.get(f"/files/{proof}/").status_code for browser in (department, beneficiary)} <= {200, 302}

    do(beneficiary, surrender, "object", reason="质保问题未处理。")
    refused = do(department, surrender, "approve")
    assert (refused.status_code, of(case).state) == (422, "in_force")
    do(department, surrender, "return", reason="请先处理质保问题。")
    do(applicant, surrender, "supply", reason="质保问题已处理。", file=upload())
    do(beneficiary, surrender, "agree")
    do(department, surrender, "approve")

    surrender.refresh_from_db()
    assert (of(case).state, surrender.state) == ("released", "done")
    assert line_of(case.guarantor, case.applicant).available == LINE
    receipt = text(beneficiary.get(f"{address}receipt/"))
    assert surrender.receipt_number in receipt
    drain()
    assert Notice.objects.filter(member=city.applicant, text__contains=surrender.receipt_number).exists()
    told = verification.by_code(case.number, case.verify_code, city.at + timedelta(hours=2))
    assert told.outcome == "released"


def test_with_a_demand_open_nothing_is_given_back(city: City) -> None:
    case = city.in_force()
    assert city.department
    Guarantee.objects.update(available_amount=1, reserved_amount=case.amount - 1)

    with pytest.raises(DemandOpen):
        release_guarantee(of(case), by=city.beneficiary, at=city.at, reason="竣工。")
    surrender = Surrender.objects.create(
        guarantee=of(case), state="in_review", ground="accepted", reason="竣工。", consent="agreed",
        proposed_at=city.at, changed_at=city.at,
    )  # fmt: skip
    with pytest.raises(ChecksFail):
        approve_surrender(surrender, by=city.department, at=city.at)
    on = case.expires_on + timedelta(days=30)
    ended = expire_guarantee(of(case), on=on, at=moment(on, 0, 5))
    assert (ended.available_amount, ended.reserved_amount, ended.lapsed_amount) == (0, case.amount - 1, 1)
    restore_lines(on, moment(on, 0, 6))
    assert line_of(case.guarantor, case.applicant).available == LINE - case.amount  # the demand is not decided
    with pytest.raises(NotNow):
        restore_line(of(case), at=moment(on, 0, 7))
    Guarantee.objects.update(reserved_amount=0, lapsed_amount=case.amount)
    restore_lines(on, moment(on, 0, 8))
    assert line_of(case.guarantor, case.applicant).available == LINE


def test_a_reduction_on_a_document_waits_for_the_beneficiary(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()
    applicant, beneficiary = browser_of(city.applicant), browser_of(city.beneficiary)
    too_much = begin(applicant, case, "reduce", amount="9000000", reason="预付款已扣回。", file=upload())
    assert (too_much.status_code, Reduction.objects.count()) == (422, 0)

    begin(applicant, case, "reduce", amount="500000", reason="预付款已扣回。", file=upload())
    reduction = Reduction.objects.get()
    assert of(case).available_amount == case.amount
    assert "确认减额" in text(beneficiary.get(f"/reductions/{reduction.reference}/"))
    do(beneficiary, reduction, "confirm")

    now = of(case)
    assert (now.amount, now.available_amount, now.reduced_amount) == (case.amount - 500_000_00,) * 2 + (500_000_00,)
    assert line_of(case.guarantor, case.applicant).available == LINE - now.amount


def test_a_schedule_agreed_at_issue_stands_in_the_letter_and_happens_by_itself(
    city: City, browser_of: BrowserOf
) -> None:
    draft = city.draft(amount=FACE)
    days = [draft.effective_on + timedelta(days=30), draft.effective_on + timedelta(days=60)]
    step = f"/guarantees/{draft.reference}/apply/terms/"
    typed = {
        "amount": "1500000", "effective_on": draft.effective_on.isoformat(), "expires_on": draft.expires_on.isoformat(),
        "version": draft.version,
    }  # fmt: skip
    browser = browser_of(city.applicant)
    for wrong in ("明天 五十万", f"{days[0]} 9000000", "2020-01-01 1"):
        answer = browser.post(step, {**typed, "schedule": wrong})
        assert (answer.status_code, wrong in text(answer), Reduction.objects.count()) == (422, True, 0)
    browser.post(step, {**typed, "schedule": f"{days[0]} 500,000\n{days[1]} 1000000"})
    assert list(Reduction.objects.order_by("on").values_list("on", "amount")) == [
        (days[0], 500_000_00), (days[1], 1_000_000_00),
    ]  # fmt: skip
    Guarantee.objects.filter(pk=draft.pk)
    case = live(city, of(draft))
    assert any("自动减少" in clause and days[0].isoformat() in clause for clause in case.clauses)

    reduce_by_schedule(days[0] - timedelta(days=1), moment(days[0] - timedelta(days=1), 0, 5))
    assert of(case).amount == FACE
    for minute in (5, 6):
        reduce_by_schedule(days[0], moment(days[0], 0, minute))
        assert (of(case).amount, of(case).first_amount) == (FACE - 500_000_00, FACE)
    assert line_of(case.guarantor, case.applicant).available == LINE - of(case).amount
    reduce_by_schedule(days[1] + timedelta(days=3), moment(days[1] + timedelta(days=3), 0, 5))
    now = of(case)
    assert (now.amount, now.available_amount, now.state) == (0, 0, "in_force")
    assert line_of(case.guarantor, case.applicant).available == LINE


def live(city: City, draft: Guarantee) -> Guarantee:
    """Bring a draft into force through the real actions."""
    from xinshu.guarantees.actions.application import submit_application
    from xinshu.guarantees.actions.approval import review_automatically
    from xinshu.guarantees.actions.issuance import deliver_letter, issue_guarantee
    from xinshu.guarantees.actions.payment import confirm_payment, request_payment
    from xinshu.guarantees.sealed.issued import values_of
    from xinshu.guarantees.tests.city import stand_in

    case = submit_application(draft, by=city.applicant, at=city.at + 2 * MINUTE)
    case = review_automatically(case, at=city.at + 3 * MINUTE)
    order = request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at + 4 * MINUTE)
    case = confirm_payment(order, receipt="SBX", at=city.at + 5 * MINUTE)
    case = issue_guarantee(case, by=city.signer, at=city.at + 6 * MINUTE)
    return deliver_letter(case, stand_in(case, city.at), values=values_of(case), at=city.at + 7 * MINUTE)


def test_a_renewal_is_a_new_guarantee_filled_with_the_old_one(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force(amount=FACE)
    browser = browser_of(city.applicant)
    assert "续保" in text(browser.get(f"/guarantees/{case.reference}/"))

    first = browser.post(f"/guarantees/{case.reference}/renew/")
    again = browser.post(f"/guarantees/{case.reference}/renew/")

    renewal = Guarantee.objects.exclude(pk=case.pk).get()
    assert first["Location"] == again["Location"] == f"/guarantees/{renewal.reference}/apply/terms/"
    same = ("kind", "amount", "project_id", "applicant_id", "guarantor_id", "beneficiary_id")
    assert [getattr(renewal, name) for name in same] == [getattr(case, name) for name in same]
    assert (renewal.predecessor, renewal.effective_on) == (case, case.expires_on + timedelta(days=1))
    page = text(browser.get(first["Location"]))
    assert "与原保函对比" in page
    assert page.count("沿用") == 4  # amount, parties, project; both days differ
    assert browser_of(city.rival).post(f"/guarantees/{case.reference}/renew/").status_code == 404


@pytest.mark.req("EP-21")
def test_what_expires_without_claims_is_released_by_itself_and_the_applicant_hears_by_sms_and_notice(
    city: City, settings: Any
) -> None:
    case = city.in_force()
    settings.MESSAGING = {**settings.MESSAGING, "sms": {"provider": "sandbox"}}
    User.objects.filter(pk=city.applicant.user_id).update(phone="12300006001")
    drain()
    Notice.objects.all().delete()
    on = case.expires_on + timedelta(days=1)

    expire_overdue(on, moment(on, 0, 5))
    with moved_to(moment(on, 0, 6)):
        drain(at=moment(on, 0, 6))

    assert of(case).state == "expired"
    notice = Notice.objects.get(member=city.applicant)
    assert "担保责任自动解除" in notice.text
    assert Message.objects.filter(notice=notice, channel="sms").exists()


def test_a_last_day_on_which_the_counter_is_shut_rolls_to_the_next_business_day(city: City) -> None:
    case = city.in_force()
    shut = case.expires_on
    OwnDay.objects.create(organisation=case.guarantor, day=shut, works=False)
    saturday = next(day for day in (shut + timedelta(days=n) for n in range(1, 9)) if day.weekday() < 5)
    Guarantee.objects.update(expires_on=shut)

    expire_overdue(shut + timedelta(days=1), moment(shut + timedelta(days=1), 0, 5))
    assert of(case).state == "in_force"
    with pytest.raises(NotYetOver):
        expire_guarantee(of(case), on=saturday, at=moment(saturday, 0, 5))
    expire_overdue(saturday + timedelta(days=1), moment(saturday + timedelta(days=1), 0, 5))
    assert of(case).state == "expired"


def test_a_guarantor_may_set_a_tail_of_its_own(city: City) -> None:
    case = city.in_force()
    set_tail(case.guarantor, case.kind, "expired", days=30, source="授信协议第 9 条", by=city.signer, at=city.at)
    on = case.expires_on + timedelta(days=1)
    ended = expire_guarantee(of(case), on=on, at=moment(on, 0, 5))

    assert ended.tail_until == case.expires_on + timedelta(days=31)


def test_everybody_concerned_is_reminded_30_15_7_and_1_days_ahead_once_each(city: City) -> None:
    case = city.in_force()
    drain(city.at + timedelta(hours=1))
    Notice.objects.all().delete()
    told: dict[int, int] = {}
    for ahead in (31, 30, 29, 15, 7, 2, 1, 0):
        on = case.expires_on - timedelta(days=ahead)
        for minute in (5, 6):
            remind_of_expiry(on, moment(on, 0, minute))
            drain(moment(on, 0, 10))
        told[ahead] = Notice.objects.filter(member=city.beneficiary, subject_id=case.pk).count()

    assert told == {31: 0, 30: 1, 29: 1, 15: 2, 7: 3, 2: 3, 1: 4, 0: 4}
    assert Notice.objects.filter(member=city.applicant, subject_id=case.pk).count() == 4


def test_a_guarantor_of_many_hears_of_them_once_and_of_what_is_secret_apart(city: City) -> None:
    cases = [city.in_force() for _n in range(4)]
    secret = city.in_force("bid")
    Project.objects.filter(pk=secret.project_id).update(opens_at=moment(cases[0].expires_on))
    Guarantee.objects.filter(pk=secret.pk).update(expires_on=cases[0].expires_on)
    drain(city.at + timedelta(hours=1))
    Notice.objects.all().delete()
    on = cases[0].expires_on - timedelta(days=7)
    remind_of_expiry(on, moment(on, 0, 5))
    drain(moment(on, 0, 10))

    heard = Notice.objects.filter(member=city.manager).order_by("pk").values_list("text", flat=True)
    day = cases[0].expires_on.isoformat()
    assert sorted(text[:4] for text in heard) == ["4 笔保", city.applicant.organisation.name[:4]]
    assert f"4 笔保函还有 7 天到期（{day}）。" in heard
    assert Notice.objects.filter(member=city.applicant).count() == 5
    assert Notice.objects.filter(member=city.beneficiary).count() == 4


@pytest.mark.req("BH-25")
def test_expiry_is_found_reminded_of_and_renewed_with_everything_reused(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force(amount=FACE)
    for ahead in (30, 15, 7, 1):
        day: date = case.expires_on - timedelta(days=ahead)
        remind_of_expiry(day, moment(day, 0, 5))
        drain(moment(day, 0, 10))
    ends = [notice.text for notice in Notice.objects.filter(member=city.applicant).order_by("pk")]
    assert [n for n in (30, 15, 7, 1) if any(f"还有 {n} 天到期" in words for words in ends)] == [30, 15, 7, 1]
    expire_overdue(case.expires_on + timedelta(days=1), moment(case.expires_on + timedelta(days=1), 0, 5))
    assert of(case).state == "expired"
    browser = browser_of(city.applicant)
    with moved_to(moment(case.expires_on + timedelta(days=2), 9, 0)):
        page = text(browser.get(browser.post(f"/guarantees/{case.reference}/renew/")["Location"]))
    assert "与原保函对比" in page
    assert local_day(city.at) < case.expires_on
