"""Stories: designing a plan with four eyes, trying it on past cases; an institution's own days."""

from datetime import date

import pytest

from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.queries import history_of
from xinshu.work.actions.plans import (
    OwnDraft,
    WouldGetStuck,
    activate_plan,
    discard_plan,
    draft_plan,
    edit_plan,
    plan_in_use,
    set_own_day,
)
from xinshu.work.cases import PastCase
from xinshu.work.deadlines import calendar_of
from xinshu.work.models import ApprovalPlan
from xinshu.work.plan import Level
from xinshu.work.queries import preview
from xinshu.work.tests.house import PAST, TWO, House

pytestmark = pytest.mark.django_db
ONE = Level("1", "复审", "role:reviewer", working_days=3)


@pytest.fixture
def staffed(house: House) -> House:
    house.member("甲", "reviewer")
    house.member("乙", "reviewer")
    house.member("丙", "director")
    return house


def test_a_house_begins_with_the_usual_plan(staffed: House) -> None:
    plan = plan_in_use(staffed.organisation, "toy", at=staffed.at)

    assert (plan.number, plan.state, plan.steps) == (1, "active", TWO)
    assert plan_in_use(staffed.organisation, "toy", at=staffed.at) == plan


def test_one_person_drafts_another_activates(staffed: House) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    draft = edit_plan(draft, levels=[ONE], escalates_to="", by=staffed.people["甲"], at=staffed.at)

    active = activate_plan(draft, by=staffed.people["丙"], at=staffed.at)

    assert plan_in_use(staffed.organisation, "toy", at=staffed.at) == active
    assert ApprovalPlan.objects.get(number=1).state == "retired"
    assert [entry.kind for entry in history_of(active)] == ["plan.drafted", "plan.edited", "plan.activated"]


def test_whoever_has_written_a_line_does_not_activate(staffed: House) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    draft = edit_plan(draft, levels=[ONE], escalates_to="", by=staffed.people["丙"], at=staffed.at)

    with pytest.raises(OwnDraft):
        activate_plan(draft, by=staffed.people["丙"], at=staffed.at)
    with pytest.raises(NotPermitted):
        activate_plan(draft, by=staffed.people["乙"], at=staffed.at)

    assert ApprovalPlan.objects.get(pk=draft.pk).state == "draft"


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([Level("1", "风控会", "role:auditor")], "没有足够的人"),
        ([Level("1", "大额", "role:reviewer", above=100)], "不经过任何一级"),
        ([ONE, Level("2", "会签", "role:director", needs="number", number=2)], "会签"),
    ],
)
def test_a_plan_in_which_a_case_would_get_stuck_is_not_activated(staffed: House, levels: list, words: str) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    draft = edit_plan(draft, levels=levels, escalates_to="", by=staffed.people["甲"], at=staffed.at)

    with pytest.raises(WouldGetStuck) as refused:
        activate_plan(draft, by=staffed.people["丙"], at=staffed.at)

    assert words in refused.value.message


def test_a_plan_must_do_without_whoever_may_have_made_the_case(house: House) -> None:
    house.member("甲", "reviewer", "manager")
    chief = house.member("丙", "director")
    draft = draft_plan("toy", by=house.people["甲"], at=house.at)
    draft = edit_plan(draft, levels=[ONE], escalates_to="", by=house.people["甲"], at=house.at)

    with pytest.raises(WouldGetStuck) as refused:
        activate_plan(draft, by=chief, at=house.at)

    assert "业务由甲经办时" in refused.value.message


@pytest.mark.parametrize(
    "level",
    [
        Level("1", " ", "role:reviewer"),
        Level("1", "复审"),
        Level("1", "复审", people=(999_999,)),
        Level("1", "复审", "role:reviewer", above=100, up_to=100),
        Level("1", "复审", "role:reviewer", needs="number", number=0),
        Level("1", "复审", "role:reviewer", working_days=0),
    ],
)
def test_a_level_that_makes_no_sense_is_not_kept(staffed: House, level: Level) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)

    with pytest.raises(Invalid):
        edit_plan(draft, levels=[level], escalates_to="", by=staffed.people["甲"], at=staffed.at)


def test_there_is_one_draft_at_a_time_and_it_can_be_given_up(staffed: House) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    with pytest.raises(NotNow):
        draft_plan("toy", by=staffed.people["乙"], at=staffed.at)

    discard_plan(draft, by=staffed.people["乙"], at=staffed.at)

    assert draft_plan("toy", by=staffed.people["乙"], at=staffed.at).number == 3


def test_what_is_in_use_is_not_edited(staffed: House) -> None:
    plan = plan_in_use(staffed.organisation, "toy", at=staffed.at)

    with pytest.raises(NotNow):
        edit_plan(plan, levels=[ONE], escalates_to="", by=staffed.people["甲"], at=staffed.at)


def test_a_stale_draft_is_refused(staffed: House) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    edit_plan(draft, levels=[ONE], escalates_to="", by=staffed.people["甲"], at=staffed.at)

    with pytest.raises(Changed):
        edit_plan(draft, levels=list(TWO), escalates_to="", by=staffed.people["乙"], at=staffed.at)


def test_runs_under_way_keep_the_version_they_began_with(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    draft = edit_plan(draft, levels=[ONE], escalates_to="", by=staffed.people["甲"], at=staffed.at)
    activate_plan(draft, by=staffed.people["丙"], at=staffed.at)

    approval.refresh_from_db()

    assert [level.name for level in approval.steps] == ["复审", "分管"]
    assert staffed.start(staffed.case()).plan == ApprovalPlan.objects.get(state="active")


def test_past_cases_show_who_would_have_signed(staffed: House) -> None:
    keeper = frozenset({staffed.people["甲"].user_id})
    PAST.extend([PastCase("小额", {"amount": 100}, frozenset()), PastCase("大额", {"amount": 101}, keeper)])

    small, large = preview(plan_in_use(staffed.organisation, "toy", at=staffed.at))

    assert (small.rows, small.short) == ([("复审", "甲、乙")], False)
    assert (large.rows, large.short) == ([("复审", "乙"), ("分管", "丙")], False)


def test_a_preview_says_where_somebody_is_missing(house: House) -> None:
    house.member("甲", "reviewer")
    PAST.append(PastCase("大额", {"amount": 101}, frozenset()))

    assert [row.short for row in preview(house.plan(*TWO))] == [True]


def test_an_institution_works_by_its_own_days(staffed: House) -> None:
    friday, monday = date(2026, 11, 27), date(2026, 11, 30)
    set_own_day(monday, works=False, note="司庆", by=staffed.people["甲"], at=staffed.at)

    assert calendar_of(staffed.organisation).add(friday, 1).on == date(2026, 12, 1)
    with pytest.raises(NotPermitted):
        set_own_day(friday, works=False, note="", by=staffed.member("丁", "signer"), at=staffed.at)
