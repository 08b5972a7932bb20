"""Telling the server what was counted: in batches, by a thread of its own, each batch exactly once."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from liftgate.backoff import Backoff
from liftgate.configuration import Clock
from liftgate.counting import Batch, Level, Met, Tally, Used
from liftgate.errors import ApiError

if TYPE_CHECKING:
    from liftgate.api import Api

__all__ = ["Reporter"]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_EVERY_SECONDS: Final = 5.0
_LONGEST_WAIT_SECONDS: Final = 60.0

_ROWS_PER_BATCH: Final = 500
_MOST_ROWS: Final = 10_000
"""Kept while the server is away, about 3 MB. Beyond them the oldest go."""

_HOUR_SECONDS: Final = 3_600

_COMES_BACK: Final = frozenset({401, 403, 408, 425, 429})
"""Refusals that say nothing against the batch; it is sent again. Any other below 500 would be given again."""


class Reporter:
    """A daemon thread that runs while somebody uses the client, and sends what a tally counted every few seconds.

    ``dropped`` is how many rows there was no room to keep, or that the server would not take.
    """

    def __init__(self, api: Callable[[], Api], tally: Tally, clock: Clock, *, is_needed: Callable[[], bool]) -> None:
        self._api = api
        self._tally = tally
        self._clock = clock
        self._is_needed = is_needed
        self.last_error: Exception | None = None
        self._lock = threading.Lock()
        self._is_finishing = threading.Event()
        self._wake = threading.Event()
        self._waiters: list[threading.Event] = []
        self._thread: threading.Thread | None = None
        self._counted: dict[tuple[Met, int], int] = {}
        self._levels: dict[tuple[str, str], Level] = {}
        self._uses: dict[tuple[Used, int], int] = {}
        self._waiting: deque[Batch] = deque()
        self._dropped = 0
        self._backoff = Backoff(first_seconds=_EVERY_SECONDS, longest_seconds=_LONGEST_WAIT_SECONDS)

    @property
    def dropped(self) -> int:
        """How many rows were lost."""
        return self._dropped + self._tally.dropped

    def ensure_running(self) -> None:
        """Start the thread unless it runs."""
        if self._thread is not None or self._is_finishing.is_set():
            return
        with self._lock:
            if self._thread is None and not self._is_finishing.is_set():
                thread = threading.Thread(target=self._run, name="liftgate-report", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no thread can be started, as while the interpreter shuts down
                    return
                self._thread = thread

    def flush(self, *, seconds: float) -> bool:
        """Send what was counted; return whether the server has been told within that time."""
        told = threading.Event()
        with self._lock:
            if self._thread is None:
                return not self._has_something()
            self._waiters.append(told)
        self._wake.set()
        return told.wait(seconds) and not self._has_something()

    def finish(self, *, seconds: float) -> None:
        """Send what is left and stop; wait at most so long. What is under way then ends with its connection."""
        self._is_finishing.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def after_fork(self) -> None:
        """Forget the parent's thread, and what the parent will send itself."""
        self._tally.after_fork()
        self._lock = threading.Lock()
        self._is_finishing, self._wake, self._waiters = threading.Event(), threading.Event(), []
        self._thread = None
        self._counted, self._levels, self._uses, self._waiting = {}, {}, {}, deque()
        self._dropped = 0

    def report(self) -> None:
        """Send what was counted and what is waiting. Raises when the server cannot be told; nothing is lost by that."""
        self._gather()
        while self._has_something():
            if not self._waiting:
                self._waiting.append(self._next_batch())
            self._send(self._waiting[0])
            self._waiting.popleft()

    def _run(self) -> None:
        wait_seconds = _EVERY_SECONDS
        while not self._is_finishing.is_set():
            self._wake.wait(wait_seconds)
            self._wake.clear()
            if self._is_finishing.is_set():
                break
            wait_seconds = self._report_and_rest()
            with self._lock:
                # Under the lock, so that a binding that begins now either is seen here or starts a new thread.
                if not self._is_needed() and not self._has_something():
                    self._thread = None
                    return
        self._report_and_rest()

    def _report_and_rest(self) -> float:
        """Report, and return the seconds until the next time."""
        with self._lock:
            waiters, self._waiters = self._waiters, []
        try:
            self.report()
        except Exception as error:  # noqa: BLE001 - a thread that dies of a surprise would count for nothing
            self.last_error = error
            return self._backoff.fail()
        finally:
            for told in waiters:
                told.set()
        self._backoff.succeed()
        return _EVERY_SECONDS

    def _has_something(self) -> bool:
        return bool(self._waiting or self._counted or self._levels or self._uses)

    def _gather(self) -> None:
        """Take over what was counted, with the hour of now: it is seconds old."""
        counted = self._tally.take()
        hour = int(self._clock()) // _HOUR_SECONDS * _HOUR_SECONDS
        for met, calls in counted.met.items():
            self._counted[met, hour] = self._counted.get((met, hour), 0) + calls
        for used, times in counted.uses.items():
            self._uses[used, hour] = self._uses.get((used, hour), 0) + times
        self._levels.update(counted.levels)
        self._dropped += _forget_the_oldest(self._counted)
        self._dropped += _forget_the_oldest(self._levels)
        self._dropped += _forget_the_oldest(self._uses)

    def _next_batch(self) -> Batch:
        gates = [(met, hour, self._counted[met, hour]) for met, hour in _first(self._counted)]
        levels = [(customer, feature, self._levels[customer, feature]) for customer, feature in _first(self._levels)]
        uses = [(used, hour, self._uses[used, hour]) for used, hour in _first(self._uses)]
        batch = Batch(os.urandom(16).hex(), tuple(gates), tuple(levels), tuple(uses))
        for used, hour, _ in uses:
            del self._uses[used, hour]
        for met, hour, _ in gates:
            del self._counted[met, hour]
        for customer, feature, _ in levels:
            del self._levels[customer, feature]
        return batch

    def _send(self, batch: Batch) -> None:
        try:
            self._api().report(batch)
        except ApiError as error:
            if error.status < 500 and error.status not in _COMES_BACK:  # noqa: PLR2004 - the class of server errors
                self._dropped += batch.rows
                self._waiting.popleft()
            raise


def _forget_the_oldest(rows: dict[_Key, _Value]) -> int:
    """Keep what there is room for, and return how many rows went."""
    beyond = max(0, len(rows) - _MOST_ROWS)
    for key in list(islice(rows, beyond)):
        del rows[key]
    return beyond


def _first(rows: Iterable[_Key]) -> list[_Key]:
    return list(islice(rows, _ROWS_PER_BATCH))
