"""The one place where HTTP leaves the house for a provider: time limits, what a broken line means, the log of calls."""

import re
import time
from dataclasses import dataclass
from typing import Any

import httpx

from xinshu.core import clock, tracing
from xinshu.core.tls import trusted
from xinshu.messaging.models import Call

TIMEOUT = httpx.Timeout(8.0, connect=4.0)
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?(1\d{2})\d{4}(\d{4})(?!\d)")
_MAIL = re.compile(r"\b([\w.+-])[\w.+-]*(@[\w.-]+\.\w+)")
_TOKEN = re.compile(r'(access_token"?[=:]\s*"?)[\w-]+')


class NotReached(Exception):
    """The other side never got the request: it can be tried again."""


class NoAnswer(Exception):
    """The other side may have got the request, the answer did not come."""


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status and JSON ({} when it is none)."""

    status: int
    data: dict[str, Any]


def masked(text: str) -> str:
    """Return `text` with phone numbers, mail addresses and tokens shown in part."""
    text = _PHONE.sub(r"\1****\2", text)
    return _TOKEN.sub(r"\1***", _MAIL.sub(r"\1***\2", text))


def call(client: Any, act: str, method: str, url: str, *, shown: str, message: Any = None, **request: Any) -> Answer:
    """Send one HTTP request for `client` (a Channel) and log it; `shown` is the request as people may see it.

    Raises NotReached or NoAnswer.
    """
    began, at = time.monotonic(), clock.now()
    status, answer = "", ""
    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted()) as web:
            headers = {**(request.pop("headers", None) or {}), **tracing.traceparent()}
            response = web.request(method, url, headers=headers, **request)
        status, answer = str(response.status_code), response.text
        try:
            data = response.json()
        except ValueError:
            data = {}
        return Answer(response.status_code, data if isinstance(data, dict) else {"list": data})
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        status, answer = "未连上", f"{type(error).__name__}: {error}"
        raise NotReached(answer) from error
    except httpx.HTTPError as error:
        status, answer = "无答复", f"{type(error).__name__}: {error}"
        raise NoAnswer(answer) from error
    finally:
        log(client, act, url.partition("?")[0], shown, status, answer, at=at, began=began, message=message)


def log(
    client: Any, act: str, url: str, shown: str, status: str, answer: str, *, at: Any, began: float, message: Any
) -> None:
    """Keep one call, masked."""
    Call.objects.create(
        message=message,
        channel=client.channel,
        provider=client.provider,
        act=act,
        address=url[:200],
        request=masked(shown)[:2000],
        status=status[:40],
        answer=masked(answer)[:2000],
        at=at,
        milliseconds=round((time.monotonic() - began) * 1000),
        trace=tracing.current(),
    )
