"""By which name people stand beside what they publish."""

from __future__ import annotations

from liftgate_server.admin.framing import visitor

__all__ = ["author"]

# As long as the tables keep it.
_LONGEST_NAME = 64


def author() -> str:
    """Return the name that stands beside what the visitor publishes."""
    return visitor().name[:_LONGEST_NAME]
