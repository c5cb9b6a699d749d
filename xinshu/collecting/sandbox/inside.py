"""The demo city's own platforms: two of them, which publish a notice every now and then, by the clock alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from xinshu.accounts.demo import REGION
from xinshu.collecting.sandbox.platform import Notice, Platform, Said
from xinshu.collecting.sandbox.published import Award, published
from xinshu.core.clock import now

PLACE = "/sandbox/platforms"  # where the demo shows them (views/sandbox.py)
SLOT = timedelta(minutes=20)
LISTED = 36  # notices that a list goes back
WINNERS = (  # customers of the demo's houses, and firms that nobody here knows
    "南屏宏基建设工程有限公司", "云州恒达路桥工程有限公司", "北川中诚建筑安装有限公司", "青山市政工程集团有限公司",
    "江北宏远市政建设有限公司", "西岭水利水电工程有限公司", "东湖园林绿化有限公司", "云州远拓机电安装有限公司",
    "海州建工第三工程有限公司", "南屏路达公路工程有限公司", "云州华川建筑工程有限公司", "北川安泰消防工程有限公司",
)  # fmt: skip
PLACES = ("临港新区", "江北片区", "望山镇", "经开区", "南屏街道", "高铁新城", "云湖", "老城区", "西郊")
WORKS = (
    "道路改造工程",
    "雨污分流工程",
    "小学教学楼工程",
    "河道整治工程",
    "充电站土建工程",
    "公园提升工程",
    "安置房三期工程",
)
BUYERS = ("云州临港新区建设管理中心", "江北区水务局", "云州市教育基建服务中心", "云州经济技术开发区管理委员会")


def _notice(slot: int) -> Notice:
    """Return the notice of a slot of time: the same one whenever it is asked for."""
    at = datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC)
    name = f"{PLACES[slot % len(PLACES)]}{WORKS[slot % len(WORKS)]}（{slot % 97 + 1}号）"
    number, buyer = f"YZJY-{slot % 1_000_000:06d}", BUYERS[slot % len(BUYERS)]
    amount = 3_000_000 + slot * 7_919 % 41_000 * 1_000
    if slot % 3 != 1:
        return Award(name, number, buyer, WINNERS[slot // 3 % len(WINNERS)], amount).notice(f"{slot:x}", at)
    lines = (
        ("项目名称", name), ("项目编号", number), ("招标人", buyer), ("招标代理机构", "云州诚信招标代理有限公司"),
        ("招标控制价", f"{amount:,}.00元"), ("投标保证金", "投标人须提交投标保函，金额不超过控制价的2%。"),
    )  # fmt: skip
    return Notice(f"{slot:x}", f"{name}招标公告", at, lines, "tender", REGION)


def _newest() -> int:
    return int(now().timestamp() // SLOT.total_seconds())


def _exchange() -> Sequence[Notice]:
    newest = _newest()
    return [*(_notice(slot) for slot in range(newest - LISTED + 1, newest + 1)), *published("yunzhou")]


def _bidding() -> Sequence[Notice]:
    """Return what the second platform tells: every fourth notice of the first again, in its own words."""
    newest = _newest()
    again = [_notice(slot) for slot in range(newest - LISTED + 1, newest + 1) if slot % 4 == 0]
    return [*again, *published("bidding")]


PLATFORMS = {
    "yunzhou": Platform(_exchange, f"{PLACE}/yunzhou"),  # 公共资源交易网: JSON, releases
    "bidding": Platform(_bidding, f"{PLACE}/bidding"),  # 招标信息网: pages, feed
}


def say(target: str, headers: dict[str, str]) -> Said:
    """Return what the platform at a path of this site says; 404 for a place where there is none."""
    parts = urlsplit(target).path.removeprefix(PLACE).split("/")
    platform = PLATFORMS.get(parts[1]) if len(parts) > 1 else None
    if urlsplit(target).path == "/robots.txt":
        return Said(200, b"User-agent: *\nCrawl-delay: 1\nAllow: /sandbox/\n", {"Content-Type": "text/plain"})
    said = platform.answer(target, headers) if platform else Said(404)
    if platform:
        platform.asked.clear()
    return said


def inside(address: str) -> httpx.BaseTransport | None:
    """Return what answers for a platform of the demo in this very process; None for every other address."""
    parts = urlsplit(address)
    own = urlsplit(settings.PUBLIC_URL)
    here = parts.hostname in ("127.0.0.1", "localhost", own.hostname)
    if not settings.DEMO or not here or not (parts.path.startswith(f"{PLACE}/") or parts.path == "/robots.txt"):
        return None

    def answer(request: httpx.Request) -> httpx.Response:
        said = say(request.url.raw_path.decode("ascii"), dict(request.headers))
        return httpx.Response(said.status, headers=dict(said.headers), content=said.body)

    return httpx.MockTransport(answer)
