"""Sealing: places in the tree, signed checkpoints, proofs that anyone can check, a witness that remembers."""

import json

import pytest
from django.db import connection

from xinshu.core.refusals import NotNow
from xinshu.core.sm import Sm2Key, sm3
from xinshu.ledger import merkle, notes, sealing, witness
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.models import Checkpoint, Entry, Leaf, Node, Refused
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.sealing import seal
from xinshu.ledger.tests.conftest import tamper
from xinshu.ledger.tree import StoredTree, consistency_proof, inclusion_proof, leaf_of

pytestmark = pytest.mark.django_db


def test_every_committed_entry_gets_its_place_once_in_order(happens, at):
    entries = [happens(n=n) for n in range(5)]

    assert seal(at).sealed == 5
    assert seal(at).sealed == 0

    assert list(Leaf.objects.order_by("position").values_list("position", "entry_id")) == [
        (n, entry.pk) for n, entry in enumerate(entries)
    ]
    assert Checkpoint.objects.get().size == 5


def test_a_checkpoint_states_the_root_of_all_leaves_signed_by_platform_and_witness(happens, at):
    entries = [happens(n=n) for n in range(7)]

    seal(at)

    checkpoint = Checkpoint.objects.get()
    frontier = merkle.Frontier(sm3)
    frontier.extend(leaf_of(entry) for entry in entries)
    text, lines = notes.split(checkpoint.note)
    assert notes.read(text) == notes.Tip(7, frontier.root())
    assert text.startswith("xinshu\n7\n")
    assert len(lines) == 2
    assert notes.is_signed(text, lines, platform_key().public_hex)
    assert notes.is_cosigned(text, lines, witness_key().public_hex)
    assert not notes.is_signed(text.replace("7", "8"), lines, platform_key().public_hex)
    assert not notes.is_signed(text, lines, Sm2Key.from_hex("11" * 32).public_hex)


@pytest.mark.req("EP-41")
def test_proofs_from_the_stored_tree_hold_for_any_leaf_and_any_two_checkpoints(happens, at):
    entries, sizes = [], [1, 2, 255, 256, 257, 513, 700]
    for size in sizes:
        entries += [happens(n=n) for n in range(size - len(entries))]
        seal(at)
    checkpoints = list(Checkpoint.objects.order_by("size"))
    assert [checkpoint.size for checkpoint in checkpoints] == sizes
    assert Node.objects.filter(level=8).count() == 2

    for checkpoint in checkpoints:
        root = bytes(checkpoint.root)
        for index in {0, checkpoint.size // 2, checkpoint.size - 1}:
            position, path = inclusion_proof(entries[index], checkpoint)
            assert position == index
            merkle.check_inclusion(sm3, index, checkpoint.size, leaf_of(entries[index]), path, root)
        for newer in checkpoints:
            if newer.size >= checkpoint.size:
                path = consistency_proof(checkpoint.size, newer.size)
                merkle.check_consistency(sm3, checkpoint.size, newer.size, root, bytes(newer.root), path)


def test_a_proof_reads_a_few_tiles_however_large_the_tree(happens, at, django_assert_max_num_queries):
    frontier, size = merkle.Frontier(sm3), 70_000
    hashes = [sm3(str(n).encode()) for n in range(size)]
    nodes = frontier.extend(hashes)
    Leaf.objects.bulk_create(
        [Leaf(position=n, entry_id=n + 1, hash=value) for n, value in enumerate(hashes)], batch_size=5_000
    )
    Node.objects.bulk_create([Node(level=level, index=index, hash=value) for level, index, value in nodes])

    with django_assert_max_num_queries(6):
        path = merkle.inclusion_path(sm3, StoredTree().subtree, 12_345, size)

    merkle.check_inclusion(sm3, 12_345, size, hashes[12_345], path, frontier.root())


def test_sealing_goes_on_after_a_stop_between_leaves_and_checkpoint(happens, at, monkeypatch):
    for number in range(5):
        happens(n=number)
    monkeypatch.setattr(sealing, "issue_checkpoint", lambda at: None)
    seal(at)
    assert not Checkpoint.objects.exists()

    monkeypatch.undo()
    seal(at)

    assert Checkpoint.objects.get().size == 5


def test_the_batch_size_does_not_show_in_the_tree(happens, at):
    entries = [happens(n=n) for n in range(20)]

    assert seal(at, batch=3).sealed == 20

    frontier = merkle.Frontier(sm3)
    frontier.extend(leaf_of(entry) for entry in entries)
    assert bytes(Checkpoint.objects.get().root) == frontier.root()


def test_an_entry_that_the_platform_did_not_write_is_not_sealed_and_is_reported_once(happens, at, caplog):
    first, forged, last = happens(), happens(), happens()
    tamper("UPDATE ledger_entry SET actor_label = %s WHERE id = %s", "别人", forged.pk)

    result = seal(at)
    seal(at)

    assert (result.sealed, result.refused) == (2, 1)
    assert list(Leaf.objects.order_by("position").values_list("entry_id", flat=True)) == [first.pk, last.pk]
    assert Refused.objects.get().entry_id == forged.pk
    assert [r.message for r in caplog.records if f"#{forged.pk}" in r.message] == [
        f"The sealer refuses entry #{forged.pk}: its digest is wrong."
    ]


def test_evidence_waits_for_the_seal(happens, at):
    entry = happens()

    with pytest.raises(NotNow, match="正在等待封存"):
        evidence_of(entry)
    seal(at)

    assert evidence_of(entry)["position"] == 0


def test_evidence_is_json_and_holds_nothing_but_the_entry_and_its_proof(happens, at):
    entry = happens(amount=5)
    seal(at)

    evidence = evidence_of(entry)

    assert json.loads(json.dumps(evidence)) == evidence
    assert set(evidence) == {
        "format", "entry", "position", "proof", "checkpoint", "platform_key", "witness_key",
    }  # fmt: skip


@pytest.mark.req("EP-41")
def test_the_witness_does_not_cosign_a_rewritten_history(happens, at):
    for number in range(3):
        happens(n=number)
    seal(at)
    _forget_the_tree()
    tamper("DELETE FROM ledger_entry WHERE id = %s", Entry.objects.order_by("pk").first().pk)
    happens(n=4)

    seal(at)  # the operator holds the platform's keys: the tree is whole and signed

    rewritten = Checkpoint.objects.get()
    assert rewritten.size == 3
    assert notes.is_signed(rewritten.text, [rewritten.signature], platform_key().public_hex)
    assert rewritten.cosignature == ""


def test_the_witness_does_not_cosign_a_ledger_that_shrank_nor_one_it_cannot_place(happens, at):
    for number in range(3):
        happens(n=number)
    seal(at)
    seen = witness.remembered()
    shorter = notes.Tip(2, bytes(32))
    signature = notes.sign(shorter.text, platform_key())

    with pytest.raises(witness.Inconsistent, match="shrank"):
        witness.witness(shorter.text, signature, consistency_proof)
    longer = notes.Tip(4, bytes(32))
    with pytest.raises(witness.Inconsistent):
        witness.witness(longer.text, notes.sign(longer.text, platform_key()), lambda old, new: [])
    with pytest.raises(witness.Inconsistent, match="not signed"):
        witness.witness(longer.text, signature, consistency_proof)

    assert witness.remembered() == seen


def test_a_checkpoint_made_while_the_witness_was_away_is_cosigned_later(happens, at, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.WITNESS_ROOT = tmp_path / "file"
    happens()
    seal(at)
    assert Checkpoint.objects.get().cosignature == ""

    settings.WITNESS_ROOT = tmp_path / "back"
    seal(at)

    assert Checkpoint.objects.get().cosignature != ""


def _forget_the_tree() -> None:
    with connection.cursor() as cursor:
        for table in ("leaf", "node", "checkpoint"):
            cursor.execute(f"DELETE FROM ledger_{table}")
