"""What uses a part of the catalogue: customers, hosts, and other parts of the draft."""

from __future__ import annotations

from liftgate_server.publishing import uses
from liftgate_server.publishing.facts import InUse

__all__ = ["uses_of"]


def uses_of(environment_id: int, subject: str) -> InUse:
    """Return what uses a part, named like ``plan:pro``; what the draft alone knows is used by nobody."""
    return uses.uses_of(environment_id, subject) or InUse(subject)
