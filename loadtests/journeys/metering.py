"""What the locustfiles that count have in common: whose units they are, and calls under keys of their own."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import random
from typing import Any

from locust import FastHttpUser

from loadtests.usage_accounts import ACCOUNTS, COUNTED, HOT, account

_HEADERS = {"Authorization": f"Bearer {os.environ['LIFTGATE_LOAD_SECRET_KEY']}"}
_IS_HOT = os.environ["LIFTGATE_LOAD_CUSTOMERS"] == "hot"
_numbers = itertools.count()


class Metering(FastHttpUser):
    """A host that counts what its accounts use."""

    abstract = True

    def someone(self) -> str:
        """Choose the account whose turn it is."""
        return HOT if _IS_HOT else account(random.randrange(ACCOUNTS))  # noqa: S311 - whose turn it is

    def fresh_key(self) -> str:
        return f"load-{os.getpid()}-{next(_numbers)}"

    def ask(self, path: str, fields: dict[str, Any], *, counts: bool) -> dict[str, Any] | None:
        """Ask for units and return the answer if they were granted; a refusal counts as an answer like any other."""
        headers = {**_HEADERS, "Idempotency-Key": self.fresh_key()}
        with self.client.post(path, json=fields, headers=headers, catch_response=True) as answer:
            found: dict[str, Any] = answer.json() or {} if answer.ok else {}
            if "granted" not in found:
                answer.failure(f"expected an answer, got {answer.status_code}: {answer.text}")
                return None
            outcome = (COUNTED if counts else ", granted") if found["granted"] else ", refused"
            answer.request_meta["name"] = path + outcome
            return found if found["granted"] else None

    def settle(self, path: str, fields: dict[str, Any], *, counts: bool) -> None:
        """Commit or release what is held."""
        self.client.post(path, json=fields, headers=_HEADERS, name=path + COUNTED * counts)

    def record(self, events: list[dict[str, Any]]) -> None:
        """Record a batch; one event of it that is not counted fails the whole."""
        path, body = "/v1/usage/record", gzip.compress(json.dumps({"events": events}).encode(), 1)
        headers = {**_HEADERS, "Content-Type": "application/json", "Content-Encoding": "gzip"}
        # Its annotation leaves out bytes; what carries the request takes them.
        packed: Any = body
        with self.client.post(path, data=packed, headers=headers, name=path + COUNTED, catch_response=True) as answer:
            if not answer.ok or (answer.json() or {}).get("counted") != len(events):
                answer.failure(f"expected {len(events)} to be counted: {answer.status_code}: {answer.text}")
