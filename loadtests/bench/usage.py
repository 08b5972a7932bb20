"""What counting costs: against bare statements of the same run, and with a hundred times the past."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from loadtests.bench.bare_statements import Task, catch_consume, drive_bare
from loadtests.bench.http_driver import Flow, drive
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row, ratio_at_least
from loadtests.bench.usage_growth import growth_rows
from loadtests.bench.usage_ingest import ingest_rows
from loadtests.bench.usage_site import EVERYBODY, HOT, KINDS, Kind, UsageSite, usage_site
from loadtests.processes import HOST, UnexpectedAnswerError

FULL_ROUNDS, FULL_SECONDS = 5, 3.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.0
WARM_UP_SECONDS, MOST_WARM_UPS = 1.0, 30
ENOUGH_VISITS = 6
LEAST_SHARE: dict[Kind, float] = {"postgresql": 0.45, "sqlite": 0.50}
NAMES: dict[Kind, str] = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def measure(quick: bool, progress: Progress) -> list[Row]:  # noqa: FBT001 - the registry's shape
    rows: list[Row] = []
    for kind in KINDS:
        progress(f"{NAMES[kind]}: starting a server with {len(EVERYBODY)} customers")
        if kind == "postgresql":
            # As it is run: what is acknowledged is on the disk. Below once more without, where nothing hides what the
            # server itself adds.
            with usage_site(kind, durable=True) as site:
                rows += consume_rows(site, quick=quick, progress=progress)
        with usage_site(kind) as site:
            rows += consume_rows(site, quick=quick, progress=progress)
            rows += ingest_rows(site, quick=quick, progress=progress)
        rows += growth_rows(kind, quick=quick, progress=progress)
    return rows


def consume_rows(site: UsageSite, *, quick: bool, progress: Progress) -> list[Row]:
    task = catch_consume(site)
    progress(f"{_name_of(site)}: a consume is {len(task.statements)} statements")
    return [
        row
        for name, customers in (("one customer", (HOT,)), (f"{len(EVERYBODY):,} customers", EVERYBODY))
        for row in _rows_of(site, task, name, customers, quick=quick, progress=progress)
    ]


def _rows_of(
    site: UsageSite, task: Task, name: str, customers: Sequence[str], *, quick: bool, progress: Progress
) -> list[Row]:
    """Measure ours and the floor by turns, so that drift hits them alike."""
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (FULL_ROUNDS, FULL_SECONDS)
    _warm_up(site, customers)
    bare: list[float] = []
    ours: list[Flow] = []
    for number in range(rounds):
        progress(f"{_name_of(site)}, {name}: round {number + 1} of {rounds}")
        if number % 2:
            bare.append(drive_bare(task, customers, seconds))
        ours.append(_drive(site, customers, seconds))
        if not number % 2:
            bare.append(drive_bare(task, customers, seconds))
    rate = statistics.median(flow.requests_per_second for flow in ours)
    target = ratio_at_least(LEAST_SHARE[site.kind])
    title = f"consume, {_name_of(site)}, {name}"
    return [
        Row(title, rate, "requests/s", floor=statistics.median(bare), target=target),
        Row(f"{title}, p50", statistics.median(flow.p50_ms for flow in ours), "ms"),
        Row(f"{title}, p99", statistics.median(flow.p99_ms for flow in ours), "ms"),
    ]


def _name_of(site: UsageSite) -> str:
    return NAMES[site.kind] if site.is_durable else f"{NAMES[site.kind]} without its disk"


def _warm_up(site: UsageSite, customers: Sequence[str]) -> None:
    """Drive until every worker has met every customer, as it would within its first minutes."""
    sent = 0.0
    for _ in range(MOST_WARM_UPS):
        sent += _drive(site, customers, WARM_UP_SECONDS).requests_per_second * WARM_UP_SECONDS
        if sent > ENOUGH_VISITS * len(customers):
            return


def _drive(site: UsageSite, customers: Sequence[str], seconds: float) -> Flow:
    call = site.consume(customers)
    flow = drive(HOST, site.server.port, call, seconds=seconds)
    if flow.errors:
        message = f"{flow.errors} answers to {call.path} were not 200"
        raise UnexpectedAnswerError(message)
    return flow
