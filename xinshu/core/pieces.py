"""Asking the index of pieces (core/grams.py): which rows hold all of these? The same for names and for documents.

A table that is searched has a text column `grams`, its pieces with blanks between. On SQLite an FTS5 table follows it
by triggers, on PostgreSQL a GIN index stands over it: `followed` and `indexed` are what a migration runs.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import RawSQL

Row = TypeVar("Row", bound=models.Model)


class _HoldsAll(Func):
    """PostgreSQL: the pieces of a text hold all of these; a GIN index over the split column answers it."""

    template = "(string_to_array(%(expressions)s, ' '))"
    arg_joiner = ", ' ') @> string_to_array("


class _HoldsAny(_HoldsAll):
    """PostgreSQL: the pieces of a text hold one of these at least."""

    arg_joiner = ", ' ') && string_to_array("


def holding(
    found: QuerySet[Row], index: str, pieces: Sequence[str], *choices: Sequence[str], streamed: bool = False
) -> QuerySet[Row]:
    """Return those of `found` that hold all `pieces`, and of each of `choices` one at least.

    `index`: the FTS5 table over it, whose rowid is the primary key. `streamed`: SQLite reads its index row by row and
    stops at a limit; such a query cannot stand inside another one.
    """
    if connection.vendor == "postgresql":
        asked_of = [(_HoldsAll, pieces)] if pieces else []
        for shape, words in (*asked_of, *((_HoldsAny, choice) for choice in choices)):
            found = found.filter(shape(F("grams"), Value(" ".join(words)), output_field=BooleanField()))
        return found
    asked = " AND ".join((*map(_quoted, pieces), *(f"({' OR '.join(map(_quoted, choice))})" for choice in choices)))
    if streamed:
        meta: Any = found.model._meta
        same = f"{index}.rowid = {meta.db_table}.{meta.pk.column}"
        return found.extra(tables=[index], where=[same, f"{index} MATCH %s"], params=[asked])  # noqa: S610 (bound)
    inside = f"SELECT rowid FROM {index} WHERE {index} MATCH %s"  # noqa: S608 (names of our own tables)
    return found.filter(pk__in=RawSQL(inside, [asked]))  # noqa: S611 (bound)


def _quoted(piece: str) -> str:
    return f'"{piece}"'  # letters, digits and characters: nothing to escape


def followed(table: str, key: str, index: str) -> list[str]:
    """Return what makes an FTS5 table follow `table`, whose primary key is the column `key` (SQLite)."""
    gone = f"INSERT INTO {index} ({index}, rowid, grams) VALUES ('delete', old.{key}, old.grams);"  # noqa: S608
    new = f"INSERT INTO {index} (rowid, grams) VALUES (new.{key}, new.grams);"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5("
        f"grams, content='{table}', content_rowid='{key}', detail=none, tokenize='ascii')",
        f"CREATE TRIGGER {table}_new AFTER INSERT ON {table} BEGIN {new} END",
        f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN {gone} END",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE OF grams ON {table} BEGIN {gone} {new} END",
    ]


def unfollowed(table: str, index: str) -> list[str]:
    """Return what takes it away again (SQLite; PostgreSQL drops the index with its table)."""
    return [*(f"DROP TRIGGER {table}_{name}" for name in ("new", "gone", "changed")), f"DROP TABLE {index}"]


def indexed(table: str, index: str) -> list[str]:
    """Return what puts a GIN index over the pieces of `table` (PostgreSQL)."""
    return [f"CREATE INDEX {index} ON {table} USING gin (string_to_array(grams, ' ')) WITH (fastupdate = off)"]
