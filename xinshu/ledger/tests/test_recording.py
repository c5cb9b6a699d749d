"""Recording: what one call writes, and what it refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from xinshu.core.actors import SYSTEM
from xinshu.core.sm import hmac_sm3
from xinshu.ledger import rows
from xinshu.ledger.canonical import with_id, without_id
from xinshu.ledger.keys import entry_key
from xinshu.ledger.models import Delivery, Entry, Immutable, Worker
from xinshu.ledger.queries import history_of
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.recording import record


@pytest.mark.django_db
@pytest.mark.req("EP-38")
def test_an_entry_says_who_did_what_to_what_when_under_the_platforms_key(happens, subject, at):
    entry = happens("guarantee.issued", amount=140950, 备注="见索即付")

    kept = Entry.objects.get()
    assert kept == entry
    assert (kept.kind, kept.subject, kept.at) == ("guarantee.issued", f"ledger.worker:{subject.pk}", at)
    assert (kept.actor_key, kept.actor_label) == ("system", "系统")
    assert kept.data == {"amount": 140950, "备注": "见索即付"}
    assert bytes(kept.mac) == hmac_sm3(entry_key(), without_id(kept.parts))


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded(subject, at):
    with pytest.raises(TransactionManagementError):
        record("test.happened", subject, by=SYSTEM, at=at)

    assert not Entry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", [1.5, {"rate": 0.1}, [1, 2.0], datetime(2026, 1, 1, tzinfo=UTC), {1: "x"}, b"x", {"a": {"b": [0.5]}}]
)
def test_what_not_every_reader_writes_back_alike_is_refused(happens, value):
    with pytest.raises(TypeError):
        happens(value=value)

    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_recording_costs_one_statement_and_one_more_when_something_waits(subject, at, django_assert_num_queries):
    @reacts_to("test.waited")
    def first(entry: Entry) -> None: ...

    @reacts_to("test.waited")
    def second(entry: Entry) -> None: ...

    with django_assert_num_queries(1):
        record("test.happened", subject, by=SYSTEM, at=at)
    with django_assert_num_queries(2):
        record("test.waited", subject, by=SYSTEM, at=at)

    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_neither_entry_nor_delivery(subject, at):
    @reacts_to("test.happened")
    def follows(entry: Entry) -> None: ...

    @transaction.atomic
    def act() -> None:
        record("test.happened", subject, by=SYSTEM, at=at)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act()

    assert not Entry.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
@pytest.mark.req("EP-38")
def test_no_code_changes_or_deletes_an_entry(happens):
    entry = happens()

    entry.kind = "test.other"
    with pytest.raises(Immutable):
        entry.save()
    with pytest.raises(Immutable):
        entry.delete()
    with pytest.raises(Immutable):
        Entry.objects.filter(pk=entry.pk).update(kind="test.other")
    with pytest.raises(Immutable):
        Entry.objects.all().delete()

    assert Entry.objects.get().kind == "test.happened"


@pytest.mark.django_db
@pytest.mark.parametrize("microsecond", [0, 1, 120000, 999999])
def test_the_bytes_read_in_crowds_are_those_of_the_entry(happens, at, microsecond):
    odd = {"文": '引号" 反斜线\\ 换行\n \u2028 😀 \x7f', "n": [10**20, -1, 0, True, None, {"b": 1, "a": []}], "é": ""}

    entry = happens(at=at.replace(microsecond=microsecond), sealed_until=at + timedelta(days=3), **odd)

    (row,) = rows.rows(0, entry.pk, 10)
    again = Entry.objects.get()
    assert row.keyed == without_id(entry.parts) == without_id(again.parts)
    assert row.leaf == with_id(entry.parts, entry.pk)
    assert hmac_sm3(entry_key(), row.keyed) == row.mac


@pytest.mark.django_db
def test_a_subjects_history_is_its_entries_in_order_and_nobody_elses(happens, at):
    other = Worker.objects.create(name="other", started_at=at, seen_at=at)
    first, _elsewhere, last = happens("test.one"), happens("test.two", other), happens("test.three")

    history = history_of(Worker.objects.get(name="subject"))

    assert list(history) == [first, last]
