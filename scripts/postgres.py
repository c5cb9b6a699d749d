"""A throw-away PostgreSQL for tests and measurements.

    .venv/bin/python scripts/postgres.py -- make test

starts a fresh cluster in a temporary folder, hands its address to the command in XINSHU_DATABASE_URL, and removes the
cluster when the command has ended, with the command's exit code.
"""

import argparse
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # nothing here outlives the run
STARTING = 60.0  # seconds


class NoPostgres(Exception):
    """PostgreSQL is not installed or does not start; the text says what to do."""


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL on this machine. Raises NoPostgres."""
    found = [path for place in PLACES for path in Path("/").glob(place[1:]) if (path / "initdb").exists()]
    if found:
        return max(found, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))] or [0])
    initdb = shutil.which("initdb")
    if initdb:
        return Path(os.path.realpath(initdb)).parent
    raise NoPostgres("PostgreSQL is not installed. On Debian or Ubuntu: sudo apt install postgresql")


@contextmanager
def throwaway(*, durable: bool = False) -> Iterator[str]:
    """Run a fresh cluster while the block runs; gives the address of its database `xinshu`.

    `durable` keeps fsync on: for measurements. As root the server runs as the system user postgres (it refuses root).
    """
    folder = Path(tempfile.mkdtemp(prefix="xinshu-postgres-"))
    program, user = binaries(), _user()
    if user:
        shutil.chown(folder, user["user"], user["group"])
    try:
        data, log = folder / "data", folder / "log"
        command = [str(program / "initdb"), "-D", str(data), "-U", "xinshu", "-A", "trust", "-E", "UTF8", "--no-locale"]
        made = subprocess.run([*command, "-N"], cwd=folder, capture_output=True, text=True, **user)
        if made.returncode:
            raise NoPostgres(f"initdb failed:\n{made.stdout}{made.stderr}")
        port = _free_port()
        options = [
            "max_connections=200",
            "shared_buffers=256MB",
            "listen_addresses=127.0.0.1",
            *(() if durable else SPEED),
        ]
        settings = [word for option in options for word in ("-c", option)]
        command = [str(program / "postgres"), "-D", str(data), "-k", str(folder), "-p", str(port), *settings]
        with log.open("w") as output:
            # A session of its own: Ctrl-C must reach the command first, and the server only after it.
            server = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True, **user)
        try:
            _wait_until_ready(server, port, log)
            yield f"postgres://xinshu@127.0.0.1:{port}/xinshu"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run a command with a throw-away PostgreSQL; its exit code is ours."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--durable", action="store_true", help="keep fsync on, for measurements")
    parser.add_argument("command", nargs="+", help="the command, after --")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with throwaway(durable=options.durable) as url:
            return subprocess.call(options.command, env={**os.environ, "XINSHU_DATABASE_URL": url})
    except NoPostgres as reason:
        print(reason, file=sys.stderr)
        return 1


def _user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError as problem:
        raise NoPostgres("PostgreSQL will not run as root, and there is no system user postgres.") from problem
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while True:
        try:
            with psycopg.connect(f"postgres://xinshu@127.0.0.1:{port}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE xinshu")
            return
        except psycopg.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from problem
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
