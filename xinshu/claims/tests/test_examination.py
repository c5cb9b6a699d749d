"""Stories: examined on the counter's clock, refused once with everything in it, or no more at all."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from xinshu.claims.actions.examination import (
    Mark,
    NotYetExamined,
    Precluded,
    agree_to_pay,
    mark_findings,
    preclude,
    propose_payment,
    propose_refusal,
    refuse_demand,
    send_back,
)
from xinshu.claims.actions.presentation import complete_demand, state_position
from xinshu.claims.checks import FAILS
from xinshu.claims.clocks import CLOCKS, clock_for
from xinshu.claims.models import Demand, Fixed, RefusalNotice
from xinshu.claims.tasks import follow_the_clocks, remind_of_claims
from xinshu.claims.tests.city import MISSING, ClaimsCity, fresh
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.actions.terms_of_business import set_authority
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.queries import history_of
from xinshu.messaging.models import Notice
from xinshu.work.models import OwnDay

pytestmark = pytest.mark.django_db


def test_the_five_days_are_the_counters_own(city: ClaimsCity) -> None:
    case = city.in_force()
    OwnDay.objects.create(organisation=case.guarantor, day=date(2026, 11, 26), works=False, note="结算日")

    demand = city.presented(case)

    assert (demand.complete_on, demand.due_on) == (date(2026, 11, 23), date(2026, 12, 1))
    assert "11月26日本机构不上班" in demand.due_rule


def test_the_national_day_week_with_a_make_up_saturday_is_counted_as_the_state_council_says(city: ClaimsCity) -> None:
    """Vector of domain 3.11: filed Tue 29 Sep 2026 + 5 working days = Mon 12 Oct; a bank shut on Sat 10 Oct: 13 Oct."""
    from xinshu.core.calendar import default_calendar

    examine = clock_for(Nature.INDEPENDENT, date(2026, 9, 29)).examine
    shut = default_calendar().of_institution("云州银行", closed=[date(2026, 10, 10)])

    assert examine.after(date(2026, 9, 29), default_calendar()).on == date(2026, 10, 12)
    assert examine.after(date(2026, 9, 29), shut).on == date(2026, 10, 13)


def test_every_nature_has_its_clock_with_source_and_days(city: ClaimsCity) -> None:
    from xinshu.core.calendar import default_calendar

    day, calendar = date(2026, 11, 23), default_calendar()
    last = {clock.nature: clock_for(clock.nature, day).examine.after(day, calendar).on for clock in CLOCKS}

    assert last == {
        Nature.INDEPENDENT: date(2026, 11, 30), Nature.JOINT: date(2026, 12, 2), Nature.GENERAL: date(2026, 12, 2),
        Nature.INSURANCE: date(2026, 12, 23),
    }  # fmt: skip
    assert all(str(clock.source) for clock in CLOCKS)
    with pytest.raises(LookupError):
        clock_for(Nature.INDEPENDENT, date(2001, 1, 1))


def test_an_insurer_has_three_days_for_the_refusal_and_ten_for_the_money(insurer: ClaimsCity) -> None:
    refusing = insurer.to_refuse()
    complying = insurer.complying()

    assert refusing.guarantee.nature == Nature.INSURANCE
    assert refusing.notify_due_on == date(2026, 11, 27)  # three days after the 24th
    assert complying.pay_due_on == date(2026, 12, 7)  # ten days after the 25th is a Saturday: 民法典 203


def test_a_refusal_lists_every_discrepancy_in_the_one_notice(city: ClaimsCity) -> None:
    demand = city.presented()
    marks = MISSING | {"statement": Mark(FAILS, "没有写明违反合同的哪一条。")}
    demand = mark_findings(demand, marks, ["索赔通知没有盖章。"], by=city.examiner, at=city.day(3))
    demand = propose_refusal(demand, opinion="三处不符。", by=city.examiner, at=city.day(3))

    demand = refuse_demand(demand, opinion="同意。", by=city.reviewer, at=city.day(4))

    notice = RefusalNotice.objects.get()
    assert [row["code"] for row in notice.discrepancies] == ["statement", "documents", "other"]
    assert (notice.refused_amount, notice.late) == (demand.amount, False)
    assert (demand.state, demand.reserved_amount) == ("refused", 0)
    case = Guarantee.objects.get()
    assert (case.available_amount, case.reserved_amount) == (case.amount, 0)
    assert history_of(demand).get(kind="claim.refused").data["digest"] == notice.digest


def test_second_thoughts_are_impossible(city: ClaimsCity) -> None:
    demand = city.refused()
    notice = RefusalNotice.objects.get()

    with pytest.raises(NotNow):
        mark_findings(demand, {}, ["还有一处"], by=city.examiner, at=city.day(4))
    with pytest.raises(NotNow):
        propose_refusal(demand, opinion="补充一处不符。", by=city.examiner, at=city.day(4))
    notice.discrepancies = []
    with pytest.raises(Fixed):
        notice.save()
    with pytest.raises(Fixed):
        notice.delete()
    with pytest.raises(DatabaseError, match="given once"), transaction.atomic():
        RefusalNotice.objects.update(refused_amount=1)

    assert RefusalNotice.objects.get().refused_amount == demand.amount


def test_a_refusal_needs_a_discrepancy_and_a_payment_needs_none(city: ClaimsCity) -> None:
    clean, wrong = city.presented(), city.marked()

    with pytest.raises(NotYetExamined):
        propose_refusal(clean, opinion="", by=city.examiner, at=city.day(3))
    with pytest.raises(NotYetExamined):
        propose_payment(wrong, opinion="", by=city.examiner, at=city.day(3))
    with pytest.raises(Invalid):
        mark_findings(clean, {"documents": Mark(FAILS, "")}, [], by=city.examiner, at=city.day(3))

    assert set(Demand.objects.values_list("state", flat=True)) == {"examining"}


def test_on_the_last_day_it_can_still_be_refused(city: ClaimsCity) -> None:
    demand = city.to_refuse()

    demand = refuse_demand(demand, opinion="", by=city.reviewer, at=moment(demand.due_on, 23, 59))

    assert demand.state == "refused"


def test_after_the_last_day_the_refusal_is_refused_and_says_why(city: ClaimsCity) -> None:
    demand = city.to_refuse()
    late = moment(demand.due_on + timedelta(days=1), 0, 1)

    with pytest.raises(Precluded) as refused:
        refuse_demand(demand, opinion="", by=city.reviewer, at=late)

    assert "2026-11-30" in refused.value.message
    assert "第 24 条" in refused.value.message
    assert not RefusalNotice.objects.exists()


def test_the_night_after_the_last_day_it_stands_as_complying(city: ClaimsCity) -> None:
    demand, other = city.to_refuse(), city.presented()
    night = moment(demand.due_on + timedelta(days=1), 0, 5)

    follow_the_clocks(local_day(night), night)

    assert {fresh(one).state for one in (demand, other)} == {"complying"}
    demand = fresh(demand)
    assert (demand.payable_amount, demand.pay_due_on) == (demand.amount, date(2026, 12, 1))
    with pytest.raises(Precluded):
        propose_refusal(demand, opinion="", by=city.examiner, at=night)


def test_before_that_day_the_round_changes_nothing(city: ClaimsCity) -> None:
    demand = city.to_refuse()
    night = moment(demand.due_on, 0, 5)

    follow_the_clocks(local_day(night), night)
    with pytest.raises(NotNow):
        preclude(demand, at=night)

    assert fresh(demand).state == "deciding"


def test_a_surety_may_refuse_late_and_the_notice_says_so(surety: ClaimsCity) -> None:
    demand = surety.to_refuse()
    late = moment(demand.due_on + timedelta(days=3), 9)

    follow_the_clocks(local_day(late), late)
    demand = refuse_demand(fresh(demand), opinion="", by=surety.reviewer, at=late)

    assert (demand.guarantee.nature, demand.state) == (Nature.JOINT, "refused")
    assert RefusalNotice.objects.get().late


def test_a_surety_may_pay_the_part_that_is_proven(surety: ClaimsCity) -> None:
    demand = surety.marked({"debt": Mark(FAILS, "其中三成没有证据。")})
    part = demand.amount * 7 // 10

    demand = propose_payment(demand, amount=part, opinion="七成成立。", by=surety.examiner, at=surety.day(3))
    demand = agree_to_pay(demand, opinion="", by=surety.reviewer, at=surety.day(4))

    case = Guarantee.objects.get()
    assert (demand.state, demand.payable_amount, case.reserved_amount) == ("complying", part, part)
    assert RefusalNotice.objects.get().refused_amount == demand.amount - part


def test_an_independent_guarantee_is_paid_whole_or_not(city: ClaimsCity) -> None:
    demand = city.marked()

    with pytest.raises(Invalid):
        propose_payment(demand, amount=demand.amount // 2, opinion="", by=city.examiner, at=city.day(3))


def test_the_system_warns_before_and_urges_after(city: ClaimsCity) -> None:
    demand = city.presented()
    examiner = Notice.objects.filter(member=city.examiner)

    told = []
    for days in (-4, -3, -2, -1, 0, 1):
        night = moment(demand.due_on + timedelta(days=days), 0, 5)
        remind_of_claims(local_day(night), night)
        remind_of_claims(local_day(night), night)
        told.append(examiner.count())

    assert told == [0, 1, 1, 2, 3, 4]
    assert "今天是最后一天" in examiner.order_by("pk")[2].text


def test_expiry_inside_the_five_days_does_not_shorten_them(city: ClaimsCity) -> None:
    case = city.in_force(days=3)  # until Wednesday the 25th
    demand = city.presented(case)
    on = case.expires_on + timedelta(days=1)

    expire_guarantee(Guarantee.objects.get(), on=on, at=moment(on, 0, 5))
    demand = Demand.objects.get()
    case = Guarantee.objects.get()

    assert (demand.state, demand.due_on) == ("examining", date(2026, 11, 30))
    assert (case.state, case.available_amount, case.reserved_amount) == ("expired", 0, demand.amount)


def test_completion_after_expiry_is_out_of_time_whatever_it_proves(city: ClaimsCity) -> None:
    """Domain 3.1 rule 7: lodged before expiry without the award, which came after: the guarantee has ended."""
    from xinshu.claims.actions.presentation import OutOfTime, attach_paper
    from xinshu.claims.tests.city import PDF

    case = city.in_force(days=3)
    demand = city.presented(case, to_complete="仲裁裁决书")
    after = moment(case.expires_on + timedelta(days=1), 9)

    with pytest.raises(OutOfTime):
        attach_paper(demand, "仲裁裁决书.pdf", PDF, by=city.beneficiary, at=after)
    with pytest.raises(OutOfTime):
        complete_demand(demand, by=city.beneficiary, at=after)

    assert fresh(demand).due_on is None


def test_who_proposed_does_not_decide(city: ClaimsCity) -> None:
    both = city.colleague(city.reviewer, "examiner", "reviewer")
    demand = mark_findings(city.presented(), MISSING, [], by=both, at=city.day(3))
    demand = propose_refusal(demand, opinion="", by=both, at=city.day(3))

    with pytest.raises(NotPermitted, match="另一人"):
        refuse_demand(demand, opinion="", by=both, at=city.day(4))

    assert fresh(demand).state == "deciding"
    assert refuse_demand(demand, opinion="", by=city.reviewer, at=city.day(4)).state == "refused"


def test_above_the_authority_a_director_signs_too(city: ClaimsCity) -> None:
    case = city.in_force()
    set_authority(
        city.guarantor, "performance", unverified=False, auto_amount=0, person_amount=1, waives=[], by=city.signer,
        at=city.at,
    )  # fmt: skip
    director = city.colleague(city.reviewer, "director")
    demand = city.deciding(case=case)

    demand = agree_to_pay(demand, opinion="", by=city.reviewer, at=city.day(4))
    assert demand.state == "deciding"
    demand = agree_to_pay(demand, opinion="", by=director, at=city.day(4))

    assert demand.state == "complying"


def test_sent_back_it_is_examined_again_on_the_same_clock(city: ClaimsCity) -> None:
    demand = city.deciding()
    due_on = demand.due_on

    demand = send_back(demand, reason="停工证明没有看。", by=city.reviewer, at=city.day(4))

    assert (demand.state, demand.due_on, demand.proposal) == ("examining", due_on, {})
    assert propose_payment(demand, opinion="已看。", by=city.examiner, at=city.day(4)).state == "deciding"


def test_what_the_applicant_says_moves_no_limit(city: ClaimsCity) -> None:
    demand = city.presented()
    due_on = demand.due_on

    demand = state_position(demand, stance="waives", text="放弃主张不符点。", by=city.applicant, at=city.day(3))

    assert (demand.state, demand.due_on) == ("examining", due_on)
    with pytest.raises(Precluded):
        propose_refusal(demand, opinion="", by=city.examiner, at=moment(due_on + timedelta(days=1), 9))


def test_an_over_demand_that_nobody_refused_is_paid_to_the_limit_and_no_further(city: ClaimsCity) -> None:
    case = city.in_force()
    demand = city.presented(case, amount=case.amount + 5)
    night = moment(demand.due_on + timedelta(days=1), 0, 5)

    follow_the_clocks(local_day(night), night)

    demand, case = fresh(demand), Guarantee.objects.get()
    assert (demand.state, demand.payable_amount, case.reserved_amount) == ("complying", case.amount, case.amount)


def test_two_over_demands_in_one_night_share_what_there_is(city: ClaimsCity) -> None:
    case = city.in_force()
    first, second = (city.presented(case, amount=case.amount + extra) for extra in (5, 6))
    night = moment(second.due_on + timedelta(days=1), 0, 5)

    follow_the_clocks(local_day(night), night)

    assert (fresh(first).state, fresh(second).state) == ("complying", "examining")
    assert Guarantee.objects.get().reserved_amount == case.amount


def test_where_nothing_is_left_to_claim_an_over_demand_can_still_be_refused(city: ClaimsCity) -> None:
    case = city.in_force()
    over = mark_findings(city.presented(case, amount=case.amount + 5), MISSING, [], by=city.examiner, at=city.day(3))
    city.paid(case=Guarantee.objects.get(), amount=case.amount)
    late = moment(over.due_on + timedelta(days=1), 9)

    over = propose_refusal(fresh(over), opinion="", by=city.examiner, at=late)

    assert refuse_demand(over, opinion="", by=city.reviewer, at=late).state == "refused"


def test_each_finds_what_waits_for_it(city: ClaimsCity) -> None:
    from xinshu.claims.queries import todo_list

    people = (city.beneficiary, city.applicant, city.examiner, city.reviewer, city.finance, city.signer)

    def waiting(demand: Demand) -> set[str]:
        return {
            one.roles[0] for one in people if any(demand.reference in todo.url for todo in todo_list(one, city.day(5)))
        }

    assert waiting(city.incomplete()) == {"beneficiary"}
    assert waiting(city.examining()) == {"examiner", "applicant"}
    assert waiting(city.deciding()) == {"reviewer", "applicant"}
    assert waiting(city.complying()) == {"finance"}
    assert waiting(city.suspended()) == {"reviewer", "applicant"}
    assert waiting(city.paid()) == set()
