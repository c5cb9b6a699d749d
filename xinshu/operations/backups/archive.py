"""The archive: a tar of database, encrypted files and witness memory; the manifest and its signature stand last.

An archive without a manifest is an unfinished one. The manifest lists every member with its SM3 and is signed with the
platform's SM2 key, so that nobody can exchange a member and its digest together.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.utils.translation import gettext as _

from xinshu.core.sm import hmac_sm3, sm3_running, verify_sm2
from xinshu.ledger.keys import platform_key

FORMAT = "xinshu-backup/1"
MANIFEST, SIGNATURE, FILES, WITNESS = "manifest.json", "manifest.sig", "files.jsonl", "witness/last.json"
CHUNK = 1024 * 1024
_NAMED = ("FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY")  # without these a backup is of no use


class CannotRestore(Exception):
    """The archive does not hold, does not fit this installation, or would overwrite; says what, line by line."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


def key_marks() -> dict[str, str]:
    """Return what tells one key from another without telling the key."""
    return {name: hmac_sm3(bytes.fromhex(getattr(settings, name)), b"xinshu backup").hex()[:16] for name in _NAMED}


class _Hashed:
    """A file whose bytes are counted and hashed as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.running = file, 0, sm3_running()

    def read(self, size: int = -1) -> bytes:
        found = self.file.read(size)
        self.size += len(found)
        self.running.update(found)
        return found


class Writer:
    """Adds members one after the other; nothing is held in memory but one chunk."""

    def __init__(self, tar: tarfile.TarFile, at: float) -> None:
        self.tar, self.at = tar, at
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: IO[bytes], size: int, *, listed: bool = True) -> str:
        """Add `size` bytes of `content` as member `name`; returns their SM3 in hex."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self.at
        hashed = _Hashed(content)
        self.tar.addfile(info, cast("IO[bytes]", hashed))
        digest = hashed.running.digest().hex()
        if listed:
            self.members[name] = {"size": hashed.size, "sm3": digest}
        return digest

    def add_bytes(self, name: str, content: bytes, *, listed: bool = True) -> str:
        """Add `content` as member `name`."""
        return self.add(name, io.BytesIO(content), len(content), listed=listed)

    def add_file(self, name: str, path: Path) -> str:
        """Add the file at `path` as member `name`."""
        with path.open("rb") as file:
            return self.add(name, file, path.stat().st_size)

    def finish(self, manifest: dict[str, Any]) -> None:
        """Write the manifest over everything added, and its signature."""
        text = json.dumps({**manifest, "members": self.members}, ensure_ascii=False, sort_keys=True).encode()
        self.add_bytes(MANIFEST, text, listed=False)
        self.add_bytes(SIGNATURE, platform_key().sign(text).hex().encode(), listed=False)


@contextmanager
def written(path: Path, at: float) -> Iterator[Writer]:
    """Write an archive beside `path` and move it into place when all of it is on the disk; else leave nothing."""
    draft = path.with_name(f".{path.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar, at)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


class Archive:
    """An archive that was read to its end, and whose manifest is the platform's own."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        try:
            self.infos = {info.name: info for info in tar}
        except (tarfile.TarError, OSError, EOFError) as error:
            raise CannotRestore(_("归档损坏，读不到结尾：%s") % error) from error
        if MANIFEST not in self.infos or SIGNATURE not in self.infos:
            raise CannotRestore(_("归档里没有清单或签名：备份没有做完，或者被截断。"))
        text = self.bytes_of(MANIFEST)
        try:
            signature = bytes.fromhex(self.bytes_of(SIGNATURE).decode())
            manifest = json.loads(text)
        except (ValueError, UnicodeDecodeError) as error:
            raise CannotRestore(_("归档的清单不能读取。")) from error
        if not verify_sm2(platform_key().public_hex, text, signature):
            raise CannotRestore(_("清单的签名不正确：归档被改动过，或者 XINSHU_CHECKPOINT_KEY 不是备份时的密钥。"))
        if manifest["format"] != FORMAT:
            raise CannotRestore(_("归档的格式 %s 不认识，请用做备份时的版本恢复。") % manifest["format"])
        self.manifest: dict[str, Any] = manifest
        self.name = sm3_of(text)[:12]

    def stream(self, name: str) -> IO[bytes]:
        """Return the member's bytes as a stream. Raises CannotRestore when it is not there."""
        info = self.infos.get(name)
        found = self.tar.extractfile(info) if info is not None and info.isreg() else None
        if found is None:
            raise CannotRestore(_("归档里缺少 %s。") % name)
        return found

    def bytes_of(self, name: str) -> bytes:
        """Return the whole member."""
        with self.stream(name) as file:
            return file.read()

    def files(self) -> Iterator[dict[str, Any]]:
        """Yield {key, size, sm3} of every kept file, as the backup listed them."""
        for line in self.stream(FILES):
            yield json.loads(line)

    def differences(self) -> list[str]:
        """Read every byte; return what is missing, too much, or not as the manifest has it."""
        wrong = []
        listed = {**self.manifest["members"]}
        try:
            for file in self.files():
                listed[file_name(file["key"])] = {"size": file["size"], "sm3": file["sm3"]}
        except (CannotRestore, ValueError, KeyError):
            return [_("文件清单 %s 缺失或损坏。") % FILES]
        for name, stated in listed.items():
            if name not in self.infos:
                wrong.append(_("归档里缺少 %s。") % name)
            elif (size_and_sm3(self.stream(name))) != (stated["size"], stated["sm3"]):
                wrong.append(_("%s 与备份时不同（SM3 不符）。") % name)
        surplus = set(self.infos) - set(listed) - {MANIFEST, SIGNATURE}
        return wrong + [_("归档里多出了 %s。") % name for name in sorted(surplus)]


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open the archive at `path`. Raises CannotRestore when it cannot be read or is not this platform's."""
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115  (closed below)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise CannotRestore(_("%(path)s 不是可以读取的备份归档：%(error)s") % {"path": path, "error": error}) from error
    with tar:
        yield Archive(tar)


def file_name(key: str) -> str:
    """Return the member that holds the stored file `key`."""
    return f"files/{key[:2]}/{key[2:4]}/{key}"


def size_and_sm3(stream: IO[bytes]) -> tuple[int, str]:
    """Read `stream` to its end; return how long it was and its SM3 in hex. A stream cut short simply ends."""
    hashed = _Hashed(stream)
    try:
        with stream:
            while hashed.read(CHUNK):
                pass
    except (tarfile.TarError, OSError, EOFError):
        return -1, ""
    return hashed.size, hashed.running.digest().hex()


def sm3_of(content: bytes) -> str:
    """Return the SM3 of `content` in hex."""
    running = sm3_running()
    running.update(content)
    return running.digest().hex()
