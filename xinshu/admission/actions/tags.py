"""What can be done with tags: written, changed, refreshed, given and taken by a person, switched off and on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.lifecycle import EDIT, TAG, VIEW
from xinshu.admission.models import ASKED, BY_PERSON, RECORD, RHYTHMS, SOURCE, Carry, Round, Tag
from xinshu.admission.purposes import ANSWERS, REGISTRATION, for_tags
from xinshu.admission.purposes import RECORD as THE_RECORD
from xinshu.admission.rounds import end_carrying, run_round, same_rule
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.enterprises.models import Relation
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import Problems
from xinshu.rules.engine.deciding import prepare
from xinshu.rules.engine.facts import FactType

LONGEST_DAYS = 3_650


@dataclass(frozen=True)
class Wanted:
    """What a tag says. `rule`: conditions as `rules` reads them ({"join", "conditions"} or {"expression"}); {}: a
    person gives it."""

    name: str
    note: str
    keeper: Member
    rhythm: str = ""
    rule: dict[str, Any] = field(default_factory=dict)
    valid_days: int | None = None


@transaction.atomic
def write_tag(wanted: Wanted, *, by: Member, at: datetime) -> Tag:
    """Begin a tag of the own house and compute it once. Raises Invalid per field."""
    must_be_house(by)
    tag = Tag(state="on", house=by.organisation)
    TAG.step("edit_tag", tag, by)
    columns = _checked(wanted, by.organisation)
    tag = _saved(Tag(state="on", house=by.organisation, created_at=at, changed_at=at, **columns))
    record("tag.written", tag, by=by, at=at, name=tag.name)
    run_round(tag, Round.Cause.EDITED, by=by, at=at)
    return tag


@transaction.atomic
def edit_tag(tag: Tag, wanted: Wanted, *, by: Member, at: datetime) -> Tag:
    """Change what a tag says; where its rule or days are others, it is computed anew at once."""
    tag = Tag.objects.locked(tag)
    step = TAG.step("edit_tag", tag, by)
    columns = _checked(wanted, by.organisation)
    if bool(columns["content"]) != bool(tag.content):
        raise Invalid(_("计算的标签和人工的标签不能互换，没有保存。"), advice=_("请另建一个标签。"))
    anew = not same_rule(columns["content"], tag.content) or columns["valid_days"] != tag.valid_days
    if Tag.objects.filter(house=tag.house_id, name=columns["name"]).exclude(pk=tag.pk).exists():
        raise _named_twice()
    tag.change(changed_at=at, state=tag.state, **columns)
    record(step_kind(step.action), tag, by=by, at=at, name=tag.name)
    if anew:
        run_round(tag, Round.Cause.EDITED, by=by, at=at)
    return tag


def step_kind(action: str) -> str:
    """Return the kind of entry that an act on a tag writes."""
    return {"edit_tag": "tag.edited", "switch_off": "tag.switched_off", "switch_on": "tag.switched_on"}[action]


def must_be_house(by: Member) -> None:
    """Raise NotPermitted for whoever is no guarantor's."""
    if by.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有标签和准入方案。"))


def _saved(tag: Tag) -> Tag:
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise _named_twice() from None
    return tag


def _named_twice() -> Invalid:
    return Invalid(_("标签没有保存。"), fields={"name": _("本机构已有同名的标签")})


def _checked(wanted: Wanted, house: Organisation) -> dict[str, Any]:
    """Return the columns of what is wanted. Raises Invalid per field."""
    problems: dict[str, str] = {}
    name = wanted.name.strip()
    if not 2 <= len(name) <= 30:
        problems["name"] = _("填 2 到 30 个字")
    if wanted.keeper.organisation_id != house.pk:
        problems["keeper"] = _("请选择本机构的人")
    if wanted.valid_days is not None and not 1 <= wanted.valid_days <= LONGEST_DAYS:
        problems["valid_days"] = _("填 1 到 %(most)d 天，或留空") % {"most": LONGEST_DAYS}
    content, known, origin = {}, [], BY_PERSON
    if wanted.rule:
        content = {"form": "conditions", "rules": [{"name": name or "-", "weight": "ask", "on": True, **wanted.rule}]}
        types = {one.code: one for one in for_tags(house)}
        if wanted.rhythm not in RHYTHMS:
            problems["rhythm"] = _("请选择多久更新一次")
        try:
            used = [types[code] for code in prepare(content, types).facts]
        except Problems as wrong:
            problems["content"] = str(wrong)
        else:
            origin = origin_of(used)
            known = [[one.code, str(one.label), one.type, one.source, one.unit, list(one.choices)] for one in used]
    if problems:
        raise Invalid(_("标签没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    return {
        "name": name, "note": wanted.note.strip()[:200], "keeper": wanted.keeper, "valid_days": wanted.valid_days,
        "rhythm": wanted.rhythm if wanted.rule else "", "content": content, "known": known, "origin": origin,
    }  # fmt: skip


def origin_of(used: list[FactType]) -> str:
    """Return of ORIGINS where a computed tag comes from: whatever is not the record's own names it."""
    sources = {one.source for one in used}
    if sources - {THE_RECORD, REGISTRATION, ANSWERS}:
        return SOURCE
    return ASKED if ANSWERS in sources else RECORD


@transaction.atomic
def refresh_tag(tag: Tag, *, by: Member, at: datetime) -> Round:
    """Compute a tag now. Raises NotNow for one that a person gives."""
    tag = Tag.objects.locked(tag)
    TAG.step("refresh", tag, by)
    found = run_round(tag, Round.Cause.HAND, by=by, at=at)
    if found is None:
        raise NotNow(_("人工标签没有规则可以计算。"), advice=_("在标签页上为企业打上或取下。"))
    return found


@transaction.atomic
def give_tag(tag: Tag, firm: Organisation, *, reason: str, by: Member, at: datetime) -> Carry:
    """Mark a customer by hand, with a reason. Whoever edits tags may, and the firm's account manager."""
    tag = Tag.objects.locked(tag)
    TAG.step("give", tag, by)
    _may_mark(tag, firm, by)
    if tag.content:
        raise NotNow(_("这个标签由规则计算，不能人工打上。"))
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 2 个字")})
    if tag.carriers.filter(firm=firm, until=None).exists():
        raise NotNow(_("%(name)s 已经有这个标签。") % {"name": firm.name})
    days = tag.valid_days
    carry = Carry.objects.create(
        tag=tag, firm=firm, since=at, why=[{"note": reason.strip()[:200]}], given_by=by.actor_label[:60],
        valid_until=local_day(at) + timedelta(days=days) if days is not None else None,
    )  # fmt: skip
    record("tag.given", tag, by=by, at=at, name=tag.name, firm=firm.pk, reason=reason.strip()[:200])
    return carry


@transaction.atomic
def take_tag(tag: Tag, firm: Organisation, *, reason: str, by: Member, at: datetime) -> None:
    """Take a tag that a person gave off a firm."""
    tag = Tag.objects.locked(tag)
    TAG.step("take", tag, by)
    _may_mark(tag, firm, by)
    if tag.content:
        raise NotNow(_("这个标签由规则计算，不能人工取下。"), advice=_("更正企业资料或修改标签的规则后会自动更新。"))
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 2 个字")})
    carried = list(tag.carriers.filter(firm=firm, until=None).values_list("pk", flat=True))
    if not carried:
        raise NotNow(_("%(name)s 现在没有这个标签。") % {"name": firm.name})
    end_carrying(carried, reason.strip(), by=by, at=at)
    record("tag.taken", tag, by=by, at=at, name=tag.name, firm=firm.pk, reason=reason.strip()[:200])


def _may_mark(tag: Tag, firm: Organisation, by: Member) -> None:
    relation = Relation.objects.filter(guarantor=tag.house_id, enterprise__organisation=firm).first()
    if relation is None:
        raise Invalid(_("这家企业不是本机构的客户。"), fields={"firm": _("请填写本机构客户的全称或信用代码")})
    if not by.can(EDIT) and relation.manager_id != by.pk:
        raise NotPermitted(_("您没有为这家企业打标签的权限。"), advice=_("由负责的客户经理或维护标签的人办理。"))


@transaction.atomic
def switch_tag_off(tag: Tag, *, reason: str, by: Member, at: datetime) -> Tag:
    """Stop a tag: nobody carries it any more, the log stays."""
    tag = Tag.objects.locked(tag)
    step = TAG.step("switch_off", tag, by)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 2 个字")})
    carried = list(tag.carriers.filter(until=None).values_list("pk", flat=True))
    end_carrying(carried, _("标签停用：%(reason)s") % {"reason": reason.strip()}, by=by, at=at)
    Round.objects.create(
        tag=tag, cause=Round.Cause.OFF, on=local_day(at), at=at, by=by.actor_label[:60], looked=len(carried), begun=0,
        ended=len(carried),
    )  # fmt: skip
    tag.change(step, changed_at=at)
    record(step_kind(step.action), tag, by=by, at=at, name=tag.name, reason=reason.strip()[:500])
    return tag


@transaction.atomic
def switch_tag_on(tag: Tag, *, by: Member, at: datetime) -> Tag:
    """Compute a tag again."""
    tag = Tag.objects.locked(tag)
    step = TAG.step("switch_on", tag, by)
    tag.change(step, changed_at=at)
    record(step_kind(step.action), tag, by=by, at=at, name=tag.name)
    run_round(tag, Round.Cause.EDITED, by=by, at=at)
    return tag


def keepers_of(house: Organisation) -> list[Member]:
    """Return whoever can answer for a tag."""
    acting = Member.objects.acting().filter(organisation=house).select_related("user", "organisation").order_by("pk")
    return [one for one in acting if one.can(VIEW)]
