"""A firm's portrait: what its record, its credit and the sources of events say of it, each by its own source."""

from typing import Any

import pytest

from xinshu.core.clock import local_day
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of
from xinshu.portraits.chapters import portrait_of
from xinshu.rules.sources.protocol import Reply
from xinshu.watch import feeds, polling
from xinshu.watch.tests.conftest import WatchCity

TOLD = {
    "court": ("lawsuit", "云州恒达路桥工程有限公司被执行，执行标的 860 万元"),
    "tax": ("tax", "云州恒达路桥工程有限公司欠缴增值税"),
    "news": ("opinion", "云州恒达路桥工程有限公司拖欠材料款，在建项目停工"),
}


class Feed:
    """A third party's source, plugged in for the test."""

    facts = (feeds.EVENTS,)
    fresh_for = feeds.COURTS.fresh_for

    def __init__(self, code: str, on: str) -> None:
        self.code, self.label, self.on = code, f"{code}数据", on

    def ask(self, key: str, at: Any) -> Reply:
        kind, title = TOLD[self.code]
        return Reply({feeds.EVENTS: [{"id": key, "kind": kind, "title": title, "happened_on": self.on, "url": ""}]})


@pytest.mark.req("BH-07")
def test_registration_courts_tax_and_opinion_are_told_by_their_sources(
    city: WatchCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = city.applicant.organisation
    city.in_force()
    enter_fields(
        enterprise_of(firm), {"registered_capital": "800000000000"}, by=city.applicant, at=city.at,
        origin=Origin(source="registry"),
    )  # fmt: skip
    on = local_day(city.at).isoformat()
    for code in list(feeds.FEEDS):
        monkeypatch.delitem(feeds.FEEDS, code)
    for code in TOLD:
        monkeypatch.setitem(feeds.FEEDS, code, Feed(code, on))
    polling.poll(city.at)
    city.work()

    portrait = portrait_of(enterprise_of(firm), city.manager, city.at)

    said = {line.text: line.source for one in portrait.written for line in one.said.sentences}
    assert said["注册资本（元）：8,000,000,000.00"] == "登记机关数据"
    events = {event.title: event.source for event in portrait.events}
    assert {title: events.get(title) for _kind, title in TOLD.values()} == {
        title: f"{code}数据" for code, (_kind, title) in TOLD.items()
    }
