"""应急处置: a user, key, organisation, interfaces or exports are stopped at once; another person lifts it."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.devices import end_all_sessions
from xinshu.accounts.models import Block, Member, Organisation, SignInSession, User
from xinshu.accounts.stops import Trace, owner_of, trace_of
from xinshu.core.cases import new_reference
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record

What = Block.What


@transaction.atomic
def begin_block(
    what: str, organisation: Organisation | None, *, target: str = "", reason: str, by: Member, at: datetime
) -> Block:
    """Stop a user, a key, an organisation, its interfaces or exports, or those of everybody, from the next request.

    Raises NotNow when it is stopped already, Invalid for the platform's own operator: nobody could lift it again.
    """
    _must_secure(by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    if what not in What.values:
        raise Invalid(_("请选择要停止的事项。"), fields={"what": _("请选择")})
    organisation, target = _found(what, organisation, target.strip(), by)
    if organisation is not None and what == What.ORGANISATION and organisation.kind == Organisation.Kind.OPERATOR:
        raise Invalid(_("平台运营方不能停用，否则没有人能恢复。"), advice=_("可以锁定其中的用户，或停止导出。"))
    try:
        with transaction.atomic():
            block = Block.objects.create(
                reference=new_reference(),
                what=what,
                organisation=organisation,
                target=target,
                reason=reason,
                begun_by=by,
                begun_at=at,
            )
    except IntegrityError:
        raise NotNow(_("已经停止了，无须重复。")) from None
    ended = _apply(block, at)
    _record("begun", block, by, at, reason=reason, sessions_ended=ended)
    return block


@transaction.atomic
def lift_block(block: Block, *, reason: str, by: Member, at: datetime) -> Block:
    """Let go on what was stopped. Raises NotPermitted for whoever stopped it: it takes a second person."""
    _must_secure(by)
    block = Block.objects.select_for_update().get(pk=block.pk)
    if block.begun_by.user_id == by.user_id:
        raise NotPermitted(
            _("恢复须由另一位管理员办理。"), advice=_("停止由您办理，请另一位安全管理员或系统管理员恢复。")
        )
    if block.lifted_at is not None:
        raise NotNow(_("已经恢复了，无须重复。"))
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    block.lifted_at, block.lifted_by = at, by
    block.save(update_fields=["lifted_at", "lifted_by"])
    _apply(block, at)
    _record("lifted", block, by, at, reason=reason)
    return block


def _found(what: str, organisation: Organisation | None, target: str, by: Member) -> tuple[Organisation | None, str]:
    """Return what exactly is to be stopped. Raises Invalid where it is not named or does not exist."""
    if what in Block.EVERYWHERE:
        if organisation is not None:
            raise Invalid(_("停止整个平台的，不用填写机构。"), fields={"organisation": _("请清空，或改选该机构的事项")})
        return None, ""
    if what not in Block.BY_NAME:
        if organisation is None:
            raise Invalid(_("请选择要停止的机构。"), fields={"organisation": _("请填写机构")})
        return organisation, ""
    if what == What.USER:
        user = User.objects.select_for_update().filter(username=target.lower()).first()
        if user is None:
            raise Invalid(_("平台上没有这个用户。"), fields={"target": _("请填写用户名")})
        if user.pk == by.user_id:
            raise NotPermitted(_("不能停用自己的账号。"), advice=_("请由另一位管理员办理。"))
        if not user.is_active:
            raise NotNow(_("该用户已被锁定或已离职，无须停用。"))
        return None, user.username
    owner = owner_of(what, target)
    if owner is None:
        raise Invalid(_("没有这个编号的密钥。"), fields={"target": _("请填写密钥编号，如 xk_…")})
    return owner, target


def _apply(block: Block, at: datetime) -> int:
    """Bring organisations in line with the blocks in force; return how many sessions ended by it."""
    begun = block.lifted_at is None
    if block.what == What.ORGANISATION:
        assert block.organisation_id is not None
        Organisation.objects.filter(pk=block.organisation_id).update(active=not begun)
        return _sign_out(block.organisation_id, at) if begun else 0
    if block.what == What.USER:
        user = User.objects.select_for_update().get(username=block.target)
        if user.left_at is None:
            user.is_active = not begun
            user.save(update_fields=["is_active"])
        return end_all_sessions(user, SignInSession.End.LOCKED, at=at) if begun else 0
    if block.what not in (What.EXPORTS, What.ALL_EXPORTS):
        return 0  # whoever is asked at the door asks for the blocks in force (accounts.stops)
    in_force = Block.objects.filter(lifted_at=None)
    everywhere = in_force.filter(what=What.ALL_EXPORTS).exists()
    stopped = in_force.filter(what=What.EXPORTS).values("organisation")
    Organisation.objects.exclude(pk__in=stopped).update(exports_stopped=everywhere)
    Organisation.objects.filter(pk__in=stopped).update(exports_stopped=True)
    return 0


def _sign_out(organisation_id: int, at: datetime) -> int:
    # Who also works elsewhere signs in again and acts for the other organisation.
    sessions = SignInSession.objects.open().filter(user__members__organisation=organisation_id).distinct()
    keys = dict(sessions.values_list("pk", "session_key"))
    Session.objects.filter(session_key__in=list(keys.values())).delete()
    closed = SignInSession.objects.filter(pk__in=list(keys))
    return closed.update(ended_at=at, end=SignInSession.End.LOCKED, session_key="")


def _must_secure(by: Member) -> None:
    if not (by.can("accounts.secure") or by.can("accounts.manage")):
        raise NotPermitted(_("您没有应急处置的权限。"))


def _record(what: str, block: Block, by: Member, at: datetime, **more: Any) -> None:
    name = block.organisation.name if block.organisation else ""
    label = str(What(block.what).label)
    record(f"block.{what}", block, by=by, at=at, what=label, organisation=name, target=block.target, **more)


@transaction.atomic
def take_report(block: Block, *, by: Member, at: datetime) -> list[Trace]:
    """Return the trace of what was stopped, for the report, and record who took it and how many rows."""
    if not by.can("accounts.view"):
        raise NotPermitted(_("您没有查看应急处置的权限。"))
    trace = trace_of(block, at)
    _record("reported", block, by, at, rows=len(trace))
    return trace
