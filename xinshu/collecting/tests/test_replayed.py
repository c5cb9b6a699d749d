"""Real notices, replayed by an invented platform in the shape of the real interface: every one arrives as it was."""

import gzip
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from xinshu.collecting.sandbox.platform import Notice, Platform
from xinshu.collecting.sandbox.server import serving
from xinshu.collecting.tests.conftest import Desk
from xinshu.core.clock import moment
from xinshu.tenders.models import Announcement

FOLDERS = [parent / "shared/data/tenders" for parent in Path(__file__).resolve().parents]
PAGES = next((folder / "award_pages.jsonl.gz" for folder in FOLDERS if folder.is_dir()), None)
MANY = 25


@dataclass(frozen=True)
class Replayed(Notice):
    """A notice as a real platform published it."""

    page: str = ""

    @property
    def html(self) -> str:
        return self.page


def _rows() -> Iterator[Replayed]:
    assert PAGES is not None
    with gzip.open(PAGES, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, itertools.islice(lines, MANY)):
            day = moment(date.fromisoformat(row["published"]))
            yield Replayed(row["id"], row["title"], day, (), row["category"], row["region_code"], row["html"])


@pytest.mark.django_db
@pytest.mark.req("BH-11")
@pytest.mark.skipif(PAGES is None, reason="../shared/data/tenders is not on this machine")
def test_real_notices_arrive_once_with_their_winners_and_edits_as_versions(
    at: datetime, settings: LazySettings
) -> None:
    notices: list[Notice] = list(_rows())
    notices.append(notices[3])  # the list tells one twice
    platform = Platform(lambda: notices, broken={f"/api/notices/{notices[7].id}": 500})
    with serving(platform) as host:
        settings.COLLECTING_INNER = [host]
        desk = Desk(platform, host, notices, at)
        source = desk.source("json_api")

        first = desk.run(source)
        platform.broken.clear()
        edited = notices[0]
        assert isinstance(edited, Replayed)
        page = edited.page.replace("</body>", "<p>更正：工期以合同为准。</p></body>")
        notices[0] = Replayed(edited.id, f"{edited.title}（更正）", edited.at, (), page=page)
        second = desk.run(source, hours=7)

    assert (first.taken, first.failed) == (MANY - 1, 1)
    assert (second.taken, second.edited) == (1, 1)
    told = Announcement.objects.filter(source=source.code)
    assert told.count() == MANY
    assert told.exclude(winners="").count() >= MANY * 0.9
    assert told.get(source_id=edited.id).latest == 2
