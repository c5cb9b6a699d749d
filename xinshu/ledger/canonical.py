"""The one byte string of an entry: under its keyed digest and its leaf, and rebuilt by anyone from JSON.

It is JSON in UTF-8 with sorted keys, no spaces and nothing escaped that need not be: `json.dumps(entry, sort_keys=True,
separators=(",", ":"), ensure_ascii=False)`. Moments are UTC with six digits and a Z. The keyed digest covers the same
object without `id`, which the database gives only while inserting.
"""

import json
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any


class CanonicalEncoder(json.JSONEncoder):
    """Writes JSON in canonical form however it is called (Django's JSONField passes arguments of its own)."""

    def __init__(self, **_options: Any) -> None:
        super().__init__(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


_encode = CanonicalEncoder().encode


def canonical_json(value: Any) -> str:
    """Return `value` as canonical JSON."""
    return _encode(value)


def must_be_exact(value: Any, where: str = "data") -> None:
    """Raise TypeError unless `value` is JSON that every reader writes back to the same bytes: no floats, text keys."""
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where}: {key!r} is not a text key.")
            must_be_exact(item, f"{where}.{key}")
        return
    if isinstance(value, list | tuple):
        for number, item in enumerate(value):
            must_be_exact(item, f"{where}[{number}]")
        return
    raise TypeError(f"{where}: {type(value).__name__} does not belong in an entry; use int (分), text, list, dict.")


def moment_text(at: datetime) -> str:
    """Return the moment `at` in canonical form: 2026-11-21T02:30:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def canonical_parts(
    actor_key: str,
    actor_label: str,
    at: str,
    data: str,
    kind: str,
    recorded_at: str,
    salt: str,
    sealed_until: str | None,
    subject: str,
    quote: Any = encode_basestring,
) -> tuple[str, str]:
    """Return what stands before and after `"id":n,`. `data` is canonical JSON, moments canonical, `salt` hex."""
    sealed = "null" if sealed_until is None else f'"{sealed_until}"'
    return (
        f'{{"actor":{quote(actor_key)},"actor_label":{quote(actor_label)},"at":"{at}","data":{data},',
        f'"kind":{quote(kind)},"recorded_at":"{recorded_at}","salt":"{salt}","sealed_until":{sealed},'
        f'"subject":{quote(subject)}}}',
    )


def with_id(parts: tuple[str, str], number: int) -> bytes:
    """Return the bytes of the entry that its leaf hashes."""
    return f'{parts[0]}"id":{number},{parts[1]}'.encode()


def without_id(parts: tuple[str, str]) -> bytes:
    """Return the bytes of the entry that its keyed digest covers."""
    return (parts[0] + parts[1]).encode()
