"""The two databases, each as one moment: copied while running, summed up table by table, brought back under a new name.

What a table holds is told by its number of rows and the sum of their SM3 digests, which does not depend on their order.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql

from xinshu.core.sm import sm3
from xinshu.ledger.merkle import Frontier
from xinshu.operations.backups.archive import CHUNK, CannotRestore

_PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
)


class NoProgram(Exception):
    """A program of PostgreSQL is missing or older than the server; says what to install."""


class Reader(Protocol):
    """Reads one moment of a database."""

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]: ...

    def tables(self) -> list[str]: ...

    def texts(self, table: str) -> Iterator[str]:
        """Yield every row in one fixed form."""
        ...


def summary_of(reader: Reader) -> dict[str, Any]:
    """Return what the database holds: rows and digest of each table, migrations, size and root of the ledger."""
    tables = {}
    for table in reader.tables():
        count = total = 0
        for text in reader.texts(table):
            count, total = count + 1, total + int.from_bytes(sm3(text.encode()), "big")
        tables[table] = {"rows": count, "digest": f"{total % (1 << 256):064x}"}
    frontier, pending = Frontier(sm3), []
    for (value,) in reader.rows("SELECT hash FROM ledger_leaf ORDER BY position"):
        pending.append(bytes(value))
        if len(pending) == 10_000:
            frontier.extend(pending)
            pending = []
    frontier.extend(pending)
    notes = list(reader.rows("SELECT text, signature, cosignature FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"))
    return {
        "tables": tables,
        "migrations": sorted(f"{app}.{name}" for app, name in reader.rows("SELECT app, name FROM django_migrations")),
        "ledger": {
            "entries": tables["ledger_entry"]["rows"],
            "sealed": frontier.size,
            "root": frontier.root().hex(),
            "checkpoint": "{}\n{}{}".format(*notes[0]) if notes else "",
        },
    }


def differences(stated: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return in words how a database differs from what the manifest states of it."""
    wrong = []
    for table in sorted(set(stated["tables"]) | set(found["tables"])):
        was, now = stated["tables"].get(table), found["tables"].get(table)
        if was is None or now is None:
            wrong.append((_("多出了表 %s。") if was is None else _("缺少表 %s。")) % table)
        elif was["rows"] != now["rows"]:
            told = {"table": table, "was": was["rows"], "now": now["rows"]}
            wrong.append(_("表 %(table)s 备份时 %(was)s 行，现在 %(now)s 行。") % told)
        elif was["digest"] != now["digest"]:
            wrong.append(_("表 %s 的行数相同，内容不同。") % table)
    for name in ("sealed", "root", "checkpoint"):
        if stated["ledger"][name] != found["ledger"][name]:
            wrong.append(_("总账的 %s 与备份时不同。") % name)
    return wrong


# ── SQLite ──


class SqliteReader:
    """A copy that nobody writes any more."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        yield from self.connection.execute(query)

    def tables(self) -> list[str]:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        return sorted(name for (name,) in self.connection.execute(query))

    def texts(self, table: str) -> Iterator[str]:
        for row in self.connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  (a name from the catalogue)
            yield repr(row)


def copy_sqlite(source: Path, copy: Path) -> None:
    """Copy a SQLite database while others read and write it; the copy is one moment of it."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=60)) as old,
        closing(sqlite3.connect(copy)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # the copy is one file, without a -wal beside it


@contextmanager
def sqlite_reader(path: Path) -> Iterator[SqliteReader]:
    """Read a copy. Raises CannotRestore when it is no sound database."""
    try:
        reader = SqliteReader(path)
        with closing(reader.connection):
            found = reader.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise CannotRestore(_("数据库副本不完好：%s") % found)
            yield reader
    except sqlite3.DatabaseError as error:
        raise CannotRestore(_("数据库副本不能读取：%s") % error) from error


# ── PostgreSQL ──


@dataclass(frozen=True)
class Server:
    """Where a PostgreSQL database is. Passwords travel in the environment of child processes, never in arguments."""

    host: str
    port: str
    user: str
    password: str
    name: str

    @classmethod
    def of(cls, settings: dict[str, Any]) -> "Server":
        """Return the database that one of Django's DATABASES names."""
        host, port, user = (str(settings.get(key) or "") for key in ("HOST", "PORT", "USER"))
        return cls(host, port or "5432", user, str(settings.get("PASSWORD") or ""), str(settings["NAME"]))

    def named(self, name: str) -> "Server":
        """Return another database of the same server."""
        return Server(self.host, self.port, self.user, self.password, name)

    @property
    def url(self) -> str:
        """Return the address as XINSHU_DATABASE_URL takes it."""
        password = f":{quote(self.password, safe='')}" if self.password else ""
        hosts, ports = self.host.split(","), self.port.split(",")
        if len(ports) < len(hosts):
            ports = ports[:1] * len(hosts)
        copies = ",".join(f"{quote(host, safe='')}:{port}" for host, port in zip(hosts, ports, strict=True))
        return f"postgres://{quote(self.user, safe='')}{password}@{copies}/{quote(self.name, safe='')}"

    @property
    def session(self) -> str:
        """Return what a connection must be able to do, "" where there is one server only: of several, the primary."""
        return "read-write" if "," in self.host else ""

    @property
    def environment(self) -> dict[str, str]:
        """Return what PostgreSQL's own programs read."""
        kept = {"PGPORT": self.port, "PGDATABASE": self.name}
        asked = {
            "PGHOST": self.host, "PGUSER": self.user, "PGPASSWORD": self.password,
            "PGTARGETSESSIONATTRS": self.session,
        }  # fmt: skip
        return {**os.environ, **kept, **{key: value for key, value in asked.items() if value}}

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection that shows moments in one fixed form."""
        asked = {
            "host": self.host, "user": self.user, "password": self.password, "target_session_attrs": self.session,
        }  # fmt: skip
        return psycopg.connect(
            dbname=self.name,
            port=self.port,
            options="-c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=1 -c jit=off",
            autocommit=autocommit,
            **{key: value for key, value in asked.items() if value},  # type: ignore[arg-type]
        )

    def exists(self) -> bool:
        """Say whether there is such a database."""
        with self.named("postgres").connect(autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone()
        return found is not None

    def is_empty(self) -> bool:
        """Say whether the database has no table, or is not there at all."""
        if not self.exists():
            return True
        with self.connect() as connection:
            return not PostgresReader(connection).tables()

    def command(self, statement: str, *names: str) -> None:
        """Run CREATE, ALTER or DROP DATABASE with `names`."""
        with self.named("postgres").connect(autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class PostgresReader:
    """One transaction: it sees one moment."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.connection = connection

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor(name="backup") as cursor:
            cursor.itersize = 5_000
            yield from cursor.execute(query)

    def tables(self) -> list[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return sorted(name for (name,) in self.connection.execute(query))

    def texts(self, table: str) -> Iterator[str]:
        for (text,) in self.rows(f'SELECT t::text FROM public."{table}" t'):  # noqa: S608  (a name from the catalogue)
            yield text


@contextmanager
def postgres_snapshot(server: Server) -> Iterator[tuple[PostgresReader, str]]:
    """Hold one moment of the database; gives its reader and the name under which pg_dump joins it."""
    with server.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield PostgresReader(connection), str(found[0] if found else "")


def dump_postgres(server: Server, snapshot: str, copy: Path) -> None:
    """Dump the moment `snapshot` to the file `copy`. Raises NoProgram."""
    command = [program("pg_dump", server), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with copy.open("wb") as out:
        _run([*command, "--compress=1"], server, stdout=out)


def load_postgres(server: Server, dump: IO[bytes]) -> None:
    """Fill the empty database `server` from a dump. Raises NoProgram, CannotRestore."""
    command = [
        program("pg_restore", server),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
    ]
    with subprocess.Popen(  # noqa: S603
        [*command, f"--dbname={server.name}"],
        env=server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            if process.stdin is not None:
                shutil.copyfileobj(dump, process.stdin, CHUNK)
                process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended, and says why
        process.stdin = None
        _out, problem = process.communicate()
    if process.returncode:
        raise CannotRestore(_("pg_restore 没有成功：%s") % problem.decode(errors="replace")[-2000:])


def program(name: str, server: Server) -> str:
    """Return the newest `name` on this machine, not older than the server. Raises NoProgram."""
    found = [path for place in _PLACES for path in Path("/").glob(f"{place}/{name}")]
    chosen = (
        str(max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))] or [0]))
        if found
        else shutil.which(name)
    )
    if not chosen:
        raise NoProgram(
            _("这台机器上没有 %s，没有备份或恢复。请安装 PostgreSQL 的客户端程序，例如 apt install postgresql-client。")
            % name
        )
    told = subprocess.run([chosen, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    ours = int((re.search(r"(\d+)[.\d]*\s*(?:\(|$)", told) or ["0", "0"])[1])
    with server.named("postgres").connect() as connection:
        theirs = connection.info.server_version // 10_000
    if ours < theirs:
        raise NoProgram(
            _("%(name)s 的版本是 %(ours)s，比数据库 %(theirs)s 旧，没有备份或恢复。请安装 %(theirs)s 或更新的版本。")
            % {"name": name, "ours": ours, "theirs": theirs}
        )
    return chosen


def _run(command: list[str], server: Server, **streams: Any) -> None:
    done = subprocess.run(command, env=server.environment, stderr=subprocess.PIPE, check=False, **streams)  # noqa: S603
    if done.returncode:
        raise OSError(
            _("%(program)s 没有成功：%(problem)s")
            % {
                "program": Path(command[0]).name,
                "problem": done.stderr.decode(errors="replace")[-2000:],
            }
        )
