"""Letters per second on one core: laid out, sealed, both, kept; beside what the bare signatures would allow.

One letter takes two P-256 signatures (signer, timestamp) and one SM2 signature; `limit` of sealing is the rate at which
this machine makes just these three, RSA-2048 for comparison. Prints one JSON line per figure:
{"figure", "value", "unit", "limit"}. Seconds of processor time, so that a busy machine does not count as a slow letter.
"""

# ruff: noqa: E402  (Django wants its settings before its models)

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings_test")

import django

django.setup()

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from xinshu.accounts.models import Organisation
from xinshu.core.sm import Sm2Key, sm3, sm4_encrypt
from xinshu.documents.letters import render
from xinshu.documents.sealing import seal
from xinshu.documents.storage.local import LocalStorage
from xinshu.documents.templates import SAMPLE, default_source
from xinshu.documents.verification import _read_apart

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
AT = datetime(2026, 11, 20, tzinfo=UTC)
MESSAGE = b"x" * 100


def rate(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return how often per second of `clock` the work can be done, warmed up."""
    work()
    began, done = clock(), 0
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        work()
        done += 1
    return done / (clock() - began)


def say(figure: str, value: float, unit: str, limit: float | None = None) -> None:
    print(
        json.dumps({"figure": figure, "value": round(value, 1), "unit": unit, "limit": limit and round(limit, 1)}),
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    version = SimpleNamespace(source=default_source("performance_accessory"))
    guarantor = Organisation(pk=1, name="云州融信融资担保有限公司", uscc="91530100MA6K00001X", kind="guarantor")
    numbers = count()

    def letter() -> bytes:
        number = f"YZLY2026-{next(numbers):08d}"
        address = f"https://verify.xinshu.example/verify/{number}/?code=402918"
        clauses = SAMPLE["clauses"] * 6
        return render(version, SAMPLE | {"draft": False, "number": number, "verify_url": address, "clauses": clauses})

    pdf = letter()
    p256, rsa2048 = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    sm2 = Sm2Key.from_hex("11" * 32)
    raw_p256 = rate(lambda: p256.sign(MESSAGE, ec.ECDSA(hashes.SHA256())))
    raw_rsa = rate(lambda: rsa2048.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()))
    raw_sm2 = rate(lambda: sm2.sign(MESSAGE))
    signatures = 1 / (2 / raw_p256 + 1 / raw_sm2)
    say("raw P-256 signatures", raw_p256, "/s per core")
    say("raw RSA-2048 signatures", raw_rsa, "/s per core")
    say("raw SM2 signatures", raw_sm2, "/s per core")

    laid_out = rate(letter)
    sealed = rate(lambda: seal(pdf, guarantor, at=AT))
    both = rate(lambda: seal(letter(), guarantor, at=AT))
    say("letters laid out", laid_out, "/s per core")
    say("letters sealed (PAdES B-T + SM2)", sealed, "/s per core", signatures)
    say("letters laid out and sealed", both, "/s per core", 1 / (1 / laid_out + 1 / signatures))

    content = seal(pdf, guarantor, at=AT).content
    place, key = LocalStorage(), bytes(range(16))

    def keep() -> None:
        stamped = content + str(next(numbers)).encode()
        place.write(sm3(stamped).hex(), sm4_encrypt(key, stamped))

    say("letters encrypted and synced to disk", rate(keep, time.perf_counter), "/s")
    say(
        "strangers' PDFs examined in a process of their own",
        rate(lambda: _read_apart(content), time.perf_counter),
        "/s",
    )


if __name__ == "__main__":
    main()
