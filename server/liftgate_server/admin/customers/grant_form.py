"""The form of an override, promotion or revoke as a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate.engine.catalogue_model import Catalogue, Feature, FeatureKind, Recurrence
from liftgate.engine.customer_state import GrantKind
from liftgate_server.admin.moments import read_end_of_day
from liftgate_server.customers.grant_service import CreateGrant
from liftgate_server.plumbing.errors import FieldError, Invalid

__all__ = ["GRANT_FIELDS", "GRANT_KINDS", "grant_defaults", "grant_of_form", "kind_of"]

GRANT_KINDS: Final = (GrantKind.OVERRIDE, GrantKind.PROMOTION, GrantKind.REVOKE)
GRANT_FIELDS: Final = ("kind", "feature", "value", "per", "ends_at", "reason")
_UNLIMITED: Final = "unlimited"
_LONGEST_REASON: Final = 500


def grant_defaults(catalogue: Catalogue) -> dict[str, str]:
    """Return the form as it stands at first."""
    first = next(iter(catalogue.features), "")
    return {
        "kind": GrantKind.OVERRIDE.value,
        "feature": first,
        "value": "",
        "per": Recurrence.MONTH.value,
        "ends_at": "",
        "reason": "",
    }


def kind_of(text: str | None) -> GrantKind:
    """Return which of the kinds is meant, an override where none is."""
    return next((kind for kind in GRANT_KINDS if kind == text), GrantKind.OVERRIDE)


def grant_of_form(fields: Mapping[str, str], catalogue: Catalogue) -> CreateGrant:
    """Return the grant to make; raises ``Invalid`` with words for each field."""
    errors: list[FieldError] = []
    kind = kind_of(fields.get("kind"))
    feature = catalogue.features.get(fields.get("feature", ""))
    if feature is None:
        errors.append(FieldError("feature", "missing", "Choose a feature."))
    reason = fields.get("reason", "").strip()
    if not 1 <= len(reason) <= _LONGEST_REASON:
        errors.append(FieldError("reason", "missing", "Write why, in up to 500 characters."))
    day = fields.get("ends_at", "").strip()
    ends_at = read_end_of_day(day) if day else None
    if day and ends_at is None:
        errors.append(FieldError("ends_at", "bad_value", "Write a day, such as 2026-12-31."))
    if errors or feature is None:
        raise Invalid("invalid_request", "Some fields cannot be accepted.", errors=errors)
    entitlement = None if kind is GrantKind.REVOKE else _entitlement(feature, kind, fields)
    return CreateGrant(kind, feature=feature.key, entitlement=entitlement, reason=reason, ends_at=ends_at)


def _entitlement(feature: Feature, kind: GrantKind, fields: Mapping[str, str]) -> object:
    value = fields.get("value", "").strip()
    if feature.kind is FeatureKind.SWITCH:
        return kind is GrantKind.PROMOTION or value != "off"
    if feature.kind is FeatureKind.SETTING:
        return value if feature.values else _number(value)
    amount = _UNLIMITED if value.casefold() == _UNLIMITED else _number(value)
    if feature.kind is FeatureKind.CAPACITY or amount == _UNLIMITED:
        return amount
    return {"limit": amount, "per": fields.get("per") or Recurrence.MONTH.value}


def _number(text: str) -> int:
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdecimal()):
        message = "Write a whole number, or “unlimited” for a limit."
        raise Invalid("invalid_request", "Some fields cannot be accepted.", errors=[_error("value", message)])
    return int(digits[:17])


def _error(name: str, message: str) -> FieldError:
    return FieldError(name, "bad_value", message)
