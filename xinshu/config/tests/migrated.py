"""An SQLite database with every table and what the platform ships: migrated once for each state, then copied.

Ten places of the suite want one: each worker, the city of the journeys, commands that run in a folder of their own.
Made in .setup/migrated by `manage.py migrate` itself, under a name that says from which migrations and packages: one
more migration, and it is made anew. Django is not imported here, for its settings name the database.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / ".setup/migrated"


def migrated_copy(path: Path) -> Path:
    """Put a migrated, empty database at `path` and return it. Raises CalledProcessError where migrating fails."""
    shutil.copyfile(_migrated(), path)
    return path


def _migrated() -> Path:
    made = KEPT / f"{_state()}.sqlite3"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the second worker waits and then finds it
        if not made.exists():
            for former in KEPT.glob("*.sqlite3"):
                former.unlink()
            _migrate(made)
    return made


def _state() -> str:
    """Return what the database follows from, as a digest: migrations, shipped types, Django by the lock."""
    state = hashlib.sha256()
    types = [ROOT / "xinshu/guarantees" / name for name in ("kinds.py", "letters/library.py", "law/legal.py")]
    for path in [*sorted(ROOT.glob("xinshu/*/migrations/*.py")), *types, ROOT / "requirements/base.lock"]:
        state.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return state.hexdigest()[:32]


def _migrate(made: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XINSHU_", "DJANGO_"))}
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        told = kept | {"XINSHU_ENV": "test", "XINSHU_DATA": folder, "DJANGO_SETTINGS_MODULE": "xinshu.config.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=told, check=True)
        draft = Path(folder) / "whole.sqlite3"
        with closing(sqlite3.connect(Path(folder) / "xinshu.sqlite3")) as database:
            database.execute("VACUUM INTO ?", (str(draft),))
        draft.replace(made)
