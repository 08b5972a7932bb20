"""Shapes that rooms share: fields, pages, problems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from liftgate_server.plumbing.paging import DEFAULT_PAGE, LARGEST_PAGE

LARGEST_WHOLE_NUMBER = 2**53 - 1
_DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)


class StrictSchema(Schema):
    """What every schema for input derives from: an unknown field is an error."""

    class Meta:
        unknown = RAISE


class WholeNumber(fields.Integer):
    """A JSON integer from 0 (or `least`) to `most`; `true`, `3.0` and `2.6e-42` are refused."""

    def __init__(self, *, least: int = 0, most: int = LARGEST_WHOLE_NUMBER, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **kwargs)


class TrueOrFalse(fields.Boolean):
    """A JSON boolean; `1`, `"yes"` and the like are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:  # noqa: ARG002 - the base's signature
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryNumber(fields.Integer):
    """A whole number in the query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ValidationError("Not a valid whole number.")
        return super()._deserialize(value, attr, data, **kwargs) or 0


class Instant(fields.DateTime):
    """An instant in RFC 3339; written in UTC with a `Z`, microseconds only when there are some."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 - the base's signature
        return None if value is None else write_instant(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        read = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(read, datetime) or read.tzinfo is None:
            raise ValidationError("Not a valid instant: it needs a time zone.")
        try:
            return read.astimezone(UTC)
        except OverflowError as failure:
            raise ValidationError("Not a valid instant: it lies outside the years 1 to 9999.") from failure


def write_instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class PageArgs(StrictSchema):
    """The query of a list; loads into `{"limit", "cursor"}`, ready for `page_query(**page)`."""

    limit = QueryNumber(load_default=DEFAULT_PAGE, validate=validate.Range(1, LARGEST_PAGE))
    cursor = fields.String(load_default=None, validate=validate.Length(1, 2000))


class FieldErrorSchema(Schema):
    path = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    line = fields.Integer()


class ProblemSchema(Schema):
    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))


def page_schema(item: type[Schema]) -> type[Schema]:
    """Make the schema of one page of items."""
    name = item.__name__.removesuffix("Schema") + "PageSchema"
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(allow_none=True, required=True),
        },
        name=name,
    )
