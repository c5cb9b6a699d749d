"""The SQL of transfers: what one step does to two accounts and to the group behind them.

Written by hand because these are the platform's hottest rows. On PostgreSQL one statement does all of a step: whoever
waits for the same line waits for one statement and a commit, not for our round trips. On SQLite, where there is one
writer at a time, the same pieces run one after the other. Rows are always taken in this order, so that nobody waits in
a circle: transfer, account with the lower id, account with the higher id, group, total of the house.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.dateparse import parse_datetime

_COLUMNS = "amount, state, key, subject_type, subject_id, at, settled_at, due_at, debit_id, credit_id"
_INSERT = (
    f"INSERT INTO books_transfer ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
    " ON CONFLICT (key) DO NOTHING RETURNING id"
)
_BETWEEN = (
    "SELECT debit.id, credit.id FROM books_account debit JOIN books_account credit"
    " ON credit.holder_id = debit.holder_id AND credit.party_id = debit.party_id AND credit.unit = debit.unit"
    " WHERE debit.holder_id = %s AND debit.party_id = %s AND debit.unit = %s"
    " AND debit.purpose = %s AND credit.purpose = %s"
)
PENDING_BY_ID = "state = 'pending' AND id = %s"
PENDING_OF_SUBJECT = "state = 'pending' AND subject_type = %s AND subject_id = %s AND key LIKE %s"
_SETTLED = ("id", "amount", "key", "subject_type", "subject_id", "debit_id", "credit_id", "at", "settled_at")

_DEBIT, _CREDIT = "a.id = t.debit_id", "a.id = t.credit_id"
_EXPOSURE = "a.credits_pending + a.credits_posted - a.debits_posted"


def _add(column: str, sign: str) -> str:
    side = _DEBIT if column.startswith("debits") else _CREDIT
    return f"{column} = a.{column} {sign} CASE WHEN {side} THEN t.amount ELSE 0 END"


def _fall(side: str) -> str:
    """What stood above a lowered ceiling falls with the exposure, so that the ceiling's own check never loosens."""
    left = f"{_EXPOSURE} - t.amount - a.ceiling"
    return f"excess = CASE WHEN {side} THEN CASE WHEN {left} > 0 THEN {left} ELSE 0 END ELSE a.excess END"


# What one step does to the two accounts, and which way it moves the exposure of the group behind debit and credit.
_STEPS: dict[str, tuple[tuple[str, ...], int, int]] = {
    #           columns                                                                            debit credit
    "pending": ((_add("debits_pending", "+"), _add("credits_pending", "+")),                           0, 1),
    "posted":  ((_add("debits_posted", "+"), _add("credits_posted", "+"), _fall(_DEBIT)),             -1, 1),
    "post":    (tuple(_add(f"{side}_{phase}", sign) for side in ("debits", "credits")
                      for phase, sign in (("pending", "-"), ("posted", "+"))),                         0, 0),
    "void":    ((_add("debits_pending", "-"), _add("credits_pending", "-"), _fall(_CREDIT)),           0, -1),
}  # fmt: skip
_ROOM = (  # only what is new can overdraw an account or break a ceiling, so only that asks
    f" AND ({_CREDIT} OR NOT a.debits_must_not_exceed_credits"
    " OR a.credits_posted - a.debits_posted - a.debits_pending >= t.amount)"
    f" AND ({_DEBIT} OR a.ceiling IS NULL OR {_EXPOSURE} + t.amount <= a.ceiling)"
)
GROUPS, TOTALS = "books_customergroup", "books_totallimit"  # the limits behind an account, in the order they are taken
_SHARED = (
    "UPDATE {table} AS g SET used = g.used + m.delta, excess = CASE WHEN m.delta > 0 THEN g.excess"
    " WHEN g.used + m.delta > g.ceiling THEN g.used + m.delta - g.ceiling ELSE 0 END"
    " FROM {m} AS m WHERE g.id = m.limit_id"
    " AND (m.delta < 0 OR g.ceiling IS NULL OR g.used + m.delta <= g.ceiling)"
)
Behind = tuple[int | None, int | None]  # ids of an account's group and of its house's total


def _account(step: str, t: str, which: str, *, back: bool = False) -> str:
    """The statement that does `step` to one account; `t` gives debit_id, credit_id, amount."""
    room = _ROOM if step in ("pending", "posted") and not back else ""
    return f"UPDATE books_account AS a SET {', '.join(_STEPS[step][0])} FROM {t} WHERE {which}{room}"  # noqa: S608


def _together(step: str, t: str) -> str:
    """The CTEs that do `step` to both accounts in id order and to the limits behind them, on PostgreSQL."""
    _columns, debit, credit = _STEPS[step]
    returning = " RETURNING a.id, a.group_id, a.total_id, a.closed_to"
    low = _account(step, t, "a.id = LEAST(t.debit_id, t.credit_id)")
    high = _account(step, f"{t}, low", "a.id = GREATEST(t.debit_id, t.credit_id)")
    parts = [f"low AS ({low}{returning})", f"high AS ({high}{returning})"]
    if debit or credit:
        moved = (
            "SELECT x.group_id, x.total_id, t.amount * CASE WHEN x.id = t.credit_id"  # noqa: S608
            f" THEN {credit} ELSE {debit} END AS delta FROM {t},"
            " (SELECT id, group_id, total_id FROM low UNION ALL SELECT id, group_id, total_id FROM high) AS x"
            " WHERE EXISTS (SELECT 1 FROM high)"
        )
        group = "(SELECT group_id AS limit_id, delta FROM m WHERE group_id IS NOT NULL)"
        # A total is every customer's: it is taken last, and only when the group had room, to be held the shortest.
        total = (
            "(SELECT total_id AS limit_id, delta FROM m WHERE total_id IS NOT NULL"
            " AND (group_id IS NULL OR EXISTS (SELECT 1 FROM grouped)))"
        )
        parts += [
            f"m AS ({moved})",
            f"grouped AS ({_SHARED.format(table=GROUPS, m=group)} RETURNING g.id)",
            f"totalled AS ({_SHARED.format(table=TOTALS, m=total)} RETURNING g.id)",
        ]
    return ", ".join(parts)


@cache
def _new(step: str, accounts: str) -> str:
    """One statement for a new transfer on PostgreSQL: the contended rows are locked for as little as can be."""
    settled = "NULL::timestamptz" if step == "pending" else "GREATEST(%s::timestamptz, low.closed_to, high.closed_to)"
    return (
        f"WITH t AS MATERIALIZED (SELECT found.*, %s::bigint AS amount FROM ({accounts}) AS found (debit_id, credit_id)"  # noqa: S608
        " WHERE NOT EXISTS (SELECT 1 FROM books_transfer WHERE key = %s)), "
        f"{_together(step, 't')}, kept AS (INSERT INTO books_transfer ({_COLUMNS})"
        f" SELECT t.amount, %s, %s, %s, %s, GREATEST(%s::timestamptz, low.closed_to, high.closed_to), {settled},"
        " %s::timestamptz, t.debit_id, t.credit_id FROM t, low, high"
        " WHERE (SELECT count(group_id) FROM m) = (SELECT count(*) FROM grouped)"
        " AND (SELECT count(total_id) FROM m) = (SELECT count(*) FROM totalled)"
        " ON CONFLICT (key) DO NOTHING RETURNING id, at)"
        " SELECT t.debit_id, t.credit_id, low.id, high.id, kept.id, kept.at,"
        " (SELECT count(*) FROM grouped), (SELECT count(*) FROM totalled)"
        " FROM t LEFT JOIN low ON true LEFT JOIN high ON true LEFT JOIN kept ON true"
    )


@cache
def _settling(step: str, which: str) -> str:
    """One statement that posts or voids what is pending, on PostgreSQL."""
    return (
        "WITH t AS (UPDATE books_transfer SET state = %s, settled_at = GREATEST(%s::timestamptz, at)"  # noqa: S608
        f" WHERE {which} RETURNING {', '.join(_SETTLED)}), {_together(step, 't')}"
        f" SELECT {', '.join(f't.{name}' for name in _SETTLED)}, GREATEST(low.closed_to, high.closed_to)"
        " FROM t LEFT JOIN low ON true LEFT JOIN high ON true"
    )


@cache
def _alone(step: str, *, back: bool) -> str:
    """The statement that does `step` to one account, on its own."""
    t = "(SELECT CAST(%s AS bigint) AS debit_id, CAST(%s AS bigint) AS credit_id, CAST(%s AS bigint) AS amount) AS t"
    return f"{_account(step, t, 'a.id = %s', back=back)} RETURNING group_id, total_id, closed_to"


@dataclass(frozen=True)
class Moved:
    """How far a new transfer came: which rows were moved, and its own row when all of them were."""

    debit_id: int
    credit_id: int
    low: bool
    high: bool
    grouped: bool
    totalled: bool
    pk: int | None
    at: datetime | None


def move(cursor: CursorWrapper, asked: Any, accounts: list[Any]) -> Moved | None:
    """Move the amount of `asked` (a Transfer not yet written) and write it, as far as that goes.

    `accounts` are the ids of debit and credit, or holder, party, unit and the two purposes. None: these accounts are
    not open, or the key is used.
    """
    step = "pending" if asked.settled_at is None else "posted"
    if connection.vendor == "postgresql":
        return _move_at_once(cursor, step, asked, accounts)
    return _move_in_turn(cursor, step, asked, accounts)


def _move_at_once(cursor: CursorWrapper, step: str, asked: Any, accounts: list[Any]) -> Moved | None:
    where = "SELECT %s::bigint, %s::bigint" if len(accounts) == 2 else _BETWEEN
    facts = [asked.state, asked.key, asked.subject_type, asked.subject_id, asked.at]
    settled = [] if asked.settled_at is None else [asked.settled_at]
    cursor.execute(_new(step, where), [asked.amount, *accounts, asked.key, *facts, *settled, asked.due_at])
    row = cursor.fetchone()
    if row is None:
        return None
    debit_id, credit_id, low, high, pk, at, grouped, totalled = row
    return Moved(debit_id, credit_id, low is not None, high is not None, bool(grouped), bool(totalled), pk, at)


def _move_in_turn(cursor: CursorWrapper, step: str, asked: Any, accounts: list[Any]) -> Moved | None:
    if len(accounts) == 2:
        debit_id, credit_id = accounts
    else:
        cursor.execute(_BETWEEN, accounts)
        row = cursor.fetchone()
        if row is None:
            return None
        debit_id, credit_id = row
    moment = connection.ops.adapt_datetimefield_value
    facts = [asked.amount, asked.state, asked.key, asked.subject_type, asked.subject_id]
    cursor.execute(_INSERT, [*facts, *map(moment, (asked.at, asked.settled_at, asked.due_at)), debit_id, credit_id])
    row = cursor.fetchone()
    if row is None:
        return None
    behind, closed = _moved_both(cursor, step, debit_id, credit_id, asked.amount)
    low, high = len(behind) > 0, len(behind) == 2
    grouped = high and _moved_limits(cursor, GROUPS, step, behind, credit_id, asked.amount)
    if not (grouped and _moved_limits(cursor, TOTALS, step, behind, credit_id, asked.amount)):
        cursor.execute("DELETE FROM books_transfer WHERE id = %s", [row[0]])
        return Moved(debit_id, credit_id, low, high, grouped, False, None, None)
    if closed and max(closed) > asked.at:  # a statement was given as of then: it stays as it is
        settled = None if asked.settled_at is None else max(closed)
        changed = [moment(max(closed)), moment(settled), row[0]]
        cursor.execute("UPDATE books_transfer SET at = %s, settled_at = %s WHERE id = %s", changed)
    return Moved(debit_id, credit_id, True, True, True, True, row[0], max([asked.at, *closed]))


def settle(cursor: CursorWrapper, state: str, at: datetime, which: str, of: list[Any]) -> dict[str, Any] | None:
    """Post or void the pending transfer that `which` (one of the PENDING texts) finds; return its columns.

    None: there is no such pending transfer.
    """
    step = "post" if state == "posted" else "void"
    moment = connection.ops.adapt_datetimefield_value
    closed: list[datetime] = []
    if connection.vendor == "postgresql":
        cursor.execute(_settling(step, which), [state, at, *of])
        row = cursor.fetchone()
        if row is None:
            return None
        found = dict(zip(_SETTLED, row[:-1], strict=True))
        closed = [row[-1]] if row[-1] else []
    else:
        cursor.execute(
            f"UPDATE books_transfer SET state = %s, settled_at = MAX(%s, at) WHERE {which}"  # noqa: S608
            f" RETURNING {', '.join(_SETTLED)}",
            [state, moment(at), *of],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        found = dict(zip(_SETTLED, row, strict=True))
        found["settled_at"] = _read_moment(found["settled_at"])
        ids = found["debit_id"], found["credit_id"]
        behind, closed = _moved_both(cursor, step, *ids, found["amount"])
        for table in (GROUPS, TOTALS):
            _moved_limits(cursor, table, step, behind, ids[1], found["amount"])
    if closed and max(closed) > found["settled_at"]:  # a statement was given meanwhile: it stays as it is
        found["settled_at"] = max(closed)
        cursor.execute(
            "UPDATE books_transfer SET settled_at = %s WHERE id = %s", [moment(found["settled_at"]), found["id"]]
        )
    found["at"] = _read_moment(found["at"])
    return found


def undo(cursor: CursorWrapper, moved: Moved, step: str, amount: int) -> None:
    """Put back what a transfer that could not be written has moved; all its rows are still locked by us."""
    behind: dict[int, Behind] = {}
    for account in sorted((moved.debit_id, moved.credit_id))[: moved.low + moved.high]:
        cursor.execute(_alone(step, back=True), [moved.debit_id, moved.credit_id, -amount, account])
        behind[account] = cursor.fetchone()[:2]
    for table, done in ((GROUPS, moved.grouped), (TOTALS, moved.totalled)):
        if done:
            _moved_limits(cursor, table, step, behind, moved.credit_id, -amount)


def _moved_both(
    cursor: CursorWrapper, step: str, debit_id: int, credit_id: int, amount: int
) -> tuple[dict[int, Behind], list[datetime]]:
    """Move the accounts in id order, up to the first without room: the limits behind each, until when it is closed."""
    behind: dict[int, Behind] = {}
    closed = []
    for account in sorted((debit_id, credit_id)):
        cursor.execute(_alone(step, back=False), [debit_id, credit_id, amount, account])
        row = cursor.fetchone()
        if row is None:
            break
        behind[account] = row[:2]
        if row[2]:
            closed.append(_read_moment(row[2]))
    return behind, closed


def _moved_limits(
    cursor: CursorWrapper, table: str, step: str, behind: dict[int, Behind], credit_id: int, amount: int
) -> bool:
    """Move the groups (or totals) behind the accounts; False when one has no room."""
    _columns, debit, credit = _STEPS[step]
    for account, limits in behind.items():
        limit, delta = limits[table == TOTALS], amount * (credit if account == credit_id else debit)
        if limit is not None and delta:
            m = "(SELECT CAST(%s AS bigint) AS limit_id, CAST(%s AS bigint) AS delta)"
            cursor.execute(_SHARED.format(table=table, m=m), [limit, delta])
            if cursor.rowcount == 0:
                return False
    return True


def _read_moment(value: Any) -> datetime:
    """Read a moment as a bare cursor gives it: SQLite hands out text or a naive datetime, both in UTC."""
    read = value if isinstance(value, datetime) else parse_datetime(value)
    assert read is not None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
