"""The bell between processes: it wakes who listens, and without it nothing is lost."""

import asyncio
import time
from typing import Any

import pytest
from django.db import transaction

from xinshu.messaging import waking
from xinshu.messaging.waking import CHANNEL, Bell, ring


class Exchange:
    """Speaks enough of Redis' protocol for one channel: HELLO, SUBSCRIBE, PING, PUBLISH."""

    def __init__(self) -> None:
        self.callers: list[asyncio.StreamWriter] = []
        self.listeners: list[asyncio.StreamWriter] = []
        self.published: list[bytes] = []
        self.server: asyncio.Server | None = None

    async def open(self) -> str:
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/0?protocol=2"

    async def close(self) -> None:
        assert self.server is not None
        self.server.close()
        for writer in self.callers:
            writer.close()

    async def publish(self) -> None:
        for writer in self.listeners:
            writer.write(b"*3\r\n$7\r\nmessage\r\n$%d\r\n%b\r\n$1\r\n1\r\n" % (len(CHANNEL), CHANNEL.encode()))
            await writer.drain()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(writer)
        try:
            while line := await reader.readline():
                words = []
                for _word in range(int(line[1:])):
                    size = int((await reader.readline())[1:])
                    words.append((await reader.readexactly(size + 2))[:-2])
                await self._answer(words, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass

    async def _answer(self, words: list[bytes], writer: asyncio.StreamWriter) -> None:
        if words[0].upper() == b"SUBSCRIBE":
            writer.write(b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%b\r\n:1\r\n" % (len(words[1]), words[1]))
            self.listeners.append(writer)
        elif words[0].upper() == b"PUBLISH":
            self.published.append(words[1])
            writer.write(b":1\r\n")
            await self.publish()
        elif words[0].upper() == b"PING" and writer in self.listeners:
            told = words[1] if len(words) > 1 else b""
            writer.write(b"*2\r\n$4\r\npong\r\n$%d\r\n%b\r\n" % (len(told), told))
        else:
            writer.write(b"+PONG\r\n" if words[0].upper() == b"PING" else b"+OK\r\n")
        await writer.drain()


@pytest.fixture(autouse=True)
def fresh(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr(waking, "_away_until", {})
    waking._client.cache_clear()


def test_who_listens_is_woken_and_else_looks_rarely(settings: Any) -> None:
    async def story() -> tuple[bool, bool, bool]:
        exchange, bell = Exchange(), Bell()
        settings.REDIS_URL = await exchange.open()
        await asyncio.wait_for(bell.wait(60), 20)  # the first ring is that somebody listens now
        listening = bell.heard
        sleeping = asyncio.create_task(bell.wait(60))
        await asyncio.sleep(0)
        slept = not sleeping.done()
        await exchange.publish()
        await asyncio.wait_for(sleeping, 20)
        bell.stop()
        await exchange.close()
        return listening, slept, bell.heard

    assert asyncio.run(story()) == (True, True, False)


def test_without_redis_the_usual_pause_is_made(settings: Any) -> None:
    async def pause() -> bool:
        bell = Bell()
        await bell.wait(0.01)
        return bell.heard

    assert asyncio.run(pause()) is False


def test_a_redis_that_goes_away_leaves_who_listened_looking_by_themselves(settings: Any) -> None:
    async def story() -> bool:
        exchange, bell = Exchange(), Bell()
        settings.REDIS_URL = await exchange.open()
        await asyncio.wait_for(bell.wait(60), 20)
        await exchange.close()
        await asyncio.wait_for(bell.wait(60), 20)  # losing it is a ring, too
        heard = bell.heard
        bell.stop()
        return heard

    assert asyncio.run(story()) is False


@pytest.mark.req("EP-43")
@pytest.mark.parametrize("dying", [0, 1])
def test_of_two_either_dies_and_the_other_goes_on_waking(settings: Any, dying: int) -> None:
    async def story() -> tuple[bool, bool, list[int], bool]:
        both, bell = [Exchange(), Exchange()], Bell()
        settings.REDIS_URL = ",".join([await one.open() for one in both])
        while len(bell._hearing) < 2:
            await asyncio.wait_for(bell.wait(60), 20)
        await asyncio.to_thread(waking._publish)
        await asyncio.wait_for(bell.wait(60), 20)
        await both[dying].close()
        while len(bell._hearing) == 2:
            await asyncio.wait_for(bell.wait(60), 20)
        still = bell.heard
        sleeping = asyncio.create_task(bell.wait(60))
        await asyncio.to_thread(waking._publish)  # one of them does not answer: nobody minds
        await asyncio.wait_for(sleeping, 20)
        told = [len(one.published) for one in both]
        away = bool(waking._away_until)
        bell.stop()
        await both[1 - dying].close()
        return still, away, told, bell.heard

    still, away, told, heard = asyncio.run(story())

    assert (still, heard) == (True, False)
    assert away
    assert (told[1 - dying], told[dying]) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_it_rings_when_the_transaction_is_committed_and_only_then(settings: Any) -> None:
    async def served() -> list[bytes]:
        exchange = Exchange()
        settings.REDIS_URL = await exchange.open()
        await asyncio.to_thread(act)
        await exchange.close()
        return exchange.published

    def act() -> None:
        waking._publish()

    assert asyncio.run(served()) == [CHANNEL.encode()]
    rung: list[float] = []
    waking._client.cache_clear()
    with transaction.atomic():
        ring()
        transaction.on_commit(lambda: rung.append(time.monotonic()))
        assert not rung
    assert rung  # and nobody minded that the exchange is gone by now
    assert waking._away_until
