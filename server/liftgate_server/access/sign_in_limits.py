"""How often one may try to sign in: by address, and by account so that many addresses do not help.

Counted in Redis where there is one, so that all processes count together; when it is down, each process counts alone:
an attacker gets a few tries more, nobody is locked out.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from liftgate_server.access.people_rules import fold_email, hash_token
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.redis import attempt

_EXTENSION = "liftgate.sign_in_limits"
# A person mistypes; a script does not stop at ten.
_PER_ADDRESS = RateLimitItemPerMinute(30, 5)
_PER_ACCOUNT = RateLimitItemPerMinute(10, 5)
_WINDOW_SECONDS = 300


class TooManyRequests(Problem):
    status = 429
    default_title = "Too many attempts"


def limit_sign_ins(app: Flask) -> None:
    app.extensions[_EXTENSION] = FixedWindowRateLimiter(MemoryStorage())


def refuse_too_many(*, address: str, email: str) -> None:
    """Count an attempt, and refuse it when there were too many of this address or for this account."""
    # A hash: the store needs no list of people's addresses.
    account = hash_token(fold_email(email)).hex()[:32]
    within = [_count(_PER_ADDRESS, f"address:{address}"), _count(_PER_ACCOUNT, f"account:{account}")]
    if not all(within):
        raise TooManyRequests(
            "too_many_sign_ins",
            "Too many attempts. Wait five minutes.",
            headers={"Retry-After": str(_WINDOW_SECONDS)},
        )


def _count(limit: RateLimitItem, key: str) -> bool:
    """Count an attempt and tell whether it was still within the limit."""

    def count_together(client: Any) -> bool | None:
        storage = RedisStorage("redis://", connection_pool=client.connection_pool)
        return FixedWindowRateLimiter(storage).hit(limit, "liftgate", "sign-in", key)

    together = attempt(count_together, otherwise=cast("bool | None", None))
    if together is not None:
        return together
    alone = cast("FixedWindowRateLimiter", current_app.extensions[_EXTENSION])
    return alone.hit(limit, "sign-in", key)
