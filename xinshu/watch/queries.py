"""What can be asked: cases and alerts, narrowed; firms with their live level, exposure and what stops them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.guarantees.models import Guarantee
from xinshu.watch.levels import Level, band_of, level_of, weight
from xinshu.watch.lifecycle import ALERT_LIVE, LIVE, STOPPING
from xinshu.watch.models import Alert, RiskEvent, WatchCase
from xinshu.work.queries import history_with

FOUND = 500  # firms that words in a name may bring


def narrowed(rows: QuerySet[Any], asked: Mapping[str, Any], views: Mapping[str, Q]) -> QuerySet[Any]:
    """Narrow cases or alerts by what a form holds: view, words in the firm's name, plain fields."""
    if view := views.get(asked.get("view", "")):
        rows = rows.filter(view)
    if text := asked.get("q", "").strip():
        rows = rows.filter(Q(firm__name__icontains=text) | Q(firm__uscc__istartswith=text))
    for name in ("pattern", "state", "grade"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name]})
    if asked.get("kind"):
        rows = rows.filter(event__kind=asked["kind"])
    return rows


CASE_VIEWS = {"live": Q(state__in=LIVE), "frozen": Q(state__in=STOPPING), "ended": ~Q(state__in=LIVE)}
ALERT_VIEWS = {"live": Q(state__in=ALERT_LIVE), "ended": ~Q(state__in=ALERT_LIVE)}


def cases(member: Member, asked: Mapping[str, Any]) -> QuerySet[WatchCase]:
    """Return the cases that exist for `member`, narrowed, the latest first."""
    views = CASE_VIEWS | {"mine": Q(responsible=member, state__in=LIVE)}
    found = narrowed(WatchCase.objects.visible_to(member), asked, views)
    return found.select_related("firm", "responsible__user").order_by("-changed_at", "-pk")


def alerts(member: Member, asked: Mapping[str, Any]) -> QuerySet[Alert]:
    """Return the alerts of the member's house, narrowed, the latest first."""
    views = ALERT_VIEWS | {"mine": Q(manager=member)}
    found = narrowed(Alert.objects.visible_to(member), asked, views)
    repeats = Count(
        "event__repeats", filter=Q(event__repeats__house=None) | Q(event__repeats__house=member.organisation_id)
    )
    return (
        found.select_related("firm", "event", "manager__user").annotate(repeats=repeats).order_by("-raised_at", "-pk")
    )


@dataclass(frozen=True)
class FirmRisk:
    """A firm before one house: its live level and what makes it, what the house answers for, what stops it."""

    firm: Organisation
    level: Level[Alert]
    exposure: int  # 分, in force
    guarantees: int
    cases: int  # open ones
    frozen: bool
    manager: str
    latest: datetime | None
    reference: str  # of its record; "" where there is none


def counting(member: Member) -> QuerySet[Alert]:
    """Return the alerts that make levels."""
    return Alert.objects.visible_to(member).exclude(state="noise")


def levels(member: Member, at: datetime, firms: Iterable[int]) -> dict[int, Level[Alert]]:
    """Return the live level of those of `firms` that have alerts, from one read of them."""
    told: dict[int, list[tuple[Alert, str, int, date]]] = defaultdict(list)
    for alert in counting(member).filter(firm__in=list(firms)).select_related("event"):
        day = local_day(alert.happened_at)
        told[alert.firm_id].append((alert, alert.grade, alert.half_life, day))
    return {firm: level_of(rows, local_day(at)) for firm, rows in told.items()}


def nothing(at: datetime) -> Level[Alert]:
    """Return the level of a firm without alerts."""
    none: tuple[tuple[Alert, str, int, date], ...] = ()
    return level_of(none, local_day(at))


def watched(member: Member, at: datetime, firm: Q) -> QuerySet[Organisation]:
    """Return those of the firms `firm` that are the house's business: customers, applicants, whoever has an alert."""
    house = member.organisation_id
    customers = Relation.objects.filter(guarantor=house).values("enterprise__organisation")
    applicants = Guarantee.objects.visible_to(member, at).filter(guarantor=house).order_by().values("applicant")
    alerted = Alert.objects.visible_to(member).order_by().values("firm")
    return Organisation.objects.filter(firm).filter(Q(pk__in=customers) | Q(pk__in=applicants) | Q(pk__in=alerted))


def firms(member: Member, at: datetime, *, text: str = "", band: str = "") -> list[int]:
    """Return firms with alerts, the highest level first; with `text` all that it finds. Four columns rank them."""
    on = local_day(at)
    sums: dict[int, int] = defaultdict(int)
    for firm, grade, half_life, happened_at in counting(member).values_list(
        "firm", "grade", "half_life", "happened_at"
    ):
        sums[firm] += weight(grade, half_life, local_day(happened_at), on)
    found = list(sums)
    if text:
        named = Q(name__icontains=text) | Q(uscc__istartswith=text)
        found = list(watched(member, at, named).order_by("pk").values_list("pk", flat=True)[:FOUND])
    tenths = {firm: sums.get(firm, 0) for firm in found}
    if band:
        tenths = {firm: sum for firm, sum in tenths.items() if band_of(sum)[1] == band}
    return sorted(tenths, key=lambda firm: (-tenths[firm], firm))


def told_of(member: Member, at: datetime, firms: Iterable[int]) -> list[FirmRisk]:
    """Return what a page tells of some firms in their order, with eight reads for all of them."""
    keys, house = list(firms), member.organisation_id
    known, calm = levels(member, at, keys), nothing(at)
    held = Guarantee.objects.filter(guarantor=house, applicant__in=keys, state="in_force").order_by()
    exposure = {
        firm: (amount or 0, number)
        for firm, amount, number in held.values_list("applicant").annotate(a=Sum("available_amount"), n=Count("pk"))
    }
    live = WatchCase.objects.visible_to(member).filter(state__in=LIVE, evidence__firm__in=keys).order_by()
    counted = dict(live.values_list("evidence__firm").annotate(n=Count("pk", distinct=True)))
    frozen = set(live.filter(state__in=STOPPING).values_list("evidence__firm", flat=True))
    organisations = Organisation.objects.in_bulk(keys)
    relations = Relation.objects.filter(guarantor=house, enterprise__organisation__in=keys).select_related(
        "manager__user"
    )
    managers = {row.enterprise.organisation_id: row.manager.user.name for row in relations.select_related("enterprise")}
    latest = dict(
        Alert.objects.visible_to(member)
        .filter(firm__in=keys)
        .order_by()
        .values_list("firm")
        .annotate(at=Max("raised_at"))
    )
    references = dict(Enterprise.objects.filter(organisation__in=keys).values_list("organisation", "reference"))
    return [
        FirmRisk(
            organisations[firm], known.get(firm, calm), *exposure.get(firm, (0, 0)), counted.get(firm, 0),
            firm in frozen, managers.get(firm, ""), latest.get(firm), references.get(firm, ""),
        )
        for firm in keys
        if firm in organisations
    ]  # fmt: skip


def events_of(member: Member, firm: Organisation) -> QuerySet[RiskEvent]:
    """Return all events of a firm that the house may know of, noise too, the latest first."""
    whose = Q(house=None) | Q(house=member.organisation_id)
    return RiskEvent.objects.filter(whose, firm=firm).select_related("same_as").order_by("-happened_at", "-pk")


def story_of(case: WatchCase | Alert, words: Mapping[str, tuple[Any, str]]) -> list[dict[str, Any]]:
    """Return what happened to a case or an alert, newest first."""
    return [
        {"title": words[entry.kind][0], "by": entry.actor_label, "at": entry.at, "tone": words[entry.kind][1],
         "text": entry.data.get("reason") or entry.data.get("opinion") or "", "entry": entry}
        for entry in history_with(case)
        if entry.kind in words
    ]  # fmt: skip
