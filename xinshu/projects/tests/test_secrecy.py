"""Until bids are opened a project that a bidder entered exists for nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import moment
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Project
from xinshu.projects.supervision import region_prefix
from xinshu.projects.tests.conftest import member_at

Register = Callable[..., Project]
OTHERS = ["buyer", "rival", "department", "other_department", "manager"]


def who_sees(at: datetime, request: pytest.FixtureRequest) -> set[str]:
    people = {name: request.getfixturevalue(name) for name in ["bidder", *OTHERS]}
    return {name for name, member in people.items() if Project.objects.visible_to(member, at).exists()}


@pytest.mark.django_db
def test_before_opening_only_the_bidder_sees_it_and_afterwards_those_concerned(
    register: Register, bidder: Member, buyer: Member, at: datetime, request: pytest.FixtureRequest
) -> None:
    opens_at = at + timedelta(days=20)
    register(bidder, opens_at=opens_at)

    before = who_sees(opens_at - timedelta(seconds=1), request)
    after = who_sees(opens_at, request)

    assert before == {"bidder"}
    assert after == {"bidder", "buyer", "department"}


@pytest.mark.django_db
def test_without_an_opening_time_it_stays_with_the_bidder(
    register: Register, bidder: Member, at: datetime, request: pytest.FixtureRequest
) -> None:
    register(bidder)

    assert who_sees(at + timedelta(days=1000), request) == {"bidder"}


@pytest.mark.django_db
def test_what_the_buyer_itself_registered_is_open_to_its_department(
    register: Register, buyer: Member, at: datetime, request: pytest.FixtureRequest
) -> None:
    register(buyer, opens_at=at + timedelta(days=20))

    assert who_sees(at, request) == {"buyer", "department"}


@pytest.mark.django_db
def test_an_award_is_public_among_the_parties(
    register: Register, manager: Member, rival: Member, at: datetime, request: pytest.FixtureRequest
) -> None:
    project = register(manager)
    record_award(project, winner=rival.organisation, amount=1_00, award_source="公告", by=manager, at=at)

    assert who_sees(at, request) == {"manager", "rival", "department"}


@pytest.mark.parametrize(("code", "prefix"), [("990000", "99"), ("990100", "9901"), ("990103", "990103"), ("", "")])
def test_a_region_holds_the_regions_inside_it(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


class AnyMoment(TestCase):
    """For any opening time and any moment of looking."""

    @settings(max_examples=40, deadline=None)
    @given(opens=st.integers(1, 600), looks=st.integers(0, 900), entries=st.integers(1, 3))
    def test_nobody_but_registrants_learns_anything_before_opening(self, opens: int, looks: int, entries: int) -> None:
        at = moment(datetime(2026, 11, 21).date(), 10)  # noqa: DTZ001
        buyer = member_at("云州临港新区建设管理中心", Organisation.Kind.INSTITUTION, "beneficiary")
        department = member_at("云州市住房和城乡建设局", Organisation.Kind.DEPARTMENT, "department", "990100")
        for number in range(entries):
            bidder = member_at(f"第{number}家建筑公司", Organisation.Kind.ENTERPRISE, "applicant")
            register_project(
                name="临港新区海棠大道二期",
                buyer=buyer.organisation,
                number="YZ-1",
                region_code="990103",
                opens_at=at + timedelta(minutes=opens),
                by=bidder,
                at=at,
            )

        seen = {Project.objects.visible_to(one, at + timedelta(minutes=looks)).count() for one in (buyer, department)}

        assert seen == {entries if looks >= opens else 0}
