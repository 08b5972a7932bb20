"""Delivering what was counted after the fact: each entry once, as the keys see to it, whenever the server is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from liftgate.entries import (
    ALLOWED,
    COMMIT,
    EVENTS,
    RECORD,
    RECORD_NOW,
    REFUND,
    RELEASE,
    derived_key,
    event_in,
    pack,
    unpack,
    word_of,
)
from liftgate.errors import ApiError
from liftgate.usage_calls import RefusedEvent, UsageCalls, is_no_answer

__all__ = ["Delivery"]

_CONFLICT: Final = "idempotency_conflict"
_OUTLASTED: Final = frozenset({"reservation_expired", "unknown_reservation"})


class Delivery:
    """Tells the server what entries say. What it will never take is handed to ``on_loss``; no answer is raised."""

    def __init__(self, calls: Callable[[], UsageCalls], on_loss: Callable[[int, Exception], None]) -> None:
        self._calls = calls
        self._on_loss = on_loss
        self._single: dict[bytes, Callable[[dict[str, Any]], None]] = {
            COMMIT: self._commit,
            RELEASE: self._release,
            REFUND: self._refund,
        }

    def deliver(self, entries: Sequence[bytes]) -> Iterator[int]:
        """Tell the server, in order; yield how many entries are done, each time that some are."""
        for are_events, group in groupby(entries, lambda entry: word_of(entry) in EVENTS):
            same = list(group)
            if are_events:
                self._record(same)
                yield len(same)
            else:
                for entry in same:
                    self._tell(entry)
                    yield 1

    def _record(self, entries: list[bytes]) -> None:
        try:
            refused = self._calls().record([event_in(entry) for entry in entries])
        except ApiError as error:
            if is_no_answer(error):
                raise
            self._divide(entries, error)
            return
        for refusal in refused:
            self._face(entries[refusal.place], refusal)

    def _divide(self, entries: list[bytes], error: ApiError) -> None:
        """Find what the server refused a whole batch for: half by half, so that the rest is counted."""
        if len(entries) == 1:
            self._on_loss(1, error)
            return
        middle = len(entries) // 2
        self._record(entries[:middle])
        self._record(entries[middle:])

    def _face(self, entry: bytes, refusal: RefusedEvent) -> None:
        word, error = word_of(entry), refusal.error
        if error.code == _CONFLICT and word == ALLOWED:
            self._settle_allowed(unpack(entry))
        elif error.code == _CONFLICT and word == RECORD_NOW and {field.path for field in error.errors} == {"at"}:
            return  # told before, at an instant that only we had chosen
        else:
            self._on_loss(1, error)

    def _settle_allowed(self, fields: dict[str, Any]) -> None:
        """Count what was let pass although the server had been asked, and has answered into the void.

        If it had granted, that is counted. If it had refused, what happened all the same is recorded.
        """
        event = fields["event"]
        try:
            is_counted = self._calls().consume(fields["asked"], key=event["key"]).decision.granted
        except ApiError as error:
            if is_no_answer(error):
                raise
            is_counted = error.code == _CONFLICT  # as an event, then: the host let the same thing pass twice
        if not is_counted:
            self._record_late(event, event["key"])

    def _record_late(self, event: dict[str, Any], key: str) -> None:
        self._record([pack(RECORD, {**event, "key": derived_key(key, "late")})])

    def _tell(self, entry: bytes) -> None:
        try:
            self._single[word_of(entry)](unpack(entry))
        except ApiError as error:
            if is_no_answer(error):
                raise
            self._on_loss(1, error)
        except (KeyError, ValueError) as error:
            # Written by a newer SDK, which has another word for it.
            self._on_loss(1, error)

    def _commit(self, fields: dict[str, Any]) -> None:
        try:
            self._calls().commit(fields["customer"], fields["reservation"], fields["quantity"])
        except ApiError as error:
            if error.code not in _OUTLASTED:
                raise
            # The work was done, so it is counted, if no longer within what was held for it.
            self._record_late(fields["event"], fields["reservation"])

    def _release(self, fields: dict[str, Any]) -> None:
        try:
            self._calls().release(fields["customer"], fields["reservation"])
        except ApiError as error:
            if is_no_answer(error):
                raise  # otherwise there is nothing to free: never held, expired, or settled

    def _refund(self, fields: dict[str, Any]) -> None:
        try:
            self._calls().refund(fields["customer"], fields["of"], fields.get("quantity"), key=fields["key"])
        except ApiError as error:
            if is_no_answer(error) or not fields.get("is_precaution"):
                raise
            # What nobody knows to have been counted was not.
