"""What can be done: a plan is written, edited, thrown away, published by a second person; a customer's tier is set."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.enterprises.models import Relation
from xinshu.guarantees.favour.conduct import plan_in_force
from xinshu.guarantees.favour.lifecycle import LIFECYCLE
from xinshu.guarantees.favour.tiers import Tier
from xinshu.guarantees.models import CustomerTier, FavourPlan
from xinshu.ledger.recording import record

MOST_DISCOUNT = 90  # percent: a fee that nobody pays is no fee


@transaction.atomic
def write_plan(tiers: Sequence[Tier], valid_from: date, *, by: Member, at: datetime) -> FavourPlan:
    """Begin the next version of the own house's plan. Raises Invalid per field."""
    plan = FavourPlan(state="draft", guarantor=by.organisation)
    LIFECYCLE.step("edit", plan, by)
    if by.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司可以发布守信优惠方案。"))
    _check(tiers, valid_from, local_day(at))
    plan = FavourPlan.objects.create(
        state="draft", guarantor=by.organisation, tiers=[tier.as_json() for tier in tiers], valid_from=valid_from,
        authors=[by.user_id], created_at=at, changed_at=at,
    )  # fmt: skip
    record("favour.written", plan, by=by, at=at, tiers=plan.tiers, valid_from=valid_from.isoformat())
    return plan


@transaction.atomic
def edit_plan(plan: FavourPlan, tiers: Sequence[Tier], valid_from: date, *, by: Member, at: datetime) -> FavourPlan:
    """Rewrite a draft. Whoever does is one of its authors, too."""
    plan = FavourPlan.objects.locked(plan)
    step = LIFECYCLE.step("edit", plan, by)
    _check(tiers, valid_from, local_day(at))
    rows = [tier.as_json() for tier in tiers]
    plan.change(
        step, tiers=rows, valid_from=valid_from, authors=sorted({*plan.authors, by.user_id}), changed_at=at
    )  # fmt: skip
    record("favour.edited", plan, by=by, at=at, tiers=rows, valid_from=valid_from.isoformat())
    return plan


@transaction.atomic
def publish_plan(plan: FavourPlan, *, by: Member, at: datetime) -> FavourPlan:
    """Make the draft the next version, by somebody who has not written it."""
    plan = FavourPlan.objects.locked(plan)
    step = LIFECYCLE.step("publish_favour", plan, by)
    if by.user_id in plan.authors:
        raise NotPermitted(_("您写过这份方案，须由另一人发布。"))
    _check(plan.ladder, plan.valid_from, local_day(at))
    Organisation.objects.select_for_update(no_key=True).get(pk=plan.guarantor_id)  # two at once get two numbers
    last = FavourPlan.objects.filter(guarantor=plan.guarantor_id).aggregate(last=Max("number"))["last"] or 0
    plan.change(step, number=last + 1, changed_at=at)
    record(
        "favour.published", plan, by=by, at=at, number=plan.number, tiers=plan.tiers,
        valid_from=plan.valid_from.isoformat(),
    )  # fmt: skip
    return plan


@transaction.atomic
def discard_plan(plan: FavourPlan, *, by: Member, at: datetime, reason: str) -> FavourPlan:
    """Throw the draft away; what holds now stays."""
    plan = FavourPlan.objects.locked(plan)
    step = LIFECYCLE.step("discard_favour", plan, by)
    _stated(reason)
    plan.change(step, changed_at=at)
    record("favour.discarded", plan, by=by, at=at, reason=reason.strip()[:300])
    return plan


@transaction.atomic
def set_tier(
    applicant: Organisation, code: str, *, reason: str, until: date | None = None, by: Member, at: datetime
) -> CustomerTier:
    """Set a customer's tier by its own manager's word ("": take it back). It lowers the fee; it opens no fast lane."""
    Organisation.objects.select_for_update(no_key=True).get(pk=applicant.pk)
    house = by.organisation
    mine = Relation.objects.filter(guarantor=house, enterprise__organisation=applicant, manager=by).exists()
    if not mine or not by.can("guarantees.apply"):
        raise NotPermitted(_("只有负责这家企业的客户经理可以核定等级。"))
    plan = plan_in_force(house.pk, local_day(at))
    if code and (plan is None or code not in {tier.code for tier in plan.ladder}):
        raise Invalid(_("现行方案没有这个等级。"), fields={"code": _("请重新选择")})
    _stated(reason)
    if until is not None and until < local_day(at):
        raise Invalid(_("有效期不能早于今天。"), fields={"until": _("早于今天")})
    row = CustomerTier.objects.create(
        guarantor=house, applicant=applicant, code=code, reason=reason.strip()[:300], until=until, set_by=by, set_at=at
    )
    record("favour.tier_set", row, by=by, at=at, applicant=applicant.pk, code=code, reason=row.reason)
    return row


def _stated(reason: str) -> None:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因，以后查得到。"), fields={"reason": _("至少 4 个字")})


def _check(tiers: Sequence[Tier], valid_from: date, on: date) -> None:
    problems: dict[str, str] = {}
    if not tiers:
        problems["name_1"] = _("至少写一级")
    for place, tier in enumerate(tiers, start=1):
        if not 0 <= tier.discount * 100 <= MOST_DISCOUNT:
            problems[f"discount_{place}"] = _("优惠在 0 到 %(most)d%% 之间") % {"most": MOST_DISCOUNT}
        if place > 1 and tier.discount > tiers[place - 2].discount:
            problems[f"discount_{place}"] = _("不能高于上一级")
        if place > 1 and tier.auto_amount > tiers[place - 2].auto_amount:
            problems[f"auto_{place}"] = _("不能高于上一级")
    if len({tier.name for tier in tiers}) < len(tiers):
        problems["name_1"] = _("等级名称不能重复")
    if valid_from < on:
        problems["valid_from"] = _("生效日不能早于今天，已经报出的价不能改。")
    if problems:
        raise Invalid(_("方案没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
