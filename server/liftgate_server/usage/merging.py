"""Which old entries of the ledger become one: what an hour's entries add up to. Pure."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from liftgate_server.usage.named_windows import named_units, window_keys

__all__ = ["Boundaries", "Merged", "OldEntry", "merge"]

Boundaries = Mapping[str, Sequence[datetime]]
"""By feature, in order, the instants at which a counter that is kept begins or ends: no hour is merged across one."""


@dataclass(frozen=True, slots=True)
class OldEntry:
    """What an entry of the ledger counted."""

    feature: str
    user: str
    quantity: int
    base_quantity: int
    uses: int
    at: datetime
    received_at: datetime
    receipt: Mapping[str, Any] | None


@dataclass(slots=True)
class Merged:
    """What takes the place of several entries of one hour, user and feature that counted into the same windows.

    ``at`` is the first of their instants, so that it lies within the windows that they lie within.
    """

    key: str
    feature: str
    user: str
    at: datetime
    received_at: datetime
    quantity: int = 0
    base_quantity: int = 0
    uses: int = 0
    allowance: Mapping[str, Any] | None = None
    parts: dict[str, int] = field(default_factory=dict)

    @property
    def receipt(self) -> dict[str, Any] | None:
        """What is needed to count the windows anew that the ledger does not keep; of others the row itself says it."""
        if self.allowance is None:
            return None
        return {"parts": sorted(self.parts.items()), "counters": [], "allowance": self.allowance}

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.key.encode()).digest()


def merge(entries: Iterable[OldEntry], boundaries: Boundaries) -> list[Merged]:
    """Add up entries, in the order of their instants; of the same entries and boundaries come the same keys."""
    found: dict[str, Merged] = {}
    for entry in entries:
        if entry.quantity == entry.base_quantity == entry.uses == 0:
            continue  # a refusal, or a level said again: it counts nothing
        key = _key(entry, boundaries)
        merged = found.get(key)
        if merged is None:
            merged = found[key] = Merged(key, entry.feature, entry.user, entry.at, entry.received_at)
        _add(merged, entry)
    return list(found.values())


def _add(merged: Merged, entry: OldEntry) -> None:
    merged.at = min(merged.at, entry.at)
    merged.received_at = max(merged.received_at, entry.received_at)
    merged.quantity += entry.quantity
    merged.base_quantity += entry.base_quantity
    merged.uses += entry.uses
    if entry.receipt is not None and _named(entry.receipt):
        merged.allowance = entry.receipt["allowance"]
        for bucket, units, *_ in entry.receipt["parts"]:
            merged.parts[bucket] = merged.parts.get(bucket, 0) + units


def _key(entry: OldEntry, boundaries: Boundaries) -> str:
    """Name a merged row; hosts send keys of ASCII, so none begins with this sign."""
    hour = entry.at.replace(minute=0, second=0, microsecond=0)
    stretch = bisect_right(boundaries.get(entry.feature, ()), entry.at)
    since = boundaries[entry.feature][stretch - 1].isoformat() if stretch else ""
    windows = "\n".join((*window_keys(entry.receipt), "", *_named(entry.receipt)))
    same = f"{entry.feature}\n{entry.user}\n{since}\n{windows}"
    return f"§{hour:%Y-%m-%dT%H}-{hashlib.sha256(same.encode()).hexdigest()[:24]}"


def _named(receipt: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Say which windows a receipt names that the ledger does not keep, whoever counted how much into them."""
    return tuple(f"{user}|{window}" for (user, window), _ in named_units(receipt))
