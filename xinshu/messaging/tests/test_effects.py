"""Stories: what became of what was told: counted once, by week, topic and channel; nothing secret, nobody else's."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.messaging.effects import PAGE, Asked, Effect, effects, readers, totals, weeks_until
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.notices import notify_members
from xinshu.messaging.reading import came_of
from xinshu.messaging.tests.channels import later, person, tell

pytestmark = pytest.mark.django_db(transaction=True)


def _figures(rows):
    return {(row.topic, row.channel): (row.told, row.sent, row.read, row.opened, row.business) for row in rows}


@pytest.mark.req("BH-15", "BH-32")
def test_what_was_told_is_followed_from_the_page_to_the_business(sandbox, operator, at):
    member = person(1, channels=["mail"])
    for key in "ab":
        tell(member, at, key=key)
    notify_members([member], "甲公司中标", key="announcement:1", at=at - timedelta(weeks=1), score=70)
    later(at)
    Notice.objects.filter(key="a").update(read_at=at, opened_at=at, business_at=at)
    Message.objects.filter(notice__key="a", channel="mail").update(opened_at=at)

    weeks = weeks_until(at, 4)
    rows = effects(Asked(operator, weeks, at))

    assert _figures(totals(rows)) == {
        ("award", PAGE): (1, 1, 0, 0, 0),
        ("progress", PAGE): (2, 2, 1, 1, 1),
        ("progress", "mail"): (2, 2, 1, 1, 1),
        ("progress", "sms"): (2, 0, 0, 0, 0),
        ("progress", "wechat"): (2, 0, 0, 0, 0),
        ("progress", "push"): (2, 0, 0, 0, 0),
    }
    assert {row.week for row in rows if row.topic == "award"} == {weeks[-2]}
    assert _figures(effects(Asked(operator, weeks, at, "award"))) == {("award", PAGE): (1, 1, 0, 0, 0)}


def test_what_is_secret_counts_only_once_it_is_open(sandbox, operator, at):
    tell(person(1, channels=["mail"]), at, sealed_until=at + timedelta(days=1))

    assert effects(Asked(operator, weeks_until(at, 4), at)) == []
    assert effects(Asked(operator, weeks_until(at, 4), at + timedelta(days=1))) != []


def test_nobody_but_the_operator_and_heads_counts(clerk, page_of, at):
    tell(clerk, at)

    assert effects(Asked(clerk, weeks_until(at, 4), at)) == []
    assert page_of(clerk).get("/operations/messages/effects/").status_code == 403


def test_the_page_shows_them_and_takes_them_out(operator, page_of):
    notify_members([operator], "甲公司中标", key="announcement:1", at=now(), score=70)
    browser = page_of(operator)

    page = browser.get("/operations/messages/effects/?weeks=4&topic=award").content.decode()
    book = b"".join(browser.get("/operations/messages/effects/export/?weeks=4"))

    assert "中标动态" in page
    assert "中标动态" in ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert Entry.objects.filter(kind="message.effects_exported").count() == 1
    for junk in (
        "weeks=9999999999999999999",
        "weeks=x&topic=y",
        "topic=risk",
        "who=x",
        "who=-1",
        "who=99999999999999999999",
        "weeks=4&page=x",
    ):
        assert browser.get(f"/operations/messages/effects/?{junk}").status_code == 200


@pytest.fixture
def house(at):
    """Two people of one guarantor and their head, one of another; each was told, and more or less came of it."""
    people = {}
    for name, house, role in (
        ("林经理", "融信", "manager"), ("陈经理", "融信", "manager"), ("分管", "融信", "director"),
        ("别家经理", "宏远", "manager"),
    ):  # fmt: skip
        firm, _new = Organisation.objects.get_or_create(name=f"云州{house}融资担保有限公司", kind="guarantor")
        user = User.objects.create(username=name, name=name)
        people[name] = Member.objects.create(user=user, organisation=firm, roles=[role])
    for name in ("林经理", "陈经理", "别家经理"):
        notify_members([people[name]], "客户中标", key="announcement:1", at=at, score=70, subject=people[name])
    lin = people["林经理"]
    Notice.objects.filter(member=lin).update(read_at=at)
    came_of(lin, lin.organisation, "issued", at=at)
    return people


@pytest.mark.req("BH-15", "BH-32")
def test_a_head_sees_its_own_people_and_nobody_elses(house, page_of, at):
    asked = Asked(house["分管"], weeks_until(at, 4), at)

    people = [(one.name, one.told, one.read, one.followed, one.business, one.issued) for one in readers(asked)]
    page = page_of(house["分管"]).get("/notices/effects/").content.decode()

    assert people == [("林经理", 1, 1, 1, 1, 1), ("陈经理", 1, 0, 0, 0, 0)]
    assert [row.told for row in totals(effects(asked))] == [2]
    assert [row.told for row in totals(effects(replace(asked, who=house["别家经理"].pk)))] == []
    assert "林经理" in page
    assert "别家经理" not in page
    assert "宏远" not in page


def test_the_operator_sees_institutions_and_no_people(house, operator, page_of, at):
    people = readers(Asked(operator, weeks_until(at, 4), at))
    browser = page_of(operator)
    page = browser.get("/operations/messages/effects/").content.decode()
    one = browser.get(f"/operations/messages/effects/?who={house['别家经理'].organisation_id}").content.decode()

    assert [(one.name[2:4], one.told, one.issued) for one in people] == [("融信", 2, 1), ("宏远", 1, 0)]
    assert "林经理" not in page
    assert "云州宏远融资担保有限公司" in one
    assert "融信" not in one


def test_a_head_takes_the_people_out_and_a_manager_comes_not_in(house, page_of):
    browser = page_of(house["分管"])

    book = b"".join(browser.get("/notices/effects/export/?people=1"))
    refused = page_of(house["林经理"]).get("/notices/effects/").status_code

    assert "陈经理" in ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert refused == 403


def test_two_statements_whatever_there_is(operator, at, django_assert_num_queries):
    for number in range(30):
        notify_members([operator], "消息", key=f"k{number}", at=at - timedelta(days=number))

    with django_assert_num_queries(2):
        effects(Asked(operator, weeks_until(at, 12), at))


def test_a_share_of_nothing_is_nothing():
    assert Effect("award", PAGE, None).share("read") == 0
