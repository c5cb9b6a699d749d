"""Stories: what became of what was told: counted once, by week, topic and channel; nothing secret, nobody else's."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.messaging.effects import PAGE, Effect, effects, totals, weeks_until
from xinshu.messaging.models import Message, Notice
from xinshu.messaging.notices import notify_members
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
    rows = effects(operator, weeks, at)

    assert _figures(totals(rows)) == {
        ("award", PAGE): (1, 1, 0, 0, 0),
        ("progress", PAGE): (2, 2, 1, 1, 1),
        ("progress", "mail"): (2, 2, 1, 1, 1),
        ("progress", "sms"): (2, 0, 0, 0, 0),
        ("progress", "wechat"): (2, 0, 0, 0, 0),
        ("progress", "push"): (2, 0, 0, 0, 0),
    }
    assert {row.week for row in rows if row.topic == "award"} == {weeks[-2]}
    assert _figures(effects(operator, weeks, at, "award")) == {("award", PAGE): (1, 1, 0, 0, 0)}


def test_what_is_secret_counts_only_once_it_is_open(sandbox, operator, at):
    tell(person(1, channels=["mail"]), at, sealed_until=at + timedelta(days=1))

    assert effects(operator, weeks_until(at, 4), at) == []
    assert effects(operator, weeks_until(at, 4), at + timedelta(days=1)) != []


def test_nobody_but_the_operator_counts(clerk, page_of, at):
    tell(clerk, at)

    assert effects(clerk, weeks_until(at, 4), at) == []
    assert page_of(clerk).get("/operations/messages/effects/").status_code == 403


def test_the_page_shows_them_and_takes_them_out(operator, page_of):
    notify_members([operator], "甲公司中标", key="announcement:1", at=now(), score=70)
    browser = page_of(operator)

    page = browser.get("/operations/messages/effects/?weeks=4&topic=award").content.decode()
    book = b"".join(browser.get("/operations/messages/effects/export/?weeks=4"))

    assert "中标动态" in page
    assert "中标动态" in ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert Entry.objects.filter(kind="message.effects_exported").count() == 1
    for junk in ("weeks=9999999999999999999", "weeks=x&topic=y", "topic=risk"):
        assert browser.get(f"/operations/messages/effects/?{junk}").status_code == 200


def test_two_statements_whatever_there_is(operator, at, django_assert_num_queries):
    for number in range(30):
        notify_members([operator], "消息", key=f"k{number}", at=at - timedelta(days=number))

    with django_assert_num_queries(2):
        effects(operator, weeks_until(at, 12), at)


def test_a_share_of_nothing_is_nothing():
    assert Effect("award", PAGE, None).share("read") == 0
