"""What can be asked: the sources with their health, one with its runs and alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from xinshu.collecting.models import Alarm, Item, Run, Source

DAYS = 7


@dataclass(frozen=True)
class Health:
    """How a source does: notices in the last days, share of failed runs, what is wrong, when it is asked next."""

    source: Source
    recent: int
    ended: int
    failed: int
    alarms: tuple[Alarm, ...]
    due_at: datetime | None

    @property
    def per_day(self) -> str:
        """New notices a day, over the last days."""
        return f"{self.recent / DAYS:.1f}"

    @property
    def error_percent(self) -> int | None:
        """How many of the last runs failed, in percent; None before there was one."""
        return round(self.failed * 100 / self.ended) if self.ended else None


def health_of(sources: list[Source], at: datetime) -> list[Health]:
    """Return the health of each: four queries, however many sources there are."""
    keys = [one.pk for one in sources]
    fresh = Item.objects.filter(source__in=keys, seen_at__gte=at - timedelta(days=DAYS), outcome="taken")
    recent = dict(fresh.order_by().values_list("source").annotate(n=Count("pk")))
    since = Run.objects.filter(source__in=keys, ended_at__gte=at - timedelta(days=DAYS))
    counted = since.order_by().values("source").annotate(
        ended=Count("pk", filter=Q(state__in=("done", "failed"))), failed=Count("pk", filter=Q(state="failed"))
    )  # fmt: skip
    runs = {row["source"]: (row["ended"], row["failed"]) for row in counted}
    alarms: dict[int, list[Alarm]] = {}
    for alarm in Alarm.objects.filter(source__in=keys, ended_at=None).order_by("opened_at", "pk"):
        alarms.setdefault(alarm.source_id, []).append(alarm)
    due = dict(Run.objects.filter(source__in=keys, state__in=Run.OPEN).values_list("source", "due_at"))
    return [
        Health(
            one, recent.get(one.pk, 0), *runs.get(one.pk, (0, 0)),
            tuple(alarms.get(one.pk, ())), due.get(one.pk),
        )
        for one in sources
    ]  # fmt: skip


def narrowed(sources: QuerySet[Source], text: str, view: str) -> QuerySet[Source]:
    """Return sources whose name or code holds `text`; view "alarm": those with an open alarm, else a state."""
    if text:
        sources = sources.filter(Q(name__icontains=text) | Q(code__icontains=text))
    if view == "alarm":
        return sources.filter(pk__in=Alarm.objects.filter(ended_at=None).values("source"))
    return sources.filter(state=view) if view in ("on", "off", "draft", "tried") else sources


def names() -> dict[str, str]:
    """Return what the sources are called, by code."""
    return dict(Source.objects.values_list("code", "name"))
