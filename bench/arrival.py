"""From an award's arrival over the interface to the manager's open page: in a running system of processes of its own.

Web, live stream and worker run as `manage.py serve` runs them. Announcements are posted with a key as a partner's
system posts them, one after the other at changing moments and then many at once; a client with an open stream, as the
browser's, says when each came in. The clock runs from before the call is made. Prints one JSON line per figure.
"""

# ruff: noqa: E402  (Django wants its settings before its models)

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings")
django.setup()

from django.core.management import call_command
from django.db import connection

from xinshu.accounts.models import Member, Organisation, SignInSession, User
from xinshu.core.clock import now
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.integrations.actions.keys import issue_key
from xinshu.integrations.models import ApiClient
from xinshu.messaging.tokens import live_token

ROUNDS, AT_ONCE, GOAL, PATIENCE = 60, 30, 2.0, 60.0
FIRM = "云州测速路桥工程有限公司"
BODY = (
    "项目名称：测速{number}号道路工程\n项目编号：CS-2026-{number:04d}\n招标人：云州市测速区建设局\n中标人：" + FIRM
    + "\n中标价：人民币贰仟万元整（¥20,000,000.00）\n工期：180日历天\n"
    "中标人应在收到中标通知书后10个工作日内提交履约保证金，金额为中标价的8%。\n"
)  # fmt: skip
FILLER = "本项目评标工作已经结束，评标委员会按照招标文件载明的方法和标准进行了评审，现将有关事项公告如下。\n" * 12


def say(figure: str, value: float, unit: str, limit: float | str) -> None:
    print(json.dumps({"figure": figure, "value": value, "unit": unit, "limit": limit}, ensure_ascii=False), flush=True)


def cast() -> tuple[Member, int, str]:
    """Return the manager whose customer wins, the id of their sign-in, and the key of the partner's system."""
    house = Organisation.objects.create(name="云州测速担保有限公司", kind=Organisation.Kind.GUARANTOR, verified=True)
    firm = Organisation.objects.create(name=FIRM, kind=Organisation.Kind.ENTERPRISE, verified=True)
    manager, head = (
        Member.objects.create(user=User.objects.create(username=name, name="测速"), organisation=house, roles=[role])
        for name, role in (("speed-manager", "manager"), ("speed-head", "orgadmin"))
    )
    Relation.objects.create(
        guarantor=house, enterprise=Enterprise.objects.create(organisation=firm), manager=manager, since=now()
    )
    client = ApiClient.objects.create(
        name="测速", organisation=house, principal=manager, scopes=["tenders.enter", "tenders.view"], state="active",
        per_minute=60_000_000, created_at=now(), confirmed_at=now(),
    )  # fmt: skip
    _key, token = issue_key(client, kind="bearer", by=head, at=now())
    session = SignInSession.objects.create(user=manager.user, how="password", started_at=now(), last_seen_at=now())
    return manager, session.pk, token


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(web: int, live: int) -> Iterator[None]:
    """Run web, live stream and worker while the block runs."""
    environment = {**os.environ, "XINSHU_PORT": str(web), "XINSHU_LIVE_PORT": str(live), "XINSHU_HOST": "127.0.0.1"}
    command = [sys.executable, "-m", "xinshu.config.children"]
    children = [
        subprocess.Popen([*command, name, str(os.getpid())], env=environment, stdin=subprocess.DEVNULL)
        for name in ("web", "live", "worker")
    ]
    try:
        for port in (web, live):
            until_open(port)
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def until_open(port: int) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


class Screen(threading.Thread):
    """An open page: notes when the notice about each award came in."""

    def __init__(self, port: int, member: Member, session: int) -> None:
        super().__init__(daemon=True)
        self.stream = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.stream.request("GET", f"/live?token={live_token(member, session)}")
        self.answer = self.stream.getresponse()
        if self.answer.status != 200:
            raise SystemExit(f"the stream answers {self.answer.status}")
        self.seen: dict[str, float] = {}
        self.news = threading.Condition()

    def run(self) -> None:
        for line in self.answer:
            if not line.startswith(b"data: "):
                continue
            at, told = time.perf_counter(), json.loads(line[6:])
            with self.news:
                if told.get("topic") == "award":
                    self.seen.setdefault(told["text"].split("测速")[-1].split("号")[0], at)
                self.news.notify_all()

    def when(self, number: int) -> float:
        with self.news:
            if not self.news.wait_for(lambda: str(number) in self.seen, PATIENCE):
                raise SystemExit(f"award {number} never came to the screen")
            return self.seen[str(number)]


def post(port: int, token: str, number: int) -> float:
    """Deliver one announcement; return when the call was begun."""
    told = {"id": f"speed-{number}", "title": f"测速{number}号道路工程中标结果公告", "kind": "award"}
    body = json.dumps(told | {"body": FILLER + BODY.format(number=number)}).encode()
    began = time.perf_counter()
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    web.request(
        "POST", "/api/v1/announcements", body,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": f"speed-{number}"},
    )  # fmt: skip
    answer = web.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        raise SystemExit(f"the interface answers {answer.status}: {text[:300].decode(errors='replace')}")
    web.close()
    return began


def tell(name: str, taken: list[float]) -> float:
    taken = sorted(taken)
    worst = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    say(f"{name}, p50", round(statistics.median(taken), 3), "s", "-")
    say(f"{name}, p95", round(worst, 3), "s", GOAL)
    say(f"{name}, worst of {len(taken)}", round(taken[-1], 3), "s", "-")
    return worst


def main() -> None:
    call_command("migrate", verbosity=0)
    manager, session, token = cast()
    connection.close()
    web, live = free_port(), free_port()
    with running(web, live):
        screen = Screen(live, manager, session)
        screen.start()
        screen_of_first = post(web, token, 1)  # what is loaded at the first call is not what an arrival takes
        screen.when(1)
        say("arrival: the very first award", round(screen.seen["1"] - screen_of_first, 3), "s", "-")
        taken = []
        for number in range(2, ROUNDS + 2):
            began = post(web, token, number)
            taken.append(screen.when(number) - began)
            time.sleep(0.05 + number % 7 * 0.05)  # another phase of worker and live stream each time
        many = range(ROUNDS + 2, ROUNDS + AT_ONCE + 2)
        with ThreadPoolExecutor(8) as callers:
            begun = list(callers.map(lambda number: post(web, token, number), many))
        burst = [screen.when(number) - began for number, began in zip(many, begun, strict=True)]
    say("arrival: machine's load while measuring", round(os.getloadavg()[0], 1), "", "-")
    database = connection.vendor
    worst = tell(f"arrival: award posted to the interface until the open page has it, {database}", taken)
    tell(f"arrival: the same, {AT_ONCE} posted at once by 8 callers, {database}", burst)
    if worst >= GOAL:
        raise SystemExit("an award took two seconds or more to the screen")


if __name__ == "__main__":
    main()
