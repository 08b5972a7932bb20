"""What `liftgate doctor --running` asks the server that serves with these settings."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from liftgate_server.cli.finding import Finding
from liftgate_server.plumbing.config import Config

_WITHIN_SECONDS = 5.0
_CLOCK_TOLERANCE = timedelta(seconds=2)
# An address to listen on everywhere is none to call.
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is replaced here, not listened on


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    server_time: str | None


def examine_requests(config: Config) -> Iterator[Finding]:
    try:
        answer = _ask(config, config.port, "/readyz")
    except OSError as failure:
        advice = "Start it: liftgate serve"
        yield Finding("server", ok=False, detail=f"{config.host}:{config.port}: {failure}", advice=advice)
        return
    is_ready = answer.status == HTTPStatus.OK
    yield Finding("server", ok=is_ready, detail=f"{config.host}:{config.port} answers {answer.status} to /readyz")
    if answer.server_time is not None:
        yield _compare_clocks(answer.server_time)


def examine_stream(config: Config) -> Iterator[Finding]:
    if config.stream_port == "off":
        yield Finding("stream", ok=True, detail="switched off; SDKs poll")
        return
    port = config.stream_port or config.port + 1
    try:
        # Without a credential it refuses, which only the stream itself does on this port.
        answer = _ask(config, port, "/v1/stream")
    except OSError as failure:
        advice = "SDKs poll meanwhile. The log of the server says why its stream does not run."
        yield Finding("stream", ok=False, detail=f"{config.host}:{port}: {failure}", advice=advice)
        return
    is_stream = answer.status == HTTPStatus.UNAUTHORIZED
    yield Finding("stream", ok=is_stream, detail=f"{config.host}:{port} answers {answer.status} without a credential")


def _compare_clocks(server_time: str) -> Finding:
    apart = abs(datetime.fromtimestamp(float(server_time), UTC) - datetime.now(UTC))
    is_close = apart <= _CLOCK_TOLERANCE
    advice = None if is_close else "Let both machines keep time by NTP: decisions end by the server's clock."
    seconds = f"{apart.total_seconds():.1f} s from the clock here"
    return Finding("server's clock", ok=is_close, detail=seconds, advice=advice)


def _ask(config: Config, port: int, path: str) -> _Answer:
    host = _ANYWHERE.get(config.host, config.host)
    connection = http.client.HTTPConnection(host, port, timeout=_WITHIN_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return _Answer(answer.status, answer.headers.get("Liftgate-Time"))
    except http.client.HTTPException as failure:
        raise OSError(f"it does not speak HTTP: {failure!r}") from failure
    finally:
        connection.close()
