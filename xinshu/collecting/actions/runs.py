"""What happens in a run: planned, begun, pages of the list kept as items, notices taken, ended or failed.

Every act leaves rows from which any worker goes on; none of them asks anybody anything.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from xinshu.collecting.actions.alarms import end_alarms, raise_alarm
from xinshu.collecting.models import Alarm, Item, KeptPage, Run, Source
from xinshu.collecting.reading.lists import Listed, ListPage
from xinshu.collecting.reading.recipes import Recipe
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record
from xinshu.tenders.actions.intake import Delivery, take_in

log = logging.getLogger(__name__)

CHECK_AGAIN = timedelta(hours=6)  # a notice within the overlap is asked for edits no more often
LONGEST_BACK_OFF = timedelta(hours=12)
RETRIES = 3  # of a notice, over as many runs
LONGEST_URL = 480  # that an announcement keeps


@dataclass(frozen=True)
class Stamp:
    """What a server told to ask with the next time (条件请求)."""

    etag: str = ""
    modified: str = ""


def plan(source: Source, *, due_at: datetime, by: Actor, at: datetime) -> Run:
    """Plan the next run; what follows from the entry waits until it is due."""
    run = Run.objects.create(source=source, due_at=due_at)
    record("collecting.planned", run, by=by, at=at, source=source.pk, due_at=due_at.isoformat())
    return run


def stop_open(source: Source, *, at: datetime) -> None:
    """Stop whatever run is planned or under way."""
    source.runs.filter(state__in=Run.OPEN).update(state=Run.State.STOPPED, ended_at=at)


@transaction.atomic
def begin(run: Run, recipe: Recipe, *, at: datetime) -> None:
    """Begin a planned run at the first page of the list."""
    run = _locked(run)
    if run.state == Run.State.PLANNED:
        _save(run, state=Run.State.RUNNING, started_at=at, moved_at=at, next_address=recipe.page(recipe.first_page))


@transaction.atomic
def keep_list(run: Run, page: ListPage, recipe: Recipe, stamp: Stamp, kept: KeptPage | None, *, at: datetime) -> None:
    """Keep what a page of the list tells as items, and where the list goes on."""
    run = _locked(run)
    if run.state != Run.State.RUNNING:
        return
    source = run.source
    since = source.last_good_at - timedelta(days=recipe.overlap_days) if source.last_good_at else None
    waiting = _keep_items(source, page.listed, since, at)
    first = run.pages == 0
    run.pages += 1
    if first and (wrong := drift(page, source)):
        raise_alarm(run, *wrong, page=kept, at=at)
    changes = {"etag": stamp.etag[:200], "modified": stamp.modified[:60]} if first else {}
    _save(
        run, pages=run.pages, listed=run.listed + len(page.listed), moved_at=at, tries=0,
        next_address=_following(page, recipe, run.pages, since, waiting), **changes,
    )  # fmt: skip
    if first and page.listed:
        dated = page.undated < len(page.listed)
        Source.objects.filter(pk=source.pk).update(usually=len(page.listed), dated=F("dated") if not dated else True)


def drift(page: ListPage, source: Source) -> tuple[str, str] | None:
    """Return which alarm the first page of a list gives, compared with what was read from it before."""
    if not page.listed and source.usually:
        return Alarm.Kind.EMPTY, _("以前第一页能读到 %(n)d 条，这次一条也没有读到。") % {"n": source.usually}
    if page.broken > len(page.listed):
        return Alarm.Kind.BROKEN, _("列表里有 %(n)d 条读不到标题或网址。") % {"n": page.broken}
    if source.dated and page.listed and page.undated == len(page.listed):
        return Alarm.Kind.BROKEN, _("以前能读到发布日期，这次列表里的日期都没有读到。")
    return None


def _keep_items(source: Source, listed: tuple[Listed, ...], since: datetime | None, at: datetime) -> int:
    """Write down what is new or has changed; return how many notices wait to be read because of it."""
    known = {one.source_key: one for one in source.items.filter(source_key__in=[one.id for one in listed])}
    new, waiting = [], 0
    for one in listed:
        item = known.get(one.id)
        told = {
            "title": one.title[:300], "url": one.url[:600], "published_at": one.published_at,
            "region_code": one.region_code[:12], "fingerprint": one.fingerprint, "body": one.body,
        }  # fmt: skip
        if item is None:
            new.append(Item(source=source, source_key=one.id, seen_at=at, **told))
        elif item.fingerprint != one.fingerprint:
            Item.objects.filter(pk=item.pk).update(**told, outcome="waiting", tries=0, etag="", modified="")
            waiting += 1
        elif _is_due_again(item, since, at):
            Item.objects.filter(pk=item.pk).update(outcome="waiting", body=one.body)
    Item.objects.bulk_create(new)
    return waiting + len(new)


def _is_due_again(item: Item, since: datetime | None, at: datetime) -> bool:
    """Tell whether a notice that the list tells as before is asked again: for edits, or as it was not read."""
    if item.outcome == Item.Outcome.WAITING:
        return False
    if item.checked_at is not None and at < item.checked_at + CHECK_AGAIN:
        return False
    if item.outcome != Item.Outcome.TAKEN:
        return item.tries < RETRIES
    return bool(item.url) and since is not None and (item.published_at or item.seen_at) >= since


def _following(page: ListPage, recipe: Recipe, read: int, since: datetime | None, waiting: int) -> str:
    """Return the address of the page to read next, "" when the rest of the list is old or there is none."""
    if read >= recipe.pages or not page.listed:
        return ""
    dated = [one.published_at for one in page.listed if one.published_at is not None]
    recent = since is None or any(day >= since for day in dated)
    if not recent and not waiting:
        return ""
    return recipe.page(recipe.first_page + read) if recipe.paged else page.next


@transaction.atomic
def skip_list(run: Run, *, at: datetime) -> None:
    """The first page is as it was: nothing to read in the list, and what was kept of it stays."""
    run = _locked(run)
    if run.state == Run.State.RUNNING:
        _save(run, next_address="", pages=1, moved_at=at, tries=0,
              etag=run.source.list_etag, modified=run.source.list_modified)  # fmt: skip


@transaction.atomic
def take_notice(run: Run, item: Item, body: str, stamp: Stamp, *, at: datetime) -> None:
    """Hand a notice to `tenders`, and note what came of it. A second time changes nothing."""
    run = _locked(run)
    item = Item.objects.select_for_update(of=("self",)).select_related("source").get(pk=item.pk)
    if item.outcome != Item.Outcome.WAITING:
        return
    told = Delivery(
        title=item.title, body=body, source=item.source.code, source_id=item.source_key,
        url=item.url if len(item.url) <= LONGEST_URL else "", published_at=item.published_at,
        region_code=item.region_code,
    )  # fmt: skip
    before = item.announcement.latest if item.announcement is not None else 0
    try:
        with transaction.atomic():
            announcement = take_in(told, by=SYSTEM, at=at)
    except Invalid as refusal:
        _refuse(run, item, "；".join(refusal.fields.values()) or refusal.message, at)
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("A notice of %s could not be taken.", item.source)
        _refuse(run, item, type(error).__name__, at)
        return
    became = "taken" if not before else "edited" if announcement.latest > before else "same"
    if not before and announcement.received_at < at:  # it came through another door before
        became = "same"
    _note(item, Item.Outcome.TAKEN, at, announcement=announcement, etag=stamp.etag[:200], modified=stamp.modified[:60],
          body="", tries=0)  # fmt: skip
    _save(run, moved_at=at, tries=0, **{became: getattr(run, became) + 1})


def _refuse(run: Run, item: Item, why: str, at: datetime) -> None:
    _note(item, Item.Outcome.REFUSED, at, problem=why, tries=item.tries + 1)
    _save(run, failed=run.failed + 1, moved_at=at, tries=0)


@transaction.atomic
def note_same(run: Run, item: Item, *, at: datetime) -> None:
    """The notice is as it was."""
    run = _locked(run)
    _note(item, Item.Outcome.TAKEN, at, body="", tries=0)
    _save(run, same=run.same + 1, moved_at=at, tries=0)


@transaction.atomic
def pass_over(
    run: Run, item: Item, outcome: str, problem: str, *, alarm: str = "", page: KeptPage | None = None, at: datetime
) -> None:
    """Note that a notice could not be read, and go on with the next. Later runs try again, a few times."""
    run = _locked(run)
    _note(item, outcome, at, problem=problem, tries=item.tries + 1)
    _save(run, failed=run.failed + 1, moved_at=at, tries=0)
    if alarm:
        raise_alarm(run, alarm, f"{item.title[:80]}：{problem}", page=page, at=at)


@transaction.atomic
def note_try(run: Run, *, at: datetime) -> int:
    """Note that a request came to nothing; return how often that was so for what is asked now."""
    run = _locked(run)
    _save(run, tries=run.tries + 1, moved_at=at)
    return run.tries


@transaction.atomic
def end(run: Run, *, at: datetime) -> None:
    """End a run whose list and notices are read; the next one is planned. Without an alarm of its own it was good."""
    run = _locked(run)
    if run.state != Run.State.RUNNING:
        return
    source = run.source
    good = not Alarm.objects.filter(source=source, ended_at=None, last_at__gte=run.started_at).exists()
    _save(run, state=Run.State.DONE, ended_at=at, moved_at=at)
    if good:
        Source.objects.filter(pk=source.pk).update(
            failures=0, last_good_at=run.started_at, list_etag=run.etag, list_modified=run.modified
        )
        end_alarms(source, run, at=at)
    _go_on(source, at + timedelta(minutes=source.minutes), at)


@transaction.atomic
def fail(run: Run, alarm: str, problem: str, *, page: KeptPage | None = None, at: datetime) -> None:
    """End a run that cannot go on, with an alarm; the next one comes the later the more have failed."""
    run = _locked(run)
    if run.state not in Run.OPEN:
        return
    source = run.source
    _save(run, state=Run.State.FAILED, ended_at=at, moved_at=at, problem=problem[:300])
    raise_alarm(run, alarm, problem, page=page, at=at)
    failures = source.failures + 1
    Source.objects.filter(pk=source.pk).update(failures=failures, list_etag="", list_modified="")
    pause = min(timedelta(minutes=source.minutes) * 2 ** min(failures, 10), LONGEST_BACK_OFF)
    _go_on(source, at + max(pause, timedelta(minutes=source.minutes)), at)


def _go_on(source: Source, due_at: datetime, at: datetime) -> None:
    if Source.objects.filter(pk=source.pk, state="on").exists():
        plan(source, due_at=due_at, by=SYSTEM, at=at)


@transaction.atomic
def take_up_again(at: datetime, still: timedelta) -> int:
    """Fail runs that nobody moves any more and plan anew where a source that is on has none; return how many."""
    stuck = Run.objects.filter(state=Run.State.RUNNING, moved_at__lt=at - still)
    overdue = Run.objects.filter(state=Run.State.PLANNED, due_at__lt=at - still)
    count = 0
    for run in (stuck | overdue).select_related("source").order_by("pk"):
        fail(run, Alarm.Kind.UNREACHABLE, _("采集中断，没有继续，已重新安排。"), at=at)
        count += 1
    idle = Source.objects.filter(state="on").exclude(pk__in=Run.objects.filter(state__in=Run.OPEN).values("source"))
    for source in idle.order_by("pk"):
        plan(source, due_at=at, by=SYSTEM, at=at)
        count += 1
    return count


def next_item(run: Run) -> Item | None:
    """Return the notice to read next."""
    return run.source.items.filter(Q(outcome=Item.Outcome.WAITING)).order_by("pk").first()


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(of=("self",)).select_related("source").get(pk=run.pk)


def _save(run: Run, **changes: object) -> None:
    for name, value in changes.items():
        setattr(run, name, value)
    run.save(update_fields=list(changes))


def _note(item: Item, outcome: str, at: datetime, *, problem: str = "", **changes: object) -> None:
    Item.objects.filter(pk=item.pk).update(outcome=outcome, problem=problem[:200], checked_at=at, **changes)
