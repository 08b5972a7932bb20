"""Getting data into the cache: bounded when a request waits for it, complete when the caller asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from liftgate.backoff import Backoff
from liftgate.cache import Cache, CachedCustomer
from liftgate.configuration import Settings
from liftgate.errors import ApiError, LiftgateError, ServerUnreachable
from liftgate.flights import Flight, Flights

if TYPE_CHECKING:
    from liftgate.api import Api

__all__ = ["Loader"]

_Answer = TypeVar("_Answer")

_RETRY_UNKNOWN_SECONDS: Final = 5.0
"""A customer that the server does not know. The list of changes says sooner when it is created."""

_RETRY_REFUSED_SECONDS: Final = 1.0
"""A customer whose state the server could not give although it is up."""

_FORCED_APART_SECONDS: Final = 1.0
"""How far apart, per customer, are the loads that a request may force by naming a version that never comes."""

_SNAPSHOT: Final = " snapshot"
"""The key of its flight; no customer's id begins with a space."""

_POLL: Final = " poll"
"""The same of a poll that somebody waits for."""

_NOT_FOR_US: Final = frozenset({401, 403, 429})
"""Refusals that no other customer would escape, so that asking on would only be a burden."""


class Loader:
    """Fetches snapshot and states into the cache, one load per key at a time.

    ``last_error`` is what the last failed load or poll said, ``last_contact`` (monotonic seconds) when the server last
    gave a usable answer.
    """

    def __init__(self, api: Callable[[], Api], cache: Cache, settings: Settings) -> None:
        self._api = api
        self._cache = cache
        self._settings = settings
        self._flights = Flights()
        # At least half of each wait is certain: a request that meets a hung server loses its whole budget.
        self._backoff = Backoff(first_seconds=0.5, longest_seconds=5.0, spread=0.5)
        self._snapshot_lock = threading.Lock()
        self._is_failing = False
        self._is_closed = False
        self.last_error: Exception | None = None
        self.last_contact = monotonic()

    def prepare(self, customer: str, *, minimum_version: int | None = None) -> CachedCustomer:
        """Return the customer's entry, loaded if that takes no longer than the budget; never raises for the server.

        ``minimum_version`` is a version of the customer's state that the caller has heard of: older data is refreshed
        first.
        """
        entry = self._cache.customer(customer)
        deadline = monotonic() + self._settings.load_budget_seconds
        if self._is_due(entry):
            self._try(customer, lambda: self._load(entry), deadline)
        if minimum_version is not None and _version(entry) < minimum_version:
            self._force(entry, minimum_version, deadline)
        return entry

    def within_budget(self, poll: Callable[[], None]) -> None:
        """Catch up with the server before a request goes on, if that takes no longer than the budget."""
        if not self._backoff.is_waiting:
            self._try(_POLL, poll, monotonic() + self._settings.load_budget_seconds)

    def is_ready(self, customer: str, *, minimum_version: int | None = None) -> bool:
        """Whether ``prepare`` would not have to wait."""
        entry = self._cache.find(customer)
        if entry is None:
            return False
        return not self._is_due(entry) and (minimum_version is None or _version(entry) >= minimum_version)

    def refresh(self, customer: str) -> None:
        """Load a customer's present state, in a load that begins after this call; raises when it cannot be had."""
        entry = self._cache.customer(customer)
        self._settle(entry.customer, lambda: self._load(entry))

    def refresh_snapshot(self) -> None:
        """Load the present snapshot, in a load that begins after this call; raises when it cannot be had."""
        self._settle(_SNAPSHOT, self.load_snapshot)

    def load_snapshot(self, *, may_be_older: bool = False) -> None:
        """Ask for the snapshot, by its tag when we have one."""
        fetched = self._call(lambda api: api.snapshot(etag=self._cache.snapshot_etag))
        if fetched is not None:
            self._cache.store_snapshot(fetched.value, etag=fetched.etag, may_be_older=may_be_older)

    def load_state(self, entry: CachedCustomer, *, may_be_older: bool = False) -> None:
        """Ask for a customer's state, by its tag when we have one."""
        asked_at = monotonic()
        try:
            fetched = self._call(lambda api: api.state(entry.customer, etag=entry.etag))
        except ApiError as error:
            if error.code != "unknown_customer":
                entry.not_before = monotonic() + _RETRY_REFUSED_SECONDS
                raise
            entry.not_before = monotonic() + _RETRY_UNKNOWN_SECONDS
            self._cache.store_unknown(entry)
            return
        if fetched is not None:
            self._cache.store_state(
                entry, fetched.value, etag=fetched.etag, may_be_older=may_be_older, asked_at=asked_at
            )

    def note_contact(self) -> None:
        """Note that the server has answered."""
        self.last_contact = monotonic()
        self._backoff.succeed()
        self._is_failing = False
        self._cache.mark_stale(is_stale=False)

    def note(self, error: Exception) -> None:
        """Keep an error to be asked for. What fails because the client was closed is nobody's fault."""
        if not self._is_closed:
            self.last_error = error

    def close(self) -> None:
        """Take no more failures to heart."""
        self._is_closed = True

    def note_failure(self, error: Exception) -> None:
        """Note that it has not; after some time of that, every answer is marked as stale."""
        self.note(error)
        if self._is_closed:
            return
        if not self._backoff.is_waiting:
            self._backoff.fail()
        if not self._is_failing:
            self._is_failing = True
            _warn(f"Liftgate's server cannot be asked; what is cached goes on answering. {error}")
        if monotonic() - self.last_contact > self._settings.stale_after_seconds:
            self._cache.mark_stale(is_stale=True)

    def after_fork(self) -> None:
        """Forget what ran in the parent."""
        self._snapshot_lock = threading.Lock()
        self._flights.after_fork()

    def _is_due(self, entry: CachedCustomer) -> bool:
        if self._backoff.is_waiting or monotonic() < entry.not_before:
            return False
        return self._cache.snapshot is None or entry.state is None or not self._cache.is_complete(entry)

    def _try(self, key: str, load: Callable[[], None], deadline: float) -> None:
        try:
            flight, _ = self._flights.join(key, load, seconds=_left(deadline))
            if not flight.wait(_left(deadline)):
                # The load goes on and may still fill the cache. Until it has, nobody else should wait for the same.
                self.note_failure(ServerUnreachable("The server did not answer within the load budget."))
        except LiftgateError as error:
            self.note(error)

    def _force(self, entry: CachedCustomer, minimum_version: int, deadline: float) -> None:
        """Refresh because a request says so, within the budget.

        The version comes from outside and may be invented. A load that did not find it holds off the next one.
        """
        if self._backoff.is_waiting or monotonic() < entry.not_forced_before:
            return
        entry.not_forced_before = monotonic() + _FORCED_APART_SECONDS
        for _ in range(2):
            # The first load may be one that had begun before the change; the second is not.
            self._try(entry.customer, lambda: self._load(entry), deadline)
            if _version(entry) >= minimum_version:
                entry.not_forced_before = 0.0
                return
            if monotonic() >= deadline:
                return

    def _settle(self, key: str, load: Callable[[], None]) -> None:
        deadline = monotonic() + 2 * self._settings.request_timeout_seconds
        flight, is_ours = self._flights.join(key, load, seconds=_left(deadline))
        while not is_ours:
            # That one may have begun before the change we want to see.
            with suppress(LiftgateError):
                _wait(flight, deadline)
            flight, is_ours = self._flights.join(key, load, seconds=_left(deadline))
        _wait(flight, deadline)

    def _load(self, entry: CachedCustomer) -> None:
        with self._snapshot_lock:
            if self._cache.snapshot is None:
                self.load_snapshot()
        self.load_state(entry)
        if entry.state is not None and not self._cache.is_complete(entry):
            # The state holds a version that only a newer snapshot has, or it was told before an older one went.
            self.load_snapshot()
            entry.etag = None
            self.load_state(entry)

    def _call(self, call: Callable[[Api], _Answer]) -> _Answer:
        try:
            answer = call(self._api())
        except ServerUnreachable as error:
            self.note_failure(error)
            raise
        except ApiError as error:
            self._note_refusal(error)
            raise
        self.note_contact()
        return answer

    def _note_refusal(self, error: ApiError) -> None:
        if error.status in _NOT_FOR_US or error.status >= 500:  # noqa: PLR2004 - the class of server errors
            self.note_failure(error)
        else:
            self.note_contact()


def _warn(message: str) -> None:
    # Imported late: only a process with a failing server needs it.
    import logging  # noqa: PLC0415

    logging.getLogger("liftgate").warning(message)


def _version(entry: CachedCustomer) -> int:
    return entry.state.version if entry.state is not None else -1


def _left(deadline: float) -> float:
    return max(0.0, deadline - monotonic())


def _wait(flight: Flight, deadline: float) -> None:
    if not flight.wait(_left(deadline)):
        raise ServerUnreachable("The server did not answer in time.")
