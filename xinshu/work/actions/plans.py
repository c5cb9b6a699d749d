"""Designing plans: draft, edit, activate by a second person; an institution's own working days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.actors import SYSTEM
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.ledger.recording import record
from xinshu.work.cases import KINDS
from xinshu.work.lifecycle import PLAN
from xinshu.work.models import ApprovalPlan, OwnDay
from xinshu.work.people import committee_of, keepers_in
from xinshu.work.plan import NUMBER, Level, gap_in

MOST_LEVELS = 8


class WouldGetStuck(Refusal):
    """There is a case that nobody could bring through this plan."""

    title = "方案走不通"


class OwnDraft(NotPermitted):
    """Whoever wrote a plan does not activate it."""

    title = "须由另一人启用"


def plan_in_use(organisation: Organisation, kind: str, *, at: datetime) -> ApprovalPlan:
    """Return the organisation's plan in use; where it has none yet, the usual one of this kind, set up by itself."""
    found = ApprovalPlan.objects.filter(organisation=organisation, kind=kind, state="active").first()
    return found or _set_up(organisation, kind, at)


@transaction.atomic
def _set_up(organisation: Organisation, kind: str, at: datetime) -> ApprovalPlan:
    usual = KINDS[kind]
    try:
        with transaction.atomic():
            plan = ApprovalPlan.objects.create(
                organisation=organisation,
                kind=kind,
                number=_next_number(organisation, kind),
                levels=[level.as_json() for level in usual.usual_levels],
                escalates_to=usual.escalates_to,
                state="active",
                drafted_at=at,
                activated_at=at,
            )
    except IntegrityError:  # two first cases at once: one plan
        return ApprovalPlan.objects.get(organisation=organisation, kind=kind, state="active")
    record("plan.set_up", plan, by=SYSTEM, at=at, organisation=organisation.pk, kind_code=kind, levels=plan.levels)
    return plan


def _next_number(organisation: Organisation, kind: str) -> int:
    last = ApprovalPlan.objects.filter(organisation=organisation, kind=kind).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


@transaction.atomic
def draft_plan(kind: str, *, by: Member, at: datetime) -> ApprovalPlan:
    """Begin the next version of a plan as a copy of the one in use. There is one draft at a time."""
    if not by.can("work.design"):
        raise NotPermitted(_("您没有编制审批方案的权限。"))
    if kind not in KINDS:
        raise Invalid(_("没有这类业务。"))
    present = plan_in_use(by.organisation, kind, at=at)
    try:
        with transaction.atomic():
            plan = ApprovalPlan.objects.create(
                organisation=by.organisation,
                kind=kind,
                number=_next_number(by.organisation, kind),
                levels=present.levels,
                escalates_to=present.escalates_to,
                hands=[by.user_id],
                state="draft",
                drafted_at=at,
                drafted_by=by,
            )
    except IntegrityError:
        raise NotNow(_("已有一份草稿正在编制。"), advice=_("请先启用或放弃那份草稿。")) from None
    record("plan.drafted", plan, by=by, at=at, kind_code=kind, number=plan.number)
    return plan


@transaction.atomic
def edit_plan(
    plan: ApprovalPlan, *, levels: Sequence[Level], escalates_to: str, by: Member, at: datetime
) -> ApprovalPlan:
    """Write the levels of a draft. Whoever has written one line of it does not activate it."""
    plan = ApprovalPlan.objects.locked(plan)
    step = PLAN.step("edit", plan, by)
    _check_shape(levels, plan)
    plan.change(
        step,
        levels=[level.as_json() for level in levels],
        escalates_to=escalates_to,
        hands=sorted({*plan.hands, by.user_id}),
    )
    record("plan.edited", plan, by=by, at=at, levels=plan.levels, escalates_to=escalates_to)
    return plan


def _check_shape(levels: Sequence[Level], plan: ApprovalPlan) -> None:
    if not levels:
        raise Invalid(_("方案至少要有一级。"))
    if len(levels) > MOST_LEVELS:
        raise Invalid(_("方案最多 %(n)d 级。") % {"n": MOST_LEVELS})
    committee = committee_of(plan.organisation_id, plan.kind)
    for level in levels:
        if not level.name.strip():
            raise Invalid(_("每一级都要有名称。"))
        if not level.badge and not level.people:
            raise Invalid(_("“%(level)s”没有写明由谁签署。") % {"level": level.name})
        if not set(level.people) <= committee.keys():
            raise Invalid(_("“%(level)s”点名的人不在本机构有审批权限的人员里。") % {"level": level.name})
        if level.needs == NUMBER and level.number < 1:
            raise Invalid(_("“%(level)s”的人数至少为 1。") % {"level": level.name})
        if level.above is not None and level.up_to is not None and level.above >= level.up_to:
            raise Invalid(_("“%(level)s”的金额下限应小于上限。") % {"level": level.name})
        if not 1 <= level.working_days <= 60:
            raise Invalid(_("“%(level)s”的时限应为 1 至 60 个工作日。") % {"level": level.name})


@transaction.atomic
def activate_plan(plan: ApprovalPlan, *, by: Member, at: datetime) -> ApprovalPlan:
    """Put a draft into use, in place of the version before. Runs under way keep theirs.

    Raises OwnDraft for whoever wrote it, WouldGetStuck when some case could not be brought through it.
    """
    plan = ApprovalPlan.objects.locked(plan)
    if by.organisation_id == plan.organisation_id and by.user_id in plan.hands:
        raise OwnDraft(_("这份方案有您编制的内容，须由另一人启用。"))
    step = PLAN.step("activate", plan, by)
    if trouble := what_is_wrong(plan):
        raise WouldGetStuck(trouble, advice=_("请调整签署人、人数或回避要求，再启用。"))
    former = ApprovalPlan.objects.filter(organisation=plan.organisation_id, kind=plan.kind, state="active")
    for active in former.select_for_update():
        active.change(PLAN.step("replace", active, SYSTEM), retired_at=at)
    plan.change(step, activated_at=at, activated_by=by)
    record("plan.activated", plan, by=by, at=at, number=plan.number, levels=plan.levels)
    return plan


@transaction.atomic
def discard_plan(plan: ApprovalPlan, *, by: Member, at: datetime) -> ApprovalPlan:
    """Give a draft up."""
    plan = ApprovalPlan.objects.locked(plan)
    step = PLAN.step("discard", plan, by)
    plan.change(step, retired_at=at)
    record("plan.discarded", plan, by=by, at=at, number=plan.number)
    return plan


def what_is_wrong(plan: ApprovalPlan) -> str:
    """Return the situation in which this plan would get stuck with the people of today, in words; "" when none."""
    committee = committee_of(plan.organisation_id, plan.kind)
    gap = gap_in(plan.steps, committee, keepers_in(plan.organisation_id, plan.kind))
    if gap is None:
        return ""
    if gap.level is None:
        return _("有的业务（%(facts)s）不经过任何一级。至少要有一级不设条件。") % {
            "facts": _situation(gap.facts, plan.kind)
        }
    words = {"level": gap.level.name, "facts": _situation(gap.facts, plan.kind)}
    if gap.keeper is None:
        return _("到“%(level)s”时没有足够的人可以签署（%(facts)s）。") % words
    name = User.objects.get(pk=gap.keeper).name
    return _("业务由%(name)s经办时，到“%(level)s”没有足够的人可以签署（%(facts)s）。") % (words | {"name": name})


def _situation(facts: Mapping[str, Any], kind: str) -> str:
    words = []
    for name, value in facts.items():
        if name == "amount":
            words.append(_("金额 %(amount)s 元") % {"amount": yuan(value)})
        elif name in KINDS[kind].facts:
            fact = KINDS[kind].facts[name]
            words += [f"{fact.label}：{word}" for code, word in fact.values if code == value]
    return "，".join(words)


@transaction.atomic
def set_own_day(day: date, *, works: bool, note: str, by: Member, at: datetime) -> OwnDay:
    """Say that one's institution works on `day`, or does not, whatever the common calendar says."""
    if not by.can("work.design"):
        raise NotPermitted(_("您没有维护工作日历的权限。"))
    row, _new = OwnDay.objects.update_or_create(
        organisation=by.organisation, day=day, defaults={"works": works, "note": note[:60]}
    )
    record("calendar.day_set", row, by=by, at=at, day=day.isoformat(), works=works, note=note[:60])
    return row
