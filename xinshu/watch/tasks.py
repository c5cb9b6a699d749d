"""What follows: what comes in is judged, events are raised before whom they concern, and the nightly rounds."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from itertools import chain

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day, now
from xinshu.credit.actions.lists import propose_from_source
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import Payment
from xinshu.guarantees.tasks import subject_of
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.watch import detecting
from xinshu.watch.actions.cases import hand_over_watch, reveal_opened, take_up
from xinshu.watch.actions.events import raise_alerts
from xinshu.watch.announcements import TOLD_OF_CASES, remind_of_case, tell_of_alert, tell_of_case
from xinshu.watch.finding import Found
from xinshu.watch.lifecycle import CASE
from xinshu.watch.models import Alert, RiskEvent, WatchCase
from xinshu.watch.polling import poll
from xinshu.watch.traces import tender_of, trace_payment, trace_submission

ABNORMAL = re.compile("(?<!移)列入.{0,4}经营异常名录")


def _take_all(found: Iterable[Found], at: datetime) -> None:
    for one in found:
        take_up(one, at=at)


@reacts_to("guarantee.submitted")
def judge_submitted(entry: Entry) -> None:
    """Keep what an application left behind, and look whether anything about it is odd."""
    case, at = subject_of(entry), entry.at
    traces = trace_submission(case, entry.actor_key, at)
    _take_all(chain(detecting.in_application(case, at), detecting.of_tender(traces)), at)


@reacts_to("payment.confirmed")
def judge_payment(entry: Entry) -> None:
    """Keep out of which account a fee came, and look whether it is odd."""
    rows = Payment.objects.select_related("guarantee__project", "guarantee__applicant", "slip")
    payment = rows.get(order_number=entry.data["order"])
    traces = trace_payment(payment, entry.at)
    _take_all(chain(detecting.odd_payer(payment), detecting.of_tender(traces)), entry.at)


@reacts_to("guarantee.delivered")
def reveal_at_opening(entry: Entry) -> None:
    """Look, at the opening of every bid's tender, whether there is anything to tell: whether there was, shows nowhere.

    A delivery waits for each bid alike. The nightly round finds those whose opening was moved.
    """
    case, at = subject_of(entry), now()
    if case.kind not in SECRET:
        return
    if case.is_secret(at):
        if case.project.opens_at is not None:
            raise Later(case.project.opens_at)
        return
    reveal_opened(at, tender_of(case))


@reacts_to(*TOLD_OF_CASES)
def tell_case(entry: Entry) -> None:
    """Put what happened to a case before those who handle it."""
    tell_of_case(entry, WatchCase.objects.select_related("house", "firm").get(pk=entry.subject_id))


@reacts_to("risk_event.taken")
def raise_for(entry: Entry) -> None:
    """Put an event before the institutions that it concerns."""
    raise_alerts(RiskEvent.objects.select_related("firm", "house").get(pk=entry.subject_id), at=entry.at)


@reacts_to("risk_event.taken")
def propose_abnormal(entry: Entry) -> None:
    """Propose for the city's list whom the register lists as abnormal (经营异常名录), as a public source tells.

    What a house's own partner pushed in stays with that house.
    """
    event = RiskEvent.objects.select_related("firm").get(pk=entry.subject_id)
    if event.house_id is None and event.about_firm and ABNORMAL.search(event.title):
        day = local_day(event.happened_at).isoformat()
        propose_from_source(
            event.firm, reason=event.title, evidence=_("%(source)s，%(day)s") % {"source": event.source, "day": day},
            at=entry.at,
        )  # fmt: skip


@reacts_to("watch_alert.raised")
def tell_alert(entry: Entry) -> None:
    """Tell the deciders of an alert."""
    tell_of_alert(entry, Alert.objects.select_related("event", "firm", "house").get(pk=entry.subject_id))


@reacts_to("member.left")
def hand_over(entry: Entry) -> None:
    """Give the open cases of somebody who left to the colleague who takes over."""
    successor = Member.objects.acting().filter(pk=entry.data["successor"]).first()
    if successor is not None:
        hand_over_watch(entry.subject_id, successor, at=now())


@every_night
def look_over_everything(on: date, at: datetime) -> None:
    """Look for what no single application shows, and for what a rule that was changed meanwhile now finds."""
    rounds = (
        detecting.often_firms(at), detecting.over_sums(at), detecting.over_shares(at), detecting.shared_anywhere(),
    )  # fmt: skip
    for found in rounds:
        _take_all(found, at)


@every_night
def reveal_opened_bids(on: date, at: datetime) -> None:
    """Tell of what bidders shared whose opening was moved, or of which no delivery waited."""
    reveal_opened(at)


@every_night
def ask_feeds(on: date, at: datetime) -> None:
    """Ask the sources of events of every firm that is somebody's business."""
    poll(at)


@every_night
def remind_of_limits(on: date, at: datetime) -> None:
    """Remind of cases on their last day, and after it all who handle cases. Once each."""
    waiting = [state.code for state in CASE.states.values() if state.waits_for == "house"]
    late = WatchCase.objects.told().filter(state__in=waiting, due_on__lte=on).select_related("house", "firm")
    for case in late.order_by("pk").iterator():
        remind_of_case(case, at, over=case.due_on is not None and case.due_on < on)
