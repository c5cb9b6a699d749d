"""Verification: whatever is altered, missing or inserted is found, and the first of it is named."""

from io import StringIO

import pytest
from django.core.management import call_command

from xinshu.core.sm import hmac_sm3
from xinshu.ledger import notes, verification
from xinshu.ledger.canonical import without_id
from xinshu.ledger.keys import entry_key, platform_key
from xinshu.ledger.models import Checkpoint, Entry, Leaf, Node
from xinshu.ledger.sealing import seal
from xinshu.ledger.tests.conftest import tamper
from xinshu.ledger.verification import Finding, verify

pytestmark = pytest.mark.django_db

COLUMNS = "kind, subject_type, subject_id, actor_key, actor_label, at, recorded_at, sealed_until, data, salt, mac"


@pytest.fixture
def entries(happens, at):
    """Twelve entries, the first ten sealed under two checkpoints."""
    first = [happens(n=n, amount=100) for n in range(6)]
    seal(at)
    then = [happens(n=n, amount=100) for n in range(6, 10)]
    seal(at)
    return [*first, *then, happens(n=10), happens(n=11)]


def test_an_untouched_ledger_is_genuine_and_what_is_not_sealed_yet_is_waiting(entries):
    report = verify(full=True)

    assert (report.genuine, report.sealed, report.waiting, report.checkpoints) == (True, 10, 2, 2)


def test_an_empty_ledger_is_genuine():
    assert verify().genuine


ALTERATIONS = {
    "amount": "UPDATE ledger_entry SET data = replace(CAST(data AS text), '100', '900'){json} WHERE id = %s",
    "kind": "UPDATE ledger_entry SET kind = 'test.other' WHERE id = %s",
    "subject": "UPDATE ledger_entry SET subject_id = subject_id + 1 WHERE id = %s",
    "subject type": "UPDATE ledger_entry SET subject_type = 'ledger.other' WHERE id = %s",
    "actor": "UPDATE ledger_entry SET actor_key = 'member:1' WHERE id = %s",
    "name": "UPDATE ledger_entry SET actor_label = '别人' WHERE id = %s",
    "moment": "UPDATE ledger_entry SET at = '2020-01-01 00:00:00+00:00' WHERE id = %s",
    "recording": "UPDATE ledger_entry SET recorded_at = '2020-01-01 00:00:00+00:00' WHERE id = %s",
    "secrecy": "UPDATE ledger_entry SET sealed_until = '2020-01-01 00:00:00+00:00' WHERE id = %s",
    "salt": "UPDATE ledger_entry SET salt = mac WHERE id = %s",
    "digest": "UPDATE ledger_entry SET mac = salt WHERE id = %s",
}


@pytest.mark.req("EP-38", "EP-41")
@pytest.mark.parametrize("what", ALTERATIONS)
@pytest.mark.parametrize("chunk", [3, 5_000])
def test_any_altered_column_is_found_and_the_first_altered_entry_named(entries, what, chunk, monkeypatch):
    from django.db import connection

    monkeypatch.setattr(verification, "CHUNK", chunk)
    statement = ALTERATIONS[what].replace("{json}", "::jsonb" if connection.vendor == "postgresql" else "")
    for entry in (entries[8], entries[4]):
        tamper(statement, entry.pk)

    report = verify()

    assert (report.finding.kind, report.finding.entry) == ("altered", entries[4].pk)
    assert f"#{entries[4].pk}" in report.finding.text


@pytest.mark.req("EP-41")
@pytest.mark.parametrize("place", [0, 4, 9])
def test_a_deleted_entry_is_named(entries, place):
    tamper("DELETE FROM ledger_entry WHERE id = %s", entries[place].pk)

    finding = verify().finding

    assert (finding.kind, finding.entry) == ("missing", entries[place].pk)
    assert f"第 {place} 个封存位置" in finding.text


@pytest.mark.req("EP-41")
def test_an_entry_made_up_above_the_tip_is_named(entries):
    top = entries[-1].pk
    _copy(entries[3], top + 1)
    tamper("UPDATE ledger_entry SET kind = 'test.made_up' WHERE id = %s", top + 1)

    finding = verify().finding

    assert (finding.kind, finding.entry) == ("inserted", top + 1)


@pytest.mark.parametrize("sealed", [False, True])
def test_a_genuine_entry_copied_to_happen_twice_is_named(entries, sealed, at):
    top = entries[-1].pk
    _copy(entries[3], top + 1)
    if sealed:
        seal(at)

    finding = verify().finding

    assert (finding.kind, finding.entry) == ("inserted", top + 1)


@pytest.mark.req("EP-41")
def test_an_entry_slipped_in_below_the_tip_is_named(entries):
    gap = entries[5].pk
    row = Entry.objects.get(pk=gap)
    tamper("DELETE FROM ledger_entry WHERE id = %s", gap)
    tamper("UPDATE ledger_leaf SET entry_id = -1 WHERE entry_id = %s", gap)
    row.pk, row._state.adding = gap, True
    row.save(force_insert=True)

    finding = verify().finding

    assert finding.entry in {gap, -1}
    assert finding.kind in {"altered", "inserted"}


def test_an_entry_below_the_tip_without_a_leaf_is_inserted(happens, at):
    first, second, third = happens(n=1), happens(n=2), happens(n=3)
    tamper("DELETE FROM ledger_entry WHERE id = %s", second.pk)
    seal(at)
    second._state.adding = True
    second.save(force_insert=True)

    assert verify().finding == Finding("inserted", f"记录 #{second.pk} 不在证明树中，是后来插入的。", second.pk)
    assert {first.pk, third.pk} == set(Leaf.objects.values_list("entry_id", flat=True))


def test_a_leaf_taken_away_is_found(entries):
    tamper("DELETE FROM ledger_leaf WHERE position = 4")

    finding = verify().finding

    assert (finding.kind, finding.entry) == ("missing", entries[4].pk)


def test_an_entry_and_its_leaf_cut_off_the_end_are_missed_by_the_checkpoint(entries):
    for entry in entries[8:]:
        tamper("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
        tamper("DELETE FROM ledger_leaf WHERE entry_id = %s", entry.pk)

    finding = verify().finding

    assert finding.kind == "missing"
    assert "已见证 10 条记录，现在只有 8 条" in finding.text


def test_an_altered_node_is_found(happens, at):
    for number in range(300):
        happens(n=number)
    seal(at)
    assert verify().genuine
    tamper("UPDATE ledger_node SET hash = %s", bytes(32))

    assert verify().finding.kind == "tree"
    assert Node.objects.count() == 1


def test_an_altered_checkpoint_is_found(entries):
    tamper("UPDATE ledger_checkpoint SET root = %s WHERE size = 6", bytes(32))

    assert "检查点 6" in verify().finding.text


@pytest.mark.parametrize(("column", "kind"), [("signature", "checkpoint"), ("cosignature", "witness")])
def test_a_signature_that_does_not_hold_is_found(entries, column, kind):
    other = Checkpoint.objects.get(size=10)
    tamper(f"UPDATE ledger_checkpoint SET {column} = %s WHERE size = 6", getattr(other, column))

    assert verify().finding.kind == kind


@pytest.mark.req("EP-41")
def test_an_operator_who_rewrites_everything_with_the_platforms_keys_is_caught_by_the_witness(entries, at):
    victim = Entry.objects.get(pk=entries[4].pk)
    victim.data = {"n": 4, "amount": 900}
    mac = hmac_sm3(entry_key(), without_id(victim.parts))
    tamper("DELETE FROM ledger_entry WHERE id = %s", victim.pk)
    victim.mac, victim._state.adding = mac, True
    victim.save(force_insert=True)
    for table in ("leaf", "node", "checkpoint"):
        tamper(f"DELETE FROM ledger_{table}")
    seal(at)
    forged = Checkpoint.objects.get()
    assert notes.is_signed(forged.text, [forged.signature], platform_key().public_hex)

    finding = verify().finding

    assert finding.kind == "witness"
    assert "改写" in finding.text


def test_an_operator_who_also_wipes_the_tree_and_the_newest_entries_is_caught_by_the_witness(entries):
    for entry in entries[7:]:
        tamper("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
        tamper("DELETE FROM ledger_leaf WHERE entry_id = %s", entry.pk)
    tamper("DELETE FROM ledger_checkpoint WHERE size > 7")

    assert "已见证 10 条记录，现在只有 7 条" in verify().finding.text


def test_a_damaged_record_of_the_witness_is_said(entries, settings):
    (settings.WITNESS_ROOT / "last.json").write_text("{")

    assert verify().finding.kind == "witness"


def test_the_command_says_what_holds(entries):
    out = StringIO()

    call_command("verify", full=True, stdout=out)

    assert "核验通过：已封存 10 条，等待封存 2 条，检查点 2 个" in out.getvalue()


def test_the_command_fails_and_names_the_entry(entries):
    tamper("UPDATE ledger_entry SET kind = 'test.other' WHERE id = %s", entries[2].pk)
    err = StringIO()

    with pytest.raises(SystemExit) as exit_:
        call_command("verify", stderr=err)

    assert exit_.value.code == 1
    assert f"#{entries[2].pk}" in err.getvalue()


def _copy(entry, number):
    tamper(
        f"INSERT INTO ledger_entry (id, {COLUMNS}) SELECT %s, {COLUMNS} FROM ledger_entry WHERE id = %s",
        number,
        entry.pk,
    )
