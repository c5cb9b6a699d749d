"""The account of a person is locked and unlocked by an administrator."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.lifecycle import USER
from xinshu.accounts.models import User
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.ledger.recording import record


@transaction.atomic
def lock_user(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Keep a person out: no more sign-in, and whoever is signed in is out at the next request."""
    return _change(user, "lock", reason, by, at)


@transaction.atomic
def unlock_user(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Let a locked person in again, with the password as it was."""
    return _change(user, "unlock", reason, by, at)


def _change(user: User, action: str, reason: str, by: Actor, at: datetime) -> User:
    user = User.objects.locked(user)
    if "self" in user.sides_of(by):
        raise NotPermitted(_("不能锁定或解锁自己的账号。"), advice=_("请由另一位系统管理员办理。"))
    step = USER.step(action, user, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    user.is_active = step.target == "active"
    user.save(update_fields=["is_active"])
    record(f"account.{action}ed", user, by=by, at=at, reason=reason)
    return user
