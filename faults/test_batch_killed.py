"""A batch whose worker is killed (kill -9) at any moment: every row comes to one letter, nothing happens twice."""

import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from faults.processes import running, share, until
from faults.test_killed import moments, nothing_lost_nothing_twice
from xinshu.core.clock import now
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.tests.batches import confirmed, row_for
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Delivery, Entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]
ROWS = 12


@pytest.fixture
def data(tmp_path: Path, settings) -> Path:
    share(tmp_path, settings)
    return tmp_path


def _batch() -> Batch:
    city = City(now() - timedelta(minutes=5))
    return confirmed(city, [row_for(city, str(number)) for number in range(ROWS)])


def _finished(batch: Batch) -> bool:
    over = Batch.objects.filter(pk=batch.pk, state="finished").exists()
    return over and not Delivery.objects.exclude(state="done").exists()


def test_a_batch_whose_worker_is_killed_again_and_again_ends_as_if_nothing_had_been(data):
    batch = _batch()
    wait, begun = threading.Event().wait, Entry.objects.count()

    for after, later in moments(5, kills=4, entries=ROWS * 6):
        with running(data, "work"):
            until(lambda after=after: Entry.objects.count() >= begun + after, wait)
            wait(later)
    with running(data, "work"):
        until(lambda: _finished(batch), wait)

    assert set(BatchRow.objects.values_list("state", flat=True)) == {"done"}
    nothing_lost_nothing_twice(ROWS)


def test_two_workers_at_one_batch_issue_each_row_once(data):
    batch, wait = _batch(), threading.Event().wait

    with ExitStack() as both:
        for _worker in range(2):
            both.enter_context(running(data, "work"))
        until(lambda: _finished(batch), wait)

    assert set(BatchRow.objects.values_list("state", flat=True)) == {"done"}
    nothing_lost_nothing_twice(ROWS)
