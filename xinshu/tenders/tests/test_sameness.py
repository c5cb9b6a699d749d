"""One award from two sources: both are kept, each tells of the other, and it is pushed once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import member_with
from xinshu.core.actors import SYSTEM
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.actions.opportunities import find_opportunities
from xinshu.tenders.models import Announcement, Opportunity
from xinshu.tenders.retelling import seen_elsewhere
from xinshu.tenders.sameness import Told, keys_of, plain_title, same

AT = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
ONE = Told(
    "yz-ggzy", "award", "海棠大道市政工程中标结果公告", "YZGC-2026-1107", "云州临港新区建设管理中心",
    frozenset({"云州新禾建设有限公司"}), 486_200_000, AT,
)  # fmt: skip
OTHER = replace(ONE, source="yz-zbxx", title="【云州】关于海棠大道市政工程的中标公示", at=AT + timedelta(days=1))


@pytest.mark.req("BH-11", "BH-15")
@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"number": ""}, True),  # by the title
        ({"title": "市政工程结果", "number": "yzgc—2026—1107"}, True),  # by the number
        ({"number": "", "amount": None, "winners": frozenset()}, True),  # title and buyer
        ({"winners": frozenset({"云州新禾建设有限公司", "云州设计院"})}, True),  # a consortium told in part
        ({"buyer": "招标人另有其名", "amount": None}, True),
        ({"title": "别的工程中标公告", "number": "YZGC-2026-1108"}, False),
        ({"number": "", "title": "公告"}, False),
        ({"winners": frozenset({"北川中诚建筑安装有限公司"})}, False),
        ({"amount": 500_000_000}, False),
        ({"title": "海棠大道市政工程二标段中标公示"}, False),  # another lot of the same project
        ({"kind": "candidate"}, False),
        ({"at": AT + timedelta(days=40)}, False),
        ({"source": "yz-ggzy"}, False),  # a source that tells two things tells two things
        ({"buyer": "", "amount": None, "winners": frozenset()}, False),  # nothing agrees but the name
    ],
)
def test_two_notices_tell_the_same_where_project_and_facts_agree(changes: dict[str, object], is_same: bool) -> None:
    other = replace(OTHER, **changes)  # type: ignore[arg-type]

    assert same(ONE, other) is is_same
    assert same(other, ONE) is is_same


@pytest.mark.parametrize(
    "title", ["海棠大道工程中标结果公告", "[云州]海棠大道工程中标公示", "关于海棠大道工程的成交结果公告"]
)
def test_a_title_is_compared_by_its_project(title: str) -> None:
    assert plain_title(title) == "海棠大道工程"


def test_keys_that_say_nothing_are_none() -> None:
    assert keys_of("公告", "12") == ("", "")
    assert keys_of("\ud800公告", "")[1] == ""


def _told(source: str, title: str, winner: Member, price: str = "4,862,000.00元") -> Delivery:
    lines = ("项目编号：YZGC-2026-1107", "招标人：云州临港新区建设管理中心", f"中标人：{winner.organisation.name}")
    return Delivery(
        title=title, body="\n".join((*lines, f"中标价：{price}")), source=source, source_id="1", published_at=AT
    )


@pytest.mark.django_db
@pytest.mark.req("BH-11", "BH-15")
def test_one_award_from_two_sources_is_one_opportunity_and_one_message(at: datetime) -> None:
    winner = member_with("applicant", kind="enterprise")
    first = take_in(_told("yz-ggzy", ONE.title, winner), by=SYSTEM, at=at)
    second = take_in(_told("yz-zbxx", OTHER.title, winner), by=SYSTEM, at=at)
    drain()

    assert Announcement.objects.count() == 2
    second.refresh_from_db()
    assert second.told_again_of == first
    assert [seen_elsewhere(one) for one in (first, second)] == [[second], [first]]
    assert Opportunity.objects.get().announcement == first
    assert Notice.objects.filter(member=winner, kind__startswith="opportunity.pushed").count() == 1


@pytest.mark.django_db
def test_whichever_is_matched_first_brings_the_opportunity(at: datetime) -> None:
    winner = member_with("applicant", kind="enterprise")
    first = take_in(_told("yz-ggzy", ONE.title, winner), by=SYSTEM, at=at)
    second = take_in(_told("yz-zbxx", OTHER.title, winner), by=SYSTEM, at=at)

    assert len(find_opportunities(second, at=at)) == 1
    assert find_opportunities(first, at=at) == []
    assert find_opportunities(second, at=at) == []


@pytest.mark.django_db
def test_another_price_is_another_award(at: datetime) -> None:
    winner = member_with("applicant", kind="enterprise")
    take_in(_told("yz-ggzy", ONE.title, winner), by=SYSTEM, at=at)
    take_in(_told("yz-zbxx", OTHER.title, winner, "5,000,000.00元"), by=SYSTEM, at=at)
    drain()

    assert Opportunity.objects.count() == 2
