"""Batches of events over HTTP against `COPY` into a staging table and `INSERT … ON CONFLICT` from it."""

from __future__ import annotations

import gzip
import http.client
import json
import secrets
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter

import psycopg

from loadtests.bench.bare_statements import database_target
from loadtests.bench.measure import Progress
from loadtests.bench.report import Row, ratio_at_least
from loadtests.bench.usage_site import EVERYBODY, FEATURE, HOT, UsageSite
from loadtests.processes import HOST, UnexpectedAnswerError

BATCH = 500
CONNECTIONS = 2
FULL_ROUNDS, FULL_BATCHES = 5, 30
QUICK_ROUNDS, QUICK_BATCHES = 3, 8
LEAST_SHARE = 0.5
_CALL_SECONDS = 60
_OTHER_ENVIRONMENT = 1_000_000
"""The floor's rows lie in the same table, beside ours."""
_OK = 200

Send = Callable[[bytes], None]


def ingest_rows(site: UsageSite, *, quick: bool, progress: Progress) -> list[Row]:
    """Send batches by turns to the server and to the database; on SQLite, which has no COPY, to the server alone."""
    rounds, batches = (QUICK_ROUNDS, QUICK_BATCHES) if quick else (FULL_ROUNDS, FULL_BATCHES)
    rows: list[Row] = []
    for name, customers in (("one customer", (HOT,)), (f"{len(EVERYBODY):,} customers", EVERYBODY)):
        ours: list[float] = []
        floor: list[float] = []
        for number in range(rounds):
            progress(f"batches on {site.kind}, {name}: round {number + 1} of {rounds}")
            ours.append(_rate(lambda: _posting(site), [_body(customers) for _ in range(batches)]))
            if site.kind == "postgresql":
                floor.append(_rate(lambda: _copying(site), [_lines(customers) for _ in range(batches)]))
        bare = statistics.median(floor) if floor else None
        target = ratio_at_least(LEAST_SHARE) if floor else None
        title = f"record, {BATCH} a batch, {site.kind}, {name}"
        rows.append(Row(title, statistics.median(ours), "events/s", floor=bare, target=target))
    return rows


def _rate(connect: Callable[[], Iterator[Send]], batches: Sequence[bytes]) -> float:
    """Send the batches over all connections at once; give events a second."""
    beginning = threading.Barrier(CONNECTIONS + 1)
    failures: list[Exception] = []

    def work(own: Sequence[bytes]) -> None:
        try:
            for send in connect():
                beginning.wait()
                for batch in own:
                    send(batch)
        except Exception as failure:  # noqa: BLE001 - told below, by who waits for it
            failures.append(failure)
            beginning.abort()

    threads = [threading.Thread(target=work, args=(batches[number::CONNECTIONS],)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    beginning.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    lasted = perf_counter() - began
    if failures:
        raise failures[0]
    return len(batches) * BATCH / lasted


def _posting(site: UsageSite) -> Iterator[Send]:
    connection = http.client.HTTPConnection(HOST, site.server.port, timeout=_CALL_SECONDS)
    headers = {**site.headers, "Content-Encoding": "gzip"}

    def send(body: bytes) -> None:
        connection.request("POST", "/v1/usage/record", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != _OK or json.loads(text)["counted"] != BATCH:
            message = f"a batch was answered {answer.status}: {text[:500]!r}"
            raise UnexpectedAnswerError(message)

    yield send
    connection.close()


def _body(customers: Sequence[str]) -> bytes:
    prefix = secrets.token_hex(6)
    events = [
        {"key": f"{prefix}-{number}", "customer": customers[number % len(customers)], "feature": FEATURE, "quantity": 1}
        for number in range(BATCH)
    ]
    return gzip.compress(json.dumps({"events": events}).encode(), 1)


_COLUMNS = (
    'environment_id, customer, key, operation, feature, "user", quantity, base_quantity, uses, at, received_at, '
    "refused, digest"
)


def _copying(site: UsageSite) -> Iterator[Send]:
    with psycopg.connect(database_target(site)) as connection:
        connection.execute("CREATE TEMPORARY TABLE staging (LIKE usage_events) ON COMMIT DELETE ROWS")
        connection.commit()

        def send(lines: bytes) -> None:
            with connection.cursor() as cursor:
                with cursor.copy(f"COPY staging ({_COLUMNS}) FROM STDIN") as copy:
                    copy.write(lines)
                cursor.execute("INSERT INTO usage_events SELECT * FROM staging ON CONFLICT DO NOTHING")
                assert cursor.rowcount == BATCH
            connection.commit()

        yield send


def _lines(customers: Sequence[str]) -> bytes:
    prefix, at = secrets.token_hex(6), datetime.now(UTC).isoformat()
    digest = "\\\\x" + "ab" * 32
    counted = (1, 1, 1, at, at, "f", digest)
    rows = (
        (_OTHER_ENVIRONMENT, customers[number % len(customers)], f"{prefix}-{number}", "record", FEATURE, "", *counted)
        for number in range(BATCH)
    )
    return "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()
