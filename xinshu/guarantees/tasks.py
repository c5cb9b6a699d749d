"""What follows: reactions to what was recorded about guarantees, and the nightly round."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.documents.models import File
from xinshu.guarantees import behaviours, events, life_tasks, tied  # noqa: F401  (rounds and reactions of its own register themselves)
from xinshu.guarantees.actions.amendment_fees import confirm_difference, refuse_difference
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.actions.handover import hand_over_cases
from xinshu.guarantees.actions.payment import confirm_payment, confirm_refund, refuse_payment
from xinshu.guarantees.actions.returns import confirm_return, fail_return
from xinshu.guarantees.announcements import KINDS_ANNOUNCED, announce, announce_delivery, remind
from xinshu.guarantees.batches import tasks as batches  # noqa: F401  (its reactions register themselves)
from xinshu.guarantees.indicators import MEASURED, ask_for_measurement, measure_due
from xinshu.guarantees.judging.risk import grade_risk
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, FeeReturn, Guarantee, Payment
from xinshu.guarantees.origins import tasks as origins  # noqa: F401  (its reaction registers itself)
from xinshu.guarantees.payments import TRANSFER, Order, channel
from xinshu.guarantees.queries import as_it_stands, awaited_house, due_days
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.types.reading import bring_up_to_date
from xinshu.integrations.events import fan_out
from xinshu.integrations.models import Sending
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.ledger.veils import veil
from xinshu.scoring.actions.scores import load_champion, scores_of
from xinshu.work.deadlines import calendars_of

BATCH = 500
REFUNDING = ("amendment.declined", "amendment.withdrawn", "amendment.rejected", "amendment.lapsed")


def batched(rows: Iterable[Guarantee], size: int) -> Iterator[list[Guarantee]]:
    """Yield `rows` in lists of at most `size`."""
    rows = iter(rows)
    while piece := list(islice(rows, size)):
        yield piece


def subject_of(entry: Entry) -> Guarantee:
    """Return the guarantee that an entry is about, as it stands now, read with the types of now."""
    bring_up_to_date()
    return as_it_stands(entry.subject_id)


def is_still(state: str, entry: Entry) -> bool:
    """Return whether the guarantee is in `state`: a reaction that comes late, or twice, has nothing to do."""
    return Guarantee.objects.filter(pk=entry.subject_id, state=state).exists()


@reacts_to("guarantee.submitted")
def review_submitted(entry: Entry) -> None:
    """Review an application as soon as it is handed in."""
    if is_still("submitted", entry):
        review_automatically(subject_of(entry), at=now())


@reacts_to("guarantee.submitted", together=False)
def grade_submitted(entry: Entry) -> None:
    """Have the guarantor's model and rules say what they think of an application. A second time finds it said."""
    guarantee = subject_of(entry)
    load_champion(guarantee.guarantor)
    with transaction.atomic():
        grade_risk(guarantee, cause=entry.pk, at=now())


@reacts_to("payment.requested", "amendment.fee_requested", together=False)
def charge_fee(entry: Entry) -> None:
    """Ask the channel for the money. Asking twice is safe: the channel charges an order number once."""
    payment = Payment.objects.get(order_number=entry.data["order"])
    if payment.state != Payment.State.REQUESTED:
        return
    order = Order(payment.order_number, payment.amount, payment.account)
    of_amendment = payment.amendment_id is not None
    for answer in channel(payment.channel).charge(order):
        if answer.paid:
            (confirm_difference if of_amendment else confirm_payment)(payment, receipt=answer.receipt, at=now())
        else:
            (refuse_difference if of_amendment else refuse_payment)(payment, reason=answer.reason, at=now())


@reacts_to("guarantee.cancelled", *REFUNDING, together=False)
def refund_fee(entry: Entry) -> None:
    """Have the channel give the fee back."""
    if not entry.data["order"]:  # an amendment for which nothing was paid
        return
    payment = Payment.objects.get(order_number=entry.data["order"])
    if payment.state == Payment.State.REFUNDING and payment.channel != TRANSFER:  # finance transfers those back
        answer = channel(payment.channel).refund(Order(payment.order_number, payment.amount, payment.account))
        confirm_refund(payment, receipt=answer.receipt, at=now())


@reacts_to("fee_return.approved", "fee_return.retried", together=False)
def pay_back(entry: Entry) -> None:
    """Have the channel give back a part of the fee. Asking twice is safe: an order is given back once."""
    row = FeeReturn.objects.select_related("payment").get(pk=entry.subject_id)
    if row.state != "paying":
        return
    payment = row.payment
    answer = channel(payment.channel).refund(Order(payment.order_number, row.amount, payment.account))
    if answer.paid:
        confirm_return(row, receipt=answer.receipt, at=now())
    else:
        fail_return(row, reason=answer.reason, at=now())


@reacts_to("guarantee.issued", together=False)
def seal_issued(entry: Entry) -> None:
    """Write, seal and send the letter of a guarantee that has just been issued."""
    if is_still("issuing", entry):
        send_letter(subject_of(entry), at=now())


@reacts_to(*KINDS_ANNOUNCED)
def tell_the_parties(entry: Entry) -> None:
    """Put a notice before everybody whom this concerns."""
    announce(entry, subject_of(entry))


@reacts_to("project.amended")
def keep_secret_longer(entry: Entry) -> None:
    """Draw a veil over the bid guarantees of a project whose opening was put off, and over their files."""
    if "opens_at" not in entry.data["changes"]:
        return
    for guarantee in Guarantee.objects.filter(project=entry.subject_id, kind__in=SECRET).select_related("project"):
        until = guarantee.secret_until
        assert until is not None
        veil(guarantee, until)
        for score in scores_of(guarantee, guarantee.guarantor_id):
            veil(score, until)
        for file in File.objects.filter(subject_type=guarantee._meta.label_lower, subject_id=guarantee.pk):
            File.objects.filter(pk=file.pk, sealed_until__lt=until).update(sealed_until=until)
            veil(file, until)
        for sending in Sending.objects.filter(subject=guarantee.reference):
            veil(sending, until)


@every_night
def remind_of_limits(on: date, at: datetime) -> None:
    """Remind whose turn it is the working day before a limit and on its day; past it, also those above them. Once each.

    The levels of an approval have their own round (work.tasks). Above an applicant is whoever keeps the customer at the
    guarantor; above the guarantor's own people are its directors.
    """
    limited = [code for code, state in LIFECYCLE.states.items() if state.working_days and code != "in_review"]
    found = Guarantee.objects.filter(state__in=limited).select_related(*PARTIES).order_by("pk")
    for rows in batched(found.iterator(), BATCH):
        due, calendars = due_days(rows), calendars_of(awaited_house(row) for row in rows)
        for case in rows:
            last = due[case.pk]
            assert last is not None
            if last <= calendars[awaited_house(case)].add(on, 1).on:
                remind(case, last, over=last < on, at=at)


@every_night
def announce_opened(on: date, at: datetime) -> None:
    """Tell beneficiaries, and systems that subscribed, of the bid guarantees that the opening has uncovered. Once."""
    opened = Guarantee.objects.filter(
        kind__in=SECRET, state="in_force", project__opens_at__gt=at - timedelta(days=3), project__opens_at__lte=at
    )
    for guarantee in opened.select_related("applicant", "guarantor", "beneficiary", "project"):
        with transaction.atomic():
            tell_of_opened(guarantee, at)


def tell_of_opened(guarantee: Guarantee, at: datetime) -> None:
    """Tell beneficiary and subscribed systems of a guarantee that was secret so far. Twice is as good as once."""
    if guarantee.state == "in_force":
        announce_delivery(guarantee, at)
    for entry in history_of(guarantee).filter(kind__in=events.OUTWARD).order_by("pk"):
        fan_out(entry)


@reacts_to("guarantee.delivered")
def uncover(entry: Entry) -> None:
    """Tell of a bid guarantee the moment the bids are opened. The nightly round finds those whose opening was moved."""
    guarantee, at = subject_of(entry), now()
    if guarantee.kind not in SECRET:
        return
    if guarantee.is_secret(at):
        if guarantee.project.opens_at is not None:
            raise Later(guarantee.project.opens_at)
        return
    tell_of_opened(guarantee, at)
    ask_for_measurement(at, guarantee)


@reacts_to(*events.OUTWARD)
def measure_change(entry: Entry) -> None:
    """Have the indicators measured that this has changed."""
    ask_for_measurement(now(), subject_of(entry))


@reacts_to("subscription.opened")
def measure_first(entry: Entry) -> None:
    """Send a new subscriber of indicators the present ones."""
    if MEASURED in entry.data["kinds"]:
        ask_for_measurement(now())


@reacts_to("indicators.due")
def measure(entry: Entry) -> None:
    """Measure a region, once a minute at most."""
    measure_due(entry, now())


@every_night
def measure_new_day(on: date, at: datetime) -> None:
    """Have every subscribed region measured: what was issued today and what expires soon changes with the day."""
    with transaction.atomic():
        ask_for_measurement(at)


@reacts_to("member.left")
def hand_over(entry: Entry) -> None:
    """Give the open cases of somebody who left to the colleague who takes over."""
    successor = Member.objects.acting().filter(pk=entry.data["successor"]).first()
    if successor is not None:
        hand_over_cases(entry.subject_id, successor, at=now())
