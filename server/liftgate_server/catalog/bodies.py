"""Catalogue documents in request bodies: JSON or YAML, up to 2 MB, and how the API's document describes them."""

from __future__ import annotations

from typing import Any, Final

from flask import request

from liftgate_server.catalog.document import SourceDocument, read_source
from liftgate_server.catalog.examples import DOCUMENT
from liftgate_server.plumbing.errors import BadRequest, UnsupportedMediaType

__all__ = ["DOCUMENT_BODY", "OPTIONAL_DOCUMENT_BODY", "given_document", "required_document", "wants_yaml"]

YAML_TYPE = "application/yaml"

_JSON_TYPES = frozenset({"application/json"})
_YAML_TYPES = frozenset({YAML_TYPE, "application/x-yaml", "text/yaml", "text/x-yaml"})

_CONTENT: Final[dict[str, Any]] = {
    "application/json": {"schema": {"type": "object"}, "example": DOCUMENT},
    YAML_TYPE: {"schema": {"type": "string", "description": "The same document as YAML 1.2."}},
}
DOCUMENT_BODY: Final[dict[str, Any]] = {"required": True, "content": _CONTENT}
OPTIONAL_DOCUMENT_BODY: Final[dict[str, Any]] = {
    "required": False,
    "description": "Without a body the draft is published.",
    "content": _CONTENT,
}


def given_document() -> SourceDocument | None:
    """Read the document in the body, ``None`` when nothing was sent.

    An empty body that claims to be a document is refused: it is a file that got lost, not a wish for the draft.
    """
    text = request.get_data(cache=True)
    kind = request.mimetype
    if not text and kind in _YAML_TYPES:
        raise BadRequest("missing_body", "The document is empty; send no content type to publish the draft.")
    if not text:
        return None
    if kind not in _JSON_TYPES | _YAML_TYPES:
        raise UnsupportedMediaType(
            "unsupported_media_type", "Send the catalogue as application/json or application/yaml."
        )
    return read_source(text, is_json=kind in _JSON_TYPES)


def required_document() -> SourceDocument:
    """Read the document in the body; an empty body is refused."""
    source = given_document()
    if source is None:
        raise BadRequest("missing_body", "Send the catalogue document as the body.")
    return source


def wants_yaml() -> bool:
    """Tell whether the client asked for YAML rather than JSON."""
    best = request.accept_mimetypes.best_match(["application/json", *sorted(_YAML_TYPES)])
    return best in _YAML_TYPES
