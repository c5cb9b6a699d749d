"""Reads: remembered without a query, recorded together, once an hour per person and thing, never lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from xinshu.core.actors import SYSTEM
from xinshu.ledger.models import Entry, Worker
from xinshu.ledger.queries import history_of
from xinshu.ledger.reads import looked_at, reads

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_read() -> None:
    reads.forget()


def test_a_read_costs_no_query_and_is_recorded_at_the_next_flush(
    subject: Worker, at: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        looked_at("test.read", subject, by=SYSTEM, at=at, sealed_until=at + timedelta(days=1))

    assert reads.flush() == 1

    entry = Entry.objects.get(kind="test.read")
    assert (entry.subject, entry.actor_key, entry.at) == (f"ledger.worker:{subject.pk}", "system", at)
    assert entry.sealed_until == at + timedelta(days=1)


def test_the_same_person_reading_the_same_thing_within_the_hour_is_one_read(subject: Worker, at: datetime) -> None:
    for minutes in (0, 10, 59, 61, 62):
        looked_at("test.read", subject, by=SYSTEM, at=at + timedelta(minutes=minutes))
        reads.flush()

    assert list(Entry.objects.order_by("pk").values_list("at", flat=True)) == [at, at + timedelta(minutes=61)]


def test_when_the_database_is_away_nothing_is_lost(
    subject: Worker, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at("test.read", subject, by=SYSTEM, at=at)

    def away(*_args: Any, **_options: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr("xinshu.ledger.reads.record", away)
        with pytest.raises(OperationalError):
            reads.flush()

    assert reads.flush() == 1
    assert Entry.objects.count() == 1


def test_reads_are_no_part_of_a_cases_story(subject: Worker, at: datetime, happens: Any) -> None:
    happened = happens()
    looked_at("test.read", subject, by=SYSTEM, at=at)
    reads.flush()

    assert list(history_of(subject)) == [happened]


def test_a_kind_that_is_no_read_is_a_bug(subject: Worker, at: datetime) -> None:
    with pytest.raises(ValueError, match="read"):
        looked_at("test.issued", subject, by=SYSTEM, at=at)
