"""500 live streams on one process: from the notice's commit to the last browser, beside an idle limit.

The streams are real connections to the real process. The limit is what asyncio alone needs on this machine to hand the
same bytes to as many sockets, plus the longest wait for the next look at the database (fanout.POLL_SECONDS).
Prints one JSON line per figure: {"figure", "value", "unit", "limit"}. Runs on XINSHU_DATABASE_URL too.
"""

# ruff: noqa: E402  (Django wants its settings before its models)

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings")
django.setup()

from django.core.management import call_command
from django.db import connection

from xinshu.accounts.models import Member, Organisation, SignInSession, User
from xinshu.core.clock import now
from xinshu.messaging.fanout import POLL_SECONDS
from xinshu.messaging.notices import notify
from xinshu.messaging.tokens import live_token

STREAMS, ROUNDS, LIMIT = 500, 10, 1.0
Connect = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def say(figure: str, value: float, unit: str, limit: float | str) -> None:
    print(json.dumps({"figure": figure, "value": value, "unit": unit, "limit": limit}, ensure_ascii=False), flush=True)


def people() -> tuple[Organisation, list[tuple[Member, int]]]:
    """Return a firm with as many members as there will be streams, each with the id of a sign-in."""
    firm = Organisation.objects.create(name="云州测速有限公司", kind=Organisation.Kind.ENTERPRISE)
    users = User.objects.bulk_create([User(username=f"live{number}", name="看") for number in range(STREAMS)])
    members = [Member(user=user, organisation=firm, roles=["applicant"]) for user in users]
    sessions = SignInSession.objects.bulk_create(
        [SignInSession(user=user, how="password", started_at=now(), last_seen_at=now()) for user in users]
    )
    return firm, list(zip(Member.objects.bulk_create(members), (one.pk for one in sessions), strict=True))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_event(reader: asyncio.StreamReader, name: bytes) -> float:
    """Return when the next event of this name has come in whole."""
    while True:
        block = await asyncio.wait_for(reader.readuntil(b"\n\n"), 30)
        if b"event: " + name in block:
            return time.perf_counter()


async def opened(port: int, member: Member, session: int) -> Connect:
    for _attempt in range(100):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.1)
    writer.write(f"GET /live?token={live_token(member, session)} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    await until_event(reader, b"hello")
    return reader, writer


async def rounds(streams: list[Connect], tell: Callable[[int], Awaitable[float]], name: bytes) -> list[float]:
    """Return, per round, the seconds from the event to the last stream."""
    taken = []
    for number in range(ROUNDS):
        waiting = [asyncio.create_task(until_event(reader, name)) for reader, _writer in streams]
        began = await tell(number)
        taken.append(max(await asyncio.gather(*waiting)) - began)
        await asyncio.sleep(0.05 + number * 0.03)  # another phase of the poller each time
    return taken


async def platform(port: int, firm: Organisation, members: list[tuple[Member, int]]) -> list[float]:
    streams = [await opened(port, member, session) for member, session in members]

    async def tell(number: int) -> float:
        def commit() -> float:
            notify(firm, f"测速 {number}", key=f"live:{number}", at=now())
            return time.perf_counter()

        return await asyncio.get_running_loop().run_in_executor(None, commit)

    taken = await rounds(streams, tell, b"notice")
    for _reader, writer in streams:
        writer.close()
    return taken


async def bare() -> list[float]:
    """The same bytes to as many sockets, by asyncio alone: nothing read, nothing decided."""
    writers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=STREAMS)
    port = server.sockets[0].getsockname()[1]
    streams = [await asyncio.open_connection("127.0.0.1", port) for _stream in range(STREAMS)]
    while len(writers) < STREAMS:
        await asyncio.sleep(0.01)

    async def tell(number: int) -> float:
        began = time.perf_counter()
        for writer in writers:
            writer.write(b"id: x\nevent: notice\ndata: " + b"x" * 300 + b"\n\n")
        return began

    taken = await rounds(streams, tell, b"notice")
    for _reader, writer in streams:
        writer.close()
    server.close()
    return taken


def main() -> None:
    call_command("migrate", verbosity=0)
    firm, members = people()
    port, database = free_port(), connection.vendor
    process = subprocess.Popen([sys.executable, "-m", "xinshu.messaging.live", "--port", str(port)])
    try:
        taken = asyncio.run(platform(port, firm, members))
        limit = asyncio.run(bare())
        with open(f"/proc/{process.pid}/status") as status:
            memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    finally:
        process.terminate()
        process.wait(10)
    name = f"live: {STREAMS} streams, one process, {database}: event to last browser"
    say(f"{name}, worst of {ROUNDS}", round(max(taken), 3), "s", LIMIT)
    idle = round(statistics.median(limit) + POLL_SECONDS, 3)
    say(f"{name}, median", round(statistics.median(taken), 3), "s", idle)
    say(f"live: memory of the process with {STREAMS} streams, {database}", round(memory / 1024, 1), "MB", "-")
    if max(taken) >= LIMIT:
        raise SystemExit("an event took a second or more")


if __name__ == "__main__":
    main()
