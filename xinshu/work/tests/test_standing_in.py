"""Stories: people are missing, and it goes on all the same: added signers lifted, stand-ins appointed."""

from collections.abc import Callable

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.queries import history_of
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.work.actions.approvals import (
    NobodyLeft,
    add_signer,
    bring_up_to_date,
    resubmit,
    return_to_applicant,
    return_to_level,
)
from xinshu.work.actions.standing_in import appoint_stand_in
from xinshu.work.models import Approval
from xinshu.work.plan import ALL, Level
from xinshu.work.tests.house import JUDGED, House
from xinshu.work.tests.test_approvals import waiting, yes

pytestmark = pytest.mark.django_db
Browser = Callable[[Member], Client]


@pytest.fixture
def staffed(house: House) -> House:
    for name, role in (("甲", "reviewer"), ("乙", "reviewer"), ("丙", "director"), ("管", "orgadmin")):
        house.member(name, role)
    return house


@pytest.fixture
def short(staffed: House) -> tuple[House, Approval, object]:
    """A case whose only director has left after the reviewer signed."""
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    leave(staffed, "丙")
    JUDGED[case.pk] = approval.facts
    return staffed, bring_up_to_date(approval, case, at=staffed.at), case


def leave(house: House, name: str) -> None:
    house.people[name].active = False
    house.people[name].save(update_fields=["active"])


def kinds(approval: Approval) -> list[str]:
    return list(history_of(approval).values_list("kind", flat=True))


def test_an_added_signer_whom_the_changed_case_needs_elsewhere_is_lifted(house: House) -> None:
    for name, role in (("甲", "reviewer"), ("乙", "reviewer"), ("丙", "director"), ("丁", "director")):
        house.member(name, role)
    house.plan(
        Level("1", "复审", "role:reviewer", apart="四眼"),
        Level("2", "分管会签", "role:director", needs=ALL, above=100, apart="四眼"),
    )
    case = house.case()
    approval = house.start(case, amount=100)
    approval = add_signer(
        approval, case, signer=house.people["丁"], before=True, reason="请把关。", by=house.people["甲"], at=house.at
    )
    approval = yes(approval, case, house.people["丁"], house)
    approval = return_to_applicant(approval, case, reason="金额有误。", by=house.people["甲"], at=house.at)

    approval = resubmit(approval, case, facts={"amount": 700}, keepers=[], by=SYSTEM, at=house.at)

    assert (approval.short, approval.level, waiting(house, approval)) == (False, "1", {"甲", "乙"})
    assert [level.key for level in approval.steps] == ["1", "2"]
    assert kinds(approval)[-2:] == ["approval.signer_lifted", "approval.resubmitted"]


def test_whoever_has_had_a_hand_in_the_case_since_has_not_signed_it(staffed: House) -> None:
    case, first = staffed.case(), staffed.people["甲"]
    approval = yes(staffed.start(case), case, first, staffed)
    approval = return_to_applicant(approval, case, reason="请补充材料。", by=staffed.people["丙"], at=staffed.at)

    approval = resubmit(approval, case, facts=approval.facts, keepers=[first.user_id], by=SYSTEM, at=staffed.at)

    assert (approval.level, waiting(staffed, approval)) == ("1", {"乙"})


def test_facts_that_change_meanwhile_are_in_the_lists_and_somebody_looks_at_them(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    JUDGED[case.pk] = {**approval.facts, "amount": 600}
    approval = bring_up_to_date(approval, case, at=staffed.at)
    assert waiting(staffed, approval) == {"甲", "乙"}

    approval = yes(approval, case, staffed.people["乙"], staffed)
    JUDGED[case.pk] = {**approval.facts, "amount": 100, "note": "只剩已签的一级"}
    approval = bring_up_to_date(approval, case, at=staffed.at)

    assert (approval.state, approval.level, waiting(staffed, approval)) == ("open", "1", {"甲", "乙"})
    assert kinds(approval).count("approval.facts_changed") == 2


def test_nothing_is_written_where_nothing_has_changed(staffed: House) -> None:
    case = staffed.case()
    approval = staffed.start(case)
    JUDGED[case.pk] = approval.facts

    assert bring_up_to_date(approval, case, at=staffed.at).version == approval.version
    assert kinds(approval) == ["approval.started"]


def test_a_level_whose_signers_have_gone_is_not_opened_again(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    leave(staffed, "甲")
    leave(staffed, "乙")

    with pytest.raises(NobodyLeft) as refused:
        return_to_level(approval, case, key="1", reason="请复核。", by=staffed.people["丙"], at=staffed.at)

    assert "原来的签署人已经不在" in refused.value.message


def test_an_administrator_appoints_a_stand_in_who_signs(short: tuple[House, Approval, object]) -> None:
    house, approval, case = short
    assert (approval.short, waiting(house, approval)) == (True, set())

    approval = appoint_stand_in(
        approval, case, key="2", stand_in=house.people["乙"], reason="分管负责人离职。", by=house.people["管"],
        at=house.at,
    )  # fmt: skip

    assert (approval.short, waiting(house, approval)) == (False, {"乙"})
    assert yes(approval, case, house.people["乙"], house).state == "passed"
    entry = history_of(approval).get(kind="approval.stand_in_appointed")
    assert entry.data["stand_in"] == house.people["乙"].actor_label
    assert entry.actor_key == house.people["管"].actor_key


@pytest.mark.parametrize(
    ("stand_in", "by", "refusal"),
    [
        ("甲", "管", Invalid),  # has signed below: the levels must differ
        ("管", "管", Invalid),  # oneself, and nobody who may sign
        ("乙", "乙", NotPermitted),
        ("外人", "管", Invalid),
    ],
)
def test_who_cannot_be_appointed_or_appoint(
    short: tuple[House, Approval, object], stand_in: str, by: str, refusal: type[Exception]
) -> None:
    house, approval, case = short
    people = {**house.people, "外人": House(house.at, name="别家").member("外人", "reviewer")}

    with pytest.raises(refusal):
        appoint_stand_in(
            approval, case, key="2", stand_in=people[stand_in], reason="负责人离职。", by=people[by], at=house.at
        )

    assert "approval.stand_in_appointed" not in kinds(approval)


def test_where_nobody_is_missing_nobody_is_appointed(staffed: House) -> None:
    case = staffed.case()

    with pytest.raises(NotNow):
        appoint_stand_in(
            staffed.start(case), case, key="2", stand_in=staffed.people["乙"], reason="提前安排。",
            by=staffed.people["管"], at=staffed.at,
        )  # fmt: skip


def test_who_leaves_is_missed_at_once_and_the_administrator_hears_of_it(staffed: House) -> None:
    case = staffed.case()
    approval = yes(staffed.start(case), case, staffed.people["甲"], staffed)
    JUDGED[case.pk] = approval.facts
    leave(staffed, "丙")
    record("member.left", staffed.people["丙"], by=SYSTEM, at=staffed.at, successor=0)

    drain()

    approval.refresh_from_db()
    told = Notice.objects.filter(key__startswith="approval.short").values_list("member__user__name", "link")
    assert (approval.short, list(told)) == (True, [("管", "/approvals/short/")])


def test_the_page_lists_who_could_stand_in_and_names_no_case(
    short: tuple[House, Approval, object], browser_of: Browser
) -> None:
    house, approval, _case = short
    browser = browser_of(house.people["管"])
    page = browser.get("/approvals/short/").content.decode()
    assert "分管：乙" in page
    assert "分管：甲" not in page
    assert browser_of(house.people["甲"]).get("/approvals/short/").status_code == 403

    answer = browser_of(house.people["管"]).post(
        f"/approvals/short/{approval.reference}/appoint/",
        {"version": approval.version, "place": f"2|{house.people['乙'].user_id}", "reason": "分管负责人离职。"},
    )

    assert answer.status_code == 302
    assert waiting(house, Approval.objects.get(pk=approval.pk)) == {"乙"}


@pytest.mark.parametrize(
    "junk",
    [{"place": "2"}, {"place": "2|x"}, {"place": "2|999999999"}, {"reason": ""}, {"version": "x"}, {"place": "7|1"}],
)
def test_junk_appoints_nobody(short: tuple[House, Approval, object], browser_of: Browser, junk: dict) -> None:
    house, approval, _case = short
    posted = {"version": approval.version, "place": f"2|{house.people['乙'].user_id}", "reason": "分管负责人离职。"}

    answer = browser_of(house.people["管"]).post(f"/approvals/short/{approval.reference}/appoint/", posted | junk)

    assert answer.status_code == 422
    assert Approval.objects.get(pk=approval.pk).short


def test_another_house_finds_nothing_to_appoint(short: tuple[House, Approval, object], browser_of: Browser) -> None:
    _house, approval, _case = short
    stranger = House(approval.started_at, name="别家").member("外人", "orgadmin")
    browser = browser_of(stranger)

    assert "没有缺人的审批" in browser.get("/approvals/short/").content.decode()
    assert browser.post(f"/approvals/short/{approval.reference}/appoint/", {"version": "1"}).status_code == 404
