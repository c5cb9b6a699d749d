"""`manage.py restore FILE [--into FOLDER] [--database URL] [--replace]`: proven before it counts."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction
from django.utils.translation import gettext as _

from xinshu.config.preparing import held
from xinshu.core import clock
from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record
from xinshu.operations.backups.archive import CannotRestore
from xinshu.operations.backups.databases import NoProgram, Server
from xinshu.operations.backups.restoring import Restored, Target, configured_target, restore
from xinshu.operations.models import Backup


class Command(BaseCommand):
    help = "从备份恢复。全部核对一致才启用；目标不为空时要加 --replace，原有的另行保留。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="备份归档")
        parser.add_argument("--into", type=Path, metavar="FOLDER", help="恢复到这个数据文件夹，默认 XINSHU_DATA")
        parser.add_argument("--database", metavar="URL", help="恢复到这个 PostgreSQL 数据库，默认 XINSHU_DATABASE_URL")
        parser.add_argument("--replace", action="store_true", help="换掉目标里已有的，原有的另行保留")

    def handle(self, *, file: Path, into: Path | None, database: str | None, replace: bool, **_options: Any) -> None:
        ours = into is None and database is None
        try:
            target = configured_target() if ours else _target(into, database)
        except CannotRestore as error:
            raise CommandError(str(error)) from error
        target.folder.mkdir(parents=True, exist_ok=True)
        connections.close_all()
        with ExitStack() as stack:
            stack.enter_context(held(target.folder / "running.lock"))
            try:
                done = restore(file, target, replace=replace, at=clock.now(), say=self.stdout.write)
            except (CannotRestore, NoProgram, OSError) as error:
                raise CommandError(str(error)) from error
            except psycopg.Error as error:
                raise CommandError(
                    _("PostgreSQL 拒绝了，没有恢复：%s\n请先停止信枢，并确认这个账号可以建库（CREATEDB）。") % error
                ) from error
            if ours:
                _remember(done)
        self._tell(done, target)

    def _tell(self, done: Restored, target: Target) -> None:
        manifest = done.manifest
        self.stdout.write(done.verdict)
        for where in done.aside:
            self.stdout.write(_("原有的保留在：%s") % where)
        if manifest["files"]["damaged"]:
            self.stdout.write(_("备份时就缺失或损坏的文件 %s 个。") % len(manifest["files"]["damaged"]))
        if done.migrated:
            self.stdout.write(_("备份来自较早的版本，已补做 %s 个迁移。") % done.migrated)
        self.stdout.write(
            _(
                "恢复完成：%(folder)s，与 %(made_at)s 的备份逐表、逐文件一致，总账 %(sealed)s 条，根 %(root)s。"
                "此后的记录不在备份里。"
            )
            % {
                "folder": target.folder,
                "made_at": manifest["made_at"],
                "sealed": manifest["ledger"]["sealed"],
                "root": manifest["ledger"]["root"],
            }
        )


def _target(into: Path | None, database: str | None) -> Target:
    here = configured_target()
    folder = into.resolve() if into is not None else here.folder
    if database is not None:
        asked = dj_database_url.parse(database)
        if "postgresql" not in asked["ENGINE"]:
            raise CommandError(_("--database 只用于 PostgreSQL；SQLite 的数据库在数据文件夹里，用 --into。"))
        return Target(folder, Server.of(dict(asked)))
    if here.server is not None:
        raise CommandError(_("恢复到另一个文件夹时，还要用 --database 指明另一个 PostgreSQL 数据库。"))
    return Target(folder)


@transaction.atomic
def _remember(done: Restored) -> None:
    """Say in the restored ledger itself that it was restored: what was recorded after the backup is gone."""
    backup = Backup.objects.order_by("-began_at").first()
    manifest, at = done.manifest, clock.now()
    if backup is None:
        backup = Backup.objects.create(
            began_at=manifest["made_at"],
            finished_at=manifest["made_at"],
            place="",
            size=0,
            sealed=manifest["ledger"]["sealed"],
            root=manifest["ledger"]["root"],
            rows=sum(table["rows"] for table in manifest["tables"].values()),
            files=manifest["files"]["count"],
        )
    record(
        "backup.restored", backup, by=SYSTEM, at=at,
        made_at=manifest["made_at"], sealed=manifest["ledger"]["sealed"], root=manifest["ledger"]["root"],
    )  # fmt: skip
