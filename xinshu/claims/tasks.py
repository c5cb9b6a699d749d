"""What follows: copies and notices, the channel's answers, and the nightly round over the clocks."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Protocol

from django.db import transaction

from xinshu.claims import behaviours  # noqa: F401  (reactions of its own register themselves)
from xinshu.claims.actions.examination import is_precluded, preclude
from xinshu.claims.actions.injunctions import lapse_injunction
from xinshu.claims.actions.payout import confirm_payout, fail_payout
from xinshu.claims.actions.presentation import end_overtime
from xinshu.claims.actions.suspension import resume_payment
from xinshu.claims.announcements import COPY, KINDS_ANNOUNCED, announce, remind, send
from xinshu.claims.closures import resume_clocks
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import DEMAND, UNDECIDED
from xinshu.claims.models import PARTIES, Demand, Injunction, Payout
from xinshu.claims.queries import due_on
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.core.refusals import Changed, NotNow, Refusal
from xinshu.guarantees.models import Closure
from xinshu.guarantees.payments import Order, channel
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.reactions import every_night, reacts_to

RIGHTS = {  # whose turn it is in a state with a last day, and what is to be done
    "examining": "claims.examine", "deciding": "claims.decide", "suspended": "claims.decide", "complying": "claims.pay",
}  # fmt: skip
REMIND_AT = (3, 1, 0)  # days before a last day; after it once more


def demand_of(entry: Entry) -> Demand:
    """Return the demand that an entry is about, as it stands now."""
    return Demand.objects.select_related(*PARTIES).get(pk=entry.subject_id)


@reacts_to("claim.presented")
def forward_copy(entry: Entry) -> None:
    """Send the applicant its copy, without delay, and keep that and to how many people it went (URDG 22)."""
    demand, at = demand_of(entry), now()
    with transaction.atomic():
        if history_of(demand).filter(kind="claim.copied").exists():
            return
        told = send(COPY, demand, f"{COPY.code}:{demand.pk}", at)
        papers = [paper.file.blob.sm3 for paper in demand.papers.select_related("file__blob").order_by("pk")]
        remember("claim.copied", demand, by=SYSTEM, at=at, people=told, papers=papers, message=COPY.code)


@reacts_to(*KINDS_ANNOUNCED)
def tell_the_parties(entry: Entry) -> None:
    """Put a notice before everybody whom this concerns."""
    announce(entry, demand_of(entry))


@reacts_to("claim.payment_requested", together=False)
def pay_out(entry: Entry) -> None:
    """Have the channel pay. Asking twice is safe: the channel pays an order number once."""
    payout = Payout.objects.get(order_number=entry.data["order"])
    if payout.state != Payout.State.REQUESTED:
        return
    order = Order(payout.order_number, payout.amount, payout.account)
    for answer in channel(payout.channel).pay_out(order):
        if answer.paid:
            confirm_payout(payout, receipt=answer.receipt, at=now())
        else:
            fail_payout(payout, reason=answer.reason, at=now())


@reacts_to("guarantee.expired", "guarantee.released", "guarantee.exhausted")
def end_incomplete(entry: Entry) -> None:
    """End the presentations that were still to be completed when the guarantee ended."""
    waiting = Demand.objects.filter(guarantee=entry.subject_id, state="incomplete").select_related(*PARTIES)
    for demand in waiting.order_by("pk"):
        with suppress(Changed, NotNow):
            end_overtime(demand, at=now())


@reacts_to("closure.lifted")
def resume_after_closure(entry: Entry) -> None:
    """Let the clocks go on where they stood while the guarantor's counter was shut."""
    resume_clocks(Closure.objects.select_related("guarantor").get(pk=entry.subject_id), now())


@every_night
def follow_the_clocks(on: date, at: datetime) -> None:
    """Take note of last days that have passed: precluded, waited long enough. What is being changed waits a night."""
    late = Demand.objects.filter(state__in=UNDECIDED, due_on__lt=on).select_related(*PARTIES)
    waited = Demand.objects.filter(state="suspended", suspended_until__lt=on).select_related(*PARTIES)
    refused: list[Refusal] = []
    for demand in late.order_by("pk").iterator():
        if is_precluded(demand, on):
            _one(preclude, demand, at, refused)
    for demand in waited.order_by("pk").iterator():
        _one(resume_payment, demand, at, refused)
    if refused:
        raise refused[0]


@every_night
def remind_of_claims(on: date, at: datetime) -> None:
    """Warn of last days before they pass, and urge after them."""
    for demand in _limited(Demand.objects.filter(state__in=RIGHTS).select_related(*PARTIES).order_by("pk").iterator()):
        last = due_on(demand)
        assert last is not None
        days = (last - on).days
        if days in REMIND_AT or days < 0:
            what = DEMAND.states[demand.state].awaited
            remind(demand, last, RIGHTS[demand.state], what, days=days, at=at)


@every_night
def lapse_injunctions(on: date, at: datetime) -> None:
    """End the orders to stop payment whose time is over, or after which nobody sued."""
    standing = Injunction.objects.filter(state="standing").select_related("guarantee__project").order_by("pk")
    for injunction in standing.iterator():
        with suppress(Changed, NotNow):
            lapse_injunction(injunction, at=at)


def _limited(demands: Iterable[Demand]) -> Iterable[Demand]:
    return (demand for demand in demands if due_on(demand) is not None)


class Act(Protocol):
    """What the system does to one demand by rule."""

    def __call__(self, demand: Demand, *, at: datetime) -> Demand: ...


def _one(act: Act, demand: Demand, at: datetime, refused: list[Refusal]) -> None:
    try:
        with suppress(Changed, NotNow):  # changed since it was found: by a person, or by the one before it
            act(demand, at=at)
    except Refusal as refusal:  # one case that something is wrong with must not keep the others waiting
        refused.append(refusal)
