"""The account of a person: added, changed, locked, unlocked, reviewed, closed when the person leaves."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.devices import end_all_sessions
from xinshu.accounts.actions.membership import join_organisation, open_account
from xinshu.accounts.actions.registration import MOBILE, USER_NAME
from xinshu.accounts.lifecycle import USER
from xinshu.accounts.models import Member, Organisation, SignInSession, User
from xinshu.core.actors import Actor
from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record


@transaction.atomic
def lock_user(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Keep a person out: no more sign-in, and whoever is signed in is out at the next request."""
    user = _change(user, "lock", reason, by, at)
    end_all_sessions(user, SignInSession.End.LOCKED, at=at)
    return user


@transaction.atomic
def unlock_user(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Let a locked person in again, with the password as it was."""
    return _change(user, "unlock", reason, by, at)


@transaction.atomic
def add_user(username: str, name: str, phone: str, organisation: Organisation, *, by: Member, at: datetime) -> Member:
    """Open an account for somebody in `organisation`, without roles and without a password.

    The person sets the password by a code to the mobile (找回密码): no administrator ever knows it. Roles are proposed
    apart from this and need a second person (actions.roles). Raises Invalid with the fields that do not hold.
    """
    _must_manage(by)
    fields, wrong = _read(name, phone)
    username = username.strip().lower()
    if not USER_NAME.fullmatch(username):
        wrong["username"] = _("用户名是 4 至 30 位字母、数字、点、横线，以字母开头")
    if wrong:
        raise Invalid(_("有 %(count)d 项需要修改，其余内容已保留。") % {"count": len(wrong)}, fields=wrong)
    user = open_account(username, make_password(None), by=by, at=at, **fields)
    return join_organisation(user, organisation, [], by=by, at=at)


@transaction.atomic
def change_details(user: User, *, name: str, phone: str, by: Member, at: datetime) -> User:
    """Correct name and mobile of somebody else. Old and new are recorded, the mobile by its last four digits."""
    _must_manage(by)
    fields, wrong = _read(name, phone)
    if wrong:
        raise Invalid(_("有 %(count)d 项需要修改，其余内容已保留。") % {"count": len(wrong)}, fields=wrong)
    user = User.objects.locked(user)
    if user.pk == by.user_id:
        raise NotPermitted(_("不能修改自己的资料。"), advice=_("请由另一位系统管理员办理：手机号用于找回密码。"))
    if user.left_at is not None:
        raise NotNow(_("该用户已离职，资料不再修改。"))
    changes = {
        field: [_told(field, getattr(user, field)), _told(field, value)]
        for field, value in fields.items()
        if getattr(user, field) != value
    }
    if changes:
        user.name, user.phone = fields["name"], fields["phone"]
        user.save(update_fields=["name", "phone"])
        record("account.changed", user, by=by, at=at, account=user.username, changes=changes)
    return user


@transaction.atomic
def review_user(user: User, *, reason: str, by: Actor, at: datetime) -> User:
    """Confirm that somebody's organisations and roles still fit the work: what an inspection asks to see."""
    user, _step, reason = _begin(user, "review", reason, by)
    user.reviewed_at = at
    user.save(update_fields=["reviewed_at"])
    roles = {m.organisation.name: m.roles for m in user.members.filter(active=True).select_related("organisation")}
    record("account.reviewed", user, by=by, at=at, account=user.username, conclusion=reason, roles=roles)
    return user


@transaction.atomic
def leave(user: User, *, successors: dict[int, int], reason: str, by: Actor, at: datetime) -> User:
    """Close the account of somebody who leaves, and hand their work over.

    `successors` names, per membership, the member of the same organisation who takes over; contexts above react to
    "member.left" and move what is open. Raises Invalid where a successor is missing though colleagues are there.
    """
    user, step, reason = _begin(user, "leave", reason, by)
    for member in user.members.select_for_update().filter(active=True).select_related("organisation").order_by("pk"):
        colleagues = {colleague.pk: colleague for colleague in successors_of(member)}
        successor = colleagues.get(successors.get(member.pk, 0))
        if successor is None and colleagues:
            raise Invalid(
                _("请为%(organisation)s选择接办人。") % {"organisation": member.organisation.name},
                fields={f"successor_{member.pk}": _("请选择接办人")},
            )
        member.active = False
        member.save(update_fields=["active"])
        record(
            "member.left",
            member,
            by=by,
            at=at,
            user=user.username,
            organisation=member.organisation.name,
            successor=successor.pk if successor else None,
            successor_name=successor.user.name if successor else "",
        )
    user.is_active, user.left_at = False, at
    user.save(update_fields=["is_active", "left_at"])
    end_all_sessions(user, SignInSession.End.LOCKED, at=at)
    record(f"account.{step.target}", user, by=by, at=at, account=user.username, reason=reason)
    return user


def successors_of(member: Member) -> list[Member]:
    """Return who can take over from `member`: colleagues of the same role, else any colleague."""
    found = Member.objects.acting().filter(organisation=member.organisation_id).exclude(user=member.user_id)
    colleagues = list(found.order_by("user__name", "pk"))
    return [one for one in colleagues if set(one.roles) & set(member.roles)] or colleagues


def _change(user: User, action: str, reason: str, by: Actor, at: datetime) -> User:
    user, step, reason = _begin(user, action, reason, by)
    user.is_active = step.target == "active"
    user.save(update_fields=["is_active"])
    record(f"account.{action}ed", user, by=by, at=at, reason=reason)
    return user


def _begin(user: User, action: str, reason: str, by: Actor) -> tuple[User, Row, str]:
    """Lock, step and the checks that all acts upon an account share."""
    user = User.objects.locked(user)
    if "self" in user.sides_of(by):
        raise NotPermitted(_("不能办理自己的账号。"), advice=_("请由另一位管理员办理。"))
    step = USER.step(action, user, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    return user, step, reason


def _must_manage(by: Member) -> None:
    if not by.can("accounts.manage"):
        raise NotPermitted(_("您没有管理用户的权限。"))


def _read(name: str, phone: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns, and what is wrong with them."""
    wrong: dict[str, str] = {}
    name, phone = name.strip(), phone.replace(" ", "").replace("-", "")
    if not name:
        wrong["name"] = _("请填写姓名")
    if not MOBILE.fullmatch(phone):
        wrong["phone"] = _("手机号是 11 位数字，以 1 开头")
    return {"name": name, "phone": phone}, wrong


def _told(field: str, value: str) -> str:
    return f"…{value[-4:]}" if field == "phone" else value
