"""Log lines for people or as JSON, with the number of the request; no secret and nobody's data gets through.

What is masked here is the last line of defence: our own lines name pages by their route, people by their key.
"""

import json
import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings

from xinshu.core import tracing

request_number: ContextVar[str] = ContextVar("request_number", default="")

_SECRETS = ("SECRET_KEY", "FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY", "SEAL_KEY", "METRICS_TOKEN")
_ADDED = ("route", "method", "status", "ms", "member")  # what a line about a request carries
_MASKS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "[身份证号]"),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[2-9]\d{9}(?!\d)"), "[手机号]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[邮箱]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 ***"),
    (
        re.compile(
            r"""(?ix)\b([\w-]*(?:token|password|passwd|secret|signature|authorization|cookie|csrf\w*|sessionid|api_?key))
            (["']?\s*[=:]\s*["']?)[^\s&"',;)]+"""
        ),
        r"\1\2***",
    ),
    (re.compile(r"(\w+://[^:/\s]+:)[^@\s]+@"), r"\1***@"),
    (re.compile(r"(Key \([^)]*\)=)\(.*?\)(?= |$|\.)"), r"\1(***)"),  # PostgreSQL quotes the row that it refuses
    (re.compile(r"(Failing row contains )\(.*\)"), r"\1(***)"),
)


def masked(text: str) -> str:
    """Return `text` without secrets and without what tells who somebody is."""
    for name in _SECRETS:
        if secret := getattr(settings, name, ""):
            text = text.replace(secret, "***")
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    """One line for a person, with the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        number = request_number.get() or tracing.current()
        return masked(super().format(record)) + (f" [{number}]" if number else "")


class JsonFormatter(logging.Formatter):
    """One line of JSON per record: time, level, logger, message, and what is known of the request."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if number := getattr(record, "number", "") or request_number.get():
            told["request"] = number
        if trace := getattr(record, "trace", "") or tracing.current():
            told["trace"] = trace
        told |= {name: getattr(record, name) for name in _ADDED if hasattr(record, name)}
        if record.exc_info:
            told["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False, default=str)
