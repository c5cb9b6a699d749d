"""What a person has the demo's platforms publish: kept in the data folder, read again by whichever process asks."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from xinshu.accounts.demo import REGION
from xinshu.collecting.sandbox.platform import Notice

REMEMBERED = 20  # notices of one platform; older ones leave its lists


@dataclass(frozen=True)
class Award:
    """An award as a platform publishes it. `yuan`: whole yuan."""

    project: str
    number: str
    buyer: str
    winner: str
    yuan: int

    def notice(self, id: str, at: datetime) -> Notice:
        """Return the notice of this award."""
        lines = (
            ("项目名称", self.project), ("项目编号", self.number), ("招标人", self.buyer),
            ("招标代理机构", "云州诚信招标代理有限公司"), ("中标人", self.winner), ("中标价", f"{self.yuan:,}.00元"),
            ("工期", "240日历天"), ("履约担保", "中标人应在签订合同前提交履约保函，金额为中标价的10%。"),
        )  # fmt: skip
        return Notice(id, f"{self.project}中标结果公告", at, lines, "award", REGION)


def publish(platform: str, award: Award, at: datetime) -> None:
    """Have `platform` publish `award` at `at`: one line more in its file, written in one piece."""
    file = _file(platform)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"at": at.isoformat(), **asdict(award)}, ensure_ascii=False) + "\n")


def published(platform: str) -> list[Notice]:
    """Return what `platform` was made to publish, oldest first."""
    try:
        lines = _file(platform).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    told = [(number, json.loads(line)) for number, line in enumerate(lines, 1)]
    return [
        Award(**row).notice(f"p{number}", datetime.fromisoformat(at))
        for number, row in told[-REMEMBERED:]
        for at in (row.pop("at"),)
    ]


def _file(platform: str) -> Path:
    return Path(settings.DATA) / "sandbox" / f"platform-{platform}.jsonl"
