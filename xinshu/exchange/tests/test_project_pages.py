"""The pages of 项目同步: what came, what differs, what went; deciding, rules, export; nobody sees another's."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from xinshu.exchange.destinations import Destination
from xinshu.exchange.models import Difference, FieldRule, ProjectMessage
from xinshu.exchange.projects.receiving import take_delivery
from xinshu.exchange.projects.tasks import compare_project, compare_record
from xinshu.exchange.projects.telling import queue_project
from xinshu.exchange.tests.test_project_sync import FACTS, NUMBER
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.projects.actions import register_project


@pytest.fixture
def found(city, clock, at):
    return take_delivery("XM-1", 1, FACTS, withdrawn=False, by=city.department, at=at).record


@pytest.fixture
def beside(city, found, at):
    """The applicant's own entry of the lot, with another estimate; and a message about a public one."""
    project = register_project(
        name=FACTS["name"], number=NUMBER, buyer=FACTS["buyer"], region_code="990103", kind="municipal",
        estimate_amount=35_000_000_00, estimate_source="招标公告", opens_at=at + timedelta(days=29),
        bid_validity_days=90, by=city.applicant, at=at,
    )  # fmt: skip
    compare_project(Entry.objects.get(kind="project.registered", subject_id=project.pk))
    return project


@pytest.fixture
def told(city, clock, at):
    facts = {"name": "港城路大修工程一标段", "number": "YZ-88", "region_code": "990103", "kind": "municipal"}
    project = register_project(**facts, buyer=city.beneficiary.organisation, by=city.beneficiary, at=at)
    house = city.department.organisation
    to = Destination("yz-xm", "云州项目库", house.uscc or "", "projects", "https://receiver.example.com", "04")
    return queue_project(project, history_of(project).get(), to, house, at=at)


def page(browser, path):
    return browser.get(path).content.decode()


def test_the_registrant_sees_both_sides_and_takes_the_source_s(browser_of, city, found, beside):
    browser = browser_of(city.applicant)
    assert "2 项待决定" in page(browser, "/project-sync/")
    listed = page(browser, "/project-sync/?view=differ")
    for words in ("36,000,000.00 元", "35,000,000.00 元", "招标项目估算价", "云州市住房和城乡建设局"):
        assert words in listed
    row = Difference.objects.get(field="estimate_amount")

    browser.post(f"/project-sync/differences/{row.reference}/take/", {"version": row.version})

    beside.refresh_from_db()
    text = page(browser, f"/project-sync/records/{found.reference}/")
    assert beside.estimate_amount == 36_000_000_00
    assert "已采用对方" in text


def test_nobody_else_sees_or_decides_it(browser_of, city, found, beside):
    row = Difference.objects.get(field="estimate_amount")

    for who in (city.rival, city.department, city.beneficiary):
        browser = browser_of(who)
        assert "35,000,000.00" not in page(browser, f"/project-sync/records/{found.reference}/")
        assert "没有要决定的差异" in page(browser, "/project-sync/?view=differ")
        assert browser.post(f"/project-sync/differences/{row.reference}/take/").status_code in (403, 404)
    assert browser_of(city.bank).get("/project-sync/").status_code == 200
    assert browser_of(city.operator).get("/project-sync/").status_code == 403


def test_rules_are_set_on_a_page_and_hold_at_once(browser_of, city, found, beside):
    browser = browser_of(city.applicant)
    path = f"/project-sync/records/{found.reference}/rules/"

    answer = browser.post(path, {"estimate_amount": "theirs", "site": "ours"})

    beside.refresh_from_db()
    assert (answer.status_code, beside.estimate_amount) == (302, 36_000_000_00)
    assert dict(FieldRule.objects.values_list("field", "wins")) == {"estimate_amount": "theirs", "site": "ours"}
    assert browser.post(path, {"estimate_amount": "nobody"}).status_code == 422


def test_a_project_is_registered_once_and_only_as_it_was_seen(browser_of, city, found, at):
    browser = browser_of(city.rival)
    path = f"/project-sync/records/{found.reference}/register/"

    stale = browser.post(path, {"seen": "0"}).status_code
    first, second = (browser.post(path, {"seen": "1"}) for _time in range(2))

    assert (stale, first.status_code, first.url) == (409, 302, second.url)


def test_the_source_s_people_choose_between_two_contents(browser_of, city, found, at):
    other = take_delivery("XM-1", 1, {**FACTS, "site": "另一处"}, withdrawn=False, by=city.department, at=at)
    compare_record(Entry.objects.get(kind="project_record.taken"))
    browser, path = browser_of(city.department), f"/project-sync/records/{found.reference}/"
    assert "同版本两份内容" in page(browser, "/project-sync/")
    assert "改用这一份" in page(browser, path)

    browser.post(f"{path}arrivals/{other.arrival.pk}/adopt/")

    assert "已改用这一份" in page(browser, path)
    assert "另一处" in page(browser, path)
    assert browser_of(city.rival).post(f"{path}arrivals/{other.arrival.pk}/dismiss/").status_code == 403


def test_a_message_is_acknowledged_on_its_page_and_says_what_counts(browser_of, city, told):
    browser, path = browser_of(city.department), f"/project-sync/messages/{told.reference}/"
    text = page(browser, path)
    assert "目前不算已报送" in text
    assert city.beneficiary.organisation.name in text  # the buyer, as the tender says

    browser.post(f"{path}receipt/", {"version": told.version, "receipt": "项目库-1"})

    assert "回执编号：项目库-1" in page(browser, path)
    assert "项目库-1" in page(browser, "/project-sync/?view=sent")
    for stranger in (city.rival, city.other_department):
        assert browser_of(stranger).get(path).status_code == 404
    assert ProjectMessage.objects.get().state == "submitted"


@pytest.mark.parametrize(
    ("view", "column", "value"), [("", 1, NUMBER), ("differ", 4, "35,000,000.00 元"), ("sent", 1, "")]
)
def test_each_list_leaves_as_excel_with_a_trace(browser_of, city, beside, view, column, value):
    answer = browser_of(city.applicant).get(f"/project-sync/export/?view={view}")

    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert ("".join(str(row[column]) for row in rows[2:3])) == value
    entry = Entry.objects.get(kind="project_sync.exported")
    assert (entry.sealed_until is not None) == (view == "differ")


@pytest.mark.parametrize("junk", ["?page=x", "?source=abc", "?source=99999999", "?view=nothing", "?state=x"])
def test_junk_in_the_address_narrows_nothing_and_breaks_nothing(browser_of, city, found, junk):
    assert browser_of(city.applicant).get(f"/project-sync/{junk}").status_code == 200


def test_one_project_and_ten_take_the_same_queries(browser_of, city, found, at, django_assert_max_num_queries):
    browser = browser_of(city.applicant)
    for number in range(10):
        facts = {**FACTS, "number": f"YZ-{number}"}
        take_delivery(f"XM-{number + 2}", 1, facts, withdrawn=False, by=city.department, at=at)
    browser.get("/project-sync/")

    with django_assert_max_num_queries(16):
        browser.get("/project-sync/")
