"""How the house is doing: for the operations page, for measuring programs, for who asks whether to serve."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from xinshu.documents.storage import storage
from xinshu.ledger import operations as ledger
from xinshu.ledger.models import Entry, Leaf, Refused, Worker
from xinshu.operations.folded import applied_here, migrations
from xinshu.operations.models import Backup

LATE = timedelta(minutes=1)  # sealing that lags longer is broken: it takes a second or two


@dataclass(frozen=True)
class House:
    """The figures of one moment."""

    waiting: int
    failing: int
    parked: int
    oldest: float  # seconds since the delivery that is due longest came due; 0 when none is due
    workers: list[Worker]
    sealed: int
    unsealed: int
    refused: int
    sealing_lag: float  # seconds; 0 when all is sealed
    database_bytes: int
    disk_free: int
    disk_total: int
    backup: Backup | None
    backup_age: float | None


def house(at: datetime) -> House:
    """Return how things stand at `at`. A dozen queries, each on an index."""
    disk = shutil.disk_usage(settings.DATA)
    backup = Backup.objects.order_by("-began_at").first()
    tip, size = _tip()
    due = (
        ledger.deliveries("waiting")
        .select_related(None)
        .filter(due_at__lte=at)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return House(
        waiting=_count("waiting"),
        failing=_count("failing"),
        parked=_count("parked"),
        oldest=0.0 if due is None else (at - due).total_seconds(),
        workers=list(ledger.workers_alive()),
        sealed=size,
        unsealed=Entry.objects.filter(pk__gt=tip).count(),
        refused=Refused.objects.count(),
        sealing_lag=sealing_lag(tip),
        database_bytes=database_bytes(),
        disk_free=disk.free,
        disk_total=disk.total,
        backup=backup,
        backup_age=None if backup is None else (at - backup.began_at).total_seconds(),
    )


def _count(view: str) -> int:
    found: int = ledger.deliveries(view).select_related(None).order_by().count()
    return found


def _tip() -> tuple[int, int]:
    last = Leaf.objects.order_by("-position").values_list("entry_id", "position").first()
    return (0, 0) if last is None else (last[0], last[1] + 1)


def sealing_lag(tip: int | None = None) -> float:
    """Return the age in seconds of the oldest entry that waits to be sealed, by the machine's own clock."""
    tip = _tip()[0] if tip is None else tip
    first = Entry.objects.filter(pk__gt=tip).order_by("pk").values_list("recorded_at", flat=True).first()
    return 0.0 if first is None else max(0.0, (datetime.now(UTC) - first).total_seconds())


def database_bytes() -> int:
    """Return the size of the database on disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    name = str(connection.settings_dict["NAME"])
    paths = [Path(name + ending) for ending in ("", "-wal")]
    return sum(path.stat().st_size for path in paths if path.exists())


def readiness() -> dict[str, bool]:
    """Return what holds of all that serving needs: database, migrated, storage; and of what follows: worker, sealing.

    Whatever cannot be asked because the database is away counts as not holding.
    """
    found = dict.fromkeys(("database", "migrated", "storage", "worker", "sealing"), False)
    try:
        storage().check()
        found["storage"] = True
    except OSError:
        pass
    try:
        applied = applied_here()
        found["database"] = True
        found["migrated"] = _known() <= applied
        found["worker"] = ledger.workers_alive().exists()
        found["sealing"] = sealing_lag() < LATE.total_seconds()
    except Error:
        pass
    return found


NEEDED = ("database", "migrated", "storage")


@cache
def _known() -> frozenset[str]:
    """Return every migration that this program has."""
    known = migrations()
    return frozenset(known.keys() - set().union(*known.values()))
