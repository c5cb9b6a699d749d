"""Reducing (减额): by the schedule agreed at issue, or by a document that the beneficiary confirms.

`available` falls and the line is freed by as much. What open demands have reserved is never touched: a reduction takes
at most what is available on its day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.lines import free
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotNow
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.amendments import held, must_be_open_to_change
from xinshu.guarantees.changing import REDUCTION
from xinshu.guarantees.history import note, remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Reduction
from xinshu.guarantees.terms_now import values_now

MOST_STEPS = 60


@transaction.atomic
def plan_reductions(guarantee: Guarantee, steps: Sequence[tuple[date, int]], *, by: Member, at: datetime) -> Guarantee:
    """Set the schedule (减额安排) of an application: days and amounts in 分, in place of the one before.

    Part of the terms: it is written into the letter and can only be set while the application can be edited.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("edit", guarantee, by)
    _judge_schedule(guarantee, steps)
    guarantee.reductions.filter(state="planned").delete()
    Reduction.objects.bulk_create(
        Reduction(guarantee=guarantee, state="planned", amount=amount, on=on, proposed_at=at, changed_at=at)
        for on, amount in steps
    )
    guarantee.change(step, at=at)
    told = [{"on": on.isoformat(), "amount": amount} for on, amount in steps]
    remember("guarantee.edited", guarantee, by=by, at=at, reductions=told)
    return guarantee


def check_schedule(guarantee: Guarantee) -> None:
    """Raise Invalid where the schedule does not fit the terms any more: amount or term were edited after it."""
    steps = guarantee.reductions.filter(state="planned").order_by("on").values_list("on", "amount")
    _judge_schedule(guarantee, [(on, amount) for on, amount in steps if on is not None])


def _judge_schedule(guarantee: Guarantee, steps: Sequence[tuple[date, int]]) -> None:
    problem = ""
    days = [on for on, _amount in steps]
    if guarantee.amount is None or guarantee.effective_on is None or guarantee.expires_on is None:
        problem = _("请先填写保函金额和担保期限。")
    elif len(steps) > MOST_STEPS:
        problem = _("减额安排最多 %(most)d 期。") % {"most": MOST_STEPS}
    elif days != sorted(set(days)):
        problem = _("减额日期应由早到晚，每天一期。")
    elif any(not guarantee.effective_on < on <= guarantee.expires_on for on in days):
        problem = _("减额日期应在生效日之后、到期日以前。")
    elif any(amount <= 0 for _on, amount in steps) or sum(amount for _on, amount in steps) > guarantee.amount:
        problem = _("每期减额应大于零，合计不能超过保函金额 %(amount)s 元。") % {"amount": yuan(guarantee.amount)}
    if problem:
        raise Invalid(problem, fields={"schedule": problem}, advice=_("修改后再保存，已填内容都在。"))


@transaction.atomic
def trigger_reduction(reduction: Reduction, *, on: date, at: datetime) -> Reduction:
    """Let a step of the schedule happen whose day has come. Raises NotNow before its day."""
    reduction = Reduction.objects.locked(reduction)
    step = REDUCTION.step("trigger", reduction, SYSTEM)
    if reduction.on is None or reduction.on > on:
        raise NotNow(_("减额日期还没有到。"))
    return _reduce(reduction, step, by=SYSTEM, at=at)


@transaction.atomic
def ask_reduction(
    guarantee: Guarantee, *, amount: int, reason: str, content: bytes | None, name: str, by: Member, at: datetime
) -> Reduction:
    """Ask the beneficiary to confirm, on a document, that the guarantee falls by `amount` 分."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("reduce", guarantee, by)
    must_be_open_to_change(guarantee, at)
    if not 0 < amount <= guarantee.available_amount:
        left = yuan(guarantee.available_amount)
        message = _("减额应大于零，不超过可索赔余额 %(left)s 元。") % {"left": left}
        raise Invalid(message, fields={"amount": message})
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明减额的依据。"), fields={"reason": _("至少 4 个字")})
    if not content:
        raise Invalid(_("请上传减额的依据文件。"), fields={"file": _("还没有选择")})
    if guarantee.reductions.filter(state="asked").exists():
        raise NotNow(_("已有一笔减额等受益人确认。"), advice=_("请等它办完，或先撤回。"))
    document = keep_file(content, name, by.organisation, by, at, subject=guarantee, sealed_until=guarantee.secret_until)
    reduction = Reduction.objects.create(
        guarantee=guarantee, state="asked", amount=amount, reason=reason.strip()[:500], document=document,
        proposed_at=at, changed_at=at,
    )  # fmt: skip
    guarantee.change(step, at=at)
    note("reduction.asked", reduction, by=by, at=at, amount=amount, reason=reason, document=document.blob.sm3)
    remember("guarantee.reduction_asked", guarantee, by=by, at=at, reduction=reduction.reference, reason=reason)
    return reduction


@transaction.atomic
def confirm_reduction(reduction: Reduction, *, by: Member, at: datetime) -> Reduction:
    """Confirm it: from now on there is less to demand."""
    reduction = Reduction.objects.locked(reduction)
    step = REDUCTION.step("confirm", reduction, by)
    return _reduce(reduction, step, by=by, at=at)


@transaction.atomic
def decline_reduction(reduction: Reduction, *, by: Member, at: datetime, reason: str) -> Reduction:
    """Not confirm it: the face stays."""
    return _ended(reduction, "decline", "reduction.declined", reason, by=by, at=at)


@transaction.atomic
def withdraw_reduction(reduction: Reduction, *, by: Member, at: datetime, reason: str) -> Reduction:
    """Take the request back."""
    return _ended(reduction, "withdraw", "reduction.withdrawn", reason, by=by, at=at)


@transaction.atomic
def lapse_reduction(reduction: Reduction, *, at: datetime, reason: str) -> Reduction:
    """End what cannot reduce anything any more: the guarantee is over."""
    return _ended(reduction, "lapse", "reduction.lapsed", reason, by=SYSTEM, at=at)


def _ended(reduction: Reduction, action: str, kind: str, reason: str, *, by: Actor, at: datetime) -> Reduction:
    reduction = Reduction.objects.locked(reduction)
    reduction.change(REDUCTION.step(action, reduction, by), at=at, ended_at=at)
    note(kind, reduction, by=by, at=at, reason=reason)
    return reduction


def _reduce(reduction: Reduction, step: Any, *, by: Actor, at: datetime) -> Reduction:
    """Let the face fall by what is available of the amount, and free the line by as much."""
    guarantee = reduction.guarantee = held(reduction.guarantee_id)
    falling = LIFECYCLE.step("fall", guarantee, SYSTEM)
    taken = min(reduction.amount, guarantee.available_amount)
    reduction.change(step, at=at, ended_at=at, taken_amount=taken)
    if taken:
        free(guarantee, taken, key=f"reduction:{reduction.pk}", at=at)
    assert guarantee.amount is not None
    guarantee.change(
        falling,
        at=at,
        amount=guarantee.amount - taken,
        available_amount=guarantee.available_amount - taken,
        reduced_amount=guarantee.reduced_amount + taken,
    )
    note("reduction.done", reduction, by=by, at=at, amount=taken)
    remember(
        "guarantee.reduced", guarantee, by=by, at=at, reduction=reduction.reference, amount=taken,
        terms=values_now(guarantee), reason=_("减少 %(amount)s 元") % {"amount": yuan(taken)},
    )  # fmt: skip
    return reduction
