"""Where encrypted blobs lie: a local folder, S3-compatible storage where several machines serve, or two at once."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Storage(Protocol):
    """Keeps bytes under a key (the SM3 of what they encrypt). Never sees plain text."""

    def has(self, key: str) -> bool: ...

    def write(self, key: str, content: bytes) -> None:
        """Keep `content`, all or nothing, and on the disk when this returns. Writing a key again does no harm."""
        ...

    def read(self, key: str) -> bytes:
        """Return what was written. Raises FileNotFoundError."""
        ...

    def remove(self, key: str) -> None:
        """Forget a key; one that is not there does no harm. Raises OSError."""
        ...

    def check(self) -> None:
        """Raise OSError when nothing can be written now."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with `prefix` (two hex digits), in any order. Raises OSError."""
        ...


def storage() -> Storage:
    """Return the storage that settings.FILES_STORAGE names."""
    return _class(settings.FILES_STORAGE)()


@cache
def _class(name: str) -> Callable[[], Storage]:
    return import_string(name)
