"""Statements: opening + fees − refunds = closing, the same for both houses, final once the period is over."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.billing.fee_statements import FEE, Period, Sums, accounts_of, period_of, statement_of, sums_of
from xinshu.books.fees import collect_fee
from xinshu.books.models import Account
from xinshu.core.refusals import Invalid
from xinshu.guarantees.actions.payment import confirm_refund
from xinshu.guarantees.models import Payment
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
FIRST, NEXT = date(2026, 11, 21), date(2026, 11, 22)  # the day of the city, and the day after


def paid(city: City, **facts: object) -> Payment:
    return Payment.objects.get(guarantee=city.in_force(**facts))


def refunded(order: Payment, city: City, days: int = 1) -> None:
    Payment.objects.filter(pk=order.pk).update(state=Payment.State.REFUNDING)
    confirm_refund(order, receipt="SBX-R", at=city.at + timedelta(days=days))


def account_of(city: City, member: Member) -> Account:
    return accounts_of(city.finance).get(party=member.organisation)


def test_opening_fees_and_refunds_make_the_closing_and_the_next_opening(city: City) -> None:
    one, other = paid(city), paid(city, amount=111_111_00)
    refunded(other, city)
    account, at = account_of(city, city.applicant), city.at + timedelta(days=3)

    first = statement_of(account, Period(FIRST, FIRST), at=at)
    then = statement_of(account, Period(NEXT, NEXT), at=at)
    whole = statement_of(account, Period(FIRST, NEXT), at=at)

    both = one.amount + other.amount
    assert first.sums == Sums(0, both, 0)
    assert then.sums == Sums(both, 0, other.amount)
    assert whole.sums.closing == then.sums.closing == one.amount == account.balance
    assert [(m.what, m.amount, m.after) for m in whole.movements] == [
        ("fee", one.amount, one.amount), ("fee", other.amount, both), ("refund", -other.amount, one.amount),
    ]  # fmt: skip
    assert [m.order for m in whole.movements] == [one.order_number, other.order_number, other.order_number]


def test_a_filter_narrows_what_is_shown_and_never_the_sums(city: City) -> None:
    one, other = paid(city), paid(city, amount=111_111_00)
    refunded(other, city)
    account, at = account_of(city, city.applicant), city.at + timedelta(days=3)

    fees = statement_of(account, Period(FIRST, NEXT), at=at, what=FEE)
    named = statement_of(account, Period(FIRST, NEXT), at=at, q=one.order_number.lower())

    assert [len(fees.movements), len(named.movements)] == [2, 1]
    assert fees.sums == named.sums == statement_of(account, Period(FIRST, NEXT), at=at).sums


def test_a_statement_of_a_period_that_is_over_is_final_and_one_under_way_is_not(city: City) -> None:
    order = paid(city)
    account, at = account_of(city, city.applicant), city.at + timedelta(days=1)

    today = statement_of(account, Period(FIRST, NEXT), at=at)
    over = statement_of(account, Period(FIRST, FIRST), at=at)
    late = collect_fee(
        city.applicant.organisation, city.guarantor, 5_00, key="P-LATE", for_=order.guarantee, at=city.at
    )  # an act that began before the statement was given
    again = statement_of(account, Period(FIRST, FIRST), at=at)

    assert (today.final, over.final) == (False, True)
    assert again.sums == over.sums
    assert late.at >= Period(FIRST, FIRST).ends_at


def test_the_sums_of_many_accounts_take_two_statements(city: City, django_assert_num_queries) -> None:
    one, other = paid(city), paid(city, by=city.rival)
    accounts = list(accounts_of(city.finance).order_by("pk"))

    with django_assert_num_queries(2):
        sums = sums_of(accounts, Period(FIRST, FIRST))

    assert [sums[account.pk].fees for account in accounts] == [one.amount, other.amount]


@pytest.mark.parametrize(("since", "until"), [(None, date(2026, 11, 23)), (date(2026, 11, 21), date(2026, 11, 20))])
def test_a_period_to_come_or_turned_round_is_refused(city: City, since: date | None, until: date) -> None:
    with pytest.raises(Invalid):
        period_of(since, until, city.at)


def test_both_houses_see_the_same_statement_and_nobody_else_any(city: City, browser_of: BrowserOf) -> None:
    order = paid(city, kind="bid")
    address = f"/billing/statements/{account_of(city, city.applicant).reference}/"

    pages = {who: browser_of(getattr(city, who)).get(address) for who in ("applicant", "finance", "rival")}

    assert [pages[who].status_code for who in pages] == [200, 200, 404]
    for who in ("applicant", "finance"):
        assert order.order_number in pages[who].content.decode()
    assert browser_of(city.department).get(address).status_code == 403
    assert browser_of(city.beneficiary).get("/billing/statements/").status_code == 403
    assert "恒达路桥" in browser_of(city.finance).get("/billing/statements/").content.decode()
    assert "恒达路桥" not in browser_of(city.rival).get("/billing/statements/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "since=x",
        "since=2026-11-30&until=2026-11-01",
        "until=2099-01-01",
        "since=0001-01-01",
        "until=0001-01-01",
        "what=x&page=y",
    ],
)
def test_a_period_that_cannot_be_read_is_said_and_the_month_is_shown(
    city: City, browser_of: BrowserOf, query: str
) -> None:
    paid(city)
    page = browser_of(city.finance).get(f"/billing/statements/?{query}")

    assert page.status_code in (200, 422)
    assert "恒达路桥" in page.content.decode()


def test_exports_hold_what_is_shown_and_are_sealed_until_the_last_opening(city: City, browser_of: BrowserOf) -> None:
    paid(city, kind="bid")
    reference = account_of(city, city.applicant).reference
    browser = browser_of(city.finance)

    sheets = [browser.get("/billing/statements/export/"), browser.get(f"/billing/statements/{reference}/export/")]

    assert [sheet.status_code for sheet in sheets] == [200, 200]
    told = list(Entry.objects.filter(kind="statement.exported").order_by("pk"))
    assert [entry.data["rows"] for entry in told] == [1, 3]
    assert all(entry.sealed_until == city.opens_at for entry in told)
