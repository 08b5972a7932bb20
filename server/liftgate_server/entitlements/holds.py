"""Reservations that expired and that nobody has swept yet: until somebody counts there, their units stand in `held`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from liftgate.engine.allowance_model import Window
from liftgate_server.plumbing.db import hot_rows, read_stored, stored
from liftgate_server.usage.facts import BEGINNING, FOREVER, is_kept_by_ledger
from liftgate_server.usage.named_windows import named_units

__all__ = ["expired_holds"]

# The next one who counts sweeps them all, so there are never many; the bound is against the day on which nobody counts.
_MOST = 1_000

_EXPIRED = f"""
    SELECT feature, "user", base_units, created_at, receipt FROM usage_reservations
    WHERE environment_id = ? AND customer = ? AND state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT {_MOST}
"""  # noqa: S608 - our own words


def expired_holds(
    environment_id: int, customer: str, windows: Sequence[tuple[str, Window]], *, at: datetime
) -> list[int]:
    """Return how many units of each window are held by reservations that have expired."""
    expired = hot_rows(_EXPIRED, environment_id, customer, stored(at))
    return [sum(_units(feature, window, row) for row in expired) for feature, window in windows]


def _units(feature: str, window: Window, row: tuple[Any, ...]) -> int:
    its_feature, user, base_units, created_at, receipt = row
    if its_feature != feature or (window.user is not None and window.user != user):
        return 0
    if is_kept_by_ledger(window.key):
        within = (window.starts_at or BEGINNING) <= read_stored(created_at) < (window.ends_at or FOREVER)
        return int(base_units) if within else 0
    named = dict(named_units(orjson.loads(receipt) if isinstance(receipt, str | bytes) else receipt))
    return named.get((window.user or "", window.key), 0)
