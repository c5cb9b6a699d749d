"""Every request gets a number and a trace, is timed and counted, and, slow or broken, is said so in the log."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from xinshu.core import tracing
from xinshu.operations.logs import request_number
from xinshu.operations.measurements import measured
from xinshu.operations.models import RequestTrace
from xinshu.operations.page_times import page_times

logger = logging.getLogger("xinshu.request")

NUMBER = re.compile(r"[A-Za-z0-9._-]{8,64}")
PARTNERS = "/api/"  # whoever calls here may say which trace of theirs the call belongs to, and is told it back
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
        partner = request.path_info.startswith(PARTNERS)
        trace = (tracing.brought(request.headers.get("traceparent", "")) if partner else "") or tracing.trace_of(number)
        token, began = request_number.set(number), time.perf_counter()
        try:
            with tracing.traced(trace):
                response = self.get_response(request)
                response["X-Request-Id"] = number
                if partner:
                    response["traceparent"] = tracing.traceparent()["traceparent"]
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
        if method not in {"GET", "HEAD"} or status >= 500:
            began = RequestTrace(
                trace=tracing.current(), number=request_number.get(), view=view[:120], method=method, status=status,
                at=datetime.now(UTC) - timedelta(seconds=seconds), milliseconds=round(seconds * 1000),
            )  # fmt: skip
            page_times.began(began)
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
