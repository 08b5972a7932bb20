"""Shapes of the calls that check, for the API's document only: the hot calls read and write JSON by hand."""

from __future__ import annotations

from marshmallow import Schema, fields

from liftgate_server.plumbing.http import Instant

__all__ = [
    "ChangesSchema",
    "CheckAnswerSchema",
    "CheckBatchAnswerSchema",
    "CheckBatchSchema",
    "CheckSchema",
    "ClientCheckSchema",
    "DecisionSchema",
    "ExplanationSchema",
    "NoticesSchema",
    "SnapshotSchema",
    "StateSchema",
]

_USED = "The host's own count: a whole number for every window, or an object of numbers by recurrence."


class ClientCheckSchema(Schema):
    gate = fields.String(required=True)
    used = fields.Raw(metadata={"description": _USED})


class CheckSchema(ClientCheckSchema):
    customer = fields.String(required=True)
    user = fields.String(allow_none=True)
    units = fields.Integer(
        allow_none=True, metadata={"description": "How many units are wanted; else what the gate asks."}
    )
    language = fields.String(allow_none=True)
    at = fields.DateTime(allow_none=True, metadata={"description": "Another instant than now; management keys only."})


class CheckBatchSchema(Schema):
    customer = fields.String(required=True)
    gates = fields.List(fields.String(), allow_none=True, metadata={"description": "All gates when absent."})
    user = fields.String(allow_none=True)
    used = fields.Dict(keys=fields.String(), values=fields.Raw(), metadata={"description": f"By gate. {_USED}"})
    language = fields.String(allow_none=True)


class SourceSchema(Schema):
    kind = fields.String(required=True)
    key = fields.String(required=True)
    ends_at = Instant(required=True, allow_none=True)


class OverLimitSchema(Schema):
    policy = fields.String(required=True, metadata={"description": "`block_new`, `read_only` or `grace`."})
    over = fields.Integer(required=True)
    until = Instant(required=True, allow_none=True)


class DecisionSchema(Schema):
    granted = fields.Boolean(required=True)
    reason = fields.String(required=True)
    gate = fields.String(required=True)
    feature = fields.String(required=True, allow_none=True)
    used = fields.Integer(required=True, allow_none=True)
    limit = fields.Integer(required=True, allow_none=True)
    remaining = fields.Integer(required=True, allow_none=True)
    resets_at = Instant(required=True, allow_none=True)
    value = fields.Raw(required=True, allow_none=True)
    sources = fields.List(fields.Nested(SourceSchema), required=True)
    decided_by = fields.String(required=True, allow_none=True)
    observed = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)
    valid_until = Instant(required=True, allow_none=True)
    catalogue_version = fields.Integer(required=True, allow_none=True)
    customer_version = fields.Integer(required=True, allow_none=True)
    stale = fields.Boolean(required=True)
    fallback = fields.Boolean(required=True)
    over_limit = fields.Nested(
        OverLimitSchema,
        required=True,
        allow_none=True,
        metadata={"description": "That more is used than the limit, as after a downgrade."},
    )


class CheckAnswerSchema(Schema):
    decision = fields.Nested(DecisionSchema, required=True)
    offer = fields.Dict(
        required=True, allow_none=True, metadata={"description": "A payload as in /schemas/payload-1.json."}
    )


class CheckBatchAnswerSchema(Schema):
    decisions = fields.Dict(keys=fields.String(), values=fields.Nested(DecisionSchema), required=True)


class TraceStepSchema(Schema):
    rule = fields.String(required=True)
    detail = fields.String(required=True)
    feature = fields.String(required=True, allow_none=True)
    decisive = fields.Boolean(required=True)


class SkippedStepSchema(Schema):
    step = fields.String(required=True)
    reason = fields.String(required=True)


class ExplanationSchema(Schema):
    decision = fields.Nested(DecisionSchema, required=True)
    trace = fields.List(fields.Nested(TraceStepSchema), required=True)
    skipped = fields.List(fields.Nested(SkippedStepSchema), required=True)


class ChangeSchema(Schema):
    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)


class ChangesSchema(Schema):
    latest = fields.Integer(required=True)
    reset = fields.Boolean(required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class NoticeSchema(Schema):
    kind = fields.String(required=True, metadata={"description": "`grandfathering`: the version of the plan ends."})
    plan = fields.String(required=True)
    at = Instant(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    incentive = fields.String(required=True, allow_none=True)


class NoticesSchema(Schema):
    notices = fields.List(fields.Nested(NoticeSchema), required=True)


class SnapshotSchema(Schema):
    wire = fields.Integer(required=True)
    environment = fields.String(required=True)
    version = fields.Integer(required=True)
    published_at = Instant(required=True)
    plan_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    addon_versions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    catalogue = fields.Dict(required=True, metadata={"description": "The document in its normal form."})
    plan_successions = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        required=True,
        metadata={"description": "What ends when."},
    )
    addon_successions = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)


class StateSchema(Schema):
    wire = fields.Integer(required=True)
    environment = fields.String(required=True)
    customer = fields.String(required=True)
    version = fields.Integer(required=True)
    language = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    attributes = fields.Dict(required=True)
    buyers = fields.List(fields.String(), required=True)
    billing_anchor = Instant(required=True, allow_none=True)
    phases = fields.List(fields.Dict(), required=True)
    addons = fields.List(fields.Dict(), required=True)
    grants = fields.List(fields.Dict(), required=True)
    pinned_plans = fields.Dict(required=True)
    pinned_addons = fields.Dict(required=True)
    usage = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "What the counters stood at when it was asked; the ETag does not follow them."},
    )
    crossings = fields.List(fields.Dict(), required=True)
