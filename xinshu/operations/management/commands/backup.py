"""`manage.py backup PLACE [--every MINUTES --keep N]`: everything but the keys in one archive, while running."""

import json
import signal
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils.translation import gettext as _

from xinshu.core import clock
from xinshu.ledger.witness import Inconsistent
from xinshu.operations.backups.databases import NoProgram
from xinshu.operations.backups.making import make_backup, remember_backup


class Command(BaseCommand):
    help = "把数据库、文件（仍加密）、见证留存写成一份归档。密钥不在其中。运行中可以执行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", type=Path, help="文件夹（归档以时刻命名），或文件名")
        parser.add_argument("--every", type=float, metavar="MINUTES", help="每隔若干分钟做一次，直到被停止")
        parser.add_argument("--keep", type=int, metavar="N", help="与 --every 同用：只留最近 N 份")
        parser.add_argument("--json", action="store_true", help="输出一行 JSON")

    def handle(self, *, place: Path, every: float | None, keep: int | None, **options: Any) -> None:
        if every is None:
            self._once(place, told_as_json=options["json"])
            return
        if not place.is_dir() or every <= 0 or (keep is not None and keep < 1):
            raise CommandError(_("--every 要求目标是已有的文件夹，分钟数大于 0，保留份数至少为 1。"))
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._once(place, told_as_json=options["json"])
                _let_go(place, keep)
            except (CommandError, SystemExit, Error) as error:  # the next one may succeed
                self.stderr.write(str(error))
            stop.wait(max(0.0, every * 60 - (time.monotonic() - began)))

    def _once(self, place: Path, *, told_as_json: bool) -> None:
        began = clock.now()
        try:
            made = make_backup(place, at=began, say=lambda line: None if told_as_json else self.stdout.write(line))
            remember_backup(made, began=began, at=clock.now())
        except (NoProgram, OSError, Inconsistent) as error:
            raise CommandError(_("没有备份：%s") % error) from error
        ledger = made.manifest["ledger"]
        told = {
            "path": str(made.path),
            "bytes": made.path.stat().st_size,
            "seconds": round((clock.now() - began).total_seconds(), 2),
            "rows": made.rows,
            "files": made.manifest["files"]["count"],
            "sealed": ledger["sealed"],
            "root": ledger["root"],
            "damaged": made.damaged,
        }
        if told_as_json:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                _(
                    "备份完成：%(path)s，%(bytes)s 字节，%(rows)s 行，%(files)s 个文件，"
                    "总账 %(sealed)s 条，根 %(root)s，用时 %(seconds)s 秒。密钥不在归档里，请分开保管。"
                )
                % told
            )
        if made.damaged:
            self.stderr.write(_("有 %s 个文件缺失或损坏，没有进入归档：") % len(made.damaged))
            for name in made.damaged[:50]:
                self.stderr.write(f"  {name}")
            raise SystemExit(1)


def _let_go(folder: Path, keep: int | None) -> None:
    """Delete all but the `keep` latest archives that were named for their moment."""
    if keep is not None:
        for old in sorted(folder.glob("xinshu-????????-??????.tar"))[:-keep]:
            old.unlink()
