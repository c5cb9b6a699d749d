"""The demo city that the journeys walk through: own data folder, database and ports, served by `manage.py serve`."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300.0  # seconds for the first start, which fills the city


@dataclass(frozen=True)
class City:
    """A running Xinshu: where it answers, and the environment in which its commands run."""

    url: str
    data: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` in this city and return what it printed; raises CalledProcessError with its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


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
    own = re.sub(r"/[^/?]*(?=\?|$)", f"/{name}", url, count=1) if url.count("/") > 2 else f"{url}/{name}"
    database = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    try:
        yield own
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
