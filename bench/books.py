"""Two-phase reservations on one contended line per second, beside what the database gives to bare SQL.

BENCH_RESERVATIONS=100000 make bench ARGS=books does so many of them (usually 4,000), several processes at once.
One reservation is both phases: reserve and commit, occupy and commit. On SQLite the limit is the same statements
through the bare driver; on PostgreSQL (XINSHU_DATABASE_URL) pgbench's TPC-B-like run, as many clients on one branch.
Prints one JSON line per figure: {"figure", "value", "unit", "limit"}.
"""

# ruff: noqa: E402  (Django wants its settings before its models)

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings_test")

import django

django.setup()

from django.db import connection, connections, transaction

from xinshu.accounts.models import Organisation, User
from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import grant_line, line_of, occupy, reserve
from xinshu.books.transfers import Overdrawn
from xinshu.core.actors import SYSTEM

CLIENTS, SECONDS = 4, float(os.environ.get("BENCH_SECONDS", "4"))
RESERVATIONS = int(os.environ.get("BENCH_RESERVATIONS", "4000"))
AT = datetime(2026, 11, 20, tzinfo=UTC)
PLENTY = 10**12
fork = get_context("fork")


def say(figure: str, value: object, unit: str, limit: object) -> None:
    print(json.dumps({"figure": figure, "value": value, "unit": unit, "limit": limit}, ensure_ascii=False), flush=True)


def client(number: int, issuer: Organisation, party: Organisation, amount: int, turns: int, done, refused) -> None:
    """Reserve and occupy `turns` times, or until the line is used up."""
    for turn in range(turns):
        case = User(pk=party.pk * 10**12 + number * 10**9 + turn)
        try:
            with transaction.atomic():
                reserve(issuer, party, amount, for_=case, at=AT)
        except Overdrawn:
            refused.value += 1
            break
        with transaction.atomic():
            occupy(case, at=AT)
        done.value += 1
    connection.close()


def contend(issuer: Organisation, party: Organisation, amount: int, clients: int, turns: int) -> tuple[int, float]:
    """Let `clients` processes contend for one line; return reservations done and seconds taken."""
    connections.close_all()
    counters = [(fork.Value("q", 0), fork.Value("q", 0)) for _client in range(clients)]
    started = time.monotonic()
    people = [
        fork.Process(target=client, args=(number, issuer, party, amount, turns // clients, *counters[number]))
        for number in range(clients)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    if any(person.exitcode for person in people):
        raise SystemExit("a client broke: see the trace above")
    return sum(done.value for done, _refused in counters), time.monotonic() - started


def bare_sqlite() -> float:
    """Return how many times per second the bare driver writes the same six statements in two transactions."""
    path = Path(tempfile.mkdtemp(prefix="xinshu-bench-")) / "bare.sqlite3"
    bare = sqlite3.connect(path, isolation_level=None)
    bare.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE account (id INTEGER PRIMARY KEY, dp INT, d INT, cp INT, c INT, CHECK (dp + d <= c OR id = 2));"
        "CREATE TABLE transfer (id INTEGER PRIMARY KEY, debit INT, credit INT, amount INT, state TEXT,"
        " key TEXT UNIQUE);"
        f"INSERT INTO account VALUES (1, 0, 0, 0, {PLENTY}), (2, 0, 0, 0, 0);"
    )
    done, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO transfer VALUES (?, 1, 2, 1, 'pending', ?)", [done + 1, f"key-{done}"])
        bare.execute("UPDATE account SET dp = dp + 1 WHERE id = 1 AND c - d - dp >= 1")
        bare.execute("UPDATE account SET cp = cp + 1 WHERE id = 2")
        bare.execute("COMMIT")
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("UPDATE transfer SET state = 'posted' WHERE id = ? AND state = 'pending'", [done + 1])
        bare.execute("UPDATE account SET dp = dp - 1, d = d + 1 WHERE id = 1")
        bare.execute("UPDATE account SET cp = cp - 1, c = c + 1 WHERE id = 2")
        bare.execute("COMMIT")
        done += 1
    bare.close()
    shutil.rmtree(path.parent)
    return done / SECONDS


def pgbench() -> float | None:
    """Return pgbench's TPC-B-like transactions per second on this very database, or None without a pgbench."""
    program = shutil.which("pgbench") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/pgbench")), None)
    if program is None:
        return None
    found = connection.settings_dict
    address = [
        option
        for flag, value in (("-h", found["HOST"]), ("-p", found["PORT"]), ("-U", found["USER"]))
        if value
        for option in (flag, str(value))
    ]
    command = {"env": {**os.environ, "PGPASSWORD": found["PASSWORD"]}, "check": True, "capture_output": True}
    subprocess.run([program, "-i", "-q", *address, found["NAME"]], **command)
    run = [program, "-c", str(CLIENTS), "-j", "2", "-T", str(round(SECONDS)), "-M", "prepared"]
    report = subprocess.run([*run, *address, found["NAME"]], text=True, **command).stdout
    return float(re.search(r"tps = ([\d.]+) \(without", report)[1])


def main() -> None:
    """Measure, and prove after the run that no line was overdrawn and nothing was lost."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        issuer = Organisation.objects.create(name="担保", kind=Organisation.Kind.GUARANTOR)
        party = Organisation.objects.create(name="企业", kind=Organisation.Kind.ENTERPRISE)
        grant_line(issuer, party, PLENTY, by=SYSTEM, at=AT, key="plenty")
        database = connection.vendor
        bare = bare_sqlite if database == "sqlite" else pgbench
        before = bare()
        done, seconds = contend(issuer, party, 1, CLIENTS, RESERVATIONS)
        after = bare()  # once more, because a busy machine drifts
        limit = round((before + after) / 2) if before and after else None
        rate = done / seconds
        what = f"books: {done:,} two-phase reservations on one line, {CLIENTS} clients, {database}"
        say(what, round(rate), "1/s", limit)
        if limit:
            named, goal = ("the bare driver", "-") if database == "sqlite" else ("pgbench TPC-B-like", ">= 0.4")
            say(f"books: reservations of {named}", round(rate / limit, 2), "ratio", goal)
            if database == "postgresql":  # a reservation commits twice, a TPC-B-like transaction once
                say(f"books: commits of {named}", round(2 * rate / limit, 2), "ratio", "-")
        else:
            say("books: pgbench TPC-B-like", None, "1/s", "skipped: no pgbench on this machine")

        narrow = Organisation.objects.create(name="额度很小的企业", kind=Organisation.Kind.ENTERPRISE)
        grant_line(issuer, narrow, 1_000, by=SYSTEM, at=AT, key="narrow")
        contend(issuer, narrow, 7, CLIENTS, 1_000)
        lines = line_of(issuer, party), line_of(issuer, narrow)
        overdraft = sum(max(0, -line.available) for line in lines)
        say("books: overdraft of both lines, one of them used up by all clients", overdraft, "分", 0)
        say("books: conservation broken", len(imbalance()) + len(drifted()), "accounts", 0)
        if overdraft or lines[0].occupied != done or lines[1].occupied != 994 or imbalance() or drifted():
            raise SystemExit("the books do not add up")
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    main()
