"""The table: every act in every state, by everybody."""

from datetime import datetime

import pytest

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotPermitted
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Project

pytestmark = pytest.mark.django_db
TARGETS = {"tendering": {"amend": "tendering", "record_award": "awarded", "attach_file": "tendering"}}
TARGETS["awarded"] = dict.fromkeys(TARGETS["tendering"], "awarded")


def project_in(state: str, by: Member, at: datetime) -> Project:
    return Project(state=state, registered_by=by.organisation, buyer=by.organisation, created_at=at)


@pytest.mark.parametrize("state", TARGETS)
def test_the_registrant_may_do_everything_in_every_state(bidder: Member, at: datetime, state: str) -> None:
    project = project_in(state, bidder, at)

    assert {row.action: row.target for row in LIFECYCLE.possible(project, bidder)} == TARGETS[state]


@pytest.mark.parametrize("state", TARGETS)
@pytest.mark.parametrize("action", ["amend", "record_award", "attach_file"])
@pytest.mark.parametrize("who", ["rival", "buyer", "manager", "department"])
def test_nobody_else_may_do_anything(
    bidder: Member, at: datetime, state: str, action: str, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotPermitted):
        LIFECYCLE.step(action, project_in(state, bidder, at), request.getfixturevalue(who))


@pytest.mark.parametrize("state", TARGETS)
def test_the_system_may_record_awards_amend_by_the_registrant_s_rule_and_nothing_else(
    bidder: Member, at: datetime, state: str
) -> None:
    project = project_in(state, bidder, at)

    assert [row.action for row in LIFECYCLE.possible(project, SYSTEM)] == ["amend", "record_award"]


def test_without_the_permission_even_the_registrants_people_may_not(bidder: Member, at: datetime) -> None:
    bidder.roles = ["auditor"]

    with pytest.raises(NotPermitted):
        LIFECYCLE.step("amend", project_in("tendering", bidder, at), bidder)
