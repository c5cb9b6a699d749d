"""Rules of the watch: written by one, activated by another; a version replaces the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record
from xinshu.watch.lifecycle import MANAGE, RULE
from xinshu.watch.models import WatchRule
from xinshu.watch.patterns import GRADES, PATTERNS, Pattern


@dataclass(frozen=True)
class Wish:
    """How a pattern shall be watched: `limits` by name, amounts in 分."""

    on: bool
    grade: str
    blocks: bool
    limits: Mapping[str, int] = field(default_factory=dict)


def owner_of(by: Member) -> Organisation | None:
    """Return whose rules somebody writes: the platform's (None), or the own house's. Raises NotPermitted."""
    if by.can(MANAGE):
        return None
    if by.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的监测规则。"))
    return by.organisation


@transaction.atomic
def write_rule(code: str, wish: Wish, *, by: Member, at: datetime) -> WatchRule:
    """Begin the next version of how a pattern is watched. Raises Invalid per field, NotNow while a draft waits."""
    owner = owner_of(by)
    rule = WatchRule(state="draft", owner=owner, pattern=code, authors=[by.user_id])
    RULE.step("edit", rule, by)
    _fill(rule, wish)
    rule.written_by, rule.changed_at = by.actor_label[:60], at
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:  # watch_rule_draft: one at a time
        raise NotNow(_("这个监测项已有一份草稿。"), advice=_("请在那份草稿上修改，或先作废它。")) from error
    record("watch_rule.written", rule, by=by, at=at, pattern=code, **_told(wish))
    return rule


@transaction.atomic
def edit_rule(rule: WatchRule, wish: Wish, *, by: Member, at: datetime) -> WatchRule:
    """Rewrite a draft; whoever does is one of its authors, too."""
    rule = WatchRule.objects.locked(rule)
    step = RULE.step("edit", rule, by)
    _fill(rule, wish)
    rule.change(
        step, on=rule.on, grade=rule.grade, blocks=rule.blocks, limits=rule.limits,
        authors=sorted({*rule.authors, by.user_id}), changed_at=at,
    )  # fmt: skip
    record("watch_rule.edited", rule, by=by, at=at, pattern=rule.pattern, **_told(wish))
    return rule


@transaction.atomic
def activate_rule(rule: WatchRule, *, by: Member, at: datetime) -> WatchRule:
    """Put a draft in force, by somebody who has not written it."""
    rule = WatchRule.objects.locked(rule)
    step = RULE.step("activate", rule, by)
    if by.user_id in rule.authors:
        raise NotPermitted(_("您写过这份规则，须由另一人启用。"))
    mine = WatchRule.objects.filter(owner=rule.owner, pattern=rule.pattern)
    for present in mine.filter(state="active").select_for_update():
        present.change(state="superseded", changed_at=at)
    number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
    rule.change(step, number=number, activated_by=by.actor_label[:60], activated_at=at, changed_at=at)
    record("watch_rule.activated", rule, by=by, at=at, pattern=rule.pattern, number=number)
    return rule


@transaction.atomic
def discard_rule(rule: WatchRule, *, reason: str, by: Member, at: datetime) -> WatchRule:
    """Throw a draft away; what is in force stays."""
    rule = WatchRule.objects.locked(rule)
    step = RULE.step("discard", rule, by)
    rule.change(step, changed_at=at)
    record("watch_rule.discarded", rule, by=by, at=at, pattern=rule.pattern, reason=reason[:500])
    return rule


def _told(wish: Wish) -> dict[str, Any]:
    return {"on": wish.on, "grade": wish.grade, "blocks": wish.blocks, "limits": dict(wish.limits)}


def _fill(rule: WatchRule, wish: Wish) -> None:
    pattern: Pattern = PATTERNS[rule.pattern]
    problems = {}
    if wish.grade not in GRADES:
        problems["grade"] = _("请选择")
    for name, limit in pattern.limits.items():
        value = wish.limits.get(name)
        if value is None or not limit.least <= value <= limit.most:
            problems[name] = _("超出可填的范围")
    if problems:
        raise Invalid(_("规则没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    rule.on, rule.grade = wish.on, wish.grade
    rule.blocks = wish.blocks and pattern.group == "anomaly"
    rule.limits = {name: wish.limits[name] for name in pattern.limits}
