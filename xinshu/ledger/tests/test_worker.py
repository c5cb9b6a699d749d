"""The worker process: killed at any moment nothing is lost and nothing done twice; asked to stop it leaves in order."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from xinshu.core.actors import SYSTEM
from xinshu.ledger import sealing, worker
from xinshu.ledger.models import Checkpoint, Delivery, Entry, Leaf, NightlyRun, Worker
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.ledger.recording import record
from xinshu.ledger.tests.working import leave_effect
from xinshu.ledger.verification import verify
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def work_to_do(at):
    """Two hundred deliveries of fifty subjects."""
    reacts_to("test.happened")(leave_effect)
    subjects = [Worker.objects.create(name=f"subject {n}", started_at=at, seen_at=at) for n in range(50)]
    with transaction.atomic():
        for number in range(4):
            for subject in subjects:
                record("test.happened", subject, by=SYSTEM, at=at, n=number)


@pytest.fixture
def process(tmp_path, work_to_do):
    """A worker process on the test's database, under the test's keys, with a witness of its own."""
    database = settings.DATABASES["default"]
    url = f"sqlite:///{connection.settings_dict['NAME']}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{name}".format(
            **database | {"HOST": str(database["HOST"]).replace("/", "%2F")}, name=connection.settings_dict["NAME"]
        )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "xinshu.config.settings_test",
        "XINSHU_DATA": str(tmp_path),
        "XINSHU_DATABASE_URL": url,
        "XINSHU_LEDGER_KEY": settings.LEDGER_KEY,
        "XINSHU_CHECKPOINT_KEY": settings.CHECKPOINT_KEY,
        "XINSHU_WITNESS_KEY": settings.WITNESS_KEY,
    }
    command = [sys.executable, "-m", "xinshu.ledger.tests.working"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def effects():
    return Worker.objects.filter(name__startswith="effect of").count()


@pytest.mark.parametrize("after", [1, 3, 70])
def test_killed_in_the_middle_nothing_is_lost_and_nothing_is_done_twice(process, after, at):
    for _n in range(after):
        assert process.stdout.readline()

    process.kill()
    process.wait()

    done = Delivery.objects.filter(state="done").count()
    assert done >= after - 1  # the last one said may not have been committed
    assert effects() == done
    Delivery.objects.filter(state="waiting").update(leased_until=None)  # its lease runs out
    drain()
    assert Delivery.objects.filter(state="done").count() == effects() == 200
    assert verify().genuine


def test_asked_to_stop_it_finishes_what_it_is_at_gives_back_the_rest_and_leaves(process):
    for _n in range(60):
        assert process.stdout.readline()

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert effects() == Delivery.objects.filter(state="done").count() <= 200
    assert not Delivery.objects.filter(state="waiting").exclude(leased_by="").exists()
    assert Worker.objects.exclude(stopped_at=None).count() == 1
    assert Leaf.objects.count() == 200
    assert Checkpoint.objects.latest("size").cosignature != ""


def test_once_does_everything_that_is_due_and_ends(work_to_do, capsys):
    @every_night
    def expire(on, at) -> None: ...

    call_command("work", once=True)

    assert effects() == 200
    assert Checkpoint.objects.get().size == Entry.objects.count()
    assert NightlyRun.objects.exclude(finished_at=None).count() == 1
    assert capsys.readouterr().out == "200\n"


def test_a_busy_or_absent_database_does_not_end_the_worker(work_to_do, monkeypatch):
    stop, trouble = threading.Event(), [OperationalError("database is locked"), OperationalError("gone")]
    seal = worker.seal

    def troubled(at):
        if trouble:
            raise trouble.pop(0)
        if not Delivery.objects.filter(state="waiting").exists():
            stop.set()
        return seal(at)

    monkeypatch.setattr(worker, "seal", troubled)
    monkeypatch.setattr(worker, "SEAL_EVERY", 0.0)
    monkeypatch.setattr(worker, "_survive", lambda error: 0.0)

    worker.run(stop)

    assert effects() == 200
    assert not trouble


def test_a_damaged_tree_does_not_stop_the_business(work_to_do, monkeypatch):
    stop = threading.Event()

    def breaks(at):
        if not Delivery.objects.filter(state="waiting").exists():
            stop.set()
        raise ValueError("the tree is damaged")

    monkeypatch.setattr(worker, "seal", breaks)
    monkeypatch.setattr(worker, "SEAL_EVERY", 0.0)

    worker.run(stop)

    assert effects() == 200


def test_sealing_waits_for_an_act_that_drew_its_number_earlier_and_commits_later(at, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: numbers are drawn in the order of commits.")
    monkeypatch.setattr(sealing, "_PATIENCE", 0.0)
    subject = Worker.objects.create(name="subject", started_at=at, seen_at=at)
    recorded, may_commit = threading.Event(), threading.Event()

    def slow_act() -> None:
        try:
            with transaction.atomic():
                record("test.slow", subject, by=SYSTEM, at=at)
                recorded.set()
                may_commit.wait(30)
        finally:
            connection.close()

    slow = threading.Thread(target=slow_act)
    slow.start()
    recorded.wait(30)
    with transaction.atomic():
        record("test.quick", subject, by=SYSTEM, at=at)
    while_under_way = sealing.seal(at).sealed
    may_commit.set()
    slow.join(30)

    assert while_under_way == 0
    assert sealing.seal(at).sealed == 2
    assert list(Leaf.objects.order_by("position").values_list("entry__kind", flat=True)) == ["test.slow", "test.quick"]
    assert verify().genuine
