"""The calls that count use, as docs/contracts.md has them: what they say, and what their answers mean."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from liftgate.api import Api
from liftgate.consuming import Taken
from liftgate.engine import wire
from liftgate.engine.decision import Decision
from liftgate.errors import ApiError, FieldError, ServerUnreachable
from liftgate.uses import Use

__all__ = ["Answer", "Counter", "RefusedEvent", "Told", "UsageCalls", "event_of", "is_no_answer", "wanted_of"]

_PACKING_LEVEL: Final = 5

_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError)

_COMES_BACK: Final = frozenset({401, 403, 405, 408, 425, 429})
"""Refusals that say nothing about what was asked: the key, the way there or the load is in question."""


class Counter(NamedTuple):
    """What a counter said after the answer."""

    feature: str
    user: str | None
    window: str
    used: int


class RefusedEvent(NamedTuple):
    """An event of a batch that the server would not count."""

    place: int
    error: ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer says was counted. Without ``counters`` the receipt alone says it."""

    replayed: bool = False
    receipt: tuple[Taken, ...] = ()
    counters: tuple[Counter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Told):
    """The answer to consuming or reserving. ``offer`` is a document still."""

    decision: Decision
    offer: Any = None
    expires_at: datetime | None = None


class UsageCalls:
    """Typed calls; each raises ``ApiError`` for a refusal and ``ServerUnreachable`` for no answer."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def consume(self, wanted: Mapping[str, Any], *, key: str, timeout_seconds: float | None = None) -> Answer:
        """Check and count."""
        return _answer(self._api.post("/v1/usage/consume", wanted, key=key, timeout_seconds=timeout_seconds))

    def reserve(self, wanted: Mapping[str, Any], *, key: str, ttl_seconds: int, timeout_seconds: float) -> Answer:
        """Hold units."""
        fields = {**wanted, "expires_in_seconds": ttl_seconds}
        return _answer(self._api.post("/v1/usage/reserve", fields, key=key, timeout_seconds=timeout_seconds))

    def commit(self, customer: str, reservation: str, units: int, timeout_seconds: float | None = None) -> Told:
        """Count what was used of a reservation."""
        fields = {"customer": customer, "reservation": reservation, "quantity": units}
        return _told(self._api.post("/v1/usage/reservations/commit", fields, timeout_seconds=timeout_seconds))

    def release(self, customer: str, reservation: str, timeout_seconds: float | None = None) -> Told:
        """Free a reservation."""
        fields = {"customer": customer, "reservation": reservation}
        return _told(self._api.post("/v1/usage/reservations/release", fields, timeout_seconds=timeout_seconds))

    def refund(
        self, customer: str, of: str, units: int | None, *, key: str, timeout_seconds: float | None = None
    ) -> Told:
        """Give back."""
        fields = {"customer": customer, "key": of, "quantity": units}
        return _told(self._api.post("/v1/usage/refund", fields, key=key, timeout_seconds=timeout_seconds))

    def level(self, fields: Mapping[str, Any], *, key: str, timeout_seconds: float) -> Answer:
        """Say how much there is, or how much more."""
        return _answer(self._api.post("/v1/usage/level", fields, key=key, timeout_seconds=timeout_seconds))

    def record(self, events: Sequence[bytes]) -> tuple[RefusedEvent, ...]:
        """Tell what has happened; return what the server would not count."""
        packed = gzip.compress(b'{"events":[' + b",".join(events) + b"]}", _PACKING_LEVEL)
        answer = self._api.post("/v1/usage/record", packed)
        try:
            return tuple(_refused(refusal) for refusal in answer["refused"])
        except _UNREADABLE as error:
            raise ServerUnreachable(f"The server's answer cannot be read: {error!r}") from error


def wanted_of(use: Use) -> dict[str, Any]:
    """Return what asks for units; every feature is a gate of its own name, too."""
    return {
        "customer": use.customer,
        "gate": use.subject,
        "quantity": use.units,
        "user": use.user,
        "language": use.view.reader.language,
        "properties": use.properties,
    }


def event_of(use: Use, *, feature: str, at: datetime) -> dict[str, Any]:
    """Return an event as it is told."""
    fields = {
        "key": use.key,
        "customer": use.customer,
        "feature": feature,
        "quantity": use.units,
        "user": use.user,
        "at": wire.encode_instant(at),
        "properties": use.properties,
    }
    return {name: value for name, value in fields.items() if value is not None}


def is_no_answer(error: Exception) -> bool:
    """Whether an error says nothing about what was asked, so that asking again can help."""
    if isinstance(error, ApiError):
        has_no_route = error.code == "unknown_path"  # a server from before there was any counting
        return error.status >= 500 or error.status in _COMES_BACK or has_no_route  # noqa: PLR2004 - server errors
    return isinstance(error, ServerUnreachable)


def _answer(document: Any) -> Answer:
    try:
        return Answer(
            decision=wire.decode_decision(document["decision"]),
            offer=document.get("offer"),
            expires_at=wire.decode_instant(document.get("expires_at")),
            **_counted(document),
        )
    except _UNREADABLE as error:
        raise ServerUnreachable(f"The server's answer cannot be read: {error!r}") from error


def _told(document: Any) -> Told:
    try:
        return Told(**_counted(document))
    except _UNREADABLE as error:
        raise ServerUnreachable(f"The server's answer cannot be read: {error!r}") from error


def _counted(document: Any) -> dict[str, Any]:
    return {
        "replayed": bool(document.get("replayed", False)),
        "receipt": tuple(Taken(str(part["bucket"]), int(part["units"])) for part in document.get("receipt") or ()),
        "counters": tuple(
            Counter(str(counter["feature"]), counter.get("user"), str(counter["window"]), int(counter["used"]))
            for counter in document.get("counters") or ()
        ),
    }


def _refused(refusal: Any) -> RefusedEvent:
    errors = tuple(
        FieldError(str(error.get("path", "")), str(error.get("code", "")), str(error.get("message", "")))
        for error in refusal.get("errors") or ()
    )
    code, message = str(refusal["code"]), str(refusal.get("message", ""))
    return RefusedEvent(int(refusal["index"]), ApiError(code, status=422, detail=message, errors=errors))
