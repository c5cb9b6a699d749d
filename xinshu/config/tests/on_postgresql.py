"""Tests on PostgreSQL without its two dear steps: migrating for every worker, and truncating two hundred tables.

The database of each worker, and that of the journeys' city, is made from a template that is migrated once for a run.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[3]
URL = "XINSHU_DATABASE_URL"
LOCK = 20_261_121  # one worker migrates, the others wait and then find it


def migrated_template() -> str:
    """Return the name of this run's migrated database on the server of XINSHU_DATABASE_URL; made where it is missing.

    Nobody may be connected to it while it is copied. Raises CalledProcessError where migrating fails.
    """
    name = _name()
    with psycopg.connect(os.environ[URL], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            draft = f"{name}_draft"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            told = {**os.environ, "DJANGO_SETTINGS_MODULE": "xinshu.config.settings", URL: beside(draft)}
            subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=told, check=True)
            whole = sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
            server.execute(whole)
    return name


def drop_template() -> None:
    """Remove this run's template; without one nothing happens."""
    with psycopg.connect(os.environ[URL], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_name())))


def beside(name: str) -> str:
    """Return the address of the database `name` on the server of XINSHU_DATABASE_URL."""
    url = os.environ[URL]
    return re.sub(r"/[^/?]*(?=\?|$)", f"/{name}", url, count=1) if url.count("/") > 2 else f"{url}/{name}"


def deleting(
    connection: Any, _style: Any, tables: Sequence[str], *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """Return statements that empty `tables`, which is asked for whole: of those with rows, in any order (foreign keys
    are deferred). Stands in for Django's TRUNCATE, which makes new files for each table and each of its indexes.
    """
    assert not reset_sequences
    quoted = [connection.ops.quote_name(table) for table in tables]
    with connection.cursor() as cursor:
        looks = (f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table})" for number, table in enumerate(quoted))
        cursor.execute(" UNION ALL ".join(looks))
        return [f"DELETE FROM {quoted[number]}" for (number,) in cursor.fetchall()]


def _name() -> str:
    return f"xinshu_migrated_{os.environ['XINSHU_TEST_RUN']}"
