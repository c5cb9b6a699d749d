"""The trace of an act (链路): one number from the request through everything that follows from it, here and at others.

Told and read as W3C Trace Context (`traceparent: 00-<trace>-<parent>-<flags>`). The trace of a request that brought
none is made of its number, so that whoever knows the number (报错编号) finds the trace without any table.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_current: ContextVar[str] = ContextVar("trace", default="")


def current() -> str:
    """Return the trace of what is being done, 32 hex digits; "" outside any."""
    return _current.get()


@contextmanager
def traced(trace: str | None) -> Iterator[None]:
    """Let what is done inside belong to `trace`; to none where it is empty."""
    token = _current.set(trace or "")
    try:
        yield
    finally:
        _current.reset(token)


def trace_of(number: str) -> str:
    """Return the trace of what bears this number: a request, a nightly round."""
    return hashlib.sha256(number.encode()).hexdigest()[:32]


def brought(header: str) -> str:
    """Return the trace that a `traceparent` header names; "" when it is none, or not well formed."""
    found = TRACEPARENT.fullmatch(header.strip()) if len(header) <= 200 else None
    if found is None or (header.startswith("00") and found[2]):  # version 00 has four parts
        return ""
    return found[1]


def traceparent() -> dict[str, str]:
    """Return the header that tells another system which trace a call belongs to; {} outside any."""
    trace = current()
    return {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"} if trace else {}
