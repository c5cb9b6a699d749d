"""The demo city: a house divides its customers, and proposes to favour one whose history speaks for it."""

from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.insights.actions import Wanted, edit_segment, propose_discount, write_segment
from xinshu.insights.loyalty import candidates

WAN = 1_000_000  # 分
SEGMENTS: tuple[tuple[str, str, tuple[tuple[str, str, Any], ...]], ...] = (
    ("活跃客户", "近一年有往来，半年内出过函", (("biz_year_count", "ge", "1"), ("biz_idle", "le", "180"))),
    ("大额客户", "近一年出函金额高", (("biz_year_amount", "ge", 500 * WAN),)),
    ("守约老客户", "从未代偿、按期履约", (("biz_kept", "ge", "100"), ("biz_paid", "le", "0"))),
    ("沉睡客户", "出过函，但半年没有往来", (("biz_count", "ge", "1"), ("biz_idle", "gt", "180"))),
)


def create_demo_insights(at: datetime) -> None:
    """Write four segments, one of them in two versions, and propose a discount for the first who is worth one."""
    found = Member.objects.filter(user__username="reviewer").select_related("user", "organisation").order_by("pk")
    writer = found.last()
    if writer is None:
        return
    made = [write_segment(Wanted(name, note, _rule(rows)), by=writer, at=at) for name, note, rows in SEGMENTS]
    larger = (("biz_year_amount", "ge", 300 * WAN), ("biz_year_count", "ge", "2"))
    edit_segment(made[1], Wanted("大额客户", "近一年出函两笔以上，合计三百万以上", _rule(larger)), by=writer, at=at)
    _plan, worth = candidates(writer.organisation, at)
    if worth:
        until = local_day(at) + timedelta(days=365)
        propose_discount(worth[0].firm, note="近一年往来稳定，建议上一级", until=until, by=writer, at=at)


def _rule(rows: tuple[tuple[str, str, Any], ...]) -> dict[str, Any]:
    return {"join": "all", "conditions": [{"fact": fact, "op": op, "values": [value]} for fact, op, value in rows]}
