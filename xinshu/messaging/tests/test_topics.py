"""Stories: a person decides topic by topic; scores keep back what concerns less; what two sources tell is told once."""

import json
from datetime import time

import pytest

from xinshu.core.clock import moment, today
from xinshu.ledger.models import Entry
from xinshu.messaging.fanout import Mark, news, notice_event
from xinshu.messaging.kinds import HIGH, MessageKind, declare_kind, kinds
from xinshu.messaging.models import Message, Notice, Preference, QuietHours, TopicRule
from xinshu.messaging.notices import notify_members
from xinshu.messaging.preferences import TopicWish, forget_topic, set_topic
from xinshu.messaging.reading import came_of
from xinshu.messaging.tests.channels import later, person
from xinshu.messaging.timing import Wish
from xinshu.messaging.topics import PROGRESS, TOPICS, topic_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/notices/settings/topics/award/"
AWARD = MessageKind("opportunity.tested", "中标", "${firm}中标。", {"firm": "甲公司"}, ("mail", "push"), HIGH)
declare_kind(AWARD)
CHOSEN = {"sms": "off", "mail": "daily", "wechat": "at_once", "push": "at_once", "least": "1", "least_score": "60",
          "quiet": "general", "begins": "", "ends": ""}  # fmt: skip


def _award(member, at, score=None, key="announcement:1", merge=""):
    from django.db import transaction

    with transaction.atomic():
        notify_members(
            [member], f"甲公司中标 {key}", link="/tenders/x/", key=key, at=at, kind=AWARD.code, values=AWARD.samples,
            score=score, merge=merge,
        )  # fmt: skip


def _states(member):
    return dict(Message.objects.filter(notice__member=member).values_list("channel", "state"))


@pytest.mark.parametrize(
    ("kind", "key", "topic"),
    [
        ("opportunity.pushed.institution", "announcement:7", "award"),
        ("", "announcement:7", "award"),
        ("subscription_match.found.person", "x", "subscription"),
        ("", "subscription.paused:3:1", "platform"),
        ("guarantee.approved.applicant", "x", PROGRESS),
        ("guarantee.ending_many.guarantor", "x", "expiry"),
        ("", "claim.limit:4:open:1:2", "expiry"),
        ("claim.paid.applicant", "x", "claim"),
        ("watch_alert.raised.manager", "x", "risk"),
        ("", "whatever", PROGRESS),
    ],
)
def test_every_message_belongs_to_one_topic(kind, key, topic):
    assert topic_of(kind, key) == topic


def test_no_kind_is_without_a_topic_that_people_can_see():
    assert {topic_of(kind.code) for kind in kinds()} <= set(TOPICS)


@pytest.mark.req("BH-15")
def test_only_what_reaches_the_score_leaves_the_page(sandbox, at):
    member = person(1, channels=["mail", "push"])
    set_topic("award", TopicWish({"mail": Wish("at_once", 1), "push": Wish("at_once", 1)}, 70), by=member, at=at)

    _award(member, at, 69, "announcement:1")
    _award(member, at, 70, "announcement:2")
    later(at)

    assert Notice.objects.filter(member=member).count() == 2
    assert [(row.notice.score, row.state) for row in Message.objects.filter(channel="mail").order_by("pk")] == [
        (69, "below"),
        (70, "sent"),
    ]
    assert Message.objects.filter(state="below").first().reason == "69 分，低于本人设定的 70 分"
    assert len(sandbox.mails) == 1


def test_without_a_wish_the_important_alone_go_to_the_mail_and_all_to_the_app(sandbox, at):
    member = person(1, channels=["mail", "push"])

    _award(member, at, 59)

    assert _states(member) == {"mail": "below", "push": "queued"}


def test_a_topic_has_a_rhythm_of_its_own_and_everything_else_keeps_the_general_one(sandbox, at):
    member = person(1, channels=["mail", "push"])
    Preference.objects.create(user=member.user, channel="push", rhythm="off", least=1)
    Preference.objects.create(user=member.user, channel="mail", rhythm="weekly", least=1)

    _award(member, at, 90, "announcement:1")
    set_topic("award", TopicWish({"mail": Wish("daily", 1), "push": Wish("at_once", 1)}), by=member, at=at)
    _award(member, at, 90, "announcement:2")
    forget_topic("award", by=member, at=at)
    _award(member, at, 90, "announcement:3")

    rows = Message.objects.filter(channel="mail").order_by("pk")
    assert [row.state for row in Message.objects.filter(channel="push").order_by("pk")] == [
        "suppressed", "queued", "suppressed",
    ]  # fmt: skip
    assert rows[0].digest_id == rows[2].digest_id != rows[1].digest_id
    assert Preference.objects.filter(user=member.user).count() == 2


@pytest.mark.parametrize(
    ("quiet", "begins", "ends", "due"),
    [
        ("general", None, None, moment(today(), 12)),
        ("own", time(8), time(10), moment(today(), 10)),
        ("never", None, None, moment(today(), 9)),
    ],
)
def test_quiet_hours_are_those_of_the_topic(sandbox, at, quiet, begins, ends, due):
    member = person(1, channels=["push"])
    QuietHours.objects.create(user=member.user, begins=time(8), ends=time(12))
    wish = TopicWish({"push": Wish("at_once", 1)}, quiet=quiet, begins=begins, ends=ends)
    set_topic("award", wish, by=member, at=at)

    _award(member, at, 90)

    assert Message.objects.get(channel="push").due_at == due


@pytest.mark.req("BH-15")
def test_what_two_sources_tell_is_one_message(sandbox, at):
    member = person(1, channels=["mail", "push"])

    for _run in range(2):
        _award(member, at, 80, "announcement:1", "award:road")
        _award(member, at, 75, "announcement:2", "award:road")
    later(at)

    notice = Notice.objects.get(member=member)
    assert (notice.key, notice.score, notice.also) == ("announcement:1", 80, ["announcement:2"])
    assert len(sandbox.mails) == 1


def test_what_is_told_again_with_a_better_score_leaves_once_it_is_good_enough(sandbox, at):
    member = person(1, channels=["mail"])
    set_topic("award", TopicWish({"mail": Wish("at_once", 1)}, 60), by=member, at=at)

    _award(member, at, 40, "announcement:1", "award:road")
    later(at)
    for _run in range(3):
        _award(member, at, 85, "announcement:2", "award:road")
        later(at)

    assert (Notice.objects.get(member=member).score, _states(member)["mail"]) == (85, "sent")
    assert len(sandbox.mails) == 1


def test_what_was_removed_does_not_come_back_with_a_better_score(sandbox, at):
    member = person(1, channels=["mail"])
    _award(member, at, 40, "announcement:1", "award:road")
    Notice.objects.update(removed_at=at)

    _award(member, at, 95, "announcement:2", "award:road")
    later(at)

    assert (sandbox.mails, _states(member)["mail"]) == ([], "below")


def test_a_better_score_may_also_mean_the_next_digest(sandbox, at):
    member = person(1, channels=["mail"])
    set_topic("award", TopicWish({"mail": Wish("daily", 1)}, 60), by=member, at=at)
    _award(member, at, 40, "announcement:1", "award:road")

    _award(member, at, 85, "announcement:2", "award:road")
    later(at, hours=24)
    later(at, hours=48)

    assert (len(sandbox.mails), _states(member)["mail"]) == (1, "collected")


def test_a_digest_tells_topic_by_topic_the_best_first(sandbox, at):
    member = person(1, channels=["mail"])
    Preference.objects.create(user=member.user, channel="mail", rhythm="daily", least=1)
    for number, score in enumerate((61, 99, 70)):
        _award(member, at, score, f"announcement:{number}")
    notify_members([member], "保函已通过", key="k", at=at, kind="guarantee.approved.applicant", values={})

    later(at, hours=24)

    lines = Message.objects.get(kind="digest").values["lines"].splitlines()
    assert lines == [
        "【中标动态】", "· 甲公司中标 announcement:1（99 分）", "· 甲公司中标 announcement:2（70 分）",
        "· 甲公司中标 announcement:0（61 分）", "【办理进度】", "· 保函已通过",
    ]  # fmt: skip


def test_who_comes_by_the_link_of_a_message_has_opened_and_read_it(sandbox, at, page_of):
    member, stranger = person(1, channels=["mail"]), person(2)
    _award(member, at, 90)
    message = Message.objects.get(channel="mail")

    assert page_of(stranger).get(f"/notices/go/{message.reference}/").status_code == 404
    answer = page_of(member).get(f"/notices/go/{message.reference}/")

    message.refresh_from_db()
    notice = Notice.objects.get(member=member)
    assert (answer.status_code, answer["Location"]) == (302, "/tenders/x/")
    assert message.opened_at is not None
    assert None not in (notice.read_at, notice.opened_at)


def test_business_is_counted_once_and_for_the_house_that_did_it(at):
    ours, theirs = person(1), person(2)
    for member in (ours, theirs):
        notify_members([member], "中标", key="a", at=at, subject=ours.organisation)

    counted = [came_of(ours.organisation, ours.organisation, "business", at=at) for _run in range(2)]

    assert counted == [1, 0]
    assert Notice.objects.get(business_at__isnull=False).member == ours


@pytest.mark.req("BH-15", "BH-32")
def test_what_appears_by_itself_has_a_least_score_of_its_own(page_of, clerk, at):
    page_of(clerk).post(PAGE, CHOSEN | {"least_score": "0", "toast_score": "80"})
    for number, score in enumerate((79, 80, None)):
        notify_members([clerk], "中标", key=f"announcement:{number}", at=at, score=score)
    notify_members([clerk], "履约保函已通过", key="guarantee.approved:1", at=at, score=10)

    rows, unread = news({clerk.pk}, 0, set())
    seen = [json.loads(notice_event(Mark(), row, 4).split(b"data: ")[1])["toast"] for row in rows]

    assert seen == [False, True, True, True]
    assert unread == {clerk.pk: 4}  # the bell counts them all
    assert "弹出 80 分以上" in page_of(clerk).get("/notices/settings/").content.decode()


def test_a_topic_is_decided_on_its_own_page_and_put_back(page_of, clerk):
    browser = page_of(clerk)

    kept = browser.post(PAGE, CHOSEN | {"quiet": "own", "begins": "12:00", "ends": "14:00"})
    page = browser.get("/notices/settings/").content.decode()
    again = browser.get(PAGE).content.decode()
    browser.post(PAGE, {"general": "1"})

    assert kept.status_code == 302
    assert "短信不接收、邮件每日汇总" in page
    assert "60 分以上 · 12:00—14:00 免打扰" in " ".join(page.split())
    assert '<option value="60" selected' in again
    assert not TopicRule.objects.exists()
    assert not Preference.objects.exists()
    assert Entry.objects.filter(kind="preference.changed").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"sms": "often"}, {"least": "4"}, {"least_score": "55"}, {"toast_score": "101"}, {"least_score": "9" * 400},
     {"quiet": "loud"},
     {"quiet": "own"}, {"quiet": "own", "begins": "25:00", "ends": "1:00"}, {"mail": ""}, {"least": "１２"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_on_the_page_and_nothing_is_kept(page_of, clerk, wrong):
    answer = page_of(clerk).post(PAGE, CHOSEN | wrong)

    assert answer.status_code == 422
    assert not TopicRule.objects.exists()
    assert not Preference.objects.exists()


def test_a_topic_without_scores_asks_for_none_and_an_unknown_one_does_not_exist(page_of, clerk):
    browser = page_of(clerk)

    assert "从多少分起" not in browser.get("/notices/settings/topics/progress/").content.decode()
    assert browser.post("/notices/settings/topics/progress/", CHOSEN).status_code == 302
    assert TopicRule.objects.get().least_score == 0
    assert browser.get("/notices/settings/topics/nothing/").status_code == 404


@pytest.mark.req("FS-16")
@pytest.mark.parametrize(
    ("asked", "found"), [("q=中标", 2), ("q=恒达 道路", 1), ("topic=award", 2), ("topic=risk", 0), ("topic=x", 3)]
)
def test_the_history_is_searched_by_words_of_two_signs_and_by_topic(page_of, clerk, at, asked, found):
    for number, text in enumerate(("恒达中标道路工程", "宏远中标桥梁工程")):
        notify_members([clerk], text, key=f"announcement:{number}", at=at, score=80)
    notify_members([clerk], "保函已签发", key="k", at=at)

    page = page_of(clerk).get(f"/notices/?{asked}").content.decode()

    assert page.count('class="dot"') == found


def test_the_history_is_taken_away_as_a_workbook_and_that_is_recorded(page_of, clerk, at):
    notify_members([clerk], "恒达中标道路工程", key="announcement:1", at=at, score=80)

    answer = page_of(clerk).get("/notices/export/?q=道路")

    assert (answer.status_code, answer["Content-Type"].endswith("sheet")) == (200, True)
    assert Entry.objects.get(kind="notice.exported").data["rows"] == 1
