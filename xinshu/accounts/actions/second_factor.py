"""The second factor: a phone that computes codes. Bound, asked for at sign-in, taken off, reset by another person."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from xinshu.accounts import totp
from xinshu.accounts.models import FaceCheck, FaceFactor, Member, RecoveryCode, SecondFactor, User
from xinshu.accounts.roles import is_privileged
from xinshu.core.actors import Actor
from xinshu.core.cases import random_code
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.core.sm import sm4_decrypt, sm4_encrypt
from xinshu.ledger.recording import record

CODES = 10


class WrongSecondFactor(Invalid):
    """Neither the app's present code, nor an unused recovery code."""

    title = "动态口令不正确"


def is_required(user: User) -> bool:
    """Tell whether the policy (setting SECOND_FACTOR) asks this person for a second factor."""
    if settings.SECOND_FACTOR != "required":
        return False
    held = Member.objects.acting().filter(user=user).values_list("roles", flat=True)
    return any(is_privileged(roles) for roles in held)


def due(user: User) -> str:
    """Return what sign-in still takes after the password: "code", "enrol" (policy, but no phone yet), or ""."""
    if SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists():
        return "code"
    return "enrol" if is_required(user) else ""


@transaction.atomic
def begin_enrolment(user: User, *, at: datetime) -> bytes:
    """Return the secret to show as a QR code: the one already begun, else a new one.

    Raises NotNow when a phone is enrolled already: it is taken off first.
    """
    User.objects.locked(user)  # two tabs at once: the second sees the first one's secret
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        secret = totp.new_secret()
        SecondFactor.objects.create(user=user, secret=sm4_encrypt(_key(), secret))
        return secret
    if factor.confirmed_at is not None:
        raise NotNow(_("已经绑定了动态口令。"), advice=_("要换手机的，请先解除绑定。"))
    return sm4_decrypt(_key(), bytes(factor.secret))


@transaction.atomic
def confirm_enrolment(user: User, code: str, *, by: Actor, at: datetime) -> list[str]:
    """Bind the phone that shows `code`, and return ten recovery codes, which are shown this one time."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if factor is None:
        raise NotNow(_("没有等待绑定的动态口令。"), advice=_("请重新打开“动态口令”页面。"))
    step = totp.matching_step(sm4_decrypt(_key(), bytes(factor.secret)), _plain(code), at, after=factor.last_step)
    if step is None:
        raise _wrong()
    factor.confirmed_at, factor.last_step = at, step
    factor.save(update_fields=["confirmed_at", "last_step"])
    codes = [random_code(10) for _number in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, one)) for one in codes])
    record("account.second_factor_bound", user, by=by, at=at, account=user.username)
    return codes


def check_second_factor(user: User, code: str, *, by: Actor, at: datetime) -> None:
    """Take the app's code (each once, the phone's clock may be half a minute off) or a recovery code.

    Raises WrongSecondFactor. Whoever calls counts the tries.
    """
    if not _taken(user, _plain(code), by, at):
        raise _wrong()


@transaction.atomic
def _taken(user: User, code: str, by: Actor, at: datetime) -> bool:
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    step = totp.matching_step(sm4_decrypt(_key(), bytes(factor.secret)), code, at, after=factor.last_step)
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    if not RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at=None).update(used_at=at):
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    record("account.recovery_code_used", user, by=by, at=at, account=user.username, left=left)
    return True


@transaction.atomic
def remove_second_factor(member: Member, code: str, *, at: datetime) -> None:
    """Take one's phone off, with a code from it. Raises NotPermitted where the policy wants one."""
    if is_required(member.user):
        raise NotPermitted(
            _("您的角色必须使用动态口令，不能解除。"), advice=_("要换手机的，请安全管理员重置后重新绑定。")
        )
    check_second_factor(member.user, code, by=member, at=at)
    _forget(member.user)
    record("account.second_factor_removed", member.user, by=member, at=at, account=member.user.username)


@transaction.atomic
def reset_second_factor(user: User, *, reason: str, by: Member, at: datetime) -> None:
    """Take the phone of somebody else off who has lost it; they enrol anew at the next sign-in where policy asks."""
    if not by.can("accounts.secure") or by.user_id == user.pk:
        raise NotPermitted(_("重置动态口令须由另一位安全管理员办理。"))
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    if not SecondFactor.objects.filter(user=user).exists():
        raise NotNow(_("该用户没有绑定动态口令。"))
    _forget(user)
    record("account.second_factor_reset", user, by=by, at=at, account=user.username, reason=reason)


def _forget(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    FaceFactor.objects.filter(user=user).delete()  # a face is never the only second factor
    FaceCheck.objects.filter(user=user).delete()


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())[:20]


def _digest(user: User, code: str) -> str:
    return salted_hmac("xinshu.accounts.recovery", f"{user.pk} {code}", algorithm="sha256").hexdigest()


def _key() -> bytes:
    return bytes.fromhex(settings.FILE_KEY)


def _wrong() -> WrongSecondFactor:
    return WrongSecondFactor(
        _("动态口令不正确，或已经用过。"),
        advice=_("请等应用里换成下一个再输；手机时间须与网络时间一致。"),
        fields={"code": _("动态口令不正确，或已经用过")},
    )
