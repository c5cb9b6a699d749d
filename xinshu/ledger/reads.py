"""Who looked at whose matters: kept in memory while the page is answered, recorded a second later by a thread.

Reading must not wait for the database's one writer. The price: a web process that is killed with -9 loses the reads of
its last second. The same person reading the same thing again within the hour is one read.
"""

import atexit
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection, models, transaction

from xinshu.core.actors import Actor
from xinshu.ledger.queries import ENDING
from xinshu.ledger.recording import record

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds
AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Read:
    """One person looked at one thing."""

    kind: str
    subject: models.Model
    by: Actor
    at: datetime
    sealed_until: datetime | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.by.actor_key, self.kind, self.subject._meta.label_lower, int(self.subject.pk)


class Reads:
    """The reads of this process that are not recorded yet, and those of the last hour that need no second entry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threaded = not settings.TESTING  # tests write when they say so
        self._waiting: list[Read] = []
        self._known: dict[tuple[str, str, str, int], datetime] = {}
        self._thread: threading.Thread | None = None

    def add(self, read: Read) -> None:
        """Remember `read`; costs no query."""
        with self._lock:
            last = self._known.get(read.key)
            if last is not None and last <= read.at < last + AGAIN_AFTER:
                return
            self._known[read.key] = read.at
            self._waiting.append(read)
            if self._threaded and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                self._thread.start()  # here, not at import: a forked web process has no threads of its parent
                atexit.register(self._last)

    def flush(self) -> int:
        """Record all that waits, in one transaction; returns how many. Raises django.db.Error, having lost nothing."""
        with self._lock:
            taken, self._waiting = self._waiting, []
            if taken:
                since = max(read.at for read in taken) - AGAIN_AFTER
                self._known = {key: at for key, at in self._known.items() if at > since}
        try:
            with transaction.atomic():
                for read in taken:
                    record(read.kind, read.subject, by=read.by, at=read.at, sealed_until=read.sealed_until)
        except Error:
            with self._lock:
                self._waiting = taken + self._waiting
            raise
        return len(taken)

    def forget(self) -> None:
        """Begin anew (tests)."""
        with self._lock:
            self._waiting, self._known = [], {}

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)
            if self._waiting:
                try:
                    self.flush()
                except Error as error:
                    log.warning("Reads wait to be recorded, the database is away: %s", type(error).__name__)
                connection.close()

    def _last(self) -> None:
        with suppress(Error):
            self.flush()


reads = Reads()


def looked_at(
    kind: str, subject: models.Model, *, by: Actor, at: datetime, sealed_until: datetime | None = None
) -> None:
    """Have it recorded that `by` read `subject`, a matter of another organisation. `kind` ends in ".read"."""
    if not kind.endswith(ENDING):
        raise ValueError(f"{kind}: a read is called ….read")
    reads.add(Read(kind, subject, by, at, sealed_until))
