"""The operations page, readiness and measurements: who may read them, and what they say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.ledger.models import Delivery, Entry, Leaf, Worker
from xinshu.ledger.recording import record
from xinshu.ledger.sealing import seal
from xinshu.operations.models import Backup, PageTime
from xinshu.operations.requests import page_times

pytestmark = pytest.mark.django_db


def a_worker(name: str = "host:1:a") -> Worker:
    return Worker.objects.create(name=name, started_at=now(), seen_at=now())


def happens(subject: Any, **options: Any) -> Entry:
    with transaction.atomic():
        return record("test.happened", subject, by=SYSTEM, at=now(), **options)


# ── 运行状况 ──


def test_a_stranger_is_sent_to_sign_in(client: Any) -> None:
    response = client.get(reverse("operations:overview"))

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", ["applicant", "manager", "beneficiary", "operator", "secadmin", "auditor"])
def test_the_wrong_role_is_refused(signed_in: Any, role: str) -> None:
    assert signed_in(role).get(reverse("operations:overview")).status_code == 403


def test_the_page_tells_what_waits_what_runs_and_what_is_missing(signed_in: Any) -> None:
    page_times.flush()  # what tests before have counted
    PageTime.objects.all().delete()
    browser = signed_in("sysadmin")
    empty = browser.get(reverse("operations:overview")).content.decode()
    assert "没有后台进程在运行" in empty
    assert "还没有备份" in empty
    assert "最近一小时还没有汇总到页面" in empty

    entry = happens(a_worker())
    Delivery.objects.create(entry=entry, reaction="x.y", lane="z", due_at=now() - timedelta(seconds=90))
    Backup.objects.create(
        began_at=now(), finished_at=now(), place="/x.tar", size=5_000, sealed=12_345, root="00", rows=7, files=3
    )
    page_times.flush()
    page = browser.get(reverse("operations:overview")).content.decode()

    assert "host:1:a" in page
    assert "到期最久的已等 90 秒" in page
    assert "总账 12,345 条" in page
    assert "operations:overview" in page  # the first opening, in the table of slow pages
    assert "没有后台进程在运行" not in page


def test_the_page_costs_the_same_for_one_delivery_and_for_thirty(
    signed_in: Any, django_assert_max_num_queries: Any
) -> None:
    browser, entry = signed_in("sysadmin"), happens(a_worker())
    Delivery.objects.create(entry=entry, reaction="r0", lane="z", due_at=now())
    with django_assert_max_num_queries(26) as small:
        browser.get(reverse("operations:overview"))
    for number in range(1, 30):
        Delivery.objects.create(entry=entry, reaction=f"r{number}", lane="z", due_at=now())
        PageTime.objects.create(slot=now(), process="p", view=f"v{number}", count=1, total_ms=number, longest_ms=number)

    with django_assert_max_num_queries(len(small.captured_queries)):
        browser.get(reverse("operations:overview"))


def test_the_slowest_pages_of_the_last_hour_stand_first_all_processes_together(signed_in: Any) -> None:
    slot = datetime.now(UTC)
    for process, view, age, count, total, longest in (
        ("a", "fast", 10, 10, 100, 20),
        ("a", "slow", 10, 1, 900, 900),
        ("b", "slow", 20, 3, 300, 150),
        ("a", "long ago", 90, 1, 9_000, 9_000),
    ):
        PageTime.objects.create(
            slot=slot - timedelta(minutes=age),
            process=process,
            view=view,
            count=count,
            total_ms=total,
            longest_ms=longest,
        )

    from xinshu.operations.queries import slowest_pages

    assert [(page.view, page.count, page.mean_ms, page.longest_ms) for page in slowest_pages()] == [
        ("slow", 4, 300, 900),
        ("fast", 10, 10, 20),
    ]


# ── /readyz ──


def test_ready_when_database_migrations_storage_worker_and_sealing_hold(client: Any, at: datetime) -> None:
    happens(a_worker())
    seal(at)

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ok": True,
        "degraded": False,
        "checks": {"database": True, "migrated": True, "storage": True, "worker": True, "sealing": True},
    }
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


def test_without_a_worker_pages_still_go_on_and_it_is_said(client: Any) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert (response.json()["degraded"], response.json()["checks"]["worker"]) == (True, False)


def test_late_sealing_is_said(client: Any) -> None:
    entry = happens(a_worker())
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(entry.recorded_at - timedelta(minutes=5))
        cursor.execute("UPDATE ledger_entry SET recorded_at = %s", [moment])

    assert client.get("/readyz").json()["checks"]["sealing"] is False


def test_a_database_that_is_not_migrated_is_not_ready(client: Any) -> None:
    MigrationRecorder.Migration.objects.filter(app="operations").delete()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrated"] is False


def test_a_storage_that_takes_nothing_is_not_ready(client: Any, settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path / "blocked"
    settings.FILES_ROOT.write_text("a file stands where the folder should be")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["storage"] is False


# ── /metrics ──


def value_of(text: str, name: str) -> float:
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " "))


def test_measurements_tell_requests_and_the_state_of_the_house(client: Any, at: datetime) -> None:
    cache.clear()
    entry = happens(a_worker())
    Delivery.objects.create(entry=entry, reaction="x.y", lane="z", due_at=now() - timedelta(seconds=90))
    Delivery.objects.create(entry=entry, reaction="x.z", lane="z", due_at=now(), state="parked")
    seal(at)
    name = 'xinshu_request_seconds_count{method="GET",status="200",view="portal:help"}'
    before = client.get("/metrics").content.decode()

    client.get("/help/")
    response = client.get("/metrics")
    text = response.content.decode()

    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert value_of(text, name) == (value_of(before, name) if name in before else 0) + 1
    assert value_of(text, 'xinshu_deliveries{state="waiting"}') == 1
    assert value_of(text, 'xinshu_deliveries{state="parked"}') == 1
    assert 90 <= value_of(text, "xinshu_delivery_oldest_waiting_seconds") < 120
    assert value_of(text, "xinshu_ledger_sealed_entries") == Leaf.objects.count()
    assert value_of(text, "xinshu_workers_alive") == 1
    assert value_of(text, "xinshu_database_bytes") > 0
    assert "xinshu_backup_age_seconds" not in text


def test_measurements_are_cheap(client: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(18):
        client.get("/metrics")


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "10.1.2.3"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 404),
        ("", {"HTTP_FORWARDED": "for=10.1.2.3"}, 404),
        ("s3cret-token", {}, 404),
        ("s3cret-token", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ("s3cret-token", {"HTTP_AUTHORIZATION": "Bearer 口令"}, 404),
        ("s3cret-token", {"HTTP_AUTHORIZATION": "Bearer s3cret-token", "REMOTE_ADDR": "10.1.2.3"}, 200),
    ],
)
def test_measurements_are_for_this_machine_or_for_the_token(
    client: Any, settings: Any, token: str, given: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", **given).status_code == status


# ── page times ──


def test_page_times_of_one_process_add_up_and_old_ones_are_forgotten() -> None:
    page_times.flush()
    PageTime.objects.create(slot=now() - timedelta(days=2), process="p", view="old", count=1, total_ms=1, longest_ms=1)
    for seconds, failed in ((0.1, False), (0.5, True)):
        page_times.add("test:page", seconds, failed=failed)
        page_times.flush()

    rows = PageTime.objects.filter(view="test:page")
    assert sum(row.count for row in rows) == 2
    assert sum(row.total_ms for row in rows) == 600
    assert max(row.longest_ms for row in rows) == 500
    assert sum(row.failed for row in rows) == 1
    assert not PageTime.objects.filter(view="old").exists()
