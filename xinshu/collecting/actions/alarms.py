"""Alarms: raised once while they last, with the page that gave rise to them; ended by a good run."""

from datetime import datetime

from xinshu.collecting.models import Alarm, KeptPage, Run, Source
from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record


def raise_alarm(run: Run, kind: str, text: str, *, page: KeptPage | None = None, at: datetime) -> Alarm:
    """Raise an alarm; while one of its kind is open, that one counts once more and shows the newest page."""
    alarm = Alarm.objects.select_for_update().filter(source=run.source, kind=kind, ended_at=None).first()
    if alarm is None:
        alarm = Alarm.objects.create(
            source=run.source, kind=kind, text=text[:300], page=page, run=run, opened_at=at, last_at=at
        )
        record("collecting.alarmed", alarm, by=SYSTEM, at=at, source=run.source_id, what=str(kind), text=text[:300])
        return alarm
    alarm.text, alarm.last_at, alarm.times, alarm.page = text[:300], at, alarm.times + 1, page or alarm.page
    alarm.save(update_fields=["text", "last_at", "times", "page"])
    return alarm


def end_alarms(source: Source, run: Run, *, at: datetime) -> None:
    """End what is open: this run was good."""
    ended = Alarm.objects.filter(source=source, ended_at=None).update(ended_at=at)
    if ended:
        record("collecting.recovered", source, by=SYSTEM, at=at, run=run.pk, alarms=ended)


def keep_page(source: Source, url: str, status: int, content_type: str, content: bytes, *, at: datetime) -> KeptPage:
    """Keep the beginning of a page for people to look at; the oldest of a source make room."""
    kept = KeptPage.objects.create(
        source=source, url=url[:600], status=status, content_type=content_type[:100], size=len(content),
        content=content[: KeptPage.LARGEST], at=at,
    )  # fmt: skip
    many = source.kept.order_by("-pk").values_list("pk", flat=True)[KeptPage.MOST : KeptPage.MOST + 100]
    KeptPage.objects.filter(pk__in=list(many)).delete()
    return kept


def forget_pages(at: datetime) -> int:
    """Remove pages whose time is over; return how many. What an open alarm shows stays as long as it is open."""
    shown = Alarm.objects.filter(ended_at=None).exclude(page=None)
    return KeptPage.objects.filter(at__lt=at - KeptPage.DAYS).exclude(pk__in=shown.values("page")).delete()[0]
