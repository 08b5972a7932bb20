"""What is owed to the people behind the data, over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response, stream_with_context

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management
from liftgate_server.plumbing.http import Blueprint, PageArgs
from liftgate_server.plumbing.paging import Page
from liftgate_server.privacy import examples, queries, schemas, service
from liftgate_server.privacy.facts import Erasure

__all__ = ["JSON_LINES", "blueprint", "blueprints"]

JSON_LINES = "application/x-ndjson"
_TEXT: dict[str, Any] = {"type": "string"}

blueprint = Blueprint("privacy", __name__, url_prefix="/v1", description="Handing out what is known; forgetting.")
blueprints = (blueprint,)


@blueprint.route("/customers/<customer>/export")
@management(Role.EDITOR)
@blueprint.alt_response(200, schema=_TEXT, content_type=JSON_LINES, success=True, example=examples.EXPORT)
def export_customer(customer: str) -> Response:
    """Hand out every row about a customer, one JSON object a line; the last line counts the others."""
    lines = service.export(current_caller().environment_id, customer)
    return Response(stream_with_context(lines), content_type=JSON_LINES)


@blueprint.route("/customers/<customer>/erase", methods=["POST"])
@management(Role.OWNER)
@blueprint.arguments(schemas.ConfirmSchema, as_kwargs=True, example={"confirm": "acme"})
@blueprint.response(200, schemas.ErasureSchema, example=examples.ERASURE)
def erase_customer(customer: str, *, confirm: str) -> Erasure:
    """Forget a customer for good; what was counted and paid stays under a pseudonym. Asked again it changes nothing."""
    return service.erase_customer(current_caller().environment_id, customer, confirm=confirm)


@blueprint.route("/customers/<customer>/users/<user>/erase", methods=["POST"])
@management(Role.OWNER)
@blueprint.arguments(schemas.ConfirmSchema, as_kwargs=True, example={"confirm": "u1"})
@blueprint.response(200, schemas.ErasureSchema, example={**examples.ERASURE, "kind": "user"})
def erase_user(customer: str, user: str, *, confirm: str) -> Erasure:
    """Forget a person in a customer's account for good; the account goes on."""
    return service.erase_user(current_caller().environment_id, customer, user, confirm=confirm)


@blueprint.route("/erasures")
@management(Role.OWNER)
@blueprint.arguments(PageArgs, location="query", as_kwargs=True)
@blueprint.response(200, schemas.ErasurePageSchema, example={"items": [examples.ERASURE], "next_cursor": None})
def list_erasures(**page: Any) -> Page[Erasure]:
    """List erasures, newest first."""
    return queries.erasures(current_caller().environment_id, **page)


@blueprint.route("/erasures/<erasure>")
@management(Role.OWNER)
@blueprint.response(200, schemas.ErasureSchema, example=examples.RUNNING)
def get_erasure(erasure: str) -> Erasure:
    """Tell how far an erasure has come."""
    return queries.erasure(current_caller().environment_id, erasure)
