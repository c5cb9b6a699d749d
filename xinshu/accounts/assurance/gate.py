"""The one place where a level is asked for: before the entry of an act is written, whatever door it came through."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.assurance import LEVELS
from xinshu.accounts.assurance.acts import BY_KIND, Act
from xinshu.accounts.assurance.holding import KINDS_OF_FIRMS, Held, held_by, level_of
from xinshu.accounts.assurance.methods import FIRM, PERSON, methods_of
from xinshu.accounts.assurance.settings import Asked, Settings, in_force
from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.actors import Actor
from xinshu.core.refusals import Refusal
from xinshu.ledger.gates import ask_before

PAGES = {
    PERSON: ("accounts:identity", lazy("打开“我的认证”")),
    FIRM: ("certification:proofs", lazy("打开“机构认证方式”")),
}


class LevelTooLow(Refusal):
    """What the person or the firm has proven is too weak, or too long ago, for this act."""

    status = 403
    title = "认证级别不够"

    def __init__(self, message: str, *, side: str, advice: str) -> None:
        super().__init__(message, advice=advice)
        page, words = PAGES[side]
        self.way = (page, str(words))


def must_be_sure(kind: str, by: Actor, at: datetime, data: Mapping[str, Any]) -> None:
    """Raise LevelTooLow where `by` or its organisation has not proven what the acts of this kind ask for.

    Only members are asked: the system acts by rule, and whoever comes by a link proves their phone at every visit.
    """
    if not isinstance(by, Member) or by.pk is None:
        return
    acts = [act for act in BY_KIND[kind] if act.concerns(data)]
    settings = in_force() if acts else None
    if settings is None:
        return
    for act in acts:
        asked = settings.asked(act)
        if asked.person > 1 or (asked.person and asked.days):  # whoever acts has an account: that is level 1
            _must_reach(act, PERSON, by.user, asked, settings, at)
        if asked.firm and by.organisation.kind in KINDS_OF_FIRMS:
            _must_reach(act, FIRM, by.organisation, asked, settings, at)


def _must_reach(
    act: Act, side: str, subject: User | Organisation, asked: Asked, settings: Settings, at: datetime
) -> None:
    wanted = asked.person if side == PERSON else asked.firm
    held = held_by(subject, settings, at)
    if level_of(held, at, days=asked.days) >= wanted:
        return
    told = {
        "act": act.name,
        "wanted": LEVELS[wanted],
        "days": asked.days,
        "has": _has(held, at),
        "ways": "、".join(str(one.name) for one in methods_of(side) if one.strength >= wanted and settings.is_on(one)),
    }
    fresh = _("，且须在 %(days)d 天内认证过") % told if asked.days else ""
    if side == PERSON:
        message = _("“%(act)s”要求本人认证达到%(wanted)s%(fresh)s；您现在%(has)s。") % {**told, "fresh": fresh}
        advice = _(
            "没有办理，填写的内容保留在页面上。请到“个人中心 › 我的认证”用%(ways)s之一补认证，再回来提交。"
        ) % told  # fmt: skip
    else:
        message = _("“%(act)s”要求机构认证达到%(wanted)s%(fresh)s；贵机构现在%(has)s。") % {**told, "fresh": fresh}
        advice = _(
            "没有办理，填写的内容保留在页面上。请本机构经办人到“机构认证方式”用%(ways)s之一补认证，再回来提交。"
        ) % told  # fmt: skip
    raise LevelTooLow(message, side=side, advice=advice)


def _has(held: list[Held], at: datetime) -> str:
    if not held:
        return _("还没有认证")
    best = held[0]
    days = max((at - best.at).days, 0)
    return _("是%(level)s（%(method)s，%(days)d 天前）") % {
        "level": LEVELS[best.method.strength],
        "method": best.method.name,
        "days": days,
    }


def open_gate() -> None:
    """Have the question asked before the entries of all acts of the table. Called at start-up."""
    ask_before(BY_KIND, must_be_sure)
