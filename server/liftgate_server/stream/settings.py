"""What can be set about the stream, and the bounds that keep one reader from harming the others."""

from __future__ import annotations

import resource
from dataclasses import dataclass

from liftgate_server.plumbing.config import Config

__all__ = ["StreamSettings", "settings_for"]

# The database, Redis, logs, and refusals that still have to be written when the stream is full.
_OTHER_FILES = 128


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Bounds and rhythms of one stream process."""

    heartbeat_seconds: float = 15.0
    most_connections: int = 10_000
    # One customer's user with more pages open than this reads by polling.
    most_per_end_user: int = 32
    head_within_seconds: float = 10.0
    admit_within_seconds: float = 10.0
    catch_up_within_seconds: float = 30.0
    drain_within_seconds: float = 5.0
    poll_seconds: float = 0.05
    # About 90 bytes a change, so a reader may lie two pages behind before it is dropped.
    changes_in_a_page: int = 500
    most_unread_bytes: int = 128 * 1024


def settings_for(config: Config) -> StreamSettings:
    """Take what was configured, within what the system lets one process hold open."""
    return StreamSettings(
        heartbeat_seconds=float(config.stream_heartbeat_seconds),
        most_connections=min(config.stream_connections, _raise_open_files() - _OTHER_FILES),
    )


def _raise_open_files() -> int:
    """Allow this process as many open files as it may allow itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return soft
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
