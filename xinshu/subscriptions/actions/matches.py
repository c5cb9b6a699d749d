"""An announcement is compared with all subscriptions, once per version; its finders judge it; business comes of it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.ledger.recording import record
from xinshu.messaging.reading import came_of
from xinshu.subscriptions.engine.wanted import Found, look
from xinshu.subscriptions.learning import Learned, learned_of, moved
from xinshu.subscriptions.lifecycle import EDIT
from xinshu.subscriptions.models import Compared, Hit, Subscription
from xinshu.subscriptions.store import STORE, wanted_of
from xinshu.subscriptions.texts import compared_of, notice_of
from xinshu.tenders.actions.opportunities import find_opportunities
from xinshu.tenders.models import Announcement, Opportunity

CHUNK = 500  # matches written at a time


@transaction.atomic
def compare(announcement: Announcement, *, at: datetime) -> int:
    """Find the subscriptions that the newest version meets; return how many. A version is compared once.

    The names it prints are matched first, where that is not done: tags of customers count.
    """
    if not announcement.matches.filter(revision=announcement.latest).exists():
        find_opportunities(announcement, at=at)
    announcement = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    before = Compared.objects.filter(announcement=announcement).first()
    if before is not None and before.number >= announcement.latest:
        return before.matched
    compared = compared_of(announcement)
    compared.pk = before.pk if before is not None else None
    matched = _matched(announcement, compared, at)
    compared.matched = matched
    compared.save()
    if matched:
        record("announcement.compared", announcement, by=SYSTEM, at=at, number=compared.number, matched=matched)
    return matched


def _matched(announcement: Announcement, compared: Compared, at: datetime) -> int:
    notice = notice_of(announcement, compared)
    ids = [int(one) for one in STORE.current().match(notice).ids]
    count = 0
    for place in range(0, len(ids), CHUNK):
        rows = Subscription.objects.filter(pk__in=ids[place : place + CHUNK], state="on")
        acting = set(Member.objects.acting().filter(subscriptions__in=rows).values_list("pk", flat=True))
        found = [(row, look(wanted_of(row), notice)) for row in rows.order_by("pk") if row.owner_id in acting]
        met = [(row, one) for row, one in found if one is not None]
        learned = learned_of([row for row, _one in met], at) if met else {}
        matches = [_match(row, announcement, one, learned.get(row.pk), compared.number, at) for row, one in met]
        Hit.objects.bulk_create(
            matches, update_conflicts=True, unique_fields=["subscription", "announcement"],
            update_fields=["number", "score", "reasons"],
        )  # fmt: skip
        count += len(matches)
    return count


def _match(
    row: Subscription, announcement: Announcement, found: Found, learned: Learned | None, number: int, at: datetime
) -> Hit:
    score, lessons = moved(found.score, learned, announcement)
    reasons = {"words": [list(one) for one in found.words], "met": list(found.met), "untold": list(found.untold)}
    if lessons:
        reasons["learned"] = lessons
    return Hit(
        subscription=row, announcement=announcement, first=number, number=number, score=score, reasons=reasons, at=at
    )


@transaction.atomic
def judge(match: Hit, verdict: str, *, by: Member, at: datetime) -> Hit:
    """Its owner says what a match is worth: followed, not relevant, or neither (again)."""
    match = Hit.objects.select_for_update(of=("self",)).select_related("subscription", "announcement").get(pk=match.pk)
    if match.subscription.owner_id != by.pk or not by.can(EDIT):
        raise NotPermitted(_("只有订阅人本人可以评价命中的公告。"))
    if verdict not in Hit.Verdict.values:
        raise NotNow(_("没有这种评价。"), advice=_("请选择已跟进或不相关。"))
    if match.verdict != verdict:
        match.verdict = verdict
        match.save(update_fields=["verdict"])
        announcement = match.announcement_id
        if verdict == Hit.Verdict.FOLLOWED:
            came_of(match.announcement, by.organisation, "followed", at=at, person=by)
        record("announcement.judged", match.subscription, by=by, at=at, announcement=announcement, verdict=verdict)
    return match


@transaction.atomic
def convert(opportunity: Opportunity, *, at: datetime) -> int:
    """Business came of an announcement in a house: its people's matches led to it. Harmless when it runs again."""
    rows = Hit.objects.filter(
        announcement=opportunity.announcement_id, subscription__house=opportunity.house_id, converted_at=None
    )
    count = rows.update(converted_at=at)
    if count:
        record(
            "announcement.led", opportunity.announcement, by=SYSTEM, at=at, house=opportunity.house_id, matches=count
        )
    return count
