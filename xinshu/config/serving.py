"""Keep web, live stream and worker running together: free ports, start, readiness, restart, one clean stop."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from xinshu.config.environment import ROOT

PATIENCE = 4.0  # seconds between asking a child to stop and killing it
CALM = 60.0  # seconds after which a restarted child counts as healthy again
LAST_PORT = 65_535
SLOWEST = 30.0  # longest pause before a restart
Say = Callable[[str], None]


class CannotServe(Exception):
    """Serving cannot start; the text says why and what to do."""


@dataclass
class Child:
    """One program that is to be running."""

    name: str
    command: list[str]
    vital: bool = True  # without it there is nothing to serve
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = field(default=0.0)  # when it may be started again

    def start(self, now: float) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops all in good order.
        self.process = subprocess.Popen(self.command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
        self.started = now

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return  # the whole group is gone (macOS says so with EPERM)


def child(name: str, *, vital: bool = True) -> Child:
    """Return the child `name` of children.py, not yet started."""
    return Child(name, [sys.executable, "-m", "xinshu.config.children", name, str(os.getpid())], vital)


def pause_after(failures: int) -> float:
    """Return the seconds to wait before the restart after so many failures in a row: 1, 2, 4 ... 30."""
    return min(SLOWEST, 2.0 ** min(failures - 1, 10))


class Supervisor:
    """Runs children until told to stop."""

    def __init__(self, children: Iterable[Child], say: Say, patience: float = PATIENCE) -> None:
        self.children = list(children)
        self.say = say
        self.patience = patience
        self.stopping = threading.Event()

    def start(self) -> None:
        for one in self.children:
            one.start(time.monotonic())

    def tend(self) -> None:
        """Start again, after a growing pause, what has ended by itself."""
        now = time.monotonic()
        for one in self.children:
            if one.process is None:
                if now >= one.due:
                    one.start(now)
            elif one.process.poll() is not None:
                one.signal(signal.SIGKILL)  # whatever the dead one left behind in its group
                one.failures = 1 if now - one.started > CALM else one.failures + 1
                one.due = now + pause_after(one.failures)
                self.say(f"{one.name} ended ({ending(one.process.returncode)}); starting it again ...")
                one.process = None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait for `ready`; a child that ends meanwhile, or too long a wait, raises CannotServe."""
        deadline = time.monotonic() + seconds
        while not self.stopping.is_set() and not ready():
            for one in self.children:
                if one.vital and one.process is not None and one.process.poll() is not None:
                    raise CannotServe(f"{one.name} 启动失败 · {one.name} {ending(one.process.returncode)}; see above.")
            if time.monotonic() > deadline:
                raise CannotServe(f"{seconds:.0f} 秒内未就绪 · not ready within {seconds:.0f} s.")
            self.stopping.wait(0.05)

    def watch(self) -> None:
        """Tend the children until somebody sets `stopping`."""
        while not self.stopping.wait(0.5):
            self.tend()

    def stop(self) -> None:
        """Stop all: SIGTERM to each group, SIGKILL to whatever is left after `patience` seconds."""
        for one in self.children:
            one.signal(signal.SIGTERM)
        deadline = time.monotonic() + self.patience
        for one in self.children:
            if one.process is not None:
                try:
                    one.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self.say(f"{one.name} did not stop in {self.patience:.0f} s and is killed.")
                one.signal(signal.SIGKILL)
                one.process.wait()


def ending(code: int) -> str:
    """Say in words how a program ended."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def check_port(host: str, port: int, variable: str) -> None:
    """Raise CannotServe, naming the variable to set, when `port` cannot be listened on."""
    family, kind, protocol, _name, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # connections of the last run may linger; a listener still refuses us
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as problem:
            raise CannotServe(_why(problem, host, port, variable)) from problem


def free_ports(host: str, wanted: int, number: int = 1, taken: Iterable[int] = ()) -> int:
    """Return the first of `number` ports in a row that can be listened on: from `wanted`, else from the next that can.

    `taken`: ports that somebody else of ours will use. Raises CannotServe when none of a thousand is free.
    """
    taken = set(taken)
    for first in [*range(wanted, min(wanted + 1000, LAST_PORT)), *range(20_000, 21_000)]:
        row = range(first, first + number)
        if row[-1] <= LAST_PORT and taken.isdisjoint(row) and all(_is_free(host, port) for port in row):
            return first
    raise CannotServe(f"端口 {wanted} 起找不到空闲端口 · no free port from {wanted} on.")


def _is_free(host: str, port: int) -> bool:
    try:
        check_port(host, port, "")
    except CannotServe:
        return False
    return True


def _why(problem: OSError, host: str, port: int, variable: str) -> str:
    again = f"{variable}={port + 100} make run"
    if problem.errno == errno.EADDRINUSE:
        return (
            f"端口 {port} 已被其他程序占用。请换一个端口：{again}\n"
            f"Port {port} is in use by another program. Choose another: {again}"
        )
    if problem.errno == errno.EACCES:
        return (
            f"无权使用端口 {port}。请换一个端口：{variable}=8100 make run\n"
            f"Port {port} is not allowed here. Choose one above 1023: {variable}=8100 make run"
        )
    return f"无法监听 {host}:{port}（{variable}、XINSHU_HOST）· cannot listen there: {problem.strerror}"


def answers(port: int, path: str, host: str = "", name: str = "") -> bool:
    """Say whether a GET of `path` on this machine, for the site `name` where one is given, is answered with 200."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": name} if name else {})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def site_name(allowed: Iterable[str]) -> str:
    """Return a name that the site answers to (XINSHU_HOSTS), "" when any will do."""
    named = [name.lstrip(".") for name in allowed if name]
    return "" if "*" in named or not named else named[0]


def reachable(host: str) -> str:
    """Return the address under which this machine reaches what listens on `host`."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
