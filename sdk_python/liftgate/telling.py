"""What a bound customer has to be told ahead of time, from the data that a view decides on."""

from __future__ import annotations

from datetime import UTC, datetime

from liftgate.engine.notices import Notice, notices
from liftgate.views import View

__all__ = ["notices_of"]


def notices_of(view: View) -> tuple[Notice, ...]:
    """Return what the reader has to be told; nothing while there is no data to tell it from."""
    snapshot, state, settings = view.material.snapshot, view.material.state, view.settings
    if snapshot is None or state is None:
        return ()
    try:
        at = datetime.fromtimestamp(settings.clock(), UTC)
        return notices(snapshot, state, at=at, language=view.reader.language)
    except Exception:
        # As with answers: outside of tests the host's page goes on without.
        if settings.strict:
            raise
        return ()
