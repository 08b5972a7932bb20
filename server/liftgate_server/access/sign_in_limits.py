"""How often one may try to sign in: by address, and by account so that many addresses do not help.

Counted in Redis where there is one, so that all processes count together; when it is down, each process counts alone:
slower attackers get a few tries more, nobody is locked out.
"""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from liftgate_server.access.people_rules import fold_email, hash_token
from liftgate_server.plumbing.errors import Problem
from liftgate_server.plumbing.logs import logger

_EXTENSION = "liftgate.sign_in_limits"
# A person mistypes; a script does not stop at ten.
_PER_ADDRESS = RateLimitItemPerMinute(30, 5)
_PER_ACCOUNT = RateLimitItemPerMinute(10, 5)
_WINDOW_SECONDS = 300
_REDIS_TIMEOUT_SECONDS = 0.25


class TooManyRequests(Problem):
    status = 429
    default_title = "Too many attempts"


class SignInLimits:
    def __init__(self, redis_url: str | None) -> None:
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._shared = None if redis_url is None else FixedWindowRateLimiter(_redis_storage(redis_url))

    def hit(self, limit: RateLimitItem, key: str) -> bool:
        """Count an attempt and tell whether it was still within the limit."""
        if self._shared is not None:
            try:
                return self._shared.hit(limit, key)
            except self._shared.storage.base_exceptions as failure:
                logger().warning("sign_in_limits_alone", reason=str(failure))
        return self._local.hit(limit, key)


def limit_sign_ins(app: Flask, redis_url: str | None) -> None:
    app.extensions[_EXTENSION] = SignInLimits(redis_url)


def refuse_too_many(*, address: str, email: str) -> None:
    """Count an attempt, and refuse it when there were too many of this address or for this account."""
    limits = cast("SignInLimits", current_app.extensions[_EXTENSION])
    # A hash: the store needs no list of people's addresses.
    account = hash_token(fold_email(email)).hex()[:32]
    within = [limits.hit(_PER_ADDRESS, f"sign-in:{address}"), limits.hit(_PER_ACCOUNT, f"sign-in:{account}")]
    if not all(within):
        raise TooManyRequests(
            "too_many_sign_ins",
            "Too many attempts. Wait five minutes.",
            headers={"Retry-After": str(_WINDOW_SECONDS)},
        )


def _redis_storage(url: str) -> Storage:
    timeouts = {"socket_timeout": _REDIS_TIMEOUT_SECONDS, "socket_connect_timeout": _REDIS_TIMEOUT_SECONDS}
    return storage_from_string(url, **timeouts)
