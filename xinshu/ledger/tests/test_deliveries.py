"""Deliveries: nothing is lost, nothing is done twice, failures wait, park and can be tried again, order is kept."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.core.refusals import NotNow
from xinshu.ledger import deliveries
from xinshu.ledger.models import Delivery, Entry, Worker
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.recording import record
from xinshu.ledger.retrying import retry_delivery
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def others(count, at):
    return [Worker.objects.create(name=f"other {n}", started_at=at, seen_at=at) for n in range(count)]


def test_what_follows_is_run_once_and_so_is_what_follows_from_that(happens, subject):
    seen = []

    @reacts_to("test.happened")
    def first(entry: Entry) -> None:
        seen.append(entry.kind)
        record("test.followed", subject, by=SYSTEM, at=now())

    @reacts_to("test.followed")
    def second(entry: Entry) -> None:
        seen.append(entry.kind)

    happens()

    assert drain() == 2
    assert drain() == 0
    assert seen == ["test.happened", "test.followed"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.parametrize("days", [-700, 0, 700])
def test_a_moved_clock_sees_what_was_recorded_under_it_as_due(happens, at, days):
    moment, read = at + timedelta(days=days), []

    @reacts_to("test.happened")
    def follows(entry: Entry) -> None:
        read.append(now())

    happens(at=moment)

    assert drain(at=moment) == 1
    assert abs(read[0] - moment) < timedelta(minutes=1)


def test_a_failing_reaction_undoes_its_work_keeps_its_reason_and_comes_back_later(happens, at):
    @reacts_to("test.happened")
    def fails(entry: Entry) -> None:
        others(1, at)
        raise NotNow("函件还没有生成。")

    happens()

    assert drain(at=at) == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("waiting", 1, "函件还没有生成。")
    assert delivery.due_at > at
    assert delivery.leased_by == ""
    assert not Worker.objects.filter(name="other 0").exists()


def test_after_eight_failures_it_is_parked_and_a_person_can_have_it_tried_again(happens, at):
    broken = [True]

    @reacts_to("test.happened")
    def fails(entry: Entry) -> None:
        if broken:
            raise ValueError("对方没有应答")

    happens()
    moment = at
    for _attempt in range(deliveries.ATTEMPTS):
        drain(at=moment)
        moment += timedelta(hours=1)
    parked = Delivery.objects.get()
    assert (parked.state, parked.attempts, parked.last_error) == ("parked", 8, "ValueError: 对方没有应答")
    assert drain(at=moment) == 0

    broken.clear()
    retry_delivery(parked, by=SYSTEM, at=moment)

    assert drain(at=moment) == 1
    assert Delivery.objects.get().state == "done"
    assert Entry.objects.get(kind="delivery.retried").subject == f"ledger.delivery:{parked.pk}"


def test_what_is_done_cannot_be_tried_again(happens, at):
    @reacts_to("test.happened")
    def follows(entry: Entry) -> None: ...

    happens()
    drain()

    with pytest.raises(NotNow):
        retry_delivery(Delivery.objects.get(), by=SYSTEM, at=at)
    assert not Entry.objects.filter(kind="delivery.retried").exists()


def test_the_pause_between_attempts_doubles_up_to_half_an_hour():
    pauses = [deliveries.pause(n) for n in range(1, 40)]

    assert timedelta(seconds=1) <= pauses[0] <= timedelta(seconds=2)
    assert timedelta(seconds=16) <= pauses[4] <= timedelta(seconds=32)
    assert max(pauses) <= deliveries.LONGEST_PAUSE


def test_a_busy_database_is_no_failure(happens, at):
    @reacts_to("test.happened")
    def meets_another_writer(entry: Entry) -> None:
        raise OperationalError("database is locked")

    happens()
    for _attempt in range(deliveries.ATTEMPTS + 1):
        drain(at=at)
        at += timedelta(minutes=1)

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)


def test_a_reaction_whose_code_is_gone_is_kept_for_a_person(happens, at):
    entry = happens()
    Delivery.objects.create(entry=entry, reaction="gone.tasks.follow", lane=entry.subject, due_at=at)

    drain(at=at)

    assert "gone.tasks.follow" in Delivery.objects.get().last_error


def test_a_failure_holds_back_the_same_subject_and_reaction_and_nothing_else(happens, at):
    (other,) = others(1, at)
    seen, broken = [], [True]

    @reacts_to("test.happened")
    def follows(entry: Entry) -> None:
        if broken and entry.data["n"] == 1:
            raise ValueError
        seen.append(entry.data["n"])

    @reacts_to("test.happened")
    def also_follows(entry: Entry) -> None:
        seen.append(-entry.data["n"])

    for number, about in ((1, None), (2, other), (3, None)):
        happens(n=number, **({"about": about} if about else {}))
    drain(at=at)
    assert sorted(seen) == [-3, -2, -1, 2]
    assert [n for n in seen if n < 0 and n != -2] == [-1, -3]

    broken.clear()
    drain(at=at + timedelta(hours=1))

    assert seen[-2:] == [1, 3]


def test_a_killed_workers_delivery_is_taken_over_when_its_lease_is_over(happens, at):
    seen = []

    @reacts_to("test.happened")
    def follows(entry: Entry) -> None:
        seen.append(entry.pk)

    happens()
    (claimed,) = deliveries.claim("killed worker", at)

    assert drain(at=at) == 0
    Delivery.objects.update(leased_until=claimed.leased_until - 2 * deliveries.LEASE)
    assert drain(at=at) == 1

    assert deliveries.run(claimed, "killed worker", at) is False  # it was not dead, only slow: too late
    assert seen == [claimed.entry_id]


def test_a_crash_between_effect_and_commit_leaves_neither(happens, at):
    class Killed(BaseException):
        pass

    lives = [True]

    @reacts_to("test.happened")
    def follows(entry: Entry) -> None:
        others(1, at)
        if lives:
            lives.clear()
            raise Killed

    happens()
    (claimed,) = deliveries.claim("worker", at)
    with pytest.raises(Killed):
        deliveries.run(claimed, "worker", at)
    assert Delivery.objects.get().state == "waiting"
    assert not Worker.objects.filter(name="other 0").exists()

    deliveries.release("worker")
    drain(at=at)

    assert Delivery.objects.get().state == "done"
    assert Worker.objects.filter(name="other 0").count() == 1


def test_a_reaction_that_stands_alone_runs_outside_a_transaction(at):
    depth = []

    @reacts_to("test.happened", together=False)
    def follows(entry: Entry) -> None:
        depth.append(len(connection.savepoint_ids))

    with transaction.atomic():
        record("test.happened", others(1, at)[0], by=SYSTEM, at=at)
    before = len(connection.savepoint_ids)

    assert drain(at=at) == 1
    assert depth == [before]


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_do_everything_once_and_each_subject_in_order(at):
    seen, lock = [], threading.Lock()
    subjects = others(8, at)

    @reacts_to("test.happened")
    def follows(entry: Entry) -> None:
        with lock:
            seen.append((entry.subject_id, entry.data["n"]))

    with transaction.atomic():
        for number in range(10):
            for about in subjects:
                record("test.happened", about, by=SYSTEM, at=at, n=number)

    def work() -> None:
        try:
            while Delivery.objects.filter(state="waiting").exists():
                drain(at=at)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(60)

    assert Delivery.objects.filter(state="done").count() == 80
    assert len(seen) == 80
    for about in subjects:
        assert [n for pk, n in seen if pk == about.pk] == list(range(10))
