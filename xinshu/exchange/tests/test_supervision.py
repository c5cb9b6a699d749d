"""归口管理: who supervises what, by version; simulated first; two people; the gates follow."""

from datetime import timedelta

import pytest

from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.exchange.actions import supervision as acts
from xinshu.exchange.simulation import covered, simulate
from xinshu.guarantees.indicators import indicators_for
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.projects.models import Project, SupervisionPlan
from xinshu.projects.supervision import plan_at

HOUR = timedelta(hours=1)


@pytest.fixture
def secadmin(city):
    return city.colleague(city.operator, "secadmin")


def plan(city, *lines, secadmin=None, at=None, hours=1):
    """Draft a plan of (department, region, kinds, project kinds); approve it where there is somebody to."""
    at = at or city.at
    made = acts.draft_plan(by=city.operator, at=at)
    for row in list(made.rows.all()):
        made = acts.remove_row(made, row.pk, by=city.operator, at=at)
    for department, region, kinds, projects in lines:
        made = acts.add_row(
            made,
            department=department,
            region_code=region,
            kinds=kinds,
            project_kinds=projects,
            by=city.operator,
            at=at,
        )
    made = acts.submit_plan(made, basis="云建〔2026〕7 号", valid_from=at + hours * HOUR, by=city.operator, at=at)
    return acts.approve_plan(made, by=secadmin, at=at) if secadmin else made


def seen(member, at):
    return set(Guarantee.objects.visible_to(member, at).values_list("kind", "project__kind", "project__region_code"))


@pytest.mark.req("EP-08")
def test_departments_see_what_the_plan_gives_them_and_only_that_from_its_moment_on(city, secadmin):
    roads = city.in_force(project=city.project(kind="highway"))
    city.in_force(project=city.project(kind="building"))
    city.in_force("bid")
    build, other = city.department, city.other_department  # 990100 and 990200
    before = seen(build, city.at + HOUR)
    plan(
        city,
        (build.organisation, "990100", ["performance"], ["building"]),
        (other.organisation, "990100", [], ["highway"]),
        secadmin=secadmin,
    )

    just_before, after = city.at + HOUR - timedelta(seconds=1), city.at + HOUR
    opened = after + timedelta(days=30)

    assert (
        seen(build, just_before)
        == before
        == {("performance", "highway", "990103"), ("performance", "building", "990103")}
    )
    assert seen(other, just_before) == set()
    assert seen(build, after) == seen(build, opened) == {("performance", "building", "990103")}
    assert seen(other, after) == seen(other, opened) == {("performance", "highway", "990103")}
    assert set(Project.objects.visible_to(other, opened).values_list("kind", flat=True)) == {"highway"}
    figures = indicators_for(other, opened, opened)
    assert figures["indicators"][1]["observations"][0]["obs_value"] == roads.amount


def test_without_any_plan_a_department_supervises_its_region(city):
    city.in_force()

    assert plan_at(city.at) is None
    assert len(seen(city.department, city.at)) == 1
    assert seen(city.other_department, city.at) == set()


def test_a_bid_guarantee_before_the_opening_exists_for_no_department_whatever_the_plan(city, secadmin):
    city.in_force("bid")
    plan(city, (city.department.organisation, "990000", [], []), secadmin=secadmin)

    assert seen(city.department, city.opens_at - timedelta(seconds=1)) == set()
    assert {kind for kind, *_rest in seen(city.department, city.opens_at)} == {"bid"}


def test_the_simulation_lists_who_gains_and_loses_and_changes_nothing(city):
    case = city.in_force(project=city.project(kind="highway"))
    city.in_force(project=city.project(kind="building"), by=city.applicant)
    city.in_force("bid")
    build, other = city.department.organisation, city.other_department.organisation
    made = plan(city, (build, "990100", [], ["building"]), (other, "990100", [], ["highway"]))
    entries = Entry.objects.count()

    found = simulate(made, city.at)

    assert (found.total, found.count) == (2, 1)
    [shift] = found.shifts
    assert (shift.lose, shift.gain, shift.keep) == ((build,), (other,), ())
    assert list(found.guarantees) == [case]
    assert {house.name: told for house, *told in found.departments} == {build.name: [0, 1], other.name: [1, 0]}
    assert Entry.objects.count() == entries
    assert seen(city.department, city.at + 3 * HOUR) != set()  # nothing was switched


def test_the_simulation_names_what_nobody_would_supervise(city):
    city.in_force()
    made = plan(city, (city.department.organisation, "990100", ["bid"], []))

    [shift] = simulate(made, city.at).shifts

    assert shift.orphaned


def test_numbers_in_the_simulation_are_covered(city):
    assert covered("LY20261121-ABCDEFGH") == "LY20261121-••••••GH"


def test_it_takes_two_people(city, secadmin):
    made = plan(city, (city.department.organisation, "990100", [], []))

    for who in (city.operator, city.department, city.sysadmin, city.manager):
        with pytest.raises(NotPermitted):
            acts.approve_plan(made, by=who, at=city.at)
    with pytest.raises(NotPermitted):
        acts.draft_plan(by=secadmin, at=city.at)

    assert acts.approve_plan(made, by=secadmin, at=city.at).state == "approved"


def test_a_plan_approved_late_holds_from_its_approval(city, secadmin):
    made = plan(city, (city.department.organisation, "990100", [], []))

    made = acts.approve_plan(made, by=secadmin, at=city.at + 5 * HOUR)

    assert made.valid_from == city.at + 5 * HOUR
    assert plan_at(city.at + 4 * HOUR) is None


def test_a_later_plan_takes_the_place_of_the_one_before(city, secadmin):
    build, other = city.department.organisation, city.other_department.organisation
    first = plan(city, (build, "990100", [], []), secadmin=secadmin)
    second = plan(city, (other, "990100", [], []), secadmin=secadmin, at=city.at + 2 * HOUR, hours=24)

    assert plan_at(city.at + 3 * HOUR) == first
    assert plan_at(city.at + 26 * HOUR) == second


def test_a_draft_begins_as_a_copy_of_what_holds(city, secadmin):
    plan(city, (city.department.organisation, "990100", ["bid"], ["water"]), secadmin=secadmin)

    made = acts.draft_plan(by=city.operator, at=city.at + 2 * HOUR)

    assert list(made.rows.values_list("department", "kinds", "project_kinds", "region_code")) == [
        (city.department.organisation_id, ["bid"], ["water"], "990100")
    ]
    with pytest.raises(NotNow, match="已有一份草稿"):
        acts.draft_plan(by=city.operator, at=city.at + 2 * HOUR)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"region_code": "99"}, "region_code"),
        ({"region_code": "000000"}, "region_code"),
        ({"region_code": "９９０１００"}, "region_code"),
        ({"kinds": ["nonsense"]}, "kinds"),
        ({"project_kinds": ["nonsense"]}, "project_kinds"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_field(city, wrong, field):
    made = acts.draft_plan(by=city.operator, at=city.at)
    line = {"department": city.department.organisation, "region_code": "990100"} | wrong

    with pytest.raises(Invalid) as refusal:
        acts.add_row(made, **line, by=city.operator, at=city.at)

    assert set(refusal.value.fields) == {field}


def test_an_enterprise_supervises_nothing(city):
    made = acts.draft_plan(by=city.operator, at=city.at)

    with pytest.raises(Invalid):
        acts.add_row(made, department=city.bank.organisation, region_code="990100", by=city.operator, at=city.at)


def test_an_empty_plan_or_one_without_basis_or_from_yesterday_is_not_submitted(city):
    made = acts.draft_plan(by=city.operator, at=city.at)
    for row in list(made.rows.all()):
        made = acts.remove_row(made, row.pk, by=city.operator, at=city.at)
    told = {"basis": "云建〔2026〕7 号", "valid_from": city.at + HOUR}

    with pytest.raises(NotNow):
        acts.submit_plan(made, **told, by=city.operator, at=city.at)
    for wrong in ({"basis": " "}, {"valid_from": city.at}, {"valid_from": city.at + timedelta(days=900)}):
        with pytest.raises(Invalid):
            acts.submit_plan(made, **told | wrong, by=city.operator, at=city.at)
    assert SupervisionPlan.objects.get().state == "draft"


def test_refusing_wants_a_reason_and_leaves_all_as_it_is(city, secadmin):
    made = plan(city, (city.other_department.organisation, "990100", [], []))

    with pytest.raises(Invalid):
        acts.refuse_plan(made, reason=" ", by=secadmin, at=city.at)
    acts.refuse_plan(made, reason="依据不对", by=secadmin, at=city.at)

    assert plan_at(city.at + 2 * HOUR) is None


def test_departments_are_told_of_the_switch(city, secadmin):
    city.department, city.other_department  # noqa: B018  both exist
    plan(city, (city.other_department.organisation, "990100", [], []), secadmin=secadmin)
    drain(at=city.at + timedelta(minutes=5))

    told = dict(Notice.objects.filter(text__contains="归口方案").values_list("member", "text"))

    assert "不在方案中" in told[city.department.pk]
    assert "您单位在方案中" in told[city.other_department.pk]
