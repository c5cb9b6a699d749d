"""What follows: messages are queued when something happens to a guarantee, sent, and looked after."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.claims.models import Demand
from xinshu.core.clock import CHINA, now
from xinshu.exchange.actions.submissions import queue
from xinshu.exchange.adapters import adapter_of
from xinshu.exchange.content import Content, content_of
from xinshu.exchange.destinations import destinations, destinations_for
from xinshu.exchange.lifecycle import SEND, SUPERVISE
from xinshu.exchange.models import Difference, OpenedEnvelope, Submission
from xinshu.exchange.projects import tasks as of_projects  # noqa: F401  (its reactions; the ledger imports this module)
from xinshu.exchange.receiving import KEPT
from xinshu.exchange.sending import transmit
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import PARTIES, Amendment, Guarantee, Reduction
from xinshu.guarantees.queries import as_it_stands
from xinshu.integrations.schemas import moment
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.ledger.veils import veil
from xinshu.messaging.notices import notify
from xinshu.projects.models import SupervisionPlan
from xinshu.projects.supervision import Rules

Event = Submission.Event
OVERDUE = timedelta(days=1)  # without a receipt for so long: somebody should ask


@dataclass(frozen=True)
class News:
    """What an entry is to a receiver."""

    event: str


# One row per kind of entry that receivers are told of; kinds of other rooms join as rows.
NEWS: dict[str, News] = {
    "guarantee.delivered": News(Event.ISSUE),
    "guarantee.released": News(Event.RELEASE),
    "guarantee.expired": News(Event.EXPIRY),
}

CLAIMS: dict[str, News] = {  # the same of claims: their entries are about a demand
    "claim.presented": News(Event.DEMAND),
    "claim.refused": News(Event.REFUSAL),
}


AMENDMENTS: dict[str, News] = {  # about an amendment; terms that nobody accepted are no news
    "amendment.accepted": News(Event.AMENDMENT),
    "amendment.extended": News(Event.AMENDMENT),  # the consent is in the demand (URDG 758 Art. 23)
}
REDUCTIONS: dict[str, News] = {"reduction.done": News(Event.AMENDMENT)}  # about a reduction, however it came about
OF_PARTIES = tuple(f"guarantee__{name}" for name in (*PARTIES, "letter"))


@reacts_to("guarantee.delivered")
def commit_sealed(entry: Entry) -> None:
    """Send the commitment of a bid guarantee to systems that take sealed ones. Of the rest they hear at the opening."""
    guarantee, at = as_it_stands(entry.subject_id), now()
    if guarantee.kind not in SECRET or not guarantee.is_secret(at):
        return
    for to, receiver in destinations_for(guarantee, at):
        if to.sealed and Event.SEALED in adapter_of(to).EVENTS:
            content = content_of(guarantee, entry)
            queue(guarantee, Event.SEALED, entry, to, receiver, content=content, at=at)


@reacts_to(*NEWS)
def submit(entry: Entry) -> None:
    """Queue what receivers are to be told; of a bid guarantee nothing leaves before the bids are open."""
    if not destinations():
        return
    guarantee, at = as_it_stands(entry.subject_id), now()
    if guarantee.is_secret(at):
        if guarantee.project.opens_at is not None:
            raise Later(guarantee.project.opens_at)
        return  # no opening is scheduled: `submit_opened` comes back to it
    queue_news(guarantee, entry, at)


def queue_news(guarantee: Guarantee, entry: Entry, at: datetime) -> None:
    """Queue `entry` for all who are to be told; where a commitment went, the reveal takes the place of the issue."""
    event = NEWS[entry.kind].event
    for to, receiver in destinations_for(guarantee, at):
        sealed = Submission.objects.filter(guarantee=guarantee, destination=to.code, event=Event.SEALED).exists()
        told = Event.REVEAL if sealed and event == Event.ISSUE else event
        if told in adapter_of(to).EVENTS:
            content: Content = content_of(guarantee, entry)
            queue(guarantee, told, entry, to, receiver, content=content, at=at)


@reacts_to(*CLAIMS)
def submit_claim(entry: Entry) -> None:
    """Queue what receivers are to be told of a claim."""
    if destinations():
        demand = Demand.objects.select_related(*OF_PARTIES, "notice").get(pk=entry.subject_id)
        _queue_case(demand.guarantee, CLAIMS[entry.kind].event, entry, claim_of(demand))


@reacts_to(*AMENDMENTS)
def submit_amendment(entry: Entry) -> None:
    """Queue the terms that have taken the place of the old ones."""
    if destinations():
        amendment = Amendment.objects.select_related(*OF_PARTIES).get(pk=entry.subject_id)
        _queue_case(amendment.guarantee, AMENDMENTS[entry.kind].event, entry, amendment_told(amendment))


@reacts_to(*REDUCTIONS)
def submit_reduction(entry: Entry) -> None:
    """Queue the fall of the face: by schedule, or by a document that the beneficiary confirmed."""
    if destinations():
        reduction = Reduction.objects.select_related(*OF_PARTIES).get(pk=entry.subject_id)
        if reduction.taken_amount:
            _queue_case(reduction.guarantee, REDUCTIONS[entry.kind].event, entry, reduction_told(reduction))


@reacts_to("guarantee.prolonged")
def submit_prolonging(entry: Entry) -> None:
    """Queue the later day of a guarantee that came to its end while its guarantor's counter was shut."""
    if destinations():
        guarantee = as_it_stands(entry.subject_id)
        earlier = history_of(guarantee).filter(kind=entry.kind, pk__lte=entry.pk).count()
        more: Content = {
            "sequence": f"F{earlier}", "change": 0, "new_expires_on": entry.data["expires_on"], "new_wording": "",
            "needs_consent": False,  # by rule (URDG 758 Art. 26)
        }  # fmt: skip
        _queue_case(guarantee, Event.AMENDMENT, entry, more)


def _queue_case(guarantee: Guarantee, event: str, entry: Entry, more: Content) -> None:
    at = now()
    if guarantee.is_secret(at):  # nobody but its parties knows of it yet, whatever happens under it
        raise Later(guarantee.secret_until or at)
    for to, receiver in destinations_for(guarantee, at):
        if event in adapter_of(to).EVENTS:
            content = content_of(guarantee, entry, **more)
            queue(guarantee, event, entry, to, receiver, content=content, at=at)


def amendment_told(amendment: Amendment) -> Content:
    """Return what is told of an accepted amendment besides the guarantee, which has its new terms by then."""
    new_end = amendment.new_expires_on
    return {
        "sequence": amendment.number,
        "change": amendment.extra,
        "new_expires_on": new_end.isoformat() if new_end else None,
        "new_wording": "；".join(amendment.wording.values()),
        "needs_consent": False,  # the beneficiary has given it
        "reason": amendment.reason,
    }


def reduction_told(reduction: Reduction) -> Content:
    """Return what is told of a reduction besides the guarantee, whose amount has fallen by then.

    Reductions count on their own ("R1"): an amendment's number is that of its letter.
    """
    done = reduction.guarantee.reductions.filter(state="done", taken_amount__gt=0)
    earlier = done.filter(Q(ended_at__lt=reduction.ended_at) | Q(ended_at=reduction.ended_at, pk__lt=reduction.pk))
    words = _("受益人确认减额") if reduction.on is None else _("按保函约定的减额安排减额")
    return {
        "sequence": f"R{earlier.count() + 1}",
        "change": -reduction.taken_amount,
        "new_expires_on": None,
        "new_wording": "",
        "needs_consent": False,  # given at the time, or agreed at issue
        "reason": "：".join(part for part in (words, reduction.reason) if part),
    }


def claim_of(demand: Demand) -> Content:
    """Return what is told of a demand besides the guarantee: without the payee's account."""
    notice = getattr(demand, "notice", None)
    return {
        "demand": demand.reference,
        "demanded": demand.amount,
        "statement": demand.statement,
        "complete": not demand.to_complete,
        "wanted_expiry": demand.extend_to.isoformat() if demand.extend_to else None,
        "presented_at": moment(demand.presented_at),
        "discrepancies": [
            "：".join(str(one[part]) for part in ("label", "note") if one.get(part))
            for one in (notice.discrepancies if notice else [])
        ],
    }


@reacts_to("submission.due", together=False)
def send_submission(entry: Entry) -> None:
    """Send one message; what the receiver does not take is tried again as every delivery is."""
    found = Submission.objects.select_related("guarantee__project")
    submission = found.get(pk=entry.subject_id)
    if submission.message == entry.data["message"]:
        transmit(submission, at=now())


@reacts_to("submission.returned")
def warn_of_return(entry: Entry) -> None:
    """Tell the guarantor's people that a receiver gave a message back, and why."""
    submission = Submission.objects.select_related("guarantee__project", "guarantee__guarantor").get(
        pk=entry.subject_id
    )  # fmt: skip
    notify(
        submission.guarantee.guarantor,
        _("%(number)s 的%(event)s报送被%(receiver)s退回：%(reason)s。后面的报送暂停，请处理后重新报送。")
        % {
            "number": submission.guarantee.number,
            "event": submission.get_event_display(),
            "receiver": submission.destination_name,
            "reason": entry.data["reason"][:80].rstrip("。"),
        },
        link=reverse("exchange:submission", args=[submission.reference]),
        permission=SEND,
        tone="danger",
        subject=submission,
        key=f"submission.returned:{entry.pk}",
        at=entry.at,
        sealed_until=submission.guarantee.secret_until,
    )


@reacts_to("project.amended")
def keep_submissions_secret(entry: Entry) -> None:
    """Draw the veil over what was recorded of submissions of a project whose opening was put off."""
    if "opens_at" not in entry.data["changes"]:
        return
    found = Submission.objects.filter(guarantee__project=entry.subject_id, guarantee__kind__in=SECRET)
    for submission in found.select_related("guarantee__project"):
        until = submission.guarantee.secret_until
        assert until is not None
        veil(submission, until)
    for difference in Difference.objects.filter(project=entry.subject_id).select_related("project"):
        if difference.project.secret_until is not None:
            veil(difference, difference.project.secret_until)


@reacts_to("supervision.approved")
def tell_departments(entry: Entry) -> None:
    """Tell every department that a plan names, or no longer names, from when on it holds."""
    plan = SupervisionPlan.objects.get(pk=entry.subject_id)
    named = {row.department_id: row.department for row in plan.rows.select_related("department")}
    before = {line.department_id: line.department for line in Rules.at(entry.at).lines if line.plan_id != plan.pk}
    assert plan.valid_from is not None
    for key, department in sorted((before | named).items()):
        notify(
            department,
            _("归口方案已批准，自 %(when)s 起生效。您单位%(what)s。")
            % {
                "when": f"{plan.valid_from.astimezone(CHINA):%Y-%m-%d %H:%M}",
                "what": _("在方案中") if key in named else _("不在方案中，届时看不到保函"),
            },
            link=reverse("exchange:supervision"),
            permission=SUPERVISE,
            tone="info" if key in named else "warn",
            subject=plan,
            key=f"supervision.approved:{entry.pk}",
            at=entry.at,
        )


@every_night
def submit_opened(on: date, at: datetime) -> None:
    """Queue what is told of bid guarantees whose opening was set, or moved, after their news. Once each."""
    opened = Guarantee.objects.filter(
        kind__in=SECRET, delivered_at__isnull=False, project__opens_at__gt=at - timedelta(days=3),
        project__opens_at__lte=at,
    )  # fmt: skip
    for guarantee in opened.select_related(*PARTIES, "letter").order_by("pk").iterator():
        for entry in history_of(guarantee).filter(kind__in=NEWS).order_by("pk"):
            with transaction.atomic():
                queue_news(guarantee, entry, at)


@every_night
def warn_of_silence(on: date, at: datetime) -> None:
    """Warn the guarantor, once, of what was sent and not acknowledged within a day."""
    silent = Submission.objects.filter(state="sent", sent_at__lt=at - OVERDUE)
    for submission in silent.select_related("guarantee__guarantor", "guarantee__project").order_by("pk").iterator():
        with transaction.atomic():
            notify(
                submission.guarantee.guarantor,
                _("%(number)s 的%(event)s报送已送达%(receiver)s超过一天仍无回执，不算已报送。请重新报送或联系对方。")
                % {
                    "number": submission.guarantee.number,
                    "event": submission.get_event_display(),
                    "receiver": submission.destination_name,
                },
                link=reverse("exchange:submission", args=[submission.reference]),
                permission=SEND,
                tone="warn",
                subject=submission,
                key=f"submission.silent:{submission.pk}:{submission.message}",
                at=at,
                sealed_until=submission.guarantee.secret_until,
            )


@every_night
def forget_envelopes(on: date, at: datetime) -> None:
    """Remove the random numbers of envelopes too old to be taken again."""
    OpenedEnvelope.objects.filter(at__lt=at - KEPT).delete()
