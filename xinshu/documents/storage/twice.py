"""Blobs in two places at once: written to both, read from whichever answers; what one missed is copied there later.

A place that failed is left alone for a moment, so that one dead store does not slow every page. Writing is accepted as
long as one place takes it: the nightly round and `manage.py mend_files` bring the other up to date (mending.py).
"""

import logging
import time
from collections.abc import Callable, Iterator

from django.conf import settings

from xinshu.documents.storage import Storage
from xinshu.documents.storage.local import LocalStorage
from xinshu.documents.storage.s3 import S3Storage

RETRIES = 1  # the other place is the better second try
AWAY = 10.0  # seconds for which a place that failed is asked last
log = logging.getLogger(__name__)
_away_until: dict[str, float] = {}  # of this process


def places() -> dict[str, Storage]:
    """Return the two places by the names under which XINSHU_STORAGE and XINSHU_STORAGE_SECOND chose them."""
    kinds: dict[str, Callable[[], Storage]] = {
        "local": LocalStorage,
        "s3": lambda: S3Storage(settings.S3, RETRIES),
        "s3-second": lambda: S3Storage(settings.S3_SECOND, RETRIES),
    }
    return {name: kinds[name]() for name in settings.FILES_PLACES}


class TwoPlaces:
    """Both places as one. Raises OSError only when neither does what is asked."""

    def __init__(self) -> None:
        self.places = places()

    def has(self, key: str) -> bool:
        """Say whether either place holds it. Raises OSError when neither answers."""
        failed: OSError | None = None
        answered = False
        for name in self._order():
            try:
                if self.places[name].has(key):
                    return True
                answered = True
            except OSError as error:
                failed = error
                _leave_alone(name, error)
        if failed is not None and not answered:
            raise failed
        return False

    def read(self, key: str) -> bytes:
        """Return what either place holds. "Not there" is said only when both answered so."""
        failed: OSError = FileNotFoundError(key)
        for name in self._order():
            try:
                return self.places[name].read(key)
            except FileNotFoundError:
                continue
            except OSError as error:
                failed = error
                _leave_alone(name, error)
        raise failed

    def write(self, key: str, content: bytes) -> None:
        """Write to both; to one when the other is away."""
        self._both(lambda place: place.write(key, content))

    def remove(self, key: str) -> None:
        """Remove from both; what a place that is away keeps is named by nobody any more."""
        self._both(lambda place: place.remove(key))

    def check(self) -> None:
        self._both(lambda place: place.check())

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield each key that either place holds. Raises OSError when one does not answer: half a list is none."""
        yield from sorted({key for place in self.places.values() for key in place.keys(prefix)})

    def _both(self, do: Callable[[Storage], None]) -> None:
        done, failed = 0, OSError("there is no place")
        for name in self._order():
            if done and _is_away(name):
                continue
            try:
                do(self.places[name])
                done += 1
            except OSError as error:
                failed = error
                _leave_alone(name, error)
        if not done:
            raise failed

    def _order(self) -> list[str]:
        return sorted(self.places, key=_is_away)


def _is_away(name: str) -> bool:
    return time.monotonic() < _away_until.get(name, 0.0)


def _leave_alone(name: str, error: OSError) -> None:
    _away_until[name] = time.monotonic() + AWAY
    log.warning("Storage %s is away, going on with the other: %s", name, type(error).__name__)
