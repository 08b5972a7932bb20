"""What one account may use: every feature with its decision and what led to it, from one read of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.explain import Explanation, explain
from liftgate.engine.judging import Asked
from liftgate.engine.limits import Reported
from liftgate_server.entitlements.service import load_whole_customer
from liftgate_server.plumbing.clock import now

__all__ = ["EffectiveAccess", "effective_access"]


@dataclass(frozen=True, slots=True)
class EffectiveAccess:
    """A customer at one instant; ``features`` follow the order of the catalogue."""

    snapshot: Snapshot
    state: CustomerState
    at: datetime
    features: Mapping[str, Explanation]


def effective_access(
    environment_id: int, customer: str, *, reported: Mapping[str, Reported] | None = None
) -> EffectiveAccess:
    """Explain every feature of the catalogue for a customer; ``reported`` are the host's own counts by feature."""
    at, used = now(), reported or {}
    loaded = load_whole_customer(environment_id, customer, at=at, user=None)
    # Without declared gates every feature is asked for by its own, also where a gate has taken its key.
    bare = replace(loaded.snapshot, catalogue=replace(loaded.snapshot.catalogue, gates={}))
    features = {
        key: explain(bare, loaded.state, key, Asked(at=at, reported=used.get(key))) for key in bare.catalogue.features
    }
    return EffectiveAccess(loaded.snapshot, loaded.state, at, features)
