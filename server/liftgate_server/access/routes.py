"""Environments, keys and the empty authenticated request."""

from __future__ import annotations

from typing import Any

from flask import Response

from liftgate_server.access import audit_routes, queries, service
from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management, runtime
from liftgate_server.access.schemas import (
    ApiKeyPageSchema,
    ApiKeySchema,
    CreatedEnvironmentSchema,
    CreatedKeySchema,
    EnvironmentChangesSchema,
    EnvironmentPageSchema,
    EnvironmentSchema,
    NewEnvironmentSchema,
    NewKeySchema,
    PingSchema,
)
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.errors import Forbidden
from liftgate_server.plumbing.http import Blueprint, PageArgs, idempotent, json_response, write_instant
from liftgate_server.plumbing.paging import Page

_ENVIRONMENT = {
    "key": "production",
    "name": "Production",
    "allowed_origins": ["https://app.example.com"],
    "self_confirm": False,
    "default_language": "en",
    "created_at": "2026-11-22T09:00:00Z",
}
_KEY = {
    "id": "0tqv5w1k3k7d9w2m4x8r6h1z0b",
    "kind": "secret",
    "role": None,
    "name": "web servers",
    "created_at": "2026-11-22T09:00:00Z",
    "revoked_at": None,
    "last_used_at": None,
}
_KEY_TEXT = "lgsk_production_0tqv5w1k3k7d9w2m4x8r6h1z0b_" + "x" * 43

ping_blueprint = Blueprint("ping", __name__, description="The empty authenticated request.")
environments_blueprint = Blueprint("environments", __name__, description="Tenants: own catalogue, customers and keys.")
keys_blueprint = Blueprint("keys", __name__, description="Secret and management keys.")


@ping_blueprint.route("/v1/ping")
@runtime
@ping_blueprint.alt_response(
    200,
    schema=PingSchema,
    success=True,
    example={"environment": "production", "server_time": "2026-11-22T09:00:00Z"},
)
def ping() -> Response:
    """Tell the environment of the key and the server's time."""
    return json_response({"environment": current_caller().environment, "server_time": write_instant(now())})


@environments_blueprint.route("/v1/environments")
@management(Role.OWNER)
@environments_blueprint.arguments(PageArgs, location="query")
@environments_blueprint.response(200, EnvironmentPageSchema, example={"items": [_ENVIRONMENT], "next_cursor": None})
def list_environments(_page: dict[str, Any]) -> Page[queries.Environment]:
    """List the environments this key may see: its own."""
    return Page((queries.environment_by_id(current_caller().environment_id),), None)


@environments_blueprint.route("/v1/environments", methods=["POST"])
@management(Role.OWNER)
@idempotent
@environments_blueprint.arguments(NewEnvironmentSchema, example={"key": "staging", "name": "Staging"})
@environments_blueprint.response(
    201, CreatedEnvironmentSchema, example={**_ENVIRONMENT, "owner_key": _KEY_TEXT.replace("lgsk", "lgmk")}
)
def create_environment(new: service.NewEnvironment) -> service.FoundedEnvironment:
    """Create an environment and the first owner key in it."""
    return service.found_environment(new)


@environments_blueprint.route("/v1/environments/<key>")
@management(Role.OWNER)
@environments_blueprint.response(200, EnvironmentSchema, example=_ENVIRONMENT)
def get_environment(key: str) -> queries.Environment:
    """Read an environment."""
    return queries.environment_by_id(_own_environment(key))


@environments_blueprint.route("/v1/environments/<key>", methods=["PATCH"])
@management(Role.OWNER)
@environments_blueprint.arguments(
    EnvironmentChangesSchema, example={"allowed_origins": ["https://app.example.com", "https://beta.example.com"]}
)
@environments_blueprint.response(200, EnvironmentSchema, example=_ENVIRONMENT)
def update_environment(changes: service.EnvironmentChanges, key: str) -> queries.Environment:
    """Change an environment; what is absent stays."""
    return service.update_environment(_own_environment(key), changes)


@keys_blueprint.route("/v1/keys")
@management(Role.OWNER)
@keys_blueprint.arguments(PageArgs, location="query")
@keys_blueprint.response(200, ApiKeyPageSchema, example={"items": [_KEY], "next_cursor": None})
def list_keys(page: dict[str, Any]) -> Page[queries.ApiKey]:
    """List the keys of the environment, oldest first."""
    return queries.list_keys(current_caller().environment_id, **page)


@keys_blueprint.route("/v1/keys", methods=["POST"])
@management(Role.OWNER)
@idempotent
@keys_blueprint.arguments(NewKeySchema, example={"kind": "secret", "name": "web servers"})
@keys_blueprint.response(201, CreatedKeySchema, example={**_KEY, "key": _KEY_TEXT})
def create_key(new: dict[str, Any]) -> service.NewKey:
    """Make a key; its text is in this answer and nowhere else."""
    return service.create_key(current_caller().environment_id, **new)


@keys_blueprint.route("/v1/keys/<key_id>/revoke", methods=["POST"])
@management(Role.OWNER)
@idempotent
@keys_blueprint.response(200, ApiKeySchema, example={**_KEY, "revoked_at": "2026-11-23T09:00:00Z"})
def revoke_key(key_id: str) -> queries.ApiKey:
    """Refuse a key from the next request on."""
    return service.revoke_key(current_caller().environment_id, key_id)


def _own_environment(key: str) -> int:
    caller = current_caller()
    # The same answer whether or not there is such an environment.
    if key != caller.environment:
        raise Forbidden("foreign_environment", f"This key belongs to the environment '{caller.environment}'.")
    return caller.environment_id


blueprints = (ping_blueprint, environments_blueprint, keys_blueprint, audit_routes.blueprint)
