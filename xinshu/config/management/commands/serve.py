"""`manage.py serve`: prepare the data folder, then run web, live stream and worker together until Ctrl-C."""

import contextlib
import importlib.util
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
from xinshu.config.serving import CannotServe, Supervisor, answers, check_port, child, reachable, site_name
from xinshu.operations.measurements import forget


class Command(BaseCommand):
    help = "Run Xinshu: pages, live stream and worker."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with contextlib.suppress(AttributeError, ValueError):
            sys.stdout.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]
        supervisor = Supervisor([child(name) for name in (*_children(), *self._sandbox())], self._say)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)
        try:
            check_port(HOST, PORT, "XINSHU_PORT")
            check_port(HOST, LIVE_PORT, "XINSHU_LIVE_PORT")
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

    def _sandbox(self) -> list[str]:
        """Return the sandbox where this demo uses it. Its ports are taken: the demo runs without."""
        if not sandbox_serves():
            return []
        try:
            for port in (SANDBOX_PORT, SANDBOX_PORT + 1):
                check_port("127.0.0.1", port, "XINSHU_SANDBOX_PORT")
        except CannotServe:
            self._say(f"  消息沙箱的端口 {SANDBOX_PORT}、{SANDBOX_PORT + 1} 被占用，本次不启动")
            return []
        return ["sandbox"]

    def _ready(self) -> bool:
        live = "live" not in _children() or answers(LIVE_PORT, "/healthz", HOST)
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
    live = importlib.util.find_spec("xinshu.messaging.live") is not None
    worker = ["worker"] if "work" in get_commands() else []
    backup = ["backup"] if settings.BACKUPS else []
    return ["web", *(["live"] if live else []), *worker, *backup]


def _wide(text: str, columns: int) -> str:
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(0, columns - width)
