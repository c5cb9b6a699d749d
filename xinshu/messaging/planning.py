"""From notices to messages: for each addressee and channel at most one, now, later, in a digest, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, User
from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record
from xinshu.messaging.channels import NEEDS_TEMPLATE, provider_of
from xinshu.messaging.channels.wire import masked
from xinshu.messaging.kinds import (
    CHANNELS,
    MAIL,
    SMS,
    MessageKind,
    fill,
    kind_of,
    placeholders_of,
    wechat_fields,
)
from xinshu.messaging.lifecycle import MESSAGE
from xinshu.messaging.models import (
    Address,
    Digest,
    Message,
    MessageTemplate,
    Notice,
    seal,
)
from xinshu.messaging.timing import Plan, plan
from xinshu.messaging.topics import topic_of
from xinshu.messaging.wishes import wishes_of

Addresses = dict[tuple[int, str], tuple[str, str]]  # (user, channel) -> (address, as shown)


_since: ContextVar[datetime | None] = ContextVar("messages_since", default=None)


@contextmanager
def nothing_older(than: datetime) -> Iterator[None]:
    """Within: news from before `than` stays on the page. For filling in a history (the demo city)."""
    token = _since.set(than)
    try:
        yield
    finally:
        _since.reset(token)


@transaction.atomic
def plan_messages(
    notices: Sequence[Notice],
    kind: MessageKind,
    values: Mapping[str, str],
    *,
    sealed_until: datetime | None,
    at: datetime,
) -> None:
    """Make the messages of `notices`, all of one kind and topic, within the caller's transaction. Safe to run twice.

    Channels that are switched off leave no trace; whatever else keeps a message back is written into it. One that was
    kept back for its score is looked at again, for the same may have been told with a better one.
    """
    channels = [channel for channel in kind.channels if provider_of(channel)]
    rows = Message.objects.select_for_update(of=("self",)).filter(notice__in=notices)
    have = {(message.notice_id, message.channel): message for message in rows}
    wanted = [
        (notice, channel)
        for notice in notices
        for channel in channels
        if (known := have.get((notice.pk, channel))) is None or known.state == "below"
    ]
    since = _since.get()
    if not wanted or (since is not None and at < since):
        return
    wishes = wishes_of({notice.member.user_id for notice, _channel in wanted}, topic_of(kind.code))
    addresses = addresses_of([notice.member.user for notice, _channel in wanted])
    templates = {row.channel: row for row in MessageTemplate.objects.filter(kind=kind.code, state="active")}
    for notice, channel in wanted:
        user = notice.member.user_id
        wish, quiet = wishes.wish(user, channel), wishes.quiet(user)
        decided = plan(channel, kind.priority, wish, quiet, at, notice.score)
        known = have.get((notice.pk, channel))
        if known is None or not decided.below:
            _make(known, notice, channel, kind, values, decided, addresses, templates.get(channel), sealed_until, at)


def addresses_of(users: Sequence[User]) -> Addresses:
    """Return where `users` are reached: the phone from the account, everything else once it was confirmed."""
    found: Addresses = {(user.pk, SMS): (user.phone, masked(user.phone)) for user in users if user.phone}
    confirmed = Address.objects.filter(user__in=users, confirmed_at__isnull=False)
    return found | {(row.user_id, row.channel): (row.text, row.masked) for row in confirmed if row.sealed}


def _make(
    known: Message | None,
    notice: Notice,
    channel: str,
    kind: MessageKind,
    values: Mapping[str, str],
    decided: Plan,
    addresses: Addresses,
    template: MessageTemplate | None,
    sealed_until: datetime | None,
    at: datetime,
) -> None:
    address, shown = addresses.get((notice.member.user_id, channel), ("", ""))
    never = decided.never
    if not never and not address:
        never = _("没有%(channel)s地址，或地址还没有确认") % {"channel": CHANNELS[channel]}
    if not never and channel in NEEDS_TEMPLATE and template is None and not decided.digest:
        never = _("还没有启用%(channel)s模板") % {"channel": CHANNELS[channel]}
    told: dict[str, object] = {
        "due_at": decided.due_at, "reason": never, "masked": shown,
        **written(kind, channel, template, values, notice.link),
    }  # fmt: skip
    if not never:
        told["address_sealed"] = seal(address)
        if decided.digest:
            digest = _digest(notice.member, channel, decided, sealed_until, at)
            told |= {"digest": digest, "due_at": digest.due_at}
    if known is None:
        state = ("below" if decided.below else "suppressed") if never else "held" if decided.digest else "queued"
        message = Message.objects.create(
            notice=notice, member=notice.member, sealed_until=sealed_until, created_at=at, state=state, **told
        )
    elif never:
        return  # what keeps it back now is said where it was
    else:
        step = MESSAGE.step("gather" if decided.digest else "lift", known, SYSTEM)
        message = known.change(step, **told)
    if not never and not decided.digest:
        record("message.queued", message, by=SYSTEM, at=at, sealed_until=sealed_until, channel=channel, news=kind.code)


def written(
    kind: MessageKind, channel: str, template: MessageTemplate | None, values: Mapping[str, str], link: str
) -> dict[str, object]:
    """Return what a message of `kind` says on `channel`: the template's words, else those of the kind itself."""
    text = template.text if template else kind.text
    if channel == "wechat" and template:
        filled = {name: _short(name, fill(value, values)) for name, value in wechat_fields(text).items()}
        shown = "\n".join(f"{name}：{value}" for name, value in filled.items())
    else:
        filled = {name: str(values.get(name, "")) for name in placeholders_of(text)}
        shown = fill(text, values)
    return {
        "kind": kind.code,
        "channel": channel,
        "provider": provider_of(channel),
        "priority": kind.priority,
        "template": template,
        "subject": fill(template.subject, values) if template and template.subject else str(kind.label),
        "text": shown,
        "values": filled,
        "link": link,
    }


def _short(name: str, value: str) -> str:
    """WeChat refuses a `thing` of more than twenty characters."""
    return value if not name.startswith("thing") or len(value) <= 20 else f"{value[:19]}…"


def _digest(member: Member, channel: str, decided: Plan, sealed_until: datetime | None, at: datetime) -> Digest:
    """Return the digest that is due then, or the next that has not left yet; the first to need it opens it."""
    due_at, sealed = decided.due_at, sealed_until.isoformat() if sealed_until else ""
    while True:
        digest, new = Digest.objects.get_or_create(user=member.user, channel=channel, due_at=due_at, sealed=sealed)
        digest = Digest.objects.select_for_update().get(pk=digest.pk)  # it must not leave while we put something in
        if digest.closed_at is None:
            break
        due_at += decided.step
    if new:
        record("digest.opened", digest, by=SYSTEM, at=at, sealed_until=sealed_until, channel=channel)
    return digest


def send_to(
    kind_code: str,
    channel: str,
    address: str,
    *,
    member: Member | None,
    values: Mapping[str, str],
    template: MessageTemplate | None,
    at: datetime,
) -> Message:
    """Queue one message that belongs to no notice: a confirmation or a test. In the caller's transaction."""
    kind = kind_of(kind_code)
    assert kind is not None
    message = Message.objects.create(
        member=member,
        state="queued",
        created_at=at,
        due_at=at,
        address_sealed=seal(address),
        masked=masked(address) if channel in (SMS, MAIL) else f"{address[:4]}***",
        **written(kind, channel, template, values, ""),
    )
    record("message.queued", message, by=SYSTEM, at=at, channel=channel, news=kind.code)
    return message


def public_link(link: str) -> str:
    """Return the whole address of a page of ours."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{link}" if link else ""
