"""Stories: paid once through the channel, the line becomes a receivable, injunctions stop it, extend or pay."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from xinshu.books.audit import imbalance
from xinshu.books.lines import line_of
from xinshu.books.receivables import owed
from xinshu.books.reconciliation import reconcile
from xinshu.claims.actions.injunctions import (
    lapse_injunction,
    lift_injunction,
    note_suit,
    prolong_injunction,
    record_injunction,
)
from xinshu.claims.actions.payout import Stopped, confirm_payout, fail_payout, request_payout
from xinshu.claims.actions.suspension import (
    NotAskedFor,
    decline_extension,
    grant_extension,
    resume_payment,
    suspend_payment,
)
from xinshu.claims.models import Demand, Injunction, Payout, Recourse
from xinshu.claims.tasks import follow_the_clocks, lapse_injunctions
from xinshu.claims.tests.city import PAYEE, PDF, ClaimsCity, fresh
from xinshu.core.clock import local_day, moment, moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.changing import AMENDMENT
from xinshu.guarantees.life_tasks import restore_lines, seal_amendment
from xinshu.guarantees.models import Amendment, Guarantee
from xinshu.guarantees.tests.city import LINE
from xinshu.guarantees.verification import by_number
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def order_for(city: ClaimsCity, account: str) -> Payout:
    """Order the payment of a demand to a sandbox account that ends in `account`, and let the worker do its part."""
    payee = PAYEE.__class__(PAYEE.name, PAYEE.bank, f"6217000000{account}")
    demand = city.being_paid(payee=payee)
    with moved_to(city.day(5)):
        drain(at=city.day(5, 12))
    return demand.payouts.get()


@pytest.mark.parametrize("account", ["0001", "0004"])
def test_paid_once_however_often_the_channel_says_so(city: ClaimsCity, account: str) -> None:
    payout = order_for(city, account)

    confirm_payout(payout, receipt="SBX-again", at=city.day(6))

    demand, case = Demand.objects.get(), Guarantee.objects.get()
    assert (demand.state, demand.reserved_amount, payout.state) == ("paid", 0, "confirmed")
    assert (case.state, case.paid_amount, case.reserved_amount) == ("in_force", demand.amount, 0)
    assert owed(case.guarantor, case.applicant) == demand.amount
    assert Recourse.objects.get().principal_amount == demand.amount


def test_refused_by_the_channel_it_may_be_paid_again(city: ClaimsCity) -> None:
    payout = order_for(city, "0002")
    demand = Demand.objects.get()
    assert (demand.state, payout.reason, Guarantee.objects.get().paid_amount) == ("complying", "收款账号与户名不符", 0)

    again = request_payout(fresh(demand), channel="sandbox", by=city.finance, at=city.day(6))
    confirm_payout(payout, receipt="SBX-late", at=city.day(6))  # the refused order: a person has to look
    assert Guarantee.objects.get().paid_amount == 0
    confirm_payout(again, receipt="SBX-2", at=city.day(6))

    assert Guarantee.objects.get().paid_amount == demand.amount


def test_a_line_that_was_down_is_asked_again(city: ClaimsCity) -> None:
    payout = order_for(city, "0003")
    assert payout.state == "requested"

    with moved_to(city.day(6)):
        drain(at=city.day(6))

    payout.refresh_from_db()
    assert payout.state == "confirmed"


def test_two_orders_for_one_demand_are_stopped_by_the_database(city: ClaimsCity) -> None:
    demand = city.being_paid()

    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.create(demand=demand, order_number="C2", channel="sandbox", amount=1, requested_at=city.at)


def test_part_then_the_rest_exhausts_it_and_the_line_is_a_receivable(city: ClaimsCity) -> None:
    case = city.in_force()
    city.paid(case=case, amount=case.amount // 4)
    line = line_of(case.guarantor, case.applicant)
    assert (line.occupied, line.available) == (case.amount - case.amount // 4, LINE - case.amount)

    city.paid(case=Guarantee.objects.get(), amount=case.amount - case.amount // 4)

    case = Guarantee.objects.select_related("guarantor", "applicant").get()
    assert (case.state, case.paid_amount, case.available_amount, case.lapsed_amount) == (
        "exhausted", case.amount, 0, 0,
    )  # fmt: skip
    line = line_of(case.guarantor, case.applicant)
    assert (line.occupied, line.available, line.limit) == (0, LINE - case.amount, LINE - case.amount)
    assert owed(case.guarantor, case.applicant) == case.amount
    assert not imbalance()
    assert reconcile(city.day(7)).differences == 0


def test_what_is_left_of_a_partly_paid_guarantee_comes_back_at_its_end_and_no_more(city: ClaimsCity) -> None:
    case = city.in_force(days=10)
    city.paid(case=case, amount=case.amount // 4)
    on = case.expires_on + timedelta(days=1)

    expire_guarantee(Guarantee.objects.get(), on=on, at=moment(on, 0, 5))
    restore_lines(on + timedelta(days=30), moment(on + timedelta(days=30), 0, 5))

    case = Guarantee.objects.select_related("guarantor", "applicant").get()
    line = line_of(case.guarantor, case.applicant)
    assert (line.occupied, line.available) == (0, LINE - case.amount // 4)
    assert reconcile(moment(on, 1)).differences == 0


def test_paid_after_expiry_the_line_of_the_rest_comes_back_then(city: ClaimsCity) -> None:
    case = city.in_force(days=3)
    demand = city.complying(case=case)
    on = case.expires_on + timedelta(days=1)
    expire_guarantee(Guarantee.objects.get(), on=on, at=moment(on, 0, 5))
    assert line_of(case.guarantor, case.applicant).occupied == case.amount
    assert reconcile(moment(on, 1)).differences == 0

    payout = request_payout(fresh(demand), channel="sandbox", by=city.finance, at=city.day(9))
    confirm_payout(payout, receipt="SBX-1", at=city.day(9))
    restore_lines(on + timedelta(days=30), moment(on + timedelta(days=30), 0, 5))

    case = Guarantee.objects.select_related("guarantor", "applicant").get()
    assert (case.state, case.paid_amount, case.lapsed_amount) == ("expired", demand.amount, case.amount - demand.amount)
    assert line_of(case.guarantor, case.applicant).available == LINE - demand.amount


def test_an_exhausted_guarantee_verifies_as_that(city: ClaimsCity) -> None:
    case = city.in_force(sealed=True)
    city.paid(case=case, amount=case.amount)

    verdict = by_number(case.number, city.day(6))

    assert (verdict.outcome, Guarantee.objects.get().state) == ("exhausted", "exhausted")


def test_who_decided_does_not_pay(city: ClaimsCity) -> None:
    with pytest.raises(NotPermitted):
        request_payout(city.complying(), channel="sandbox", by=city.reviewer, at=city.day(5))


# 止付


def stop(city: ClaimsCity, case: Guarantee, **facts: object) -> Injunction:
    usual = {
        "court": "云州市中级人民法院", "document_number": "（2026）云01行保12号", "name": "裁定书.pdf", "content": PDF,
        "from_on": date(2026, 11, 24), "until_on": None, "by": city.examiner, "at": city.day(3),
    }  # fmt: skip
    return record_injunction(case, **(usual | facts))  # type: ignore[arg-type]


def test_an_injunction_blocks_payment_not_examination(city: ClaimsCity) -> None:
    case = city.in_force()
    injunction = stop(city, case)

    demand = city.complying(case=case)
    with pytest.raises(Stopped, match="云州市中级人民法院"):
        request_payout(demand, channel="sandbox", by=city.finance, at=city.day(5))
    lift_injunction(injunction, reason="（2026）云01行保12号之一解除", by=city.examiner, at=city.day(6))

    assert len(injunction.file_sm3) == 64
    assert request_payout(demand, channel="sandbox", by=city.finance, at=city.day(6)).state == "requested"


def test_without_a_suit_in_thirty_days_it_lapses(city: ClaimsCity) -> None:
    sued, idle = stop(city, city.in_force()), stop(city, city.in_force())
    note_suit(sued, suit="（2026）云01民初88号", on=date(2026, 12, 20), by=city.examiner, at=city.day(29))
    with pytest.raises(NotNow):
        lapse_injunction(idle, at=moment(idle.sue_by, 23))

    night = moment(idle.sue_by + timedelta(days=1), 0, 5)
    lapse_injunctions(local_day(night), night)

    states = dict(Injunction.objects.values_list("pk", "state"))
    assert states == {sued.pk: "standing", idle.pk: "lapsed"}


def test_it_ends_with_its_day_unless_prolonged(city: ClaimsCity) -> None:
    injunction = stop(city, city.in_force(), until_on=date(2026, 11, 28))
    assert not Injunction.objects.on(date(2026, 11, 29)).exists()

    injunction = prolong_injunction(injunction, until_on=date(2026, 12, 10), by=city.examiner, at=city.day(6))

    assert Injunction.objects.on(date(2026, 12, 10)).get() == injunction
    with pytest.raises(Invalid):
        prolong_injunction(injunction, until_on=date(2026, 12, 1), by=city.examiner, at=city.day(6))


def test_only_the_guarantors_examiner_records_one(city: ClaimsCity) -> None:
    for by in (city.applicant, city.beneficiary, city.finance, city.bank):
        with pytest.raises(NotPermitted):
            stop(city, city.in_force(), by=by)
    with pytest.raises(Invalid):
        stop(city, city.in_force(), until_on=date(2026, 1, 1))


# 展期或付款


def test_suspended_for_thirty_days_from_the_day_after_receipt(city: ClaimsCity) -> None:
    demand = city.suspended()

    assert (demand.state, demand.suspended_until) == ("suspended", date(2026, 12, 23))
    night = moment(date(2026, 12, 23), 0, 5)
    follow_the_clocks(local_day(night), night)
    assert fresh(demand).state == "suspended"
    with pytest.raises(NotNow):
        resume_payment(demand, at=night)


def test_extended_the_demand_is_deemed_withdrawn(city: ClaimsCity) -> None:
    demand = city.suspended()

    demand = grant_extension(demand, reason="申请人书面同意展期。", by=city.reviewer, at=city.day(6))

    case = Guarantee.objects.get()
    assert (demand.state, case.expires_on) == ("extended", demand.extend_to)
    assert (case.available_amount, case.reserved_amount) == (case.amount, 0)


def test_an_extension_on_demand_is_an_amendment_with_a_letter_and_the_consent_of_the_demand(city: ClaimsCity) -> None:
    demand = city.suspended()
    before = demand.guarantee.expires_on
    demand = grant_extension(demand, reason="申请人书面同意展期。", by=city.reviewer, at=city.day(6))
    for _twice in range(2):
        seal_amendment(Entry.objects.get(kind="amendment.extended"))

    amendment = Amendment.objects.get()
    assert (amendment.state, amendment.number, amendment.on_demand) == ("accepted", 1, demand.reference)
    assert (amendment.before["expires_on"], amendment.new_expires_on) == (before.isoformat(), demand.extend_to)
    assert amendment.letter is not None
    said = "".join(amendment.letter_values["clauses"])
    assert demand.reference in said
    assert f"由“{before}”改为“{demand.extend_to}”" in said
    assert "贵方接受以前" not in said
    assert Entry.objects.filter(kind="amendment.lettered").count() == 1
    assert not accepts(amendment, city)


def accepts(amendment: Amendment, city: ClaimsCity) -> list[str]:
    return [row.action for row in AMENDMENT.possible(amendment, city.beneficiary)]


def test_not_extended_it_is_paid_without_another_presentation(city: ClaimsCity) -> None:
    declined = decline_extension(city.suspended(), reason="申请人不同意。", by=city.reviewer, at=city.day(6))
    waited = city.suspended()
    night = moment(waited.suspended_until + timedelta(days=1), 0, 5)
    follow_the_clocks(local_day(night), night)

    assert (declined.state, fresh(waited).state) == ("complying", "complying")
    with pytest.raises(NotNow):
        suspend_payment(fresh(waited), by=city.reviewer, at=night)


def test_an_expired_guarantee_is_not_extended_but_paid(city: ClaimsCity) -> None:
    demand = city.suspended(case=city.in_force(days=6))
    on = demand.guarantee.expires_on + timedelta(days=4)
    expire_guarantee(Guarantee.objects.get(), on=on, at=moment(on, 0, 5))

    with pytest.raises(NotNow):
        grant_extension(demand, reason="申请人同意。", by=city.reviewer, at=moment(on, 9))

    assert Guarantee.objects.get().state == "expired"
    assert fresh(demand).state == "suspended"


def test_whoever_only_demands_payment_is_not_kept_waiting(city: ClaimsCity) -> None:
    with pytest.raises(NotAskedFor):
        suspend_payment(city.complying(), by=city.reviewer, at=city.day(5))
    with pytest.raises(Invalid):
        city.presented(extend_to=date(2026, 11, 30))


def test_a_channel_that_fails_twice_fails_once(city: ClaimsCity) -> None:
    payout = city.being_paid().payouts.get()

    fail_payout(payout, reason="户名不符", at=city.day(5))
    fail_payout(payout, reason="户名不符", at=city.day(5))

    assert Demand.objects.get().state == "complying"
