"""Sending one submission: written by its adapter, posted, the answer believed only when its signature holds.

Talks to the outside world: never inside a transaction. A crash after posting sends it twice; the receiver knows it by
its message number.
"""

import time
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from xinshu.core import tracing
from xinshu.core.masking import text as masked_text
from xinshu.exchange.actions.submissions import mark_sent, take_reply
from xinshu.exchange.adapters import Message, Outgoing, Reply, Unusable, adapter_of
from xinshu.exchange.content import reveals
from xinshu.exchange.destinations import Destination, destinations, exchange_key
from xinshu.exchange.models import InLine, Try
from xinshu.exchange.sandbox import inside
from xinshu.integrations.posting import Answer, post

SANDBOX = "sandbox:"  # the address of the centre inside this process; production refuses it


class NotTaken(Exception):
    """The receiving system did not take the message: tried again later."""


def message_of(submission: InLine) -> Message:
    """Return what adapters are told."""
    return Message(
        submission.event, submission.message, submission.order, submission.number, submission.content,
        submission.nonce, submission.commitment,
    )  # fmt: skip


def transmit(submission: InLine, *, at: datetime) -> Reply | None:
    """Send a waiting submission and take note of the answer. Raises NotTaken when it must be tried again."""
    if submission.state != "waiting":
        return None
    to = destinations().get(submission.destination)
    if to is None:
        raise NotTaken(_("接收系统 %(code)s 没有配置。") % {"code": submission.destination})
    if submission.event == "reveal" and not reveals(submission.commitment, submission.content, submission.nonce):
        raise NotTaken(_("内容与签发时的承诺值不符，没有还原。请核对数据是否被改动。"))
    message, adapter = message_of(submission), adapter_of(to)
    began, answer = time.perf_counter(), Answer(None, "", 0)
    try:
        outgoing = adapter.write(message, to, exchange_key(), at)
        answer = deliver(to, outgoing, message.message)
        if not answer.accepted:
            raise Unusable(
                _("接收系统没有收下（%(status)s）") % {"status": answer.status or answer.text or _("没有答复")}
            )
        reply = adapter.read(answer.text, message, outgoing, to)
    except Unusable as why:
        note_try(submission, "failed", str(why), at, answer.status, began)
        raise NotTaken(str(why)) from None
    note_try(submission, reply.outcome, reply.reason or reply.receipt, at, answer.status, began)
    take_reply(mark_sent(submission, message.message, at=at), reply, at=at)
    return reply


def deliver(to: Destination, outgoing: Outgoing, message: str) -> Answer:
    """Post it, or hand it to the sandbox of a demo."""
    if to.url.startswith(SANDBOX):
        assert not settings.PRODUCTION
        return inside.answer(to, outgoing, message)
    headers = {"Content-Type": outgoing.content_type, "Xinshu-Message": message, **tracing.traceparent()}
    return post(f"{to.url.rstrip('/')}/{outgoing.path}", outgoing.body, headers)


def note_try(
    submission: InLine, outcome: str, words: str, at: datetime, status: int | None, began: float
) -> None:  # fmt: skip
    """Keep one try, covered and cut."""
    Try.objects.create(
        **{submission.FAMILY: submission}, message=submission.message, at=at, outcome=outcome, status=status,
        answer=masked_text(words)[:500], milliseconds=int((time.perf_counter() - began) * 1_000),
    )  # fmt: skip
