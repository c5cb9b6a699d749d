"""What one person wants: channels, rhythms, quiet hours, and the addresses at which they are reached."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, User
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.recording import record
from xinshu.messaging.channels import provider_of
from xinshu.messaging.channels.wire import masked
from xinshu.messaging.kinds import CHANNELS, CRITICAL, MAIL, PRIORITIES, PUSH, WECHAT
from xinshu.messaging.models import Address, Preference, QuietHours, TopicRule, digest_of, seal
from xinshu.messaging.planning import send_to
from xinshu.messaging.templates import address_problem
from xinshu.messaging.timing import Wish
from xinshu.messaging.topics import TOPICS

CODE_LIVES = timedelta(minutes=15)
TRIES = 5
PAUSE = timedelta(minutes=1)  # between two codes to the same person


@transaction.atomic
def set_preferences(
    wishes: Mapping[str, Wish], begins: time | None, ends: time | None, *, by: Member, at: datetime
) -> None:
    """Keep how the person behind `by` wants every channel. Critical messages come through whatever is chosen."""
    _keep(wishes, "", by)
    if (begins is None) != (ends is None):
        raise Invalid(_("免打扰时段要填写开始和结束两个时间；都不填表示不设。"))
    QuietHours.objects.update_or_create(user=by.user, defaults={"begins": begins, "ends": ends})
    chosen = {channel: [wish.rhythm, wish.least] for channel, wish in wishes.items()}
    quiet = [moment.strftime("%H:%M") if moment else "" for moment in (begins, ends)]
    record("preference.changed", by.user, by=by, at=at, chosen=chosen, quiet=quiet)


def _keep(wishes: Mapping[str, Wish], topic: str, by: Member) -> None:
    for channel, wish in wishes.items():
        if channel not in CHANNELS or wish.rhythm not in Preference.Rhythm.values or wish.least not in PRIORITIES:
            raise Invalid(_("请从列出的选项里选择。"))
        if wish.least >= CRITICAL:
            raise Invalid(_("“必达”消息总会发送；不想收其他消息的，请选“不接收”。"))
        Preference.objects.update_or_create(
            user=by.user, topic=topic, channel=channel, defaults={"rhythm": wish.rhythm, "least": wish.least}
        )


@dataclass(frozen=True)
class TopicWish:
    """How somebody wants one topic: each channel, from which scores on, and when not to be disturbed."""

    channels: Mapping[str, Wish]
    least_score: int = 0
    toast_score: int = 0
    quiet: str = TopicRule.Quiet.GENERAL
    begins: time | None = None
    ends: time | None = None


@transaction.atomic
def set_topic(topic: str, wish: TopicWish, *, by: Member, at: datetime) -> None:
    """Keep how the person behind `by` wants one topic, whatever they want in general."""
    if topic not in TOPICS or wish.quiet not in TopicRule.Quiet.values:
        raise Invalid(_("请从列出的选项里选择。"))
    for name in ("least_score", "toast_score"):
        score = getattr(wish, name)
        if not 0 <= score <= 100 or (score and not TOPICS[topic].scored):
            raise Invalid(_("分数在 0 到 100 之间。"), fields={name: _("分数在 0 到 100 之间")})
    own = wish.quiet == TopicRule.Quiet.OWN
    if own and (wish.begins is None or wish.ends is None):
        message = _("另设免打扰时段的，请填写开始和结束两个时间。")
        raise Invalid(message, fields={"begins" if wish.begins is None else "ends": message})
    _keep(wish.channels, topic, by)
    TopicRule.objects.update_or_create(
        user=by.user, topic=topic,
        defaults={"least_score": wish.least_score, "toast_score": wish.toast_score, "quiet": wish.quiet,
                  "begins": wish.begins if own else None, "ends": wish.ends if own else None},
    )  # fmt: skip
    chosen = {channel: [row.rhythm, row.least] for channel, row in wish.channels.items()}
    record(
        "preference.changed", by.user, by=by, at=at, topic=topic, chosen=chosen, least_score=wish.least_score,
        toast_score=wish.toast_score, quiet=wish.quiet,
    )  # fmt: skip


@transaction.atomic
def forget_topic(topic: str, *, by: Member, at: datetime) -> None:
    """Want one topic as everything else again."""
    gone, _rows = TopicRule.objects.filter(user=by.user, topic=topic).delete()
    Preference.objects.filter(user=by.user, topic=topic).exclude(topic="").delete()
    if gone:
        record("preference.changed", by.user, by=by, at=at, topic=topic, chosen="general")


@transaction.atomic
def claim_mail(address: str, *, by: Member, at: datetime) -> Address:
    """Send a code to a mail address; it is used once the code has come back."""
    address = address.strip()
    if problem := address_problem(MAIL, address):
        raise Invalid(problem, fields={"address": problem})
    if not provider_of(MAIL):
        raise NotNow(_("平台没有启用邮件渠道。"))
    row = _row(by.user, MAIL)
    if row.code_until is not None and row.code_until - CODE_LIVES + PAUSE > at:
        raise NotNow(_("验证码刚刚发过，一分钟后可以再发。"))
    code = f"{secrets.randbelow(1_000_000):06d}"
    row.sealed, row.digest, row.masked, row.confirmed_at = seal(address), digest_of(address), masked(address), None
    row.code_digest, row.code_until, row.tries = _of_code(by.user, code), at + CODE_LIVES, 0
    row.save()
    send_to("address.confirm", MAIL, address, member=by, values={"code": code}, template=None, at=at)
    record("address.claimed", by.user, by=by, at=at, channel=MAIL, address=row.masked)
    return row


def confirm_mail(code: str, *, by: Member, at: datetime) -> Address:
    """Confirm a mail address by the code that went to it. Five wrong codes void it; a wrong one is counted."""
    with transaction.atomic():
        row = Address.objects.select_for_update().filter(user=by.user, channel=MAIL, confirmed_at=None).first()
        if row is None or not row.code_digest or row.code_until is None or row.code_until < at or row.tries >= TRIES:
            raise NotNow(_("没有等待确认的邮箱，或验证码已失效。请重新填写邮箱。"))
        right = secrets.compare_digest(row.code_digest, _of_code(by.user, code.strip()))
        if right:
            row.confirmed_at, row.code_digest, row.code_until = at, "", None
            row.save(update_fields=["confirmed_at", "code_digest", "code_until"])
            record("address.confirmed", by.user, by=by, at=at, channel=MAIL, address=row.masked)
            return row
        row.tries += 1
        row.save(update_fields=["tries"])
    left = TRIES - row.tries
    message = _("验证码不正确，还可以再试 %(n)d 次。") % {"n": left} if left else _("验证码已失效，请重新填写邮箱。")
    raise Invalid(message, fields={"code": message})


@transaction.atomic
def offer_wechat(*, by: Member, at: datetime) -> str:
    """Return the code which the person sends to the official account to be reached there; valid for 15 minutes."""
    row, code = _row(by.user, WECHAT), f"{secrets.randbelow(100_000_000):08d}"
    row.code_digest, row.code_until = digest_of(f"wechat:{code}"), at + CODE_LIVES
    row.save(update_fields=["code_digest", "code_until"])
    record("address.claimed", by.user, by=by, at=at, channel=WECHAT, address="")
    return code


@transaction.atomic
def bind_wechat(code: str, openid: str, *, at: datetime) -> bool:
    """Bind whoever sent `code` to the official account. Returns whether the code was anybody's."""
    waiting = Address.objects.select_for_update().filter(
        channel=WECHAT, code_digest=digest_of(f"wechat:{code}"), code_until__gte=at
    )
    row = waiting.select_related("user").first() if len(code) == 8 else None
    if row is None:
        return False
    Address.objects.filter(channel=WECHAT, digest=digest_of(openid)).exclude(pk=row.pk).delete()
    row.sealed, row.digest, row.masked = seal(openid), digest_of(openid), f"{openid[:4]}***"
    row.confirmed_at, row.code_digest, row.code_until = at, "", None
    row.save()
    by = Member.objects.filter(user=row.user).select_related("user", "organisation").first()
    if by is not None:
        record("address.confirmed", row.user, by=by, at=at, channel=WECHAT, address=row.masked)
    return True


@transaction.atomic
def register_device(registration_id: str, *, by: Member, at: datetime) -> Address:
    """Push to this device from now on: the app says so for whoever is signed in on it."""
    registration_id = registration_id.strip()
    if not 8 <= len(registration_id) <= 64 or not registration_id.isascii() or not registration_id.isalnum():
        raise Invalid(_("设备标识不正确。"), fields={"registration_id": _("设备标识不正确。")})
    mark = digest_of(registration_id)
    Address.objects.filter(channel=PUSH, digest=mark).exclude(user=by.user).delete()  # the device has changed hands
    row = _row(by.user, PUSH)
    row.sealed, row.digest, row.masked, row.confirmed_at = seal(registration_id), mark, f"{registration_id[:4]}***", at
    row.save()
    record("address.confirmed", by.user, by=by, at=at, channel=PUSH, address=row.masked)
    return row


@transaction.atomic
def remove_address(channel: str, *, by: Member, at: datetime) -> None:
    """Be reached on this channel no more."""
    row = Address.objects.filter(user=by.user, channel=channel).first()
    if row is None:
        return
    row.delete()
    record("address.removed", by.user, by=by, at=at, channel=channel, address=row.masked)


def _row(user: User, channel: str) -> Address:
    Address.objects.get_or_create(user=user, channel=channel)
    return Address.objects.select_for_update().get(user=user, channel=channel)


def _of_code(user: User, code: str) -> str:
    return digest_of(f"{user.pk}:{code}")
