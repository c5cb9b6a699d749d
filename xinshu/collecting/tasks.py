"""What follows: planned runs are made step by step, people hear of alarms; at night runs that stand still go on."""

from datetime import date, datetime, timedelta

from xinshu.collecting.actions.alarms import forget_pages
from xinshu.collecting.actions.runs import take_up_again
from xinshu.collecting.actions.sweeping import sweep
from xinshu.collecting.announcements import announce
from xinshu.collecting.models import Run
from xinshu.collecting.stepping import take_step
from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to

STILL = timedelta(hours=2)


@reacts_to("collecting.planned", together=False)
def collect(entry: Entry) -> None:
    """Take one step of a run, then let other work have its turn; after a crash the next worker goes on there."""
    run = Run.objects.filter(pk=entry.subject_id).first()  # none: swept since (a delivery that was parked for months)
    go_on = take_step(run, now()) if run is not None else None
    if go_on is not None:
        raise Later(go_on)


@reacts_to("collecting.alarmed")
def tell_of_alarm(entry: Entry) -> None:
    """Tell those of the operator who run the sources."""
    announce(entry)


@every_night
def look_after_runs(on: date, at: datetime) -> None:
    """Remove pages whose time is over, and plan anew where a run stands still."""
    forget_pages(at)
    take_up_again(at, STILL)


@every_night
def sweep_records(on: date, at: datetime) -> None:
    """Remove runs and items whose time is over."""
    sweep(at)
