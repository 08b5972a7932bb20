"""Where the stream is: the request workers hold no connection open, they say who does."""

from __future__ import annotations

from flask import Response, request

from liftgate_server.access.guard import any_face
from liftgate_server.entitlements.requests import read_after
from liftgate_server.plumbing.config import Config, running_config
from liftgate_server.plumbing.errors import Unavailable
from liftgate_server.plumbing.http import Blueprint

__all__ = ["blueprint", "blueprints"]

PATH = "/v1/stream"

blueprint = Blueprint("stream", __name__, url_prefix="/v1", description="What changed, as it changes")
blueprints = (blueprint,)

_AFTER = {"in": "query", "name": "after", "schema": {"type": "integer", "minimum": 0}}
_LAST_EVENT = {"in": "header", "name": "Last-Event-ID", "schema": {"type": "integer", "minimum": 0}}
_EXAMPLE = """event: hello
data: {"latest":41,"heartbeat_seconds":15}

id: 42
event: changes
data: {"latest":42,"reset":false,"changes":[{"number":42,"kind":"customer","key":"acme","version":7}]}

"""
_LOCATION = {"Location": {"description": "Where the stream is held.", "schema": {"type": "string", "format": "uri"}}}


@blueprint.route("/stream")
@any_face
@blueprint.doc(parameters=[_AFTER, _LAST_EVENT])
@blueprint.alt_response(
    200, schema={"type": "string"}, content_type="text/event-stream", success=True, example=_EXAMPLE
)
@blueprint.alt_response(307, success=True, description="The stream is held there.", headers=_LOCATION)
def stream() -> Response:
    """Send changes as they happen, as server-sent events; a request worker says where that is done, or 503."""
    read_after(request.args)
    query = request.query_string.decode("ascii", "replace")
    address = stream_address(running_config(), request.scheme, request.host)
    # An answer for this caller at this moment: another may be sent elsewhere.
    headers = {"Location": f"{address}{PATH}{'?' if query else ''}{query}", "Cache-Control": "no-store"}
    return Response(status=307, headers=headers)


def stream_address(config: Config, scheme: str, host: str) -> str:
    """Name the server of the stream as this caller reaches it: the same host on the stream's port."""
    if config.stream_url is not None:
        return config.stream_url
    if not isinstance(config.stream_port, int) or config.stream_port == 0:
        raise Unavailable("stream_unavailable", "No stream runs beside this server; ask GET /v1/changes instead.")
    name = host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return f"{scheme}://{name}:{config.stream_port}"
