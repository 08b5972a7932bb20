"""All views of the area, loaded."""

from __future__ import annotations

from liftgate_server.admin.shell import account, arrival, audit_log, entry, keys, overview, people, settings
from liftgate_server.admin.shell.area import area

__all__ = ["account", "area", "arrival", "audit_log", "entry", "keys", "overview", "people", "settings"]
