"""不可抗力 (URDG 758 Art. 26): while the guarantor's counter is shut the clocks of its demands stand.

A day that was written down before is counted anew when the counter opens: as many working days as were left.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from xinshu.claims.history import remember
from xinshu.claims.lifecycle import UNDECIDED
from xinshu.claims.models import PARTIES, Demand
from xinshu.core.actors import SYSTEM
from xinshu.core.calendar import WorkingCalendar
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.models import Closure
from xinshu.ledger.queries import history_of
from xinshu.work.deadlines import calendar_of

RESUMED = "claim.clock_resumed"


def shut_for(demand: Demand) -> bool:
    """Tell whether the last day of a demand fell into a closure that is not counted into it yet."""
    if demand.due_on is None or demand.guarantee.nature != Nature.INDEPENDENT:
        return False
    shut = Closure.objects.filter(guarantor=demand.guarantee.guarantor_id, began_on__lte=demand.due_on)
    return shut.filter(Q(ended_on=None) | Q(ended_on__gte=demand.due_on)).exists()


def moved(due_on: date, since: date, closure: Closure, calendar: WorkingCalendar) -> date:
    """Return the last day behind a closure: as many working days as were left when it began."""
    assert closure.ended_on is not None
    left = calendar.between(max(since, closure.began_on - timedelta(days=1)), due_on)
    return calendar.add(closure.ended_on, max(left, 1)).on


def resume_clocks(closure: Closure, at: datetime) -> int:
    """Count the days of the house's open demands anew, each once for a closure; returns of how many."""
    assert closure.ended_on is not None
    calendar, done = calendar_of(closure.guarantor_id), 0
    of = {"guarantee__guarantor": closure.guarantor_id, "guarantee__nature": Nature.INDEPENDENT}
    examined = Q(state__in=UNDECIDED, due_on__gte=closure.began_on, complete_on__lte=closure.ended_on)
    payable = Q(state="complying", pay_due_on__gte=closure.began_on)
    for demand in Demand.objects.filter(examined | payable, **of).select_related(*PARTIES).order_by("pk"):
        with transaction.atomic():
            demand = Demand.objects.locked(demand)
            if history_of(demand).filter(kind=RESUMED, data__closure=closure.reference).exists():
                continue
            name = "pay_due_on" if demand.state == "complying" else "due_on"
            before: date | None = getattr(demand, name)
            assert before is not None
            since = demand.complete_on or demand.received_on
            after = calendar.add(closure.ended_on, 1).on if name == "pay_due_on" else moved(
                before, since, closure, calendar
            )  # fmt: skip
            after = max(after, before)
            demand.change(at=at, **{name: after})
            remember(
                RESUMED, demand, by=SYSTEM, at=at, closure=closure.reference, before=before.isoformat(),
                due_on=after.isoformat(), reason=closure.reason,
            )  # fmt: skip
            done += 1
    return done
