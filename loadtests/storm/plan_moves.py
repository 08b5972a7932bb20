"""Moving accounts between plans while they consume, and writing down between which instants each plan was in force."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence

from loadtests.processes import HOST
from loadtests.storm import scene
from loadtests.storm.servers import Server
from loadtests.storm.verdict_on_limits import PlanChange

_PAUSE_SECONDS = 0.4
_AGAIN_SECONDS = 0.1
_CALL_SECONDS = 5.0
_UP = ("", {"plan": scene.PRO, "interval": "month"})
_DOWN = ("/cancel", {"when": "now"})
_DONE = (200, 201)


class PlanMover:
    """Goes to the servers directly: it must know when a change is in force, so it asks until it is told."""

    def __init__(self, servers: Sequence[Server], key: str, seed: int) -> None:
        self._servers, self._key = servers, key
        self._random = random.Random(f"{seed} plans")  # noqa: S311 - the same storm for the same seed
        self._plans = {scene.moving_customer(number): scene.FREE for number in range(scene.MOVERS)}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plan-mover", daemon=True)
        self.changes: list[PlanChange] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(_PAUSE_SECONDS):
            customer = self._random.choice(sorted(self._plans))
            plan = scene.FREE if self._plans[customer] == scene.PRO else scene.PRO
            asked_at = time.time()
            is_confirmed = self._insist(customer, _UP if plan == scene.PRO else _DOWN)
            self._plans[customer] = plan
            self.changes.append(PlanChange(customer, plan, asked_at, time.time() if is_confirmed else None))

    def _insist(self, customer: str, call: tuple[str, dict[str, str]]) -> bool:
        """Ask under one key until it is done: an answer that was lost is given again."""
        key = f"{self._random.getrandbits(64):x}"
        while not self._ending.is_set():
            server = self._random.choice(self._servers)
            if _is_done(server.port, f"/v1/customers/{customer}/subscription{call[0]}", call[1], self._headers(key)):
                return True
            self._ending.wait(_AGAIN_SECONDS)
        return False

    def _headers(self, key: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }


def _is_done(port: int, path: str, body: dict[str, str], headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=_CALL_SECONDS)
    try:
        connection.request("POST", path, json.dumps(body), headers)
        return connection.getresponse().status in _DONE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
