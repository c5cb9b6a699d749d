"""Pages: plans with their editor, delegations, own days; who may see them, junk, and the way through."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Member
from xinshu.work.actions.plans import draft_plan, plan_in_use
from xinshu.work.models import ApprovalPlan, Delegation, OwnDay
from xinshu.work.plan import Level
from xinshu.work.tests.house import House

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]


@pytest.fixture
def staffed(house: House) -> House:
    for name, role in (("甲", "reviewer"), ("乙", "reviewer"), ("丙", "director"), ("丁", "manager")):
        house.member(name, role)
    return house


def editor(**changes: str) -> dict[str, str]:
    """Return what the browser posts for a plan of one level."""
    row = {
        "ORDER": "1", "key": "1", "name": "复审", "who": "role:reviewer", "needs": "any", "working_days": "3",
        "apart": "四眼", "above": "", "up_to": "",
    }  # fmt: skip
    posted = {f"levels-0-{name}": value for name, value in (row | changes).items()}
    return {"levels-TOTAL_FORMS": "1", "levels-INITIAL_FORMS": "0", "escalates_to": "role:director", **posted}


@pytest.mark.parametrize("path", ["/approvals/plans/", "/approvals/delegations/"])
def test_a_stranger_signs_in_first_and_a_clerk_is_refused(
    client: Client, staffed: House, browser_of: Browser, path: str
) -> None:
    assert client.get(path).status_code == 302
    assert browser_of(staffed.people["丁"]).get(path).status_code == 403


def test_another_house_does_not_see_the_plan(staffed: House, browser_of: Browser) -> None:
    plan = plan_in_use(staffed.organisation, "toy", at=staffed.at)
    stranger = House(staffed.at, name="别家").member("外人", "reviewer")

    assert browser_of(stranger).get(f"/approvals/plans/{plan.reference}/").status_code == 404


def test_a_plan_is_drafted_edited_and_activated_by_two(staffed: House, browser_of: Browser) -> None:
    author, chief = browser_of(staffed.people["甲"]), browser_of(staffed.people["丙"])
    author.post("/approvals/plans/new/", {"kind": "toy"})
    draft = ApprovalPlan.objects.get(state="draft")
    page = f"/approvals/plans/{draft.reference}/"
    assert "启用方案" not in author.get(page).content.decode()

    author.post(f"{page}edit/", {"version": draft.version, **editor(above="50")})
    draft.refresh_from_db()
    stuck = chief.post(f"{page}activate/", {"version": draft.version})
    author.post(f"{page}edit/", {"version": draft.version, **editor()})
    draft.refresh_from_db()
    chief.post(f"{page}activate/", {"version": draft.version})

    assert stuck.status_code == 422
    assert "不经过任何一级" in stuck.content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.steps) == (
        "active", (Level("1", "复审", "role:reviewer", apart="四眼", working_days=3),),
    )  # fmt: skip
    assert "启用中" in author.get("/approvals/plans/").content.decode()


@pytest.mark.parametrize(
    "junk",
    [
        {"working_days": "很久"}, {"working_days": "0"}, {"name": ""}, {"who": "role:nobody"}, {"who": ""},
        {"people": "abc", "who": ""}, {"above": "-1"}, {"needs": "some"}, {"needs": "number", "number": ""},
        {"number": "9" * 30}, {"ORDER": "x"},
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_editor_is_shown_there(staffed: House, browser_of: Browser, junk: dict) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)
    browser = browser_of(staffed.people["甲"])

    answer = browser.post(f"/approvals/plans/{draft.reference}/edit/", {"version": draft.version, **editor(**junk)})

    assert answer.status_code == 422
    assert ApprovalPlan.objects.get(pk=draft.pk).levels == draft.levels


@pytest.mark.parametrize("version", ["", "x", "٣", "9" * 40])
@pytest.mark.parametrize("action", ["edit", "activate", "discard", "nonsense"])
def test_junk_is_no_plan_act(staffed: House, browser_of: Browser, version: str, action: str) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)

    answer = browser_of(staffed.people["丙"]).post(
        f"/approvals/plans/{draft.reference}/{action}/", {"version": version}
    )

    assert answer.status_code == (404 if action == "nonsense" else 422)


def test_an_editor_without_its_frame_is_no_fault(staffed: House, browser_of: Browser) -> None:
    draft = draft_plan("toy", by=staffed.people["甲"], at=staffed.at)

    answer = browser_of(staffed.people["甲"]).post(
        f"/approvals/plans/{draft.reference}/edit/", {"version": draft.version}
    )

    assert answer.status_code == 422


def test_a_delegation_is_given_and_taken_back(staffed: House, browser_of: Browser) -> None:
    browser = browser_of(staffed.people["甲"])
    posted = {
        "delegate": staffed.people["乙"].pk, "kinds": ["toy"], "starts_on": "2026-11-21", "ends_on": "2026-11-30",
        "reason": "休假",
    }  # fmt: skip

    browser.post("/approvals/delegations/", posted)
    delegation = Delegation.objects.get()
    assert "终止委托" in browser.get("/approvals/delegations/").content.decode()
    assert "终止委托" not in browser_of(staffed.people["乙"]).get("/approvals/delegations/").content.decode()
    browser.post(f"/approvals/delegations/{delegation.reference}/end/", {"version": delegation.version})

    delegation.refresh_from_db()
    assert delegation.state == "ended"


@pytest.mark.parametrize(
    "junk", [{"delegate": "0"}, {"kinds": "x"}, {"ends_on": "2020-01-01"}, {"starts_on": "昨天"}, {"reason": ""}]
)
def test_a_delegation_that_cannot_be_keeps_what_was_typed(staffed: House, browser_of: Browser, junk: dict) -> None:
    posted = {
        "delegate": staffed.people["乙"].pk, "kinds": "toy", "starts_on": "2026-11-21", "ends_on": "2026-11-30",
        "reason": "休假去外地",
    }  # fmt: skip

    answer = browser_of(staffed.people["甲"]).post("/approvals/delegations/", posted | junk)

    assert answer.status_code == 422
    assert not Delegation.objects.exists()


def test_an_own_day_is_kept_and_shown(staffed: House, browser_of: Browser) -> None:
    browser = browser_of(staffed.people["甲"])

    browser.post("/approvals/days/", {"day": "2026-12-01", "works": "no", "note": "司庆日"})
    junk = browser.post("/approvals/days/", {"day": "x", "works": "no", "note": ""})

    assert OwnDay.objects.get().note == "司庆日"
    assert junk.status_code == 422
    assert "司庆日" in browser.get("/approvals/plans/").content.decode()


def test_the_list_asks_as_often_for_thirty_versions_as_for_one(staffed: House, browser_of: Browser) -> None:
    plan_in_use(staffed.organisation, "toy", at=staffed.at)
    browser = browser_of(staffed.people["甲"])
    browser.get("/approvals/plans/")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get("/approvals/plans/")
        return len(asked)

    few = queries()
    for number in range(2, 31):
        ApprovalPlan.objects.create(
            organisation=staffed.organisation, kind="toy", number=number, state="retired", drafted_at=staffed.at
        )

    assert queries() == few
