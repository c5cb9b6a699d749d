"""From notices to messages: for each addressee and channel at most one, now, later, in a digest, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
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
from xinshu.messaging.models import (
    Address,
    Digest,
    Message,
    MessageTemplate,
    Notice,
    Preference,
    QuietHours,
    seal,
)
from xinshu.messaging.timing import DEFAULTS, QUIET, Plan, Quiet, Wish, plan

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


def plan_messages(
    notices: Sequence[Notice],
    kind: MessageKind,
    values: Mapping[str, str],
    *,
    sealed_until: datetime | None,
    at: datetime,
) -> None:
    """Make the messages of `notices`, all of one kind, within the caller's transaction. Safe to run twice.

    Channels that are switched off leave no trace; whatever else keeps a message back is written into it.
    """
    channels = [channel for channel in kind.channels if provider_of(channel)]
    have = set(Message.objects.filter(notice__in=notices).values_list("notice", "channel"))
    wanted = [(notice, channel) for notice in notices for channel in channels if (notice.pk, channel) not in have]
    since = _since.get()
    if not wanted or (since is not None and at < since):
        return
    users = {notice.member.user_id for notice, _channel in wanted}
    said = Preference.objects.filter(user__in=users)
    wishes = {(row.user_id, row.channel): Wish(row.rhythm, row.least) for row in said}
    quiet = {row.user_id: Quiet(row.begins, row.ends) for row in QuietHours.objects.filter(user__in=users)}
    addresses = addresses_of([notice.member.user for notice, _channel in wanted])
    templates = {row.channel: row for row in MessageTemplate.objects.filter(kind=kind.code, state="active")}
    for notice, channel in wanted:
        user = notice.member.user_id
        wish = wishes.get((user, channel), DEFAULTS[channel])
        decided = plan(channel, kind.priority, wish, quiet.get(user, QUIET), at)
        _make(notice, channel, kind, values, decided, addresses, templates.get(channel), sealed_until, at)


def addresses_of(users: Sequence[User]) -> Addresses:
    """Return where `users` are reached: the phone from the account, everything else once it was confirmed."""
    found: Addresses = {(user.pk, SMS): (user.phone, masked(user.phone)) for user in users if user.phone}
    confirmed = Address.objects.filter(user__in=users, confirmed_at__isnull=False)
    return found | {(row.user_id, row.channel): (row.text, row.masked) for row in confirmed if row.sealed}


def _make(
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
    message = Message(
        notice=notice,
        member=notice.member,
        sealed_until=sealed_until,
        created_at=at,
        due_at=decided.due_at,
        state="suppressed" if never else "held" if decided.digest else "queued",
        reason=never,
        masked=shown,
        **written(kind, channel, template, values, notice.link),
    )
    if never:
        message.save()
        return
    message.address_sealed = seal(address)
    if decided.digest:
        message.digest = _digest(notice.member, channel, decided, sealed_until, at)
        message.due_at = message.digest.due_at
    message.save()
    if not decided.digest:
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
