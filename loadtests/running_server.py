"""A server that is being measured: where it listens, and calls that arrange what is measured."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from loadtests.processes import HOST, START_SECONDS, UnexpectedAnswerError

FIRST_ERROR_STATUS = 400


@dataclass(frozen=True, slots=True)
class Keys:
    """One key of either kind for the environment that is measured."""

    secret: str
    management: str


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server listens and what opens it."""

    port: int
    keys: Keys

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def manage(self, method: str, path: str, body: object = None) -> Any:
        """Make one management call and return its answer; anything but success ends the measurement."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=START_SECONDS)
        headers = {"Authorization": f"Bearer {self.keys.management}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= FIRST_ERROR_STATUS:
            message = f"{method} {path} answered {answer.status}: {text}"
            raise UnexpectedAnswerError(message)
        return json.loads(text) if text else None
