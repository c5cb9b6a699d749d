"""A throw-away PostgreSQL in three copies: a primary, two standbys, and nothing committed before one of them has it.

What an installation sets up by hand or with its cloud (docs/operations.md, decision 25), small enough for a test.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from postgres import STARTING, NoPostgres, _user, binaries

NAMES = ("a", "b", "c")
DATABASE = "xinshu"


@dataclass
class Node:
    """One copy: its port, where it lies, and its server while it runs."""

    name: str
    port: int
    folder: Path
    server: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / self.name

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def ask(self, question: str) -> Any:
        """Return the first column of the first row of the answer. Raises psycopg.OperationalError when it is away."""
        address = f"postgres://xinshu@127.0.0.1:{self.port}/postgres?connect_timeout=3"
        with psycopg.connect(address, autocommit=True) as connection:
            answer = connection.execute(question)
            return answer.fetchone()[0] if answer.description else None

    def kill(self) -> None:
        """End the server and all its processes as if the power had failed."""
        assert self.server is not None
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        self.server.kill()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.server.wait()
        self.server = None


@dataclass
class Cluster:
    """All copies, one of which is the primary."""

    nodes: list[Node]
    primary: Node
    user: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the address of the database, naming every copy, standbys first: whoever opens it finds the primary."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in reversed(self.nodes))
        return f"postgres://xinshu@{hosts}/{DATABASE}"

    def start(self, node: Node) -> None:
        """Start a copy; with standby.signal in its folder it follows whoever is the primary."""
        hosts, ports = (
            ",".join(words) for words in zip(*(("127.0.0.1", str(n.port)) for n in self.nodes), strict=True)
        )
        settings = [
            "max_connections=100",
            "shared_buffers=64MB",
            "listen_addresses=127.0.0.1",
            f"cluster_name={node.name}",  # the name by which the primary knows it
            f"synchronous_standby_names=ANY 1 ({', '.join(n.name for n in self.nodes)})",
            f"primary_conninfo=host={hosts} port={ports} user=xinshu target_session_attrs=read-write connect_timeout=3",
            "wal_keep_size=256MB",
            "wal_retrieve_retry_interval=500ms",
        ]
        command = [str(binaries() / "postgres"), "-D", str(node.data), "-k", str(node.folder), "-p", str(node.port)]
        with node.log.open("a") as log:
            node.server = subprocess.Popen(
                [*command, *(word for setting in settings for word in ("-c", setting))],
                cwd=node.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **self.user,
            )  # fmt: skip
        self.wait(node, "SELECT true")

    def copy_to(self, node: Node) -> None:
        """Make `node` a standby of the primary."""
        source = ["-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "xinshu"]
        program = str(binaries() / "pg_basebackup")
        self.run([program, "-D", str(node.data), *source, "-X", "stream", "--checkpoint=fast"])
        (node.data / "standby.signal").touch()
        self.start(node)

    def run(self, command: list[str]) -> None:
        """Run a program of PostgreSQL. Raises NoPostgres with what it said when it fails."""
        folder = self.primary.folder
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **self.user)
        if done.returncode:
            raise NoPostgres(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")

    def wait(self, node: Node, question: str) -> None:
        """Wait until `node` answers `question` with true. Raises NoPostgres after a minute."""
        deadline = time.monotonic() + STARTING
        while True:
            try:
                if node.ask(question):
                    return
            except psycopg.OperationalError:
                pass
            ended = node.server is None or node.server.poll() is not None
            if ended or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL copy {node.name}: not so: {question}\n{node.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def wait_for_standbys(self, count: int) -> None:
        """Wait until `count` copies follow the primary and count for its commits."""
        asked = "SELECT count(*) >= %d FROM pg_stat_replication WHERE sync_state = 'quorum' AND state = 'streaming'"
        self.wait(self.primary, asked % count)

    def kill_primary(self) -> Node:
        """Kill the primary; return it. The others answer reading only, until `promote`."""
        lost = self.primary
        lost.kill()
        return lost

    def promote(self) -> Node:
        """Make the copy that has received most the primary, the other its standby; return the new primary.

        What was committed lies on at least one copy; the one that has most has all of it.
        """
        left = [node for node in self.nodes if node.server is not None]
        received = {node.name: node.ask("SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn") or 0 for node in left}
        self.primary = max(left, key=lambda node: received[node.name])
        self.primary.ask("SELECT pg_promote(true, 60)")
        self.wait_for_standbys(len(left) - 1)
        return self.primary

    def bring_back(self, node: Node) -> None:
        """Make a killed copy a standby, from a fresh base backup: what it alone has was never accepted."""
        shutil.rmtree(node.data)
        self.copy_to(node)
        self.wait_for_standbys(len([other for other in self.nodes if other.server is not None]) - 1)

    def stop(self) -> None:
        """Stop all copies, the primary first so that no standby is waited for."""
        running = [node.server for node in self.nodes if node.server is not None]
        for server in running:
            server.send_signal(signal.SIGQUIT)  # nothing of it is needed any more
        for server in running:
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def replicated() -> Iterator[Cluster]:
    """Run a fresh cluster of three copies while the block runs, with an empty database. Raises NoPostgres."""
    program, user = binaries(), _user()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="xinshu-replicas-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if user:
            shutil.chown(folder, user["user"], user["group"])
        nodes = [Node(name, port, folder) for name, port in zip(NAMES, _free_ports(len(NAMES)), strict=True)]
        cluster = Cluster(nodes, nodes[0], user)
        stack.callback(cluster.stop)
        how = ["-U", "xinshu", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        cluster.run([str(program / "initdb"), "-D", str(nodes[0].data), *how])
        cluster.start(nodes[0])
        for node in nodes[1:]:
            cluster.copy_to(node)
        cluster.wait_for_standbys(len(nodes) - 1)
        nodes[0].ask(f"CREATE DATABASE {DATABASE}")
        made = nodes[0].ask("SELECT pg_current_wal_lsn()")
        for node in nodes[1:]:  # ANY 1: one of them may not have heard of it yet
            cluster.wait(node, f"SELECT pg_last_wal_replay_lsn() >= '{made}'")
        yield cluster


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _number in range(count)]
        return [int(server.getsockname()[1]) for server in servers]
