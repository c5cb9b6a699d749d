"""Stories: runs and items leave when their time is over; what is still needed stays, announcements always."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from xinshu.collecting.actions import sweeping
from xinshu.collecting.actions.alarms import forget_pages, raise_alarm
from xinshu.collecting.models import Alarm, Item, KeptPage, Run
from xinshu.collecting.tasks import sweep_records
from xinshu.collecting.tests.conftest import Desk
from xinshu.core.clock import local_day
from xinshu.ledger.models import Entry
from xinshu.tenders.models import Announcement

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-11")]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    monkeypatch.setattr(sweeping, "RUNS_KEPT", 1)
    monkeypatch.setattr(sweeping, "ITEMS_KEPT", 1)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    settings.COLLECTING_KEEP_DAYS = 90


def _sweep(desk: Desk, days: int) -> None:
    at = desk.at + timedelta(days=days)
    sweep_records(local_day(at), at)


def test_what_is_old_leaves_and_the_ledger_says_what(desk: Desk) -> None:
    source = desk.source()
    runs = [desk.run(source, hours=2) for _run in range(4)]
    newest = source.items.order_by("-pk").values_list("pk", flat=True)[0]

    _sweep(desk, 91)

    left = set(source.runs.filter(ended_at__isnull=False).values_list("pk", flat=True))
    assert left == {runs[-1].pk}  # the last good one; the newest of all is planned
    assert source.runs.filter(state="planned").count() == 1
    assert list(source.items.values_list("pk", flat=True)) == [newest]
    assert Announcement.objects.count() == 3
    told = Entry.objects.filter(kind="collecting.swept").order_by("pk")
    assert sum(one.data["runs"] for one in told) == 3
    assert sum(one.data["items"] for one in told) == 2
    assert all(one.data["runs"] <= 2 for one in told)  # batch by batch


def test_what_is_young_stays_and_nothing_is_recorded(desk: Desk) -> None:
    source = desk.source()
    for _run in range(3):
        desk.run(source, hours=2)

    _sweep(desk, 60)

    assert (source.runs.count(), source.items.count()) == (4, 3)
    assert not Entry.objects.filter(kind="collecting.swept").exists()


def test_runs_that_an_alarm_tells_of_and_what_waits_to_be_read_stay(desk: Desk) -> None:
    source = desk.source()
    alarming = desk.run(source)
    raise_alarm(alarming, Alarm.Kind.EMPTY, "读不到", at=desk.at)
    for _run in range(3):
        desk.run(source, hours=2)
    waiting = source.items.order_by("pk").first()
    assert waiting is not None
    Item.objects.filter(pk=waiting.pk).update(outcome="waiting")

    _sweep(desk, 91)

    assert Run.objects.filter(pk=alarming.pk).exists()
    assert Alarm.objects.count() == 1
    assert Item.objects.filter(pk=waiting.pk).exists()


def test_after_a_sweep_the_list_brings_nothing_twice(desk: Desk) -> None:
    source = desk.source()
    desk.run(source)
    _sweep(desk, 91)

    run = desk.run(source, hours=24 * 91)

    assert (run.state, run.taken, run.edited) == ("done", 0, 0)
    assert Announcement.objects.count() == 3


def test_a_page_that_an_open_alarm_shows_outlives_its_month(desk: Desk) -> None:
    source = desk.source()
    run = desk.run(source)
    pages = [
        KeptPage.objects.create(source=source, url="x", status=200, size=1, content=b"x", at=desk.at) for _n in "ab"
    ]
    raise_alarm(run, Alarm.Kind.BROKEN, "改版", page=pages[0], at=desk.at)

    forget_pages(desk.at + timedelta(days=31))

    assert list(KeptPage.objects.values_list("pk", flat=True)) == [pages[0].pk]
