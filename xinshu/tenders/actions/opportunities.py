"""Opportunities: found once the names are known, pushed once, opened, set aside, and carried on as business."""

from datetime import datetime

from django.db import transaction

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Relation
from xinshu.ledger.recording import record
from xinshu.messaging.reading import came_of
from xinshu.tenders.answers import likes_of, trade_of
from xinshu.tenders.lifecycle import OPPORTUNITY
from xinshu.tenders.matching import matches_of
from xinshu.tenders.models import Announcement, Match, Opportunity, Stage, Step
from xinshu.tenders.reading.kinds import AWARD
from xinshu.tenders.retelling import tellings_of
from xinshu.tenders.told import amount_in, reading_of
from xinshu.tenders.worth import Award, as_rows, band_of, worth_of

OUTCOME_OF: dict[str, str] = {
    Stage.BEGUN: "followed",
    Stage.SUBMITTED: "business",
    Stage.ISSUED: "issued",
}  # of the notices


@transaction.atomic
def find_opportunities(announcement: Announcement, *, at: datetime) -> list[Opportunity]:
    """Match the newest version of an announcement, and open an opportunity for every house that it concerns.

    Returns those that are new. Harmless when it runs again: a match, an opportunity, a step are there once.
    """
    announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
    revision = announcement.revisions.get(number=announcement.latest)
    new: list[Opportunity] = []
    matched = matches_of(revision.reading)
    told = _told_elsewhere(announcement, {found.organisation.pk for found in matched if found.sure})
    for found in matched:
        match, _new = Match.objects.update_or_create(
            announcement=announcement, organisation=found.organisation, lot=found.lot,
            defaults={"name": found.name, "role": found.role, "how": found.how, "score": found.score,
                      "sure": found.sure, "reasons": found.reasons, "revision": announcement.latest},
        )  # fmt: skip
        if found.sure and announcement.kind == AWARD and found.role != "candidate":
            new += [
                one
                for house, manager in _concerned(found.organisation)
                if (found.organisation.pk, house.pk) not in told and (one := _open(match, house, manager, at))
            ]
    return new


def _told_elsewhere(announcement: Announcement, firms: set[int]) -> set[tuple[int, int]]:
    """Return (firm, house) of the opportunities that this very award brought when another source told it.

    The firms are locked first: of two sources that tell at once, the second sees what the first opened.
    """
    if announcement.kind != AWARD or not firms:
        return set()
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=firms).order_by("pk").values_list("pk"))
    opened = Opportunity.objects.filter(announcement__in=tellings_of(announcement), firm__in=firms)
    return set(opened.values_list("firm", "house"))


def _concerned(firm: Organisation) -> list[tuple[Organisation, Member | None]]:
    """Return the institutions whose customer the firm is, each with its manager; and the firm, where it has people."""
    rows = Relation.objects.filter(enterprise__organisation=firm, guarantor__active=True)
    houses: list[tuple[Organisation, Member | None]] = [
        (row.guarantor, row.manager) for row in rows.select_related("guarantor", "manager").order_by("pk")
    ]
    if Member.objects.acting().filter(organisation=firm).exists():
        houses.append((firm, None))
    return houses


def _open(match: Match, house: Organisation, manager: Member | None, at: datetime) -> Opportunity | None:
    known = Opportunity.objects.filter(match=match, house=house)
    if known.exists():
        return None
    amount = amount_in(match)
    trade, band = trade_of(match.announcement), band_of(amount)
    likes = likes_of(match.organisation, trade, band, house=house, manager=manager, at=at)
    worth = worth_of(_award(match, amount, at), likes)
    opportunity, new = Opportunity.objects.get_or_create(
        match=match, house=house,
        defaults={"announcement": match.announcement, "firm": match.organisation, "manager": manager,
                  "state": "pushed", "pushed_at": at, "trade": trade, "band": band,
                  "amount": amount, "score": worth.score, "reasons": as_rows(worth.reasons)},
    )  # fmt: skip
    if not new:
        return None
    record(
        "opportunity.pushed", opportunity, by=SYSTEM, at=at, announcement=match.announcement_id,
        house=house.pk, firm=match.organisation_id, manager=manager.pk if manager else None, how=match.how,
        score=worth.score,
    )  # fmt: skip
    return opportunity


def _award(match: Match, amount: int | None, at: datetime) -> Award:
    published = match.announcement.published_at
    age = (local_day(at) - local_day(published)).days if published is not None else None
    asks = bool(reading_of(match).all("guarantee"))
    return Award(match.score, str(match.get_how_display()), match.role, amount, asks, age)


def reach(opportunity: Opportunity, stage: str, *, at: datetime, case: str = "", amount: int | None = None) -> bool:
    """Note that an opportunity reached a stage; return whether that is new. Once, however often it is told."""
    last = opportunity.steps.filter(at__lte=at).order_by("-at", "-pk").first()
    since = last.at if last is not None else opportunity.pushed_at  # the push may be noted after the first look
    after = None if stage == Stage.PUSHED else max(0, int((at - since).total_seconds()))
    told = {"at": at, "case": case, "amount": amount, "after": after}
    _step, new = Step.objects.get_or_create(opportunity=opportunity, stage=stage, defaults=told)
    return new


@transaction.atomic
def open_opportunity(opportunity: Opportunity, *, by: Member, at: datetime) -> None:
    """Note that somebody of the house looked at it: the first look counts."""
    if opportunity.house_id != by.organisation_id or opportunity.steps.filter(stage=Stage.OPENED).exists():
        return
    Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if reach(opportunity, Stage.OPENED, at=at):
        record("opportunity.opened", opportunity, by=by, at=at)


@transaction.atomic
def follow(opportunity: Opportunity, *, by: Member, at: datetime) -> Opportunity:
    """Somebody of the house takes it up."""
    opportunity = Opportunity.objects.locked(opportunity)
    step = OPPORTUNITY.step("follow", opportunity, by)
    opportunity.change(step, reason="")
    reach(opportunity, Stage.FOLLOWED, at=at)
    came_of(opportunity.announcement, opportunity.house, "followed", at=at)
    record("opportunity.followed", opportunity, by=by, at=at)
    return opportunity


@transaction.atomic
def set_aside(opportunity: Opportunity, *, reason: str, by: Member, at: datetime) -> Opportunity:
    """Not relevant: it leaves the lists of what waits, and the reason is kept."""
    opportunity = Opportunity.objects.locked(opportunity)
    step = OPPORTUNITY.step("set_aside", opportunity, by)
    opportunity.change(step, reason=reason[:500])
    record("opportunity.set_aside", opportunity, by=by, at=at, reason=reason[:500])
    return opportunity


@transaction.atomic
def take_back(opportunity: Opportunity, *, by: Member, at: datetime) -> Opportunity:
    """It was not meant: the award waits again, and the answer counts in no score any more."""
    opportunity = Opportunity.objects.locked(opportunity)
    step = OPPORTUNITY.step("take_back", opportunity, by)
    opportunity.change(step, reason="")
    record("opportunity.taken_back", opportunity, by=by, at=at)
    return opportunity


@transaction.atomic
def carry_on(opportunity: Opportunity, stage: str, *, at: datetime, case: str, amount: int | None = None) -> None:
    """Business went on: an application was begun, submitted, issued. A repeat changes nothing."""
    opportunity = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if stage == Stage.BEGUN:
        reach(opportunity, Stage.FOLLOWED, at=at)
    if not reach(opportunity, stage, at=at, case=case, amount=amount):
        return
    came_of(opportunity.announcement, opportunity.house, OUTCOME_OF[stage], at=at)
    act = "convert" if stage == Stage.ISSUED else "begin"
    if opportunity.state in next(row.sources for row in OPPORTUNITY.rows if row.action == act):
        opportunity.change(OPPORTUNITY.step(act, opportunity, SYSTEM))
    record(f"opportunity.{stage}", opportunity, by=SYSTEM, at=at, case=case)
