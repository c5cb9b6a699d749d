"""One step of a run: one request at most, then others have their turn. Where it stands lies in rows."""

import time
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from xinshu.collecting.actions import runs
from xinshu.collecting.actions.alarms import keep_page
from xinshu.collecting.actions.runs import Stamp
from xinshu.collecting.asking import Answer, Unanswered, ask
from xinshu.collecting.hosts import allows, delay_of, give_turn, host_for, keep_robots, knows_robots, take_turn
from xinshu.collecting.models import Alarm, Item, KeptPage, Run, Source
from xinshu.collecting.reading.lists import Page, Unreadable
from xinshu.collecting.reading.readers import READERS
from xinshu.collecting.reading.recipes import Recipe

TRIES = 3
PAUSE = timedelta(seconds=30)  # before what did not answer is asked again
SHORT = timedelta(seconds=1)
AT_ONCE = 20  # notices that came with the list


def take_step(run: Run, at: datetime) -> datetime | None:
    """Take a run one step further; return when to go on, None when there is nothing more to do for this run."""
    run = Run.objects.select_related("source").get(pk=run.pk)
    source = run.source
    if source.state != "on" or run.state not in Run.OPEN:
        return None
    recipe = source.recipe
    if run.state == Run.State.PLANNED:
        if at < run.due_at:
            return run.due_at
        runs.begin(run, recipe, at=at)
        return at
    item = runs.next_item(run)
    if item is not None and item.body:
        for _number in range(AT_ONCE):
            runs.take_notice(run, item, item.body, Stamp(), at=at)
            item = runs.next_item(run)
            if item is None or not item.body:
                break
        return at
    address = item.url if item is not None else run.next_address
    if item is not None and not address:
        runs.pass_over(run, item, Item.Outcome.UNREAD, _("列表里没有正文，也没有网址。"), at=at)
        return at
    if not address:
        runs.end(run, at=at)
        return None
    return _ask(run, item, address, recipe, at)


def _ask(run: Run, item: Item | None, address: str, recipe: Recipe, at: datetime) -> datetime | None:
    began, host, source = time.monotonic(), host_for(address, at), run.source
    if knows_robots(host, at) and not allows(host, address):
        return _barred(run, item, address, host.robots_status, at)
    if not take_turn(host, at):
        host.refresh_from_db(fields=["free_at"])
        return max(host.free_at, at + SHORT)
    if not knows_robots(host, at):
        try:
            keep_robots(host, ask(urljoin(address, "/robots.txt")), at)
        except Unanswered:
            keep_robots(host, None, at)
        return give_turn(host, _later(at, began), delay_of(host, source.delay_seconds))
    delay = delay_of(host, source.delay_seconds)
    first = item is None and run.pages == 0
    etag, modified = (item.etag, item.modified) if item is not None else (source.list_etag, source.list_modified)
    try:
        answer = ask(address, etag=etag, modified=modified) if item or first else ask(address)
    except Unanswered as silence:
        give_turn(host, _later(at, began), max(delay, 1.0))
        return _unanswered(run, item, silence, at)
    free_at = give_turn(host, _later(at, began), delay)
    if answer.status == 429 or answer.status >= 500:
        return _unanswered(run, item, Unanswered(_("来源答复 %(status)d。") % {"status": answer.status}), at, answer)
    go_on = _read_list(run, answer, recipe, at) if item is None else _read_notice(run, item, answer, recipe, at)
    return free_at if go_on else None


def _later(at: datetime, began: float) -> datetime:
    """Return what `at` has become since the step began: the host's pause is counted from its answer, however slow."""
    return at + timedelta(seconds=time.monotonic() - began)


def _barred(run: Run, item: Item | None, address: str, status: int, at: datetime) -> datetime | None:
    if item is not None:
        why = _("站点的 robots 规则不允许抓取这个网址。")
        runs.pass_over(run, item, Item.Outcome.BARRED, why, alarm=Alarm.Kind.BARRED, at=at)
        return at
    why = (
        _("站点的 robots 规则不允许抓取列表页。")
        if status == 200
        else _("站点的 robots 规则现在读不到，按不允许处理。")
    )
    runs.fail(run, Alarm.Kind.BARRED, why, at=at)
    return None


def _unanswered(
    run: Run, item: Item | None, silence: Unanswered, at: datetime, answer: Answer | None = None
) -> datetime | None:
    """Ask again shortly, a few times; then a notice is passed over, and the run has failed unless somebody answers."""
    if not silence.lasting and runs.note_try(run, at=at) < TRIES:
        return at + PAUSE
    page, kind = kept(run.source, answer, at), Alarm.Kind.UNREACHABLE
    if item is not None:  # or one notice would hold up the source for ever
        runs.pass_over(run, item, Item.Outcome.UNREAD, silence.message, alarm=kind, page=page, at=at)
        if answer is not None or silence.lasting:
            return at + SHORT
    runs.fail(run, kind, silence.message, page=page, at=at)
    return None


def kept(source: Source, answer: Answer | None, at: datetime) -> KeptPage | None:
    """Keep what was answered for people to look at."""
    if answer is None or not answer.content:
        return None
    return keep_page(source, answer.address, answer.status, answer.content_type, answer.content, at=at)


def _read_list(run: Run, answer: Answer, recipe: Recipe, at: datetime) -> bool:
    if answer.status == 304:
        runs.skip_list(run, at=at)
        return True
    if answer.status != 200:
        why = _("列表页答复 %(status)d。") % {"status": answer.status}
        gone = answer.status in (404, 410)
        kind = Alarm.Kind.LIST_GONE if gone else Alarm.Kind.UNREACHABLE
        runs.fail(run, kind, why, page=kept(run.source, answer, at), at=at)
        return False
    page = Page(answer.address, answer.content, answer.content_type)
    try:
        found = READERS[recipe.kind].list_of(page, recipe)
    except Unreadable:
        why = _("列表页不是所设的格式，没有读懂。")
        runs.fail(run, Alarm.Kind.EMPTY, why, page=kept(run.source, answer, at), at=at)
        return False
    odd = run.pages == 0 and runs.drift(found, run.source) is not None
    page_kept = kept(run.source, answer, at) if odd else None
    runs.keep_list(run, found, recipe, Stamp(answer.etag, answer.modified), page_kept, at=at)
    return True


def _read_notice(run: Run, item: Item, answer: Answer, recipe: Recipe, at: datetime) -> bool:
    if answer.status == 304:
        runs.note_same(run, item, at=at)
        return True
    if answer.status != 200:
        why, page = _("页面答复 %(status)d。") % {"status": answer.status}, kept(run.source, answer, at)
        runs.pass_over(run, item, Item.Outcome.GONE, why, alarm=Alarm.Kind.NOTICE_GONE, page=page, at=at)
        return True
    try:
        body = READERS[recipe.kind].body_of(Page(answer.address, answer.content, answer.content_type), recipe)
    except Unreadable:
        body = ""
    if not body.strip():
        page = kept(run.source, answer, at)
        why = _("页面里没有读到正文。")
        runs.pass_over(run, item, Item.Outcome.UNREAD, why, alarm=Alarm.Kind.NOTICE_UNREAD, page=page, at=at)
        return True
    runs.take_notice(run, item, body, Stamp(answer.etag, answer.modified), at=at)
    return True


def take_steps(run: Run, at: datetime, until: datetime) -> datetime:
    """Take step after step as if time flew, till the run is over or waits beyond `until`; return the last moment."""
    go_on: datetime | None = at
    while go_on is not None and go_on <= until:
        at = go_on
        go_on = take_step(run, at)
    return at
