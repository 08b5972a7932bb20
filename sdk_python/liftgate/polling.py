"""Keeping what is cached fresh: "what has changed since number N?", told by a stream or asked once per interval."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Final

from liftgate.backoff import Backoff, even_chance
from liftgate.cache import Cache
from liftgate.configuration import Settings
from liftgate.errors import ApiError
from liftgate.loading import Loader

if TYPE_CHECKING:
    from liftgate.answers import Change, ChangePage
    from liftgate.api import Api
    from liftgate.streaming import Stream

__all__ = ["Poller"]

_CATALOGUE: Final = "catalogue"
_CUSTOMER: Final = "customer"
# The version of an account that the server knows nothing of.
_UNKNOWN_AGAIN: Final = 0

_LONGEST_WAIT_SECONDS: Final = 30.0
"""The cap of the waits while the server is out of reach; the average then is half of it."""

_SAFETY_POLL_SECONDS: Final = 60.0
"""How often is asked beside a stream that is well, so that not even a bug in it could leave a cache to rot."""


class Poller:
    """A daemon thread that runs while somebody uses the client, and listens to the stream where there is one.

    It stops after a while without a binding, and the next binding starts it again; what happened in between is caught
    up by number.
    """

    def __init__(
        self,
        api: Callable[[], Api],
        cache: Cache,
        loader: Loader,
        settings: Settings,
        *,
        is_needed: Callable[[], bool],
        open_stream: Callable[[], Stream | None],
    ) -> None:
        self._api = api
        self._cache = cache
        self._loader = loader
        self._settings = settings
        self._is_needed = is_needed
        self._open_stream = open_stream
        self._stream: Stream | None = None
        self._is_listening = False
        self._lock = threading.Lock()
        self._poll_lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._number: int | None = None
        self._outdated: dict[str, int] = {}
        self._last_poll = monotonic()
        self._backoff = Backoff(first_seconds=settings.poll_seconds, longest_seconds=_LONGEST_WAIT_SECONDS)

    @property
    def is_running(self) -> bool:
        """Whether the thread is there."""
        return self._thread is not None

    @property
    def is_listening(self) -> bool:
        """Whether changes come over a stream at the moment."""
        return self._is_listening

    @property
    def is_behind(self) -> bool:
        """Whether it has been asleep for so long that what is cached should be caught up before it is used."""
        asleep_seconds = monotonic() - self._last_poll
        return self._thread is None and self._number is not None and asleep_seconds > 2 * self._settings.poll_seconds

    def ensure_running(self) -> None:
        """Start the thread unless it runs."""
        if self._thread is not None or self._is_closed:
            return
        with self._lock:
            if self._thread is None and not self._is_closed:
                thread = threading.Thread(target=self._run, name="liftgate-poll", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no thread can be started, as while the interpreter shuts down
                    return
                self._thread = thread

    def poll(self) -> None:
        """Ask once and refresh what has changed; raises when the server cannot be asked."""
        with self._poll_lock:
            if self._number is None:
                # What was loaded before we knew a number may have changed since; from here on no change is missed.
                latest = self._api().latest_change()
                self._refresh_all(may_be_older=False)
                self._number = latest
            else:
                self._number = self._follow(self._number)
            self._last_poll = monotonic()
            self._loader.note_contact()

    def close(self, *, seconds: float) -> None:
        """Stop, and wait at most so long for the thread."""
        self._is_closed = True
        self._stop.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def after_fork(self) -> None:
        """Forget the parent's thread; the next binding starts one of the child's own."""
        self._lock = threading.Lock()
        self._poll_lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = None
        self._stream = None
        self._is_listening = False

    def _run(self) -> None:
        self._stream = self._open_stream()
        while not self._is_closed:
            self._stop.wait(self._listen() if self._may_listen() else self._until_stream(self._poll_and_rest()))
            with self._lock:
                # Under the lock, so that a binding that begins now either is seen here or starts a new thread.
                if self._is_closed or not self._is_needed():
                    self._thread = None
                    return

    def _poll_and_rest(self) -> float:
        """Poll, and return the seconds until the next time."""
        try:
            self.poll()
        except Exception as error:  # noqa: BLE001 - a thread that dies of a surprise would leave the cache to rot
            if self._is_closed:
                return 0.0
            self._loader.note_failure(error)
            return self._backoff.fail()
        self._backoff.succeed()
        # A tenth to and fro keeps processes that were started together from asking together for ever.
        return (0.9 + 0.2 * even_chance()) * self._settings.poll_seconds

    def _may_listen(self) -> bool:
        return self._stream is not None and self._number is not None and monotonic() >= self._stream.not_before

    def _until_stream(self, rest_seconds: float) -> float:
        """Rest no longer than until there may be a stream."""
        if self._stream is None or self._number is None:
            return rest_seconds
        return min(rest_seconds, max(0.0, self._stream.not_before - monotonic()))

    def _listen(self) -> float:
        """Take over what the stream tells until it ends or nobody needs it; return the seconds until the next step."""
        stream, number = self._stream, self._number
        if stream is None or number is None:
            return 0.0
        next_poll = monotonic() + self._safety_seconds()
        try:
            with closing(stream.pages(number)) as pages:
                for page in pages:
                    self._is_listening = True
                    self._hear(page)
                    if self._is_closed or not self._is_needed():
                        return 0.0
                    if monotonic() >= next_poll:
                        self.poll()
                        next_poll = monotonic() + self._safety_seconds()
        except Exception as error:  # noqa: BLE001 - as when polling
            self._loader.note(error)
            return self._rest_after(error, stream)
        finally:
            self._is_listening = False
        return 0.0

    def _rest_after(self, error: Exception, stream: Stream) -> float:
        seconds = stream.not_before - monotonic()
        if self._is_closed:
            return 0.0
        if seconds <= 0:
            # It was not the stream that failed, but the loading of what it told.
            self._loader.note_failure(error)
            return self._backoff.fail()
        # Thousands lose the same stream at once. Whoever had it stays away for its own while, and then asks by number;
        # whoever had none goes on polling.
        return seconds if self._is_listening and not stream.is_refused else 0.0

    def _hear(self, page: ChangePage | None) -> None:
        with self._poll_lock:
            number = self._number
            if page is None:
                self._load_outdated()  # what could not be had when it was told
            elif number is not None:
                is_next = page.is_reset or not page.changes or page.changes[0].number <= number + 1
                # Numbers have no gap. One in what we are told means that something was lost on the way.
                self._number = self._take(number, page) if is_next else self._follow(number)
            self._last_poll = monotonic()
            self._loader.note_contact()
            self._backoff.succeed()

    @staticmethod
    def _safety_seconds() -> float:
        return (0.9 + 0.2 * even_chance()) * _SAFETY_POLL_SECONDS

    def _follow(self, number: int) -> int:
        """Take over everything after a number, page by page; return the number we are at."""
        while True:
            page = self._api().changes(number)
            reached = self._take(number, page)
            if page.is_reset or reached >= page.latest or reached <= number:
                return reached
            number = reached

    def _take(self, number: int, page: ChangePage) -> int:
        """Take over one page; return the number we are at."""
        if page.is_reset:
            self._refresh_all(may_be_older=True)
            return page.latest
        for change in page.changes:
            if change.number > number:
                self._note(change)
        self._load_outdated()
        return max((change.number for change in page.changes), default=page.latest)

    def _note(self, change: Change) -> None:
        if change.kind == _CATALOGUE:
            snapshot = self._cache.snapshot
            if snapshot is None or snapshot.version < change.version:
                self._loader.load_snapshot()
        elif change.kind == _CUSTOMER:
            # Version 0 says that the account was forgotten: whatever is kept of it is too new by its number. What comes
            # after in the same page is a new account's, and says nothing against that.
            is_forgotten = self._outdated.get(change.key) == _UNKNOWN_AGAIN
            self._outdated[change.key] = _UNKNOWN_AGAIN if is_forgotten else change.version

    def _load_outdated(self) -> None:
        for customer, version in list(self._outdated.items()):
            entry = self._cache.find(customer)
            is_forgotten = version == _UNKNOWN_AGAIN
            if entry is not None and (entry.state is None or is_forgotten or entry.state.version < version):
                try:
                    if is_forgotten:
                        entry.etag = None
                    self._loader.load_state(entry, may_be_older=is_forgotten)
                except ApiError as error:
                    # One customer whose state cannot be had must not keep the others from theirs: next time again.
                    self._loader.note(error)
                    continue
            del self._outdated[customer]

    def _refresh_all(self, *, may_be_older: bool) -> None:
        self._loader.load_snapshot(may_be_older=may_be_older)
        for entry in self._cache.customers():
            self._loader.load_state(entry, may_be_older=may_be_older)
