"""What anyone may read: health, metrics, the OpenAPI document, the widget and the payload's schema."""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import orjson
from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from liftgate_server.plumbing.answers import is_known, json_response, not_modified, quoted
from liftgate_server.plumbing.blueprint import Blueprint, public
from liftgate_server.plumbing.config import Config
from liftgate_server.plumbing.errors import Forbidden, NotFound, Unavailable
from liftgate_server.plumbing.logs import logger
from liftgate_server.plumbing.metrics import render_metrics
from liftgate_server.plumbing.migrating import current_revision, wanted_revision
from liftgate_server.plumbing.resources import WIDGET_FILES, MissingResource, payload_schema_file, widget_file

CONFIG_EXTENSION = "liftgate.config"
API_EXTENSION = "liftgate.api"
_HEALTH: dict[str, Any] = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
_TEXT: dict[str, Any] = {"type": "string"}
_OBJECT: dict[str, Any] = {"type": "object"}

blueprint = Blueprint("public", __name__, description="What anyone may read.")


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
    allowed = cast("Config", current_app.extensions[CONFIG_EXTENSION]).metrics
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
    return json_response(openapi_bytes())


@blueprint.route("/widget/<name>")
@public
@blueprint.alt_response(
    200, schema=_TEXT, content_type="text/javascript", success=True, example="export class LiftgateModal {}"
)
def widget(name: str) -> Response:
    """Give a module script of the widget; pages of any origin may load it. The first one is ``liftgate.js``."""
    if name not in WIDGET_FILES:
        raise NotFound("unknown_path", f"The widget has no file '{name}'.")
    try:
        response = _file_response(widget_file(name), "text/javascript; charset=utf-8")
    except MissingResource as failure:
        raise NotFound("widget_missing", str(failure)) from failure
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.route("/schemas/payload-1.json")
@public
@blueprint.alt_response(
    200, schema=_OBJECT, content_type="application/schema+json", success=True, example={"title": "Modal payload"}
)
def payload_schema() -> Response:
    """Give the JSON Schema of the modal payload."""
    return _file_response(payload_schema_file(), "application/schema+json")


blueprints = (blueprint,)


def openapi_bytes() -> bytes:
    api = current_app.extensions[API_EXTENSION]
    return orjson.dumps(api.spec.to_dict())


def _comes_from_this_machine() -> bool:
    # Behind a proxy on this machine everybody seems to come from here.
    if "HTTP_X_FORWARDED_FOR" in request.environ or "HTTP_FORWARDED" in request.environ:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _file_response(path: Path, content_type: str) -> Response:
    content, etag = _read(path, path.stat().st_mtime_ns)
    if is_known(etag):
        response = not_modified(etag)
    else:
        response = Response(content, content_type=content_type)
        response.headers["ETag"] = quoted(etag)
    # The address has no version in it, so a cache asks again after five minutes, which costs a 304.
    response.headers["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    return response


@lru_cache(maxsize=8)
def _read(path: Path, _changed_at: int) -> tuple[bytes, str]:
    content = path.read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:20]
