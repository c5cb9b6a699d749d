"""Ending: released by the beneficiary or the department, or expired by the calendar. What is undrawn lapses.

What open demands have reserved stays until they are decided. The line comes back in an act of its own (tail.py).
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Refusal
from xinshu.guarantees.actions.returns import ask_returns
from xinshu.guarantees.actions.tail import restore_line, tail_end
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.terms_now import last_day


class NotYetOver(Refusal):
    """The last day of the guarantee has not passed."""

    title = "还没有到期"


class DemandOpen(Refusal):
    """A demand is open: what it reserved must be decided first."""

    title = "有索赔在办"


@transaction.atomic
def release_guarantee(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """Let the guarantor go, at the beneficiary's word. The paper need not come back."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("release", guarantee, by)
    return end_released(guarantee, step, by=by, at=at, reason=reason)


def end_released(guarantee: Guarantee, step: Any, *, by: Member, at: datetime, reason: str, **told: Any) -> Guarantee:
    """End a locked guarantee as released; `told` goes into the record. Raises DemandOpen."""
    if guarantee.reserved_amount:
        raise DemandOpen(
            _("还有索赔没有办完，不能解除担保。"), advice=_("撤回索赔，或等保证人作出决定以后再解除。保函保持有效。")
        )
    lapsed, until = guarantee.available_amount, tail_end(guarantee, "released", local_day(at))
    guarantee.change(
        step, at=at, available_amount=0, lapsed_amount=guarantee.lapsed_amount + lapsed, ended_at=at, tail_until=until
    )
    remember(
        "guarantee.released", guarantee, by=by, at=at, number=guarantee.number, lapsed=lapsed, reason=reason, **told
    )
    ask_returns(guarantee, on=local_day(at), at=at)
    return restore_line(guarantee, at=at) if until <= local_day(at) else guarantee


@transaction.atomic
def expire_guarantee(guarantee: Guarantee, *, on: date, at: datetime) -> Guarantee:
    """End a guarantee whose last day lies before `on`. The day itself still belongs to the beneficiary, to its end."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("expire", guarantee, SYSTEM)
    last = last_day(guarantee)
    if last >= on:
        raise NotYetOver(_("保函的最后一日 %(end)s 还没有过去。") % {"end": last})
    lapsed, until = guarantee.available_amount, tail_end(guarantee, "expired", last)
    guarantee.change(
        step, at=at, available_amount=0, lapsed_amount=guarantee.lapsed_amount + lapsed, ended_at=at, tail_until=until
    )
    remember(
        "guarantee.expired", guarantee, by=SYSTEM, at=at, number=guarantee.number, lapsed=lapsed,
        open_claims=guarantee.reserved_amount, tail_until=until.isoformat(),
    )  # fmt: skip
    return guarantee
