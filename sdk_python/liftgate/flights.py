"""One load per key at a time, in a thread of its own, so that waiting for it can be bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from liftgate.errors import ServerUnreachable

__all__ = ["Flight", "Flights", "imports"]

imports = threading.RLock()
"""Held by our threads while they import: a child forked in the middle of it would wait for that import for ever."""

_MAX_FLIGHTS: Final = 16
"""A process that starts under load wants hundreds of customers at once; the server should not see them all at once."""


class Flight:
    """A load under way."""

    def __init__(self) -> None:
        self._has_landed = threading.Event()
        self._error: Exception | None = None

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long; return whether it has come. Raises what the load raised."""
        if not self._has_landed.wait(seconds):
            return False
        if self._error is not None:
            raise self._error
        return True

    def carry_out(self, load: Callable[[], None]) -> None:
        """Run the load and keep what it raises."""
        try:
            load()
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._error = error

    def land(self) -> None:
        """Wake everybody who waits."""
        self._has_landed.set()


class Flights:
    """The loads under way, by key.

    A load is not carried out by the caller, because nothing can end a look-up of a host name that hangs; and one that
    takes longer than its callers wait still fills the cache for the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_MAX_FLIGHTS)
        self._flights: dict[str, Flight] = {}

    def join(self, key: str, load: Callable[[], None], *, seconds: float) -> tuple[Flight, bool]:
        """Return the flight of that key and whether it was started for us; wait so long for a free slot."""
        flight = self._find(key)
        if flight is not None:
            return flight, False
        if not self._slots.acquire(timeout=seconds):
            raise ServerUnreachable("Too many loads are under way.")
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                self._slots.release()
                return flight, False
            flight = self._flights[key] = Flight()
        self._start(key, flight, load)
        return flight, True

    def after_fork(self) -> None:
        """Forget the parent's flights: their threads do not exist in a forked child."""
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_MAX_FLIGHTS)
        self._flights = {}

    def _find(self, key: str) -> Flight | None:
        with self._lock:
            return self._flights.get(key)

    def _start(self, key: str, flight: Flight, load: Callable[[], None]) -> None:
        try:
            threading.Thread(target=self._fly, args=(key, flight, load), name="liftgate-load", daemon=True).start()
        except RuntimeError as error:  # no thread can be started, as while the interpreter shuts down
            self._end(key, flight)
            raise ServerUnreachable(f"No thread could be started: {error}") from error

    def _fly(self, key: str, flight: Flight, load: Callable[[], None]) -> None:
        try:
            flight.carry_out(load)
        finally:
            self._end(key, flight)

    def _end(self, key: str, flight: Flight) -> None:
        # First off the list, then the waking: whoever asks again after waiting gets a new load, not this old one.
        with self._lock:
            self._flights.pop(key, None)
            self._slots.release()
        flight.land()
