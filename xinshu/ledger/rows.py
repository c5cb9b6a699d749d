"""Entries in crowds: read as their canonical bytes straight from the database, without building model objects."""

import json
from typing import NamedTuple

from django.db import connection

from xinshu.ledger.canonical import canonical_json, canonical_parts

_COLUMNS = "id, actor_key, actor_label, kind, subject_type, subject_id"
# An expression instead of the bare column keeps SQLite's driver from parsing moments that we want as text.
_SQLITE = f"SELECT {_COLUMNS}, at || '', recorded_at || '', sealed_until || '', data, salt, mac"
_UTC = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_POSTGRESQL = (
    f"SELECT {_COLUMNS}, {_UTC.format('at')}, {_UTC.format('recorded_at')}, {_UTC.format('sealed_until')}, "
    "data::text, salt, mac"
)
_WHERE = " FROM ledger_entry WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"


class Row(NamedTuple):
    """One stored entry: its id, the bytes under its keyed digest, the bytes under its leaf, and the digest."""

    id: int
    keyed: bytes
    leaf: bytes
    mac: bytes
    redacted: bool = False  # its content was cleared: no salt is left, and the digest is of what was there


def rows(after: int, upto: int, limit: int) -> list[Row]:
    """Return at most `limit` entries with after < id <= upto, by id."""
    sqlite = connection.vendor == "sqlite"
    moment = _moment if sqlite else str
    data_text = str if sqlite else _again
    found = []
    with connection.cursor() as cursor:
        cursor.execute((_SQLITE if sqlite else _POSTGRESQL) + _WHERE, [after, upto, limit])
        for number, actor, label, kind, type_, subject, at, recorded, sealed, data, salt, mac in cursor.fetchall():
            parts = canonical_parts(
                actor,
                label,
                moment(at),
                data_text(data),
                kind,
                moment(recorded),
                bytes(salt).hex(),
                None if sealed is None else moment(sealed),
                f"{type_}:{subject}",
            )
            head, tail = parts[0].encode(), parts[1].encode()
            found.append(Row(number, head + tail, b'%b"id":%d,%b' % (head, number, tail), bytes(mac), not salt))
    return found


def _moment(text: str) -> str:
    """Return SQLite's "2026-11-21 02:30:00[.000000]" in canonical form."""
    return f"{text[:10]}T{text[11:]}{'' if len(text) > 19 else '.000000'}Z"


def _again(text: str) -> str:
    """Return PostgreSQL's own rendering of JSON in canonical form (SQLite keeps the text that we wrote)."""
    return canonical_json(json.loads(text))
