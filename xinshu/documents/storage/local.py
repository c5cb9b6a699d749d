"""Blobs in a folder of this machine: FILES_ROOT/ab/cd/abcd…, written aside, synced, then moved into place."""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_KEY = re.compile(r"[0-9a-f]{64}")


class LocalStorage:
    """A folder. Many processes may write the same key at once: each moves a whole file into place."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or Path(settings.FILES_ROOT)

    def has(self, key: str) -> bool:
        return self._path(key).exists()

    def write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{key[:8]}-{secrets.token_hex(6)}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)  # the name itself must survive a power cut, too
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    def remove(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        probe = self.root / f".probe-{secrets.token_hex(6)}"
        try:
            probe.write_bytes(b"ok")
        finally:
            probe.unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        for path in (self.root / prefix).glob("??/*"):
            if _KEY.fullmatch(path.name):
                yield path.name

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a blob's key is an SM3 in hex")
        return self.root / key[:2] / key[2:4] / key
