"""Stories: a guarantee in force gets other terms, or keeps the old ones; nothing in between."""

from datetime import timedelta

import pytest

from xinshu.books.lines import line_of
from xinshu.books.reconciliation import reconcile
from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.documents.blobs import read_blob
from xinshu.guarantees import verification
from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
from xinshu.guarantees.actions.amendments import (
    accept_amendment,
    approve_amendment,
    decline_amendment,
    issue_amendment,
    propose_amendment,
    reject_amendment,
    withdraw_amendment,
)
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.changing import AMENDMENT
from xinshu.guarantees.models import Amendment, Authority, Guarantee, Payment
from xinshu.guarantees.tests.city import LINE, MINUTE, City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.work.queries import todos_of

pytestmark = pytest.mark.django_db
FACE, MORE = 1_500_000_00, 50_000_00


def fresh(case: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related("applicant", "guarantor", "beneficiary", "project", "letter").get(
        pk=case.pk
    )


def proposed(city: City, case: Guarantee, **changes) -> Amendment:
    changes = changes or {"new_amount": case.amount + MORE}
    return propose_amendment(fresh(case), by=city.applicant, at=city.at + 20 * MINUTE, reason="工期顺延。", **changes)


def paid(city: City, amendment: Amendment) -> Amendment:
    if amendment.state == "fee_due":
        payment = request_difference(
            amendment, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at + 21 * MINUTE
        )
        confirm_difference(payment, receipt="SBX-1", at=city.at + 22 * MINUTE)
    return Amendment.objects.get(pk=amendment.pk)


def offered(city: City, case: Guarantee, **changes) -> Amendment:
    """Return an amendment with its real letter before the beneficiary."""
    amendment = paid(city, proposed(city, case, **changes))
    issue_amendment(amendment, by=city.signer, at=city.at + 23 * MINUTE)
    with moved_to(city.at + 24 * MINUTE):
        drain(at=city.at + 24 * MINUTE)
    return Amendment.objects.get(pk=amendment.pk)


@pytest.fixture
def case(city: City) -> Guarantee:
    return city.in_force(sealed=True, amount=FACE)


def used(case: Guarantee) -> tuple[int, int, int]:
    line = line_of(case.guarantor, case.applicant)
    return line.reserved, line.occupied, line.available


def test_an_increase_is_reserved_paid_sealed_offered_and_accepted_as_a_whole(city: City, case: Guarantee) -> None:
    old, end = case.amount, case.expires_on + timedelta(days=90)
    amendment = proposed(city, case, new_amount=old + MORE, new_expires_on=end)
    assert (amendment.state, used(case)) == ("fee_due", (MORE, old, LINE - old - MORE))
    assert amendment.fee_amount == sum(line["amount"] for line in amendment.fee_lines) > 0

    amendment = paid(city, amendment)
    assert amendment.state == "to_issue"
    issue_amendment(amendment, by=city.signer, at=city.at + 23 * MINUTE)
    with moved_to(city.at + 24 * MINUTE):
        drain(at=city.at + 24 * MINUTE)
    amendment = Amendment.objects.get(pk=amendment.pk)
    assert (amendment.state, amendment.number) == ("offered", 1)
    before = fresh(case)
    assert (before.amount, before.expires_on) == (old, case.expires_on)  # the old terms stand
    assert [todo.state_label for todo in todos_of(city.beneficiary, city.at + 25 * MINUTE, 5)] == ["待受益人确认"]
    told = verification.by_file(read_blob(amendment.letter.file.blob), city.at + 25 * MINUTE)
    assert (told.outcome, [check.passed for check in told.checks]) == ("genuine", [True, None, True, True])

    accept_amendment(amendment, by=city.beneficiary, at=city.at + 26 * MINUTE)

    now = fresh(case)
    assert (now.amount, now.available_amount, now.first_amount, now.increased_amount) == (
        old + MORE,
        old + MORE,
        old,
        MORE,
    )
    assert (now.expires_on, used(case)) == (end, (0, old + MORE, LINE - old - MORE))
    assert not reconcile(at=city.at + 27 * MINUTE).differences
    told = verification.by_code(now.number, now.verify_code, city.at + 27 * MINUTE)
    assert (told.outcome, told.says["amount"], [row.number for row in told.amendments]) == (
        "genuine", "1,550,000.00", [1]
    )  # fmt: skip


def test_after_release_everything_that_was_added_comes_back_once(city: City, case: Guarantee) -> None:
    accept_amendment(offered(city, case), by=city.beneficiary, at=city.at + 26 * MINUTE)

    release_guarantee(fresh(case), by=city.beneficiary, at=city.at + 30 * MINUTE, reason="竣工验收合格。")

    assert used(case) == (0, 0, LINE)
    assert Entry.objects.filter(kind="guarantee.line_restored").count() == 1


@pytest.mark.parametrize("how", ["reject", "end"])
def test_what_is_not_accepted_leaves_the_old_terms_frees_the_line_and_gives_the_fee_back(
    city: City, case: Guarantee, how: str
) -> None:
    amendment, old = offered(city, case), case.amount

    if how == "reject":
        reject_amendment(amendment, by=city.beneficiary, at=city.at + 26 * MINUTE, reason="只同意延长工期。")
    else:
        release_guarantee(fresh(case), by=city.beneficiary, at=city.at + 26 * MINUTE, reason="竣工验收合格。")
    with moved_to(city.at + 27 * MINUTE):
        drain(at=city.at + 27 * MINUTE)

    now, amendment = fresh(case), Amendment.objects.get(pk=amendment.pk)
    assert (amendment.state, now.amount) == ({"reject": "rejected", "end": "lapsed"}[how], old)
    assert used(case) == ((0, old, LINE - old) if how == "reject" else (0, 0, LINE))
    assert amendment.payments.get().state == Payment.State.REFUNDED


def test_silence_is_no_acceptance(city: City, case: Guarantee) -> None:
    amendment = offered(city, case)

    with moved_to(city.at + timedelta(days=60)):
        drain(at=city.at + timedelta(days=60))

    assert (Amendment.objects.get(pk=amendment.pk).state, fresh(case).amount) == ("offered", case.amount)


def test_a_decrease_costs_nothing_and_frees_the_line_at_acceptance_only(city: City, case: Guarantee) -> None:
    amendment = offered(city, case, new_amount=case.amount - MORE)
    assert (amendment.fee_amount, used(case)) == (0, (0, case.amount, LINE - case.amount))

    accept_amendment(amendment, by=city.beneficiary, at=city.at + 26 * MINUTE)

    now = fresh(case)
    assert (now.amount, now.reduced_amount, now.available_amount) == (case.amount - MORE, MORE, case.amount - MORE)
    assert used(case) == (0, now.amount, LINE - now.amount)


def test_other_words_need_no_fee_and_stand_on_the_public_page(city: City, case: Guarantee) -> None:
    accept_amendment(
        offered(city, case, wording={"project": "临港新区海棠大道改名工程"}),
        by=city.beneficiary,
        at=city.at + 26 * MINUTE,
    )

    told = verification.by_code(case.number, case.verify_code, city.at + 27 * MINUTE)
    assert (told.outcome, told.says["project"]) == ("genuine", "临港新区海棠大道改名工程")
    Guarantee.objects.update(worded={"project": "别的工程"})
    assert verification.by_code(case.number, case.verify_code, city.at + 28 * MINUTE).outcome == "doubtful"


def test_above_the_authority_of_rules_the_committee_signs_and_another_issues(city: City) -> None:
    case = city.in_force(amount=FACE)
    Authority.objects.update(auto_amount=1)
    amendment = proposed(
        city, case, new_amount=(case.amount or 0) - 1, new_expires_on=case.expires_on + timedelta(days=5)
    )
    assert amendment.state == "in_review"
    with pytest.raises(NotPermitted):
        approve_amendment(amendment, by=city.manager, at=city.at, opinion="")

    amendment = approve_amendment(amendment, by=city.reviewer, at=city.at + 30 * MINUTE, opinion="同意。")

    assert amendment.state == "fee_due"
    decline_amendment(amendment, by=city.reviewer, at=city.at + 31 * MINUTE, reason="集中度过高。")
    assert Amendment.objects.get().state == "declined"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_amount": 0}, "new_amount"),
        ({"new_amount": 10**12}, "new_amount"),
        ({"new_expires_on": -1}, "new_expires_on"),
        ({"wording": {"project": "长" * 121}}, "project"),
        ({"wording": {}}, "new_amount"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(city: City, case: Guarantee, changes: dict, field: str) -> None:
    if "new_expires_on" in changes:
        changes = {"new_expires_on": local_day(city.at) - timedelta(days=1)}
    with pytest.raises(Invalid) as refused:
        proposed(city, case, **changes)

    assert field in refused.value.fields
    assert not Amendment.objects.exists()


def test_one_at_a_time_and_never_before_the_opening(city: City, case: Guarantee) -> None:
    proposed(city, case)
    with pytest.raises(NotNow):
        proposed(city, case)
    secret = city.in_force("bid")
    with pytest.raises(NotNow):
        proposed(city, secret, new_amount=secret.amount - 1)
    assert not Notice.objects.filter(member=city.beneficiary, subject_id=secret.pk)


def test_an_open_amendment_is_nobody_elses_to_see_and_can_be_withdrawn(city: City, case: Guarantee) -> None:
    amendment = proposed(city, case)
    seen = Amendment.objects.visible_to
    assert [seen(by, city.at).count() for by in (city.applicant, city.reviewer, city.beneficiary, city.rival)] == [
        1,
        1,
        0,
        0,
    ]

    withdraw_amendment(amendment, by=city.applicant, at=city.at + 30 * MINUTE, reason="不再需要。")

    assert used(case) == (0, case.amount, LINE - case.amount)


def test_an_unpaid_difference_lapses_and_the_books_agree_all_the_way(city: City, case: Guarantee) -> None:
    from xinshu.books.holds import release_due

    amendment = proposed(city, case)
    assert not reconcile(at=city.at + 25 * MINUTE).differences

    release_due(city.at + timedelta(days=40))

    assert Amendment.objects.get(pk=amendment.pk).state == "lapsed"
    assert not reconcile(at=city.at + timedelta(days=41)).differences


def test_every_act_of_the_table_is_whose_it_is(city: City, case: Guarantee) -> None:
    acts = {
        "approve": lambda row, by: approve_amendment(row, by=by, at=city.at, opinion=""),
        "decline": lambda row, by: decline_amendment(row, by=by, at=city.at, reason="集中度过高。"),
        "withdraw": lambda row, by: withdraw_amendment(row, by=by, at=city.at, reason="不再需要。"),
        "pay": lambda row, by: request_difference(row, channel="sandbox", account="6000-0001", by=by, at=city.at),
        "issue": lambda row, by: issue_amendment(row, by=by, at=city.at),
        "accept": lambda row, by: accept_amendment(row, by=by, at=city.at),
        "reject": lambda row, by: reject_amendment(row, by=by, at=city.at, reason="不同意。"),
    }
    amendment = proposed(city, case)
    for state in AMENDMENT.states:
        Amendment.objects.filter(pk=amendment.pk).update(state=state)
        for row in AMENDMENT.rows:
            if row.side == "system":
                continue
            for by in (city.applicant, city.reviewer, city.signer, city.beneficiary, city.department, city.rival):
                fits = row.side in case.sides_of(by) and by.can(row.permission) and state in row.sources
                if fits:
                    continue
                with pytest.raises(Refusal):
                    acts[row.action](Amendment.objects.get(), by)
    assert {row.action for row in AMENDMENT.rows if row.side != "system"} == set(acts)
