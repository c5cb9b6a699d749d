"""Stories of backups: what came back is what was, on both databases, or it is not let in."""

import io
import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.documents.models import Blob
from xinshu.documents.storage import s3, storage
from xinshu.documents.tests.s3 import standing
from xinshu.ledger.keys import platform_key
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record
from xinshu.ledger.sealing import seal
from xinshu.ledger.tree import stored_frontier, stored_size
from xinshu.operations.backups import archive, databases, restoring
from xinshu.operations.backups.archive import CannotRestore
from xinshu.operations.backups.making import Made, make_backup, remember_backup
from xinshu.operations.backups.restoring import Target, restore
from xinshu.operations.models import Backup
from xinshu.operations.tests.conftest import add_file


@pytest.fixture
def made(city: Organisation, tmp_path: Path, at: datetime) -> Made:
    return make_backup(tmp_path / "one.tar", at=at)


def value_in(target: Target, query: str) -> Any:
    if target.server is not None:
        with target.server.connect() as connected:
            return connected.execute(query).fetchone()[0]  # type: ignore[index]
    with closing(sqlite3.connect(target.database)) as connected:
        return connected.execute(query).fetchone()[0]


def rewritten(path: Path, change: Any, *, signed: bool = False) -> Path:
    """Write the archive anew with its members as `change(members)` leaves them; `signed` with a manifest to match."""
    with tarfile.open(path) as tar:
        members = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    change(members)
    if signed:
        manifest = json.loads(members[archive.MANIFEST])
        for name in manifest["members"]:
            if name in members:
                manifest["members"][name] = {"size": len(members[name]), "sm3": archive.sm3_of(members[name])}
        members[archive.MANIFEST] = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()
        members[archive.SIGNATURE] = platform_key().sign(members[archive.MANIFEST]).hex().encode()
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def refused(path: Path, target: Target, at: datetime, *, replace: bool = False) -> str:
    with pytest.raises(CannotRestore) as found:
        restore(path, target, replace=replace, at=at)
    return str(found.value)


def test_what_comes_back_is_what_was(made: Made, target: Target, at: datetime) -> None:
    done = restore(made.path, target, replace=False, at=at)

    assert "核验通过：已封存 43 条" in done.verdict
    assert made.manifest["ledger"]["sealed"] == stored_size()
    assert made.manifest["ledger"]["root"] == stored_frontier(stored_size()).root().hex()
    assert value_in(target, "SELECT COUNT(*) FROM ledger_entry") == Entry.objects.count()
    for blob in Blob.objects.all():
        assert (target.folder / archive.file_name(blob.sm3)).read_bytes() == storage().read(blob.sm3)
    assert json.loads((target.folder / "witness" / "last.json").read_text())["size"] == stored_size()
    assert sorted(path.name for path in target.folder.iterdir()) == sorted(
        ["files", "witness", *(["xinshu.sqlite3"] if target.server is None else [])]
    )


def test_the_archive_holds_no_key(made: Made, settings: Any) -> None:
    content = made.path.read_bytes()

    for name in ("SECRET_KEY", "FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY", "SEAL_KEY"):
        key = getattr(settings, name)
        assert key.encode() not in content
        assert bytes.fromhex(key) not in content
    assert made.path.stat().st_mode & 0o077 == 0


def test_a_backup_is_one_moment_though_acts_go_on(
    city: Organisation, target: Target, tmp_path: Path, at: datetime
) -> None:
    def acts_go_on(_line: str) -> None:
        add_file(city, 77, at)
        with transaction.atomic():
            record("test.later", city, by=SYSTEM, at=at)
        seal(at)

    before = Entry.objects.count()
    made = make_backup(tmp_path / "one.tar", at=at, say=acts_go_on)
    restore(made.path, target, replace=False, at=at)

    assert Entry.objects.count() > before
    assert value_in(target, "SELECT COUNT(*) FROM ledger_entry") == before
    assert made.manifest["ledger"]["entries"] == before


def test_a_missing_or_damaged_file_is_named_and_the_rest_is_kept(
    city: Organisation, target: Target, tmp_path: Path, at: datetime, settings: Any
) -> None:
    gone, bitten = Blob.objects.order_by("pk")[:2]
    (settings.FILES_ROOT / gone.sm3[:2] / gone.sm3[2:4] / gone.sm3).unlink()
    path = settings.FILES_ROOT / bitten.sm3[:2] / bitten.sm3[2:4] / bitten.sm3
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    made = make_backup(tmp_path / "one.tar", at=at)

    assert set(made.damaged) == {gone.sm3, bitten.sm3}
    assert made.manifest["files"]["count"] == 1
    assert restore(made.path, target, replace=False, at=at).manifest["files"]["damaged"] == made.damaged


def test_a_backup_that_fails_leaves_nothing_behind(city: Organisation, tmp_path: Path, at: datetime) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()

    def fails(_line: str) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        make_backup(folder, at=at, say=fails)

    assert list(folder.iterdir()) == []


def test_an_archive_is_never_overwritten(made: Made, at: datetime) -> None:
    with pytest.raises(FileExistsError):
        make_backup(made.path, at=at)


# ── what is not let in ──


@pytest.mark.parametrize("member", ["database.", "files/", "files.jsonl", "witness/"])
def test_a_damaged_archive_is_not_restored(made: Made, target: Target, at: datetime, member: str) -> None:
    content = bytearray(made.path.read_bytes())
    with tarfile.open(made.path) as tar:
        info = next(info for info in tar if info.name.startswith(member))
    content[info.offset_data + info.size // 2] ^= 1
    made.path.write_bytes(content)

    told = refused(made.path, target, at)

    assert info.name in told
    assert target.in_use() == []


@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.999])
def test_an_archive_cut_short_is_not_restored(made: Made, target: Target, at: datetime, keep: float) -> None:
    content = made.path.read_bytes()
    made.path.write_bytes(content[: int(keep * len(content)) if keep < 1 else int(keep)])
    if keep == 0.999:  # only the padding after the end is gone: tar needs none of it
        made.path.write_bytes(content[: content.rindex(b"manifest.sig") + 10])

    refused(made.path, target, at)

    assert target.in_use() == []


def test_a_missing_file_is_named(made: Made, target: Target, at: datetime) -> None:
    name = archive.file_name(Blob.objects.order_by("pk")[1].sm3)

    told = refused(rewritten(made.path, lambda members: members.pop(name)), target, at)

    assert f"归档里缺少 {name}。" in told
    assert target.in_use() == []


def test_a_member_too_many_is_named(made: Made, target: Target, at: datetime) -> None:
    told = refused(rewritten(made.path, lambda members: members.update({"files/x": b"x"})), target, at)

    assert "归档里多出了 files/x" in told


def test_an_altered_manifest_is_not_believed(made: Made, target: Target, at: datetime) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[archive.MANIFEST] = members[archive.MANIFEST].replace(b'"sealed": 43', b'"sealed": 42')

    assert "签名不正确" in refused(rewritten(made.path, change), target, at)


def test_an_altered_row_is_found_though_archive_and_manifest_agree(made: Made, target: Target, at: datetime) -> None:
    """Somebody with the signing key, too, has changed a row: the row's table no longer sums up to what it was."""

    def change(members: dict[str, bytes]) -> None:
        if target.server is None:
            members["database.sqlite3"] = members["database.sqlite3"].replace(
                "云州恒达路桥".encode(), "云州恒通路桥".encode()
            )
        else:
            _alter_dump(members, target)

    told = refused(rewritten(made.path, change, signed=True), target, at)

    assert "表 accounts_organisation 的行数相同，内容不同" in told
    assert target.in_use() == []


def _alter_dump(members: dict[str, bytes], target: Target) -> None:
    assert target.server is not None
    scratch = target.server.named(f"{target.server.name}_scratch")
    scratch.command("CREATE DATABASE {} TEMPLATE template0", scratch.name)
    databases.load_postgres(scratch, io.BytesIO(members["database.dump"]))
    with scratch.connect() as connected:
        connected.execute("UPDATE accounts_organisation SET name = '云州恒通路桥'")
    path = Path(f"/tmp/{scratch.name}.dump")
    try:
        with databases.postgres_snapshot(scratch) as (_reader, name):
            databases.dump_postgres(scratch, name, path)
        members["database.dump"] = path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


def test_an_entry_altered_before_the_backup_does_not_come_back_as_genuine(
    city: Organisation, target: Target, tmp_path: Path, at: datetime
) -> None:
    entry = Entry.objects.order_by("pk")[7]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET actor_label = 'nobody' WHERE id = %s", [entry.pk])
    made = make_backup(tmp_path / "one.tar", at=at)

    told = refused(made.path, target, at)

    assert f"#{entry.pk}" in told
    assert "内容被改动" in told
    assert target.in_use() == []


def test_another_key_is_named(made: Made, target: Target, at: datetime, settings: Any) -> None:
    settings.FILE_KEY = "00" * 16

    assert "XINSHU_FILE_KEY 不是备份时的密钥" in refused(made.path, target, at)


def test_a_backup_of_the_other_database_does_not_fit(made: Made, tmp_path: Path, at: datetime) -> None:
    elsewhere = databases.Server("", "1", "", "", "x") if connection.vendor == "sqlite" else None

    assert "不能互换" in refused(made.path, Target(tmp_path / "other", elsewhere), at)


def test_a_backup_of_a_newer_version_does_not_fit(made: Made, target: Target, at: datetime) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members[archive.MANIFEST])
        manifest["migrations"].append("ledger.0999_from_tomorrow")
        members[archive.MANIFEST] = json.dumps(manifest).encode()

    assert "ledger.0999_from_tomorrow" in refused(rewritten(made.path, change, signed=True), target, at)


def test_a_backup_from_before_migrations_were_folded_fits_and_one_from_half_way_is_refused(
    made: Made, target: Target
) -> None:
    former = [name for name in made.manifest["migrations"] if "_squashed_" not in name]
    half_way = [name for name in former if name != "accounts.0005_link_codes"]

    assert len(former) < len(made.manifest["migrations"])
    assert restoring._must_fit({**made.manifest, "migrations": former}, target) == 0
    with pytest.raises(CannotRestore) as refusal:
        restoring._must_fit({**made.manifest, "migrations": half_way}, target)
    assert "0005_link_codes" in str(refusal.value.reasons)


# ── what is there already ──


def test_what_is_there_is_not_overwritten_unasked_and_kept_aside_when_asked(
    made: Made, target: Target, city: Organisation, tmp_path: Path, at: datetime
) -> None:
    restore(made.path, target, replace=False, at=at)
    with transaction.atomic():
        record("test.more", city, by=SYSTEM, at=at)
    later = make_backup(tmp_path / "two.tar", at=at)

    assert "目标不是空的" in refused(later.path, target, at)
    assert value_in(target, "SELECT COUNT(*) FROM ledger_entry") == 43
    done = restore(later.path, target, replace=True, at=at)

    assert value_in(target, "SELECT COUNT(*) FROM ledger_entry") == 44
    old = target.folder / "replaced-20261121104000"
    assert str(old) in done.aside
    assert (old / "witness" / "last.json").exists()
    if target.server is None:
        with closing(sqlite3.connect(old / "xinshu.sqlite3")) as connected:
            assert connected.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()[0] == 43
    else:
        aside = target.server.named(f"{target.server.name}_replaced_20261121104000")
        with aside.connect() as connected:
            assert connected.execute("SELECT COUNT(*) FROM ledger_entry").fetchone()[0] == 43  # type: ignore[index]


def test_an_interrupted_restore_goes_on_where_it_was(
    made: Made, target: Target, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupts(line: str) -> None:
        if line == "正在恢复数据库":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(made.path, target, replace=False, at=at, say=interrupts)
    (staged,) = target.folder.glob(".restoring-*")
    brought = {path: path.stat().st_ino for path in staged.rglob("*") if path.is_file() and "files" in path.parts}
    assert len(brought) == 3

    restore(made.path, target, replace=False, at=at)

    now = {path.stat().st_ino for path in (target.folder / "files").rglob("*") if path.is_file()}
    assert now == set(brought.values())
    assert not list(target.folder.glob(".restoring-*"))


# ── commands ──


def test_the_command_keeps_the_last_archives_and_remembers_them(
    city: Organisation, tmp_path: Path, at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()

    call_command("backup", str(folder), "--json")

    told = json.loads(capsys.readouterr().out)
    backup = Backup.objects.get()
    assert Path(told["path"]).parent == folder
    assert (backup.sealed, backup.root, backup.files, backup.damaged) == (43, told["root"], 3, 0)
    assert Entry.objects.get(kind="backup.made").data["root"] == told["root"]


def test_a_drill_tells_how_long_it_takes_and_what_a_loss_now_would_cost(
    city: Organisation, tmp_path: Path, at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    from xinshu.operations.backups.drill import drill

    assert drill(tmp_path, at=at)["rpo_seconds"] is None
    remember_backup(make_backup(tmp_path / "one.tar", at=at), began=at, at=at)

    told = drill(tmp_path, at=at + timedelta(minutes=5))

    assert told["ok"]
    assert told["rpo_seconds"] == 300
    assert told["rto_seconds"] > 0
    assert told["files"] == 3
    assert "核验通过" in told["verdict"]
    call_command("drill", folder=tmp_path, rto=3600.0, rpo=None)
    assert json.loads(capsys.readouterr().out)["ok"]
    with pytest.raises(SystemExit):
        call_command("drill", folder=tmp_path, rto=None, rpo=0.0)


def test_without_postgresqls_programs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_PLACES", ())
    monkeypatch.setenv("PATH", "")

    with pytest.raises(databases.NoProgram, match="postgresql-client"):
        databases.program("pg_dump", databases.Server("", "5432", "", "", "x"))


def test_files_of_a_bucket_come_back_to_the_bucket(
    city: Organisation, target: Target, settings: Any, tmp_path: Path, at: datetime
) -> None:
    local = storage()
    with standing() as store:
        settings.FILES_STORAGE, settings.S3 = "xinshu.documents.storage.s3.S3Storage", store.settings
        s3._client.cache_clear()
        names = list(Blob.objects.order_by("sm3").values_list("sm3", flat=True))
        for name in names:
            storage().write(name, local.read(name))
        made = make_backup(tmp_path / "of-a-bucket.tar", at=at)
        kept = dict(store.objects)
        lost, damaged = sorted(kept)[:2]
        del store.objects[lost]
        store.objects[damaged] = b"something else"
        store.objects["zz/zz/unrelated"] = b"stays"

        restore(made.path, Target(target.folder, target.server, storage()), replace=False, at=at)

        assert store.objects == {**kept, "zz/zz/unrelated": b"stays"}
        assert not (target.folder / "files").exists()
    s3._client.cache_clear()
