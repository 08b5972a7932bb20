"""The one way to Redis. What lives there makes things quicker and is never needed: everything here fails open.

A call waits 50 ms at most and is sent once: the client's own retries block for seconds on a dead server and may carry
out twice what was lost on the way back. After a failure nobody asks again for a second, so that a Redis that is down
costs one request in a second those milliseconds, and all others nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app

from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.metrics import count_redis_call

if TYPE_CHECKING:
    import redis as redis_client

T = TypeVar("T")

REDIS_EXTENSION = "liftgate.redis"
TIMEOUT_SECONDS = 0.05
REST_SECONDS = 1.0


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SPARED = "spared"


class Redis:
    """A Redis that may be slow, gone or back at any time."""

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        # An extra that a server without the setting never loads.
        import redis as redis_client  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self._failures = (redis_client.RedisError, OSError)
        self._client = redis_client.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            # It would tell its name and version on each connection: a round trip that nobody reads.
            driver_info=None,
        )
        self._monotonic = monotonic
        self._rests_until = float("-inf")

    def attempt(self, call: Callable[[redis_client.Redis], T], *, otherwise: T) -> T:
        """Make a call, or give ``otherwise`` when Redis cannot be asked."""
        if self._monotonic() < self._rests_until:
            count_redis_call(Outcome.SPARED)
            return otherwise
        try:
            answer = call(self._client)
        except self._failures as failure:
            self._rests_until = self._monotonic() + REST_SECONDS
            count_redis_call(Outcome.FAILED)
            logger().warning("redis_failed", reason=str(failure) or type(failure).__name__)
            return otherwise
        count_redis_call(Outcome.DONE)
        return answer

    def close(self) -> None:
        self._client.close()


def attempt(call: Callable[[Any], T], *, otherwise: T) -> T:
    """Make a call with the running app's Redis; ``otherwise`` where none is configured, too."""
    redis = cast("Redis | None", current_app.extensions.get(REDIS_EXTENSION))
    return otherwise if redis is None else redis.attempt(call, otherwise=otherwise)
