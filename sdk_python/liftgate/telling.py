"""What a bound customer has to be told ahead of time, from the data that a view decides on."""

from __future__ import annotations

from datetime import UTC, datetime

from liftgate.engine.limits import Reported
from liftgate.engine.notices import Notice, notices
from liftgate.engine.share import Asking, Share, share_of
from liftgate.views import View

__all__ = ["notices_of", "share_told"]


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


def share_told(view: View, key: str, used: Reported | None) -> Share | None:
    """Return how much of a gate's meter, or of a feature, is used; ``None`` while there is no data to tell it from."""
    snapshot, state, settings, reader = view.material.snapshot, view.material.state, view.settings, view.reader
    if snapshot is None or state is None:
        return None
    try:
        at = datetime.fromtimestamp(settings.clock(), UTC)
        asking = Asking(at=at, user=reader.user, buyer=reader.is_buyer, language=reader.language, used=used)
        return share_of(snapshot, state, key, asking)
    except Exception:
        if settings.strict:
            raise
        return None
