"""Who uses what in the journeys that count. Imports nothing: the users of a load test are to start at once."""

from __future__ import annotations

ACCOUNTS = 50
HOT = "hot"
LIMITED, UNLIMITED = "exports", "calls"
LIMIT, HOT_LIMIT = 100, 5_000
BATCH = 50
COUNTED = ", counted"
"""Ends the name of each request that counted a unit for good; of a batch, so many."""


def account(number: int) -> str:
    return f"account-{number}"
