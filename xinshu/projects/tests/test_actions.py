"""Stories: a project is entered, amended, awarded; what is refused leaves nothing behind."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.ledger.models import Entry
from xinshu.projects.actions import AlreadyRegistered, amend_project, record_award
from xinshu.projects.models import Party, Project

pytestmark = pytest.mark.django_db
Register = Callable[..., Project]


def test_a_bidder_registers_a_project_with_its_buyer_by_name(
    register: Register, bidder: Member, buyer: Member, at: datetime
) -> None:
    project = register(bidder, opens_at=at + timedelta(days=20))

    entry = Entry.objects.get(kind="project.registered")
    assert (project.buyer, project.registered_by, project.state) == (
        buyer.organisation,
        bidder.organisation,
        "tendering",
    )
    assert entry.sealed_until == project.opens_at
    assert entry.actor_key == bidder.actor_key


def test_a_buyer_that_nobody_knows_yet_is_made_unverified(register: Register, bidder: Member) -> None:
    project = register(bidder, buyer=" 清河县水利建设服务中心 ")

    assert (project.buyer.name, project.buyer.verified, project.buyer.uscc) == ("清河县水利建设服务中心", False, None)


def test_a_natural_person_is_never_found_by_name(register: Register, bidder: Member) -> None:
    person = Organisation.objects.create(name="欧阳建国一", kind=Organisation.Kind.PERSON)

    assert register(bidder, buyer="欧阳建国一").buyer != person


def test_a_buyers_own_entry_is_not_sealed(register: Register, buyer: Member) -> None:
    register(buyer)

    assert Entry.objects.get(kind="project.registered").sealed_until is None


def test_a_project_without_an_opening_time_stays_sealed_for_a_year(
    register: Register, bidder: Member, buyer: Member, at: datetime
) -> None:
    register(bidder)

    assert Entry.objects.get(kind="project.registered").sealed_until == at.replace(year=2027)


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"name": "道路"}, {"name"}),
        ({"buyer": "某"}, {"buyer"}),
        ({"kind": "castle"}, {"kind"}),
        ({"estimate_amount": 0}, {"estimate_amount"}),
        ({"estimate_amount": -1}, {"estimate_amount"}),
        ({"estimate_source": " "}, {"estimate_source"}),
        ({"bid_validity_days": 0, "contract_days": 3651}, {"bid_validity_days", "contract_days"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(register: Register, bidder: Member, facts: dict, wrong: set) -> None:
    with pytest.raises(Invalid) as refused:
        register(bidder, **facts)

    assert set(refused.value.fields) == wrong
    assert not Project.objects.exists()
    assert not Entry.objects.exists()


def test_the_same_number_twice_is_refused_and_names_the_first(register: Register, bidder: Member) -> None:
    first = register(bidder)

    with pytest.raises(AlreadyRegistered) as refused:
        register(bidder, name="同一标段换了名字")

    assert refused.value.project == first
    assert "YZ2026-0117-01" in refused.value.message
    assert Project.objects.count() == 1


def test_a_rival_registers_the_same_number_and_learns_nothing(
    register: Register, bidder: Member, rival: Member
) -> None:
    first = register(bidder)

    second = register(rival)

    assert (first.number, second.number) == (second.number, first.number)


def test_numbers_may_be_missing_more_than_once(register: Register, bidder: Member) -> None:
    register(bidder, number="")
    register(bidder, number="")

    assert Project.objects.count() == 2


def test_registering_takes_the_permission(register: Register, department: Member) -> None:
    with pytest.raises(NotPermitted):
        register(department)


def test_an_amendment_keeps_old_and_new_in_the_ledger(register: Register, bidder: Member, at: datetime) -> None:
    project = register(bidder)

    amended = amend_project(project, by=bidder, at=at, estimate_amount=60_000_000_00, name=project.name)

    assert (amended.estimate_amount, amended.version) == (60_000_000_00, 2)
    assert Entry.objects.get(kind="project.amended").data == {
        "changes": {"estimate_amount": [52_180_000_00, 60_000_000_00]}
    }


def test_an_amendment_that_changes_nothing_is_not_recorded(register: Register, bidder: Member, at: datetime) -> None:
    project = register(bidder)

    assert amend_project(project, by=bidder, at=at, name=project.name).version == 1
    assert not Entry.objects.filter(kind="project.amended").exists()


def test_a_stale_page_is_told_that_somebody_was_first(register: Register, bidder: Member, at: datetime) -> None:
    project = register(bidder)
    stale = Project.objects.get(pk=project.pk)
    amend_project(project, by=bidder, at=at, site="临港新区")

    with pytest.raises(Changed):
        amend_project(stale, by=bidder, at=at, site="别处")

    assert Project.objects.get(pk=project.pk).site == "临港新区"


def test_bringing_the_opening_forward_does_not_unseal_what_was_sealed_longer(
    register: Register, bidder: Member, at: datetime
) -> None:
    project = register(bidder, opens_at=at + timedelta(days=20))

    amend_project(project, by=bidder, at=at, opens_at=at + timedelta(days=5))

    assert Entry.objects.get(kind="project.amended").sealed_until == at + timedelta(days=20)


def test_an_award_names_lead_and_members_of_a_consortium(register: Register, bidder: Member, at: datetime) -> None:
    project = register(bidder)

    awarded = record_award(
        project,
        winner=bidder.organisation,
        members=["云州勘测设计院有限公司", bidder.organisation],
        amount=48_620_000_00,
        award_source="中标通知书",
        by=bidder,
        at=at,
    )

    parties = [(party.role, party.organisation.name) for party in awarded.parties.all()]
    assert (awarded.state, awarded.award_amount) == ("awarded", 48_620_000_00)
    assert parties == [("winner", "云州恒达路桥工程有限公司"), ("consortium_member", "云州勘测设计院有限公司")]
    assert Entry.objects.get(kind="project.awarded").data["amount"] == 48_620_000_00


def test_a_corrected_award_replaces_the_first(register: Register, bidder: Member, rival: Member, at: datetime) -> None:
    project = register(bidder)
    facts = {"award_source": "中标公告", "by": bidder, "at": at}
    project = record_award(project, winner=rival.organisation, amount=1_00, **facts)

    record_award(project, winner=bidder.organisation, amount=2_00, **facts)

    winners = Party.objects.filter(project=project, role="winner")
    assert [party.organisation for party in winners] == [bidder.organisation]
    assert Entry.objects.filter(kind="project.awarded").count() == 2


@pytest.mark.parametrize(
    ("change", "wrong"),
    [({"amount": 0}, "award_amount"), ({"award_source": " "}, "award_source"), ({"winner": "某"}, "winner")],
)
def test_a_bad_award_is_refused_at_its_field(
    register: Register, bidder: Member, at: datetime, change: dict, wrong: str
) -> None:
    project = register(bidder)
    facts = {"winner": bidder.organisation, "amount": 1_00, "award_source": "中标公告"} | change

    with pytest.raises(Invalid) as refused:
        record_award(project, **facts, by=bidder, at=at)

    assert list(refused.value.fields) == [wrong]
    assert Project.objects.get(pk=project.pk).state == "tendering"


def test_nothing_is_awarded_before_bids_are_opened(register: Register, bidder: Member, at: datetime) -> None:
    project = register(bidder, opens_at=at + timedelta(minutes=1))

    with pytest.raises(Invalid, match="中标结果没有保存"):
        record_award(project, winner=bidder.organisation, amount=1_00, award_source="公告", by=bidder, at=at)


@pytest.mark.parametrize("who", ["rival", "buyer", "manager"])
def test_only_the_registrant_changes_a_project(
    register: Register, bidder: Member, at: datetime, who: str, request: pytest.FixtureRequest
) -> None:
    project = register(bidder)
    other = request.getfixturevalue(who)

    with pytest.raises(NotPermitted):
        amend_project(project, by=other, at=at, site="别处")
    with pytest.raises(NotPermitted):
        record_award(project, winner=other.organisation, amount=1_00, award_source="公告", by=other, at=at)

    assert Entry.objects.count() == 1
