"""The bell between processes: whoever writes notices rings it, every live process that hears it looks at once.

It says only "look": what is new stands in the database, so a ring that is lost costs a delay and nothing else. Without
Redis (XINSHU_REDIS_URL), or while it is away, live processes look three times a second by themselves. Of several
addresses, comma-separated, each is rung and listened to: they need not know of each other, and one is enough.
"""

import asyncio
import contextlib
import logging
import time
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from redis import Redis

CHANNEL = "xinshu:notices"
LONGEST = 5.0  # seconds between two looks while the bell is heard
GATHERING = 0.03  # seconds after a ring in which others ring for the same look
AWAY = 5.0  # seconds for which a Redis that did not answer is left alone

log = logging.getLogger(__name__)
_away_until: dict[str, float] = {}  # by address


def addresses() -> list[str]:
    """Return the addresses that XINSHU_REDIS_URL names."""
    return [address.strip() for address in settings.REDIS_URL.split(",") if address.strip()]


def ring() -> None:
    """Have the live processes look as soon as the transaction at hand is committed. Never fails, never waits long."""
    if settings.REDIS_URL:
        transaction.on_commit(_publish)


def _publish() -> None:
    from redis import RedisError

    for address in addresses():
        if time.monotonic() < _away_until.get(address, 0.0):
            continue
        try:
            _client(address).publish(CHANNEL, b"1")
        except RedisError as error:
            _away_until[address] = time.monotonic() + AWAY
            log.warning("Redis is away, pages hear of news a little later: %s", type(error).__name__)


def answers() -> bool:
    """Ask every Redis whether it is there."""
    from redis import RedisError

    try:
        return all(bool(_client(address).ping()) for address in addresses())
    except RedisError:
        return False


@cache
def _client(address: str) -> "Redis":
    from redis import Redis

    return Redis.from_url(address, socket_connect_timeout=0.5, socket_timeout=0.5)


class Bell:
    """The ear of one live process."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._ears: dict[str, asyncio.Task[None]] = {}
        self._hearing: set[str] = set()

    @property
    def heard(self) -> bool:
        """Whether somebody listens: then there is no need to look without a ring."""
        return bool(self._hearing)

    async def wait(self, otherwise: float) -> None:
        """Return soon after a ring; without one after LONGEST, and while nobody can be heard after `otherwise`."""
        for address in addresses():
            if address not in self._ears or self._ears[address].done():
                self._ears[address] = asyncio.create_task(self._listen(address))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), LONGEST if self.heard else otherwise)
            await asyncio.sleep(GATHERING)
        self._rung.clear()

    def stop(self) -> None:
        """Listen no more, until somebody waits again."""
        for ear in self._ears.values():
            ear.cancel()
        self._ears, self._hearing = {}, set()

    async def _listen(self, address: str) -> None:
        from redis import RedisError
        from redis.asyncio import Redis

        while True:
            try:
                async with (
                    Redis.from_url(address, socket_connect_timeout=2, health_check_interval=10) as client,
                    client.pubsub() as ear,
                ):
                    await ear.subscribe(CHANNEL)
                    while True:
                        message = await ear.get_message(timeout=LONGEST)
                        if message is not None:  # that we are subscribed now counts too: we were deaf before
                            self._hearing.add(address)
                            self._rung.set()
            except (RedisError, OSError) as error:
                log.warning("Redis is away, looking for news by ourselves: %s", type(error).__name__)
            finally:
                self._hearing.discard(address)
                self._rung.set()
            await asyncio.sleep(1)
