"""What anyone may ask: health, metrics and the OpenAPI document."""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson
from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.answers import json_response
from liftgate_server.plumbing.blueprint import Blueprint, public
from liftgate_server.plumbing.config import running_config
from liftgate_server.plumbing.errors import Forbidden, NotFound, Unavailable
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.metrics import render_metrics
from liftgate_server.plumbing.migrating import current_revision, wanted_revision

API_EXTENSION = "liftgate.api"
_WRITTEN = "liftgate.api.written"
_HEALTH: dict[str, Any] = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
_TEXT: dict[str, Any] = {"type": "string"}
_OBJECT: dict[str, Any] = {"type": "object"}

blueprint = Blueprint("public", __name__, description="What anyone may ask.")
blueprints = (blueprint,)


@blueprint.route("/healthz")
@public
@blueprint.alt_response(200, schema=_HEALTH, success=True, example={"status": "ok"})
def healthz() -> Response:
    """Tell that the process answers."""
    return json_response({"status": "ok"})


@blueprint.route("/readyz")
@public
@blueprint.alt_response(200, schema=_HEALTH, success=True, example={"status": "ready"})
def readyz() -> Response:
    """Tell that requests can be served: the database answers and has the schema this code wants."""
    try:
        current, wanted = current_revision(), wanted_revision()
    except SQLAlchemyError as failure:
        logger().error("not_ready", reason=str(failure))
        raise Unavailable("not_ready", "The database does not answer.") from failure
    if current != wanted:
        raise Unavailable("not_ready", f"The database has the schema {current}, this server wants {wanted}.")
    return json_response({"status": "ready"})


@blueprint.route("/metrics")
@public
@blueprint.alt_response(
    200, schema=_TEXT, content_type="text/plain", success=True, example='liftgate_checks_total{reason="entitled"} 7.0'
)
def metrics() -> Response:
    """Give the metrics for Prometheus; by default to callers on this machine only."""
    allowed = running_config().metrics
    if allowed == "off":
        raise NotFound("unknown_path", "Metrics are switched off.")
    if allowed == "loopback" and not _comes_from_this_machine():
        raise Forbidden("metrics_are_local", "Metrics can be read from this machine only.")
    return Response(render_metrics(), content_type=CONTENT_TYPE_LATEST)


@blueprint.route("/openapi.json")
@public
@blueprint.alt_response(200, schema=_OBJECT, success=True, example={"openapi": "3.1.0"})
def openapi() -> Response:
    """Give this document."""
    # Written once: the document does not change while the process runs, and writing it takes 50 ms.
    written = current_app.extensions.get(_WRITTEN)
    if written is None:
        written = orjson.dumps(current_app.extensions[API_EXTENSION].document())
        current_app.extensions[_WRITTEN] = written
    return json_response(written)


def _comes_from_this_machine() -> bool:
    # Behind a proxy on this machine everybody seems to come from here.
    if "HTTP_X_FORWARDED_FOR" in request.environ or "HTTP_FORWARDED" in request.environ:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
