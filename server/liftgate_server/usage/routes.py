"""What hosts report, over HTTP."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, request

from liftgate_server.access.guard import current_caller, runtime
from liftgate_server.plumbing.clock import now
from liftgate_server.plumbing.http import Blueprint, idempotent, json_response, read_json
from liftgate_server.usage import examples, schemas, service
from liftgate_server.usage.requests import read_report

__all__ = ["blueprint", "blueprints"]

blueprint = Blueprint("usage", __name__, url_prefix="/v1", description="What hosts count and report in batches.")
blueprints = (blueprint,)


@blueprint.route("/reports", methods=["POST"])
@runtime
@idempotent
@blueprint.body(schemas.ReportSchema, example=examples.REPORT)
@blueprint.alt_response(200, schema=schemas.ReportTakenSchema, success=True, example=examples.TAKEN)
def take_report() -> Response:
    """Count what a host has counted; a batch that is sent again counts once. Gates and customers need not be known."""
    report = read_report(read_json(), digest=sha256(request.get_data(cache=True)).digest(), at=now())
    is_new = service.take_report(current_caller().environment_id, report)
    return json_response({"batch": report.batch, "replayed": not is_new})
