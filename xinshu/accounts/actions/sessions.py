"""People prove who they are (password or SMS code, then the second factor), act for an organisation, and sign out.

A try is taken before the password is looked at, so that many guesses at once cannot all pass the count; the password is
checked outside any transaction, so that its slow hash holds nobody up.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from xinshu.accounts.actions.codes import send_code, take_code
from xinshu.accounts.actions.faces import FaceRefused, begin_binding, begin_sign_in_check, finish_check
from xinshu.accounts.actions.second_factor import WrongSecondFactor, check_second_factor, due, remove_second_factor
from xinshu.accounts.assurance.keeping import keep_failure, keep_sign_in
from xinshu.accounts.models import FaceCheck, Member, Registration, SentCode, SignInAttempt, User
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal, Unknown
from xinshu.ledger.recording import record

TRIES = 5
PAUSE = timedelta(minutes=15)


class SignInRefused(Refusal):
    """Name and password do not open an account."""

    title = "没有登录成功"


class WrongPassword(SignInRefused):
    """No such account, or another password: which of the two is not said."""


class LockedOut(SignInRefused):
    """Too many failures from here: nothing is tried until the pause is over."""

    status = 429
    title = "登录已暂停"


class NotYetOpen(SignInRefused):
    """The password is right, but the account is not open: awaiting approval, locked, or without an organisation."""

    status = 403


class SecondFactorDue(SignInRefused):
    """The password is right; `how` says what is still to be done: enter a "code", or "enrol" a phone first."""

    title = "还需要动态口令"

    def __init__(self, how: str) -> None:
        super().__init__(_("还需要动态口令才能登录。"))
        self.how = how


def sign_in(username: str, password: str, *, address: str, at: datetime) -> Member:
    """Let a person in by password and return the member as whom they act first.

    Raises LockedOut after five failures on this account from this `address` within a quarter of an hour, WrongPassword
    for a wrong name or password (the two look and cost alike), NotYetOpen when the account may not be used,
    SecondFactorDue when the password alone does not open it.
    """
    user = prove_by_password(username, password, address=address, at=at)
    if how := due(user):
        raise SecondFactorDue(how)
    return let_in(user, address=address, at=at)


def prove_by_password(username: str, password: str, *, address: str, at: datetime) -> User:
    """Return the user whose name and password these are. Raises as `sign_in` does; nobody is let in yet."""
    username = username.strip().lower()
    attempt = _take_a_try(username, address, at)
    user = User.objects.filter(username=username).first()
    registration = Registration.objects.filter(username=username, state="submitted").first()
    holder = user or registration
    proven = _proves(password, holder.password if holder else None)
    refusal = _refusal(attempt, user, registration, proven)
    if refusal is not None:
        _remember_failure(attempt, user, address, refusal, at)
        raise refusal
    assert user is not None
    _forget_tries(attempt)
    return user


def ask_for_sign_in_code(phone: str, *, address: str, at: datetime) -> None:
    """Send a code to a mobile that somebody has on record; for other numbers only look like it."""
    known = User.objects.filter(phone=phone, is_active=True).exists()
    send_code(phone, SentCode.Purpose.SIGN_IN, to_somebody=known, address=address, at=at)


def prove_by_code(phone: str, code: str, *, address: str, at: datetime) -> User:
    """Return the user who received `code` on the mobile `phone`.

    Raises WrongCode, or NotYetOpen when the number belongs to several accounts or to one that may not be used.
    """
    take_code(phone, SentCode.Purpose.SIGN_IN, code, at=at)
    users = list(User.objects.filter(phone=phone, left_at=None)[:2])
    if len(users) > 1:
        raise NotYetOpen(_("这个手机号登记在多个账号下，不能用短信登录。"), advice=_("请用用户名和密码登录。"))
    if not users:  # gone since the code was sent
        raise NotYetOpen(_("这个手机号没有可用的账号。"))
    if (refusal := _not_open(users[0])) is not None:
        _remember_failure(None, users[0], address, refusal, at)
        raise refusal
    return users[0]


def prove_second_factor(user: User, code: str, *, address: str, at: datetime) -> None:
    """Take the second factor of somebody whose first was right. Five wrong ones close it for a quarter of an hour."""
    _with_tries(user, address, at, lambda: check_second_factor(user, code, by=SYSTEM, at=at))


def ask_for_face(user: User, *, at: datetime) -> FaceCheck:
    """Begin a verification by face for somebody whose first factor was right.

    Each one begun counts until one passes: after five the way is closed for a quarter of an hour, the phone's is not.
    """
    _take_a_try(_face_of(user), "", at)
    return begin_sign_in_check(user, at=at)


def ask_for_face_binding(member: Member, number: str, *, at: datetime) -> FaceCheck:
    """Begin the verification that opens sign-in by face; counted as at sign-in."""
    _take_a_try(_face_of(member.user), "", at)
    return begin_binding(member, number, at=at)


def prove_face(check: FaceCheck, *, address: str, at: datetime) -> None:
    """Take a face as second factor. Raises FaceWaiting, FaceRefused, NotNow; what was refused is written down."""
    attempt = SignInAttempt.objects.filter(key=_key_of(_face_of(check.user), "")).first()
    try:
        finish_check(check, by=SYSTEM, at=at)
    except FaceRefused as refused:
        _remember_failure(attempt, check.user, address, refused, at)
        raise
    _forget_face_tries(check.user)


def bind_face(check: FaceCheck, *, by: Member, at: datetime) -> None:
    """Open sign-in by face with a verification that passed. Raises as `prove_face` does."""
    finish_check(check, by=by, at=at)
    _forget_face_tries(check.user)


def _forget_face_tries(user: User) -> None:
    SignInAttempt.objects.filter(key=_key_of(_face_of(user), "")).update(failures=0)


def _face_of(user: User) -> str:
    return f"face of {user.pk}"


def take_phone_off(member: Member, code: str, *, address: str, at: datetime) -> None:
    """Take one's second factor off, with a code from it; the tries are counted as at sign-in."""
    _with_tries(member.user, address, at, lambda: remove_second_factor(member, code, at=at))


def _with_tries(user: User, address: str, at: datetime, act: Callable[[], None]) -> None:
    # By user alone: somebody who has the password may come from many addresses.
    attempt = _take_a_try(f"second factor of {user.pk}", "", at)
    try:
        act()
    except WrongSecondFactor as wrong:
        _remember_failure(attempt, user, address, wrong, at)
        raise
    _forget_tries(attempt)


@transaction.atomic
def let_in(
    user: User, *, address: str, how: str = "password", second_factor: bool = False, by_face: bool = False, at: datetime
) -> Member:
    """Record that a person who has proven themselves comes in, and return the member as whom they act first."""
    member = Member.objects.acting().filter(user=user).order_by("pk").first()
    if member is None:  # taken away in this very moment
        raise NotYetOpen(_("这个账号目前不属于任何可用的机构。"), advice=_("请联系本机构管理员或平台运营。"))
    more: dict[str, Any] = {"how": how} if how != "password" else {}
    if second_factor:
        more["second_factor"] = "face" if by_face else "yes"
    record("account.signed_in", member, by=member, at=at, address=address, **more)
    keep_sign_in(user, how=how, second_factor=second_factor, by_face=by_face, at=at)
    return member


@transaction.atomic
def switch_member(member: Member, to: int, *, at: datetime) -> Member:
    """Act for another of one's organisations from now on. Raises Unknown when `to` is no membership of this person."""
    chosen = Member.objects.acting().filter(user=member.user_id, pk=to).first()
    if chosen is None:
        raise Unknown(_("没有找到这个机构，可能您已不在其中。"))
    record("account.switched", chosen, by=chosen, at=at, previous=member.actor_label)
    return chosen


@transaction.atomic
def sign_out(member: Member, *, at: datetime) -> None:
    """Remember that a person left."""
    record("account.signed_out", member, by=member, at=at)


@transaction.atomic
def _take_a_try(username: str, address: str, at: datetime) -> SignInAttempt:
    """Count one try as failed until proven otherwise. Raises LockedOut when none is left."""
    key = _key_of(username, address)
    attempt, _new = SignInAttempt.objects.select_for_update().get_or_create(key=key, defaults={"last_failed_at": at})
    if attempt.last_failed_at + PAUSE <= at:
        attempt.failures = 0
    if attempt.failures >= TRIES:
        raise _locked_out(attempt.last_failed_at + PAUSE - at)
    attempt.failures += 1
    attempt.last_failed_at = at
    attempt.save(update_fields=["failures", "last_failed_at"])
    return attempt


def _key_of(username: str, address: str) -> str:
    return salted_hmac("xinshu.accounts.sign_in", f"{username}\n{address}", algorithm="sha256").hexdigest()


def _proves(password: str, hashed: str | None) -> bool:
    if hashed is None:
        make_password(password)  # the work of a check, so that an unknown name takes as long as a wrong password
        return False
    return check_password(password, hashed)


def _refusal(
    attempt: SignInAttempt, user: User | None, registration: Registration | None, proven: bool
) -> SignInRefused | None:
    """Return why this person may not come in. How an account stands is told only to whoever knows its password."""
    if not proven:
        left = TRIES - attempt.failures
        return (
            WrongPassword(_("账号或密码不正确，还可以再试 %(left)d 次。") % {"left": left})
            if left
            else _locked_out(PAUSE)
        )
    if user is None:
        return NotYetOpen(
            _("注册申请还在审核，通过后即可登录。"),
            advice=_("查询号 %(reference)s，可在注册进度中查看。")
            % {"reference": registration and registration.reference},
        )
    return _not_open(user)


def _not_open(user: User) -> SignInRefused | None:
    if user.left_at is not None:
        return NotYetOpen(_("这个账号已停用。"), advice=_("有疑问的，请联系本机构管理员或平台运营。"))
    if not user.is_active:
        return NotYetOpen(_("这个账号已被管理员锁定。"), advice=_("需要恢复使用的，请联系平台运营。"))
    if not Member.objects.acting().filter(user=user).exists():
        return NotYetOpen(_("这个账号目前不属于任何可用的机构。"), advice=_("请联系本机构管理员或平台运营。"))
    return None


@transaction.atomic
def _remember_failure(
    attempt: SignInAttempt | None, user: User | None, address: str, refusal: Refusal, at: datetime
) -> None:
    # Only a name that exists is written down: what does not may be a password typed into the wrong field.
    record(
        "account.sign_in_failed",
        user or attempt,  # type: ignore[arg-type]
        by=SYSTEM,
        at=at,
        account=user.username if user else "",
        address=address,
        failures=attempt.failures if attempt else 0,
        why=type(refusal).__name__,
    )
    if user is not None:
        keep_failure(user, type(refusal).__name__, refusal.message, at)


def _forget_tries(attempt: SignInAttempt) -> None:
    SignInAttempt.objects.filter(pk=attempt.pk).update(failures=0)


def _locked_out(rest: timedelta) -> LockedOut:
    minutes = -(-int(rest.total_seconds()) // 60)
    return LockedOut(
        _("连续 %(tries)d 次没有登录成功，登录已暂停，%(minutes)d 分钟后可以再试。")
        % {"tries": TRIES, "minutes": minutes}
    )
