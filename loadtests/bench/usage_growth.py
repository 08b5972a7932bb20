"""The same calls with a short and with a long past: a hundred times the history may cost next to nothing more."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from liftgate_server.plumbing.db import db, transaction
from loadtests.bench.http_driver import Call, drive
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row, ratio_at_most
from loadtests.bench.usage_site import FEATURE, HOT, Kind, UsageSite, usage_site
from loadtests.processes import HOST, UnexpectedAnswerError

SHORT, LONG = 1_000, 100_000
MOST_GROWTH = 1.3
FULL_ROUNDS, FULL_SECONDS = 7, 2.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.0
_DAYS = 390
_USERS = 20
_BATCH = 5_000
_MILLISECONDS = 1_000


def growth_rows(kind: Kind, *, quick: bool, progress: Progress) -> list[Row]:
    """Measure both servers by turns, call by call; the floor is the short past."""
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (FULL_ROUNDS, FULL_SECONDS)
    with ExitStack() as stack:
        sites = {}
        for history in (SHORT, LONG):
            progress(f"{kind}: an account with {history:,} events")
            sites[history] = stack.enter_context(usage_site(kind, workers=1, threads=1))
            write_history(sites[history], history)
        return [_row(name, sites, kind, (rounds, seconds), progress) for name in calls(sites[SHORT])]


def calls(site: UsageSite) -> dict[str, Call]:
    """Give what must not get slower as the past gets longer."""
    asked = {"customer": HOT, "gate": "board.export"}
    return {
        "consume": site.consume([HOT]),
        "check": Call("POST", "/v1/check", site.headers, json.dumps(asked)),
        "state": Call("GET", f"/v1/customers/{HOT}/state", site.headers),
        "usage now": Call("GET", f"/v1/customers/{HOT}/usage", site.headers),
    }


def _row(name: str, sites: Mapping[int, UsageSite], kind: Kind, volume: tuple[int, float], progress: Progress) -> Row:
    taken: dict[int, list[float]] = {history: [] for history in sites}
    rounds, seconds = volume
    for number in range(rounds + 1):
        progress(f"{name} on {kind}: round {number} of {rounds}")
        for history in (SHORT, LONG) if number % 2 else (LONG, SHORT):
            milliseconds = _milliseconds(sites[history], calls(sites[history])[name], seconds)
            if number:  # the first one is for warming up
                taken[history].append(milliseconds)
    return Row(
        f"{name}, {kind}, {LONG:,} events against {SHORT:,}",
        statistics.median(taken[LONG]),
        "ms a request",
        floor=statistics.median(taken[SHORT]),
        target=ratio_at_most(MOST_GROWTH),
    )


def _milliseconds(site: UsageSite, call: Call, seconds: float) -> float:
    flow = drive(HOST, site.server.port, call, seconds=seconds)
    if flow.errors:
        message = f"{flow.errors} answers to {call.path} were not 200"
        raise UnexpectedAnswerError(message)
    return _MILLISECONDS / flow.requests_per_second


def write_history(site: UsageSite, events: int) -> None:
    """Write a past of thirteen months: its events, its days by user, and the counters of windows that are over."""
    environment_id, now = site.environment_id, datetime.now(UTC)
    tables = db.metadata.tables
    with site.app.app_context(), transaction(environment_id) as session:
        for first in range(0, events, _BATCH):
            rows = [_event(environment_id, number, events, now) for number in range(first, min(first + _BATCH, events))]
            session.execute(tables["usage_events"].insert(), rows)
        days = range(1, min(_DAYS, events // _USERS))
        session.execute(tables["usage_days"].insert(), [*_days(environment_id, days, now)])
        session.execute(tables["usage_counters"].insert(), [*_counters(environment_id, days, now)])
    with site.app.app_context():
        site.analyse()


def _event(environment_id: int, number: int, events: int, now: datetime) -> dict[str, Any]:
    at = now - timedelta(days=_DAYS * (number + 1) / (events + 1))
    return {
        "environment_id": environment_id,
        "customer": HOT,
        "key": f"past-{number}",
        "operation": "record",
        "gate": None,
        "feature": FEATURE,
        "user": f"user-{number % _USERS}",
        "quantity": 1,
        "base_quantity": 1,
        "uses": 1,
        "at": at,
        "received_at": at,
        "refused": False,
        "of_key": None,
        "digest": b"d" * 32,
        "properties": None,
        "receipt": None,
    }


def _days(environment_id: int, days: range, now: datetime) -> Iterator[dict[str, Any]]:
    for day in days:
        for user in range(_USERS):
            at = now - timedelta(days=day)
            yield {
                "environment_id": environment_id,
                "customer": HOT,
                "feature": FEATURE,
                "user": f"user-{user}",
                "day": at.date(),
                "units": 10,
                "uses": 10,
                "last_at": at,
            }


def _counters(environment_id: int, days: range, now: datetime) -> Iterator[dict[str, Any]]:
    for day in days:
        start = (now - timedelta(days=day)).replace(hour=0, minute=0, second=0, microsecond=0)
        yield {
            "environment_id": environment_id,
            "customer": HOT,
            "feature": FEATURE,
            "user": "",
            "window": f"day:{start:%Y-%m-%dT%H:%M:%SZ}",
            "used": 10,
            "held": 0,
            "starts_at": start,
            "ends_at": start + timedelta(days=1),
            "level_at": None,
        }
