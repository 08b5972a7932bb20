"""All views of the area, loaded."""

from __future__ import annotations

from liftgate_server.admin.shell import account, overview, settings
from liftgate_server.admin.shell.area import area

__all__ = ["account", "area", "overview", "settings"]
