"""Sending: begun in one transaction, handed over outside any, finished in another; whatever dies in between.

A message that is found begun and not finished was interrupted. Where the provider tells repetitions by our key, it is
handed over again; elsewhere nobody can know, so it is shown as unknown and a person decides (docs/decisions/0021).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid
from xinshu.ledger.reactions import Later
from xinshu.ledger.recording import record
from xinshu.messaging.channels import Accepted, Channel, Letter, Outcome, Refused, Unclear, channel_named
from xinshu.messaging.channels.wire import NoAnswer, NotReached
from xinshu.messaging.kinds import SMS, kind_of, placeholders_of
from xinshu.messaging.lifecycle import MESSAGE
from xinshu.messaging.models import Message
from xinshu.messaging.planning import public_link
from xinshu.messaging.receipts import apply_waiting

PAUSES = (  # after the first, second ... temporary refusal; after the last the message has failed
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
)


def send_message(pk: int, at: datetime) -> None:
    """Send one queued message, or finish what a dead process began. Raises Later until it is due."""
    message = Message.objects.get(pk=pk)
    if message.state == "queued" and message.due_at > at:
        raise Later(message.due_at)
    if message.state not in {"queued", "sending"}:
        return
    try:
        channel = channel_named(message.channel)
    except KeyError:
        _end(message, "suppress" if message.state == "queued" else "doubt", _("这个渠道已停用"), at)
        return
    begun = _begin(message, channel, at)
    if begun is not None:
        _finish(begun, channel.send(_letter(begun)), at)


def _begin(message: Message, channel: Channel, at: datetime) -> Message | None:
    """Mark that an attempt is being made, before it is made. None when there is nothing to hand over."""
    key = message.key
    if message.state == "queued" and not key:
        try:
            key = channel.new_key(f"{message.reference}-{message.version}", message)
        except (NotReached, NoAnswer) as error:
            with transaction.atomic():
                fresh = Message.objects.locked(message)
                fresh.change(MESSAGE.step("begin", fresh, SYSTEM), attempts=fresh.attempts + 1)
            _finish(fresh, Refused(f"没有连上服务商：{error}"[:250], temporary=True), at)
            return None
    with transaction.atomic():
        message = Message.objects.locked(message)
        if message.state == "sending":
            return _resume(message, channel, at)
        if message.member_id and not Member.objects.acting().filter(pk=message.member_id).exists():
            message.change(MESSAGE.step("suppress", message, SYSTEM), reason=_("收件人的账号已停用"))
            return None
        since = message.first_tried_at or at
        if message.doubtful and at - since >= channel.repeatable:  # nobody worked while it could still be asked
            message.change(MESSAGE.step("doubt", message, SYSTEM))
            return None
        changes = {"key": key, "attempts": message.attempts + 1, "provider": channel.provider}
        if message.key != key or message.first_tried_at is None:
            changes["first_tried_at"] = at
        return message.change(MESSAGE.step("begin", message, SYSTEM), **changes)


def _resume(message: Message, channel: Channel, at: datetime) -> Message | None:
    """Return an interrupted message where it may be handed over again under its key; else it is unknown from now on."""
    since = message.first_tried_at or message.created_at
    if message.key and message.provider == channel.provider and at - since < channel.repeatable:
        return message
    message.change(MESSAGE.step("doubt", message, SYSTEM), reason=_("发送时程序中断，不知道服务商是否已收到"))
    return None


def _letter(message: Message) -> Letter:
    template = message.template
    in_order = placeholders_of(template.text) if template and message.channel == SMS else list(message.values)
    return Letter(
        message.reference,
        message.key,
        message.address,
        message.subject,
        message.text,
        template.provider_code if template else "",
        {name: str(message.values.get(name, "")) for name in in_order},  # PostgreSQL keeps no order of keys
        public_link(way_in(message)),
        message,
    )


def way_in(message: Message) -> str:
    """Return where the link of a message leads: past the place where its being opened is noted."""
    return f"/notices/go/{message.reference}/" if message.link and message.member_id else message.link


def _finish(message: Message, outcome: Outcome, at: datetime) -> None:
    """Keep what the provider answered. Raises Later when it is to be tried again."""
    due_at = None
    with transaction.atomic():
        fresh = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if fresh.state not in {"sending", "unknown"}:
            return  # another process, or a receipt, was faster
        if isinstance(outcome, Accepted):
            taken: dict[str, Any] = {
                "serial": outcome.serial[:80], "sent_at": at, "doubtful": False, "reason": "",
            }  # fmt: skip
            kind = kind_of(fresh.kind)
            if kind is not None and kind.secret:
                taken |= {"text": "", "values": {}}
            fresh.change(MESSAGE.step("accept", fresh, SYSTEM), **taken)
            apply_waiting(fresh)
        elif fresh.state == "unknown":
            return
        elif isinstance(outcome, Unclear):
            due_at = _unclear(fresh, outcome, at)
        elif outcome.temporary and fresh.attempts <= len(PAUSES):
            due_at = at + PAUSES[fresh.attempts - 1]
            fresh.change(MESSAGE.step("postpone", fresh, SYSTEM), due_at=due_at, reason=outcome.reason[:300])
        else:
            _end(fresh, "fail", outcome.reason, at)
    if due_at is not None:
        raise Later(due_at)


def _unclear(message: Message, outcome: Unclear, at: datetime) -> datetime | None:
    """Return when to hand it over again under its key, where the provider tells repetitions; else it is unknown."""
    again_at = at + PAUSES[min(message.attempts, len(PAUSES)) - 1]
    since = message.first_tried_at or at
    if message.attempts <= len(PAUSES) and again_at - since < channel_named(message.channel).repeatable:
        step = MESSAGE.step("postpone", message, SYSTEM)
        message.change(step, due_at=again_at, doubtful=True, reason=outcome.reason[:300])
        return again_at
    _end(message, "doubt", outcome.reason, at)
    return None


def _end(message: Message, act: str, reason: str, at: datetime) -> None:
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        message.change(MESSAGE.step(act, message, SYSTEM), reason=reason[:300])
        if act == "fail":
            record("message.failed", message, by=SYSTEM, at=at, sealed_until=message.sealed_until, reason=reason[:300])


@transaction.atomic
def decide_message(message: Message, action: str, reason: str, *, by: Actor, at: datetime) -> Message:
    """Have the operator's people decide on a failed or unknown message: retry, resend, or settle it as sent.

    A second sending is a message of its own to the provider, under a key of its own.
    """
    message = Message.objects.locked(message)
    step = MESSAGE.step(action, message, by)
    reason = reason.strip()
    if step.needs_reason and not reason:
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    if step.target == "queued":
        message.change(step, attempts=0, due_at=at, key="", first_tried_at=None, doubtful=False, serial="", reason="")
        kind = "message.queued"
    else:
        message.change(step, sent_at=at, reason=reason[:300])
        kind = "message.settled"
    record(kind, message, by=by, at=at, sealed_until=message.sealed_until, action=action, reason=reason[:300])
    return message
