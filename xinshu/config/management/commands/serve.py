"""`manage.py serve`: prepare the data folder, then run web, live stream and worker together until Ctrl-C."""

import contextlib
import importlib.util
import os
import signal
import sys
import time
import unicodedata
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand
from django.db import connections

from xinshu.config.channels import SANDBOX_PORT, sandbox_serves
from xinshu.config.environment import HOST, LIVE_PORT, PORT
from xinshu.config.preparing import DEMO_PASSWORD, demo_accounts, held, prepare
from xinshu.config.serving import (
    CannotServe,
    Child,
    Supervisor,
    answers,
    check_port,
    child,
    free_ports,
    reachable,
    site_name,
)
from xinshu.operations.measurements import forget


class Command(BaseCommand):
    help = "Run Xinshu: pages, live stream and worker."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with contextlib.suppress(AttributeError, ValueError):
            sys.stdout.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)
        try:
            check_port(HOST, PORT, "XINSHU_PORT")
            self._choose_ports()
            supervisor = Supervisor([*map(child, _children()), *_sandbox()], self._say)
            prepare(self._say)
            accounts = demo_accounts() if settings.DEMO else []
            connections.close_all()
            forget()
            with held(settings.DATA / "running.lock", shared=True):
                self._run(supervisor, accounts, began)
        except CannotServe as reason:
            sys.exit(f"\n{reason}")
        except KeyboardInterrupt:
            self._say("已停止 · stopped.")

    def _run(self, supervisor: Supervisor, accounts: list[tuple[str, str, str]], began: float) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stopping.set())
        try:
            supervisor.start()
            supervisor.wait_until(self._ready, 60)
            if not supervisor.stopping.is_set():
                self._greet(accounts, time.monotonic() - began)
            supervisor.watch()
            self._say("\n正在停止 · stopping ...")
        finally:
            supervisor.stop()
        self._say("已停止 · stopped.")

    def _choose_ports(self) -> None:
        """Take other ports for the live stream and the sandbox where neighbours hold theirs; children are told so.

        A port that the environment names is meant: of the live stream it is refused when it is taken.
        """
        self.live_port = LIVE_PORT
        if os.environ.get("XINSHU_LIVE_PORT") or not _has_live():
            check_port(HOST, LIVE_PORT, "XINSHU_LIVE_PORT")
        else:
            self.live_port = free_ports(HOST, LIVE_PORT, taken={PORT})
            self._tell_moved("XINSHU_LIVE_PORT", LIVE_PORT, self.live_port, "实时消息", "live stream")
        if sandbox_serves():
            port = free_ports("127.0.0.1", SANDBOX_PORT, 2, taken={PORT, self.live_port})
            self._tell_moved("XINSHU_SANDBOX_PORT", SANDBOX_PORT, port, "消息沙箱", "message sandbox")

    def _tell_moved(self, variable: str, wanted: int, port: int, name: str, english: str) -> None:
        os.environ[variable] = str(port)
        if port != wanted:
            self._say(f"  {name}的端口 {wanted} 被占用，改用 {port} · {english}: port {wanted} is taken, using {port}")

    def _ready(self) -> bool:
        live = not _has_live() or answers(self.live_port, "/healthz", HOST)
        return live and answers(PORT, "/healthz", HOST, site_name(settings.ALLOWED_HOSTS))

    def _greet(self, accounts: list[tuple[str, str, str]], seconds: float) -> None:
        address = reachable(HOST)
        shown = f"[{address}]" if ":" in address else address
        self._say(f"\n  信枢已启动 · Xinshu is ready   http://{shown}:{PORT}/   ({seconds:.1f} s)\n")
        if accounts:
            self._say(f"  演示账号（密码均为 {DEMO_PASSWORD}）· demo accounts, password {DEMO_PASSWORD}")
            for name, roles, organisation in accounts:
                self._say(f"    {name:<12} {_wide(roles, 14)} {organisation}")
            self._say("")
        self._say("  按 Ctrl-C 停止 · Ctrl-C stops it")

    def _interrupted(self, *_: object) -> None:
        raise KeyboardInterrupt

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _children() -> list[str]:
    worker = ["worker"] if "work" in get_commands() else []
    backup = ["backup"] if settings.BACKUPS else []
    return ["web", *(["live"] if _has_live() else []), *worker, *backup]


def _has_live() -> bool:
    return importlib.util.find_spec("xinshu.messaging.live") is not None


def _sandbox() -> list[Child]:
    """Return the sandbox where this demo uses it; the demo runs on without it."""
    return [child("sandbox", vital=False)] if sandbox_serves() else []


def _wide(text: str, columns: int) -> str:
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(0, columns - width)
