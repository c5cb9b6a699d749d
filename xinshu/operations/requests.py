"""Every request gets a number, is timed and counted, and, slow or broken, is said so in the log."""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponseBase

from xinshu.ledger.worker import worker_name
from xinshu.operations.logs import request_number
from xinshu.operations.measurements import measured
from xinshu.operations.models import PageTime

logger = logging.getLogger("xinshu.request")

NUMBER = re.compile(r"[A-Za-z0-9._-]{8,64}")
SLOT = timedelta(minutes=5)
KEPT = timedelta(days=1)
FLUSH_EVERY = 15.0  # seconds: what a killed process loses of the page times, never more
QUIET = {"portal:healthz", "operations:readyz", "operations:metrics"}  # asked by machines every few seconds


class RequestMiddleware:
    """First in the list, so that it times everything and its number is there for whatever fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.slow = settings.SLOW_REQUEST_MS / 1000

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        brought = request.headers.get("X-Request-Id", "")
        number = brought if NUMBER.fullmatch(brought) else secrets.token_hex(8).upper()
        request.number = number  # type: ignore[attr-defined]
        token, began = request_number.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = number
            if not request.path_info.startswith(settings.STATIC_URL):
                self._tell(request, response.status_code, time.perf_counter() - began)
            return response
        finally:
            request_number.reset(token)

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        match = request.resolver_match
        view = (match.view_name if match else "") or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST"} else "OTHER"
        measured(view, str(method), status, seconds)
        if view not in QUIET:
            page_times.add(view, seconds, failed=status >= 500)
        slow = seconds >= self.slow
        if slow or logger.isEnabledFor(logging.INFO):
            member = getattr(request, "member", None)
            # The route, never the address: what people type into addresses is theirs
            told = {
                "route": match.route if match else "",
                "method": method,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "member": member.actor_key if member is not None else "",
            }
            line = "%s %s %s %.1f ms%s"
            words = (method, told["route"] or "-", status, seconds * 1000, " slow" if slow else "")
            logger.log(logging.WARNING if slow else logging.INFO, line, *words, extra=told)


class PageTimes:
    """How long pages took in this process since the last flush; a thread of its own writes it down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threaded = not settings.TESTING  # tests write when they say so
        self._kept: dict[tuple[datetime, str], list[int]] = {}
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

    def flush(self) -> None:
        """Write down what was counted, and forget what is older than a day. Raises django.db.Error."""
        with self._lock:
            taken, self._kept = self._kept, {}
            self._name = self._name or worker_name()
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

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_EVERY)
            with suppress(Error):  # these figures are not worth a line: the next ones come
                self.flush()
            connection.close()


page_times = PageTimes()
