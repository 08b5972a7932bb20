"""All views of the area, loaded."""

from __future__ import annotations

from liftgate_server.admin.shell import account, audit_log, keys, overview, people, settings
from liftgate_server.admin.shell.area import area

__all__ = ["account", "area", "audit_log", "keys", "overview", "people", "settings"]
