"""报送: queued because something happened, sent in order, acknowledged, decided on by the receiver, sent again."""

import secrets
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.cases import random_code
from xinshu.core.refusals import Invalid, NotNow
from xinshu.exchange.adapters import FILED, RETURNED, SUBMITTED, Reply
from xinshu.exchange.content import Content, commitment_of, new_nonce
from xinshu.exchange.destinations import Destination
from xinshu.exchange.lifecycle import SETTLED
from xinshu.exchange.models import InLine, Submission
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.recording import record
from xinshu.ledger.retrying import retry_delivery

DUE = "due"  # behind the family of the message
Event = Submission.Event
Message = TypeVar("Message", bound=InLine)


@transaction.atomic
def queue(
    guarantee: Guarantee, event: str, entry: Entry, to: Destination, receiver: Organisation, *, content: Content,
    at: datetime,
) -> Submission:  # fmt: skip
    """Put a message about `guarantee` into its line to one system. The same news twice is one message."""
    Guarantee.objects.select_for_update(of=("self",), no_key=True).get(pk=guarantee.pk)  # numbers are given one by one
    mine = Submission.objects.filter(guarantee=guarantee, destination=to.code)
    known = mine.filter(entry=entry, event=event).first()
    if known is not None:
        return known
    first, last = mine.order_by("number").first(), mine.order_by("-number").first()
    sealed = mine.filter(event=Event.SEALED).first() if event == Event.REVEAL else None
    nonce = new_nonce() if event == Event.SEALED else (sealed.nonce if sealed else "")
    submission = Submission.objects.create(
        state="waiting",
        guarantee=guarantee,
        receiver=receiver,
        destination=to.code,
        destination_name=to.name,
        event=event,
        number=last.number + 1 if last else 1,
        entry=entry,
        order=first.order if first else random_code(16),
        message=secrets.token_hex(16),
        content=sealed.content if sealed else content,
        nonce=nonce,
        commitment=sealed.commitment if sealed else (commitment_of(content, nonce) if nonce else ""),
        created_at=at,
    )
    remember("queued", submission, by=SYSTEM, at=at, event=event, to=to.code)
    send_next(submission, at=at)
    return submission


def send_next(submission: InLine, *, at: datetime) -> None:
    """Make due the foremost open message of the same line, if it waits: one at a time, so order needs no luck."""
    line = submission.line.exclude(state__in=SETTLED)
    foremost = line.select_related(*submission.WITH).order_by("number").first()
    if foremost is not None and foremost.state == "waiting" and not _due(foremost).exists():
        remember(DUE, foremost, by=SYSTEM, at=at, message=foremost.message)


@transaction.atomic
def mark_sent(submission: Message, message: str, *, at: datetime) -> Message:
    """Note that the receiver's system took it. That is no receipt yet; a receipt that was faster stays."""
    submission = _fresh(submission)
    if submission.state == "waiting" and submission.message == message:
        submission.change(submission.TABLE.step("send", submission, SYSTEM), sent_at=at)
        remember("sent", submission, by=SYSTEM, at=at, message=message)
    return submission


@transaction.atomic
def acknowledge(submission: Message, *, receipt: str, by: Actor, at: datetime) -> Message:
    """Take the counter-receipt (回执): now it counts as submitted. The same one again changes nothing."""
    submission = _locked(submission)
    receipt = _receipt(receipt)
    if submission.receipted_at is not None and submission.state in ("submitted", "filed"):
        if submission.receipt != receipt:
            raise NotNow(_("这份报送已有回执 %(receipt)s，没有改动。") % {"receipt": submission.receipt})
        return submission
    step = submission.TABLE.step("receipt", submission, by)
    submission.change(step, receipt=receipt, receipted_at=at, sent_at=submission.sent_at or at)
    remember("receipted", submission, by=by, at=at, receipt=receipt)
    send_next(submission, at=at)
    return submission


@transaction.atomic
def file_submission(submission: Message, *, by: Actor, at: datetime, receipt: str = "", answer: str = "") -> Message:
    """Let the receiver put it on file (备案). Where there was no receipt before, this is it."""
    submission = _locked(submission)
    if submission.state == "filed" and (not receipt or receipt == submission.receipt):
        return submission
    step = submission.TABLE.step("file", submission, by)
    told = submission.receipt or _receipt(receipt)
    submission.change(
        step, receipt=told, answer=answer.strip()[:500], receipted_at=submission.receipted_at or at, decided_at=at,
        sent_at=submission.sent_at or at,
    )  # fmt: skip
    remember("filed", submission, by=by, at=at, receipt=told, answer=submission.answer)
    send_next(submission, at=at)
    return submission


@transaction.atomic
def return_submission(submission: Message, *, by: Actor, at: datetime, reason: str) -> Message:
    """Let the receiver give it back. What comes after it waits until the guarantor has dealt with this."""
    submission = _locked(submission)
    reason = reason.strip()[:500]
    if submission.state == "returned" and submission.answer == reason:
        return submission
    step = submission.TABLE.step("return", submission, by)
    if not reason:
        raise Invalid(_("请写明退回的原因，保证人会看到。"), fields={"reason": _("还没有填写")})
    submission.change(step, answer=reason, decided_at=at)
    remember("returned", submission, by=by, at=at, reason=reason)
    return submission


@transaction.atomic
def resend(submission: Message, *, by: Actor, at: datetime) -> Message:
    """Send it once more. What was returned goes as a new message; else the receiver knows it by its number."""
    submission = _locked(submission)
    step = submission.TABLE.step("resend", submission, by)
    if submission.line.filter(number__lt=submission.number).exclude(state__in=SETTLED).exists():
        raise NotNow(_("前一份报文还没有回执，不能越过它报送。"), advice=_("先办结前一份，这一份会自动送出。"))
    tried = _due(submission).select_related("entry").first() if submission.state == "waiting" else None
    changes: dict[str, Any] = {"receipt": "", "receipted_at": None, "decided_at": None, "sent_at": None}
    if submission.state == "returned":
        changes |= {"message": secrets.token_hex(16), "answer": ""}
    submission.change(step, **changes)
    remember("resent", submission, by=by, at=at, message=submission.message)
    if tried is not None:  # parked, or waiting for its next try
        retry_delivery(tried, by=by, at=at)
    else:
        remember(DUE, submission, by=by, at=at, message=submission.message)
    return submission


@transaction.atomic
def drop(submission: Message, *, by: Actor, at: datetime, reason: str) -> Message:
    """Give a returned message up; those behind it go on."""
    submission = _locked(submission)
    step = submission.TABLE.step("drop", submission, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明不再报送的原因。"), fields={"reason": _("还没有填写")})
    submission.change(step)
    remember("dropped", submission, by=by, at=at, reason=reason[:500])
    send_next(submission, at=at)
    return submission


def take_reply(submission: InLine, reply: Reply, *, at: datetime) -> None:
    """Do what the receiver's answer means. One that was overtaken by another changes nothing."""
    if reply.outcome == SUBMITTED and submission.state in {"waiting", "sent"}:
        acknowledge(submission, receipt=reply.receipt, by=SYSTEM, at=at)
    elif reply.outcome == FILED and submission.state != "filed":
        file_submission(submission, receipt=reply.receipt, answer=reply.reason, by=SYSTEM, at=at)
    elif reply.outcome == RETURNED and submission.state in {"waiting", "sent", "submitted"}:
        return_submission(submission, reason=reply.reason, by=SYSTEM, at=at)


def remember(what: str, submission: InLine, *, by: Actor, at: datetime, **data: Any) -> Entry:
    """Record what happened to a message, under the name of its family: as secret as what it is about."""
    kind = f"{submission.FAMILY}.{what}"
    return record(kind, submission, by=by, at=at, sealed_until=submission.secret_until, **data)


def _locked(submission: Message) -> Message:
    locked: Message = type(submission).objects.locked(submission)  # type: ignore[attr-defined]
    return locked


def _fresh(submission: Message) -> Message:
    """Return the row as it stands, locked: what the network brings is not a decision on a version that was seen."""
    rows = type(submission).objects.select_for_update(of=("self",), no_key=True)  # type: ignore[attr-defined]
    found: Message = rows.select_related(*submission.WITH).get(pk=submission.pk)
    return found


def _due(submission: InLine) -> Any:
    lane = f"{submission._meta.label_lower}:{submission.pk}"
    due = f"{submission.FAMILY}.{DUE}"
    return Delivery.objects.filter(lane=lane, entry__kind=due).exclude(state=Delivery.State.DONE)


def _receipt(receipt: str) -> str:
    receipt = receipt.strip()
    if not receipt or len(receipt) > 80 or not receipt.isprintable():
        raise Invalid(_("请填写回执编号，最长 80 个字符。"), fields={"receipt": _("没有回执编号")})
    return receipt
