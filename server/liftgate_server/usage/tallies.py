"""Counting the checks that this process answers itself; they are written down like the reports of hosts."""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from flask import current_app

from liftgate.engine.decision import Decision, Reason
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.metrics import count_dropped_reports
from liftgate_server.usage.facts import GateReport, Outcome, Report
from liftgate_server.usage.requests import is_gate_key
from liftgate_server.usage.service import take_report

__all__ = ["Tallies", "tallies", "write_tallies"]

_EXTENSION = "liftgate.tallies"

# Of one process between two times of writing down, and while the database cannot be written.
_MOST_TALLIES = 20_000
_ROWS_PER_REPORT = 1_000

# Of these there is no gate, or nobody who met it.
_NOT_COUNTED = frozenset({Reason.UNKNOWN_GATE, Reason.NO_CUSTOMER})

_Key = tuple[int, str, str, bool, Reason, Reason | None]


class Tallies:
    """Counts by environment, customer, gate and answer. Taking one costs a look-up and a lock, on the hottest path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[_Key, int] = {}
        self._dropped = 0
        # Reports that wait to be written, each with its environment. A batch keeps its name, so that one whose
        # commit was not confirmed is not counted twice.
        self._waiting: list[tuple[int, Report]] = []

    def count(self, environment_id: int, customer: str, decision: Decision) -> None:
        key = (environment_id, customer, decision.gate, decision.granted, decision.reason, decision.observed)
        with self._lock:
            times = self._times.get(key)
            if times is not None:
                self._times[key] = times + 1
            elif len(self._times) < _MOST_TALLIES:
                self._times[key] = 1
            else:
                self._dropped += 1

    def write(self) -> int:
        """Write down what was counted, with the hour of now; give the number of reports. Raises what the database does.

        For one thread at a time.
        """
        with self._lock:
            counted, self._times = self._times, {}
            dropped, self._dropped = self._dropped, 0
        if dropped:
            count_dropped_reports(dropped)
        self._waiting.extend(_reports(counted, at=now()))
        self._forget_some()
        written = 0
        while self._waiting:
            take_report(*self._waiting[0])
            del self._waiting[0]
            written += 1
        return written

    def _forget_some(self) -> None:
        most = _MOST_TALLIES // _ROWS_PER_REPORT
        forgotten, self._waiting = self._waiting[:-most], self._waiting[-most:]
        if forgotten:
            count_dropped_reports(sum(len(report.gates) for _, report in forgotten))


def tallies() -> Tallies:
    """Give the tallies of the running app."""
    return cast(
        "Tallies", current_app.extensions.get(_EXTENSION) or current_app.extensions.setdefault(_EXTENSION, Tallies())
    )


def write_tallies() -> int:
    """Write down what the running app has counted."""
    return tallies().write()


def _reports(counted: dict[_Key, int], *, at: datetime) -> Iterator[tuple[int, Report]]:
    hour = at.replace(minute=0, second=0, microsecond=0)
    by_environment: dict[int, list[GateReport]] = defaultdict(list)
    for (environment_id, customer, gate, granted, reason, observed), times in counted.items():
        if reason not in _NOT_COUNTED and is_gate_key(gate):
            outcome = _outcome(granted=granted, is_observed=reason is Reason.OBSERVED)
            by_environment[environment_id].append(
                GateReport(gate, customer, hour, outcome, (observed or reason).value, times)
            )
    for environment_id, gates in by_environment.items():
        for start in range(0, len(gates), _ROWS_PER_REPORT):
            batch = secrets.token_hex(16)
            rows = tuple(gates[start : start + _ROWS_PER_REPORT])
            yield environment_id, Report(batch, digest=batch.encode(), gates=rows)


def _outcome(*, granted: bool, is_observed: bool) -> Outcome:
    if is_observed:
        return Outcome.OBSERVED
    return Outcome.GRANTED if granted else Outcome.REFUSED
