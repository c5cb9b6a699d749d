"""Digests (汇总): what waited for one person on one channel leaves as one message, once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.ledger.reactions import Later
from xinshu.ledger.recording import record
from xinshu.messaging.channels import NEEDS_TEMPLATE, provider_of
from xinshu.messaging.kinds import LOW
from xinshu.messaging.lifecycle import MESSAGE
from xinshu.messaging.models import Digest, Message, MessageTemplate, seal
from xinshu.messaging.planning import addresses_of, kind_of, written
from xinshu.messaging.topics import TOPICS

MOST_LINES = 50


@transaction.atomic
def send_digest(pk: int, at: datetime) -> Message | None:
    """Put what waits in a digest into one message and queue it. Raises Later until the digest is due.

    It holds what its person was told and may still see, nothing else; once closed it is never opened again.
    """
    digest = Digest.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)
    if digest.closed_at is not None:
        return None
    if digest.due_at > at:
        raise Later(digest.due_at)
    held = list(digest.messages.filter(state="held").select_related("notice", "member").order_by("pk"))
    acting = set(Member.objects.acting().filter(user=digest.user).values_list("pk", flat=True))
    told = [
        message
        for message in held
        if message.notice and message.notice.removed_at is None and message.member_id in acting
    ]
    for message in held:
        act, why = ("collect", "") if message in told else ("suppress", _("本人已删除这条消息，或账号已停用"))
        message.change(MESSAGE.step(act, message, SYSTEM), reason=why)
    digest.closed_at = at
    digest.save(update_fields=["closed_at"])
    return _queue(digest, told, at) if told else None


def _lines(told: list[Message]) -> list[str]:
    """Return the news by topic, of each topic the best scores first; where there is one topic, without headings."""
    order = {topic: number for number, topic in enumerate(TOPICS)}
    news = [message.notice for message in told if message.notice]
    news.sort(key=lambda notice: (order.get(notice.topic, len(order)), -(notice.score or 0), notice.pk))
    lines: list[str] = []
    several = len({notice.topic for notice in news}) > 1
    for number, notice in enumerate(news[:MOST_LINES]):
        if several and (not number or news[number - 1].topic != notice.topic):
            lines.append(f"【{TOPICS[notice.topic].label if notice.topic in TOPICS else notice.topic}】")
        scored = "" if notice.score is None else _("（%(n)d 分）") % {"n": notice.score}
        lines.append(f"· {notice.text}{scored}")
    if len(news) > MOST_LINES:
        lines.append(_("· 另有 %(n)d 条，请登录查看。") % {"n": len(news) - MOST_LINES})
    return lines


def _queue(digest: Digest, told: list[Message], at: datetime) -> Message:
    kind = kind_of("digest")
    assert kind is not None
    values = {"count": str(len(told)), "lines": "\n".join(_lines(told))}
    template = MessageTemplate.objects.filter(kind="digest", channel=digest.channel, state="active").first()
    address, shown = addresses_of([digest.user]).get((digest.user_id, digest.channel), ("", ""))
    never = ""
    if not address:
        never = _("地址已取消")
    elif not provider_of(digest.channel):
        never = _("这个渠道已停用")
    elif digest.channel in NEEDS_TEMPLATE and template is None:
        never = _("还没有启用汇总模板")
    priority = max((message.priority for message in told), default=LOW)
    sealed = [message.sealed_until for message in told if message.sealed_until is not None]
    message = Message.objects.create(
        member=told[-1].member,
        state="suppressed" if never else "queued",
        reason=never,
        sealed_until=max(sealed, default=None),
        created_at=at,
        due_at=at,
        address_sealed=seal(address) if address else b"",
        masked=shown,
        **(written(kind, digest.channel, template, values, "/notices/") | {"priority": priority}),
    )
    if not never:
        record(
            "message.queued", message, by=SYSTEM, at=at, sealed_until=message.sealed_until,
            channel=digest.channel, news="digest",
        )  # fmt: skip
    return message
