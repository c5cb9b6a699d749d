"""The bell between processes: whoever writes notices rings it, every live process that hears it looks at once.

It says only "look": what is new stands in the database, so a ring that is lost costs a delay and nothing else. Without
Redis (XINSHU_REDIS_URL), or while it is away, live processes look three times a second by themselves.
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
_away_until = 0.0


def ring() -> None:
    """Have the live processes look as soon as the transaction at hand is committed. Never fails, never waits long."""
    if settings.REDIS_URL:
        transaction.on_commit(_publish)


def _publish() -> None:
    global _away_until
    from redis import RedisError

    if time.monotonic() < _away_until:
        return
    try:
        _client().publish(CHANNEL, b"1")
    except RedisError as error:
        _away_until = time.monotonic() + AWAY
        log.warning("Redis is away, pages hear of news a little later: %s", type(error).__name__)


def answers() -> bool:
    """Ask Redis whether it is there."""
    from redis import RedisError

    try:
        return bool(_client().ping())
    except RedisError:
        return False


@cache
def _client() -> "Redis":
    from redis import Redis

    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5)


class Bell:
    """The ear of one live process."""

    def __init__(self) -> None:
        self.heard = False  # somebody listens: there is no need to look without a ring
        self._rung = asyncio.Event()
        self._ear: asyncio.Task[None] | None = None

    async def wait(self, otherwise: float) -> None:
        """Return soon after a ring; without one after LONGEST, and while nobody can be heard after `otherwise`."""
        if settings.REDIS_URL and (self._ear is None or self._ear.done()):
            self._ear = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), LONGEST if self.heard else otherwise)
            await asyncio.sleep(GATHERING)
        self._rung.clear()

    def stop(self) -> None:
        """Listen no more, until somebody waits again."""
        if self._ear is not None:
            self._ear.cancel()
        self._ear, self.heard = None, False

    async def _listen(self) -> None:
        from redis import RedisError
        from redis.asyncio import Redis

        while True:
            try:
                async with (
                    Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=10) as client,
                    client.pubsub() as ear,
                ):
                    await ear.subscribe(CHANNEL)
                    while True:
                        message = await ear.get_message(timeout=LONGEST)
                        if message is not None:  # that we are subscribed now counts too: we were deaf before
                            self.heard = True
                            self._rung.set()
            except (RedisError, OSError) as error:
                log.warning("Redis is away, looking for news by ourselves: %s", type(error).__name__)
            finally:
                self.heard = False
                self._rung.set()
            await asyncio.sleep(1)
