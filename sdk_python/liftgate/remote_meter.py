"""Counting by the server: asked with one key however often, within a deadline; and what then is without it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, TypeVar

from liftgate.backoff import Backoff, even_chance
from liftgate.consuming import Consumption, Hold, Taken
from liftgate.engine.decision import Decision
from liftgate.engine.wire_values import encode_instant
from liftgate.entries import ALLOWED, COMMIT, RECORD, RECORD_NOW, REFUND, RELEASE, derived_key, pack
from liftgate.errors import ApiError, LiftgateError, ServerUnreachable
from liftgate.local_counting import LocalCounts, with_offer
from liftgate.usage_calls import Answer, UsageCalls, event_of, is_no_answer, wanted_of
from liftgate.without_server import judge_without_server

if TYPE_CHECKING:
    from liftgate.cache import Cache
    from liftgate.configuration import Settings
    from liftgate.courier import Courier
    from liftgate.uses import Use

# size: two imports more than the budget; this is where asking, counting locally and delivering later meet

__all__ = ["RemoteMeter"]

_Result = TypeVar("_Result")

_MOST_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
"""Between attempts, doubled each time, half of it left to chance."""


_URGENT: Final = frozenset({COMMIT, RELEASE, REFUND})
"""What somebody may be waiting for: units that are held, or were taken."""


class _NoAnswerError(Exception):
    """The server could not be asked. ``was_sent`` says that it may have been, and have acted."""

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__(was_sent)
        self.was_sent = was_sent


class RemoteMeter:
    """The meter of a client. ``last_error`` is what the last call that found no answer said."""

    waits = True

    def __init__(self, calls: Callable[[], UsageCalls], courier: Courier, cache: Cache, settings: Settings) -> None:
        self._calls = calls
        self._courier = courier
        self._settings = settings
        self._counts = LocalCounts(cache, self._now)
        # While a server hangs, each call would use up its whole deadline. After one that has, the next ones do not try.
        self._backoff = Backoff(first_seconds=0.25, longest_seconds=5.0, spread=0.5)
        self.last_error: Exception | None = None

    def consume(self, use: Use) -> Consumption:
        """Check and count in one step."""
        wanted, asked_at = wanted_of(use), monotonic()
        try:
            answer = self._ask(lambda seconds: self._calls().consume(wanted, key=use.key, timeout_seconds=seconds))
        except _NoAnswerError as error:
            return self._consume_without_server(use, wanted, was_sent=error.was_sent)
        decision = self._taken_over(use, answer, asked_at)
        return self._consumption(use, decision, replayed=answer.replayed, receipt=answer.receipt)

    def reserve(self, use: Use, *, ttl_seconds: int) -> Hold:
        """Hold units for a while."""
        wanted, asked_at = wanted_of(use), monotonic()
        try:
            answer = self._ask(
                lambda seconds: self._calls().reserve(
                    wanted, key=use.key, ttl_seconds=ttl_seconds, timeout_seconds=seconds
                )
            )
        except _NoAnswerError as error:
            if error.was_sent and not use.is_named:
                self._put(RELEASE, _settlement_of(use))
            return Hold(judge_without_server(use).decision, without_server=True)
        return Hold(self._taken_over(use, answer, asked_at), answer.expires_at, answer.replayed, answer.receipt)

    def commit(self, use: Use, hold: Hold, *, units: int, or_record: bool = False) -> None:
        """Count so many of the held units; what cannot be told now is told later."""
        feature = hold.decision.feature or use.subject
        late = replace(use, units=units, key=derived_key(use.key, "late"))
        event = event_of(late, feature=feature, at=self._now())
        if hold.without_server:
            self._put(RECORD, event)
            self._counts.recorded(late, feature)
            return
        asked_at = monotonic()
        try:
            told = self._ask(lambda seconds: self._calls().commit(use.customer, use.key, units, seconds))
        except _NoAnswerError:
            self._put(COMMIT, {**_settlement_of(use), "quantity": units, "event": event})
        except ApiError as error:
            if not or_record:
                raise
            self.last_error = error
            self._put(RECORD, event)
        else:
            self._counts.told(use.customer, told, asked_at, gave_back=True)

    def release(self, use: Use, hold: Hold) -> None:
        """Free the held units; what cannot be told now is told later."""
        if hold.without_server:
            return
        asked_at = monotonic()
        try:
            told = self._ask(lambda seconds: self._calls().release(use.customer, use.key, seconds))
        except _NoAnswerError:
            self._put(RELEASE, _settlement_of(use))
        except ApiError as error:
            self.last_error = error  # expired, so they are free
        else:
            self._counts.told(use.customer, told, asked_at, gave_back=True)

    def refund(self, customer: str, key: str, *, units: int | None, of: Consumption | None = None) -> None:
        """Give back what was taken under a key; what cannot be told now is told later."""
        own_key = os.urandom(16).hex()
        fields = {"customer": customer, "of": key, "quantity": units, "key": own_key}
        if of is not None and of.fallback:
            # It is on its way there itself, so this has to come behind it.
            self._put(REFUND, fields)
            return
        asked_at = monotonic()
        try:
            told = self._ask(
                lambda seconds: self._calls().refund(customer, key, units, key=own_key, timeout_seconds=seconds)
            )
        except _NoAnswerError:
            self._put(REFUND, fields)
        else:
            self._counts.told(customer, told, asked_at, gave_back=True)

    def record(self, use: Use) -> None:
        """Count what has happened: it is told later."""
        event = event_of(use, feature=use.subject, at=use.at or self._now())
        self._put(RECORD_NOW if use.is_named and use.at is None else RECORD, event)
        self._counts.recorded(use, use.subject)

    def set_level(self, use: Use, level: int) -> Consumption:
        """Say how much there is."""
        return self._tell_level(use, {"level": level})

    def add_level(self, use: Use, by: int) -> Consumption:
        """Say how much more, or less, there is."""
        return self._tell_level(use, {"by": by})

    def note_use(self, use: Use) -> None:
        """Count that a feature was used."""
        use.view.count_use(use.subject, use.units, user=use.user)

    def take_back(self, use: Use, outcome: Consumption | Hold) -> None:
        """Undo what nobody waited for."""
        if isinstance(outcome, Hold):
            if outcome.decision.granted and not outcome.without_server:
                self._put(RELEASE, _settlement_of(use))
        elif outcome.granted and not use.is_named:
            # Whoever chose the key can ask again and is given this answer.
            self._put(REFUND, {"customer": use.customer, "of": use.key, "key": os.urandom(16).hex()})

    def _consume_without_server(self, use: Use, wanted: Mapping[str, Any], *, was_sent: bool) -> Consumption:
        decision, feature = judge_without_server(use)
        if decision.granted and feature is not None:
            event = event_of(use, feature=feature, at=self._now())
            if was_sent or use.is_named:
                asked = {name: value for name, value in wanted.items() if value is not None}
                self._put(ALLOWED, {"event": event, "asked": asked})
            else:
                self._put(RECORD, event)
            self._counts.recorded(use, feature)
        elif was_sent and not use.is_named:
            # It may have been counted, and nobody will ever ask again with this key: what was refused is not counted.
            fields = {"customer": use.customer, "of": use.key, "key": os.urandom(16).hex(), "is_precaution": True}
            self._put(REFUND, fields)
        return self._consumption(use, decision)

    def _consumption(
        self, use: Use, decision: Decision, *, replayed: bool = False, receipt: tuple[Taken, ...] = ()
    ) -> Consumption:
        return Consumption(
            granted=decision.granted,
            key=use.key,
            units=use.units,
            decision=decision,
            replayed=replayed,
            receipt=receipt,
            use=use,
            _meter=self,
        )

    def _taken_over(self, use: Use, answer: Answer, asked_at: float, *, gave_back: bool = False) -> Decision:
        """Let the checks of this process see what was counted, and return the decision."""
        self._counts.told(use.customer, answer, asked_at, gave_back=gave_back)
        return with_offer(answer.decision, answer.offer, use, at=self._now())

    def _tell_level(self, use: Use, change: Mapping[str, int]) -> Consumption:
        at = None if use.at is None else encode_instant(use.at)
        fields = {"customer": use.customer, "feature": use.subject, "user": use.user, "at": at, **change}
        asked_at = monotonic()
        try:
            answer = self._ask(lambda seconds: self._calls().level(fields, key=use.key, timeout_seconds=seconds))
        except _NoAnswerError as error:
            raise ServerUnreachable(f"The server could not be told of the level: {self.last_error}") from error
        decision = self._taken_over(use, answer, asked_at, gave_back=True)
        return Consumption(decision.granted, use.key, use.units, decision, answer.replayed, answer.receipt)

    def _ask(self, call: Callable[[float], _Result]) -> _Result:
        """Ask until there is an answer, with the same key each time, within the deadline of a request."""
        if self._backoff.is_waiting:
            raise _NoAnswerError(was_sent=False)
        deadline, was_sent = monotonic() + self._settings.request_timeout_seconds, False
        for attempt in range(_MOST_ATTEMPTS):
            left = deadline - monotonic()
            if left <= 0:
                break
            try:
                # An answer that was lost on the way comes at once when it is asked for again: half the time is for it.
                result = call(left if attempt else left / 2)
            except LiftgateError as error:
                self.last_error = error
                if not is_no_answer(error):
                    self._backoff.succeed()
                    raise
                if isinstance(error, ApiError) and error.status < 500:  # noqa: PLR2004 - the class of server errors
                    break  # turned away at the door, and so it would be again
                was_sent = True
                sleep(min(_PAUSE_SECONDS * 2**attempt * (0.5 + 0.5 * even_chance()), max(0.0, deadline - monotonic())))
            else:
                self._backoff.succeed()
                return result
        self._backoff.fail()
        raise _NoAnswerError(was_sent=was_sent)

    def _put(self, word: bytes, fields: Mapping[str, Any]) -> None:
        self._courier.put(pack(word, fields), is_urgent=word in _URGENT)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._settings.clock(), UTC)


def _settlement_of(use: Use) -> dict[str, Any]:
    return {"customer": use.customer, "reservation": use.key}
