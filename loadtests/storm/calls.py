"""Making the calls of a host with the public SDK, with a line in the journal before and after each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import liftgate
from liftgate.consuming import Consumption
from liftgate.errors import ApiError, GateUnavailable, LiftgateError, UpgradeRequired
from loadtests.storm.journal import Act, Journal, Outcome
from loadtests.storm.wishes import Wish

_RESERVED_SECONDS = 2
"""Short, so that what a host that was killed had reserved expires within the storm."""
_CONFLICT = "idempotency_conflict"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class Calls:
    """Carries out wishes and writes down what came of them."""

    def __init__(self, client: liftgate.Client, journal: Journal) -> None:
        self._client, self._journal = client, journal
        self._recording = threading.Lock()

    def make(self, wish: Wish) -> Outcome:
        """Make the call of a wish; whatever goes wrong in it is an answer."""
        act: Mapping[Act, Callable[[Wish], Outcome]] = {
            Act.CONSUME: self._consume,
            Act.RESERVE: self._reserve,
            Act.RECORD: self._record,
            Act.REFUND: self._refund,
            Act.LEVEL: self._set_level,
        }
        with self._client.customer(wish.customer, user=wish.user):
            return act[wish.act](wish)

    def lines(self) -> int:
        """Give how many lines the journal has of which nothing is still to be handed to the SDK."""
        with self._recording:
            return self._journal.lines

    def _consume(self, wish: Wish) -> Outcome:
        number = self._ask(wish)
        try:
            consumption = self._client.consume(wish.feature, wish.units, key=wish.key)
        except LiftgateError as failure:
            return self._tell(number, outcome_of(failure), code=_code_of(failure))
        return self._tell(number, outcome_of_consumption(consumption), **_told(consumption))

    def _reserve(self, wish: Wish) -> Outcome:
        reservation = self._client.reserve(wish.feature, wish.units, ttl_seconds=_RESERVED_SECONDS, key=wish.key)
        number = self._ask(wish)
        try:
            decision = reservation.begin()
        except LiftgateError as failure:
            return self._tell(number, outcome_of(failure), code=_code_of(failure))
        if not decision.granted:
            outcome = Outcome.UNKNOWN if decision.unknown or decision.fallback else Outcome.REFUSED
            return self._tell(number, outcome, reason=decision.reason)
        self._tell(number, Outcome.DONE)
        if wish.counted is None:
            return self._settle(replace(wish, act=Act.RELEASE), reservation.release)
        units = wish.counted
        return self._settle(replace(wish, act=Act.COMMIT, units=units), lambda: reservation.commit(units))

    def _record(self, wish: Wish) -> Outcome:
        with self._recording:
            for number in range(wish.times):
                single = replace(wish, key=f"{wish.key}/{number}")
                self._ask(single)
                self._client.record(wish.feature, wish.units, key=single.key)
        return Outcome.UNKNOWN

    def _refund(self, wish: Wish) -> Outcome:
        return self._settle(wish, lambda: self._client.refund(wish.of, wish.units))

    def _set_level(self, wish: Wish) -> Outcome:
        number = self._ask(wish)
        try:
            self._client.set_level(wish.feature, wish.units, key=wish.key)
        except LiftgateError as failure:
            return self._tell(number, outcome_of(failure), code=_code_of(failure))
        return self._tell(number, Outcome.DONE)

    def _settle(self, wish: Wish, call: Callable[[], object]) -> Outcome:
        """Make a call that is told later where it cannot be told now, and does not say which."""
        number = self._ask(wish)
        try:
            call()
        except LiftgateError as failure:
            return self._tell(number, outcome_of(failure), code=_code_of(failure))
        return self._tell(number, Outcome.UNKNOWN, later=True)

    def _ask(self, wish: Wish) -> int:
        fields = {"feature": wish.feature, "user": wish.user, "units": wish.units, "of": wish.of}
        return self._journal.ask(wish.act, wish.customer, wish.key, **fields)

    def _tell(self, number: int, outcome: Outcome, **answer: Any) -> Outcome:
        self._journal.tell(number, outcome, **answer)
        return outcome


def outcome_of(failure: LiftgateError) -> Outcome:
    """Say what an exception tells about whether something was counted."""
    if isinstance(failure, UpgradeRequired):
        return Outcome.REFUSED
    if not isinstance(failure, ApiError) or isinstance(failure, GateUnavailable):
        return Outcome.UNKNOWN
    if failure.code == _CONFLICT:
        return Outcome.CONFLICT
    return Outcome.GONE if _CLIENT_ERROR <= failure.status < _SERVER_ERROR else Outcome.UNKNOWN


def outcome_of_consumption(consumption: Consumption) -> Outcome:
    # What was let pass without the server is told later, as a record is.
    if consumption.fallback or consumption.decision.unknown:
        return Outcome.UNKNOWN
    return Outcome.DONE if consumption.granted else Outcome.REFUSED


def _told(consumption: Consumption) -> dict[str, Any]:
    return {
        "replayed": consumption.replayed,
        "receipt": [[taken.bucket, taken.units] for taken in consumption.receipt],
        "used": consumption.decision.used,
        "later": consumption.fallback and consumption.granted,
    }


def _code_of(failure: LiftgateError) -> str:
    return failure.code if isinstance(failure, ApiError) else type(failure).__name__
