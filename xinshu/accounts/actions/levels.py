"""Which methods count and which act asks for what: proposed by one administrator, put in force by another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.assurance import LEVELS
from xinshu.accounts.assurance.acts import ACTS
from xinshu.accounts.assurance.holding import held_by, level_of
from xinshu.accounts.assurance.methods import FIRM, METHODS, PERSON, SIDES
from xinshu.accounts.assurance.settings import Settings, shipped
from xinshu.accounts.lifecycle import LEVEL_TABLE
from xinshu.accounts.models import LevelTable, Member
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record

LONGEST_DAYS = 3650


@transaction.atomic
def propose_levels(content: Mapping[str, Any], *, reason: str, by: Member, at: datetime) -> LevelTable:
    """Propose a version of the level table; nothing changes until another administrator approves.

    Raises NotPermitted, Invalid for a level that no method reaches, NotNow while another one waits.
    """
    if not by.can("accounts.manage"):
        raise NotPermitted(_("只有系统管理员可以提出认证级别。"))
    whole = _whole(content)
    current = LevelTable.objects.filter(state="active").first()
    if current is not None and current.content == whole:
        raise Invalid(_("没有变化，没有提交。"), advice=_("请先调整方式或级别。"))
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，批准人会看到。"), fields={"reason": _("请写明原因")})
    _must_be_reachable(whole)
    proposed = _new(whole, "proposed", reason[:500], by, at)
    record("levels.proposed", proposed, by=by, at=at, number=proposed.number, reason=reason, changes=changes(whole))
    return proposed


@transaction.atomic
def approve_levels(proposed: LevelTable, *, by: Member, at: datetime) -> LevelTable:
    """Put a version in force, from the next act on. Raises NotNow where nobody could change it back."""
    proposed = LevelTable.objects.locked(proposed)
    step = LEVEL_TABLE.step("approve", proposed, by)
    _must_be_reachable(proposed.content)
    _must_leave_two(Settings(proposed.content), at)
    told = changes(proposed.content)
    record("levels.approved", proposed, by=by, at=at, number=proposed.number, changes=told)  # asked by the former table
    for former in LevelTable.objects.filter(state="active"):
        former.change(state="superseded")
    return proposed.change(step, decided_by=by, decided_at=at)


@transaction.atomic
def refuse_levels(proposed: LevelTable, *, reason: str, by: Member, at: datetime) -> LevelTable:
    """Leave everything as it is, and say why."""
    proposed = LevelTable.objects.locked(proposed)
    step = LEVEL_TABLE.step("refuse", proposed, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("请写明原因")})
    proposed.change(step, decided_by=by, decided_at=at, refusal=reason[:500])
    record("levels.refused", proposed, by=by, at=at, number=proposed.number, reason=reason)
    return proposed


@transaction.atomic
def withdraw_levels(proposed: LevelTable, *, by: Member, at: datetime) -> LevelTable:
    """Take one's own proposal back before it is decided."""
    proposed = LevelTable.objects.locked(proposed)
    proposed.change(LEVEL_TABLE.step("withdraw", proposed, by), decided_at=at)
    record("levels.withdrawn", proposed, by=by, at=at, number=proposed.number)
    return proposed


@transaction.atomic
def install_levels(*, at: datetime, by: Actor = SYSTEM) -> LevelTable | None:
    """Put the shipped table in force where there never was one; on a new installation and in the demo."""
    if LevelTable.objects.exists():
        return None
    table = _new(shipped(), "active", _("平台出厂设置"), None, at)
    record("levels.installed", table, by=by, at=at, number=table.number)
    return table


def changes(content: Mapping[str, Any]) -> list[str]:
    """Return in words what `content` would change against what is in force."""
    current = LevelTable.objects.filter(state="active").first()
    before, after = Settings(current.content if current else {}), Settings(content)
    found = []
    for method in METHODS.values():
        was, now = ((one.is_on(method), one.days(method)) for one in (before, after))
        if was != now:
            found.append(f"{method.name}：{_switch(*was)} → {_switch(*now)}")
    for act in ACTS.values():
        old, new = before.asked(act), after.asked(act)
        for side, one, other in ((PERSON, old.person, new.person), (FIRM, old.firm, new.firm)):
            if one != other:
                found.append(f"{act.name}·{SIDES[side]}：{LEVELS[one]} → {LEVELS[other]}")
        if old.days != new.days:
            found.append(f"{act.name}：{_within(old.days)} → {_within(new.days)}")
    return found


def _switch(on: bool, days: int) -> str:
    return (_("%(n)d 天有效") % {"n": days} if days else _("长期有效")) if on else _("停用")


def _within(days: int) -> str:
    return _("%(n)d 天内认证过") % {"n": days} if days else _("有效期内即可")


def _new(content: Mapping[str, Any], state: str, reason: str, by: Member | None, at: datetime) -> LevelTable:
    number = (LevelTable.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            return LevelTable.objects.create(
                number=number, content=content, state=state, reason=reason, proposed_by=by, proposed_at=at
            )
    except IntegrityError:
        raise NotNow(_("已有一版认证级别在等待批准。"), advice=_("请先撤回，或等批准后再改。")) from None


def _whole(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return every method and act that there is, as `content` says or as shipped. Raises Invalid out of range."""
    whole = shipped()
    for code, row in whole["methods"].items():
        said = content.get("methods", {}).get(code, {})
        row["on"] = METHODS[code].fixed or bool(said.get("on", row["on"]))
        row["days"] = _number(said.get("days", row["days"]), LONGEST_DAYS, str(METHODS[code].name))
    for code, row in whole["acts"].items():
        said = content.get("acts", {}).get(code, {})
        for side in (PERSON, FIRM):
            row[side] = _number(said.get(side, row[side]), max(LEVELS), str(ACTS[code].name))
        row["days"] = _number(said.get("days", row["days"]), LONGEST_DAYS, str(ACTS[code].name))
    return whole


def _number(value: Any, most: int, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Invalid(
            _("“%(name)s”的数值须是 0 至 %(most)d 的整数。") % {"name": name, "most": most},
            advice=_("其余内容已保留。"),
        )
    return value


def _must_be_reachable(content: Mapping[str, Any]) -> None:
    """Raise Invalid where an act asks for more than any method that is on can give."""
    settings = Settings(content)
    for act in ACTS.values():
        asked = settings.asked(act)
        for side, wanted in ((PERSON, asked.person), (FIRM, asked.firm)):
            if wanted > (highest := settings.highest(side)):
                raise Invalid(
                    _("“%(act)s”要求%(side)s%(wanted)s，但开通的方式最高只到%(highest)s，没有人能办理。")
                    % {"act": act.name, "side": SIDES[side], "wanted": LEVELS[wanted], "highest": LEVELS[highest]},
                    advice=_("请降低级别，或开通更强的方式。"),
                )


def _must_leave_two(settings: Settings, at: datetime) -> None:
    """Raise NotNow unless somebody who proposes and somebody who approves could still change the table back."""
    asked = settings.asked(ACTS["levels"])
    for permission, who in (("accounts.manage", _("系统管理员")), ("accounts.secure", _("安全管理员"))):
        people = (one for one in Member.objects.acting().filter(organisation__kind="operator") if one.can(permission))
        if not any(level_of(held_by(one.user, settings, at), at, days=asked.days) >= asked.person for one in people):
            raise NotNow(
                _("还没有一位%(who)s达到“调整认证方式与级别”要求的级别，启用后谁也改不回来。") % {"who": who},
                advice=_("请先补认证（例如绑定动态口令），或降低这一项的级别。"),
            )
