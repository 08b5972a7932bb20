"""Shapes of reports, for the API's document only: the call reads its JSON by hand."""

from __future__ import annotations

from marshmallow import Schema, fields

from liftgate_server.plumbing.http import Instant
from liftgate_server.usage.facts import Outcome

__all__ = ["ReportSchema", "ReportTakenSchema"]


class GateReportSchema(Schema):
    gate = fields.String(required=True)
    customer = fields.String(required=True)
    hour = Instant(required=True, metadata={"description": "The beginning of an hour in UTC."})
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    reason = fields.String(
        required=True, metadata={"description": "The decision's reason; of an observed one, what it would have been."}
    )
    count = fields.Integer(required=True)


class LevelReportSchema(Schema):
    customer = fields.String(required=True)
    feature = fields.String(required=True)
    used = fields.Integer(required=True)
    at = Instant(required=True)


class UseReportSchema(Schema):
    customer = fields.String(required=True)
    user = fields.String(allow_none=True, metadata={"description": "Who used it, where that was known."})
    feature = fields.String(required=True)
    hour = Instant(required=True, metadata={"description": "The beginning of an hour in UTC."})
    count = fields.Integer(required=True)


class ReportSchema(Schema):
    batch = fields.String(required=True, metadata={"description": "Names the batch for good; it counts once."})
    gates = fields.List(fields.Nested(GateReportSchema))
    levels = fields.List(fields.Nested(LevelReportSchema))
    uses = fields.List(fields.Nested(UseReportSchema))


class ReportTakenSchema(Schema):
    batch = fields.String(required=True)
    replayed = fields.Boolean(required=True, metadata={"description": "Whether it had been counted before."})
