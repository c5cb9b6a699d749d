"""The demo city that the journeys walk through: own data folder, database and ports, served by `manage.py serve`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from xinshu.config.tests.migrated import migrated_copy
from xinshu.config.tests.on_postgresql import beside, migrated_template

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0  # seconds for a start
PAST_CASES = 16  # enough for one case in every final state


@dataclass(frozen=True)
class City:
    """A running Xinshu: where it answers, and the environment in which its commands run."""

    url: str
    data: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` in this city and return what it printed; raises RuntimeError with its output."""
        return _run(self.environment, "manage.py", *arguments)

    @contextmanager
    def later(self, **shift: float) -> Iterator[str]:
        """Serve the same city a second time by a clock that is ahead (`days=4`); yields that server's address."""
        port, _unused = _free_ports()
        url, seconds = f"http://127.0.0.1:{port}", timedelta(**shift).total_seconds()
        process = subprocess.Popen(
            [sys.executable, "-m", "journeys.later", str(seconds), str(port)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait_until_answering(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def elsewhere() -> City | None:
    """Return the city that scripts/fleet.py serves; None when this run is to serve its own."""
    place = os.environ.get("XINSHU_CITY")
    if not place:
        return None
    told = json.loads(Path(place).read_text())
    return City(told["url"], Path(told["data"]), told["environment"])


@contextmanager
def served(data: Path, name: str) -> Iterator[City]:
    """Serve a freshly filled city from the folder `data` while the block runs; on PostgreSQL in a database `name`."""
    port, live_port = _free_ports()
    with _database(os.environ.get("XINSHU_DATABASE_URL", ""), name) as database:
        environment = {
            **os.environ,
            "XINSHU_ENV": "demo",
            "XINSHU_DATA": str(data),
            "XINSHU_PORT": str(port),
            "XINSHU_LIVE_PORT": str(live_port),
            "XINSHU_HOST": "127.0.0.1",
            "XINSHU_DATABASE_URL": database,
            "XINSHU_WEB_PROCESSES": "1",
            "PYTHONUNBUFFERED": "1",
        }
        data.mkdir(parents=True, exist_ok=True)
        if not database:
            migrated_copy(data / "xinshu.sqlite3")
        _run(environment, "manage.py", "demo", f"--past={PAST_CASES}")
        log = data / "serve.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_ready(process, log)
            yield City(f"http://127.0.0.1:{port}", data, environment)
        finally:
            process.terminate()
            process.wait(30)


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _wait_until_answering(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Nothing answers at {url}.")


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Xinshu is ready" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The demo city did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def _database(url: str, name: str) -> Iterator[str]:
    """Return the address of a database of the city's own: "" for SQLite, a new one beside `url` on PostgreSQL."""
    if not url.startswith("postgres"):
        yield ""
        return
    database, template = sql.Identifier(name), sql.Identifier(migrated_template())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, template))
    try:
        yield beside(name)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
