"""What follows in a guarantee's life: letters of amendments, notices, what an end takes with it, and nightly rounds."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from xinshu.books.models import TotalLimit
from xinshu.books.thresholds import tell_of_use
from xinshu.core.clock import now
from xinshu.core.refusals import Changed, Refusal
from xinshu.guarantees.actions.amendments import lapse_amendment
from xinshu.guarantees.actions.closures import prolong
from xinshu.guarantees.actions.contract_changes import lapse_change
from xinshu.guarantees.actions.ending import expire_guarantee
from xinshu.guarantees.actions.reductions import lapse_reduction, trigger_reduction
from xinshu.guarantees.actions.surrenders import lapse_surrender
from xinshu.guarantees.actions.tail import restore_line
from xinshu.guarantees.changes.told import KINDS_TOLD, tell
from xinshu.guarantees.changing import AMENDMENT_OPEN, SURRENDER_OPEN
from xinshu.guarantees.ending_told import find_ending, tell_of_portion
from xinshu.guarantees.models import (
    Amendment,
    Closure,
    ContractChange,
    FeeReturn,
    Guarantee,
    Payment,
    Reduction,
    Surrender,
)
from xinshu.guarantees.models.changes import WITH_PARTIES, Change
from xinshu.guarantees.sealed.amended import send_amendment_letter
from xinshu.guarantees.sealed.answered import send_answer
from xinshu.guarantees.terms_now import last_days
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to

BATCH = 500
MODELS: dict[str, type[Change]] = {
    "guarantees.amendment": Amendment,
    "guarantees.reduction": Reduction,
    "guarantees.surrender": Surrender,
    "guarantees.contractchange": ContractChange,
    "guarantees.feereturn": FeeReturn,
}
ENDED = ("guarantee.released", "guarantee.expired", "guarantee.exhausted")
OVER = "保函已经结束。"


@reacts_to("amendment.issued", "amendment.extended", together=False)
def seal_amendment(entry: Entry) -> None:
    """Write, seal and send the letter of an amendment that has just been issued."""
    amendment = Amendment.objects.select_related(*WITH_PARTIES).get(pk=entry.subject_id)
    if amendment.state == "sealing" or (amendment.on_demand and amendment.letter_id is None):
        send_amendment_letter(amendment, at=now())


@reacts_to("contract_change.consented", "contract_change.refused", together=False)
def seal_answer(entry: Entry) -> None:
    """Write, seal and keep the guarantor's answer to a change of the main contract."""
    change = ContractChange.objects.select_related(*WITH_PARTIES).get(pk=entry.subject_id)
    if change.letter_id is None:
        send_answer(change, at=now())


@reacts_to(*KINDS_TOLD)
def tell_of_change(entry: Entry) -> None:
    """Put a notice before everybody whom a change concerns."""
    tell(entry, MODELS[entry.subject_type].objects.select_related(*WITH_PARTIES).get(pk=entry.subject_id))


@reacts_to("guarantee.approved")
def watch_capacity(entry: Entry) -> None:
    """Tell the house when this reservation brought all of them near its limit; the nightly round sees the rest."""
    total = TotalLimit.objects.filter(issuer__guarantees_given=entry.subject_id).select_related("issuer").first()
    if total is not None:
        tell_of_use(total, now())


@reacts_to(*ENDED)
def end_changes(entry: Entry) -> None:
    """End what was still under way when the guarantee ended. What is being paid just now ends with its refusal."""
    at, of = now(), {"guarantee": entry.subject_id}
    paying = Payment.objects.filter(state=Payment.State.REQUESTED, amendment__isnull=False).values("amendment")
    amendments = Amendment.objects.filter(state__in=AMENDMENT_OPEN, **of).exclude(pk__in=paying)
    for amendment in amendments.select_related(*WITH_PARTIES):
        lapse_amendment(amendment, at=at, reason=OVER)
    for reduction in Reduction.objects.filter(state__in=("planned", "asked"), **of).select_related(*WITH_PARTIES):
        lapse_reduction(reduction, at=at, reason=OVER)
    for surrender in Surrender.objects.filter(state__in=SURRENDER_OPEN, **of).select_related(*WITH_PARTIES):
        lapse_surrender(surrender, at=at, reason=OVER)
    for change in ContractChange.objects.filter(state="asked", **of).select_related(*WITH_PARTIES):
        lapse_change(change, at=at, reason=OVER)


def in_batches(found: Any) -> Iterable[list[Any]]:
    """Yield the rows of a queryset in lists, by pk, each read when it is wanted: what a round does moves rows out.

    Rows that stay (refused, not due) are passed by, so that a round always ends.
    """
    after = 0
    while rows := list(found.filter(pk__gt=after).order_by("pk")[:BATCH]):
        after = rows[-1].pk
        yield rows


def _each(found: Any, act: Callable[[Any], object]) -> None:
    """Do `act` to every row, each in a transaction of its own; report the first refusal when all are through.

    A row that somebody is changing just now, or that needs nothing any more, waits for the next night.
    """
    refused: list[Refusal] = []
    for rows in in_batches(found):
        for row in rows:
            try:
                with transaction.atomic():
                    act(row)
            except Changed:
                continue
            except Refusal as refusal:
                refused.append(refusal)
    if refused:
        raise refused[0]


@every_night
def reduce_by_schedule(on: date, at: datetime) -> None:
    """Let the steps of schedules happen whose day has come. Before the ends of the same night."""
    due = Reduction.objects.filter(state="planned", on__lte=on, guarantee__state="in_force")
    _each(due.select_related(*WITH_PARTIES), lambda row: trigger_reduction(row, on=on, at=at))


@every_night
def prolong_in_closures(on: date, at: datetime) -> None:
    """Extend what came to its last day while its guarantor's counter was shut. Before the ends of the same night."""
    for closure in Closure.objects.filter(state="standing").select_related("guarantor").order_by("pk"):
        prolong(closure, until=on - timedelta(days=1), at=at)


@every_night
def expire_overdue(on: date, at: datetime) -> None:
    """End every guarantee whose last day has passed, by the calendar of its guarantor (自动解保, EP-21)."""
    refused: list[Refusal] = []
    over = Guarantee.objects.filter(state="in_force", expires_on__lt=on)
    for rows in in_batches(over):
        lasts = last_days(rows)
        for row in rows:
            if lasts[row.pk] >= on:
                continue  # a closed day: the last day is the next business day
            try:
                expire_guarantee(row, on=on, at=at)
            except Changed:
                continue
            except Refusal as refusal:  # one case that something is wrong with must not keep the others in force
                refused.append(refusal)
    if refused:
        raise refused[0]


@every_night
def restore_lines(on: date, at: datetime) -> None:
    """Give back the lines of ended guarantees whose tail is over and of which no demand is open."""
    tail_over = Q(tail_until__lte=on) | Q(tail_until=None)
    ended = Guarantee.objects.filter(tail_over, ended_at__isnull=False, issued_at__isnull=False, restored_at=None)
    _each(ended.filter(reserved_amount=0), lambda row: restore_line(row, at=at))


@every_night
def remind_of_expiry(on: date, at: datetime) -> None:
    """Have the parties reminded 30, 15, 7 and 1 days before the day of expiry, once each (BH-25)."""
    find_ending(on, at)


@reacts_to("guarantees.ending", together=False)
def tell_of_ending(entry: Entry) -> None:
    """Remind the parties of one portion of what ends."""
    tell_of_portion(entry)
