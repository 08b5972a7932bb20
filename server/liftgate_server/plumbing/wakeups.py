"""A tap on the shoulder: something was committed, look now instead of at the next poll.

It says nothing about what changed, and nothing depends on it: who hears no tap finds the change by looking a moment
later.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.redis import attempt

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

CHANNEL = "liftgate:changes"
_CONNECT_SECONDS = 2.0
_ALIVE_EVERY_SECONDS = 10
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


def announce() -> None:
    """Tell every listener that something was committed."""
    attempt(lambda client: client.publish(CHANNEL, b""), otherwise=0)


async def wakeups(redis_url: str | None) -> AsyncIterator[None]:
    """Yield at each announcement, several at once as one; without Redis, or while it is away, never.

    It goes on for ever and raises nothing but the cancellation. After a gap it yields once, for what was missed.
    """
    if redis_url is None:
        await asyncio.Event().wait()
        return
    from redis import RedisError  # noqa: PLC0415 - an extra, as above

    pause_seconds = _FIRST_PAUSE_SECONDS
    while True:
        try:
            async for _ in _announcements(redis_url):
                pause_seconds = _FIRST_PAUSE_SECONDS
                yield
        except (RedisError, OSError) as failure:
            logger().warning("wakeups_lost", reason=str(failure) or type(failure).__name__)
        # Servers that lost the same Redis must not come back in step.
        await asyncio.sleep(random.uniform(0.5, 1.0) * pause_seconds)  # noqa: S311 - not a secret
        pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)


async def _announcements(redis_url: str) -> AsyncIterator[None]:
    from redis.asyncio import Redis  # noqa: PLC0415 - an extra that a server without the setting never loads

    client = Redis.from_url(
        redis_url,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_keepalive=True,
        protocol=2,
        driver_info=None,
    )
    try:
        pubsub = client.pubsub(ignore_subscribe_messages=True)
        await pubsub.subscribe(CHANNEL)
        yield  # what was committed before we listened
        while True:
            await _one_or_several(pubsub)
            yield
    finally:
        await client.aclose()


async def _one_or_several(pubsub: PubSub) -> None:
    is_asked = False
    while True:
        message = await pubsub.get_message(timeout=_ALIVE_EVERY_SECONDS)
        if message is None and is_asked:
            raise TimeoutError("no sign of life")
        if message is not None and message["type"] == "message":
            break
        is_asked = message is None
        if is_asked:
            await pubsub.ping()
    while await pubsub.get_message(timeout=0) is not None:
        pass
