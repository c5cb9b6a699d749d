"""The work of somebody who left goes to a colleague."""

from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.guarantees.history import remember
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee

ENDED = [state.code for state in LIFECYCLE.states.values() if state.final]


def hand_over_cases(leaver: int, successor: Member, *, at: datetime) -> int:
    """Give every case that is not over from the member with id `leaver` to `successor`; returns how many.

    Done twice it finds nothing the second time. Each case is an act of its own, so that one that somebody works on in
    this moment does not hold up the others.
    """
    waiting = Guarantee.objects.filter(manager=leaver, guarantor=successor.organisation).exclude(state__in=ENDED)
    cases = list(waiting.select_related("project", "manager__user"))
    for case in cases:
        hand_over(case, successor, at=at)
    return len(cases)


@transaction.atomic
def hand_over(guarantee: Guarantee, successor: Member, *, at: datetime) -> Guarantee:
    """Let `successor` keep a case; its state stays."""
    guarantee = Guarantee.objects.locked(guarantee)
    former = guarantee.manager.actor_label if guarantee.manager else ""
    guarantee.change(at=at, manager=successor)
    remember("guarantee.handed_over", guarantee, by=SYSTEM, at=at, former=former, successor=successor.actor_label)
    return guarantee
