"""How long guarantors usually take: the median of their last decisions of one kind, from submission to decision."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber

from xinshu.accounts.models import Organisation
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import Guarantee

LAST = 20  # decisions that are looked back upon


@dataclass(frozen=True)
class Usual:
    """The median time of the last `decisions` decisions."""

    time: timedelta
    decisions: int


def usual_times(houses: Collection[int], kind: str, at: datetime) -> dict[int, Usual]:
    """Return the usual time of each guarantor (by id) that has decided on this kind before. Two queries.

    Of types that are secret before the bids are opened only opened ones count: a figure that moved when a rival's
    application is decided would tell of it.
    """
    decided = Guarantee.objects.filter(kind=kind, decided_at__isnull=False, submitted_at__isnull=False)
    if kind in SECRET:
        decided = decided.filter(project__opens_at__lte=at)
    last = decided.filter(guarantor=OuterRef("pk")).order_by("-decided_at").values("decided_at")[LAST - 1 : LAST]
    since = Organisation.objects.filter(pk__in=houses).annotate(since=Subquery(last)).values_list("pk", "since")
    recent = Q(pk__in=[])
    for house, moment in since:
        recent |= Q(guarantor=house, decided_at__gte=moment) if moment is not None else Q(guarantor=house)
    took = ExpressionWrapper(F("decided_at") - F("submitted_at"), DurationField())
    middle = (
        decided.filter(recent)
        .annotate(
            took=took,
            place=Window(RowNumber(), partition_by=[F("guarantor_id")], order_by=[took, F("pk")]),
            decisions=Window(Count("pk"), partition_by=[F("guarantor_id")]),
        )
        .filter(place__gte=(F("decisions") + 1) / 2, place__lte=F("decisions") / 2 + 1)  # one in the middle, or two
        .order_by()
    )
    found: dict[int, list[tuple[timedelta, int]]] = {}
    for house, time, decisions in middle.values_list("guarantor_id", "took", "decisions"):
        found.setdefault(house, []).append((time, decisions))
    return {
        house: Usual(sum((time for time, _count in rows), timedelta()) / len(rows), rows[0][1])
        for house, rows in found.items()
    }
