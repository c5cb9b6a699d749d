"""A code is sent to a mobile, and taken once: six digits under a keyed digest, five minutes, five tries.

Asking for a number that nobody has looks and counts like asking for one that somebody has; only the SMS is not sent.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from xinshu.accounts.codes import channel
from xinshu.accounts.models import SentCode, SignInAttempt
from xinshu.core.refusals import Invalid, NotNow, Refusal

VALID_FOR = timedelta(minutes=5)
TRIES = 5


@dataclass(frozen=True)
class Limit:
    """At most `count` codes within `span`."""

    count: int
    span: timedelta


PER_PHONE = (Limit(1, timedelta(minutes=1)), Limit(5, timedelta(hours=1)), Limit(10, timedelta(days=1)))
PER_ADDRESS = (Limit(20, timedelta(hours=1)), Limit(60, timedelta(days=1)))


class TooMany(Refusal):
    """Too many codes were asked for by this number or from this address."""

    status = 429
    title = "验证码没有发送"


class WrongCode(Invalid):
    """Not the code that was sent, or no longer good: which of the two is not said."""

    title = "验证码不正确"


def send_code(phone: str, purpose: str, *, to_somebody: bool, address: str, at: datetime) -> None:
    """Send a code to `phone`; without `to_somebody` only count it, so that the asker cannot tell the difference.

    Raises TooMany beyond the limits per number and per address, NotNow where no channel is set.
    """
    way = channel()
    if way is None or not way.ready():
        raise NotNow(_("本平台没有开通短信。"), advice=_("请用密码登录，或联系平台运营。"))
    code = f"{secrets.randbelow(1_000_000):06d}"
    _keep(phone, purpose, code, address, at)
    if to_somebody:
        way.send_code(phone, code, purpose)


@transaction.atomic
def _keep(phone: str, purpose: str, code: str, address: str, at: datetime) -> None:
    phone_key = _digest("phone", phone)
    mine = SentCode.objects.filter(phone_key=phone_key)
    # Many requests at once wait here for each other, or all of them would find the count still low.
    for key in (phone_key, _digest("address", address)):
        SignInAttempt.objects.select_for_update().get_or_create(key=key, defaults={"last_failed_at": at})
    for counted, limits in ((mine, PER_PHONE), (SentCode.objects.filter(address=address), PER_ADDRESS)):
        for limit in limits:
            recent = counted.filter(sent_at__gt=at - limit.span).order_by("sent_at")
            if recent.count() >= limit.count:
                first = recent.values_list("sent_at", flat=True)[0]
                raise _too_many(first + limit.span - at)
    mine.filter(purpose=purpose, used_at=None).update(used_at=at)  # the newest code is the only one that counts
    SentCode.objects.create(
        phone_key=phone_key,
        purpose=purpose,
        digest=_digest(f"code {purpose} {phone}", code),
        address=address,
        sent_at=at,
        expires_at=at + VALID_FOR,
    )


def take_code(phone: str, purpose: str, code: str, *, at: datetime) -> None:
    """Use up the code that was sent to `phone` for `purpose`. Raises WrongCode; five wrong tries spoil the code."""
    if not _taken(phone, purpose, code.strip(), at):
        raise WrongCode(
            _("验证码不正确或已失效。"),
            advice=_("请核对最近一条短信；超过 5 分钟或输错 5 次的，请重新获取。"),
            fields={"code": _("验证码不正确或已失效")},
        )


@transaction.atomic
def _taken(phone: str, purpose: str, code: str, at: datetime) -> bool:
    waiting = SentCode.objects.select_for_update().filter(
        phone_key=_digest("phone", phone), purpose=purpose, used_at=None, expires_at__gt=at, tries__lt=TRIES
    )
    sent = waiting.order_by("-pk").first()
    if sent is None:
        return False
    right = constant_time_compare(sent.digest, _digest(f"code {purpose} {phone}", code))
    sent.tries += 1
    sent.used_at = at if right else None
    sent.save(update_fields=["tries", "used_at"])
    return right


def _digest(salt: str, value: str) -> str:
    return salted_hmac(f"xinshu.accounts.{salt}", value, algorithm="sha256").hexdigest()


def _too_many(rest: timedelta) -> TooMany:
    seconds = max(1, -(-int(rest.total_seconds()) // 1))
    wait = _("%(n)d 秒") % {"n": seconds} if seconds <= 90 else _("%(n)d 分钟") % {"n": -(-seconds // 60)}
    return TooMany(_("获取验证码过于频繁，%(wait)s后可以再试。") % {"wait": wait})
