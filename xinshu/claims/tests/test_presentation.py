"""Stories: a demand at the counter, its amount set aside or not, completed, withdrawn, presented again."""

from datetime import timedelta

import pytest

from xinshu.claims.actions.examination import propose_payment
from xinshu.claims.actions.presentation import OutOfTime, attach_paper, complete_demand, present_demand, withdraw_demand
from xinshu.claims.models import Demand
from xinshu.claims.tasks import end_incomplete
from xinshu.claims.tests.city import PAYEE, PDF, STATEMENT, ClaimsCity, fresh
from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.documents.models import File
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db


def test_a_demand_sets_its_amount_aside_and_starts_the_clock(city: ClaimsCity) -> None:
    case = city.in_force()

    demand = city.presented(case, amount=30_000_00, papers=[("索赔通知.pdf", PDF)])

    case.refresh_from_db()
    assert (demand.state, demand.reserved_amount, str(demand.due_on)) == ("examining", 30_000_00, "2026-11-30")
    assert (case.available_amount, case.reserved_amount) == (case.amount - 30_000_00, 30_000_00)
    assert File.objects.get(subject_type="claims.demand").subject_id == demand.pk
    assert history_of(demand).get().data["papers"][0]["name"] == "索赔通知.pdf"


def test_the_applicant_gets_its_copy_once_with_proof(city: ClaimsCity) -> None:
    examiner = city.examiner
    drain()
    demand = city.presented(papers=[("索赔通知.pdf", PDF)])

    drain(at=city.day(2, 11))
    drain(at=city.day(2, 12))

    told = Notice.objects.filter(member=city.applicant, subject_type="claims.demand")
    assert [notice.text for notice in told] == [
        f"云州临港新区建设管理中心 就 履约保函 {demand.guarantee.number} 提出索赔 1,000,000.00 元，副本随此转送。"
        "可以在平台表达意见，审核时限不因此延长。"
    ]
    proof = history_of(demand).get(kind="claim.copied").data
    assert (proof["people"], len(proof["papers"])) == (1, 1)
    assert Notice.objects.filter(member=examiner, subject_type="claims.demand").count() == 1


def test_more_than_can_be_claimed_is_taken_in_and_does_not_comply(city: ClaimsCity) -> None:
    case = city.in_force()

    demand = city.presented(case, amount=case.amount + 1)

    case.refresh_from_db()
    assert (demand.amount, demand.reserved_amount) == (case.amount + 1, 0)
    assert (case.available_amount, case.reserved_amount) == (case.amount, 0)
    with pytest.raises(Refusal, match="超过可索赔余额"):
        propose_payment(demand, opinion="", by=city.examiner, at=city.day(3))
    assert city.presented(case, amount=case.amount).reserved_amount == case.amount


def test_several_may_be_open_at_once_and_share_what_there_is(city: ClaimsCity) -> None:
    case = city.in_force()
    third = case.amount // 3

    first, second = city.presented(case, amount=third), city.presented(case, amount=third)
    third_one = city.presented(case, amount=case.amount - third)

    case.refresh_from_db()
    assert (case.available_amount, case.reserved_amount) == (case.amount - 2 * third, 2 * third)
    assert [one.reserved_amount for one in (first, second, third_one)] == [third, third, 0]


@pytest.mark.parametrize(
    "wrong",
    [{"amount": -1}, {"statement": "违约"}, {"payee": PAYEE.__class__("", "", "")}, {"papers": [("a.pdf", PDF)] * 21}],
)
def test_what_lacks_something_is_refused_and_nothing_is_kept(city: ClaimsCity, wrong: dict) -> None:
    case = city.in_force()
    usual = {"amount": 1_00, "statement": STATEMENT, "payee": PAYEE, "by": city.beneficiary, "at": city.day(2)}

    with pytest.raises(Invalid) as refused:
        present_demand(case, **(usual | wrong))

    assert refused.value.fields
    assert not Demand.objects.exists()


def test_only_the_beneficiary_presents(city: ClaimsCity) -> None:
    case = city.in_force()
    looks_only = city.colleague(city.beneficiary, "bank")

    for by in (city.applicant, city.examiner, city.rival, city.department, looks_only):
        with pytest.raises(NotPermitted):
            city.presented(case, by=by)

    assert not Demand.objects.exists()


def test_to_the_end_of_the_last_day_and_not_a_minute_longer(city: ClaimsCity) -> None:
    case = city.in_force(days=4)  # Thursday the 26th

    assert city.presented(case, amount=1_00, at=moment(case.expires_on, 23, 59)).state == "examining"
    with pytest.raises(OutOfTime):
        city.presented(case, amount=1_00, at=moment(case.expires_on + timedelta(days=1), 0, 0))


def test_not_before_it_takes_effect_and_not_after_its_end(city: ClaimsCity) -> None:
    with pytest.raises(NotNow):
        city.presented(at=city.day(0, 18))
    with pytest.raises(OutOfTime):
        city.presented(city.released())


def test_to_be_completed_later_the_clock_starts_with_the_completion(city: ClaimsCity) -> None:
    demand = city.incomplete(statement="")
    assert (demand.state, demand.due_on, demand.reserved_amount > 0) == ("incomplete", None, True)

    demand = attach_paper(demand, "停工证明.pdf", PDF, by=city.beneficiary, at=city.day(3))
    with pytest.raises(Invalid):
        complete_demand(demand, by=city.beneficiary, at=city.day(4))
    demand = complete_demand(demand, statement=STATEMENT, by=city.beneficiary, at=city.day(4))

    assert (demand.state, str(demand.due_on), demand.to_complete) == ("examining", "2026-12-02", "")
    with pytest.raises(NotNow):
        attach_paper(demand, "再补.pdf", PDF, by=city.beneficiary, at=city.day(4))


@pytest.mark.parametrize("end", ["expired", "released"])
def test_what_was_not_completed_ends_with_the_guarantee(city: ClaimsCity, end: str) -> None:
    demand = city.incomplete()
    case = Guarantee.objects.get()
    on = case.expires_on + timedelta(days=1)
    if end == "expired":
        expire_guarantee(case, on=on, at=moment(on, 0, 5))
    else:
        withdrawn = release_guarantee
        try:
            withdrawn(case, by=city.beneficiary, at=city.day(5), reason="竣工验收合格。")
        except Refusal:  # a release waits for open presentations: then it is withdrawn first
            return

    end_incomplete(history_of(case).get(kind=f"guarantee.{end}"))

    case.refresh_from_db()
    assert fresh(demand).state == "overtime"
    assert (case.reserved_amount, case.lapsed_amount) == (0, case.amount)


def test_withdrawn_it_may_be_claimed_again_and_the_second_names_the_first(city: ClaimsCity) -> None:
    demand = city.presented()
    with pytest.raises(Invalid):
        city.presented(demand.guarantee, previous=demand)

    demand = withdraw_demand(demand, reason="材料有误。", by=city.beneficiary, at=city.day(3))
    again = city.presented(demand.guarantee, previous=demand, at=city.day(3, 14))

    case = Guarantee.objects.get()
    assert (demand.state, demand.reserved_amount, again.previous) == ("withdrawn", 0, demand)
    assert case.reserved_amount == again.amount


def test_withdrawn_after_the_end_it_lapses(city: ClaimsCity) -> None:
    case = city.in_force(days=3)
    demand = city.presented(case)
    on = case.expires_on + timedelta(days=1)
    expire_guarantee(Guarantee.objects.get(), on=on, at=moment(on, 0, 5))

    withdraw_demand(fresh(demand), reason="已和解。", by=city.beneficiary, at=city.day(6))

    case.refresh_from_db()
    assert (case.available_amount, case.reserved_amount, case.lapsed_amount) == (0, 0, case.amount)
