"""Grants over HTTP."""

from __future__ import annotations

from typing import Any

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.customers import examples, grant_service, queries
from liftgate_server.customers.facts import CustomerGrant
from liftgate_server.customers.grant_schemas import CreateGrantSchema, GrantArgs, GrantPageSchema, GrantSchema
from liftgate_server.plumbing.http import Blueprint, idempotent
from liftgate_server.plumbing.paging import Page

grants_blueprint = Blueprint(
    "grants",
    __name__,
    url_prefix="/v1/customers/<customer>/grants",
    description="Overrides, promotions, revokes and trials of one customer.",
)


@grants_blueprint.route("")
@management(Role.VIEWER)
@grants_blueprint.arguments(GrantArgs, location="query", as_kwargs=True)
@grants_blueprint.response(200, GrantPageSchema, example=examples.page_of(examples.GRANT))
def list_grants(customer: str, **args: Any) -> Page[CustomerGrant]:
    """List the grants of a customer, newest first, all or those in one state."""
    return queries.grants(current_caller().environment_id, customer, **args)


@grants_blueprint.route("", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@grants_blueprint.arguments(CreateGrantSchema, example=examples.CREATE_GRANT)
@grants_blueprint.response(201, GrantSchema, example=examples.GRANT)
def create_grant(command: grant_service.CreateGrant, customer: str) -> CustomerGrant:
    """Give a customer an override, a promotion, a revoke or a trial."""
    caller = current_caller()
    return grant_service.create_grant(caller.environment_id, customer, command, created_by=caller.key_id)


@grants_blueprint.route("/<grant>/end", methods=["POST"])
@management(Role.EDITOR)
@idempotent
@grants_blueprint.response(200, GrantSchema, example={**examples.GRANT, "state": "ended"})
def end_grant(customer: str, grant: str) -> CustomerGrant:
    """End a grant now; one that is scheduled never begins."""
    return grant_service.end_grant(current_caller().environment_id, customer, grant)
