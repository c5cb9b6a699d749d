"""An invented platform on a free port, and somebody of the operator who writes sources for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import member_with
from xinshu.collecting.actions.sources import Wanted, note_trial, switch_on, write_source
from xinshu.collecting.models import Run, Source
from xinshu.collecting.reading.recipes import HTML_LIST, JSON_API, OCDS, RSS, Recipe
from xinshu.collecting.sandbox.platform import Notice, Platform
from xinshu.collecting.sandbox.server import serving
from xinshu.collecting.stepping import take_steps

WINNER = "云州新禾建设有限公司"


def notice(number: int, at: datetime, *, price: str = "4,862,000.00元", **changes: object) -> Notice:
    """Return an invented award."""
    name = f"临港新区海棠大道{number}号工程"
    lines = (
        ("项目名称", name), ("项目编号", f"YZ-{number:04d}"), ("招标人", "云州临港新区建设管理中心"),
        ("中标人", WINNER), ("中标价", price), ("工期", "240日历天"),
    )  # fmt: skip
    told = {"id": f"n{number}", "title": f"{name}中标结果公告", "at": at, "lines": lines, **changes}
    return Notice(**told)  # type: ignore[arg-type]


def recipes(host: str, **changes: object) -> dict[str, Recipe]:
    """Return a recipe for each face of a platform at `host`."""
    base = f"http://{host}"
    rows: dict[str, dict[str, object]] = {
        JSON_API: {
            "address": f"{base}/api/notices?page={{page}}", "items": "data.records", "id": "id", "title": "title",
            "date": "published", "region": "region_code", "link": f"{base}/api/notices/{{id}}", "body": "html",
        },
        HTML_LIST: {
            "address": f"{base}/list.html", "items": "li.ewb-list-node", "link": "a", "title": "a", "date": "span",
            "id": r"/notice/(\w+)\.html", "body": "div.con", "next": "a.next", "region": "990100",
        },
        RSS: {"address": f"{base}/feed.xml"},
        OCDS: {"address": f"{base}/releases.json"},
    }  # fmt: skip
    return {kind: Recipe(kind=kind, **{**row, **changes}) for kind, row in rows.items()}  # type: ignore[arg-type]


class Desk:
    """The platform, who runs its sources, and time that flies."""

    def __init__(self, platform: Platform, host: str, notices: list[Notice], at: datetime) -> None:
        self.platform, self.host, self.notices, self.at = platform, host, notices, at
        self.operator: Member = member_with("operator", username="opera")

    def source(self, kind: str = JSON_API, *, code: str = "", delay: int = 0, **changes: object) -> Source:
        """Write a source for one face of the platform, tried and switched on."""
        recipe = recipes(self.host, **changes)[kind]
        wanted = Wanted(f"云州{kind}来源", code or kind.replace("_", "-"), 60, delay, recipe)
        written = write_source(wanted, by=self.operator, at=self.at)
        tried = note_trial(written, listed=1, title="试采", by=self.operator, at=self.at)
        return switch_on(tried, by=self.operator, at=self.at)

    def run(self, source: Source, hours: float = 0.0) -> Run:
        """Make the run that is planned, `hours` later."""
        self.at += timedelta(hours=hours)
        run = source.runs.get(state__in=Run.OPEN)
        self.at = take_steps(run, max(self.at, run.due_at), self.at + timedelta(days=2))
        run.refresh_from_db()
        source.refresh_from_db()
        return run

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(target.partition("?")[0] == path for target, _headers in self.platform.asked)


@pytest.fixture
def desk(db: None, at: datetime, settings: LazySettings) -> Iterator[Desk]:
    notices = [notice(number, at - timedelta(hours=number)) for number in range(1, 4)]
    platform = Platform(lambda: notices)
    with serving(platform) as host:
        settings.COLLECTING_INNER = [host]
        yield Desk(platform, host, notices, at)
