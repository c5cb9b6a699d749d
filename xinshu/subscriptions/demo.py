"""The demo city: what an account manager and the head of a house want to hear of."""

from datetime import datetime

from xinshu.accounts import demo as people
from xinshu.accounts.models import Member
from xinshu.subscriptions.actions.subscriptions import Content, write_subscription

ROADS = "(道路 or 管廊 or 雨污分流 or 桥梁) not 监理"
KINDS = ("award", "candidate", "tender")
SUBSCRIPTIONS = (
    ("manager", Content("市政道路和管网", ROADS, kinds=KINDS, regions=(people.REGION[:4],))),
    ("manager", Content("大额总承包", "总承包", least_amount=3_000_0000_00, unsure=False)),
    ("manager", Content("要交履约保函的", "履约保函 or 履约保证金 not 不收取履约保证金")),
    ("director", Content("教育和医疗项目", "学校 or 医院 or 中学 or 小学 or 实验楼")),
)


def create_demo_subscriptions(at: datetime) -> None:
    """Write them before the worker compares the city's announcements."""
    for username, content in SUBSCRIPTIONS:
        found = Member.objects.acting().filter(user__username=username, organisation__name=people.GUARANTOR)
        if (member := found.first()) is not None:
            write_subscription(content, by=member, at=at)
