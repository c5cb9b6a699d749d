"""Stories: what guarantees hold of a line, as the books see it: lapsing, limits, reconciliation, statements."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.books.holds import release_due
from xinshu.books.limits import found_group, join_group, report_capital
from xinshu.books.lines import line_of
from xinshu.books.models import Account, Difference, Transfer
from xinshu.books.reconciliation import reconcile
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.guarantees.actions.approval import approve_application, hold_ends
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def test_a_line_stays_reserved_for_ten_working_days_to_the_end_of_the_last(city: City) -> None:
    case = city.fee_due()

    hold = Transfer.objects.get(subject_id=case.pk, state="pending")

    assert hold.due_at == hold_ends(case, city.at)
    assert local_day(hold.due_at - timedelta(seconds=1)) > local_day(city.at) + timedelta(days=11)
    assert hold.due_at == moment(local_day(hold.due_at), 0, 0)


def test_an_unpaid_application_lapses_once_its_line_is_free_and_both_sides_learn_of_it(city: City) -> None:
    case = city.fee_due()
    before = line_of(case.guarantor, case.applicant)
    due = hold_ends(case, city.at)

    assert release_due(due - timedelta(seconds=1)) == 0
    assert release_due(due) == 1
    assert release_due(due + timedelta(days=1)) == 0

    case = Guarantee.objects.get(pk=case.pk)
    after = line_of(case.guarantor, case.applicant)
    assert (case.state, case.ended_at) == ("lapsed", due)
    assert (after.reserved, after.available) == (0, before.available + (case.amount or 0))
    assert Entry.objects.filter(kind="guarantee.lapsed", subject_id=case.pk).count() == 1
    assert Entry.objects.filter(kind="hold.expired").count() == 1


def test_a_fee_that_is_under_way_keeps_the_line_and_one_that_arrived_keeps_it_for_good(city: City) -> None:
    case = city.fee_due()
    late = hold_ends(case, city.at) + timedelta(days=1)
    payment = request_payment(
        Guarantee.objects.get(pk=case.pk), channel="sandbox", account="6000-0001", by=city.applicant, at=city.at
    )

    assert release_due(late) == 0
    confirm_payment(payment, receipt="SBX-1", at=late)
    assert release_due(late + timedelta(days=99)) == 0

    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"
    assert line_of(case.guarantor, case.applicant).reserved == case.amount


def test_a_group_limit_stops_the_approval_and_says_so(city: City) -> None:
    case = city.in_review()
    assert case.amount is not None
    report_capital(
        case.guarantor, case.amount * 20 // 3, as_of=local_day(city.at), source="三季度报表", by=SYSTEM, at=city.at
    )
    group = found_group(case.guarantor, "恒达集团", by=SYSTEM, at=city.at)
    join_group(group, case.applicant, relation="parent", basis="工商登记", by=SYSTEM, at=city.at)

    with pytest.raises(Exception, match="单一客户限额") as refused:
        approve_application(case, by=city.reviewer, at=city.at, opinion="同意承保。")

    assert getattr(refused.value, "status", 0) == 422
    assert Guarantee.objects.get(pk=case.pk).state == "in_review"
    assert line_of(case.guarantor, case.applicant).reserved == 0


def test_books_and_cases_agree_in_every_state_and_an_altered_case_is_named(city: City) -> None:
    for state in ("in_review", "fee_due", "to_issue", "in_force", "released", "expired", "declined", "lapsed"):
        city.come_to(state)
    assert reconcile(city.at).differences == 0
    case = Guarantee.objects.get(state="to_issue")

    Guarantee.objects.filter(pk=case.pk).update(amount=(case.amount or 0) + 100)
    reconcile(city.at)

    row = Difference.objects.get()
    assert (row.kind, row.subject_id, row.party_id) == ("hold", case.pk, case.applicant_id)
    assert (row.stands[:2], row.should[:2]) == ("预占", "预占")
    assert row.stands != row.should


def test_a_difference_about_a_bid_is_as_secret_as_the_bid(city: City) -> None:
    case = city.to_issue("bid")
    Guarantee.objects.filter(pk=case.pk).update(amount=(case.amount or 0) + 100)

    reconcile(city.at)

    assert Entry.objects.get(kind="difference.found").sealed_until == case.project.opens_at


def test_the_statement_links_every_movement_to_its_case_for_both_sides(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()
    line = Account.objects.get(holder=case.guarantor, party=case.applicant, purpose="line")
    page = reverse("books:statement", args=[line.reference])

    for member in (city.reviewer, city.applicant):
        shown = browser_of(member).get(page, {"since": "2026-11-01T00:00"}).content.decode()
        assert shown.count(reverse("guarantees:detail", args=[case.reference])) == 2
        assert case.number in shown
    assert browser_of(city.rival).get(page).status_code == 404


def test_the_applicant_sees_its_line_but_not_how_the_guarantor_groups_it(city: City, browser_of: BrowserOf) -> None:
    case = city.fee_due()
    report_capital(
        case.guarantor, (case.amount or 0) * 50, as_of=local_day(city.at), source="三季度报表", by=SYSTEM, at=city.at
    )
    group = found_group(case.guarantor, "恒达集团", by=SYSTEM, at=city.at)
    join_group(group, case.applicant, relation="parent", basis="工商登记", by=SYSTEM, at=city.at)

    mine = browser_of(city.applicant).get(reverse("books:lines")).content.decode()
    theirs = browser_of(city.reviewer).get(reverse("books:lines")).content.decode()

    assert case.guarantor.name in mine
    assert "恒达集团" not in mine
    assert "单一客户限额" not in mine
    assert "恒达集团" in theirs
    assert browser_of(city.applicant).get(reverse("books:limits")).status_code == 403
    assert browser_of(city.applicant).get(reverse("books:group", args=[group.reference])).status_code == 404
