"""The bodies of the calls that use something up, read by hand: these are the hottest writes there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from liftgate_server.plumbing.errors import Invalid
from liftgate_server.plumbing.fields import (
    LARGEST_WHOLE_NUMBER,
    Fields,
    Wrong,
    read_id,
    read_instant,
    read_item,
    read_language,
    read_text,
    read_whole_number,
)

__all__ = [
    "AHEAD",
    "LARGEST_QUANTITY",
    "LATE",
    "MOST_EVENTS",
    "Event",
    "LevelChange",
    "Refund",
    "Settlement",
    "Wanted",
    "WrongEvent",
    "read_consume",
    "read_events",
    "read_key",
    "read_level",
    "read_refund",
    "read_release",
    "read_reserve",
    "read_settlement",
]

MOST_EVENTS: Final = 1_000
# Of one event. Some thousand of the largest stay within what JSON can say, some million within what a column holds.
LARGEST_QUANTITY: Final = 10**12
# How late an event may come, and how far the clock of a host may run ahead.
LATE: Final = timedelta(days=35)
AHEAD: Final = timedelta(hours=1)

_LONGEST_KEY: Final = 128
_LONGEST_GATE: Final = 128
_MOST_PROPERTIES: Final = 32
_LONGEST_PROPERTY: Final = 64
_LONGEST_VALUE: Final = 256
_DEFAULT_SECONDS: Final = 300
_MOST_SECONDS: Final = 86_400

_CONSUME_FIELDS: Final = frozenset({"customer", "feature", "gate", "quantity", "user", "language", "properties"})
_RESERVE_FIELDS: Final = _CONSUME_FIELDS | {"expires_in_seconds"}
_EVENT_FIELDS: Final = frozenset({"key", "customer", "feature", "quantity", "user", "at", "properties"})
_COMMIT_FIELDS: Final = frozenset({"customer", "reservation", "quantity"})
_RELEASE_FIELDS: Final = frozenset({"customer", "reservation"})
_REFUND_FIELDS: Final = frozenset({"customer", "key", "quantity"})
_LEVEL_FIELDS: Final = frozenset({"customer", "feature", "level", "by", "user", "at"})

Properties = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be used up, or held: of the feature named, or of the one that the gate counts."""

    customer: str
    feature: str | None
    gate: str | None
    quantity: int = 1
    user: str | None = None
    language: str | None = None
    properties: Properties = field(default_factory=dict)
    seconds: int = _DEFAULT_SECONDS


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has been used; ``at`` is ``None`` for now."""

    index: int
    key: str
    customer: str
    feature: str
    quantity: int = 1
    user: str | None = None
    at: datetime | None = None
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrongEvent:
    """An event that cannot be read, and why."""

    index: int
    key: str | None
    problem: Invalid


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a reservation: ``quantity`` is what was really used."""

    customer: str
    reservation: str
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class Refund:
    """What is given back of a use; ``quantity`` is ``None`` for all of it."""

    customer: str
    key: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level as it is from now on, or by how much it changes: one of the two."""

    customer: str
    feature: str
    level: int | None
    by: int | None
    user: str | None = None
    at: datetime | None = None


def read_consume(body: Any) -> Wanted:
    """Read what is to be used up."""
    return _read_wanted(Fields(body, allowed=_CONSUME_FIELDS))


def read_reserve(body: Any) -> Wanted:
    """Read what is to be held."""
    return _read_wanted(Fields(body, allowed=_RESERVE_FIELDS))


def read_events(body: Any, *, at: datetime) -> Iterator[Event | WrongEvent]:
    """Read a batch that came in at an instant, one event after the other."""
    fields = Fields(body, allowed=frozenset({"events"}))
    events: list[Any] = fields.required("events", _read_list, [])
    fields.refuse_if_wrong()
    return (_read_event(index, event, at=at) for index, event in enumerate(events))


def read_settlement(body: Any) -> Settlement:
    """Read how much of a reservation was used; nothing is an answer too."""
    fields = Fields(body, allowed=_COMMIT_FIELDS)
    settlement = Settlement(
        customer=fields.required("customer", read_id, ""),
        reservation=fields.required("reservation", read_key, ""),
        quantity=fields.required("quantity", partial(read_whole_number, most=LARGEST_QUANTITY), 0),
    )
    fields.refuse_if_wrong()
    return settlement


def read_release(body: Any) -> Settlement:
    """Read which reservation is given up."""
    fields = Fields(body, allowed=_RELEASE_FIELDS)
    settlement = Settlement(
        customer=fields.required("customer", read_id, ""),
        reservation=fields.required("reservation", read_key, ""),
    )
    fields.refuse_if_wrong()
    return settlement


def read_refund(body: Any) -> Refund:
    """Read what is given back."""
    fields = Fields(body, allowed=_REFUND_FIELDS)
    refund = Refund(
        customer=fields.required("customer", read_id, ""),
        key=fields.required("key", read_key, ""),
        quantity=fields.optional("quantity", _read_quantity),
    )
    fields.refuse_if_wrong()
    return refund


def read_level(body: Any, *, at: datetime) -> LevelChange:
    """Read a level, or a change of one, that was told at an instant."""
    fields = Fields(body, allowed=_LEVEL_FIELDS)
    change = LevelChange(
        customer=fields.required("customer", read_id, ""),
        feature=fields.required("feature", _read_gate, ""),
        level=fields.optional("level", read_whole_number),
        by=fields.optional("by", _read_step),
        user=fields.optional("user", read_id),
        at=fields.optional("at", partial(_read_past, now=at)),
    )
    if fields.has("level") == fields.has("by"):
        fields.refuse("level", "missing", "Send either the level, or by how much it changes.")
    fields.refuse_if_wrong()
    return change


def read_key(value: Any) -> str:
    """Read a key that names something for good."""
    text = read_text(value, longest=_LONGEST_KEY)
    if not text.isascii() or not text.isprintable():
        raise Wrong("bad_value", "Expected printable ASCII characters.")
    return text


def _read_wanted(fields: Fields) -> Wanted:
    wanted = Wanted(
        customer=fields.required("customer", read_id, ""),
        feature=fields.optional("feature", _read_gate),
        gate=fields.optional("gate", _read_gate),
        quantity=_or_one(fields.optional("quantity", _read_quantity)),
        user=fields.optional("user", read_id),
        language=fields.optional("language", read_language),
        properties=fields.optional("properties", _read_properties) or {},
        seconds=fields.optional("expires_in_seconds", _read_seconds) or _DEFAULT_SECONDS,
    )
    if fields.has("feature") == fields.has("gate"):
        fields.refuse("feature", "missing", "Send either a feature or a gate.")
    fields.refuse_if_wrong()
    return wanted


def _read_event(index: int, body: Any, *, at: datetime) -> Event | WrongEvent:
    try:
        fields = Fields(body, allowed=_EVENT_FIELDS)
        event = Event(
            index=index,
            key=fields.required("key", read_key, ""),
            customer=fields.required("customer", read_id, ""),
            feature=fields.required("feature", _read_gate, ""),
            quantity=_or_one(fields.optional("quantity", _read_quantity)),
            user=fields.optional("user", read_id),
            at=fields.optional("at", partial(_read_past, now=at)),
            properties=fields.optional("properties", _read_properties) or {},
        )
        fields.refuse_if_wrong()
    except Invalid as problem:
        key = body.get("key") if isinstance(body, Mapping) else None
        return WrongEvent(index, key[:_LONGEST_KEY] if isinstance(key, str) else None, problem)
    return event


def _or_one(quantity: int | None) -> int:
    return 1 if quantity is None else quantity


def _read_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong("wrong_type", "Expected a list of events.")
    if len(value) > MOST_EVENTS:
        raise Wrong("out_of_range", f"At most {MOST_EVENTS} events are allowed.")
    return value


_read_quantity: Callable[[Any], int] = partial(read_whole_number, least=1, most=LARGEST_QUANTITY)
_read_seconds: Callable[[Any], int] = partial(read_whole_number, least=1, most=_MOST_SECONDS)
# Any short text may be asked for; one that no gate and no feature can have is an unknown one.
_read_gate: Callable[[Any], str] = partial(read_text, longest=_LONGEST_GATE)


def _read_step(value: Any) -> int:
    step = read_whole_number(value, least=-LARGEST_QUANTITY, most=LARGEST_QUANTITY)
    if step == 0:
        raise Wrong("out_of_range", "Expected a whole number other than 0.")
    return step


def _read_past(value: Any, *, now: datetime) -> datetime:
    at = read_instant(value)
    if at > now + AHEAD:
        raise Wrong("still_to_come", "This instant is still to come.")
    if at < now - LATE:
        raise Wrong("too_old", f"This is longer ago than {LATE.days} days.")
    return at


def _read_properties(value: Any) -> Properties:
    if not isinstance(value, dict):
        raise Wrong("wrong_type", "Expected an object of texts and numbers.")
    if len(value) > _MOST_PROPERTIES:
        raise Wrong("out_of_range", f"At most {_MOST_PROPERTIES} properties are allowed.")
    for name, inner in value.items():
        read_item(f".{name[:_LONGEST_PROPERTY]}", partial(_refuse_property, name), inner)
    return value


def _refuse_property(name: str, value: Any) -> None:
    if not 1 <= len(name) <= _LONGEST_PROPERTY:
        raise Wrong("out_of_range", f"The name of a property has 1 to {_LONGEST_PROPERTY} characters.")
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        raise Wrong("out_of_range", f"At most {_LONGEST_VALUE} characters are allowed.")
    if type(value) is int and abs(value) > LARGEST_WHOLE_NUMBER:
        raise Wrong("out_of_range", f"Expected a number up to {LARGEST_WHOLE_NUMBER}.")
    if isinstance(value, dict | list) or (isinstance(value, float) and not math.isfinite(value)):
        raise Wrong("wrong_type", "Expected a text, a number, true, false or null.")
