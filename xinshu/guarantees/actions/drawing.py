"""Drawing on a guarantee: what open presentations reserve, free and take. The four parts of the face are kept here.

Each is part of an act of the room above (claims), in its transaction: whoever acts there holds the demand already, so
the guarantee is taken as it stands, whatever version anybody has on a page. Order of locks: demand, then guarantee.
Source: spec domain 3.2, invariants; URDG 758 Art. 17 (amounts) and Art. 23 (extend or pay).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.books.receivables import convert
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotNow, Refusal
from xinshu.guarantees.actions.tail import restore_line
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee


class BeyondAvailable(Refusal):
    """More than may still be claimed: such a demand does not comply, and is not scaled down (URDG 17)."""

    title = "超过可索赔余额"


def locked_instrument(guarantee: Guarantee) -> Guarantee:
    """Return the guarantee as it stands, its row locked until the transaction ends."""
    cases = Guarantee.objects.select_related(*PARTIES).select_for_update(of=("self",))
    return cases.get(pk=guarantee.pk)


@transaction.atomic
def reserve_demand(guarantee: Guarantee, amount: int, *, by: Actor, at: datetime) -> Guarantee:
    """Set `amount` 分 aside for a presentation: no other can be paid from it. Raises BeyondAvailable, NotNow."""
    guarantee = locked_instrument(guarantee)
    must_be_in_force(guarantee)
    if not 0 < amount <= guarantee.available_amount:
        raise BeyondAvailable(_("索赔金额超过保函的可索赔余额。"))
    guarantee.change(
        at=at,
        available_amount=guarantee.available_amount - amount,
        reserved_amount=guarantee.reserved_amount + amount,
    )
    remember("guarantee.reserved", guarantee, by=by, at=at, number=guarantee.number, amount=amount)
    return guarantee


@transaction.atomic
def free_demand(guarantee: Guarantee, amount: int, *, by: Actor, at: datetime) -> Guarantee:
    """Give back what a presentation reserved: it may be claimed again, or lapses where the guarantee has ended."""
    guarantee = locked_instrument(guarantee)
    _must_be_reserved(guarantee, amount)
    lives = guarantee.state == "in_force"
    back_to = "available_amount" if lives else "lapsed_amount"
    parts = {"reserved_amount": guarantee.reserved_amount - amount, back_to: getattr(guarantee, back_to) + amount}
    guarantee.change(at=at, **parts)
    remember(
        "guarantee.freed", guarantee, by=by, at=at, number=guarantee.number, amount=amount,
        lapsed=0 if lives else amount,
    )  # fmt: skip
    _let_the_line_go(guarantee, at)
    return guarantee


@transaction.atomic
def pay_demand(guarantee: Guarantee, amount: int, *, key: str, by: Actor, at: datetime) -> Guarantee:
    """Take `amount` 分 of what is reserved as paid; the line that it occupied becomes a receivable in the books.

    `key` names the payment: the books convert it once. Where nothing is left to claim, the guarantee is exhausted.
    """
    guarantee = locked_instrument(guarantee)
    _must_be_reserved(guarantee, amount)
    convert(guarantee.guarantor, guarantee.applicant, amount, key=key, for_=guarantee, at=at)
    guarantee.change(
        at=at, reserved_amount=guarantee.reserved_amount - amount, paid_amount=guarantee.paid_amount + amount
    )
    remember("guarantee.paid", guarantee, by=by, at=at, number=guarantee.number, amount=amount, order=key)
    if guarantee.state == "in_force" and not guarantee.available_amount and not guarantee.reserved_amount:
        step = LIFECYCLE.step("exhaust", guarantee, SYSTEM)
        guarantee.change(step, at=at, ended_at=at)
        remember("guarantee.exhausted", guarantee, by=SYSTEM, at=at, number=guarantee.number)
    _let_the_line_go(guarantee, at)
    return guarantee


def must_be_in_force(guarantee: Guarantee) -> None:
    if guarantee.state != "in_force":
        raise NotNow(
            _("保函现在是“%(state)s”，不能再办理索赔事项。") % {"state": LIFECYCLE.states[guarantee.state].label},
            advice=_("已在到期前提交的索赔继续办理，不受影响。"),
        )


def _must_be_reserved(guarantee: Guarantee, amount: int) -> None:
    if not 0 < amount <= guarantee.reserved_amount:
        raise NotNow(_("保函上没有为这笔索赔预留这么多款项，没有办理。"), advice=_("请联系平台运营核对。"))


def _let_the_line_go(guarantee: Guarantee, at: datetime) -> None:
    """Free the line of a guarantee that has ended, once its last presentation is decided and its tail is over.

    Where the tail still runs, the nightly round does it (life_tasks.restore_lines).
    """
    over = guarantee.tail_until is None or guarantee.tail_until <= local_day(at)
    if LIFECYCLE.states[guarantee.state].final and not guarantee.reserved_amount and over:
        restore_line(guarantee, at=at)
