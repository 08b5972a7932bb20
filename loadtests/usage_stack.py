"""What the journeys that count run against: accounts with a limit within reach, and the look whether it held."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from loadtests.journey import Journey, Stack
from loadtests.processes import HOST, START_SECONDS, UnexpectedAnswerError
from loadtests.server_process import running_server
from loadtests.usage_accounts import ACCOUNTS, BATCH, COUNTED, HOT, HOT_LIMIT, LIMIT, LIMITED, UNLIMITED, account

_OK = 200


@contextmanager
def server_that_counts() -> Iterator[Stack]:
    """Start a server with accounts whose limit a short run reaches."""
    with running_server("load") as server:
        server.manage("POST", "/v1/catalogue/publish", _catalogue_document())
        for name in (HOT, *map(account, range(ACCOUNTS))):
            server.manage("PUT", f"/v1/customers/{name}", {"name": name.capitalize()})
        server.manage("POST", f"/v1/customers/{HOT}/subscription", {"plan": "pro", "interval": "month"})
        yield Stack(server.url, {"LIFTGATE_LOAD_SECRET_KEY": server.keys.secret})


def _catalogue_document() -> dict[str, Any]:
    prices = [{"interval": "month", "currency": "EUR", "amount": 2900}]

    def entitlements(limit: int) -> dict[str, Any]:
        return {LIMITED: {"limit": limit, "per": "month", "warn_at": [80]}, UNLIMITED: "unlimited"}

    return {
        "schema": 1,
        "languages": ["en"],
        "time_zone": "Europe/Berlin",
        "default_plan": "free",
        "features": {
            LIMITED: {"kind": "metered", "name": {"en": "Exports"}},
            UNLIMITED: {"kind": "metered", "name": {"en": "Calls"}},
        },
        "plans": {
            "free": {"name": {"en": "Free"}, "rank": 0, "entitlements": entitlements(LIMIT)},
            "pro": {"name": {"en": "Pro"}, "rank": 10, "prices": prices, "entitlements": entitlements(HOT_LIMIT)},
        },
    }


def miscounted(stack: Stack, succeeded: Mapping[str, int]) -> list[str]:
    """Hold what the server says was used against the limits, and against what its answers had said."""
    counting = {name: count for name, count in succeeded.items() if name.endswith(COUNTED)}
    told = sum(count * (BATCH if "record" in name else 1) for name, count in counting.items())
    problems, total = [], 0
    for name in (HOT, *map(account, range(ACCOUNTS))):
        limit = HOT_LIMIT if name == HOT else LIMIT
        used = _used(stack, name)
        total += used[LIMITED] + used[UNLIMITED]
        if used[LIMITED] > limit:
            problems.append(f"{name} used {used[LIMITED]} of {limit}")
    # What was under way when time was up is counted, and nobody has heard of it.
    if total < told:
        problems.append(f"{told} units were acknowledged, {total} counted")
    return problems


def _used(stack: Stack, customer: str) -> dict[str, int]:
    connection = http.client.HTTPConnection(HOST, urlsplit(stack.url).port or 0, timeout=START_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {stack.environment['LIFTGATE_LOAD_SECRET_KEY']}"}
        connection.request("GET", f"/v1/customers/{customer}/usage", headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != _OK:
        message = f"the usage of {customer} was answered {answer.status}: {text[:500]!r}"
        raise UnexpectedAnswerError(message)
    features: dict[str, int] = {LIMITED: 0, UNLIMITED: 0}
    for feature in json.loads(text)["features"]:
        features[feature["feature"]] = feature["used"] or 0
    return features


def _journey(description: str, locustfile: str) -> Journey:
    return Journey(description, locustfile, server_that_counts, miscounted, counts=True)


USAGE_JOURNEYS = {
    "consume": _journey("members of 50 accounts, or of one, consume until nothing is left", "consume.py"),
    "record": _journey("hosts record what was used, fifty events a batch, packed", "record.py"),
    "reserve": _journey("units are reserved and then committed, in part or not at all", "reserve.py"),
}
