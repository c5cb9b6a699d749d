"""Bringing a backup back: into a place beside the target, checked there, and only then moved in. Nothing is half done.

Interrupted, it is simply run again with the same archive: files that already lie in the place beside are not copied
twice.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from xinshu.core.clock import CHINA
from xinshu.core.sm import Damaged, sm3, sm4_decrypt
from xinshu.documents.storage import Storage, storage
from xinshu.documents.storage.local import LocalStorage
from xinshu.operations.backups import archive, databases
from xinshu.operations.backups.archive import Archive, CannotRestore
from xinshu.operations.backups.databases import Server
from xinshu.operations.folded import migrations, stopped_half_way

Say = Callable[[str], None]
_KEYS = ("SECRET_KEY", "FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY", "SEAL_KEY")
_MOVED = ("files", "witness")


@dataclass(frozen=True)
class Target:
    """Where a backup comes back: a data folder, and with PostgreSQL a database."""

    folder: Path
    server: Server | None = None
    storage: Storage | None = None  # where files go that are not to lie in the folder

    @property
    def database(self) -> Path:
        return self.folder / "xinshu.sqlite3"

    def in_use(self) -> list[str]:
        """Return in words what is there already."""
        found = [str(self.folder / name) for name in _MOVED if _holds_files(self.folder / name)]
        if self.server is None and self.database.exists() and self.database.stat().st_size:
            found.append(str(self.database))
        if self.server is not None and not self.server.is_empty():
            found.append(_("数据库 %s") % self.server.name)
        return found


@dataclass
class Restored:
    """What came back, and what the checks said."""

    manifest: dict[str, Any]
    verdict: str  # what `manage.py verify --full` said
    migrated: int = 0
    aside: list[str] = field(default_factory=list)  # where the old one lies now
    seconds: dict[str, float] = field(default_factory=dict)


def restore(path: Path, target: Target, *, replace: bool, at: datetime, say: Say = lambda _line: None) -> Restored:
    """Bring the archive at `path` back into `target`. Raises CannotRestore, naming all that is wrong, NoProgram.

    Until everything has been compared with the manifest the target is not touched; with `replace` what was there is
    kept aside.
    """
    with archive.opened(path) as found:
        clock = _Stopwatch()
        say(_("正在核对归档的每个字节"))
        _must_be_whole(found)
        ahead = _must_fit(found.manifest, target)
        occupied = target.in_use()
        if occupied and not replace:
            raise CannotRestore(
                _("目标不是空的，没有恢复：%s。") % "、".join(occupied),
                _("确实要换掉它，请加上 --replace：原有的会另行保留，不会删除。"),
            )
        clock.lap("archive_seconds")
        staged = _Staged(found, target)
        say(_("正在恢复文件"))
        staged.bring_files()
        say(_("正在恢复数据库"))
        staged.bring_database()
        clock.lap("restore_seconds")
        say(_("正在逐表核对，并重算总账"))
        wrong = staged.differences()
        if wrong:
            staged.discard()
            raise CannotRestore(_("恢复出来的与备份时不同，没有启用："), *wrong)
        if ahead:
            staged.manage("migrate", "--no-input", "--verbosity=0")
        verdict = staged.manage("verify", "--full")
        clock.lap("verify_seconds")
        aside = staged.move_in(at)
        return Restored(found.manifest, verdict, ahead, aside, clock.laps)


def _must_be_whole(found: Archive) -> None:
    wrong = found.differences()
    if wrong:
        raise CannotRestore(_("归档不完整或被改动，没有恢复："), *wrong)


def _must_fit(manifest: dict[str, Any], target: Target) -> int:
    """Return how many migrations this program is ahead of the backup. Raises CannotRestore when they do not fit."""
    wrong = []
    engine = "sqlite" if target.server is None else "postgresql"
    if manifest["engine"] != engine:
        wrong.append(_("备份来自 %(was)s，目标是 %(now)s，不能互换。") % {"was": manifest["engine"], "now": engine})
    for name, mark in archive.key_marks().items():
        if manifest["keys"].get(name) != mark:
            wrong.append(_("XINSHU_%s 不是备份时的密钥。密钥不在归档里，请从保管处取回。") % name)
    applied, known = set(manifest["migrations"]), migrations()
    unknown = sorted(applied - known.keys() - set().union(*known.values()))
    if unknown:
        wrong.append(_("备份来自更新的版本，本程序没有这些迁移：%s") % "、".join(unknown[:5]))
    if half := stopped_half_way(applied):
        wrong.append(_("备份停在迁移合并以前的半路，先用当时的版本恢复：%s") % "、".join(half[:5]))
    if wrong:
        raise CannotRestore(_("这份备份不能恢复到这里："), *wrong)
    return sum(name not in applied and not (replaced and replaced <= applied) for name, replaced in known.items())


class _Staged:
    """The backup in a place beside the target."""

    def __init__(self, found: Archive, target: Target) -> None:
        self.found, self.target = found, target
        target.folder.mkdir(parents=True, exist_ok=True)
        self.folder = target.folder / f".restoring-{found.name}"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        server = target.server and target.server.named(_name_of(target.server.name, "restoring", found.name))
        self.inner = Target(self.folder, server)

    def bring_files(self) -> None:
        """Write every file, having seen that the key opens it to what its name says."""
        key = bytes.fromhex(settings.FILE_KEY)
        for file in self.found.files():
            path = self.folder / archive.file_name(file["key"])
            if path.exists() and archive.size_and_sm3(path.open("rb")) == (file["size"], file["sm3"]):
                continue
            content = self.found.bytes_of(archive.file_name(file["key"]))
            try:
                genuine = sm3(sm4_decrypt(key, content)).hex() == file["key"]
            except Damaged:
                genuine = False
            if not genuine:
                raise CannotRestore(_("文件 %s 不能用 XINSHU_FILE_KEY 打开，没有恢复。") % file["key"])
            _write(path, content)
        if self.found.manifest["witness"] is not None:
            _write(self.folder / archive.WITNESS, self.found.bytes_of(archive.WITNESS))

    def bring_database(self) -> None:
        if self.inner.server is None:
            self._clear_database()
            with self.found.stream("database.sqlite3") as content, self.inner.database.open("wb") as out:
                os.chmod(self.inner.database, 0o600)
                shutil.copyfileobj(content, out, archive.CHUNK)
                out.flush()
                os.fsync(out.fileno())
            return
        self._clear_database()
        self.inner.server.command("CREATE DATABASE {} TEMPLATE template0", self.inner.server.name)
        with self.found.stream("database.dump") as dump:
            databases.load_postgres(self.inner.server, dump)

    def _clear_database(self) -> None:
        """Remove what an interrupted try left."""
        if self.inner.server is not None:
            self.inner.server.command("DROP DATABASE IF EXISTS {}", self.inner.server.name)
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.inner.database}{ending}").unlink(missing_ok=True)

    def differences(self) -> list[str]:
        """Compare every table and the ledger's root with the manifest."""
        if self.inner.server is None:
            with databases.sqlite_reader(self.inner.database) as reader:
                return databases.differences(self.found.manifest, databases.summary_of(reader))
        with databases.postgres_snapshot(self.inner.server) as (snapshot, _name):
            return databases.differences(self.found.manifest, databases.summary_of(snapshot))

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py on what was brought back; return what it said. Raises CannotRestore."""
        told = {f"XINSHU_{name}": getattr(settings, name) for name in _KEYS}
        told |= {"XINSHU_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "xinshu.config.settings"}
        told["XINSHU_DATABASE_URL"] = self.inner.server.url if self.inner.server else ""
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments],
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotRestore(
                _("恢复出来的没有通过核验（manage.py %s），没有启用：") % " ".join(arguments),
                (done.stderr or done.stdout).strip()[-2000:],
                _("恢复出来的留在 %s，可供查看。") % self.folder,
            )
        return done.stdout.strip()

    def discard(self) -> None:
        """Throw away what was brought back."""
        self._clear_database()
        shutil.rmtree(self.folder, ignore_errors=True)

    def move_in(self, at: datetime) -> list[str]:
        """Put what was brought back in place of what is there; return where the old one lies. Undone when it fails."""
        stamp = f"{at.astimezone(CHINA):%Y%m%d%H%M%S}"
        old, moves = self.target.folder / f"replaced-{stamp}", _Moves()
        if self.target.storage is not None:
            self._hand_over_files(self.target.storage)
        files = [self.target.folder / name for name in _MOVED]
        if self.target.server is None:
            files += [Path(f"{self.target.database}{ending}") for ending in ("-wal", "-shm", "")]
        try:
            for path in files:
                if path.exists():
                    old.mkdir(mode=0o700, exist_ok=True)
                    moves.move(path, old / path.name)
            for name in (*_MOVED, self.target.database.name):
                if (self.folder / name).exists():
                    moves.move(self.folder / name, self.target.folder / name)
            aside = [str(old)] if old.exists() else []
            if self.target.server is not None and self.inner.server is not None:
                aside += _rename(
                    self.inner.server, self.target.server, _name_of(self.target.server.name, "replaced", stamp)
                )
        except Exception:
            moves.undo()
            raise
        shutil.rmtree(self.folder, ignore_errors=True)
        return aside

    def _hand_over_files(self, place: Storage) -> None:
        """Bring the files to a storage of their own. What lies there is named by what it holds: nothing is lost."""
        for file in self.found.files():
            path = self.folder / archive.file_name(file["key"])
            if not _lies_there(place, file["key"], path):
                place.write(file["key"], path.read_bytes())
        shutil.rmtree(self.folder / "files", ignore_errors=True)


def _lies_there(place: Storage, key: str, path: Path) -> bool:
    """Say whether `place` already opens `key` to what it should be, as the copy at `path` does."""
    try:
        found = sm3(sm4_decrypt(bytes.fromhex(settings.FILE_KEY), place.read(key))).hex() == key
    except (Damaged, FileNotFoundError):
        return False
    return found and path.exists()


def _name_of(database: str, what: str, mark: str) -> str:
    """Return a name beside `database`, short enough for PostgreSQL."""
    return f"{database[:38]}_{what}_{mark}"


def _rename(staged: Server, target: Server, old: str) -> list[str]:
    """Give the restored database the target's name; what had it keeps `old`, unless it was empty."""
    had, empty = target.exists(), target.is_empty()
    if had:
        target.command("ALTER DATABASE {} RENAME TO {}", target.name, old)
    try:
        target.command("ALTER DATABASE {} RENAME TO {}", staged.name, target.name)
    except Exception:
        if had:
            target.command("ALTER DATABASE {} RENAME TO {}", old, target.name)
        raise
    if had and empty:
        target.command("DROP DATABASE {}", old)
    return [_("数据库 %s") % old] if had and not empty else []


class _Moves:
    """Renames that can be taken back."""

    def __init__(self) -> None:
        self.done: list[tuple[Path, Path]] = []

    def move(self, old: Path, new: Path) -> None:
        old.rename(new)
        self.done.append((old, new))

    def undo(self) -> None:
        for old, new in reversed(self.done):
            new.rename(old)


class _Stopwatch:
    def __init__(self) -> None:
        self.last = time.monotonic()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        self.laps[name] = round(time.monotonic() - self.last, 3)
        self.last = time.monotonic()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(found.is_file() for found in folder.rglob("*"))


def configured_target() -> Target:
    """Return where this installation lives. Raises CannotRestore when its SQLite database lies elsewhere."""
    server = Server.of(connection.settings_dict) if connection.vendor != "sqlite" else None
    place = storage()
    target = Target(Path(settings.DATA), server, None if isinstance(place, LocalStorage) else place)
    if target.server is None and Path(connection.settings_dict["NAME"]) != target.database:
        raise CannotRestore(_("数据库不在数据文件夹里，请用 --into 指明恢复到哪里。"))
    return target
