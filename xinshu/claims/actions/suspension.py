"""Extend or pay (URDG 758 Art. 23): the guarantor may wait, tells both sides, and then extends or pays."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.actions.presentation import let_go
from xinshu.claims.clocks import suspension_ends
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Row
from xinshu.core.refusals import NotNow, Refusal
from xinshu.guarantees.actions.extending import extend_on_demand
from xinshu.work.deadlines import calendar_of


class NotAskedFor(Refusal):
    """The beneficiary demands payment, and nothing else."""

    title = "没有要求展期"


@transaction.atomic
def suspend_payment(demand: Demand, *, by: Member, at: datetime) -> Demand:
    """Hold the payment of a complying "extend or pay" back while the sides speak, for 30 calendar days at most."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("suspend", demand, by)
    if demand.extend_to is None:
        raise NotAskedFor(_("受益人没有提出“展期或付款”，不能暂停付款。"), advice=_("请付款。"))
    if demand.suspended_until is not None:
        raise NotNow(_("这次索赔已经协商过展期，不能再次暂停。"), advice=_("请付款。"))
    until = suspension_ends(demand.received_on)
    if until < local_day(at):
        raise NotNow(_("可以暂停的期间到 %(day)s 为止，已经过了。") % {"day": until.isoformat()}, advice=_("请付款。"))
    demand.change(step, at=at, suspended_until=until, pay_due_on=None)
    remember("claim.suspended", demand, by=by, at=at, until=until.isoformat(), extend_to=demand.extend_to.isoformat())
    return demand


@transaction.atomic
def grant_extension(demand: Demand, *, reason: str, by: Member, at: datetime) -> Demand:
    """Extend the guarantee as the beneficiary asked: the demand is deemed withdrawn.

    The line stays occupied as it is. Raises NotNow where the guarantee has ended meanwhile: then it is paid.
    """
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("grant_extension", demand, by)
    assert demand.extend_to is not None
    demand.guarantee = extend_on_demand(
        demand.guarantee, demand.extend_to, demand=demand.reference, reason=reason, by=by, at=at
    )
    let_go(demand, by=by, at=at)
    demand.change(step, at=at, reserved_amount=0, ended_at=at)
    remember("claim.extension_granted", demand, by=by, at=at, extend_to=demand.extend_to.isoformat(), reason=reason)
    return demand


@transaction.atomic
def decline_extension(demand: Demand, *, reason: str, by: Member, at: datetime) -> Demand:
    """Do not extend: it is paid, without another presentation."""
    demand = Demand.objects.locked(demand)
    return _go_on(demand, DEMAND.step("decline_extension", demand, by), "claim.extension_declined", by, at, reason)


@transaction.atomic
def resume_payment(demand: Demand, *, at: datetime) -> Demand:
    """End the wait: nobody extended in time, so it is paid, without another presentation."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("resume", demand, SYSTEM)
    if demand.suspended_until is None or local_day(at) <= demand.suspended_until:
        raise NotNow(_("协商期还没有过。"))
    return _go_on(demand, step, "claim.resumed", SYSTEM, at, "")


def _go_on(demand: Demand, step: Row, kind: str, by: Actor, at: datetime, reason: str) -> Demand:
    due_on = calendar_of(demand.guarantee.guarantor_id).roll_forward(local_day(at))
    demand.change(step, at=at, pay_due_on=due_on)
    remember(kind, demand, by=by, at=at, reason=reason, pay_due_on=due_on.isoformat())
    return demand
