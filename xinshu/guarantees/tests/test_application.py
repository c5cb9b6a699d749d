"""Stories: an application is started, filled, submitted, corrected, withdrawn."""

from datetime import timedelta

import pytest

from xinshu.books.lines import line_of
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.models import File
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.application import (
    attach_file,
    edit_application,
    start_application,
    submit_application,
    withdraw_application,
)
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.actions.payment import refuse_payment
from xinshu.guarantees.applying.proposals import proposed_terms
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import LINE, SMALL, WAN, City, Kind
from xinshu.ledger.queries import history_of
from xinshu.projects.actions import amend_project

pytestmark = pytest.mark.django_db


def kinds_of(case: Guarantee) -> list[str]:
    return [entry.kind for entry in history_of(case)]


def test_a_draft_takes_over_the_buyer_and_the_base_from_the_project(city: City) -> None:
    case = city.empty()

    assert (case.state, case.beneficiary, case.on_behalf, case.manager) == (
        "draft", city.beneficiary.organisation, False, None,
    )  # fmt: skip
    assert (case.base_amount, case.base_source) == (SMALL, "中标通知书")
    assert kinds_of(case) == ["guarantee.drafted"]


def test_a_bid_guarantee_is_counted_from_the_estimate(city: City) -> None:
    case = city.empty("bid")

    assert (case.base_amount, case.base_source) == (SMALL, "招标文件")


def test_the_guarantors_manager_keeps_a_case_for_the_applicant(city: City) -> None:
    case = city.empty(by=city.manager)

    assert (case.applicant, case.on_behalf, case.manager) == (city.applicant.organisation, True, city.manager)
    assert case.sides_of(city.manager) == {"guarantor", "applicant"}


@pytest.mark.parametrize("who", ["rival", "beneficiary", "department", "reviewer", "operator"])
def test_nobody_else_applies_for_a_firm(city: City, who: str) -> None:
    with pytest.raises(NotPermitted):
        start_application(
            kind="performance", project=city.project(), applicant=city.applicant.organisation,
            guarantor=city.guarantor, by=getattr(city, who), at=city.at,
        )  # fmt: skip


@pytest.mark.parametrize("pair", ["applicant=buyer", "guarantor=applicant", "guarantor=buyer", "guarantor=firm"])
def test_three_different_organisations_make_a_guarantee_and_an_issuer_gives_it(city: City, pair: str) -> None:
    project, firm, house = city.project(), city.applicant.organisation, city.guarantor
    buyer_issues = city.project(buyer=house)
    by, given = {
        "applicant=buyer": (city.manager, (project, project.buyer, house)),
        "guarantor=applicant": (city.manager, (project, house, house)),
        "guarantor=buyer": (city.manager, (buyer_issues, firm, house)),
        "guarantor=firm": (city.applicant, (project, firm, city.rival.organisation)),
    }[pair]

    with pytest.raises(Invalid):
        start_application(
            kind="performance", project=given[0], applicant=given[1], guarantor=given[2], by=by, at=city.at
        )

    assert not Guarantee.objects.exists()


@pytest.mark.parametrize("change", [{"amount": 0}, {"amount": -1}, {"days": -1}])
def test_terms_that_cannot_be_are_not_kept(city: City, change: dict[str, int]) -> None:
    case, day = city.empty(), local_day(city.at)

    with pytest.raises(Invalid):
        edit_application(
            case, by=city.applicant, at=city.at, amount=change.get("amount", 1), effective_on=day,
            expires_on=day + timedelta(days=change.get("days", 1)),
        )  # fmt: skip

    assert Guarantee.objects.get().amount is None


def test_half_a_form_is_kept_although_it_could_not_be_submitted(city: City) -> None:
    case = city.draft(amount=SMALL)  # all of the award, ten times what the law allows

    assert Guarantee.objects.get().amount == SMALL
    with pytest.raises(Invalid) as refused:
        submit_application(case, by=city.applicant, at=city.at)
    assert "超过上限" in refused.value.message
    assert Guarantee.objects.get().state == "draft"


def test_nothing_is_submitted_before_amount_and_period_are_stated(city: City) -> None:
    with pytest.raises(Invalid):
        submit_application(city.empty(), by=city.applicant, at=city.at)


def test_the_cap_is_counted_from_the_project_as_it_stands_at_submission(city: City) -> None:
    lot = city.lot()
    case = city.draft("bid", project=lot)
    amend_project(lot, by=city.applicant, at=city.at, estimate_amount=SMALL // 2)

    with pytest.raises(Invalid) as refused:
        submit_application(case, by=city.applicant, at=city.at)

    assert "超过上限" in refused.value.message


def test_the_buyer_is_the_one_that_the_project_names_at_submission(city: City) -> None:
    lot = city.lot()
    case = city.draft("bid", project=lot)
    other = city.organisation("云州市水务投资有限公司", Kind.ENTERPRISE)
    amend_project(lot, by=city.applicant, at=city.at, buyer=other)

    case = submit_application(case, by=city.applicant, at=city.at)

    assert case.beneficiary == Guarantee.objects.get().beneficiary == other


def test_a_file_belongs_to_the_case_and_is_remembered_by_its_digest(city: City) -> None:
    case = city.draft()
    file = keep_file(PDF, "中标通知书.pdf", city.applicant.organisation, city.applicant, city.at)

    case = attach_file(case, file, "中标通知书", by=city.applicant, at=city.at)

    assert [(a.title, a.file) for a in case.attachments.all()] == [("中标通知书", File.objects.get())]
    assert history_of(case).last().data == {"title": "中标通知书", "sm3": file.blob.sm3}


def test_what_was_returned_is_corrected_and_submitted_again(city: City) -> None:
    case = city.returned()
    day = local_day(city.at)

    case = edit_application(
        case, by=city.applicant, at=city.at, amount=100 * WAN, effective_on=day, expires_on=day + timedelta(days=300)
    )
    case = submit_application(case, by=city.applicant, at=city.at)
    case = review_automatically(case, at=city.at)

    assert (case.state, case.amount) == ("fee_due", 100 * WAN)
    assert kinds_of(case)[-4:] == [
        "guarantee.returned", "guarantee.edited", "guarantee.submitted", "guarantee.approved",
    ]  # fmt: skip


def test_withdrawing_after_approval_frees_the_line(city: City) -> None:
    case = city.fee_due()
    assert line_of(case.guarantor, case.applicant).reserved == case.amount

    case = withdraw_application(case, by=city.applicant, at=city.at, reason="项目终止。")

    line = line_of(case.guarantor, case.applicant)
    assert (line.reserved, line.occupied, line.available) == (0, 0, LINE)
    assert (case.state, case.ended_at) == ("withdrawn", city.at)


def test_while_the_fee_is_being_paid_nothing_is_withdrawn(city: City) -> None:
    payment = city.paying()

    with pytest.raises(Invalid):
        withdraw_application(payment.guarantee, by=city.applicant, at=city.at, reason="项目终止。")

    case = refuse_payment(payment, reason="余额不足", at=city.at)
    assert withdraw_application(case, by=city.applicant, at=city.at, reason="项目终止。").state == "withdrawn"


def test_a_draft_that_was_never_handed_in_does_not_exist_for_the_guarantor(city: City) -> None:
    case = city.draft()
    withdraw_application(case, by=city.applicant, at=city.at, reason="改用现金。")

    assert not Guarantee.objects.visible_to(city.reviewer, city.at).exists()
    assert Guarantee.objects.visible_to(city.applicant, city.at).exists()


@pytest.mark.parametrize(
    ("kind", "amount", "days"),
    [("performance", 200 * WAN, 180), ("bid", 40 * WAN, None)],
)
def test_the_wizard_proposes_what_the_law_and_the_project_want(
    city: City, kind: str, amount: int, days: int | None
) -> None:
    case, on = city.empty(kind), local_day(city.at)

    proposed = proposed_terms(case, on)

    start = on + timedelta(days=1)
    end = start + timedelta(days=days) if days else local_day(city.opens_at) + timedelta(days=90)
    assert {name: proposal.value for name, proposal in proposed.items()} == {
        "amount": amount, "effective_on": start, "expires_on": end,
    }  # fmt: skip


def test_the_wizard_proposes_never_more_than_the_lowest_cap(city: City) -> None:
    case = city.empty("bid", project=city.lot(estimate_amount=100_000 * WAN))

    assert proposed_terms(case, local_day(city.at))["amount"].value == 80 * WAN


def test_the_wizard_says_what_the_project_does_not_tell(city: City) -> None:
    bare = city.empty(project=city.project(award=None, contract_days=None))
    bid = city.empty("bid", project=city.project(award=None, bid_validity_days=None))

    assert proposed_terms(bare, local_day(city.at))["amount"].value is None
    assert proposed_terms(bare, local_day(city.at))["expires_on"].value == local_day(city.at).replace(
        year=2027
    ) + timedelta(days=1)
    assert proposed_terms(bid, local_day(city.at))["expires_on"].value is None


def test_the_system_keeps_no_cases(city: City) -> None:
    with pytest.raises(NotPermitted):
        edit_application(
            city.draft(), by=SYSTEM, at=city.at, amount=1, effective_on=local_day(city.at),
            expires_on=local_day(city.at),
        )  # fmt: skip
