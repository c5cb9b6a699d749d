"""Paying a demand: ordered of a channel, answered by it once, however often the answer arrives."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.actions.recourse import open_recourse
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import PARTIES, Demand, Injunction, Payout
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.core.clock import local_day
from xinshu.core.refusals import Refusal
from xinshu.guarantees.actions.drawing import pay_demand


class Stopped(Refusal):
    """A court forbids payment."""

    status = 409
    title = "止付中，不能付款"


@transaction.atomic
def request_payout(demand: Demand, *, channel: str, by: Member, at: datetime) -> Payout:
    """Order the payment of a complying demand. Raises Stopped while a court forbids it."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("pay", demand, by)
    stopping = Injunction.objects.filter(guarantee=demand.guarantee_id).on(local_day(at)).first()
    if stopping is not None:
        raise Stopped(
            _("%(court)s %(number)s 裁定止付，付款没有发出。")
            % {"court": stopping.court, "number": stopping.document_number},
            advice=_("止付解除或失效后可以付款。索赔已认定相符，不受影响。"),
        )
    assert demand.payable_amount is not None
    payout = Payout.objects.create(
        demand=demand,
        order_number=f"C{random_code(16)}",
        channel=channel,
        account=demand.payee_account,
        amount=demand.payable_amount,
        requested_at=at,
    )
    demand.change(step, at=at)
    remember("claim.payment_requested", demand, by=by, at=at, order=payout.order_number, amount=payout.amount)
    return payout


@transaction.atomic
def confirm_payout(payout: Payout, *, receipt: str, at: datetime) -> Demand:
    """Take note that the money is with the beneficiary: the guarantee is drawn on, recourse begins. Once.

    Where the channel refused the order before and now says that it paid, nothing moves: a person has to look.
    """
    payout, demand = _locked(payout)
    if payout.state == Payout.State.REFUSED:
        remember("claim.paid_late", demand, by=SYSTEM, at=at, order=payout.order_number, receipt=receipt)
    if payout.state != Payout.State.REQUESTED:
        return demand
    step = DEMAND.step("confirm_payout", demand, SYSTEM)
    demand.guarantee = pay_demand(demand.guarantee, payout.amount, key=payout.order_number, by=SYSTEM, at=at)
    payout.state, payout.receipt, payout.settled_at = Payout.State.CONFIRMED, receipt[:60], at
    payout.save(update_fields=["state", "receipt", "settled_at"])
    demand.change(step, at=at, reserved_amount=0, ended_at=at)
    remember("claim.paid", demand, by=SYSTEM, at=at, order=payout.order_number, amount=payout.amount, receipt=receipt)
    open_recourse(demand, payout, at=at)
    return demand


@transaction.atomic
def fail_payout(payout: Payout, *, reason: str, at: datetime) -> Demand:
    """Take note that the channel refused; it may be paid again."""
    payout, demand = _locked(payout)
    if payout.state != Payout.State.REQUESTED:
        return demand
    step = DEMAND.step("fail_payout", demand, SYSTEM)
    payout.state, payout.reason, payout.settled_at = Payout.State.REFUSED, reason[:200], at
    payout.save(update_fields=["state", "reason", "settled_at"])
    demand.change(step, at=at)
    remember("claim.payment_failed", demand, by=SYSTEM, at=at, order=payout.order_number, reason=reason[:200])
    return demand


def _locked(payout: Payout) -> tuple[Payout, Demand]:
    """Return order and demand as they stand, locked: a channel's word holds whatever anybody has on a page."""
    payout = Payout.objects.select_for_update().get(pk=payout.pk)
    demands = Demand.objects.select_related(*PARTIES).select_for_update(of=("self",))
    return payout, demands.get(pk=payout.demand_id)
