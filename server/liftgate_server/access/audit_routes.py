"""The audit log over HTTP: read, never written."""

from __future__ import annotations

from typing import Any

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.access.schemas import AuditArgs, AuditEntryPageSchema
from liftgate_server.plumbing.audit import Entry, entries
from liftgate_server.plumbing.http import Blueprint
from liftgate_server.plumbing.paging import Page

_ENTRY = {
    "number": 17,
    "at": "2026-11-22T09:00:00Z",
    "actor_kind": "key",
    "actor_id": "0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "actor_name": "deployment",
    "action": "environment.updated",
    "subject": "environment:production",
    "before": {"name": "Live"},
    "after": {"name": "Production"},
}

blueprint = Blueprint("audit", __name__, description="Who changed what.")


@blueprint.route("/v1/audit")
@management(Role.VIEWER)
@blueprint.arguments(AuditArgs, location="query")
@blueprint.response(200, AuditEntryPageSchema, example={"items": [_ENTRY], "next_cursor": None})
def list_entries(args: dict[str, Any]) -> Page[Entry]:
    """List what was changed in the environment, newest first; by whom, what, and to what it was done."""
    return entries(current_caller().environment_id, **args)
