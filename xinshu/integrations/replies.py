"""Idempotency keys: the same request under the same key is done once and answered the same, however often it comes.

The key's row, the act and the answer are one transaction: whoever comes second waits at the unique index and then finds
the answer; a process that dies has done nothing and left no key behind.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid, Refusal
from xinshu.core.sm import sm3
from xinshu.integrations.leaving import About
from xinshu.integrations.models import ApiClient, Reply

HEADER = "Idempotency-Key"
NOT_KEPT = {401, 413, 429}


@dataclass(frozen=True)
class Noted:
    """What the call log keeps with an answer: which fields left in it, and which case it has to do with."""

    fields: list[dict[str, Any]]
    about: About

    def kept(self) -> dict[str, Any]:
        """Return it as JSON."""
        until = self.about.sealed_until
        return {"fields": self.fields, **asdict(self.about), "sealed_until": until and until.isoformat()}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "Noted":
        """Return what `kept` wrote; of an answer from before anything was noted: nothing."""
        told = dict(kept)
        fields, until = told.pop("fields", []), told.pop("sealed_until", None)
        return cls(fields, About(**told, sealed_until=datetime.fromisoformat(until) if until else None))


class KeyUsed(Refusal):
    """The key already stands for another request."""

    status: ClassVar[int] = 409
    title = "幂等键已用于另一个请求"


class _Broken(Exception):
    """The answer says that we failed: nothing of it may remain, so that it can be tried again."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


def once(
    client: ApiClient,
    request: HttpRequest,
    body: bytes,
    at: datetime,
    act: Callable[[], HttpResponseBase],
    noted: Callable[[], Noted],
) -> tuple[HttpResponseBase, Noted | None]:
    """Return the answer to `request` and, where it was given before, what was noted then; else None.

    `noted` tells what is to be kept with the answer once `act` has made it. Raises KeyUsed, or Invalid without a key.
    """
    key = request.headers.get(HEADER, "").strip()
    if not (8 <= len(key) <= 80 and key.isascii() and key.isprintable()):
        raise Invalid(
            _("请求没有办理：缺少幂等键。"),
            advice=_("请在请求头 Idempotency-Key 中放入 8 到 80 个字符，每件事一个，重试时不变。"),
            fields={HEADER: _("8 到 80 个 ASCII 字符")},
        )
    signs = "\n".join((request.method or "", request.get_full_path())).encode() + b"\n" + body
    fingerprint = sm3(signs).hex()
    if (known := _known(client, key, fingerprint)) is not None:
        return known
    try:
        with transaction.atomic():
            with transaction.atomic():  # a savepoint: PostgreSQL forgives a refused insert only up to here
                reply = Reply.objects.create(client=client, key=key, fingerprint=fingerprint, at=at)
            response = act()
            if response.status_code >= 500 or response.status_code in NOT_KEPT:
                raise _Broken(response)
            reply.status, reply.content_type = response.status_code, response.headers.get("Content-Type", "")[:80]
            reply.body = response.content if isinstance(response, HttpResponse) else b""
            reply.noted = noted().kept()
            reply.save(update_fields=["status", "content_type", "body", "noted"])
    except _Broken as broken:
        return broken.response, None
    except IntegrityError:
        if (known := _known(client, key, fingerprint)) is None:
            raise
        return known
    return response, None


def _known(client: ApiClient, key: str, fingerprint: str) -> tuple[HttpResponse, Noted] | None:
    reply = Reply.objects.filter(client=client, key=key).first()
    if reply is None:
        return None
    if reply.fingerprint != fingerprint:
        raise KeyUsed(_("这个幂等键已用于另一个请求，这次没有办理。"), advice=_("新的事项请换一个幂等键。"))
    response = HttpResponse(bytes(reply.body), status=reply.status, content_type=reply.content_type)
    response["Idempotent-Replay"] = "true"
    return response, Noted.read(reply.noted)
