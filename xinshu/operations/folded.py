"""Migrations that were folded into one (decision 58), beside what a database or a backup has applied of them."""

from collections.abc import Collection

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def migrations() -> dict[str, set[str]]:
    """Return the migrations of this program, each with those that it replaces, as "app.name"."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {
        f"{app}.{name}": {f"{one}.{former}" for one, former in migration.replaces}
        for (app, name), migration in loader.disk_migrations.items()
    }


def stopped_half_way(applied: Collection[str]) -> list[str]:
    """Return the migrations of which `applied` has a part only: whoever has it needs files that are gone."""
    return sorted(
        name for name, replaced in migrations().items()
        if name not in applied and not replaced.isdisjoint(applied) and not replaced <= set(applied)
    )  # fmt: skip


def applied_here() -> set[str]:
    """Return what the database has applied, as "app.name"; nothing where it is empty."""
    return {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}
