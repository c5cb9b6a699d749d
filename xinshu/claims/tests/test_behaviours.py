"""What demands and recourse say about conduct arrives in credit, once, by the entry that proves it (EP-24)."""

from datetime import date, timedelta

import pytest

from xinshu.claims.actions.injunctions import lift_injunction, record_injunction
from xinshu.claims.actions.payout import confirm_payout, request_payout
from xinshu.claims.actions.recourse import record_recovery, write_off
from xinshu.claims.behaviours import tell_credit_of_claim, tell_credit_of_recourse
from xinshu.claims.models import Recourse
from xinshu.claims.tests.city import PDF, ClaimsCity, fresh
from xinshu.core.clock import local_day, moved_to
from xinshu.credit.models import Behaviour
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
CLAIM = ("claim.accepted", "claim.refused", "claim.precluded", "claim.paid")


def told(city: ClaimsCity) -> list[tuple[str, str, str]]:
    """Tell credit of all that was recorded, twice; return (side, kind, whose) of what it knows then."""
    with moved_to(city.at + timedelta(days=200)):
        for _time in range(2):
            for entry in Entry.objects.filter(kind__in=CLAIM).order_by("pk"):
                tell_credit_of_claim(entry)
            for entry in Entry.objects.filter(kind__in=("recourse.settled", "recourse.written_off")):
                tell_credit_of_recourse(entry)
    rows = Behaviour.objects.select_related("record__organisation").order_by("pk")
    return [(row.record.side, row.kind, row.record.organisation.name) for row in rows]


def test_a_payment_in_time_speaks_for_the_guarantor_and_against_the_applicant(city: ClaimsCity) -> None:
    demand = city.paid()
    guarantee = demand.guarantee

    house, firm = guarantee.guarantor.name, guarantee.applicant.name

    assert told(city) == [
        ("guarantor", "answered", house), ("guarantor", "paid", house), ("applicant", "defaulted", firm),
    ]  # fmt: skip
    assert {row.case for row in Behaviour.objects.all()} == {guarantee.number}
    assert all(row.entry is not None and row.house == guarantee.guarantor for row in Behaviour.objects.all())


def test_a_refusal_in_time_speaks_against_nobody_and_a_late_one_against_the_guarantor(city: ClaimsCity) -> None:
    demand = city.refused()
    assert [kind for _side, kind, _who in told(city)] == ["answered"]

    type(demand).objects.filter(pk=demand.pk).update(due_on=date(2026, 11, 1))
    entry = Entry.objects.get(kind="claim.refused")
    Behaviour.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    tell_credit_of_claim(entry)

    assert Behaviour.objects.get().kind == "answered_late"


@pytest.mark.parametrize(("ordered", "kind"), [(9, "paid"), (10, "paid_late")])
def test_a_payment_is_in_time_by_the_day_of_its_order_however_long_the_channel_took(
    city: ClaimsCity, ordered: int, kind: str
) -> None:
    demand = fresh(city.complying())
    assert demand.pay_due_on == date(2026, 11, 30)  # day 9
    payout = request_payout(demand, channel="sandbox", by=city.finance, at=city.day(ordered))
    confirm_payout(payout, receipt="SBX-1", at=city.day(20))

    assert [one for _side, one, _who in told(city) if one.startswith("paid")] == [kind]


@pytest.mark.parametrize(("until", "kinds"), [(8, ["paid_late"]), (9, []), (10, [])])
def test_a_payment_that_a_court_forbade_on_its_last_day_is_not_late(
    city: ClaimsCity, until: int, kinds: list[str]
) -> None:
    case = city.in_force()
    demand = city.complying(case=case)
    order = record_injunction(
        case, court="云州市中级人民法院", document_number="（2026）云01财保7号", name="裁定.pdf", content=PDF,
        from_on=date(2026, 11, 26), until_on=None, by=city.examiner, at=city.day(5),
    )  # fmt: skip
    lift_injunction(order, reason="裁定解除", by=city.examiner, at=city.day(until))
    payout = request_payout(fresh(demand), channel="sandbox", by=city.finance, at=city.day(12))
    confirm_payout(payout, receipt="SBX-1", at=city.day(12, 11))

    assert [kind for _side, kind, _who in told(city) if kind.startswith("paid")] == kinds


def test_what_was_paid_back_in_time_and_entered_late_speaks_for_the_applicant_on_the_day_of_the_money(
    city: ClaimsCity,
) -> None:
    city.paid()
    case = Recourse.objects.select_related("creditor", "debtor", "demand__guarantee__project").get()
    on = local_day(case.opened_at) + timedelta(days=30)
    record_recovery(
        case, amount=case.principal_amount, number="收 1", on=on, note="", by=city.finance,
        at=case.opened_at + timedelta(days=45),
    )  # fmt: skip

    assert "recovered" in [kind for _side, kind, _who in told(city)]
    assert Behaviour.objects.get(kind="recovered").happened_on == on


@pytest.mark.parametrize(("days", "kind"), [(10, "recovered"), (60, "recovered_late")])
def test_what_was_paid_back_in_thirty_days_speaks_for_the_applicant(city: ClaimsCity, days: int, kind: str) -> None:
    city.paid()
    case = Recourse.objects.select_related("creditor", "debtor", "demand__guarantee__project").get()
    at = case.opened_at + timedelta(days=days)
    record_recovery(case, amount=case.principal_amount, number="收 1", on=at.date(), note="", by=city.finance, at=at)

    assert [one for _side, one, _who in told(city) if one.startswith("recovered")] == [kind]


def test_what_is_written_off_is_remembered(city: ClaimsCity) -> None:
    city.paid()
    case = Recourse.objects.select_related("creditor", "debtor", "demand__guarantee__project").get()
    write_off(case, reason="破产终结，无可供分配财产", by=city.reviewer, at=case.opened_at + timedelta(days=90))

    assert ("applicant", "written_off", case.debtor.name) in told(city)
