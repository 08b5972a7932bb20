"""Shapes of erasures."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from liftgate_server.plumbing.http import Instant, StrictSchema, page_schema
from liftgate_server.privacy.facts import ErasureKind, ErasureState

__all__ = ["ConfirmSchema", "ErasurePageSchema", "ErasureSchema"]


class ConfirmSchema(StrictSchema):
    confirm = fields.String(
        required=True,
        validate=validate.Length(1, 128),
        metadata={"description": "The id that is to be forgotten, once more: there is no way back."},
    )


class ErasureSchema(Schema):
    id = fields.String(required=True)
    kind = fields.Enum(ErasureKind, by_value=True, required=True)
    pseudonym = fields.String(required=True, metadata={"description": "Stands for the id wherever counts stay."})
    state = fields.Enum(ErasureState, by_value=True, required=True)
    rows = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Rows moved, blanked or dropped so far, by table."},
    )
    requested_by = fields.String(required=True)
    requested_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)


ErasurePageSchema = page_schema(ErasureSchema)
