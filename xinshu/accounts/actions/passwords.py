"""A person changes the password, or recovers it by a code sent to the mobile that is on record."""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.codes import WrongCode, send_code, take_code
from xinshu.accounts.actions.devices import end_all_sessions
from xinshu.accounts.models import FormerPassword, Member, SentCode, SignInSession, User
from xinshu.accounts.passwords import KEPT, was_used, weaknesses
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record

RECOVER = SentCode.Purpose.RECOVER


def change_password(member: Member, old: str, new: str, *, keep: str = "", at: datetime) -> User:
    """Give oneself another password; every other session of the person ends, the one with the key `keep` goes on.

    Raises Invalid for a wrong old password, a weak new one, or one of the last five.
    """
    user = member.user
    if not check_password(old, user.password):
        raise Invalid(_("现在的密码不正确，密码没有修改。"), fields={"old": _("现在的密码不正确")})
    _must_do(new, user)
    return _set(user, make_password(new), "account.password_changed", member, keep, at)


def ask_to_recover(username: str, phone: str, *, address: str, at: datetime) -> None:
    """Send a code to the mobile on record when name and number belong together; else only look like it."""
    user = _recoverable(username, phone)
    send_code(phone.strip(), RECOVER, to_somebody=user is not None, address=address, at=at)


def recover_password(username: str, phone: str, code: str, new: str, *, at: datetime) -> User:
    """Set a new password by the code. A second factor, where there is one, is still asked for at sign-in.

    Raises WrongCode for whatever does not fit together, Invalid for a password that will not do (the code stays good).
    """
    user = _recoverable(username, phone)
    if weak := weaknesses(new, user or User(username=username.strip().lower()[:60], phone=phone[:20])):
        raise Invalid(_("新密码需要修改。"), fields={"new": weak})
    take_code(phone.strip(), RECOVER, code, at=at)
    if user is None:  # a code was never sent
        raise WrongCode(_("验证码不正确或已失效。"))
    if was_used(new, user):
        raise Invalid(_("新密码与最近用过的相同，请换一个。"), fields={"new": _("最近 5 次用过的密码不能再用")})
    return _set(user, make_password(new), "account.password_recovered", SYSTEM, "", at)


def _recoverable(username: str, phone: str) -> User | None:
    found = User.objects.filter(username=username.strip().lower(), is_active=True).exclude(phone="").first()
    return found if found is not None and found.phone == phone.strip() else None


def _must_do(new: str, user: User) -> None:
    if weak := weaknesses(new, user):
        raise Invalid(_("新密码需要修改，密码没有修改。"), fields={"new": weak})
    if was_used(new, user):
        raise Invalid(_("新密码与最近用过的相同，密码没有修改。"), fields={"new": _("最近 5 次用过的密码不能再用")})


@transaction.atomic
def _set(user: User, hashed: str, kind: str, by: Actor, keep: str, at: datetime) -> User:
    user = User.objects.locked(user)
    if user.has_usable_password():
        FormerPassword.objects.create(user=user, password=user.password, replaced_at=at)
    beyond = FormerPassword.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[KEPT:]
    FormerPassword.objects.filter(pk__in=list(beyond)).delete()
    user.password, user.password_changed_at = hashed, at
    user.save(update_fields=["password", "password_changed_at"])
    ended = end_all_sessions(user, SignInSession.End.PASSWORD, keep=keep, at=at)
    record(kind, user, by=by, at=at, account=user.username, sessions_ended=ended)
    return user
