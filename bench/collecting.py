"""Collecting from a platform of this machine: pages a minute, politely and unbounded; notices lost, twice, out of date.

The platform answers late, fails now and then, tells some notices twice, publishes while it is read (what stood on one
page moves to the next), tells some late and edits what it told. In the unbounded runs the clock flies: the pauses of
politeness take no time. Peer: the same pages by bare httpx and selectors, one after the other as ours, kept nowhere.
"""

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from lxml import html
from lxml.cssselect import CSSSelector

PUBLISHED, MEANWHILE, LATE = 200, 12, 8  # notices
TWICE, EDITED, FAILS = 5, 15, 15  # told twice; edited later; one of so many fails at the first try
DELAY = 0.03  # seconds until the platform answers
POLITE = 15  # pages asked politely
NEW_PRICE = "4,900,000.00元"


@dataclass
class Asked:
    """When the platform was asked."""

    times: list[float] = field(default_factory=list)

    def shortest_pause(self) -> float:
        """Return the shortest time between two requests."""
        return min(after - before for before, after in zip(self.times, self.times[1:], strict=False))


def platform(notices: list[Any], meanwhile: list[Any], asked: Asked) -> Any:
    """Return a platform that fails at first for some notices, and publishes while it is read."""
    from xinshu.collecting.sandbox.platform import Platform, Said

    failed: set[str] = set()

    class Busy(Platform):
        def answer(self, target: str, headers: Any = None) -> Said:
            asked.times.append(time.perf_counter())
            if meanwhile and len(asked.times) % 10 == 0:
                notices.append(meanwhile.pop())
            number = target.rpartition("/notice/n")[2].removesuffix(".html")
            if number.isdigit() and int(number) % FAILS == 0 and target not in failed:
                failed.add(target)
                return Said(503)
            return super().answer(target, headers)

    return Busy(lambda: [*notices, *notices[:TWICE]])


def bare(host: str) -> int:
    """Read every page of the list and every notice as a script would; return how many pages."""
    items, body, following = CSSSelector("li.ewb-list-node a"), CSSSelector("div.con"), CSSSelector("a.next")
    pages, leads = 0, "/list.html"
    with httpx.Client(base_url=f"http://{host}", trust_env=False) as client:
        while leads:
            tree = html.fromstring(client.get(leads).content)
            addresses = [link.get("href") for link in items(tree)]
            for address in addresses:
                body(html.fromstring(client.get(address).content))[0].text_content()
            pages += 1 + len(addresses)
            leads = next((link.get("href") for link in following(tree)), "")
    return pages


def wrong(code: str, notices: Sequence[Any]) -> tuple[int, int, int]:
    """Return how many notices did not arrive, arrived twice, and were kept in an older version than the last."""
    from xinshu.tenders.models import Announcement, Revision

    told = list(Announcement.objects.filter(source=code))
    by_id = {one.source_id: one for one in told}
    old = 0
    for one in notices:
        if (kept := by_id.get(one.id)) is not None:
            old += one.said("中标价") not in Revision.objects.get(announcement=kept, number=kept.latest).body
    return len({one.id for one in notices} - set(by_id)), len(told) - len(by_id), old


def politely(source: Any, asked: Asked) -> None:
    """Take the steps of the next run when they are due, as the worker does, until enough was asked."""
    from xinshu.collecting.stepping import take_step
    from xinshu.core.clock import now

    run = source.runs.get(state="planned")
    run.due_at = now()
    run.save(update_fields=["due_at"])
    while len(asked.times) < POLITE:
        if (go_on := take_step(run, now())) is None:
            raise SystemExit("the polite run ended too early")
        threading.Event().wait(max(0.0, (go_on - now()).total_seconds()))


def main() -> Iterator[dict[str, Any]]:
    """Yield the figures."""
    from django.conf import settings
    from django.core.management import call_command

    from xinshu.collecting.sandbox.server import serving
    from xinshu.collecting.tests.conftest import Desk, notice
    from xinshu.core.clock import now

    call_command("migrate", verbosity=0)
    settings.DEMO = False  # or the demo's own platforms answer for this machine
    at = now() - timedelta(days=2)
    notices = [notice(number, at - timedelta(minutes=number)) for number in range(1, PUBLISHED + 1)]
    meanwhile = [notice(1000 + number, at + timedelta(minutes=number)) for number in range(MEANWHILE)]
    asked = Asked()
    busy = platform(notices, meanwhile, asked)
    with serving(busy, delay=DELAY) as host:
        settings.COLLECTING_INNER = [host]
        desk = Desk(busy, host, notices, at)
        source = desk.source("html_list", pages=60)
        rate = yield from _run(desk, source, asked, "all new", 0)
        for place in range(EDITED):
            notices[place] = notice(place + 1, notices[place].at, price=NEW_PRICE)
        notices += [notice(2000 + number, at - timedelta(hours=20)) for number in range(LATE)]
        yield from _run(desk, source, asked, "nearly all known, asked on condition", 7)
        for what, count in zip(("lost", "twice", "kept in an older version"), wrong(source.code, notices), strict=True):
            yield {"figure": f"of {len(notices)} notices {what}", "value": count, "unit": "", "limit": 0}
        began = time.perf_counter()
        peer = bare(host) / (time.perf_counter() - began) * 60
        yield {"figure": "peer: bare httpx and selectors, all new", "value": round(peer), "unit": "pages/min",
               "limit": None}  # fmt: skip
        yield {"figure": "collecting, all new / peer", "value": round(rate / peer, 2), "unit": "", "limit": None}
        yield from _polite(desk, asked)


def _run(desk: Any, source: Any, asked: Asked, name: str, hours: int) -> Generator[dict[str, Any], None, float]:
    asked.times.clear()
    began, worked = time.perf_counter(), time.process_time()
    run = desk.run(source, hours)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    pages = len(asked.times)
    label = f"unbounded, {name} ({run.taken} new, {run.edited} edited, {run.same} as before)"
    yield {"figure": label, "value": round(pages / took * 60), "unit": "pages/min", "limit": None}
    spent = round(worked / pages * 1000, 1)
    yield {"figure": f"unbounded, {name}: processor time", "value": spent, "unit": "ms/page", "limit": None}
    return pages / took * 60


def _polite(desk: Any, asked: Asked) -> Iterator[dict[str, Any]]:
    from xinshu.collecting.models import Host
    from xinshu.core.clock import now

    source = desk.source("json_api", delay=1)
    Host.objects.update(free_at=now(), robots_at=now())
    asked.times.clear()
    politely(source, asked)
    rate = round((len(asked.times) - 1) / (asked.times[-1] - asked.times[0]) * 60)
    yield {"figure": "politely, 1 s between two requests", "value": rate, "unit": "pages/min", "limit": None}
    pause = round(asked.shortest_pause(), 2)
    yield {"figure": "politely: shortest pause", "value": pause, "unit": "s", "limit": 1}
