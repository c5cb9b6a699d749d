"""Xinshu as on several machines, all on this one: nginx before two web and two live processes, two workers.

    .venv/bin/python scripts/fleet.py                                   start it, say where, until Ctrl-C
    .venv/bin/python scripts/fleet.py -- .venv/bin/pytest journeys      run a command against it
    .venv/bin/python scripts/fleet.py --kill                            load it, kill -9 a web process, a worker, one
                                                                        bucket, Redis and twice the database's primary,
                                                                        prove that no accepted work was lost

The two "machines" share PostgreSQL (a primary, two standbys), two Redis and two S3-compatible stores, nothing else:
each has its own data folder.
Needs on Debian: apt install postgresql redis-server nginx-light. The S3 sandbox (moto) comes from PyPI into .setup.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import setup
from postgres import NoPostgres, binaries
from replicas import Cluster, replicated

ROOT = Path(__file__).resolve().parents[1]
PORT = 8150  # nginx; the others follow
MACHINES = ("a", "b")
STARTING = 90.0  # seconds
BUCKET, KEY_ID = "xinshu-files", "fleet"
KEYS = {"SECRET_KEY": 32, "FILE_KEY": 16, "LEDGER_KEY": 32, "CHECKPOINT_KEY": 32, "WITNESS_KEY": 32, "SEAL_KEY": 32}
PACKAGES = {"redis-server": "redis-server", "nginx": "nginx-light"}


class CannotStart(Exception):
    """Something is missing or does not come up; the text says what, and what to do."""


@dataclass(frozen=True)
class Ports:
    """Who listens where on this machine."""

    first: int = PORT

    @property
    def front(self) -> int:
        return self.first

    @property
    def redis(self) -> int:
        return self.first + 1

    @property
    def s3(self) -> int:
        return self.first + 2

    @property
    def sandbox(self) -> int:  # and the next one
        return self.first + 3

    @property
    def s3_second(self) -> int:
        return self.first + 5

    @property
    def redis_second(self) -> int:
        return self.first + 6

    def web(self, machine: str) -> int:
        return self.first + 10 + 2 * MACHINES.index(machine)

    def live(self, machine: str) -> int:
        return self.web(machine) + 1

    @property
    def all(self) -> list[int]:
        """Every port that something here listens on."""
        machines = [port for machine in MACHINES for port in (self.web(machine), self.live(machine))]
        return [*range(self.first, self.redis_second + 1), *machines]


@dataclass
class Fleet:
    """What runs: its address, where it lies, the environment of each machine, and its processes by name."""

    url: str
    folder: Path
    environments: dict[str, dict[str, str]]
    database: Cluster
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start a process in a group of its own; what it says goes to FOLDER/NAME.log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_child(self, name: str, kind: str, machine: str) -> None:
        """Start one of Xinshu's own processes on a machine."""
        command = [sys.executable, "-m", "xinshu.config.children", kind, str(os.getpid())]
        self.start(name, command, self.environments[machine])

    def kill(self, name: str) -> None:
        """End a process and all its children as if the power had failed."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def bring_back(self, machine: str, *kinds: str) -> None:
        """Start killed processes again, as their supervisor does, and wait for the web process."""
        for kind in kinds:
            self.start_child(f"{kind}-{machine}", kind, machine)
        if "web" in kinds:
            port = self.environments[machine]["XINSHU_PORT"]
            _until_answering(self, f"web-{machine}", f"http://127.0.0.1:{port}/readyz")

    def manage(self, *arguments: str, machine: str = MACHINES[0]) -> str:
        """Run a program of this project on a machine; return what it printed. Raises CannotStart when it fails."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environments[machine], capture_output=True, text=True,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"[-4000:])
        return done.stdout

    def stop(self) -> None:
        """Ask all to end, then end them."""
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + 6
        for process in self.processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def environment(folder: Path, machine: str, ports: Ports, database: str, keys: dict[str, str]) -> dict[str, str]:
    """Return what a process on `machine` is told: everything that differs from a laptop."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XINSHU_", "PROMETHEUS_"))}
    url = f"http://127.0.0.1:{ports.front}"
    return kept | {f"XINSHU_{name}": value for name, value in keys.items()} | {
        "DJANGO_SETTINGS_MODULE": "xinshu.config.settings",
        "XINSHU_ENV": "demo",
        "XINSHU_DATA": str(folder / machine),
        "XINSHU_DATABASE_URL": database,
        "XINSHU_REDIS_URL": f"redis://127.0.0.1:{ports.redis}/0,redis://127.0.0.1:{ports.redis_second}/0",
        "XINSHU_STORAGE": "s3",
        "XINSHU_S3_ENDPOINT": f"http://127.0.0.1:{ports.s3}",
        "XINSHU_S3_BUCKET": BUCKET,
        "XINSHU_S3_KEY_ID": KEY_ID,
        "XINSHU_S3_SECRET": keys["SECRET_KEY"],
        "XINSHU_STORAGE_SECOND": "s3",
        "XINSHU_S3_SECOND_ENDPOINT": f"http://127.0.0.1:{ports.s3_second}",
        "XINSHU_S3_SECOND_BUCKET": BUCKET,
        "XINSHU_S3_SECOND_KEY_ID": KEY_ID,
        "XINSHU_S3_SECOND_SECRET": keys["SECRET_KEY"],
        "XINSHU_HOST": "127.0.0.1",
        "XINSHU_PORT": str(ports.web(machine)),
        "XINSHU_LIVE_PORT": str(ports.live(machine)),
        "XINSHU_SANDBOX_PORT": str(ports.sandbox),
        "XINSHU_MAIL_CA": str(folder / MACHINES[0] / "sandbox" / "smtp.pem"),
        "XINSHU_LIVE_URL": url,
        "XINSHU_PUBLIC_URL": url,
        "XINSHU_ORIGINS": url,
        "XINSHU_WEB_PROCESSES": "1",
        "XINSHU_WORK_LEASE": "5",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


def nginx_configuration(folder: Path, ports: Ports) -> str:
    """Return what nginx is told: who stands behind, when one of them counts as down, and what goes where."""

    def upstream(name: str, listening: list[int], balance: str) -> str:
        # Passive health checks: who fails once is left out for two seconds, then tried with one request. The same ones
        # again as a reserve that is never left out: when all count as down, the last one that lives is still asked.
        servers = "".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in listening)
        servers += "".join(f"    server 127.0.0.1:{port} backup max_fails=0;\n" for port in listening)
        return f"  upstream {name} {{\n    {balance}\n{servers}    keepalive 16;\n  }}\n"

    web = upstream("xinshu_web", [ports.web(machine) for machine in MACHINES], "least_conn;")
    live = upstream("xinshu_live", [ports.live(machine) for machine in MACHINES], "least_conn;")
    user = "user root;\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    places = "".join(
        f"  {kind}_temp_path {folder}/nginx/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""{user}worker_processes 1;
pid {folder}/nginx/pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
{places}{web}{live}  server {{
    listen 127.0.0.1:{ports.front};
    client_max_body_size 60m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Request-Id $request_id;
    proxy_connect_timeout 2s;
    # A request that is harmless to repeat goes to the next process when the first one fails; a POST only when nothing
    # of it was sent. nginx does so by itself as long as non_idempotent is not said. Failing is not to answer at all:
    # a 503 is the answer that the database is away, the same from every process. With http_503 here, a failover would
    # take all of them out and nginx would answer 502 after the database is back.
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 3;
    proxy_next_upstream_timeout 10s;
    location / {{ proxy_pass http://xinshu_web; proxy_read_timeout 60s; }}
    location = /live {{ proxy_pass http://xinshu_live; proxy_buffering off; proxy_read_timeout 90s; }}
    location = /metrics {{ return 404; }}
  }}
}}
"""


def missing() -> list[str]:
    """Return the Debian packages that are needed and not there."""
    lacking = [package for program, package in PACKAGES.items() if not _program(program)]
    try:
        binaries()
    except NoPostgres:
        lacking.append("postgresql")
    return lacking


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _taken(port: int) -> bool:
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def s3_sandbox() -> Path:
    """Return the program of the S3 sandbox, installed on first use."""
    place = ROOT / ".setup" / "fleet"
    program = place / "bin" / "moto_server"
    with setup.alone(ROOT):
        if not program.exists():
            setup.say("Installing the S3 sandbox ...")
            setup.make_environment(place)
            setup.pip_install(place, ROOT / "requirements" / "fleet.lock")
    return program


@contextmanager
def running(ports: Ports) -> Iterator[Fleet]:
    """Run the whole set on a freshly filled city while the block runs. Raises CannotStart."""
    if lacking := missing():
        raise CannotStart(f"Missing on this machine: sudo apt install {' '.join(lacking)}")
    if taken := [str(port) for port in ports.all if _taken(port)]:
        raise CannotStart(f"Something listens here already, perhaps another fleet: {', '.join(taken)}. Try --port.")
    s3 = s3_sandbox()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="xinshu-fleet-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in (*MACHINES, "nginx", "redis"):
            (folder / name).mkdir()
        database = stack.enter_context(replicated())
        keys = {name: secrets.token_hex(size) for name, size in KEYS.items()}
        told = {machine: environment(folder, machine, ports, database.url, keys) for machine in MACHINES}
        fleet = Fleet(f"http://127.0.0.1:{ports.front}", folder, told, database)
        stack.callback(fleet.stop)
        _start_stores(fleet, ports, s3)
        setup.say("Filling the city ...")
        fleet.manage("manage.py", "migrate", "--verbosity=0")
        fleet.manage("manage.py", "demo", "--past=16")
        fleet.manage("-c", "import django; django.setup(); from xinshu.config.preparing import prepare; prepare(print)")
        # A demo's seals lie in the data folder; in production a licensed authority or an HSM holds them for all.
        shutil.copytree(folder / "a" / "pki", folder / "b" / "pki", dirs_exist_ok=True)
        _start_xinshu(fleet, ports)
        yield fleet


def _start_stores(fleet: Fleet, ports: Ports, s3: Path) -> None:
    for name, port in (("redis", ports.redis), ("redis-second", ports.redis_second)):
        redis = [_program("redis-server") or "", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        fleet.start(name, [*redis, "--appendonly", "no", "--dir", str(fleet.folder / "redis")])
    for name, port in (("s3", ports.s3), ("s3-second", ports.s3_second)):
        start_bucket(fleet, name, port, s3)


def start_bucket(fleet: Fleet, name: str, port: int, program: Path) -> None:
    """Start an S3 sandbox, which begins empty, and make its bucket."""
    fleet.start(name, [str(program), "-H", "127.0.0.1", "-p", str(port)])
    _until_answering(fleet, name, f"http://127.0.0.1:{port}/moto-api/")
    make = "import django; django.setup(); from xinshu.documents.storage.twice import places; "
    fleet.manage("-c", f"{make}s = places()['{name}']; s.client.make_bucket(s.bucket); s.check()")


def _start_xinshu(fleet: Fleet, ports: Ports) -> None:
    for machine in MACHINES:
        for kind in ("web", "live", "worker"):
            fleet.start_child(f"{kind}-{machine}", kind, machine)
    fleet.start_child("sandbox", "sandbox", MACHINES[0])
    (fleet.folder / "nginx.conf").write_text(nginx_configuration(fleet.folder, ports))
    nginx = [_program("nginx") or "", "-c", str(fleet.folder / "nginx.conf"), "-e", str(fleet.folder / "nginx.log")]
    fleet.start("nginx", [*nginx, "-g", "daemon off;"])
    for machine in MACHINES:
        _until_answering(fleet, f"web-{machine}", f"http://127.0.0.1:{ports.web(machine)}/readyz")
        _until_answering(fleet, f"live-{machine}", f"http://127.0.0.1:{ports.live(machine)}/healthz")
    _until_answering(fleet, "nginx", f"{fleet.url}/readyz")


def _until_answering(fleet: Fleet, name: str, url: str) -> None:
    deadline = time.monotonic() + STARTING
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  (this machine)
                return
        except OSError:
            if fleet.processes[name].poll() is not None or time.monotonic() > deadline:
                said = (fleet.folder / f"{name}.log").read_text(errors="replace")[-3000:]
                raise CannotStart(f"{name} does not answer at {url}:\n{said}") from None
        time.sleep(0.1)


def main() -> int:
    """Start the set, do what was asked, stop it; the exit code is the command's, or says whether the proof holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=PORT, help="where nginx listens; the next 14 ports are used too")
    parser.add_argument(
        "--kill", action="store_true", help="load it, kill one of each part, prove that nothing is lost"
    )
    parser.add_argument("--seconds", type=int, default=50, help="with --kill: how long to load it")
    parser.add_argument("command", nargs="*", help="a command, after --")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with running(Ports(options.port)) as fleet:
            if options.kill:
                import fleet_kill

                def replace_bucket() -> None:
                    start_bucket(fleet, "s3", Ports(options.port).s3, s3_sandbox())

                return fleet_kill.run(fleet, options.seconds, replace_bucket)
            if options.command:
                return subprocess.call(options.command, env=_for_command(fleet))
            setup.say(f"Ready at {fleet.url} (logs in {fleet.folder}). Ctrl-C stops it.")
            while True:
                time.sleep(1)
    except (CannotStart, NoPostgres, setup.Unable) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _for_command(fleet: Fleet) -> dict[str, str]:
    """Tell a command where the city is: XINSHU_CITY names a file with address, data folder and environment."""
    place = fleet.folder / "city.json"
    environment = fleet.environments[MACHINES[0]]
    told = {"url": fleet.url, "data": environment["XINSHU_DATA"], "environment": environment}
    place.touch(mode=0o600)
    place.write_text(json.dumps(told))
    return {**os.environ, "XINSHU_CITY": str(place), "XINSHU_CITY_URL": fleet.url}


if __name__ == "__main__":
    sys.exit(main())
