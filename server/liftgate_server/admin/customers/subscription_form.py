"""The form of a subscription as a command: to begin one, or to change the one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate.engine.catalogue_model import Recurrence
from liftgate_server.customers.facts import Subscription
from liftgate_server.customers.subscription_schemas import MOST_SEATS
from liftgate_server.customers.subscription_service import ChangeSubscription, StartSubscription
from liftgate_server.plumbing.errors import FieldError, Invalid

__all__ = ["SUBSCRIPTION_FIELDS", "change_of_form", "read_quantity", "start_of_form"]

SUBSCRIPTION_FIELDS: Final = ("plan", "interval", "quantity", "currency", "trial_days")
_MOST_TRIAL_DAYS: Final = 730
_INTERVALS: Final = (Recurrence.MONTH, Recurrence.YEAR)


def start_of_form(fields: Mapping[str, str]) -> StartSubscription:
    """Return the subscription to begin; raises ``Invalid`` with words for each field."""
    errors: list[FieldError] = []
    quantity = _number(fields, "quantity", errors, most=MOST_SEATS)
    trial_days = _number(fields, "trial_days", errors, most=_MOST_TRIAL_DAYS)
    if not fields.get("plan"):
        errors.append(FieldError("plan", "missing", "Choose a plan."))
    _refuse(errors)
    return StartSubscription(
        plan=fields["plan"],
        interval=_interval(fields),
        currency=fields.get("currency") or None,
        quantity=quantity,
        trial_days=trial_days,
    )


def change_of_form(fields: Mapping[str, str], subscription: Subscription) -> ChangeSubscription:
    """Return what is to become of the subscription; what stays as it is, is left out."""
    errors: list[FieldError] = []
    quantity = _number(fields, "quantity", errors, most=MOST_SEATS)
    _refuse(errors)
    held = None if subscription.current is None else subscription.current.choice
    plan, interval = fields.get("plan") or None, _interval(fields) if fields.get("interval") else None
    return ChangeSubscription(
        plan=None if held is not None and plan == held.plan else plan,
        interval=None if held is not None and interval is held.interval else interval,
        quantity=None if held is not None and quantity == held.quantity else quantity,
    )


def read_quantity(fields: Mapping[str, str]) -> int:
    """Return how many of an add-on are to be held, 0 for none."""
    text = fields.get("quantity", "").strip()
    if text.isascii() and text.isdecimal() and int(text[:9]) <= MOST_SEATS:
        return int(text)
    raise Invalid(
        "invalid_request", "Write how many, 0 for none.", errors=[_error("quantity", "Write a whole number.")]
    )


def _interval(fields: Mapping[str, str]) -> Recurrence:
    text = fields.get("interval", "")
    return Recurrence(text) if text in _INTERVALS else Recurrence.MONTH


def _number(fields: Mapping[str, str], name: str, errors: list[FieldError], *, most: int) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most:
        return int(text)
    errors.append(_error(name, "Write a whole number from 1 on."))
    return None


def _error(name: str, message: str) -> FieldError:
    return FieldError(name, "bad_value", message)


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid("invalid_request", "Some fields cannot be accepted.", errors=errors)
