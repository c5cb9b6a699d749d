"""What can be done with rule sets: written, edited, activated by a second person, discarded, switched on and off."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.core.sm import sm3
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import Problems
from xinshu.rules.engine.deciding import FORMS, Prepared, prepare
from xinshu.rules.lifecycle import SET, VERSION
from xinshu.rules.models import RuleSet, RuleVersion, Run, types_from
from xinshu.rules.purposes import PURPOSES

BIGGEST = 100_000  # characters of a content


@dataclass(frozen=True)
class Draft:
    """What a version says: its content, from which day, until which day (None: until the next version)."""

    content: dict[str, Any]
    valid_from: date
    valid_until: date | None = None


def content_sm3(content: dict[str, Any]) -> str:
    """Return the digest of a content: what a trial was of, what the ledger names."""
    return sm3(canonical_json(content).encode()).hex()


@transaction.atomic
def write_rules(name: str, purpose: str, form: str, draft: Draft, *, by: Member, at: datetime) -> RuleVersion:
    """Begin a rule set of the own house with the draft of its first version. Raises Invalid per field."""
    house = by.organisation
    rule_set = RuleSet(
        state="on", owner=house, purpose=purpose, name=name.strip(), form=form, created_at=at, changed_at=at
    )
    version = RuleVersion(state="draft", rule_set=rule_set)
    VERSION.step("edit", version, by)
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的规则。"))
    problems = {}
    if not 2 <= len(rule_set.name) <= 60:
        problems["name"] = _("填 2 到 60 个字")
    if purpose not in PURPOSES:
        problems["purpose"] = _("请选择")
    if form not in FORMS:
        problems["form"] = _("请选择")
    if problems:
        raise Invalid(_("规则集没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    known = PURPOSES[purpose].of(house).known
    _check(form, known, draft, local_day(at))
    try:
        with transaction.atomic():
            rule_set.save()
    except IntegrityError:
        raise Invalid(_("规则集没有保存。"), fields={"name": _("本机构已有同名的规则集")}) from None
    return _begin(rule_set, known, draft, by=by, at=at)


@transaction.atomic
def write_version(rule_set: RuleSet, draft: Draft, *, by: Member, at: datetime) -> RuleVersion:
    """Begin the next version of a rule set. Raises NotNow while another draft waits."""
    rule_set = RuleSet.objects.locked(rule_set)
    VERSION.step("edit", RuleVersion(state="draft", rule_set=rule_set), by)
    if rule_set.versions.filter(state="draft").exists():
        raise NotNow(_("这个规则集已有一份草稿。"), advice=_("请在那份草稿上修改，或先作废它。"))
    known = PURPOSES[rule_set.purpose].of(rule_set.owner).known
    _check(rule_set.form, known, draft, local_day(at))
    rule_set.change(changed_at=at)
    return _begin(rule_set, known, draft, by=by, at=at)


def _begin(rule_set: RuleSet, known: list[list[Any]], draft: Draft, *, by: Member, at: datetime) -> RuleVersion:
    version = RuleVersion.objects.create(
        state="draft", rule_set=rule_set, content=draft.content, known=known, valid_from=draft.valid_from,
        valid_until=draft.valid_until, authors=[by.user_id], written_by=by.actor_label[:60], created_at=at,
        changed_at=at,
    )  # fmt: skip
    record("rules.written", version, by=by, at=at, name=rule_set.name, sm3=content_sm3(draft.content))
    return version


@transaction.atomic
def edit_version(version: RuleVersion, draft: Draft, *, by: Member, at: datetime) -> RuleVersion:
    """Rewrite a draft. Whoever does is one of its authors, too; trials of the former content no longer count."""
    version = RuleVersion.objects.locked(version)
    step = VERSION.step("edit", version, by)
    known = PURPOSES[version.rule_set.purpose].of(version.rule_set.owner).known
    _check(version.rule_set.form, known, draft, local_day(at))
    version.change(
        step, content=draft.content, known=known, valid_from=draft.valid_from, valid_until=draft.valid_until,
        authors=sorted({*version.authors, by.user_id}), changed_at=at,
    )  # fmt: skip
    record("rules.edited", version, by=by, at=at, name=version.rule_set.name, sm3=content_sm3(draft.content))
    return version


@transaction.atomic
def activate_version(version: RuleVersion, *, by: Member, at: datetime) -> RuleVersion:
    """Put a draft in force as the next version, by somebody who has not written it.

    Raises NotNow while this very content was not tried on the history that there is, or a table leaves cases open.
    """
    version = RuleVersion.objects.locked(version)
    step = VERSION.step("activate_version", version, by)
    if by.user_id in version.authors:
        raise NotPermitted(_("您写过这份规则，须由另一人启用。"))
    prepared = _check(
        version.rule_set.form, version.known, Draft(version.content, version.valid_from, version.valid_until),
        local_day(at),
    )  # fmt: skip
    if prepared.checked is not None and prepared.checked.overlaps:
        raise NotNow(
            _("决策表有重叠，没有启用：%(first)s。") % {"first": prepared.checked.overlaps[0]},
            advice=_("请修改草稿，或改用“首个”命中。"),
        )
    digest = content_sm3(version.content)
    if has_history(version.rule_set) and not version.trials.filter(content_sm3=digest).exists():
        raise NotNow(_("这份草稿改过以后还没有用历史试跑，没有启用。"), advice=_("请先试跑，看哪些结论会变。"))
    rule_set = RuleSet.objects.select_for_update(no_key=True).get(pk=version.rule_set_id)  # two get two numbers
    for present in rule_set.versions.filter(state="active").select_for_update():
        present.change(state="superseded", changed_at=at)
    number = (rule_set.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version.change(step, number=number, activated_by=by.actor_label[:60], activated_at=at, changed_at=at)
    record("rules.activated", version, by=by, at=at, name=rule_set.name, number=number, sm3=digest)
    return version


@transaction.atomic
def discard_version(version: RuleVersion, *, by: Member, at: datetime, reason: str) -> RuleVersion:
    """Throw a draft away; what is in force stays."""
    version = RuleVersion.objects.locked(version)
    step = VERSION.step("discard_version", version, by)
    version.change(step, changed_at=at)
    record("rules.discarded", version, by=by, at=at, name=version.rule_set.name, reason=_reason(reason))
    return version


@transaction.atomic
def switch_off(rule_set: RuleSet, *, by: Member, at: datetime, reason: str) -> RuleSet:
    """Stop asking a rule set; what it decided stays."""
    rule_set = RuleSet.objects.locked(rule_set)
    step = SET.step("switch_off", rule_set, by)
    rule_set.change(step, changed_at=at)
    record("rules.switched_off", rule_set, by=by, at=at, name=rule_set.name, reason=_reason(reason))
    return rule_set


@transaction.atomic
def switch_on(rule_set: RuleSet, *, by: Member, at: datetime) -> RuleSet:
    """Ask a rule set again."""
    rule_set = RuleSet.objects.locked(rule_set)
    step = SET.step("switch_on", rule_set, by)
    rule_set.change(step, changed_at=at)
    record("rules.switched_on", rule_set, by=by, at=at, name=rule_set.name)
    return rule_set


def has_history(rule_set: RuleSet) -> bool:
    """Tell whether there are decisions that a draft can be tried on: of this set, or of the same purpose."""
    return Run.objects.filter(
        rule_set__owner=rule_set.owner_id, rule_set__purpose=rule_set.purpose, state="kept"
    ).exists()


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 2 个字")})
    return reason.strip()[:500]


def _check(form: str, known: list[list[Any]], draft: Draft, on: date) -> Prepared:
    """Raise Invalid unless the draft can be asked and begins today or later."""
    problems = {}
    if draft.valid_from < on:
        problems["valid_from"] = _("不能早于今天，已有的结论不能改。")
    if draft.valid_until is not None and draft.valid_until < draft.valid_from:
        problems["valid_until"] = _("不能早于生效日。")
    if len(canonical_json(draft.content)) > BIGGEST:
        raise Invalid(_("规则太大，没有保存。"), advice=_("请拆成几个规则集。"))
    prepared = None
    try:
        prepared = prepare({**draft.content, "form": form}, types_from(known))
    except Problems as wrong:
        problems["content"] = str(wrong)
    if problems or prepared is None:
        raise Invalid(_("规则没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return prepared
