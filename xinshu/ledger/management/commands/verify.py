"""`manage.py verify [--full]`: recompute the ledger; exit 0 when it holds, 1 naming what does not."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from xinshu.ledger.verification import verify


class Command(BaseCommand):
    help = "核验总账：重算全部记录、证明树和检查点"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="核验全部检查点的签名，而不只是最近 100 个")

    def handle(self, *, full: bool, **_options: Any) -> None:
        started = time.monotonic()
        report = verify(full=full)
        if report.finding:
            where = f"（#{report.finding.entry}）" if report.finding.entry else ""
            self.stderr.write(_("核验不通过%(where)s：%(text)s") % {"where": where, "text": report.finding.text})
            raise SystemExit(1)
        self.stdout.write(
            _(
                "核验通过：已封存 %(sealed)s 条，等待封存 %(waiting)s 条，"
                "检查点 %(checkpoints)s 个，用时 %(seconds).1f 秒。"
            )
            % {
                "sealed": report.sealed,
                "waiting": report.waiting,
                "checkpoints": report.checkpoints,
                "seconds": time.monotonic() - started,
            }
        )
        if report.redacted:
            self.stdout.write(_("其中 %s 条的内容已到期清除，封存摘要与证明仍然成立。") % report.redacted)
        if report.unwitnessed:
            self.stdout.write(_("其中 %s 个检查点还没有见证人签名。") % report.unwitnessed)
