"""How fast entries are sealed, proven and verified, beside raw SM3 over the same bytes.

BENCH_ENTRIES=1000000 python bench/sealing.py [--quick]; prints one JSON line per figure. The bare hashing is what one
entry needs with nothing around it: keyed digest, leaf, one node.
"""

# ruff: noqa: E402  (Django wants its settings before its models)

import json
import os
import secrets
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings_test")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from xinshu.core.sm import hmac_sm3, sm3
from xinshu.ledger import merkle
from xinshu.ledger.canonical import without_id
from xinshu.ledger.keys import entry_key
from xinshu.ledger.models import Checkpoint, Entry
from xinshu.ledger.rows import rows
from xinshu.ledger.sealing import seal
from xinshu.ledger.tree import consistency_proof, inclusion_proof, leaf_of
from xinshu.ledger.verification import verify

START = datetime(2025, 1, 1, 8, tzinfo=UTC)


def say(figure: str, value: float, limit: float | None, unit: str, **more: float) -> None:
    """Print one figure beside its limit."""
    print(json.dumps({"figure": figure, "value": round(value, 3), "limit": limit, "unit": unit, **more}), flush=True)


def entry(number: int, key: bytes) -> Entry:
    """Return one entry as the act of issuing a guarantee would write it, under its digest."""
    at = START + timedelta(seconds=number)
    made = Entry(
        kind="guarantee.issued",
        subject_type="guarantees.guarantee",
        subject_id=number // 6,
        actor_key=f"member:{number % 97}",
        actor_label="周启明（云州融信融资担保有限公司）",
        at=at,
        recorded_at=at,
        data={"amount": 486200000 + number, "number": f"YZLG2026-{number:08d}", "expires_on": "2027-03-17"},
        salt=secrets.token_bytes(16),
    )
    made.mac = hmac_sm3(key, without_id(made.parts))
    return made


def fill(count: int) -> None:
    """Write `count` entries."""
    key = entry_key()
    for first in range(0, count, 5_000):
        with transaction.atomic():
            Entry.objects.bulk_create([entry(n, key) for n in range(first, min(first + 5_000, count))], batch_size=500)


def timed(work, times: int) -> float:  # type: ignore[no-untyped-def]
    """Return the seconds that one call of `work` takes, over `times` calls."""
    started = time.perf_counter()
    for number in range(times):
        work(number)
    return (time.perf_counter() - started) / times


def bare_hashing() -> float:
    """Return how many entries per second one could seal if there were nothing but hashing to do."""
    sample, key, above = rows(0, 20_000, 20_000), entry_key(), b"\1" + bytes(64)
    return 1 / timed(lambda n: (hmac_sm3(key, sample[n].keyed), sm3(b"\0" + sample[n].leaf), sm3(above)), len(sample))


def main() -> None:
    """Fill, seal, prove, verify."""
    count = 50_000 if "--quick" in sys.argv else int(os.environ.get("BENCH_ENTRIES", "1000000"))
    call_command("migrate", "ledger", verbosity=0, skip_checks=True)
    fill(count)

    before = bare_hashing()
    now = START + timedelta(days=30)
    started = time.perf_counter()
    sealed = seal(now).sealed
    rate = sealed / (time.perf_counter() - started)
    assert sealed == count
    bare = (before + bare_hashing()) / 2
    say("entries sealed per second", rate, 20_000, "1/s", entries=count)
    say("sealing against its bare hashing", rate / bare, 0.25, "ratio", bare=round(bare))

    checkpoint = Checkpoint.objects.get()
    root = bytes(checkpoint.root)
    picked = list(Entry.objects.filter(pk__in=[1 + n * (count // 200) for n in range(200)]).order_by("pk"))
    say("inclusion proof", timed(lambda n: inclusion_proof(picked[n], checkpoint), 200) * 1000, 10, "ms", entries=count)
    position, path = inclusion_proof(picked[77], checkpoint)
    leaf = leaf_of(picked[77])
    check = timed(lambda _n: merkle.check_inclusion(sm3, position, count, leaf, path, root), 1_000)
    say("inclusion check", check * 1000, 1, "ms", hashes=len(path))
    prove = timed(lambda n: consistency_proof(1 + n * (count // 100), count), 100)
    say("consistency proof", prove * 1000, 10, "ms", entries=count)

    started = time.perf_counter()
    report = verify(full=True)
    seconds = time.perf_counter() - started
    assert report.genuine, report.finding
    assert report.sealed == count
    say("verification of the whole ledger", seconds, 120 * count / 1_000_000, "s", per_second=round(count / seconds))
    connection.close()


if __name__ == "__main__":
    main()
