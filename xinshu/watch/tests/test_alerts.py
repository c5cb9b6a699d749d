"""Risk watch: events once, noise kept quiet, alerts before whom they concern, levels that fade, exposure behind."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Address, Message, MessageTemplate, Notice, seal
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.protocol import NoReply, Reply
from xinshu.watch import feeds, polling
from xinshu.watch.actions.alerts import acknowledge_alert, handle_alert, set_alert_aside
from xinshu.watch.actions.events import Told, raise_alerts, take_event
from xinshu.watch.models import Alert, RiskEvent
from xinshu.watch.queries import firms, levels, told_of
from xinshu.watch.tasks import tell_alert
from xinshu.watch.tests.conftest import WatchCity

DISHONEST = "恒达路桥被列为失信被执行人，（2026）云0103执612号"


def tell(city: WatchCity, title: str = DISHONEST, id: str = "1", days: int = 0, **more: Any) -> RiskEvent:
    told = Told("court", id, title, city.at - timedelta(days=days), **more)
    return take_event(city.applicant.organisation, told, by=SYSTEM, at=city.at)


def test_bad_news_about_a_customer_reaches_its_manager_and_the_risk_officer(city: WatchCity) -> None:
    tell(city)
    city.work()

    alert = Alert.objects.get()
    assert (alert.grade, alert.state, alert.manager, alert.house) == (
        "severe", "open", city.manager, city.guarantor,
    )  # fmt: skip
    told = {notice.member for notice in Notice.objects.filter(key=f"watch_alert:{alert.pk}")}
    assert told == {city.manager, city.reviewer}
    kinds = set(Message.objects.filter(notice__key=f"watch_alert:{alert.pk}").values_list("notice__kind", flat=True))
    assert kinds <= {"watch_alert.raised.manager", "watch_alert.raised.officer"}
    assert not Alert.objects.visible_to(city.applicant).exists()
    assert not Alert.objects.visible_to(city.member("江北保函担保有限公司", "guarantor", "reviewer")).exists()


@pytest.mark.req("BH-28")
def test_changes_raise_graded_alerts_that_reach_the_deciders(city: WatchCity, settings: Any) -> None:
    """Registration, lawsuits, opinion, credit by rule; text mining keeps noise back; by page, mail and SMS."""
    settings.MESSAGING = {"sms": {"provider": "aliyun"}, "mail": {"provider": "smtp"}}
    for member in (city.manager, city.reviewer):
        member.user.phone = "12300006001"
        member.user.save()
        Address.objects.create(user=member.user, channel="mail", sealed=seal("a@b.cn"), confirmed_at=city.at)
    for side in ("manager", "officer"):
        MessageTemplate.objects.create(
            kind=f"watch_alert.raised.{side}", channel="sms", text="${firm}：${title}", state="active", number=1,
            created_at=city.at,
        )  # fmt: skip
    news = {
        "恒达路桥股权出质登记": ("registration", "note"), "恒达路桥被起诉，工程款纠纷": ("lawsuit", "warn"),
        "恒达路桥项目停工，供应商讨薪": ("opinion", "note"), DISHONEST: ("credit", "severe"),
        "恒达路桥荣获优质工程奖": None, "恒达路桥起诉业主违约索赔": None,
    }  # fmt: skip

    for number, title in enumerate(news):
        raise_alerts(tell(city, title, id=str(number)), at=city.at)
    for entry in Entry.objects.filter(kind="watch_alert.raised"):
        tell_alert(entry)

    raised = {alert.event.title: (alert.event.kind, alert.grade) for alert in Alert.objects.select_related("event")}
    assert raised == {title: told for title, told in news.items() if told}
    for member in (city.manager, city.reviewer):
        assert Notice.objects.filter(member=member).count() == 4  # on the page
        sent = Message.objects.filter(member=member).values_list("channel", "state")
        assert sorted(sent) == [("mail", "queued")] * 2 + [("sms", "queued")] * 2  # what is only a note stays there


@pytest.mark.parametrize("title", ["恒达路桥荣获优质工程奖", "恒达路桥起诉业主违约索赔", "网传恒达路桥拖欠工资不实"])
def test_noise_is_kept_and_alerts_nobody(city: WatchCity, title: str) -> None:
    event = tell(city, title)

    assert (event.is_noise, raise_alerts(event, at=city.at), Alert.objects.count()) == (True, [], 0)


def test_the_same_event_from_several_sources_alerts_once(city: WatchCity) -> None:
    first = tell(city)
    again = tell(city)  # the same source, the same id
    other = tell(city, "云州恒达路桥工程有限公司：失信被执行人 (2026)云0103执612号", id="n-7")
    city.work()

    assert (again, other.same_as) == (first, first)
    assert (RiskEvent.objects.count(), Alert.objects.count()) == (2, 1)


@pytest.mark.parametrize("denied_by", ["the court", "the house"])
def test_a_denial_hides_no_fact_told_in_nearly_the_same_words(city: WatchCity, denied_by: str) -> None:
    house = city.guarantor if denied_by == "the house" else None
    denied = Told("press", "1", "恒达路桥未发生坍塌事故", city.at)
    denial = take_event(city.applicant.organisation, denied, by=SYSTEM, at=city.at, house=house)
    fact = tell(city, "恒达路桥发生坍塌事故，两人死亡", id="2")

    raised = [alert for event in (denial, fact) for alert in raise_alerts(event, at=city.at)]

    assert denial.is_noise
    assert [alert.event for alert in raised] == [fact]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//a.example", ""])
def test_an_address_that_no_browser_should_follow_is_left_out(city: WatchCity, url: str) -> None:
    assert tell(city, url=url).url == ""
    assert tell(city, id="2", url="https://a.example/1").url == "https://a.example/1"


def test_a_rule_grades_and_switches_off(city: WatchCity) -> None:
    city.rule("event_credit", grade="note", half_life=10)
    raise_alerts(tell(city), at=city.at)
    city.rule("event_credit", on=False)
    raise_alerts(tell(city, "恒达路桥被行政处罚，罚款20万元", id="2"), at=city.at)

    assert [(alert.grade, alert.half_life) for alert in Alert.objects.all()] == [("note", 10)]


def test_a_level_fades_tells_what_makes_it_and_forgets_noise(city: WatchCity) -> None:
    case = city.in_force()
    firm = city.applicant.organisation
    for number, (title, days) in enumerate([(DISHONEST, 0), ("恒达路桥欠税312万元", 180)]):
        raise_alerts(tell(city, title, id=str(number), days=days), at=city.at)
    level = levels(city.reviewer, city.at, [firm.pk])[firm.pk]
    risk = told_of(city.reviewer, city.at, [firm.pk])[0]
    later = levels(city.reviewer, city.at + timedelta(days=365), [firm.pk])[firm.pk]
    noise, other = Alert.objects.order_by("pk")
    set_alert_aside(noise, reason="同名企业。", by=city.reviewer, at=city.at)

    assert (level.points, level.code, [one.tenths for one in level.made_of]) == ("75.0", "high", [600, 150])
    assert (risk.exposure, risk.guarantees) == (case.available_amount, 1)
    assert 330 < later.tenths < 340
    assert [one.what for one in levels(city.reviewer, city.at, [firm.pk])[firm.pk].made_of] == [other]


def test_a_long_half_life_never_falls_off_a_cliff(city: WatchCity) -> None:
    city.rule("event_credit", half_life=3650)
    raise_alerts(tell(city, days=3650), at=city.at)
    firm = city.applicant.organisation.pk

    assert levels(city.reviewer, city.at, [firm])[firm].tenths == 300
    assert firms(city.reviewer, city.at, band="raised") == [firm]


def test_an_alert_is_acknowledged_and_handled_with_the_reason(city: WatchCity) -> None:
    (alert,) = raise_alerts(tell(city), at=city.at)

    with pytest.raises(NotPermitted):
        acknowledge_alert(alert, by=city.manager, at=city.at)
    alert = acknowledge_alert(alert, by=city.reviewer, at=city.at)
    alert = handle_alert(alert, reason="追加反担保。", by=city.reviewer, at=city.at)

    assert (alert.state, alert.outcome) == ("handled", "追加反担保。")


@pytest.mark.parametrize(
    ("told", "field"),
    [({"title": "短"}, "title"), ({"kind": "weather"}, "kind"), ({"happened_at": timedelta(days=3)}, "happened_at")],
)
def test_what_does_not_read_as_an_event_is_refused(city: WatchCity, told: dict[str, Any], field: str) -> None:
    facts = {"title": DISHONEST, "happened_at": timedelta(0)} | told
    facts["happened_at"] = city.at + facts["happened_at"]

    with pytest.raises(Invalid) as refusal:
        take_event(city.applicant.organisation, Told("court", "1", **facts), by=SYSTEM, at=city.at)
    assert list(refusal.value.fields) == [field]


class Feed:
    """A feed that tells one thing, or nothing."""

    code, label, facts, fresh_for = "test_feed", "测试来源", ("events",), timedelta(days=1)

    def __init__(self, *events: Any, fails: bool = False) -> None:
        self.events, self.fails, self.asked = events, fails, 0

    def ask(self, key: str, at: datetime) -> Reply:
        self.asked += 1
        if self.fails:
            raise NoReply("对方系统返回错误 503")
        return Reply({"events": list(self.events)}, local_day(at).isoformat(), 5)


def test_feeds_are_asked_of_every_customer_once_a_day_and_a_broken_one_rests(
    city: WatchCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(
        {"id": "7", "kind": "credit", "title": "被列为失信被执行人", "happened_on": "2026-11-20"}, {"id": "bad"}
    )
    broken = Feed(fails=True)
    broken.code = "broken_feed"
    monkeypatch.setattr(feeds, "FEEDS", {})
    monkeypatch.setattr(polling, "FEEDS", {"test_feed": feed, "broken_feed": broken})

    taken = polling.poll(city.at)
    again = polling.poll(city.at + timedelta(minutes=1))

    assert (taken, again, feed.asked, RiskEvent.objects.count()) == (3, 0, 3, 3)  # three customers in the city
    assert broken.asked == 3  # then it rests, as every source does
    outcomes = SourceCall.objects.filter(source="broken_feed").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["failed"] * 3 + ["shut"]  # not a row for every firm that is not asked of


def test_what_a_feed_leaves_empty_is_empty_and_what_does_not_read_is_logged(
    city: WatchCity, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usual = {"title": "被列为失信被执行人", "happened_on": "2026-11-20"}
    feed = Feed(
        usual | {"id": "7", "kind": None, "url": None}, usual | {"id": "8", "title": None}, usual | {"id": None}, "?"
    )
    monkeypatch.setattr(polling, "FEEDS", {"test_feed": feed})

    taken = polling.poll(city.at)

    assert taken == 3  # one of each of three customers
    assert set(RiskEvent.objects.values_list("kind", "url")) == {("credit", "")}
    assert len(caplog.messages) == 9
    assert sum("test_feed" in line and "'8'" in line for line in caplog.messages) == 3


def test_a_partner_pushes_events_of_its_house_s_customers_only(city: WatchCity) -> None:
    admin = city.colleague(city.reviewer, "orgadmin")
    system = System.of(city.reviewer, admin, city.at)
    told = {
        "id": "E-1", "uscc": city.applicant.organisation.uscc, "title": DISHONEST,
        "happened_at": "2026-11-20T09:00:00+08:00",
    }  # fmt: skip
    from xinshu.core.clock import moved_to

    with moved_to(city.at + timedelta(minutes=1)):
        first = system.post("/api/v1/risk-events", told)
        again = system.post("/api/v1/risk-events", told)
        stranger = city.member("外乡建设有限公司", "enterprise", "applicant").organisation
        stranger.uscc = "91339900MADEM99999"
        stranger.save()
        refused = [
            system.post("/api/v1/risk-events", told | {"id": "E-2", "uscc": uscc})
            for uscc in ("91339900MADEM99999", "91339900MADEM00001")
        ]
        city.work()
        listed = system.get("/api/v1/risk-events/alerts")

    assert (first.status_code, again.json()["reference"]) == (200, first.json()["reference"])
    assert first.json()["noise"] is False
    assert refused[0].status_code == refused[1].status_code == 422
    assert [one["title"] for one in listed.json()["items"]] == [DISHONEST]
