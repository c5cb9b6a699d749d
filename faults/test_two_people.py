"""Two people on one case, one person twice: one wins, the other is told what changed and keeps what they typed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connections
from django.http import HttpResponse
from django.urls import reverse

from faults.conftest import browser
from xinshu.accounts.models import Member
from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import Line, line_of
from xinshu.books.models import Transfer
from xinshu.core.clock import moved_to
from xinshu.enterprises.actions import enterprise_of
from xinshu.guarantees.actions.payment import confirm_payment
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.tests.city import LARGE, SMALL, City, Kind
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.projects.models import Project

Question = Callable[[], HttpResponse]
TYPED = "甲方要求改为分期，请核对第七条。"


@dataclass(frozen=True)
class Act:
    """One act as a page posts it: on a case in `state`, by whom, and what the ledger says of it afterwards."""

    action: str
    state: str
    who: str
    kind: str
    leads_to: str
    typed: tuple[tuple[str, str], ...] = ()
    changes: int = 1  # a release also gives the line back, as a step of its own


REASON, OPINION = (("reason", TYPED),), (("opinion", TYPED),)
ACTS = (
    #   action      in state     whose          entry                   leads to      typed
    Act("submit",   "draft",     "applicant",   "guarantee.submitted",  "submitted"),
    Act("withdraw", "in_review", "applicant",   "guarantee.withdrawn",  "withdrawn",  REASON),
    Act("approve",  "in_review", "reviewer",    "guarantee.approved",   "fee_due",    OPINION),
    Act("return",   "in_review", "reviewer",    "guarantee.returned",   "returned",   REASON),
    Act("decline",  "in_review", "reviewer",    "guarantee.declined",   "declined",   REASON),
    Act("pay",      "fee_due",   "applicant",   "payment.requested",    "fee_due",    (("account", "6000-0001"),)),
    Act("issue",    "to_issue",  "signer",      "guarantee.issued",     "issuing"),
    Act("release",  "in_force",  "beneficiary", "guarantee.released",   "released",   REASON, changes=2),
)  # fmt: skip


def asks(city: City, member: Member, case: Guarantee, act: Act) -> Question:
    """Return the question that a click of `member` on the page as it is now would ask."""
    client, data = browser(member), {"version": case.version, **dict(act.typed)}
    address = reverse("guarantees:act", args=[case.reference, act.action])

    def ask() -> HttpResponse:
        with moved_to(city.at + timedelta(hours=1)):
            return client.post(address, data)

    return ask


def at_once(*questions: Question) -> list[HttpResponse]:
    """Ask all questions at the same moment, each in a thread with connections of its own; answers in their order."""
    answers: dict[int, HttpResponse] = {}
    start = threading.Barrier(len(questions))

    def ask(number: int, question: Question) -> None:
        try:
            start.wait(30)
            answers[number] = question()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(questions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [answers[number] for number in range(len(questions))]


def statuses(answers: Sequence[HttpResponse]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def one_won(answers: Sequence[HttpResponse]) -> HttpResponse:
    """Return the answer of the one who came second; fails unless exactly one won."""
    assert statuses(answers) == [302, 409]
    return next(answer for answer in answers if answer.status_code == 409)


def times(kind: str, case: Guarantee) -> int:
    return Entry.objects.filter(kind=kind, subject_type="guarantees.guarantee", subject_id=case.pk).count()


def books_agree() -> None:
    assert imbalance() == {}
    assert drifted() == []


# sequentially: every database, every act


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.action)
def test_a_double_click_does_the_thing_once(city, act):
    case = city.come_to(act.state)
    click = asks(city, getattr(city, act.who), case, act)
    before = times(act.kind, case)

    first, second = click(), click()

    assert (first.status_code, second.status_code) == (302, 409)
    assert times(act.kind, case) == before + 1
    assert Guarantee.objects.get(pk=case.pk).state == act.leads_to
    said = second.content.decode()
    assert "已被改过" in said
    assert all(value in said for name, value in act.typed if name != "account")
    books_agree()


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.action)
def test_repeated_by_going_back_and_posting_the_newest_version_it_is_still_done_once(city, act):
    case = city.come_to(act.state)
    member, before = getattr(city, act.who), times(act.kind, case)

    assert asks(city, member, case, act)().status_code == 302
    for _time in range(3):
        again = asks(city, member, Guarantee.objects.get(pk=case.pk), act)()
        assert again.status_code == 409

    assert times(act.kind, case) == before + 1
    books_agree()


@pytest.mark.parametrize("act", [act for act in ACTS if act.who != "applicant"], ids=lambda act: act.action)
def test_the_second_of_two_colleagues_is_told_who_did_what_and_keeps_the_words(city, act):
    case = city.come_to(act.state)
    first, second = getattr(city, act.who), city.colleague(getattr(city, act.who), act.who)
    quick, slow = asks(city, first, case, act), asks(city, second, case, act)

    assert quick().status_code == 302
    refused = slow()

    assert refused.status_code == 409
    said = refused.content.decode()
    assert first.actor_label in said
    assert "办理了新的一步" not in said
    assert all(value in said for _name, value in act.typed)


def test_a_stale_form_keeps_all_that_was_typed(city, clock):
    case = city.draft()
    colleague = browser(city.colleague(city.applicant, "applicant"))
    address = reverse("guarantees:step", args=[case.reference, "terms"])
    terms = {"version": case.version, "effective_on": "2026-12-01", "expires_on": "2027-05-01"}

    assert browser(city.applicant).post(address, terms | {"amount": "1,500,000.00"}).status_code == 302
    refused = colleague.post(address, terms | {"amount": "1,234,567.89"})

    assert refused.status_code == 409
    assert all(value in refused.content.decode() for value in ("1,234,567.89", "2026-12-01", "2027-05-01"))
    assert Guarantee.objects.get(pk=case.pk).amount == 1_500_000_00


def test_a_stale_project_and_a_stale_record_keep_all_that_was_typed(city, clock):
    project = city.project(award=None)
    firm = enterprise_of(city.make_customer(city.applicant.organisation) or city.applicant.organisation)
    one, other = browser(city.applicant), browser(city.colleague(city.applicant, "applicant"))
    facts = {"version": project.version, "name": "海棠大道新名一", "kind": "municipal", "buyer": project.buyer.name}
    edit, record = (
        reverse("projects:edit", args=[project.reference]),
        reverse("enterprises:detail", args=[firm.reference]),
    )
    seen = firm.fields.order_by("-id").first().pk

    assert one.post(edit, facts).status_code == 302
    assert one.post(record, {"seen": seen, "address": "云州市新址一号"}).status_code == 302
    stale = (
        other.post(edit, facts | {"name": "海棠大道新名二"}),
        other.post(record, {"seen": seen, "address": "云州市新址二号"}),
    )

    assert statuses(stale) == [409, 409]
    assert "海棠大道新名二" in stale[0].content.decode()
    assert "云州市新址二号" in stale[1].content.decode()
    assert Project.objects.get(pk=project.pk).name == "海棠大道新名一"


def test_a_draft_begun_by_a_double_click_is_one_draft(city, clock):
    project, one = city.project(), browser(city.applicant)
    asked = {"kind": "performance", "project": project.reference, "guarantor": city.guarantor.pk}

    first, second = (one.post(reverse("guarantees:new"), asked) for _click in range(2))

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Guarantee.objects.count() == 1


def test_a_receipt_that_arrives_three_times_is_one_payment(city):
    payment = city.paying()

    for _time in range(3):
        confirm_payment(payment, receipt="SBX-1", at=city.at + timedelta(minutes=9))

    assert times("payment.confirmed", payment.guarantee) == 1
    assert Transfer.objects.filter(key=payment.order_number).count() == 1
    books_agree()


# at the same moment: threads with connections of their own


at_the_same_moment = pytest.mark.django_db(transaction=True)


@at_the_same_moment
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.action)
def test_two_clicks_at_the_same_moment_do_the_thing_once(city, act):
    case = city.come_to(act.state)
    member = getattr(city, act.who)
    colleague = city.colleague(member, act.who)
    before = times(act.kind, case)

    one_won(at_once(asks(city, member, case, act), asks(city, colleague, case, act)))

    assert times(act.kind, case) == before + 1
    after = Guarantee.objects.get(pk=case.pk)
    assert (after.state, after.version) == (act.leads_to, case.version + act.changes)
    books_agree()


@at_the_same_moment
def test_two_signers_issue_one_number_and_one_occupancy(city):
    case = city.to_issue()
    act = next(act for act in ACTS if act.action == "issue")
    signers = [city.signer, *(city.colleague(city.signer, "signer") for _more in range(3))]

    answers = at_once(*(asks(city, signer, case, act) for signer in signers))
    drain(at=city.at + timedelta(hours=2))

    assert statuses(answers) == [302, 409, 409, 409]
    case = Guarantee.objects.select_related(*PARTIES).get(pk=case.pk)
    assert case.state == "in_force"
    assert line_of(case.guarantor, case.applicant).occupied == case.amount
    assert Transfer.objects.filter(subject_id=case.pk, debit__unit="LINE").count() == 1
    assert times("guarantee.delivered", case) == 1


@at_the_same_moment
def test_two_payments_charge_once(city):
    case = city.fee_due()
    act = next(act for act in ACTS if act.action == "pay")

    one_won(
        at_once(
            *(asks(city, member, case, act) for member in (city.applicant, city.colleague(city.applicant, "applicant")))
        )
    )
    drain(at=city.at + timedelta(hours=2))

    assert Payment.objects.filter(guarantee=case).count() == 1
    assert Transfer.objects.filter(subject_id=case.pk, debit__unit="CNY").count() == 1
    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"


@at_the_same_moment
def test_approved_and_withdrawn_at_the_same_moment_it_is_one_of_both(city):
    case = city.in_review()
    by_name = {act.action: act for act in ACTS}

    one_won(
        at_once(
            asks(city, city.reviewer, case, by_name["approve"]), asks(city, city.applicant, case, by_name["withdraw"])
        )
    )

    case = Guarantee.objects.select_related(*PARTIES).get(pk=case.pk)
    assert (times("guarantee.approved", case), times("guarantee.withdrawn", case)) in ((1, 0), (0, 1))
    reserved = case.amount if case.state == "fee_due" else 0
    assert line_of(case.guarantor, case.applicant).reserved == reserved
    books_agree()


@at_the_same_moment
@pytest.mark.parametrize("turn", range(3))
def test_a_line_for_exactly_one_of_two_approvals_is_given_once(city, turn):
    firm = city.member(f"云州额度刚好建设有限公司{turn}", Kind.ENTERPRISE, "applicant")
    _house, needed = city.guarantor, LARGE // 10
    city.make_customer(firm.organisation, line=needed + SMALL // 10)
    cases = [city.in_review(by=firm) for _case in range(2)]
    approve = next(act for act in ACTS if act.action == "approve")
    reviewers = city.reviewer, city.colleague(city.reviewer, "reviewer")

    answers = at_once(*(asks(city, who, case, approve) for who, case in zip(reviewers, cases, strict=True)))

    assert statuses(answers) == [302, 422]
    refused = next(answer for answer in answers if answer.status_code == 422).content.decode()
    assert "额度" in refused
    assert TYPED in refused
    assert sorted(Guarantee.objects.filter(applicant=firm.organisation).values_list("state", flat=True)) == [
        "fee_due",
        "in_review",
    ]
    limit = needed + SMALL // 10
    assert line_of(city.guarantor, firm.organisation) == Line(limit, needed, 0, limit - needed)
    books_agree()
