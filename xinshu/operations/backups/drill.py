"""The drill: backup, restore into a temporary place, compare, and say how long it took and how much would be lost."""

import secrets
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from xinshu.core.clock import now
from xinshu.operations.backups.databases import Server
from xinshu.operations.backups.making import make_backup
from xinshu.operations.backups.restoring import Target, restore
from xinshu.operations.models import Backup


def drill(folder: Path | None, *, at: datetime) -> dict[str, Any]:
    """Return the figures of one drill. Raises CannotRestore, NoProgram, OSError when it fails.

    RTO: seconds from "there is an archive" to a verified installation. RPO: seconds between the moment that the last
    kept backup holds and now, which is what a loss now would cost; None while no backup was kept. `folder` is where
    the drill may write (needs twice the size of the data), by default the system's place for temporary files.
    """
    last = Backup.objects.order_by("-began_at").first()
    with tempfile.TemporaryDirectory(prefix="xinshu-drill-", dir=folder) as place:
        started = time.monotonic()
        made = make_backup(Path(place) / "drill.tar", at=at)
        copied = time.monotonic()
        server = None
        if connection.vendor == "postgresql":
            server = Server.of(connection.settings_dict).named(f"xinshu_drill_{secrets.token_hex(4)}")
        try:
            restored = restore(made.path, Target(Path(place) / "data", server), replace=False, at=now())
        finally:
            if server is not None:
                server.command("DROP DATABASE IF EXISTS {}", server.name)
        finished = time.monotonic()
        size = made.path.stat().st_size
    rto, rpo = finished - copied, None if last is None else (at - last.began_at).total_seconds()
    return {
        "ok": True,
        "at": at.isoformat(),
        "engine": connection.vendor,
        "rto_seconds": round(rto, 3),
        "rpo_seconds": None if rpo is None else round(rpo, 3),
        "gbt20988_figures": grade(rto, rpo),
        "backup_seconds": round(copied - started, 3),
        **restored.seconds,
        "archive_bytes": size,
        "rows": made.rows,
        "tables": len(made.manifest["tables"]),
        "files": made.manifest["files"]["count"],
        "damaged_files": len(made.damaged),
        "sealed": made.manifest["ledger"]["sealed"],
        "root": made.manifest["ledger"]["root"],
        "verdict": restored.verdict,
    }


HOUR, DAY = 3_600, 86_400


def grade(rto: float, rpo: float | None) -> int:
    """Return the level of GB/T 20988-2007 (annex C) whose times these seconds keep: 5, 4, or 0 for neither.

    Times only: what the standard asks of places, people and equipment no program can prove.
    """
    if rpo is None or rto > 2 * DAY or rpo > DAY:
        return 0
    return 5 if rpo <= HOUR / 2 else 4
