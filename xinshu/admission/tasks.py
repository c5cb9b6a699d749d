"""What follows: tags follow what becomes known of a firm; firms hear of questionnaires; rounds of the day and month."""

from collections.abc import Collection
from datetime import date, datetime

from xinshu.accounts.models import Organisation
from xinshu.admission.announcements import HANDED_IN, SENT, tell
from xinshu.admission.models import ON_CHANGE, Round, Sheet, Tag
from xinshu.admission.purposes import RECKONED, VERIFIED, code_of
from xinshu.admission.rounds import end_expired, run_round
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.rules.models import Run

Cause = Round.Cause


def _follow(house_ids: Collection[int], firm: int, codes: Collection[str] | None, at: datetime) -> None:
    """Compute the tags of these houses that look at any of `codes` (None: all), for one firm."""
    tags = Tag.objects.filter(house__in=house_ids, state="on").exclude(content={})
    if codes is not None:
        tags = tags.filter(rhythm=ON_CHANGE)
    for tag in tags.order_by("pk"):
        if codes is None or not set(codes).isdisjoint(tag.types):
            run_round(tag, Cause.CHANGE, by=SYSTEM, at=at, firms=[firm])


def _houses_of(firm: int) -> list[int]:
    return list(Relation.objects.filter(enterprise__organisation=firm).values_list("guarantor_id", flat=True))


@reacts_to("enterprise.fields_entered")
def follow_record(entry: Entry) -> None:
    """Tags on facts of the record follow it at once, for this firm."""
    codes = set(entry.data["fields"])
    codes |= {code for code, parts in RECKONED.items() if not codes.isdisjoint(parts)} | {VERIFIED}
    firm = entry.data["organisation"]
    _follow(_houses_of(firm), firm, codes, max(now(), entry.at))


@reacts_to("enterprise.customer_taken")
def mark_customer(entry: Entry) -> None:
    """A new customer gets every tag of the house that is its due."""
    firm = Enterprise.objects.values_list("organisation_id", flat=True).get(pk=entry.subject_id)
    _follow([entry.data["guarantor"]], firm, None, max(now(), entry.at))


@reacts_to("rules.decided")
def follow_sources(entry: Entry) -> None:
    """Tags on what data sources say follow when the house has asked them of a customer."""
    run = Run.objects.select_related("rule_set").get(pk=entry.subject_id)
    sources = set(run.calls.values_list("source", flat=True))
    if not sources:
        return
    house = run.rule_set.owner_id
    firm = Organisation.objects.filter(uscc=run.subject_key).values_list("pk", flat=True).first()
    if firm is None or house not in _houses_of(firm):
        return
    tags = Tag.objects.filter(house=house, state="on", rhythm=ON_CHANGE).exclude(content={})
    for tag in tags.order_by("pk"):
        if sources & {one.source for one in tag.types.values()}:
            run_round(tag, Cause.CHANGE, by=SYSTEM, at=max(now(), entry.at), firms=[firm])


@reacts_to("sheet.handed_in")
def follow_answers(entry: Entry) -> None:
    """Tags on answers follow when a questionnaire is handed in."""
    sheet = Sheet.objects.select_related("version_asked__questionnaire").get(pk=entry.subject_id)
    one = sheet.version_asked.questionnaire
    codes = {code_of(one, code) for code in entry.data["questions"]}
    if sheet.about == "" and sheet.house_id in _houses_of(sheet.firm_id):
        _follow([sheet.house_id], sheet.firm_id, codes, max(now(), entry.at))


@reacts_to("sheet.sent")
def tell_of_sheet(entry: Entry) -> None:
    """Tell the firm's people that something is to be answered."""
    tell(SENT, _sheet(entry), entry)


@reacts_to("sheet.handed_in")
def tell_of_answers(entry: Entry) -> None:
    """Tell the house that answers have come."""
    tell(HANDED_IN, _sheet(entry), entry)


def _sheet(entry: Entry) -> Sheet:
    found = Sheet.objects.select_related("house", "firm", "version_asked__questionnaire")
    return found.get(pk=entry.subject_id)


@every_night
def refresh_tags(on: date, at: datetime) -> None:
    """Compute the tags whose day it is, end what has run out. One transaction a tag; done ones are not done again."""
    for tag in Tag.objects.filter(state="on").order_by("pk"):
        cause = due_cause(tag.rhythm, on)
        if cause is not None and not tag.rounds.filter(on=on, cause=cause).exists():
            run_round(tag, cause, by=SYSTEM, at=at)
        end_expired(tag, by=SYSTEM, at=at)


def due_cause(rhythm: str, on: date) -> Round.Cause | None:
    """Return why a tag of this rhythm is computed on a day; None where it is not. Pure."""
    if rhythm == "daily":
        return Cause.DAILY
    return Cause.MONTHLY if rhythm == "monthly" and on.day == 1 else None
