"""The server's runtime face as functions: paths, bodies, entity tags and errors, as docs/contracts.md has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from liftgate.answers import ChangePage, Fetched, Order
from liftgate.counting import Batch
from liftgate.engine import (
    evaluate,  # noqa: F401 - see below
    wire,
)
from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState
from liftgate.engine.explain import Explanation
from liftgate.errors import ApiError, FieldError, ServerUnreachable
from liftgate.messages import Request, Response, Transport
from liftgate.reading import read_change_page, read_explanation, read_order
from liftgate.server_clock import HEADER, ServerClock

__all__ = ["Api"]

_Answer = TypeVar("_Answer")

_NOT_MODIFIED: Final = 304

_UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What reading JSON that is not what we expect can raise; a number such as 1e999 overflows."""

# This module is loaded with the first data, in the thread that loads it. The engine's evaluation comes along with
# `explain`, so that no check ever has to import it.


class Api:
    """Typed calls over a transport. Each raises ``ApiError`` for a refusal and ``ServerUnreachable`` for no answer."""

    def __init__(self, transport: Transport, *, timeout_seconds: float, clock: ServerClock) -> None:
        self._transport = transport
        self._timeout_seconds = timeout_seconds
        self._clock = clock

    def snapshot(self, *, etag: str | None = None) -> Fetched[Snapshot] | None:
        """Return the current snapshot, or ``None`` when it is still the one with that tag."""
        return self._fetch("/v1/snapshot", etag, wire.decode_snapshot)

    def state(self, customer: str, *, etag: str | None = None) -> Fetched[CustomerState] | None:
        """Return a customer's state, or ``None`` when it is still the one with that tag."""
        fetched = self._fetch(f"/v1/customers/{_escape(customer)}/state", etag, wire.decode_state)
        if fetched is not None and fetched.value.customer != customer:
            # Never take one customer's state for another's, whatever a proxy in between did.
            raise ServerUnreachable(f"The server answered with another customer than {customer!r}.")
        return fetched

    def latest_change(self) -> int:
        """Return the number of the newest change."""
        return self._read(self._get("/v1/changes"), read_change_page).latest

    def changes(self, after: int) -> ChangePage:
        """Return the changes after a number."""
        return self._read(self._get(f"/v1/changes?after={after}"), read_change_page)

    def upsert_customer(self, customer: str, fields: Mapping[str, object]) -> None:
        """Create or change a customer."""
        self._send("PUT", f"/v1/customers/{_escape(customer)}", fields)

    def upsert_user(self, customer: str, user: str, fields: Mapping[str, object]) -> None:
        """Create or change a user of a customer."""
        self._send("PUT", f"/v1/customers/{_escape(customer)}/users/{_escape(user)}", fields)

    def place_order(self, fields: Mapping[str, object], *, idempotency_key: str) -> Order:
        """Place an order; the key makes sending it twice harmless."""
        response = self._send("POST", "/v1/orders", fields, headers={"Idempotency-Key": idempotency_key})
        return self._read(response, read_order)

    def order(self, order: str) -> Order:
        """Return an order."""
        return self._read(self._get(f"/v1/orders/{_escape(order)}"), read_order)

    def report(self, batch: Batch) -> None:
        """Tell what was counted; the batch's id makes sending it twice harmless."""
        gates = [{**met._asdict(), "hour": _instant(hour), "count": calls} for met, hour, calls in batch.gates]
        levels = [
            {"customer": customer, "feature": feature, "used": level.used, "at": _instant(level.at)}
            for customer, feature, level in batch.levels
        ]
        # A server that knows nothing of uses would refuse the word, so it is there only with some.
        uses = [{**used._asdict(), "hour": _instant(hour), "count": times} for used, hour, times in batch.uses] or None
        self._send("POST", "/v1/reports", {"batch": batch.id, "gates": gates, "levels": levels, "uses": uses})

    def post(
        self,
        path: str,
        fields: Mapping[str, object] | bytes,
        *,
        key: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        """Send a document, or one packed already, and return its answer; ``key`` makes sending it twice harmless."""
        headers = {"Content-Type": "application/json", **({} if key is None else {"Idempotency-Key": key})}
        if isinstance(fields, bytes):
            body, headers["Content-Encoding"] = fields, "gzip"
        else:
            body = json.dumps({name: value for name, value in fields.items() if value is not None}).encode()
        response = self._carry(Request("POST", path, headers, body), timeout_seconds=timeout_seconds)
        return self._read(response, lambda document: document)

    def explain(self, fields: Mapping[str, object]) -> Explanation:
        """Return a decision and the way that led to it."""
        return self._read(self._send("POST", "/v1/explain", fields), read_explanation)

    def _fetch(self, path: str, etag: str | None, read: Callable[[Any], _Answer]) -> Fetched[_Answer] | None:
        response = self._get(path, {"If-None-Match": etag} if etag else {})
        if response.status == _NOT_MODIFIED:
            return None
        return Fetched(self._read(response, read), response.headers.get("etag"))

    def _get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        return self._carry(Request("GET", path, headers or {}))

    def _send(
        self, method: str, path: str, fields: Mapping[str, object], *, headers: Mapping[str, str] | None = None
    ) -> Response:
        body = json.dumps({name: value for name, value in fields.items() if value is not None}).encode()
        return self._carry(Request(method, path, {"Content-Type": "application/json", **(headers or {})}, body))

    def _carry(self, request: Request, *, timeout_seconds: float | None = None) -> Response:
        response = self._transport.send(request, timeout_seconds=timeout_seconds or self._timeout_seconds)
        self._clock.learn(response.headers.get(HEADER))
        if 200 <= response.status < 300 or (  # noqa: PLR2004 - the class of success
            response.status == _NOT_MODIFIED and "If-None-Match" in request.headers
        ):
            return response
        raise _refusal(response)

    @staticmethod
    def _read(response: Response, read: Callable[[Any], _Answer]) -> _Answer:
        try:
            return read(json.loads(response.body))
        except _UNREADABLE as error:
            raise ServerUnreachable(f"The server's answer cannot be read: {error!r}") from error


def _escape(identifier: str) -> str:
    """Escape the one character of identifiers that has no place in a path."""
    return identifier.replace("|", "%7C")


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _refusal(response: Response) -> ApiError | ServerUnreachable:
    try:
        problem = json.loads(response.body)
        code, detail = problem["code"], problem.get("detail") or problem.get("title") or ""
        errors = _field_errors(problem.get("errors"))
        return ApiError(str(code), status=response.status, detail=str(detail), errors=errors)
    except _UNREADABLE:
        # Not our problem document, so not our server's own answer: a proxy's error page, or another server.
        return ServerUnreachable(f"Status {response.status} without a problem document.")


def _field_errors(errors: Any) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(
            path=str(error.get("path", "")),
            code=str(error.get("code", "")),
            message=str(error.get("message", "")),
            line=error.get("line"),
        )
        for error in errors or ()
    )
