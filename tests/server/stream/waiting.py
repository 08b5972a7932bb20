"""Waiting for what happens in another thread."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 20
"""How long a test waits for what must come; what has come is never waited for."""


def wait_until(condition: Callable[[], object]) -> None:
    """Return once it holds; fail when it does not come to hold."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)
