"""Stories: the funnel counts what reached each stage, for what amounts and how soon; the operator sees sums only."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.browsers import signed_in
from xinshu.core.clock import moment
from xinshu.tenders.actions.opportunities import reach
from xinshu.tenders.funnels import HOUSE, MANAGER, MONTH, REGION, Asked, cohort, overseen, rows_of, span, total_of
from xinshu.tenders.models import Announcement, Match, Opportunity

pytestmark = pytest.mark.django_db
AT = moment(date(2026, 11, 9), 9)
PATHS = ("/tenders/funnel/", "/tenders/funnel/institutions/")


def _person(name: str, house: str, kind: str, role: str) -> Member:
    firm, _new = Organisation.objects.get_or_create(name=house, kind=kind)
    return Member.objects.create(
        user=User.objects.create(username=name, name=name), organisation=firm, roles=[role]
    )  # fmt: skip


def _push(number: int, manager: Member, region: str, stages: str, days: int = 0) -> Opportunity:
    """Push one award of 1,000,000 yuan; each further stage comes an hour after the one before."""
    firm, _new = Organisation.objects.get_or_create(name="云州恒达路桥工程有限公司", kind="enterprise")
    at = AT + timedelta(days=days)
    notice = Announcement.objects.create(
        source="t", source_id=str(number), kind="award", title=f"第{number}号中标公告", region_code=region,
        received_at=at, changed_at=at, published_at=at,
    )  # fmt: skip
    match = Match.objects.create(
        announcement=notice, organisation=firm, name=firm.name, role="winner", how="exact", score=100, sure=True,
        revision=1,
    )  # fmt: skip
    row = Opportunity.objects.create(
        announcement=notice, match=match, house=manager.organisation, firm=firm, manager=manager, state="pushed",
        pushed_at=at, amount=100_000_000,
    )  # fmt: skip
    for hour, stage in enumerate(("pushed", *stages.split())):
        letter = 10_000_000 if stage in ("begun", "submitted", "issued") else None
        reach(row, stage, at=at + timedelta(hours=hour), amount=letter)
    return row


@pytest.fixture
def people() -> dict[str, Member]:
    house, other = "云州融信融资担保有限公司", "云州宏远融资担保有限公司"
    found = {
        "lin": _person("林经理", house, "guarantor", "manager"),
        "chen": _person("陈经理", house, "guarantor", "manager"),
        "other": _person("别家经理", other, "guarantor", "manager"),
        "operator": _person("运营", "云州信枢运营有限公司", "operator", "operator"),
    }
    _push(1, found["lin"], "420100", "opened followed begun submitted issued")
    _push(2, found["lin"], "420500", "opened", days=-40)
    _push(3, found["chen"], "", "")
    _push(4, found["other"], "420100", "opened followed")
    return found


def _counts(rows, stage="pushed"):
    return {row.label: row.at(stage).count for row in rows}


@pytest.mark.req("BH-16")
def test_counts_amounts_and_times_by_manager_region_and_month(people):
    mine = Opportunity.objects.visible_to(people["lin"])

    total = total_of(cohort(mine, Asked()), "全机构")
    issued = total.at("issued")

    assert {stage: told.count for stage, told in total.stages.items()} == {
        "pushed": 3, "opened": 2, "followed": 1, "begun": 1, "submitted": 1, "issued": 1,
    }  # fmt: skip
    assert (issued.awards, issued.letters, issued.after) == (100_000_000, 10_000_000, 3600.0)
    assert (total.at("pushed").awards, total.at("pushed").after, total.share("issued")) == (300_000_000, None, 33)
    assert _counts(rows_of(mine, Asked(by=MANAGER))) == {"林经理": 2, "陈经理": 1}
    assert _counts(rows_of(mine, Asked(by=REGION))) == {"湖北省": 2, "没有写地区": 1}
    within = Asked(by=REGION, region="42")
    assert _counts(rows_of(cohort(mine, within), within)) == {"湖北省武汉市": 1, "湖北省宜昌市": 1}
    assert list(_counts(rows_of(mine, Asked(by=MONTH))).items()) == [("2026-11", 2), ("2026-09", 1)]


def test_what_a_group_asks_for_finds_exactly_what_it_counts(people):
    mine = Opportunity.objects.visible_to(people["lin"])

    for by in (MANAGER, REGION, MONTH):
        for row in rows_of(mine, Asked(by=by)):
            days = {name: date.fromisoformat(row.asks[name]) for name in ("since", "until") if name in row.asks}
            narrowed = replace(Asked(by=by), **row.asks | days)
            for stage, told in row.stages.items():
                assert cohort(mine, replace(narrowed, stage=stage)).count() == told.count, (by, row.label, stage)


@pytest.mark.req("BH-16")
def test_the_operator_sees_sums_of_institutions_and_nobodys_customers(people):
    operator = people["operator"]
    rows = rows_of(overseen(operator), Asked(by=HOUSE))
    browser = signed_in(operator)

    page = browser.get(PATHS[1]).content.decode()
    book = b"".join(browser.get(f"{PATHS[1]}export/"))

    assert _counts(rows) == {"云州融信融资担保有限公司": 3, "云州宏远融资担保有限公司": 1}
    assert overseen(people["lin"]).count() == 0
    for words in ("林经理", "别家经理", "恒达", "号中标公告"):
        assert words not in page
    assert "云州宏远融资担保有限公司" in page
    assert "云州宏远融资担保有限公司" in ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert browser.get(PATHS[0]).status_code == 403
    assert signed_in(people["lin"]).get(PATHS[1]).status_code == 403


def test_a_house_sees_its_own_down_to_the_case_and_takes_it_out(people):
    browser = signed_in(people["lin"])

    page = browser.get(f"{PATHS[0]}?stage=issued").content.decode()
    sums = b"".join(browser.get(f"{PATHS[0]}export/?sums=1&by=month"))

    assert "第1号中标公告" in page
    assert "第2号中标公告" not in page
    assert "别家经理" not in page
    assert "1.0 小时" in page
    assert "2026-09" in ZipFile(BytesIO(sums)).read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    "asked",
    ["region=９９", "by=nothing", "by=house&house=1", "house=" + "9" * 15, "manager=" + "9" * 15, "page=x",
     "since=0001-01-01&until=9999-12-31", "stage=%ED%A0%80", "by=month&region=-"],
)  # fmt: skip
def test_whatever_is_asked_is_answered(people, asked):
    assert signed_in(people["lin"]).get(f"{PATHS[0]}?{asked}").status_code == 200
    assert signed_in(people["operator"]).get(f"{PATHS[1]}?{asked}").status_code == 200


def test_one_statement_whatever_there_is(people, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(rows_of(overseen(people["operator"]), Asked(by=REGION)))


def test_a_time_in_words():
    told = {None: "—", 5: "不到 1 分钟", 90: "2 分钟", 5400: "1.5 小时", 90_000: "25.0 小时", 259_200: "3.0 天"}
    assert {seconds: span(seconds) for seconds in told} == told
