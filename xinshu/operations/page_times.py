"""How long pages took and where traces began: counted in each process, written down every few seconds by a thread."""

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection

from xinshu.ledger.worker import worker_name
from xinshu.operations.models import PageTime, RequestTrace

KEPT = timedelta(days=1)
TRACES_KEPT = timedelta(days=7)
FLUSH_EVERY = 15.0  # seconds: what a killed process loses of the page times, never more


class PageTimes:
    """How long pages took in this process since the last flush, and what began; a thread of its own writes it down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threaded = not settings.TESTING  # tests write when they say so
        self._kept: dict[tuple[datetime, str], list[int]] = {}
        self._began: list[RequestTrace] = []
        self._thread: threading.Thread | None = None
        self._name = ""

    def add(self, view: str, seconds: float, *, failed: bool) -> None:
        """Count one page."""
        milliseconds = round(seconds * 1000)
        moment = datetime.now(UTC)
        slot = moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
        with self._lock:
            kept = self._kept.setdefault((slot, view), [0, 0, 0, 0])
            kept[0] += 1
            kept[1] += milliseconds
            kept[2] = max(kept[2], milliseconds)
            kept[3] += failed
            if self._threaded and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="page-times", daemon=True)
                self._thread.start()  # here, not at import: a forked web process has no threads of its parent

    def began(self, request: RequestTrace) -> None:
        """Keep where a trace begins; `add`, called before, sees to it that it is written down."""
        with self._lock:
            self._began.append(request)

    def flush(self) -> None:
        """Write down what was counted, and forget what is older than a day. Raises django.db.Error."""
        with self._lock:
            taken, self._kept = self._kept, {}
            began, self._began = self._began, []
            self._name = self._name or worker_name()
        RequestTrace.objects.bulk_create(began)
        for (slot, view), (count, total, longest, failed) in taken.items():
            row, new = PageTime.objects.get_or_create(
                slot=slot,
                process=self._name,
                view=view[:120],
                defaults={"count": count, "total_ms": total, "longest_ms": longest, "failed": failed},
            )
            if not new:
                row.count, row.total_ms = row.count + count, row.total_ms + total
                row.longest_ms, row.failed = max(row.longest_ms, longest), row.failed + failed
                row.save(update_fields=["count", "total_ms", "longest_ms", "failed"])
        PageTime.objects.filter(slot__lt=datetime.now(UTC) - KEPT).delete()
        RequestTrace.objects.filter(at__lt=datetime.now(UTC) - TRACES_KEPT).delete()

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_EVERY)
            with suppress(Error):  # these figures are not worth a line: the next ones come
                self.flush()
            connection.close()


page_times = PageTimes()
