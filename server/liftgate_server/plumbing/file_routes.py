"""Files that anyone may load: the widget and the payload's schema."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response

from liftgate_server.plumbing.answers import is_known, not_modified, quoted
from liftgate_server.plumbing.blueprint import Blueprint, public
from liftgate_server.plumbing.errors import NotFound
from liftgate_server.plumbing.resources import WIDGET_FILES, MissingResource, payload_schema_file, widget_file

_TEXT: dict[str, Any] = {"type": "string"}
_OBJECT: dict[str, Any] = {"type": "object"}

blueprint = Blueprint("files", __name__, description="Files that anyone may load.")
blueprints = (blueprint,)


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
