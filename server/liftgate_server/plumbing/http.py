"""What a room's `routes` and `schemas` need to speak HTTP, under one name."""

from __future__ import annotations

from liftgate_server.plumbing.answers import is_known, json_response, not_modified, quoted
from liftgate_server.plumbing.blueprint import Blueprint, given_key, idempotent, keyed
from liftgate_server.plumbing.bodies import (
    CATALOGUE_BODY_LIMIT_BYTES,
    USAGE_BODY_LIMIT_BYTES,
    body_limit,
    flatten_messages,
    read_json,
)
from liftgate_server.plumbing.shapes import (
    Instant,
    PageArgs,
    QueryNumber,
    StrictSchema,
    TrueOrFalse,
    WholeNumber,
    page_schema,
    write_instant,
)

__all__ = [
    "CATALOGUE_BODY_LIMIT_BYTES",
    "USAGE_BODY_LIMIT_BYTES",
    "Blueprint",
    "Instant",
    "PageArgs",
    "QueryNumber",
    "StrictSchema",
    "TrueOrFalse",
    "WholeNumber",
    "body_limit",
    "flatten_messages",
    "given_key",
    "idempotent",
    "is_known",
    "json_response",
    "keyed",
    "not_modified",
    "page_schema",
    "quoted",
    "read_json",
    "write_instant",
]
