"""What can be asked: one's subscriptions with what they found, the matches of one, how many a house's people have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from xinshu.accounts.models import Member
from xinshu.admission.models import Tag
from xinshu.core.refusals import there
from xinshu.subscriptions.models import Hit, Subscription
from xinshu.subscriptions.trying import DAYS

WEEK = 7


def _matches(condition: Q) -> Coalesce:
    rows = Hit.objects.filter(condition, subscription=OuterRef("pk")).order_by().values("subscription")
    counted = rows.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_counts(rows: QuerySet[Subscription], at: datetime) -> QuerySet[Subscription]:
    """Return subscriptions with `week` and `quarter` (matches of 7 and 90 days), and what became of all they found."""
    return rows.annotate(
        week=_matches(Q(at__gt=at - timedelta(days=WEEK))),
        quarter=_matches(Q(at__gt=at - timedelta(days=DAYS))),
        followed=_matches(Q(verdict=Hit.Verdict.FOLLOWED)),
        irrelevant=_matches(Q(verdict=Hit.Verdict.IRRELEVANT)),
        converted=_matches(Q(converted_at__isnull=False)),
    )


def subscription_of(reference: str, member: Member, message: str) -> Subscription:
    """Return one's own subscription. Raises Unknown with `message`."""
    rows = Subscription.objects.visible_to(member).filter(reference=reference)
    return there(rows.select_related("owner__user", "house").first(), message)


def matches_of(row: Subscription, member: Member, verdict: str = "", text: str = "") -> QuerySet[Hit]:
    """Return what a subscription found, newest first: all, or of one verdict ("converted" too), or with `text`."""
    rows = Hit.objects.visible_to(member).filter(subscription=row)
    if verdict == "converted":
        rows = rows.filter(converted_at__isnull=False)
    elif verdict == "new":
        rows = rows.filter(verdict="")
    elif verdict:
        rows = rows.filter(verdict=verdict)
    for word in text.lower().split()[:5]:
        rows = rows.filter(announcement__words__contains=word)
    return rows.select_related("announcement").defer("announcement__words").order_by("-at", "-pk")


def tag_names(rows: list[Subscription]) -> dict[int, str]:
    """Return what the tags in these subscriptions are called."""
    wanted = {tag for row in rows for tag in row.tags}
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


@dataclass(frozen=True)
class Person:
    """How many subscriptions somebody has switched on, what they found, and what became of it."""

    name: str
    subscriptions: int
    week: int
    quarter: int
    followed: int
    irrelevant: int
    converted: int


def people_of(member: Member, at: datetime) -> list[Person]:
    """Return a line for everyone of the house who has a subscription, by name. Two queries."""
    rows = Subscription.objects.counted_by(member)
    own = rows.values("owner", "owner__user__name").annotate(on=Count("pk", filter=Q(state="on")))
    found = Hit.objects.filter(subscription__in=rows).values("subscription__owner")
    counted: dict[int, Any] = {
        one["subscription__owner"]: one
        for one in found.annotate(
            week=Count("pk", filter=Q(at__gt=at - timedelta(days=WEEK))),
            quarter=Count("pk", filter=Q(at__gt=at - timedelta(days=DAYS))),
            followed=Count("pk", filter=Q(verdict=Hit.Verdict.FOLLOWED)),
            irrelevant=Count("pk", filter=Q(verdict=Hit.Verdict.IRRELEVANT)),
            converted=Count("pk", filter=Q(converted_at__isnull=False)),
        ).order_by()
    }
    names = ("week", "quarter", "followed", "irrelevant", "converted")
    none = dict.fromkeys(names, 0)
    people = []
    for one in own.order_by("owner__user__name", "owner"):
        figures = counted.get(one["owner"], none)
        people.append(Person(one["owner__user__name"], one["on"], *(int(figures[name]) for name in names)))
    return people
