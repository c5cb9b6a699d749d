"""Making a backup while the platform runs: witness first, then one moment of the database, then the files it names."""

import json
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import CHINA
from xinshu.core.sm import Damaged, sm3, sm4_decrypt
from xinshu.documents.storage import storage
from xinshu.ledger import witness
from xinshu.ledger.recording import record
from xinshu.operations.backups import archive, databases
from xinshu.operations.backups.databases import Reader, Server
from xinshu.operations.models import Backup

Say = Callable[[str], None]


@dataclass
class Made:
    """A finished backup."""

    path: Path
    manifest: dict[str, Any]
    damaged: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())


def archive_name(at: datetime) -> str:
    """Return what an archive made at `at` is called."""
    return f"xinshu-{at.astimezone(CHINA):%Y%m%d-%H%M%S}.tar"


def make_backup(place: Path, *, at: datetime, say: Say = lambda _line: None) -> Made:
    """Write one archive to `place`, a file, or a folder in which it is named for its moment.

    The platform may run meanwhile. Files that are missing or damaged do not stop it: they are named in the manifest
    and in the result. Raises NoProgram without PostgreSQL's programs, OSError when the disk is full.
    """
    path = place / archive_name(at) if place.is_dir() else place
    if path.exists():
        raise FileExistsError(_("%s 已经存在，没有覆盖。") % path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # What promises is read before what was promised: the ledger may grow meanwhile, the witness must not be ahead.
    seen = witness.remembered()
    with (
        tempfile.TemporaryDirectory(prefix=".xinshu-backup-", dir=path.parent) as scratch,
        _moment(Path(scratch)) as (reader, copy),
        archive.written(path, at.timestamp()) as writer,
    ):
        say(_("数据库已复制，正在汇总"))
        summary = databases.summary_of(reader)
        if seen is not None:
            writer.add_bytes(archive.WITNESS, json.dumps({"size": seen.size, "root": seen.root.hex()}).encode())
        writer.add_file(f"database.{_ending()}", copy)
        copy.unlink()
        say(_("正在复制文件"))
        kept = _copy_files(reader, writer, Path(scratch))
        manifest = {
            "format": archive.FORMAT,
            "made_at": at.isoformat(),
            "version": version(),
            "engine": connection.vendor,
            "keys": archive.key_marks(),
            "witness": None if seen is None else {"size": seen.size, "root": seen.root.hex()},
            "files": kept,
            **summary,
        }
        writer.finish(manifest)
    return Made(path, manifest, kept["damaged"])


@transaction.atomic
def remember_backup(made: Made, *, by: Actor = SYSTEM, began: datetime, at: datetime) -> Backup:
    """Keep for the operations page and the ledger that a backup was made."""
    backup = Backup.objects.create(
        began_at=began,
        finished_at=at,
        place=str(made.path)[-400:],
        size=made.path.stat().st_size,
        sealed=made.manifest["ledger"]["sealed"],
        root=made.manifest["ledger"]["root"],
        rows=made.rows,
        files=made.manifest["files"]["count"],
        damaged=len(made.damaged),
    )
    record(
        "backup.made", backup, by=by, at=at,
        sealed=backup.sealed, root=backup.root, files=backup.files, damaged=backup.damaged, size=backup.size,
    )  # fmt: skip
    return backup


def version() -> str:
    """Return the version of this program."""
    path = Path(settings.BASE_DIR) / "pyproject.toml"
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"]) if path.exists() else ""


def _ending() -> str:
    return "sqlite3" if connection.vendor == "sqlite" else "dump"


@contextmanager
def _moment(scratch: Path) -> Iterator[tuple[Reader, Path]]:
    """Copy one moment of the database; gives what reads that moment and the file that holds it."""
    copy = scratch / f"database.{_ending()}"
    if connection.vendor == "sqlite":
        databases.copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), copy)
        reader = databases.SqliteReader(copy)
        with closing(reader.connection):  # it stays readable after its name is gone
            yield reader, copy
        return
    server = Server.of(connection.settings_dict)
    with databases.postgres_snapshot(server) as (snapshot, name):
        databases.dump_postgres(server, name, copy)
        yield snapshot, copy


def _copy_files(reader: Reader, writer: archive.Writer, scratch: Path) -> dict[str, Any]:
    """Add every stored file as it is, encrypted, having checked that it opens to what its name says."""
    key, place = bytes.fromhex(settings.FILE_KEY), storage()
    count = size = 0
    damaged: list[str] = []
    with (scratch / "files.jsonl").open("w+b") as listed:
        for (name,) in reader.rows("SELECT sm3 FROM documents_blob ORDER BY sm3"):
            try:
                content = place.read(name)
                if sm3(sm4_decrypt(key, content)).hex() != name:
                    raise Damaged
            except (Damaged, OSError):
                damaged.append(name)
                continue
            digest = writer.add_bytes(archive.file_name(name), content, listed=False)
            listed.write(json.dumps({"key": name, "size": len(content), "sm3": digest}).encode() + b"\n")
            count, size = count + 1, size + len(content)
        length = listed.tell()
        listed.seek(0)
        writer.add(archive.FILES, listed, length)
    return {"count": count, "bytes": size, "damaged": damaged}
