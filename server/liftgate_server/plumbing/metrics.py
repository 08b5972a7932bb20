"""Prometheus metrics: requests by route and status, their duration, checks by reason.

With several worker processes `metrics_shared_by` sets PROMETHEUS_MULTIPROC_DIR before they start; each then counts in a
file of its own there and `/metrics` of any of them adds them up. One process counts in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_REQUESTS = Counter("liftgate_requests", "Requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "liftgate_request_seconds",
    "Time from the request's arrival in Python to its answer.",
    ["route"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_CHECKS = Counter("liftgate_checks", "Checks answered, by reason.", ["reason"])
_GATE_CALLS = Counter("liftgate_gate_calls", "Calls through gates that hosts reported or the server saw.", ["outcome"])
_LOOK_UPS = Counter("liftgate_cache_lookups", "Customers looked up in the cache of a process.", ["result"])
_REDIS_CALLS = Counter("liftgate_redis_calls", "Calls of Redis: done, failed, or spared after a failure.", ["outcome"])
_DROPPED_REPORTS = Counter("liftgate_reports_dropped", "Counts of checks that there was no room to keep.")

_HITS, _MISSES = _LOOK_UPS.labels("hit"), _LOOK_UPS.labels("miss")

# A series stays for ever, and anybody may make up methods.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# `labels()` takes a lock and builds a tuple of texts; the routes are few, so their series are kept.
_request_series: dict[tuple[str, str, int], Counter] = {}
_duration_series: dict[str, Histogram] = {}
_check_series: dict[str, Counter] = {}


def count_request(method: str, route: str, status: int, *, seconds: float) -> None:
    key = (method if method in _METHODS else "(other)", route, status)
    requests = _request_series.get(key)
    if requests is None:
        requests = _request_series[key] = _REQUESTS.labels(key[0], route, str(status))
    durations = _duration_series.get(route)
    if durations is None:
        durations = _duration_series[route] = _SECONDS.labels(route)
    requests.inc()
    durations.observe(seconds)


def count_redis_call(outcome: str) -> None:
    _REDIS_CALLS.labels(outcome).inc()


def count_check(reason: str, times: int = 1) -> None:
    checks = _check_series.get(reason)
    if checks is None:
        checks = _check_series[reason] = _CHECKS.labels(reason)
    checks.inc(times)


def count_checks(reasons: Iterable[str]) -> None:
    for reason, times in Tally(reasons).items():
        count_check(reason, times)


def count_gate_calls(outcome: str, times: int) -> None:
    _GATE_CALLS.labels(outcome).inc(times)


def count_look_up(*, is_hit: bool) -> None:
    (_HITS if is_hit else _MISSES).inc()


def count_dropped_reports(times: int) -> None:
    _DROPPED_REPORTS.inc(times)


def render_metrics() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


@contextmanager
def metrics_shared_by(workers: int) -> Iterator[None]:
    """Let worker processes that start now count in one directory, which goes when they have ended."""
    if workers == 1:
        yield
        return
    directory = Path(tempfile.mkdtemp(prefix="liftgate-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)
