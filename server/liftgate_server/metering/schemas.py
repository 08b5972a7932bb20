"""Shapes of the calls that use something up. The hot ones read and write JSON by hand: theirs only describe."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from liftgate_server.metering.requests import LARGEST_QUANTITY, MOST_EVENTS
from liftgate_server.plumbing.http import Instant, PageArgs, StrictSchema, page_schema

__all__ = [
    "AnswerSchema",
    "CommitSchema",
    "ConsumeSchema",
    "HistoryArgs",
    "HistorySchema",
    "LedgerArgs",
    "LedgerPageSchema",
    "LevelSchema",
    "NowArgs",
    "RecordSchema",
    "RecordedSchema",
    "RefundSchema",
    "ReleaseSchema",
    "ReserveSchema",
    "UsageNowSchema",
]

_UNITS = validate.Range(1, LARGEST_QUANTITY)
_PROPERTIES = "Up to 32 texts, numbers, true, false or null by name."
_GATE = "The gate whose feature is counted; its mode and whatever else it requires are judged too."


class EventSchema(Schema):
    key = fields.String(required=True, metadata={"description": "Names the event for good: it counts once."})
    customer = fields.String(required=True)
    feature = fields.String(required=True, metadata={"description": "A metered feature, or a value metric."})
    quantity = fields.Integer(allow_none=True, validate=_UNITS, metadata={"description": "1 when absent."})
    user = fields.String(allow_none=True)
    at = Instant(
        allow_none=True, metadata={"description": "When it was used: up to 35 days ago, an hour ahead at most."}
    )
    properties = fields.Dict(allow_none=True, metadata={"description": _PROPERTIES})


class RecordSchema(Schema):
    events = fields.List(fields.Nested(EventSchema), required=True, validate=validate.Length(0, MOST_EVENTS))


class FieldProblemSchema(Schema):
    path = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class RefusedEventSchema(FieldProblemSchema):
    class Meta:
        exclude = ("path",)

    index = fields.Integer(required=True)
    key = fields.String(required=True, allow_none=True)
    errors = fields.List(fields.Nested(FieldProblemSchema), required=True)


class RecordedSchema(Schema):
    counted = fields.Integer(required=True)
    replayed = fields.Integer(required=True, metadata={"description": "How many had been counted before."})
    refused = fields.List(fields.Nested(RefusedEventSchema), required=True)


class ConsumeSchema(Schema):
    customer = fields.String(required=True)
    feature = fields.String(allow_none=True, metadata={"description": "A metered feature; or else a gate."})
    gate = fields.String(allow_none=True, metadata={"description": _GATE})
    quantity = fields.Integer(allow_none=True, validate=_UNITS, metadata={"description": "1 when absent."})
    user = fields.String(allow_none=True)
    language = fields.String(allow_none=True, metadata={"description": "Of the offer that comes with a refusal."})
    properties = fields.Dict(allow_none=True, metadata={"description": _PROPERTIES})


class ReserveSchema(ConsumeSchema):
    expires_in_seconds = fields.Integer(
        allow_none=True, validate=validate.Range(1, 86_400), metadata={"description": "300 when absent."}
    )


class ReleaseSchema(Schema):
    customer = fields.String(required=True)
    reservation = fields.String(required=True)


class CommitSchema(ReleaseSchema):
    quantity = fields.Integer(
        required=True,
        validate=validate.Range(0, LARGEST_QUANTITY),
        metadata={"description": "What was really used; no more than was reserved."},
    )


class RefundSchema(Schema):
    customer = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "That of the use."})
    quantity = fields.Integer(
        allow_none=True, validate=_UNITS, metadata={"description": "All that is left when absent."}
    )


class LevelSchema(Schema):
    customer = fields.String(required=True)
    feature = fields.String(required=True, metadata={"description": "A capacity."})
    level = fields.Integer(allow_none=True, metadata={"description": "How much there is now; or else `by`."})
    by = fields.Integer(allow_none=True, metadata={"description": "How much more or less."})
    user = fields.String(allow_none=True)
    at = Instant(allow_none=True)


class PartSchema(Schema):
    bucket = fields.String(required=True)
    units = fields.Integer(required=True)


class CounterSchema(Schema):
    feature = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    window = fields.String(required=True)
    used = fields.Integer(required=True)


class AnswerSchema(Schema):
    granted = fields.Boolean(required=True)
    replayed = fields.Boolean(
        required=True, metadata={"description": "Whether the same key had been answered before; this is that answer."}
    )
    key = fields.String(required=True)
    decision = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "As of /v1/check, in the numbers after the use; null where nothing is limited."},
    )
    offer = fields.Dict(
        required=True, allow_none=True, metadata={"description": "A payload as in /schemas/payload-1.json, true now."}
    )
    receipt = fields.List(fields.Nested(PartSchema), required=True)
    counters = fields.List(
        fields.Nested(CounterSchema), required=True, metadata={"description": "What the counters then stood at."}
    )
    reservation = fields.String(metadata={"description": "Of a reservation: its key."})
    expires_at = Instant(allow_none=True)


class NowArgs(StrictSchema):
    user = fields.String(load_default=None, validate=validate.Length(1, 128))
    language = fields.String(
        load_default=None,
        validate=validate.Length(1, 35),
        metadata={"description": "Of the sentences; the customer's own when absent."},
    )


class WindowNowSchema(Schema):
    window = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    used = fields.Integer(required=True)
    held = fields.Integer(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    projection = fields.Integer(required=True, allow_none=True)


class OverLimitNowSchema(Schema):
    policy = fields.String(required=True)
    over = fields.Integer(required=True)
    until = Instant(required=True, allow_none=True)


class CrossingSchema(Schema):
    window = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    percent = fields.Integer(required=True)
    at = Instant(required=True)


class FeatureNowSchema(Schema):
    feature = fields.String(required=True)
    kind = fields.String(required=True)
    used = fields.Integer(required=True, metadata={"description": "What is held included."})
    held = fields.Integer(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    remaining = fields.Integer(required=True, allow_none=True)
    resets_at = Instant(required=True, allow_none=True)
    projection = fields.Integer(
        required=True, allow_none=True, metadata={"description": "What it comes to by the end if it goes on like this."}
    )
    decided_by = fields.String(required=True, allow_none=True)
    over_limit = fields.Nested(OverLimitNowSchema, required=True, allow_none=True)
    windows = fields.List(fields.Nested(WindowNowSchema), required=True)
    crossings = fields.List(fields.Nested(CrossingSchema), required=True)
    percent = fields.Integer(required=True, allow_none=True, metadata={"description": "Used of the limit."})
    sentence = fields.String(
        required=True, allow_none=True, metadata={"description": "The same in words, and what would give more."}
    )


class MetricNowSchema(Schema):
    metric = fields.String(required=True)
    since = Instant(required=True)
    units = fields.Integer(required=True)
    uses = fields.Integer(required=True)


class UsageNowSchema(Schema):
    customer = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    at = Instant(required=True)
    features = fields.List(fields.Nested(FeatureNowSchema), required=True)
    value_metrics = fields.List(fields.Nested(MetricNowSchema), required=True)


class _ListArgs(PageArgs):
    feature = fields.String(load_default=None, validate=validate.Length(1, 64))
    user = fields.String(load_default=None, validate=validate.Length(1, 128))
    format = fields.String(
        load_default=None,
        validate=validate.OneOf(["json", "csv"]),
        metadata={"description": "`csv` for all of it as a file, like `Accept: text/csv`."},
    )


class HistoryArgs(_ListArgs):
    feature = fields.String(required=True, validate=validate.Length(1, 64))
    first = fields.Date(
        load_default=None, data_key="from", metadata={"description": "The first day in UTC; 30 days ago when absent."}
    )
    last = fields.Date(load_default=None, data_key="to", metadata={"description": "The last day; today when absent."})
    by = fields.String(load_default="day", validate=validate.OneOf(["day", "user"]))

    @validates_schema
    def _refuse_a_user_by_user(self, data: dict[str, object], **_: object) -> None:
        if data.get("by") == "user" and data.get("user") is not None:
            raise ValidationError("Expected a user, or a list of users, not both.", "user")


class LedgerArgs(_ListArgs):
    operation = fields.String(load_default=None, validate=validate.Length(1, 32))
    since = Instant(load_default=None, data_key="from")
    until = Instant(load_default=None, data_key="to")


class HistoryItemSchema(Schema):
    day = fields.Date(metadata={"description": "By day, in UTC."})
    user = fields.String(
        allow_none=True, metadata={"description": "By user; null for what was used without naming one."}
    )
    users = fields.Integer(metadata={"description": "By day: how many users there were."})
    units = fields.Integer(required=True)
    uses = fields.Integer(required=True)
    last_at = Instant(required=True)


class LedgerEntrySchema(Schema):
    key = fields.String(required=True)
    operation = fields.String(required=True)
    feature = fields.String(required=True)
    gate = fields.String(required=True, allow_none=True)
    user = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    uses = fields.Integer(required=True)
    at = Instant(required=True)
    received_at = Instant(required=True)
    refused = fields.Boolean(required=True)
    properties = fields.Dict(required=True)
    receipt = fields.List(fields.Nested(PartSchema), required=True)


HistorySchema = page_schema(HistoryItemSchema)
LedgerPageSchema = page_schema(LedgerEntrySchema)
