"""What an answer of the server means for the answers of this process: its counters, and the offer of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from liftgate.engine import wire
from liftgate.engine.allowance import BASE, allowance_of
from liftgate.engine.decision import Decision
from liftgate.engine.payload import build_payload

if TYPE_CHECKING:
    from liftgate.cache import Cache
    from liftgate.engine.catalogue_model import Snapshot
    from liftgate.engine.customer_state import CustomerState
    from liftgate.engine.payload_model import Payload
    from liftgate.usage_calls import Told
    from liftgate.uses import Use

__all__ = ["LocalCounts", "with_offer"]


_MOST_REMEMBERED: Final = 1_000

_Buckets = dict[str, frozenset[tuple[str, str | None]]]
"""The windows, each with the user it is of, into which the units of a bucket count."""


class _Remembered(NamedTuple):
    """What held for one reader of one feature, and for how long."""

    snapshot: Snapshot
    version: int
    since: datetime
    until: datetime | None
    buckets: _Buckets

    def holds(self, snapshot: Snapshot, state: CustomerState, at: datetime) -> bool:
        """Whether it still does."""
        is_same = self.snapshot is snapshot and self.version == state.version
        return is_same and self.since <= at and (self.until is None or at < self.until)


class LocalCounts:
    """Keeps the counters that checks of this process go by in step with what it counts itself."""

    def __init__(self, cache: Cache, now: Callable[[], datetime]) -> None:
        self._cache = cache
        self._now = now
        self._remembered: dict[tuple[str, str, str | None], _Remembered] = {}

    def told(self, customer: str, answer: Told, asked_at: float, *, gave_back: bool = False) -> None:
        """Take over what the server said; what it had said before may be old, and lowers nothing."""
        told = {(counter.feature, counter.user, counter.window): counter.used for counter in answer.counters}
        since = 0.0 if answer.replayed else asked_at
        self._cache.note_counters(customer, told, asked_at=since, gave_back=gave_back and not answer.replayed)

    def recorded(self, use: Use, feature: str) -> None:
        """Count what was recorded before anybody could say what the counters then stood at."""
        windows = self._buckets(use, feature).get(BASE, ())
        changes = {(feature, user, window): use.units for window, user in windows}
        self._cache.add_to_counters(use.customer, changes)

    def _buckets(self, use: Use, feature: str) -> _Buckets:
        """Return where units count. Working it out costs more than all the rest, so it is remembered while it holds."""
        snapshot, state = use.view.material.snapshot, use.view.material.state
        if snapshot is None or state is None:
            return {}
        at, key = use.at or self._now(), (use.customer, feature, use.user)
        known = self._remembered.get(key)
        if known is not None and known.holds(snapshot, state, at):
            return known.buckets
        allowance = allowance_of(snapshot, state, feature, at=at, user=use.user)
        if allowance is None:
            return {}
        buckets = {
            bucket.key: frozenset((window.key, window.user) for window in bucket.windows())
            for bucket in allowance.buckets
        }
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = _Remembered(snapshot, state.version, at, allowance.valid_until, buckets)
        return buckets


def with_offer(decision: Decision, offer: Any, use: Use, *, at: datetime) -> Decision:
    """Return a refusal that builds its offer when asked for it.

    It is built from our own data where they are what the server decided on, and read from the server's answer else.
    """
    snapshot, state, reader = use.view.material.snapshot, use.view.material.state, use.view.reader
    if decision.granted or decision.unknown:
        return decision
    if snapshot is None or state is None or _versions(decision) != (snapshot.version, state.version):
        return decision if offer is None else replace(decision, _build_offer=lambda _: wire.decode_payload(offer))

    def build(refused: Decision) -> Payload | None:
        return build_payload(
            snapshot,
            state,
            refused,
            at=at,
            user=use.user,
            buyer=reader.is_buyer,
            language=reader.language,
            units=use.units,
            used=None,
        )

    return replace(decision, _build_offer=build)


def _versions(decision: Decision) -> tuple[int | None, int | None]:
    return decision.catalogue_version, decision.customer_version
