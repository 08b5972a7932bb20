"""What was counted after the fact, on its way to the server: a thread of its own, a file for when it is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from liftgate.backoff import Backoff
from liftgate.delivering import Delivery
from liftgate.errors import LiftgateError
from liftgate.journal import Journal, Memory

if TYPE_CHECKING:
    from liftgate.spool import Spool
    from liftgate.usage_calls import UsageCalls

__all__ = ["Courier"]

_MOST_ARRIVING: Final = 10_000
"""Between two looks of the thread, which are milliseconds apart."""

_PER_BATCH: Final = 500

_LINGER_SECONDS: Final = 1.0
"""How long an event waits for others to go with."""

_KEEP_SECONDS: Final = 0.02
"""How long it may be in memory alone where there is a folder for it; what comes in between is written at once."""

_SEARCH_SECONDS: Final = 30.0
"""How often is looked for what others left behind."""

_LONGEST_WAIT_SECONDS: Final = 30.0

_SAY_SECONDS: Final = 60.0
"""How far apart are warnings of what is lost."""

_REST_SECONDS: Final = 60.0
"""After so long without anything to do, it looks whether anybody uses the client still."""


class Courier:
    """A daemon thread that runs while there is something to deliver, or to look for.

    ``put`` never waits for anything but a lock that is held for microseconds. ``lost`` is how many entries there was no
    room for, or that the server would not take.
    """

    def __init__(
        self,
        calls: Callable[[], UsageCalls],
        *,
        spool: Callable[[], Spool] | None,
        is_needed: Callable[[], bool],
        on_start: Callable[[], None],
    ) -> None:
        self._open_spool = spool
        self._is_needed = is_needed
        self._on_start = on_start
        self._delivery = Delivery(calls, self._lose)
        self.last_error: Exception | None = None
        self._backoff = Backoff(first_seconds=0.5, longest_seconds=_LONGEST_WAIT_SECONDS)
        self._begin()

    def _begin(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        # Held while what waits is looked at or written, never while something is sent.
        self._keeping = threading.Lock()
        self._arriving: list[bytes] = []
        self._in_hand: list[bytes] = []
        self._memory = Memory()
        self._journal: Journal | None = None
        self._left: Path | None = None
        self._thread: threading.Thread | None = None
        self._keeper: threading.Thread | None = None
        self._orphan: Journal | None = None
        self._turned_away = 0
        self._is_finishing = False
        self._is_sealed = False
        self._is_urgent = False
        self._is_working = False
        self._unsent = 0
        self._say_at = 0.0
        self._due_at = inf
        self._search_at = 0.0 if self._open_spool is not None else inf
        self.lost = 0

    def put(self, entry: bytes, *, is_urgent: bool = False) -> None:
        """Take an entry over; it is delivered, kept, or counted as lost."""
        with self._changed:
            if len(self._arriving) >= _MOST_ARRIVING:
                self._turned_away += 1
                return
            self._arriving.append(entry)
            self._is_urgent = self._is_urgent or (is_urgent and not self._backoff.is_waiting)
            # The thread looks by itself when it has been told of the first one.
            if len(self._arriving) in (1, _PER_BATCH) or is_urgent:
                self._changed.notify_all()
            if self._is_working and self._open_spool is not None and self._keeper is None:
                self._keeper = self._started(self._keep_meanwhile, "liftgate-spool")
        if self._is_sealed:
            self.seal()
        elif self._thread is None:
            self.ensure_running()

    def ensure_running(self) -> None:
        """Start the thread unless it runs."""
        self._on_start()
        with self._changed:
            if self._thread is None and not self._is_finishing:
                self._thread = self._started(self._run, "liftgate-usage")

    def flush(self, *, seconds: float) -> bool:
        """Deliver now; return whether everything has been within that time."""
        with self._changed:
            self._is_urgent = True
            self._changed.notify_all()
            return self._changed.wait_for(self._has_nothing, seconds)

    def finish(self, *, seconds: float) -> None:
        """Deliver what is left and stop; wait at most so long."""
        with self._changed:
            self._is_finishing = True
            self._changed.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def seal(self) -> None:
        """Write down what could not be delivered, for the next start to find, and let go of the file."""
        self._is_sealed = True
        self._keep()
        with self._keeping:
            journal, self._journal = self._journal, None
            if journal is not None:
                self._left = journal.path
                with suppress(OSError):
                    journal.close()
            if not self._memory.is_empty:
                self._lose(self._memory.size, LiftgateError("The process ended before the server could be told."))
                self._memory = Memory()

    def after_fork(self) -> None:
        """Forget the parent's thread and what the parent delivers itself; its file stays with it."""
        for journal in (self._journal, self._orphan):
            if journal is not None:
                journal.abandon()
        self._begin()

    @staticmethod
    def _started(target: Callable[[], None], name: str) -> threading.Thread | None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # none can be started, as while the interpreter shuts down
            return None
        return thread

    def _run(self) -> None:
        while self._take_turn():
            pass

    def _take_turn(self) -> bool:
        """Wait for something to do and do it; return whether there will be more."""
        with self._changed:
            self._changed.wait_for(self._is_called, self._rest_seconds())
            # What else comes in a moment is written with it, so that many events do not wake us one by one.
            self._changed.wait_for(self._is_pressed, _KEEP_SECONDS if self._arriving else 0.0)
        self._keep()
        if self._is_pressed() or monotonic() >= min(self._due_at, self._search_at):
            self._work()
        with self._changed:
            # Under the lock, so that an entry that comes now either is seen here or starts a new thread.
            if self._is_finishing or (self._has_nothing() and not self._is_needed()):
                self._thread = None
                return False
            return True

    def _keep_meanwhile(self) -> None:
        """Write down what arrives while the other thread waits for the server, which may hang for seconds."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._arriving or not self._is_working)
                if not self._is_working:
                    self._keeper = None
                    return
            sleep(_KEEP_SECONDS)
            self._keep()

    def _rest_seconds(self) -> float:
        return max(0.0, min(self._due_at, self._search_at, monotonic() + _REST_SECONDS) - monotonic())

    def _is_called(self) -> bool:
        return bool(self._arriving) or self._is_pressed()

    def _is_pressed(self) -> bool:
        return self._is_urgent or self._is_finishing

    def _has_nothing(self) -> bool:
        journal = self._journal
        is_kept = not self._memory.is_empty or (journal is not None and not journal.is_empty)
        return not (self._arriving or self._in_hand or self._is_working or is_kept)

    def _keep(self) -> None:
        """Put what has arrived where it waits: into the file if there is one, else into memory."""
        with self._keeping:
            with self._changed:
                arrived, self._arriving = self._arriving, []
                lost, self._turned_away = self._turned_away, 0
                self._in_hand = arrived
            written = self._write(arrived) if arrived and self._open_spool is not None else 0
            lost += len(arrived) - written - self._memory.append(arrived[written:])
            self._in_hand = []
            self._unsent += len(arrived)
            if arrived and self._due_at == inf:
                self._due_at = monotonic() + _LINGER_SECONDS
            if self._unsent >= _PER_BATCH and not self._backoff.is_waiting:
                self._due_at = monotonic()
        if lost:
            self._lose(lost, LiftgateError("There is no room for what waits to be delivered."))

    def _write(self, entries: list[bytes]) -> int:
        try:
            if self._journal is None and self._open_spool is not None:
                self._journal = self._open_spool().create(self._left)
            return 0 if self._journal is None else self._journal.append(entries)
        except (OSError, LiftgateError) as error:
            self._note(error)
            return 0

    def _work(self) -> None:
        with self._changed:
            self._is_urgent, self._is_working = False, True
        try:
            self._deliver(self._journal)
            self._deliver(self._memory)
            if monotonic() >= self._search_at and not self._is_finishing:
                self._deliver_orphans()
        except Exception as error:  # noqa: BLE001 - a thread that dies of a surprise would deliver nothing any more
            self._note(error)
            self._due_at = monotonic() + self._backoff.fail()
            self._search_at = max(self._search_at, self._due_at)
        else:
            self._backoff.succeed()
            with self._keeping:
                # What was written meanwhile may have come behind the last look.
                is_kept = not self._memory.is_empty or (self._journal is not None and not self._journal.is_empty)
                self._due_at, self._unsent = monotonic() + _LINGER_SECONDS if is_kept else inf, 0
        with self._changed:
            self._is_working = False
            self._changed.notify_all()

    def _deliver(self, kept: Journal | Memory | None) -> None:
        while kept is not None:
            with self._keeping:
                entries = kept.peek(_PER_BATCH) if kept in (self._journal, self._memory) else []
            if not entries:
                return
            for done in self._delivery.deliver(entries):
                with self._keeping:
                    if kept in (self._journal, self._memory):
                        kept.drop(done)
            if len(entries) < _PER_BATCH:
                # What has come meanwhile waits for others to go with. A last look clears away what is done.
                with self._keeping:
                    if kept in (self._journal, self._memory):
                        kept.peek(1)
                return

    def _deliver_orphans(self) -> None:
        self._search_at = monotonic() + _SEARCH_SECONDS
        if self._open_spool is None:
            return
        for orphan in self._open_spool().orphans():
            self._orphan = orphan
            try:
                while entries := orphan.peek(_PER_BATCH):
                    for done in self._delivery.deliver(entries):
                        orphan.drop(done)
            finally:
                # What could not be delivered stays, without our lock, for whoever can.
                self._orphan = None
                orphan.close()

    def _lose(self, count: int, error: Exception) -> None:
        self.lost += count
        self._note(error)
        if monotonic() >= self._say_at:
            # A feature that nobody knows may be recorded a thousand times a second.
            self._say_at = monotonic() + _SAY_SECONDS
            logging.getLogger("liftgate").warning("Liftgate could not count %d events so far. %s", self.lost, error)

    def _note(self, error: Exception) -> None:
        if not self._is_finishing:
            self.last_error = error
