"""BH-11 as stories: what a platform publishes arrives once, edited and late notices too, whatever fails on the way."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from xinshu.accounts.models import Organisation
from xinshu.accounts.tests.conftest import member_with
from xinshu.collecting.actions.runs import take_up_again
from xinshu.collecting.actions.sources import switch_off
from xinshu.collecting.models import Alarm, Item, KeptPage, Run
from xinshu.collecting.sandbox.server import serving
from xinshu.collecting.stepping import take_step
from xinshu.collecting.tests.conftest import WINNER, Desk, notice
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.models import Relation
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.tenders.models import Announcement, Opportunity

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-11")]


@pytest.mark.parametrize("kind", ["json_api", "html_list", "rss", "ocds"])
def test_every_kind_of_source_brings_the_same_awards(desk: Desk, kind: str) -> None:
    source = desk.source(kind)

    run = desk.run(source)

    assert (run.state, run.taken, run.failed) == ("done", 3, 0)
    told = Announcement.objects.filter(source=source.code).order_by("-published_at")
    assert [one.winners for one in told] == [WINNER] * 3
    assert {one.amount for one in told} == {486_200_000}
    assert told[0].title == "临港新区海棠大道1号工程中标结果公告"
    assert told[0].project_number == "YZ-0001"
    assert source.last_good_at == run.started_at


def test_a_second_run_brings_only_what_is_new(desk: Desk) -> None:
    source = desk.source()
    desk.run(source)
    desk.notices.append(notice(7, desk.at))

    run = desk.run(source)

    assert (run.taken, run.edited) == (1, 0)
    assert Announcement.objects.count() == 4
    assert desk.asked("/api/notices/n1") == 1


def test_a_list_that_has_not_changed_is_asked_for_on_condition_only(desk: Desk) -> None:
    source = desk.source()
    desk.run(source)

    run = desk.run(source)

    assert (run.pages, run.listed) == (1, 0)
    assert desk.platform.asked[-1][1]["if-none-match"]


def test_what_was_edited_within_the_overlap_comes_as_a_new_version_though_the_list_tells_nothing(desk: Desk) -> None:
    source = desk.source()
    desk.run(source)
    desk.notices[0] = notice(1, desk.notices[0].at, price="4,900,000.00元")
    desk.notices.append(notice(8, desk.at))

    run = desk.run(source, hours=7)

    assert (run.taken, run.edited, run.same) == (1, 1, 2)
    edited = Announcement.objects.get(source_id="n1")
    assert (edited.latest, edited.amount) == (2, 490_000_000)


def test_a_notice_that_comes_late_with_an_older_day_is_not_lost(desk: Desk) -> None:
    desk.notices[:] = [notice(number, desk.at - timedelta(minutes=number)) for number in range(1, 26)]
    source = desk.source()
    assert desk.run(source).taken == 25
    desk.notices.append(notice(99, desk.at - timedelta(days=2)))  # on the third page

    assert desk.run(source).taken == 1
    assert Announcement.objects.filter(source_id="n99").exists()


def test_old_pages_are_not_read_again(desk: Desk) -> None:
    desk.notices[:] = [notice(number, desk.at - timedelta(days=number)) for number in range(1, 26)]
    source = desk.source()
    assert desk.run(source).pages == 4  # an empty page ends a list that counts its pages
    desk.notices.append(notice(99, desk.at))

    assert desk.run(source).pages == 2  # the second page holds nothing of the last three days


def test_a_run_goes_on_where_a_dead_worker_left_it(desk: Desk) -> None:
    source = desk.source()
    run, at = source.runs.get(), desk.at
    for _step in range(5):  # robots, list, one or two notices; then the worker dies
        at = take_step(run, at) or at
    assert 0 < Announcement.objects.count() < 3

    run = desk.run(source)

    assert (run.state, run.taken) == ("done", 3)
    assert [target for target, _headers in desk.platform.asked].count("/api/notices?page=1") == 1
    assert all(desk.asked(f"/api/notices/n{number}") == 1 for number in (1, 2, 3))


def test_a_step_that_is_made_twice_does_no_harm(desk: Desk) -> None:
    source = desk.source("rss")
    run = source.runs.get()
    at = desk.at
    while Item.objects.count() == 0:
        at = take_step(run, at) or at
    Item.objects.update(outcome="waiting")

    desk.run(source)

    assert Announcement.objects.count() == 3
    assert set(Announcement.objects.values_list("latest", flat=True)) == {1}


def test_the_pause_of_the_host_is_kept_where_it_is_longer_than_the_sources_own(desk: Desk) -> None:
    desk.platform.robots = "User-agent: *\nCrawl-delay: 7\n"
    source = desk.source(delay=2)

    began = desk.at
    desk.run(source)

    assert desk.at - began >= timedelta(seconds=7 * 4)  # robots, list, three notices


def test_two_sources_of_one_host_take_turns(desk: Desk) -> None:
    one, other = desk.source(delay=5), desk.source("rss", delay=5)
    first, second = one.runs.get(), other.runs.get()
    take_step(first, desk.at)
    take_step(second, desk.at)

    free_at = take_step(first, desk.at)  # robots were asked for
    assert free_at is not None
    assert free_at >= desk.at + timedelta(seconds=5)
    assert take_step(second, desk.at + timedelta(seconds=1)) == free_at


def test_the_pause_begins_when_the_host_has_answered(desk: Desk, settings: LazySettings) -> None:
    with serving(desk.platform, delay=0.2) as desk.host:
        settings.COLLECTING_INNER = [desk.host]
        run = desk.source(delay=5).runs.get()
        take_step(run, desk.at)

        free_at = take_step(run, desk.at)

    assert free_at is not None
    assert free_at >= desk.at + timedelta(seconds=5.2)


def test_what_robots_may_not_read_is_not_asked_for(desk: Desk) -> None:
    desk.platform.robots = "User-agent: XinshuCollector\nDisallow: /api/\n"
    source = desk.source()

    run = desk.run(source)

    assert run.state == "failed"
    assert desk.asked("/api/notices") == 0
    assert Alarm.objects.get().kind == "barred"


def test_rules_that_cannot_be_had_bar_everything(desk: Desk) -> None:
    desk.platform.broken["/robots.txt"] = 503
    source = desk.source()

    assert desk.run(source).state == "failed"
    assert desk.asked("/api/notices") == 0


def test_a_platform_without_rules_may_be_read(desk: Desk) -> None:
    desk.platform.broken["/robots.txt"] = 404

    assert desk.run(desk.source()).taken == 3


def test_a_list_that_is_gone_raises_an_alarm_with_the_page_and_the_next_good_run_ends_it(desk: Desk) -> None:
    source = desk.source()
    desk.run(source)
    desk.platform.broken["/api/notices"] = 404
    failed = desk.run(source)
    alarm = Alarm.objects.get()
    assert (failed.state, alarm.kind, alarm.ended_at) == ("failed", "list_gone", None)
    assert alarm.page is not None
    assert "出错了" in bytes(alarm.page.content).decode()
    assert source.failures == 1
    assert source.runs.get(state="planned").due_at == desk.at + timedelta(hours=2)  # twice as long as usual
    del desk.platform.broken["/api/notices"]

    desk.run(source)

    alarm.refresh_from_db()
    assert alarm.ended_at == desk.at
    assert source.failures == 0


@pytest.mark.parametrize("kind", ["json_api", "html_list"])
def test_a_list_with_a_new_layout_raises_an_alarm_with_the_page(desk: Desk, kind: str) -> None:
    source = desk.source(kind)
    desk.run(source)
    good = source.last_good_at
    desk.platform.drifted = True

    desk.run(source)
    desk.run(source)

    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.times) == ("empty", 2)
    assert alarm.page is not None
    assert source.last_good_at == good


def test_a_notice_that_is_gone_is_told_and_the_others_are_taken(desk: Desk) -> None:
    desk.platform.broken["/api/notices/n2"] = 404
    source = desk.source()

    run = desk.run(source)

    assert (run.state, run.taken, run.failed) == ("done", 2, 1)
    assert Item.objects.get(source_key="n2").outcome == "gone"
    assert Alarm.objects.get().kind == "notice_gone"
    del desk.platform.broken["/api/notices/n2"]
    desk.notices.append(notice(9, desk.at))
    assert desk.run(source, hours=7).taken == 2  # asked again


def test_a_notice_that_always_fails_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.platform.broken["/api/notices/n1"] = 500
    source = desk.source()

    run = desk.run(source)

    assert (run.state, run.taken, run.failed) == ("done", 2, 1)


def test_a_notice_that_cannot_be_kept_is_told_and_the_others_are_taken(desk: Desk) -> None:
    desk.notices.append(notice(4, desk.at, title="短"))
    source = desk.source()

    run = desk.run(source)

    assert (run.taken, run.failed) == (3, 1)
    item = Item.objects.get(source_key="n4")
    assert (item.outcome, "标题" in item.problem) == ("refused", True)


def test_a_server_that_fails_is_asked_three_times_and_then_more_rarely(desk: Desk) -> None:
    source = desk.source()
    desk.platform.broken["/api/notices"] = 503

    run = desk.run(source)

    assert (run.state, desk.asked("/api/notices")) == ("failed", 3)
    assert Alarm.objects.get().kind == "unreachable"


def test_an_address_in_our_own_network_is_not_asked(desk: Desk, settings: pytest.FixtureRequest) -> None:
    settings.COLLECTING_INNER = []  # type: ignore[attr-defined]
    source = desk.source()

    run = desk.run(source)

    assert run.state == "failed"
    assert desk.platform.asked == []


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://10.0.0.8/", "file:///etc/passwd"])
def test_no_redirect_leads_elsewhere(desk: Desk, target: str) -> None:
    desk.platform.redirects["/api/notices"] = target
    source = desk.source()

    run = desk.run(source)

    assert run.state == "failed"


def test_a_redirect_on_the_same_host_is_followed(desk: Desk) -> None:
    desk.platform.redirects["/list.html"] = "/new/list.html"
    desk.platform.redirects["/new/list.html"] = "/list.html?page=1"
    source = desk.source("html_list")

    assert desk.run(source).state == "failed"  # round and round
    desk.platform.redirects.clear()
    desk.platform.redirects["/old.html"] = "/list.html"
    assert desk.run(source).state == "done"


def test_who_is_switched_off_is_asked_no_more(desk: Desk) -> None:
    source = desk.source()
    run = source.runs.get()

    switch_off(source, reason="平台升级维护", by=desk.operator, at=desk.at)

    assert take_step(run, desk.at) is None
    assert desk.platform.asked == []
    assert Run.objects.get().state == "stopped"


def test_a_run_that_stands_still_is_planned_anew_at_night(desk: Desk) -> None:
    source = desk.source()
    take_step(source.runs.get(), desk.at)
    later: datetime = desk.at + timedelta(hours=3)

    assert take_up_again(later, timedelta(hours=2)) == 1

    assert list(source.runs.order_by("pk").values_list("state", flat=True)) == ["failed", "planned"]


def test_kept_pages_are_few_and_bounded(desk: Desk) -> None:
    desk.platform.broken = {f"/api/notices/n{number}": 404 for number in range(1, 31)}
    desk.notices[:] = [notice(number, desk.at - timedelta(minutes=number)) for number in range(1, 31)]
    source = desk.source()

    desk.run(source)

    assert source.kept.count() == KeptPage.MOST
    assert Alarm.objects.get().times == 30


def test_two_platforms_tell_one_award_and_its_manager_hears_of_it_once(desk: Desk) -> None:
    winner = member_with("applicant", kind="enterprise")
    Organisation.objects.filter(pk=winner.organisation_id).update(name=WINNER)
    manager = member_with("manager", kind="guarantor")
    relation = {"guarantor": manager.organisation, "manager": manager, "since": desk.at}
    Relation.objects.create(enterprise=enterprise_of(winner.organisation), **relation)
    del desk.notices[1:]

    desk.run(desk.source("json_api"))
    desk.run(desk.source("html_list"))
    drain(at=desk.at)

    assert Announcement.objects.count() == 2
    assert Opportunity.objects.filter(house=manager.organisation).count() == 1
    assert Notice.objects.filter(member=manager, text__contains="可以发起保函").count() == 1
