"""`manage.py work [--once]`: run deliveries, seal, make the nightly round, until SIGTERM or Ctrl-C."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from xinshu.ledger import worker


class Command(BaseCommand):
    help = "运行后续动作、封存和每夜任务"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="把现在该做的做完就结束")

    def handle(self, *, once: bool, **_options: Any) -> None:
        if once:
            done = worker.run_once()
            self.stdout.write(f"{done}")
            return
        stop = threading.Event()

        def leave(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGINT, leave)
        worker.run(stop)
