"""The shapes of customers, users and the MRR ledger."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from liftgate_server.customers.models import ID_LENGTH, NAME_LENGTH
from liftgate_server.customers.mrr import MrrCause, MrrKind
from liftgate_server.customers.service import MOST_ATTRIBUTES, UpsertCustomer, UpsertUser
from liftgate_server.plumbing.http import Instant, PageArgs, StrictSchema, TrueOrFalse, page_schema

LARGEST_NUMBER = 2**53 - 1
_ATTRIBUTE_KEY_LENGTH = 64
_ATTRIBUTE_TEXT_LENGTH = 500

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")
_LANGUAGE = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z", error="Not a valid language tag.")
_EMAIL = validate.Regexp(r"^[^@\s]{1,64}@[^@\s]{1,255}\Z", error="Not a valid e-mail address.")


def is_plain(text: str) -> None:
    """Refuse control characters: no name needs them, and not every database stores them."""
    if _CONTROL_CHARACTERS.search(text):
        raise ValidationError("Not a valid text: it has control characters.")


def is_currency(text: str) -> None:
    if re.fullmatch(r"[A-Z]{3}", text, re.ASCII) is None:
        raise ValidationError("Not a valid currency: three capital letters of ISO 4217.")


class Attributes(fields.Dict):
    """What a host reports about an account: keys to strings, finite numbers, true, false or null."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        attributes: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        # Twice as many may come as may be kept, because nulls remove some.
        if len(attributes) > 2 * MOST_ATTRIBUTES:
            raise ValidationError(f"Longer than maximum length {2 * MOST_ATTRIBUTES}.")
        problems = {key: [problem] for key, item in attributes.items() if (problem := _attribute_problem(key, item))}
        if problems:
            raise ValidationError(problems)
        return attributes


def _attribute_problem(key: str, value: object) -> str | None:
    if not 1 <= len(key) <= _ATTRIBUTE_KEY_LENGTH or _CONTROL_CHARACTERS.search(key):
        return f"Not a valid key: 1 to {_ATTRIBUTE_KEY_LENGTH} printable characters."
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _text_problem(value)
    if isinstance(value, int | float):
        is_exact = math.isfinite(value) and abs(value) <= LARGEST_NUMBER
        return None if is_exact else f"Must be between -{LARGEST_NUMBER} and {LARGEST_NUMBER}."
    return "Not a valid attribute: a string, a number, true, false or null."


def _text_problem(text: str) -> str | None:
    if len(text) > _ATTRIBUTE_TEXT_LENGTH:
        return f"Longer than maximum length {_ATTRIBUTE_TEXT_LENGTH}."
    return "Not a valid text: it has a null character." if "\x00" in text else None


class CustomerSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    attributes = fields.Dict(required=True, keys=fields.String())
    version = fields.Integer(required=True)
    billing_anchor = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class UpsertCustomerSchema(StrictSchema):
    name = fields.String(allow_none=True, validate=[validate.Length(1, NAME_LENGTH), is_plain])
    language = fields.String(allow_none=True, validate=_LANGUAGE)
    currency = fields.String(allow_none=True, validate=is_currency)
    attributes = Attributes(
        allow_none=True,
        metadata={
            "description": "Merged into what is known: a key that is absent stays, a key that is null is removed, and "
            f"null instead of the object removes all. At most {MOST_ATTRIBUTES} are kept."
        },
    )

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> UpsertCustomer:
        return UpsertCustomer(**values)


class CustomerUserSchema(Schema):
    customer = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    buyer = fields.Boolean(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class UpsertUserSchema(StrictSchema):
    name = fields.String(allow_none=True, validate=[validate.Length(1, NAME_LENGTH), is_plain])
    email = fields.String(allow_none=True, validate=[validate.Length(3, 320), _EMAIL, is_plain])
    buyer = TrueOrFalse(
        metadata={"description": "Whether this person may buy. While nobody in an account is a buyer, everybody is."}
    )

    @post_load
    def build(self, values: dict[str, Any], **_context: Any) -> UpsertUser:
        return UpsertUser(**values)


class CustomerSearchArgs(PageArgs):
    search = fields.String(
        load_default=None,
        validate=validate.Length(1, NAME_LENGTH),
        metadata={"description": "Finds customers whose id or name begins with it, in capitals or not."},
    )


class MrrChangeSchema(Schema):
    id = fields.String(required=True)
    customer = fields.String(required=True)
    at = Instant(required=True)
    kind = fields.Enum(MrrKind, by_value=True, required=True)
    cause = fields.Enum(MrrCause, by_value=True, required=True)
    currency = fields.String(required=True)
    mrr_before = fields.Integer(required=True, metadata={"description": "Minor units of the currency per month."})
    mrr_after = fields.Integer(required=True, metadata={"description": "Minor units of the currency per month."})
    order = fields.String(required=True, allow_none=True, attribute="order_id")
    offer = fields.String(required=True, allow_none=True, attribute="offer_key")
    impression_id = fields.String(required=True, allow_none=True)


class MrrChangeArgs(PageArgs):
    customer_id = fields.String(data_key="customer", load_default=None, validate=validate.Length(1, ID_LENGTH))


CustomerPageSchema = page_schema(CustomerSchema)
CustomerUserPageSchema = page_schema(CustomerUserSchema)
MrrChangePageSchema = page_schema(MrrChangeSchema)
