"""`manage.py drill`: prove that a backup comes back, in a temporary place; one line of JSON with RTO and RPO."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from xinshu.core import clock
from xinshu.ledger.witness import Inconsistent
from xinshu.operations.backups.archive import CannotRestore
from xinshu.operations.backups.databases import NoProgram
from xinshu.operations.backups.drill import drill


class Command(BaseCommand):
    help = "灾备演练：备份、恢复到临时位置、逐项核对，输出一行 JSON。不动正在使用的数据。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, help="临时位置所在的文件夹，需要两倍于数据的空间")
        parser.add_argument("--rto", type=float, metavar="SECONDS", help="恢复用时的上限，超过则退出码为 1")
        parser.add_argument("--rpo", type=float, metavar="SECONDS", help="最近一次备份的最大间隔，超过则退出码为 1")

    def handle(self, *, folder: Path | None, rto: float | None, rpo: float | None, **_options: Any) -> None:
        try:
            told = drill(folder, at=clock.now())
        except (CannotRestore, NoProgram, Inconsistent, OSError, Error) as error:
            told = {"ok": False, "problem": str(error)}
        else:
            late = [told["rto_seconds"] > rto] if rto is not None else []
            if rpo is not None:
                late.append(told["rpo_seconds"] is None or told["rpo_seconds"] > rpo)
            told["ok"] = not any(late)
        self.stdout.write(json.dumps(told, ensure_ascii=False))
        if not told["ok"]:
            raise SystemExit(1)
