"""The local witness remembers, outside the database, what it saw last, and co-signs only what grew out of that.

Whoever rewrites the database, even with the platform's own keys, cannot make the witness forget. Witnesses of other
parties follow the same rule with files of their own.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from xinshu.core.sm import sm3
from xinshu.ledger import merkle, notes
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.notes import Tip

Proof = Callable[[int, int], list[bytes]]  # (old size, new size) -> consistency path


class Inconsistent(Exception):
    """What the witness is shown did not grow out of what it has seen: history was rewritten or cut off."""


def remembered() -> Tip | None:
    """Return what the witness last saw; None before it has seen anything."""
    path = _folder() / "last.json"
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text())
        return Tip(int(kept["size"]), bytes.fromhex(kept["root"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Inconsistent(f"{path.name} was damaged: {error}") from error


def witness(text: str, signature: str, proof: Proof) -> str:
    """Return the witness's line for a checkpoint, having checked its signature and its growth. Raises Inconsistent."""
    tip = notes.read(text)
    if not notes.is_signed(text, [signature], platform_key().public_hex):
        raise Inconsistent("The checkpoint is not signed by the platform.")
    with _alone():
        last = remembered()
        if last is not None:
            if tip.size < last.size:
                raise Inconsistent(f"The ledger shrank from {last.size} to {tip.size} entries.")
            try:
                path = proof(last.size, tip.size)
                merkle.check_consistency(sm3, last.size, tip.size, last.root, tip.root, path)
            except merkle.NotProven as error:
                raise Inconsistent(f"The first {last.size} entries are not those seen before: {error}") from error
        line = notes.cosign(text, witness_key(), int(datetime.now(UTC).timestamp()))
        _remember(tip)
    return line


def _folder() -> Path:
    return Path(settings.WITNESS_ROOT)


@contextmanager
def _alone() -> Iterator[None]:
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remember(tip: Tip) -> None:
    draft = _folder() / "last.json.new"
    with draft.open("w") as file:
        json.dump({"size": tip.size, "root": tip.root.hex()}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_folder() / "last.json")
