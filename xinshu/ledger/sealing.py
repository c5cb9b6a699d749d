"""The sealer: gives committed entries their place in the tree, signs checkpoints, has the witness co-sign them."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from xinshu.core.sm import hmac_sm3, sm3
from xinshu.ledger import notes, witness
from xinshu.ledger.keys import entry_key, platform_key
from xinshu.ledger.models import Checkpoint, Entry, Leaf, Refused
from xinshu.ledger.notes import Tip
from xinshu.ledger.rows import Row, rows
from xinshu.ledger.tree import consistency_proof, stored_frontier, stored_size

log = logging.getLogger(__name__)

BATCH = 5_000
_LOCK = 0x78696E7368750001  # PostgreSQL's advisory lock of the one sealer at work
_PATIENCE = 2.0  # seconds to wait for acts under way


@dataclass(frozen=True)
class Sealed:
    """What one round did: entries sealed, and entries refused for a wrong digest."""

    sealed: int = 0
    refused: int = 0


def seal(at: datetime, batch: int = BATCH) -> Sealed:
    """Seal all that is committed, then issue one checkpoint over it. Safe to run anywhere, any number of times."""
    sealed = refused = 0
    horizon = _horizon()
    last = Leaf.objects.order_by("-position").values_list("position", "entry_id").first()
    size, tip = (0, 0) if last is None else (last[0] + 1, last[1])
    while found := rows(tip, horizon, batch):
        genuine = _genuine(found, at)
        if not _write(size, genuine):
            break  # another sealer is at work
        size, tip = size + len(genuine), found[-1].id
        sealed, refused = sealed + len(genuine), refused + len(found) - len(genuine)
    issue_checkpoint(at)
    return Sealed(sealed, refused)


def _genuine(found: list[Row], at: datetime) -> list[Row]:
    """Return the rows that the platform wrote as they stand; report the others, each once."""
    key = entry_key()
    genuine = [row for row in found if hmac_sm3(key, row.keyed) == row.mac]
    if len(genuine) < len(found):
        wrong = {row.id for row in found} - {row.id for row in genuine}
        fresh = sorted(wrong - set(Refused.objects.filter(entry_id__in=wrong).values_list("entry_id", flat=True)))
        Refused.objects.bulk_create([Refused(entry_id=id_, at=at) for id_ in fresh], ignore_conflicts=True)
        for id_ in fresh[:20]:
            log.error("The sealer refuses entry #%s: its digest is wrong.", id_)
    return genuine


def _write(size: int, genuine: list[Row]) -> bool:
    """Hash first, then write in one short transaction: SQLite's one writer is held for the inserts only."""
    frontier = stored_frontier(size)
    hashes = [sm3(b"\0" + row.leaf) for row in genuine]
    nodes = frontier.extend(hashes)
    with transaction.atomic():
        if not _is_our_turn() or stored_size() != size:
            return False
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger_leaf (position, entry_id, hash) VALUES (%s, %s, %s)",
                [(size + n, row.id, value) for n, (row, value) in enumerate(zip(genuine, hashes, strict=True))],
            )
            if nodes:
                cursor.executemany('INSERT INTO ledger_node (level, "index", hash) VALUES (%s, %s, %s)', nodes)
    return True


def _is_our_turn() -> bool:
    if connection.vendor != "postgresql":
        return True  # SQLite: whoever is in a transaction is the only writer
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _horizon() -> int:
    """Return the highest entry id up to which no entry can still appear.

    PostgreSQL draws ids before it commits: an act under way may hold a lower id than one already committed. Each such
    act holds a RowExclusiveLock on the table since before it drew its id, so that the last id drawn is safe as soon as
    all those who hold the lock now have ended. While one act goes on for long, sealing waits for it.
    """
    if connection.vendor != "postgresql":
        return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM ledger_entry")
        seen = cursor.fetchone()[0]
        cursor.execute("SELECT last_value FROM ledger_entry_id_seq")
        drawn = max(seen, cursor.fetchone()[0])
        holders = _writers(cursor)
        patience = time.monotonic() + _PATIENCE
        while holders:
            if time.monotonic() > patience:
                return 0
            time.sleep(0.01)
            holders &= _writers(cursor)
    return int(drawn)


def _writers(cursor: CursorWrapper) -> set[str]:
    cursor.execute(
        "SELECT virtualtransaction FROM pg_locks WHERE relation = 'ledger_entry'::regclass AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
    )
    return {row[0] for row in cursor.fetchall()}


def issue_checkpoint(at: datetime) -> Checkpoint | None:
    """Sign the tree as it stands, unless that is done, and have the witness co-sign the latest checkpoint."""
    size = stored_size()
    latest = Checkpoint.objects.order_by("-size").first()
    if size and (latest is None or latest.size < size):
        tip = Tip(size, stored_frontier(size).root())
        latest, _new = Checkpoint.objects.get_or_create(
            size=size,
            defaults={"root": tip.root, "text": tip.text, "signature": notes.sign(tip.text, platform_key()), "at": at},
        )
    if latest is not None and not latest.cosignature:
        _have_witnessed(latest)
    return latest


def _have_witnessed(checkpoint: Checkpoint) -> None:
    try:
        line = witness.witness(checkpoint.text, checkpoint.signature, consistency_proof)
    except witness.Inconsistent as error:
        log.error("The witness does not co-sign checkpoint %s: %s", checkpoint, error)
        return
    except OSError as error:
        log.error("The witness cannot keep its record: %s", error)
        return
    checkpoint.cosignature = line
    checkpoint.save(update_fields=["cosignature"])
