"""What an answer of the server means for the answers of this process: its counters, and the offer of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from liftgate.consuming import Taken
from liftgate.engine import wire
from liftgate.engine.allowance import allowance_of
from liftgate.engine.decision import Decision
from liftgate.engine.payload import build_payload

if TYPE_CHECKING:
    from liftgate.cache import Cache
    from liftgate.engine.customer_state import UsageKey
    from liftgate.engine.payload_model import Payload
    from liftgate.usage_calls import Told
    from liftgate.uses import Use
    from liftgate.views import View

__all__ = ["LocalCounts", "with_offer"]


class LocalCounts:
    """Keeps the counters that checks of this process go by in step with what it counts itself."""

    def __init__(self, cache: Cache, now: Callable[[], datetime]) -> None:
        self._cache = cache
        self._now = now

    def told(self, customer: str, answer: Told, asked_at: float) -> None:
        """Take over what the server said; what it had said before may be old, and lowers nothing."""
        told = {(counter.feature, counter.user, counter.window): counter.used for counter in answer.counters}
        self._cache.note_counters(customer, told, asked_at=0.0 if answer.replayed else asked_at)

    def changed(self, use: Use, feature: str, taken: Iterable[Taken]) -> None:
        """Count what was taken before anybody could say what the counters then stood at."""
        changes = _counted_in(use.view, feature, taken, at=use.at or self._now(), user=use.user)
        self._cache.add_to_counters(use.customer, changes)


def _counted_in(
    view: View, feature: str, taken: Iterable[Taken], *, at: datetime, user: str | None
) -> Mapping[UsageKey, int]:
    """Return by how much each counter rises when that is taken from the buckets of a feature."""
    snapshot, state = view.material.snapshot, view.material.state
    if snapshot is None or state is None:
        return {}
    allowance = allowance_of(snapshot, state, feature, at=at, user=user)
    buckets = {} if allowance is None else {bucket.key: bucket for bucket in allowance.buckets}
    changes: dict[UsageKey, int] = {}
    for part in taken:
        if part.bucket in buckets:
            for window, owner in {(window.key, window.user) for window in buckets[part.bucket].windows()}:
                changes[feature, owner, window] = changes.get((feature, owner, window), 0) + part.units
    return changes


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
