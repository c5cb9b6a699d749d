"""How each module (context) and each interface stands: state, last success, failures, time taken.

Modules are judged by their pages and by what follows from entries; interfaces that are called by the calls that were
kept; those that can be asked (database, storage, Redis, live process) are asked, and each answer counts as a page
`interface:name`, so that all processes and the measuring program share one memory.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import Error, connection
from django.db.models import F, Max, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.documents.storage import Storage, storage
from xinshu.documents.storage.twice import places
from xinshu.integrations.models import Attempt
from xinshu.integrations.models import Call as ApiCall
from xinshu.ledger import operations as ledger
from xinshu.messaging.channels import provider_of
from xinshu.messaging.kinds import CHANNELS
from xinshu.messaging.models import Call
from xinshu.messaging.waking import answers
from xinshu.operations import queries
from xinshu.operations.models import PageTime
from xinshu.operations.page_times import page_times

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATEST = 1_000  # calls of a kind that are looked at
PROBE = "interface:"
MODULES: dict[str, str | Promise] = {
    "portal": lazy("门户与工作台"),
    "accounts": lazy("账号与权限"),
    "guarantees": lazy("保函"),
    "work": lazy("审批"),
    "projects": lazy("工程项目"),
    "enterprises": lazy("企业"),
    "documents": lazy("文件与签章"),
    "books": lazy("授信与账务"),
    "messaging": lazy("消息"),
    "integrations": lazy("系统对接"),
    "ledger": lazy("总账"),
    "operations": lazy("运维"),
}
Chip = tuple[str, str | Promise]  # tone, words
FINE, RETRYING, BROKEN = ("ok", lazy("正常")), ("warn", lazy("重试中")), ("danger", lazy("异常"))
UNUSED, OFF = ("", lazy("没有调用")), ("", lazy("未启用"))


@dataclass(frozen=True)
class Module:
    """One context: its pages of the last hour, and what follows from entries."""

    code: str
    name: str
    state: Chip
    last: datetime | None  # of the last day, to five minutes
    pages: int
    failed: int
    mean_ms: int | None
    waiting: int
    failing: int
    parked: int


@dataclass(frozen=True)
class Interface:
    """One way in or out: of its latest calls (at most a day back), or its answer just now."""

    code: str
    name: str
    state: Chip
    last: datetime | None
    calls: int
    failed: int
    mean_ms: int | None
    note: str = ""

    @property
    def up(self) -> bool:
        return self.state != BROKEN


@dataclass(frozen=True)
class Seen:
    """One page over the last hour."""

    count: int
    failed: int
    total_ms: int
    last: datetime | None


Pages = dict[str, Seen]


def pages_seen() -> Pages:
    """Return for each page what the last hour counted, and when it last worked within a day. One query."""
    here = datetime.now(UTC)
    hour = Q(slot__gte=here - HOUR)
    rows = PageTime.objects.filter(slot__gte=here - DAY).values("view").annotate(
        n=Sum("count", filter=hour), broken=Sum("failed", filter=hour), total=Sum("total_ms", filter=hour),
        last=Max("slot", filter=Q(count__gt=F("failed"))),
    )  # fmt: skip
    return {row["view"]: Seen(row["n"] or 0, row["broken"] or 0, row["total"] or 0, row["last"]) for row in rows}


def _together(pages: Iterable[Seen]) -> Seen:
    kept = list(pages)
    lasts = [page.last for page in kept if page.last is not None]
    return Seen(
        sum(page.count for page in kept), sum(page.failed for page in kept), sum(page.total_ms for page in kept),
        max(lasts, default=None),
    )  # fmt: skip


def modules(pages: Pages) -> list[Module]:
    """Return every context. Two queries."""
    waiting = ledger.open_by_reaction()
    found = []
    for code, name in MODULES.items():
        seen = _together(page for view, page in pages.items() if view.startswith(f"{code}:"))
        mine = [counts for reaction, counts in waiting.items() if reaction.startswith(f"xinshu.{code}.")]
        due, failing, parked = (sum(counts[place] for counts in mine) for place in range(3))
        state = BROKEN if parked or seen.failed else RETRYING if failing else FINE
        mean = round(seen.total_ms / seen.count) if seen.count else None
        found.append(Module(code, str(name), state, seen.last, seen.count, seen.failed, mean, due, failing, parked))
    return found


def interfaces(pages: Pages) -> list[Interface]:
    """Return every way in and out. Asks those that can be asked: each has a time limit below a second or its own."""
    since = datetime.now(UTC) - DAY
    latest = Call.objects.order_by("-pk").values_list("channel", "status", "milliseconds", "at")[:LATEST]
    calls = [call for call in latest if call[3] >= since]
    found = []
    for channel, label in CHANNELS.items():
        provider = provider_of(channel)
        own = [(status.startswith("2"), took, at) for of, status, took, at in calls if of == channel]
        found.append(_called(channel, str(label), own, provider, off=not provider))
    tries = Attempt.objects.order_by("-pk").values_list("status", "milliseconds", "at")[:LATEST]
    told = [(status is not None and 200 <= status < 300, took, at) for status, took, at in tries if at >= since]
    found.append(_called("webhook", _("事件推送"), told))
    asked = ApiCall.objects.order_by("-pk").values_list("status", "milliseconds", "at")[:LATEST]
    answered = [(status < 500, took, at) for status, took, at in asked if at >= since]
    found.append(_called("api", _("开放接口"), answered))
    return found + [_probed(code, name, ask, note, pages) for code, name, ask, note in _probes()]


def _called(
    code: str, name: str, calls: list[tuple[bool, int, datetime]], note: str = "", *, off: bool = False
) -> Interface:
    """Judge by the calls, newest first: the last one says whether it works."""
    worked = [(took, at) for fine, took, at in calls if fine]
    state = OFF if off else UNUSED if not calls else FINE if calls[0][0] else BROKEN
    mean = round(sum(took for took, _at in worked) / len(worked)) if worked else None
    return Interface(
        code, name, state, worked[0][1] if worked else None, len(calls), len(calls) - len(worked), mean, note
    )


def _probes() -> list[tuple[str, str, Callable[[], bool] | None, str]]:
    """Return what can be asked: code, name, the question (None: switched off), what stands behind."""
    s3 = "s3." in settings.FILES_STORAGE
    stores: list[tuple[str, str, Callable[[], bool] | None, str]] = [
        ("storage", _("文件存储"), partial(_storage, storage), "S3" if s3 else _("本机文件夹"))
    ]
    if settings.FILES_PLACES:  # each is asked: with one away the other serves, and somebody must hear of it
        stores = []
        for number, name in enumerate(settings.FILES_PLACES, 1):
            label = _("文件存储第 %(number)s 处") % {"number": number}
            asked = partial(_storage, partial(_place, name))
            stores.append((f"storage-{number}", label, asked, "S3" if "s3" in name else _("本机文件夹")))
    return [
        ("database", _("数据库"), _database, connection.vendor),
        *stores,
        ("redis", "Redis", answers if settings.REDIS_URL else None, ""),
        ("live", _("实时消息"), partial(_is_there, queries.live_streams), ""),
    ]


def _is_there(ask: Callable[[], int | None]) -> bool:
    return ask() is not None


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except Error:
        return False


def _place(name: str) -> Storage:
    return places()[name]


def _storage(asked: Callable[[], Storage]) -> bool:
    try:
        asked().check()
        return True
    except OSError:
        return False


def _probed(code: str, name: str, ask: Callable[[], bool] | None, note: str, pages: Pages) -> Interface:
    if ask is None:
        return Interface(code, name, OFF, None, 0, 0, None, note)
    began, at = time.perf_counter(), datetime.now(UTC)
    fine = ask()
    took = time.perf_counter() - began
    page_times.add(f"{PROBE}{code}", took, failed=not fine)
    before = pages.get(f"{PROBE}{code}", Seen(0, 0, 0, None))
    return Interface(
        code, name, FINE if fine else BROKEN, at if fine else before.last, before.count + 1,
        before.failed + (not fine), round((before.total_ms + took * 1000) / (before.count + 1)), note,
    )  # fmt: skip
