"""Stories: approved by rule at once, or by a person within their authority; returned; declined."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from xinshu.books.lines import grant_line, line_of
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.actions.application import edit_application, submit_application
from xinshu.guarantees.actions.approval import (
    NoTariff,
    StillObstructed,
    approve_application,
    decline_application,
    return_application,
    review_automatically,
    tariff_for,
)
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.models import Authority, Guarantee, Tariff
from xinshu.guarantees.queries import returned_because
from xinshu.guarantees.tests.city import AUTO, LARGE, LINE, PERSON, SMALL, WAN, City, Kind
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def test_what_meets_every_rule_is_approved_at_once_with_its_reasons(city: City) -> None:
    case = review_automatically(city.submitted(), at=city.at)

    entry = history_of(case).last()
    assert (case.state, case.reviewed_by_key, case.decided_at) == ("fee_due", "system", city.at)
    assert {finding["verdict"] for finding in case.findings} == {"meets"}
    assert (entry.kind, entry.actor_key, entry.data["tariff"], entry.data["fee"]) == (
        "guarantee.approved", "system", 1, case.fee_amount,
    )  # fmt: skip
    assert line_of(case.guarantor, case.applicant).reserved == case.amount == SMALL // 10


def test_the_worker_reviews_what_was_handed_in(city: City) -> None:
    case = city.submitted()

    drain()

    assert Guarantee.objects.get(pk=case.pk).state == "fee_due"


def test_the_fee_is_quoted_line_by_line_and_keeps_its_tariff(city: City) -> None:
    case = city.fee_due()
    publish_tariff(
        city.guarantor, "performance", annual_rate=Decimal("0.5"), valid_from=date(2024, 1, 1), by=SYSTEM, at=city.at
    )

    case.refresh_from_db()

    assert case.fee_lines == [{"label": "担保费", "basis": "2,000,000.00 元 × 1% ÷ 365 × 200 天", "amount": 10_958_90}]
    assert (case.fee_amount, case.tariff.number) == (10_958_90, 1)
    assert tariff_for(case, city.at).number == 2


def test_what_is_above_the_rules_authority_goes_to_a_person(city: City) -> None:
    case = city.in_review()

    assert case.state == "in_review"
    assert history_of(case).last().data["open"] == ["authority.auto"]
    assert line_of(case.guarantor, case.applicant).reserved == 0


@pytest.mark.parametrize("amount", [AUTO, AUTO + 1])
def test_the_authority_table_ends_exactly_where_it_says(city: City, amount: int) -> None:
    case = city.submitted(project=city.project(award=LARGE), amount=amount)

    case = review_automatically(case, at=city.at)

    assert case.state == ("fee_due" if amount <= AUTO else "in_review")


def test_a_firm_that_is_not_verified_goes_to_a_person(city: City) -> None:
    assert city.guarantor
    city.applicant.organisation.verified = False
    city.applicant.organisation.save(update_fields=["verified"])
    set_authority(
        city.guarantor, "performance", unverified=True, auto_amount=AUTO, person_amount=PERSON, waives=[],
        by=SYSTEM, at=city.at,
    )  # fmt: skip

    case = review_automatically(city.submitted(), at=city.at)

    assert case.state == "in_review"
    assert history_of(case).last().data["open"] == ["identity.verified"]


def test_a_reviewer_approves_within_the_authority(city: City) -> None:
    case = approve_application(city.in_review(), by=city.reviewer, at=city.at, opinion="同意承保。")

    assert (case.state, case.reviewed_by_key) == ("fee_due", city.reviewer.actor_key)
    assert history_of(case).last().data["opinion"] == "同意承保。"
    assert line_of(case.guarantor, case.applicant).reserved == case.amount


def test_above_the_authority_a_reviewer_alone_approves_nothing(city: City) -> None:
    director = city.colleague(city.reviewer, "director")
    case = city.in_review()
    Authority.objects.update(person_amount=case.amount - 1, auto_amount=0)

    case = approve_application(case, by=city.reviewer, at=city.at, opinion="同意，报分管负责人。")

    assert Guarantee.objects.get(pk=case.pk).state == "in_review"
    assert line_of(case.guarantor, case.applicant).reserved == 0
    with pytest.raises(NotPermitted) as refused:
        approve_application(case, by=city.reviewer, at=city.at, opinion="再签一次。")
    assert "须由另一人签署" in refused.value.message
    case = approve_application(case, by=director, at=city.at, opinion="同意。")
    assert (case.state, case.reviewed_by_key) == ("fee_due", director.actor_key)
    assert line_of(case.guarantor, case.applicant).reserved == case.amount


def test_within_the_authority_no_director_is_asked(city: City) -> None:
    city.colleague(city.reviewer, "director")

    case = approve_application(city.in_review(), by=city.reviewer, at=city.at, opinion="")

    assert case.state == "fee_due"


def test_without_a_row_in_the_authority_table_nobody_approves(city: City) -> None:
    case = city.in_review()
    Authority.objects.all().delete()

    with pytest.raises(NotPermitted):
        approve_application(case, by=city.reviewer, at=city.at, opinion="")


def test_whoever_keeps_the_case_for_the_applicant_does_not_approve_it(city: City) -> None:
    both = city.colleague(city.manager, "manager", "reviewer")
    case = city.in_review(by=both)

    with pytest.raises(NotPermitted) as refused:
        approve_application(case, by=both, at=city.at, opinion="")

    assert "须由另一人审批" in refused.value.message
    assert approve_application(case, by=city.reviewer, at=city.at, opinion="").state == "fee_due"


@pytest.mark.parametrize("act", ["edit", "submit"])
def test_nor_does_a_colleague_who_had_a_hand_in_it(city: City, act: str) -> None:
    both = city.colleague(city.manager, "manager", "reviewer")
    case, day = city.draft(by=city.manager, project=city.project(city.manager, award=LARGE)), local_day(city.at)
    if act == "edit":
        case = edit_application(
            case, by=both, at=city.at, amount=AUTO + 1, effective_on=day, expires_on=day + timedelta(days=200)
        )
    case = submit_application(case, by=both if act == "submit" else city.manager, at=city.at)
    case = review_automatically(case, at=city.at)

    with pytest.raises(NotPermitted):
        approve_application(case, by=both, at=city.at, opinion="")


def test_without_a_line_nothing_is_approved(city: City) -> None:
    firm = city.member("云州华川建筑工程有限公司", Kind.ENTERPRISE, "applicant")
    case = review_automatically(city.submitted(by=firm), at=city.at)

    with pytest.raises(StillObstructed) as refused:
        approve_application(case, by=city.reviewer, at=city.at, opinion="")

    assert "尚未给申请人核定额度" in refused.value.message
    grant_line(city.guarantor, firm.organisation, 1_000 * WAN, by=SYSTEM, at=city.at, key="later")
    assert approve_application(case, by=city.reviewer, at=city.at, opinion="").state == "fee_due"


def test_a_line_that_is_used_up_stops_the_next_approval(city: City) -> None:
    first, second = city.in_review(), city.in_review()
    firm = city.applicant.organisation
    spare = line_of(city.guarantor, firm).available - first.amount
    Authority.objects.filter(kind="performance").update(auto_amount=0, person_amount=LINE)
    for _number in range(spare // first.amount):
        approve_application(city.in_review(), by=city.reviewer, at=city.at, opinion="")
    approve_application(first, by=city.reviewer, at=city.at, opinion="")

    with pytest.raises(StillObstructed) as refused:
        approve_application(second, by=city.reviewer, at=city.at, opinion="")

    assert "可用额度" in refused.value.message
    assert line_of(city.guarantor, firm).available >= 0


def test_a_rule_that_fails_by_now_stops_the_approval(city: City) -> None:
    case = review_automatically(city.submitted("bid", amount=1 * WAN), at=city.opens_at)

    with pytest.raises(StillObstructed) as refused:
        approve_application(case, by=city.reviewer, at=city.opens_at, opinion="")

    assert "已经开标" in refused.value.message


def test_without_a_tariff_no_fee_is_made_up(city: City) -> None:
    case = city.submitted()
    Tariff.objects.all().delete()

    case = review_automatically(case, at=city.at)

    assert case.state == "in_review"
    with pytest.raises(NoTariff):
        approve_application(case, by=city.reviewer, at=city.at, opinion="")
    assert line_of(case.guarantor, case.applicant).reserved == 0


def test_a_tariff_counts_from_its_first_day(city: City) -> None:
    case = city.fee_due()
    publish_tariff(
        city.guarantor, "performance", annual_rate=Decimal("0.02"), valid_from=local_day(city.at) + timedelta(days=1),
        by=SYSTEM, at=city.at,
    )  # fmt: skip

    assert tariff_for(case, city.at).number == 1
    assert tariff_for(case, city.at + timedelta(days=1)).number == 2


@pytest.mark.parametrize("reason", ["", "   ", "不行"])
@pytest.mark.parametrize("act", [return_application, decline_application])
def test_a_no_needs_a_reason_that_the_applicant_can_read(city: City, act, reason: str) -> None:
    case = city.in_review()

    with pytest.raises(Invalid):
        act(case, by=city.reviewer, at=city.at, reason=reason)

    assert Guarantee.objects.get(pk=case.pk).state == "in_review"


def test_the_applicant_reads_why_it_came_back(city: City) -> None:
    case = city.returned()

    assert returned_because(case) == "请补充中标通知书原件。"
    assert returned_because(city.in_review()) == ""


def test_declining_ends_it_and_leaves_the_line_alone(city: City) -> None:
    case = city.declined()

    assert (case.state, case.ended_at is not None, case.reviewed_by_key) == (
        "declined", True, city.reviewer.actor_key,
    )  # fmt: skip
    assert line_of(case.guarantor, case.applicant).available == LINE
