"""Hands every new notice to the streams of its member: one poller for the whole process, fan-out in memory.

Ids are given out before transactions commit, so a lower id may become visible after a higher one. Nobody therefore
remembers "the last id" alone: the poller and every stream look back over the last WINDOW ids and remember which of
those they have, and a stream's event id says so too, so that a reconnecting browser misses and repeats nothing. Ids
leave the process only encrypted: from the gaps between their own, somebody could count what is still secret.

A stream lasts as long as the sign-in it was opened in: the poller asks every second which of them have ended.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, connection
from django.db.models import Count, Exists, Max, OuterRef

from xinshu.accounts.actions.devices import idle_limit
from xinshu.accounts.models import Member, SignInSession
from xinshu.core.clock import now
from xinshu.messaging.models import Notice, TopicRule
from xinshu.messaging.tokens import Listener, seal
from xinshu.messaging.waking import Bell

WINDOW = 500
POLL_SECONDS = 0.3
SESSIONS_SECONDS = 1.0  # between two looks at who has signed out; with a bell (waking.py) up to its LONGEST
HEARTBEAT_SECONDS = 15.0
BACKLOG = 1000  # events a slow browser may fall behind before it is cut off (it reconnects and resumes)
COLUMNS = ("id", "member_id", "reference", "text", "link", "tone", "topic", "score", "hushed")
# Below the score from which on its addressee wants to see it at once: it waits at the bell and in the list.
HUSHED = Exists(
    TopicRule.objects.filter(user=OuterRef("member__user"), topic=OuterRef("topic"), toast_score__gt=OuterRef("score"))
)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Mark:
    """Which notices a browser has: every id up to `top` - WINDOW, and above that those in `known`."""

    top: int = 0
    known: set[int] = field(default_factory=set)

    def has(self, notice: int) -> bool:
        return notice <= self.top - WINDOW or notice in self.known

    def add(self, notice: int) -> None:
        self.known.add(notice)
        if notice > self.top:
            self.top = notice
            self.known = {known for known in self.known if known > notice - WINDOW}

    def __str__(self) -> str:
        """Return "1204-1-5": up to 1204, of the ids below it 1203 and 1199 are known; "1204x-1" without 1204 itself."""
        below = "".join(f"-{self.top - known}" for known in sorted(self.known, reverse=True) if known != self.top)
        return f"{self.top}{'' if self.top in self.known else 'x'}{below}"

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """Return the mark that `str` wrote as `text`, None for anything else."""
        found = re.fullmatch(r"(\d{1,18})(x?)((?:-\d{1,3}){0,500})", text, re.ASCII)
        if not found:
            return None
        top = int(found[1])
        known = {top - int(step) for step in found[3].split("-") if step}
        return cls(top, known if found[2] else known | {top})


@dataclass(slots=True, eq=False)
class Stream:
    """One open page of one member. The queue holds notices with the unread count, None for a heartbeat."""

    member: int
    session: int
    mark: Mark
    queue: "asyncio.Queue[tuple[dict[str, Any], int] | Closed | None]"
    idle: timedelta = timedelta()  # after how long without a request the sign-in ends


class Closed:
    """In a queue: the stream is over."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a stream starts with."""

    mark: Mark
    missed: list[dict[str, Any]]
    unread: int
    idle: timedelta


def arrive(listener: Listener, mark: Mark | None) -> Arrival | None:
    """Return what the listener missed since `mark` (nothing without one).

    None for a member who may not listen any more, and after the sign-in that the listener names.
    """
    member = listener.member
    person = Member.objects.acting().filter(pk=member).first()
    if person is None:
        return None
    session = SignInSession.objects.open().filter(pk=listener.session, user=person.user_id).first()
    idle = idle_limit(person)
    if session is None or session.last_seen_at + idle < now():
        return None
    notices = Notice.objects.filter(member=member, removed_at=None)
    unread = notices.unread().count()
    if mark is None:
        top = Notice.objects.aggregate(top=Max("id"))["top"] or 0
        known = Notice.objects.filter(member=member, id__gt=top - WINDOW, id__lte=top).values_list("id", flat=True)
        return Arrival(Mark(top, set(known)), [], unread, idle)
    missed = notices.filter(id__gt=mark.top - WINDOW).exclude(id__in=mark.known).order_by("id")
    missed = missed.annotate(hushed=HUSHED).values(*COLUMNS)
    return Arrival(mark, list(missed), unread, idle)


def last_seen(sessions: set[int]) -> dict[int, datetime]:
    """Return which of `sessions` are not over, and when each was last used."""
    return dict(SignInSession.objects.open().filter(pk__in=sessions).values_list("pk", "last_seen_at"))


def news(members: set[int], after: int, seen: set[int]) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """Return the notices of `members` above id `after` that are not in `seen`, and their addressees' unread counts."""
    acting = Member.objects.acting().filter(pk__in=members)
    fresh = Notice.objects.filter(member__in=acting.values("pk"), removed_at=None, id__gt=after)
    rows = list(fresh.exclude(id__in=seen).order_by("id").annotate(hushed=HUSHED).values(*COLUMNS))
    if not rows:
        return [], {}
    told = Notice.objects.filter(member__in={row["member_id"] for row in rows}, removed_at=None).unread()
    return rows, dict(told.values("member").annotate(n=Count("id")).values_list("member", "n"))


class Hub:
    """The streams of this process and the one task that feeds them; the task lives while anybody listens."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-db")
        self._poller: asyncio.Task[None] | None = None
        self._top = 0
        self._seen: set[int] = set()
        self._bell = Bell()

    async def open(self, listener: Listener, mark: Mark | None) -> tuple[Stream, Arrival] | None:
        """Begin a stream, None for whoever may not listen. Raises django.db.Error when the database does not answer."""
        stream = Stream(listener.member, listener.session, Mark(), asyncio.Queue(BACKLOG))
        self.streams.add(stream)  # before reading, so that what is committed meanwhile comes through the queue
        try:
            arrival = await self._read(arrive, listener, mark)
        except BaseException:
            self.streams.discard(stream)
            raise
        if arrival is None:
            self.streams.discard(stream)
            return None
        stream.mark, stream.idle = arrival.mark, arrival.idle
        if self._poller is None or self._poller.done():
            self._top, self._seen = max(self._top, arrival.mark.top), set()
            self._poller = asyncio.create_task(self._poll())
        return stream, arrival

    def close(self, stream: Stream) -> None:
        """Forget `stream`: its connection is over."""
        self.streams.discard(stream)

    def end(self, stream: Stream) -> None:
        """Tell `stream` to finish."""
        self._put(stream, Closed())

    def close_all(self) -> None:
        """End every stream at once: each sends its last chunk and its connection closes."""
        for stream in list(self.streams):
            self.end(stream)
        self._bell.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _read(self, query: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _fetch, query, *args)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        heartbeat_at, sessions_at = loop.time() + HEARTBEAT_SECONDS, loop.time() + SESSIONS_SECONDS
        while self.streams:
            await self._bell.wait(POLL_SECONDS)
            try:
                if loop.time() >= sessions_at:  # before the news: whoever is out hears none of it
                    sessions_at = loop.time() + SESSIONS_SECONDS
                    asked = {stream for stream in self.streams if stream.idle}
                    self._end_signed_out(asked, await self._read(last_seen, {stream.session for stream in asked}))
                members = {stream.member for stream in self.streams}
                rows, unread = await self._read(news, members, self._top - WINDOW, self._seen)
            except Error:
                logger.warning("The live stream cannot read notices; trying again.", exc_info=True)
                await asyncio.sleep(POLL_SECONDS * 10)
                continue
            self._fan_out(rows, unread)
            if loop.time() >= heartbeat_at:
                heartbeat_at = loop.time() + HEARTBEAT_SECONDS
                for stream in list(self.streams):
                    self._put(stream, None)
        self._bell.stop()

    def _end_signed_out(self, asked: set[Stream], seen: dict[int, datetime]) -> None:
        at = now()
        for stream in asked & self.streams:
            last = seen.get(stream.session)
            if last is None or last + stream.idle < at:
                self.streams.discard(stream)
                self.end(stream)

    def _fan_out(self, rows: list[dict[str, Any]], unread: dict[int, int]) -> None:
        if not rows:
            return
        listening: dict[int, list[Stream]] = {}
        for stream in self.streams:
            listening.setdefault(stream.member, []).append(stream)
        for row in rows:
            for stream in listening.get(row["member_id"], ()):
                self._put(stream, (row, unread.get(row["member_id"], 0)))
        self._top = max(self._top, rows[-1]["id"])
        self._seen = {seen for seen in self._seen | {row["id"] for row in rows} if seen > self._top - WINDOW}

    def _put(self, stream: Stream, item: "tuple[dict[str, Any], int] | Closed | None") -> None:
        if stream.queue.full():
            while not stream.queue.empty():
                stream.queue.get_nowait()
            item = Closed()  # it reads too slowly; on reconnecting it resumes from what it has
        stream.queue.put_nowait(item)


def event(name: str, mark: Mark, data: dict[str, Any]) -> bytes:
    """Return one SSE event."""
    return f"id: {seal(str(mark))}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def notice_event(mark: Mark, row: dict[str, Any], unread: int) -> bytes:
    """Return the event that shows one notice; `mark` already knows it."""
    shown = {name: row[name] for name in ("text", "link", "tone", "topic", "score")}
    return event("notice", mark, {"id": row["reference"], **shown, "toast": not row["hushed"], "unread": unread})


def _fetch(query: Callable[..., Any], *args: Any) -> Any:
    try:
        return query(*args)
    except Error:
        connection.close()  # a broken connection must not be asked again
        raise
