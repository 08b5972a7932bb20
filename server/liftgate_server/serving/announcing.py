"""Says where the server is once it answers, not before."""

from __future__ import annotations

import http.client
import time

import click

_READY_WITHIN_SECONDS = 60


def announce(host: str, port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                click.echo(f"Liftgate serves http://{_in_url(host)}:{port}")
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    click.echo(f"The server does not answer on port {port}; is it taken?", err=True)


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
