"""Stories: limits in working days, clocks stopped on evidence, reminders before and escalation after a limit."""

from datetime import date, timedelta

import pytest

from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.queries import history_of
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.work.actions.approvals import sign
from xinshu.work.actions.clock import resume_clock, stop_clock
from xinshu.work.models import Approval
from xinshu.work.tasks import remind_and_escalate
from xinshu.work.tests.house import House

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
EVIDENCE = {"evidence_name": "补充通知.pdf", "evidence_reference": "ABC", "evidence_sm3": "00" * 32}


@pytest.fixture
def staffed(house: House) -> House:
    house.at = moment(MONDAY, 10)
    for name, role in (("甲", "reviewer"), ("乙", "reviewer"), ("丙", "director")):
        house.member(name, role)
    return house


def night(day: date) -> None:
    remind_and_escalate(day, moment(day, 0, 5))


def heard() -> list[tuple[str, str]]:
    return sorted((notice.member.user.name, notice.tone) for notice in Notice.objects.select_related("member__user"))


def stop(approval: Approval, case: object, house: House, day: date, **more: str) -> None:
    given = {"reason": "applicant", "note": "等中标通知书原件。", **EVIDENCE, **more}
    stop_clock(approval, case, **given, by=house.people["甲"], at=moment(day, 11))


def test_a_level_is_due_in_working_days_from_when_it_opened(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    assert approval.due_on == date(2026, 11, 25)

    friday = moment(date(2026, 11, 27), 9)
    approval = sign(approval, case, approves=True, facts=approval.facts, opinion="", by=staffed.people["甲"], at=friday)

    assert approval.due_on == date(2026, 11, 30), "one working day after Friday is Monday"


def test_the_clock_stands_and_runs_on_with_the_days_between_added(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    stop(approval, case, staffed, date(2026, 11, 24))
    approval.refresh_from_db()
    assert approval.due_on is None

    approval = resume_clock(approval, case, by=staffed.people["乙"], at=moment(date(2026, 11, 30), 9))

    assert approval.due_on == date(2026, 12, 1), "Wednesday, and the four working days from Tuesday to Monday"
    assert [entry.kind for entry in history_of(approval)][-2:] == ["approval.clock_stopped", "approval.clock_resumed"]


@pytest.mark.parametrize("wrong", [{"reason": "busy"}, {"evidence_sm3": ""}, {"note": "等"}])
def test_a_clock_stops_for_a_listed_reason_and_on_evidence_only(staffed: House, wrong: dict) -> None:
    case = staffed.case()
    approval = staffed.start(case)

    with pytest.raises(Invalid):
        stop(approval, case, staffed, MONDAY, **wrong)

    assert not approval.stops.exists()


def test_a_clock_is_stopped_once_and_by_whoever_may_sign(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    with pytest.raises(NotPermitted):
        stop_clock(
            approval, case, reason="court", note="等法院文书。", **EVIDENCE, by=staffed.people["丙"], at=staffed.at
        )
    with pytest.raises(NotNow):
        resume_clock(approval, case, by=staffed.people["甲"], at=staffed.at)
    stop(approval, case, staffed, MONDAY)

    approval.refresh_from_db()
    with pytest.raises(NotNow):
        stop(approval, case, staffed, MONDAY)


def test_signing_ends_the_stop(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    stop(approval, case, staffed, MONDAY)
    approval.refresh_from_db()

    sign(approval, case, approves=True, facts=approval.facts, opinion="", by=staffed.people["甲"], at=staffed.at)

    assert not approval.stops.filter(to_at=None).exists()


def test_who_can_sign_is_reminded_before_the_limit_once_a_night(staffed: House) -> None:
    staffed.start(staffed.case())

    night(date(2026, 11, 23))
    assert heard() == []
    for _run in range(2):
        night(date(2026, 11, 24))

    assert heard() == [("乙", "warn"), ("甲", "warn")]


def test_past_the_limit_those_above_are_told_once(staffed: House) -> None:
    approval = staffed.start(staffed.case())

    for day in (date(2026, 11, 26), date(2026, 11, 26), date(2026, 11, 27)):
        night(day)

    assert heard() == [("丙", "danger"), ("乙", "danger"), ("甲", "danger")]
    assert [entry.kind for entry in history_of(approval)].count("approval.escalated") == 1


def test_nobody_is_chased_while_the_clock_stands(staffed: House) -> None:
    case = staffed.case()
    stop(staffed.start(case), case, staffed, MONDAY)

    night(MONDAY + timedelta(days=30))

    assert heard() == []


def test_the_next_level_hears_when_it_is_its_turn(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    sign(approval, case, approves=True, facts=approval.facts, opinion="", by=staffed.people["甲"], at=staffed.at)

    drain()

    assert heard() == [("丙", "warn")]
