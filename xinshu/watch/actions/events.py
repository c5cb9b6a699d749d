"""Events about firms: taken in once from whatever source, told again or not, and raised before whom they concern."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.models import Relation
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.recording import record
from xinshu.watch.lifecycle import ALERT
from xinshu.watch.models import BAD_NEWS, Alert, RiskEvent
from xinshu.watch.patterns import EVENTS
from xinshu.watch.reading.classifying import classify
from xinshu.watch.reading.likeness import first_alike, simhash
from xinshu.watch.rulebook import Book
from xinshu.work.deadlines import calendar_of

SAME_WITHIN = timedelta(days=30)  # the same event told again later than that is a new one
COMPARED = 200  # events of a firm within that time, the newest first
LIVING = ("submitted", "in_review", "returned", "fee_due", "to_issue", "issuing", "in_force")


@dataclass(frozen=True)
class Told:
    """What a source tells. `id` is the source's own and stays; `kind` "" where the headline shall say."""

    source: str
    id: str
    title: str
    happened_at: datetime
    kind: str = ""
    url: str = ""


@transaction.atomic
def take_event(
    firm: Organisation, told: Told, *, by: Actor, at: datetime, house: Organisation | None = None
) -> RiskEvent:
    """Keep an event and how it reads. The same id of a source again changes nothing. Raises Invalid per field.

    An address that no browser should follow (javascript:) is left out; the event counts without it.
    """
    title = " ".join(told.title.split())[:300]
    problems = {}
    if len(title) < 4:
        problems["title"] = _("至少 4 个字")
    if told.kind and told.kind not in EVENTS:
        problems["kind"] = _("没有这种事件")
    if told.happened_at > at + timedelta(days=1):
        problems["happened_at"] = _("发生时间还没有到")
    if problems:
        raise Invalid(_("事件没有收下，请修改标出的内容。"), fields=problems)
    present = RiskEvent.objects.filter(source=told.source, source_id=told.id).first()
    if present is not None:
        return present
    reading, mark = classify(title, firm.name, told.kind), simhash(title)
    same = _same_as(firm, title, mark, told.happened_at, house, bad=reading.is_risk)
    url = told.url[:500] if told.url.startswith(("http://", "https://")) else ""
    try:
        with transaction.atomic():
            event = RiskEvent.objects.create(
                house=house, firm=firm, source=told.source, source_id=told.id[:120], kind=reading.kind, title=title,
                url=url, happened_at=told.happened_at, received_at=at, polarity=reading.polarity,
                about_firm=reading.about_firm, score=reading.score, words=[list(word) for word in reading.words],
                simhash=mark, same_as_id=same,
            )  # fmt: skip
    except IntegrityError:  # the same push twice in one moment
        return RiskEvent.objects.get(source=told.source, source_id=told.id)
    enterprise_of(firm)  # the firm's page stands under the reference of its record
    record("risk_event.taken", event, by=by, at=at, firm=firm.pk, event_kind=event.kind, noise=event.is_noise)
    return event


def _same_as(
    firm: Organisation, title: str, mark: str, happened_at: datetime, house: Organisation | None, *, bad: bool
) -> int | None:
    """Return the first event that tells the same.

    What is told to all is never hidden behind one house's own, nor bad news behind a denial in nearly the same words.
    """
    whose = Q(house=None) | Q(house=house) if house is not None else Q(house=None)
    window = (happened_at - SAME_WITHIN, happened_at + SAME_WITHIN)
    rows = RiskEvent.objects.filter(whose, firm=firm, same_as=None, happened_at__range=window)
    if bad:
        rows = rows.filter(BAD_NEWS)
    return first_alike(title, rows.order_by("-happened_at").values_list("pk", "title", "simhash")[:COMPARED], mark)


@transaction.atomic
def raise_alerts(event: RiskEvent, *, at: datetime) -> list[Alert]:
    """Put an event before every house that it concerns, once. Noise, and what was told before, alerts nobody."""
    if event.is_noise or event.same_as_id is not None:
        return []
    concerned = houses_of(event.firm)
    if event.house_id is not None:
        concerned = {house: manager for house, manager in concerned.items() if house == event.house_id}
    book, raised = Book(concerned), []
    for house, manager in concerned.items():
        rule = book.of(house, f"event_{event.kind}")
        if not rule.on or _known_already(event, house):
            continue
        state = ALERT.states["open"]
        alert, new = Alert.objects.get_or_create(
            event=event, house_id=house,
            defaults={
                "state": "open", "firm": event.firm, "manager": manager, "grade": rule.grade,
                "half_life": rule.limits["half_life"], "happened_at": event.happened_at, "raised_at": at,
                "changed_at": at, "due_on": calendar_of(house).add(local_day(at), state.working_days or 1).on,
            },
        )  # fmt: skip
        if new:
            record("watch_alert.raised", alert, by=SYSTEM, at=at, grade=alert.grade, event_kind=event.kind)
            raised.append(alert)
    return raised


def _known_already(event: RiskEvent, house: int) -> bool:
    """Tell whether the house has pushed the same event in by itself before."""
    own = RiskEvent.objects.filter(BAD_NEWS, firm=event.firm, house=house, same_as=None).exclude(pk=event.pk)
    rows = own.filter(happened_at__range=(event.happened_at - SAME_WITHIN, event.happened_at + SAME_WITHIN))
    return first_alike(event.title, rows.values_list("pk", "title", "simhash")[:COMPARED], event.simhash) is not None


def houses_of(firm: Organisation) -> dict[int, Member | None]:
    """Return the institutions whose customer a firm is, or that answer for it, each with its account manager."""
    living = Guarantee.objects.filter(applicant=firm, state__in=LIVING).order_by()
    found: dict[int, Member | None] = dict.fromkeys(living.values_list("guarantor", flat=True).distinct())
    relations = Relation.objects.filter(enterprise__organisation=firm, guarantor__active=True)
    found |= {
        row.guarantor_id: row.manager for row in relations.select_related("manager__user", "manager__organisation")
    }
    return dict(sorted(found.items()))


def concerns(firm: Organisation, house: int) -> bool:
    """Tell whether a firm is a house's business."""
    return house in houses_of(firm)
