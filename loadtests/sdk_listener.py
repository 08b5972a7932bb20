"""A host process that waits for news: run by the bench `propagation`, with a pipe to say when it has decided anew.

Usage: python -m loadtests.sdk_listener URL GATE NUMBER DESCRIPTOR, with LIFTGATE_API_KEY set.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

import liftgate
from loadtests.bench.sample import CUSTOMER

READY_WITHIN_SECONDS = 60


def listen(url: str, gate: str, number: str, descriptor: int) -> None:
    changed = threading.Event()
    # Asking only once an hour: whatever is heard in time came over the stream.
    client = liftgate.Client(url, poll_seconds=3600, load_budget_seconds=READY_WITHIN_SECONDS)
    wake_after_each_snapshot(client, changed)
    with client.customer(CUSTOMER):
        wait_until_listening(client)
        decided = client.check(gate)
        say(descriptor, number, 0)
        while True:
            changed.wait()
            changed.clear()
            decision = client.check(gate)
            if decision.granted is not decided.granted:
                say(descriptor, number, decision.catalogue_version or 0)
            decided = decision


def wake_after_each_snapshot(client: liftgate.Client, changed: threading.Event) -> None:
    """Wake the thread that checks, because a hundred processes that look again and again would be the load measured."""
    cache = client._feed.cache  # noqa: SLF001 - nothing public says that a snapshot came
    store = cache.store_snapshot

    def store_and_wake(*arguments: Any, **options: Any) -> None:
        store(*arguments, **options)
        changed.set()

    cache.store_snapshot = store_and_wake  # type: ignore[method-assign]


def wait_until_listening(client: liftgate.Client) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not client._feed._poller.is_listening:  # noqa: SLF001 - as above
        if time.monotonic() > deadline:
            sys.exit(f"no stream within {READY_WITHIN_SECONDS} s: {client.last_error}")
        time.sleep(0.02)


def say(descriptor: int, number: str, version: int) -> None:
    """Say what was decided on, and when; the monotonic clock is the same for all processes of a machine."""
    os.write(descriptor, f"{number} {version} {time.monotonic_ns()}\n".encode())


def end_with_parent() -> None:
    """End when whoever started us is gone, which closes our standard input."""

    def wait() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    listen(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
