"""The demo city collects: one platform by its interface, one by its pages, a feed switched off, one source to try."""

from datetime import datetime, timedelta

from django.conf import settings

from xinshu.accounts.demo import REGION
from xinshu.accounts.models import Member
from xinshu.collecting.actions.runs import fail
from xinshu.collecting.actions.sources import Wanted, note_trial, switch_off, switch_on, write_source
from xinshu.collecting.models import Alarm, Run, Source
from xinshu.collecting.reading.recipes import HTML_LIST, JSON_API, OCDS, RSS, Recipe
from xinshu.collecting.sandbox.inside import PLACE
from xinshu.collecting.stepping import take_steps
from xinshu.core.clock import moved_to

OVER = timedelta(hours=6)  # how long ago the first run was


def create_demo_sources(at: datetime) -> None:
    """Write four sources of the invented platforms; two are collected from, and have been for some hours."""
    operator = Member.objects.acting().filter(user__username="operator").order_by("pk").first()
    if operator is None or not settings.DEMO:
        return
    yunzhou, bidding = (f"{settings.PUBLIC_URL}{PLACE}/{name}" for name in ("yunzhou", "bidding"))
    exchange = Recipe(
        JSON_API, f"{yunzhou}/api/notices?page={{page}}", items="data.records", id="id", title="title",
        date="published", region="region_code", link=f"{yunzhou}/api/notices/{{id}}", body="html", pages=3,
    )  # fmt: skip
    pages = Recipe(
        HTML_LIST, f"{bidding}/list.html", items="li.ewb-list-node", title="a", link="a", date="span",
        id=r"/notice/(\w+)\.html", body="div.con", next="a.next", region=REGION, pages=3,
    )  # fmt: skip
    feed, releases = Recipe(RSS, f"{bidding}/feed.xml"), Recipe(OCDS, f"{yunzhou}/releases.json")
    then = at - OVER
    sources = [
        _on(Wanted("云州公共资源交易网", "yz-ggzy", 10, 1, exchange), operator, then),
        _on(Wanted("云州招标信息网", "yz-zbxx", 15, 1, pages), operator, then),
    ]
    fail(sources[1].runs.get(), Alarm.Kind.UNREACHABLE, "来源没有在规定时间内答复。", at=then)  # it was away once
    for moment in (then + timedelta(hours=3), at - timedelta(minutes=5)):
        for source in sources:
            _collect(source, moment)
    off = _on(Wanted("云州招标信息网（订阅）", "yz-zbxx-rss", 60, 2, feed), operator, then)
    switch_off(off, reason="与网页来源重复，改用网页采集", by=operator, at=then + timedelta(minutes=5))
    write_source(Wanted("云州公开合同数据", "yz-ocds", 240, 2, releases), by=operator, at=then)


def _on(wanted: Wanted, operator: Member, at: datetime) -> Source:
    source = note_trial(write_source(wanted, by=operator, at=at), listed=10, title="试采", by=operator, at=at)
    return switch_on(source, by=operator, at=at)


def _collect(source: Source, at: datetime) -> None:
    """Make the planned run as the worker would, at `at`."""
    with moved_to(at):
        take_steps(source.runs.get(state__in=Run.OPEN), at, at + timedelta(minutes=30))
