"""Stories: what an early end gives back, by the tariff bound at issue; decided once, paid once, whatever dies."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.books.models import Transfer
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
from xinshu.guarantees.actions.amendments import accept_amendment, issue_amendment, offer_amendment, propose_amendment
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.returns import (
    approve_return,
    confirm_return,
    confirm_stated,
    fail_return,
    give_back_by_transfer,
    retry_return,
    send_back_stated,
    state_return,
)
from xinshu.guarantees.actions.terms_of_business import publish_terms
from xinshu.guarantees.models import FeeReturn, Guarantee, Payment
from xinshu.guarantees.payments import TRANSFER, Answer
from xinshu.guarantees.payments.sandbox import Sandbox
from xinshu.guarantees.pricing import UNEARNED, Tariff
from xinshu.guarantees.returning import owed_back
from xinshu.guarantees.sealed.amended import after
from xinshu.guarantees.tests.city import City, stand_in
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


@pytest.fixture
def returning(city: City) -> City:
    """The city with a tariff that gives back what was not covered."""
    city.guarantor  # noqa: B018  (in business first: the newest version is the one quoted)
    terms = Tariff(Decimal("0.0100"), minimum=300_00, refunds=UNEARNED)
    publish_terms(city.guarantor, "performance", terms, valid_from=date(2024, 1, 2), by=SYSTEM, at=city.at)
    return city


def released(city: City, days: int = 50, **facts: object) -> Guarantee:
    """Return a guarantee that was released `days` after it took effect."""
    case = city.in_force(**facts)  # type: ignore[arg-type]
    return end(case, city, days)


def end(case: Guarantee, city: City, days: int) -> Guarantee:
    at = moment(case.effective_on + timedelta(days=days), 10)
    return release_guarantee(case, by=city.beneficiary, at=at, reason="竣工验收合格。")


def back_of(case: Guarantee) -> FeeReturn:
    return FeeReturn.objects.select_related("guarantee__applicant", "guarantee__guarantor", "payment").get(
        guarantee=case
    )


def paid_back(case: Guarantee) -> list[int]:
    found = Transfer.objects.filter(credit__purpose="cash", subject_id=case.pk)
    return list(found.values_list("amount", flat=True))


def test_an_early_end_puts_before_finance_what_the_version_at_issue_gives_back(returning: City) -> None:
    case = returning.in_force()
    generous = Tariff(Decimal("0.0200"), minimum=1, refunds="periods")
    publish_terms(returning.guarantor, "performance", generous, valid_from=date(2024, 1, 3), by=SYSTEM, at=returning.at)

    row = back_of(end(case, returning, 50))

    fee = case.fee_amount  # 200 days were paid for, 50 used
    assert (row.state, row.computed_amount, row.amount) == ("asked", fee * 150 // 200, fee * 150 // 200)
    assert [line["amount"] for line in row.lines] == [fee, row.amount - fee]
    assert "已担保 50 天，共 200 天" in row.lines[1]["basis"]
    assert Entry.objects.get(kind="fee_return.asked").data["tariff"] == case.tariff.number


@pytest.mark.parametrize(("days", "back"), [(0, True), (150, True), (200, False), (201, False)])
def test_the_least_fee_stays_and_nothing_is_asked_where_nothing_comes_back(
    returning: City, days: int, back: bool
) -> None:
    case = returning.in_force(amount=6_000_000)  # 60,000 yuan: 328.77 for 200 days, of which 300 stay
    end(case, returning, days)

    rows = FeeReturn.objects.filter(guarantee=case)
    assert [row.amount for row in rows] == (
        [case.fee_amount - max(300_00, round(case.fee_amount * days / 200))] if back else []
    )
    assert not rows or rows[0].lines[2]["label"] == "最低收费不退"


def test_a_tariff_that_gives_nothing_back_asks_for_nothing(city: City) -> None:
    case = released(city)

    assert not FeeReturn.objects.exists()
    assert case.state == "released"


def test_finance_approves_in_one_act_and_the_channel_pays_once(returning: City) -> None:
    case = released(returning)
    row = back_of(case)
    with pytest.raises(NotPermitted):
        approve_return(row, by=returning.reviewer, at=returning.at)

    done = approve_return(row, by=returning.finance, at=returning.at)
    drain(at=returning.at + timedelta(days=60))
    again = confirm_return(row, receipt="SBX-2", at=returning.at)

    assert done.state == "paying"
    assert (again.state, again.receipt) == ("done", f"SBX-R-{row.payment.order_number}")
    assert paid_back(case) == [row.amount]
    assert Payment.objects.get(pk=row.payment_id).state == "confirmed"
    told = Notice.objects.filter(member__organisation=returning.applicant.organisation, text__contains="保费已退还")
    assert told.count() == 1
    with pytest.raises(Changed):
        approve_return(row, by=returning.finance, at=returning.at)


def test_another_amount_needs_a_reason_and_a_second_person(returning: City) -> None:
    row = back_of(released(returning))
    finance, other = returning.finance, returning.colleague(returning.finance, "finance")
    fee = row.payment.amount
    for amount, reason in ((fee + 1, "理由充分"), (-1, "理由充分"), (row.computed_amount, "理由充分"), (100, "无")):
        with pytest.raises(Invalid):
            state_return(row, amount=amount, reason=reason, by=finance, at=returning.at)

    stated = state_return(row, amount=1_00, reason="客户另有欠费，协商一致。", by=finance, at=returning.at)
    with pytest.raises(NotPermitted):
        confirm_stated(stated, by=finance, at=returning.at)
    back = send_back_stated(stated, reason="请附协议", by=other, at=returning.at)
    assert (back.state, back.amount, back.stated_reason) == ("asked", row.computed_amount, "")
    stated = state_return(back, amount=1_00, reason="客户另有欠费，协商一致。", by=finance, at=returning.at)
    confirm_stated(stated, by=other, at=returning.at)
    drain(at=returning.at + timedelta(days=60))

    assert paid_back(row.guarantee) == [1_00]
    assert back_of(row.guarantee).state == "done"


def test_a_stated_zero_ends_it_without_money(returning: City) -> None:
    row = back_of(released(returning))
    other = returning.colleague(returning.finance, "finance")

    stated = state_return(row, amount=0, reason="合同约定不退。", by=returning.finance, at=returning.at)
    done = confirm_stated(stated, by=other, at=returning.at)

    assert (done.state, paid_back(row.guarantee)) == ("none", [])


def test_a_channel_that_refuses_is_asked_again_by_a_person(returning: City, monkeypatch: pytest.MonkeyPatch) -> None:
    row = back_of(released(returning))
    said = [Answer(row.payment.order_number, paid=False, reason="账户已销户"), Answer("", paid=True, receipt="OK")]
    monkeypatch.setattr(Sandbox, "refund", lambda self, order: said.pop(0))

    approve_return(row, by=returning.finance, at=returning.at)
    drain(at=returning.at + timedelta(days=60))
    failed = back_of(row.guarantee)
    fail_return(failed, reason="再说一次", at=returning.at)
    assert (failed.state, failed.failure, paid_back(row.guarantee)) == ("failed", "账户已销户", [])
    retry_return(failed, by=returning.finance, at=returning.at)
    drain(at=returning.at + timedelta(days=61))

    assert (back_of(row.guarantee).receipt, paid_back(row.guarantee)) == ("OK", [row.amount])


def test_what_came_by_transfer_goes_back_by_transfer(returning: City) -> None:
    case = returning.in_force()
    Payment.objects.filter(guarantee=case).update(channel=TRANSFER)
    row = approve_return(back_of(end(case, returning, 50)), by=returning.finance, at=returning.at)
    drain(at=returning.at + timedelta(days=60))
    assert (row.state, paid_back(case)) == ("transferring", [])

    with pytest.raises(Invalid):
        give_back_by_transfer(row, receipt=" ", by=returning.finance, at=returning.at)
    done = give_back_by_transfer(row, receipt="2026112200017", by=returning.finance, at=returning.at)

    assert (done.state, done.receipt, paid_back(case)) == ("done", "2026112200017", [row.amount])


def test_the_database_keeps_a_second_return_of_an_order_out(returning: City) -> None:
    row = back_of(released(returning))

    with pytest.raises(IntegrityError), transaction.atomic():
        FeeReturn.objects.create(
            guarantee=row.guarantee, payment=row.payment, state="asked", ended_on=row.ended_on, computed_amount=1,
            amount=1, proposed_at=returning.at, changed_at=returning.at,
        )  # fmt: skip


def test_days_and_face_that_an_amendment_added_come_back_by_what_they_cost(returning: City) -> None:
    case = returning.in_force(amount=150_000_000)
    later = case.expires_on + timedelta(days=100)
    amendment = propose_amendment(
        case, by=returning.applicant, at=returning.at, reason="工期顺延", new_amount=case.amount + 100_000_00,
        new_expires_on=later,
    )  # fmt: skip
    payment = request_difference(
        amendment, channel="sandbox", account="6000-0001", by=returning.applicant, at=returning.at
    )
    confirm_difference(payment, receipt="SBX-A", at=returning.at)
    amendment.refresh_from_db()
    issued = issue_amendment(amendment, by=returning.signer, at=returning.at)
    offered = offer_amendment(issued, stand_in(case, returning.at), values=after(issued), at=returning.at)
    accept_amendment(offered, by=returning.beneficiary, at=returning.at)
    case = Guarantee.objects.select_related("tariff").get(pk=case.pk)
    first, added = case.payments.order_by("pk")
    begins, extra = case.effective_on, 100_000_00

    at_200 = owed_back(case, begins + timedelta(days=200))
    at_250 = owed_back(case, begins + timedelta(days=250))

    longer = amendment.fee_lines[0]["amount"]  # 100 days of the old face
    more = added.amount - longer  # 300 days of 100,000 yuan, from the day it took effect on
    assert [owed.payment for owed in at_200] == [first, added]
    assert [owed.quote.total for owed in at_200] == [0, longer + more - round(more * 200 / 300)]
    assert abs(at_250[1].quote.total - (longer / 2 + more / 6)) <= 1
    assert extra * Decimal("0.01") * 300 / 365 - more < 1


def test_finance_sees_decides_and_the_applicant_reads_how_it_was_counted(
    returning: City, browser_of: BrowserOf
) -> None:
    case = returning.in_force()
    applicant, finance = browser_of(returning.applicant), browser_of(returning.finance)
    before = applicant.get(f"/guarantees/{case.reference}/").content.decode()
    outside = browser_of(returning.beneficiary).get(f"/guarantees/{case.reference}/").content.decode()
    surrender = applicant.get(f"/guarantees/{case.reference}/surrender/").content.decode()
    row = back_of(released_now(case, returning))
    page = f"/fee-returns/{row.reference}/"

    desk = finance.get("/workbench/").content.decode()
    shown = finance.get(page).content.decode()
    bad = finance.post(f"{page}state/", {"version": row.version, "amount": "abc", "reason": "协商一致减半"})
    wrong = finance.post(f"{page}state/", {"version": row.version, "amount": "99999999", "reason": "协商一致减半"})
    done = finance.post(f"{page}approve/", {"version": row.version})
    listed = finance.get("/billing/returns/?view=paying").content.decode()
    sheet = finance.get("/billing/returns/export/?view=paying")
    drain(at=returning.at + timedelta(days=1))
    after_it = applicant.get(f"/guarantees/{case.reference}/").content.decode()

    assert "今天提前结束退多少" in before
    assert "今天提前结束退多少" in surrender
    assert "今天提前结束退多少" not in outside
    assert page in desk
    assert "核定退费金额" in desk
    assert "怎么算的" in shown
    assert "按计算退费" in shown
    assert (bad.status_code, wrong.status_code, done.status_code, sheet.status_code) == (422, 422, 302, 200)
    assert "协商一致减半" in bad.content.decode()
    assert "协商一致减半" in wrong.content.decode()
    assert page in listed
    assert "已退费" in after_it
    assert page in after_it
    assert applicant.get(page).status_code == 200
    assert applicant.post(f"{page}approve/", {"version": row.version}).status_code == 403
    assert browser_of(returning.beneficiary).get(page).status_code == 404
    assert browser_of(returning.rival).get(page).status_code == 404
    assert finance.post(f"{page}nothing/", {"version": 1}).status_code == 404


def released_now(case: Guarantee, city: City) -> Guarantee:
    assert local_day(city.at) <= case.effective_on
    return release_guarantee(
        Guarantee.objects.get(pk=case.pk), by=city.beneficiary, at=city.at + timedelta(hours=1), reason="另换担保。"
    )
