"""Sources of events: data sources of `rules.sources` that answer with a list of what happened to a firm.

A feed answers for a credit code with {"events": [{"id", "kind", "title", "happened_on", "url"}, ...]}; `id` is its own
and stays, so that asking every night takes nothing in twice. The feeds there are now are sandboxes and say so.
"""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.sources.protocol import DataSource
from xinshu.rules.sources.sandbox import SandboxSource

EVENTS = "events"
FEEDS: dict[str, DataSource] = {}
_COURTS = (
    ("lawsuit", "（2026）云01民初{n}号：建设工程施工合同纠纷，列为被告"),
    ("lawsuit", "（2026）云0103执{n}号：被执行，执行标的 860 万元"),
    ("credit", "被列为失信被执行人，案号（2026）云0103执{n}号"),
)
_REGISTER = (
    ("registration", "股权出质登记，出质数额 {n} 万元"),
    ("registration", "经营范围变更，登记编号 {n}"),
    ("registration", "被列入经营异常名录，决定书 {n}"),
)
_NEWS = (
    ("opinion", "在建项目因拖欠材料款停工，供应商第 {n} 次上门"),
    ("opinion", "荣获优质工程奖，同批 {n} 家"),
    ("tax", "欠税公告第 {n} 期：欠缴增值税"),
)


def register_feed(feed: DataSource) -> DataSource:
    """Have a feed asked every night of the firms that concern anybody. Called at start-up, once."""
    FEEDS[feed.code] = feed
    return feed


def _drawn(shapes: tuple[tuple[str, str], ...], number: int, today: date) -> dict[str, Any]:
    """Draw what happened in the last months: of one firm in three something, the same on every asking."""
    if number % 3:
        return {EVENTS: []}
    kind, shape = shapes[number // 3 % len(shapes)]
    happened = today - timedelta(days=number % 40)
    told = {
        "id": f"{number:x}", "kind": kind, "title": shape.format(n=number % 900 + 100),
        "happened_on": happened.isoformat(), "url": "",
    }  # fmt: skip
    return {EVENTS: [told]}


COURTS = register_feed(
    SandboxSource("sandbox_court_events", lazy("司法动态（沙箱）"), (EVENTS,), lambda n, day: _drawn(_COURTS, n, day))
)
REGISTER = register_feed(
    SandboxSource(
        "sandbox_register_events", lazy("工商动态（沙箱）"), (EVENTS,), lambda n, day: _drawn(_REGISTER, n, day)
    )
)
NEWS = register_feed(
    SandboxSource("sandbox_news", lazy("舆情与税务（沙箱）"), (EVENTS,), lambda n, day: _drawn(_NEWS, n, day))
)


def feed_name(code: str) -> str:
    """Return what a source is called; a partner's own stand under its code."""
    return str(FEEDS[code].label) if code in FEEDS else code
