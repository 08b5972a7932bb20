"""Where a client's data comes from: cache, loader and poller, put together for bindings to draw from.

What the bindings' gates count leaves the other way, through the reporter.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from liftgate.bindings import Binding
from liftgate.cache import Cache
from liftgate.configuration import ServerAddress, Settings
from liftgate.counting import Tally
from liftgate.errors import LiftgateError
from liftgate.flights import imports
from liftgate.loading import Loader
from liftgate.polling import Poller
from liftgate.reporting import Reporter
from liftgate.server_clock import ServerClock
from liftgate.views import View

if TYPE_CHECKING:
    from liftgate.api import Api
    from liftgate.courier import Courier
    from liftgate.messages import Transport
    from liftgate.remote_meter import RemoteMeter
    from liftgate.spool import Spool
    from liftgate.streaming import Stream
    from liftgate.usage_calls import UsageCalls

# size: some imports more than the budget; this is where cache, loader, poller, reporter, fork and exit meet

__all__ = ["Feed"]

_LAST_REPORT_SECONDS: Final = 1.0
"""How long closing waits until what was counted last is told."""

_IMPORT_SECONDS: Final = 2.0

_CLOSE_SECONDS: Final = 1.0
"""How long it then waits for the poller, whose sockets have been interrupted by then."""


class Feed:
    """Gives bindings their views, and keeps the views fresh while there are bindings."""

    def __init__(
        self,
        transport: Transport,
        address: ServerAddress,
        settings: Settings,
        clock: ServerClock,
        *,
        environment: str = "",
    ) -> None:
        tally = Tally()
        self.cache = Cache(settings, tally)
        self.loader = Loader(self.api, self.cache, settings)
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._address = address
        self._environment = environment
        self._poller = Poller(
            self.api, self.cache, self.loader, settings, is_needed=self._is_in_use, open_stream=self._stream
        )
        self.reporter = Reporter(self.api, tally, clock, is_needed=self._is_in_use)
        self._lock = threading.Lock()
        self._api: Api | None = None
        self._courier: Courier | None = None
        self._meter: RemoteMeter | None = None
        self._open_bindings = 0
        self._last_use = monotonic()
        self._is_closed = False
        _feeds.add(self)

    def api(self) -> Api:
        """Return the calls to the server."""
        if self._api is None:
            # Imported late: reading what comes over the wire takes more modules than all the rest of the SDK, and a
            # process that only imports a module with gates never needs them.
            with imports:
                from liftgate.api import Api  # noqa: PLC0415

            timeout_seconds = self._settings.request_timeout_seconds
            self._api = Api(self._transport, timeout_seconds=timeout_seconds, clock=self._clock)
        return self._api

    def meter(self) -> RemoteMeter:
        """Return what counts use, by asking the server or by telling it later."""
        if self._meter is None:
            # Imported late: many host apps count nothing.
            from liftgate.remote_meter import RemoteMeter  # noqa: PLC0415

            courier = self._open_courier()
            with self._lock:
                # One for all threads: what it learns about the server spares the others the waiting.
                self._meter = self._meter or RemoteMeter(self._usage_calls, courier, self.cache, self._settings)
        return self._meter

    @property
    def last_error(self) -> Exception | None:
        """What the last thing that failed in the background said."""
        errors = (part.last_error for part in (self.loader, self.reporter, self._courier, self._meter) if part)
        return next((error for error in errors if error is not None), None)

    def is_ready(self, binding: Binding) -> bool:
        """Whether ``open`` would answer without waiting for anything."""
        if self._is_closed:
            return True
        return not self._poller.is_behind and self.loader.is_ready(
            binding.customer, minimum_version=binding.minimum_version
        )

    def open(self, binding: Binding) -> View:
        """Return the view of a binding, its data loaded if that takes no longer than the budget."""
        self._last_use = monotonic()
        if self._is_closed:
            return self.cache.view(self.cache.customer(binding.customer), binding.reader)
        if self._poller.is_behind:
            self.loader.within_budget(self._poller.poll)
        entry = self.loader.prepare(binding.customer, minimum_version=binding.minimum_version)
        if self.cache.snapshot is not None:
            self._poller.ensure_running()
        self._ensure_reports()
        return self.cache.view(entry, binding.reader)

    def count(self, change: int) -> None:
        """Note that a binding has begun (1) or ended (-1)."""
        with self._lock:
            self._open_bindings += change
        self._last_use = monotonic()

    def after_change(self, customer: str) -> None:
        """Show a change that was made through this client to everybody who is bound to that customer.

        Only what is cached is loaded anew, so that an import of a million customers costs no second million requests.
        The change is made whether or not its result can be read now; if not, the poller brings it.
        """
        entry = self.cache.find(customer)
        if entry is not None:
            entry.not_before = 0.0
            with suppress(LiftgateError):
                self.loader.refresh(customer)

    def flush(self, *, seconds: float) -> bool:
        """Tell the server everything now; return whether it has been told within that time."""
        deadline = monotonic() + seconds
        is_told = self._courier is None or self._courier.flush(seconds=seconds)
        return self.reporter.flush(seconds=max(0.0, deadline - monotonic())) and is_told

    def finish(self, *, seconds: float) -> None:
        """Tell the server what is left; wait at most so long."""
        deadline = monotonic() + seconds
        if self._courier is not None:
            self._courier.finish(seconds=0.0)
        self.reporter.finish(seconds=seconds)
        if self._courier is not None:
            self._courier.finish(seconds=max(0.0, deadline - monotonic()))

    def seal(self) -> None:
        """Leave what could not be told to the next start."""
        if self._courier is not None:
            self._courier.seal()

    def close(self) -> None:
        """End what runs in the background; what is cached goes on answering."""
        self._is_closed = True
        self.finish(seconds=_LAST_REPORT_SECONDS)
        self.loader.close()
        self._transport.close()
        self._poller.close(seconds=_CLOSE_SECONDS)
        self.seal()

    def after_fork(self) -> None:
        """Make a forked child stand on its own: no locks, threads or sockets of the parent."""
        self._lock = threading.Lock()
        self._transport.after_fork()
        self.cache.after_fork()
        self.loader.after_fork()
        self._poller.after_fork()
        self.reporter.after_fork()
        if self._courier is not None:
            self._courier.after_fork()

    def _stream(self) -> Stream | None:
        """Return the stream of this client, unless it is to do without, or its transport cannot hold one open."""
        open_answer, stream = getattr(self._transport, "open", None), self._settings.stream
        if not stream or open_answer is None:
            return None
        # Imported late: only the thread that keeps the cache fresh needs it.
        with imports:
            from liftgate.streaming import Stream  # noqa: PLC0415

        return Stream(
            open_answer,
            url=self._address.url,
            stream_url=stream if isinstance(stream, str) else None,
            timeout_seconds=self._settings.request_timeout_seconds,
            clock=self._clock,
        )

    def _ensure_reports(self) -> None:
        self.reporter.ensure_running()
        _ensure_exit()
        if self._settings.spool_dir is not None:
            # Somebody may have left something behind.
            self._open_courier().ensure_running()

    def _open_courier(self) -> Courier:
        if self._courier is None:
            # Imported late, as the meter is.
            from liftgate.courier import Courier  # noqa: PLC0415

            courier = Courier(
                self._usage_calls,
                spool=self._spool if self._settings.spool_dir is not None else None,
                is_needed=self._is_in_use,
                on_start=_ensure_exit,
            )
            with self._lock:
                self._courier = self._courier or courier
        return self._courier

    def _spool(self) -> Spool:
        with imports:
            from liftgate.spool import Spool  # noqa: PLC0415 - as late as the courier

        return Spool(self._settings.spool_dir or "", url=self._address.url, environment=self._environment)

    def _usage_calls(self) -> UsageCalls:
        with imports:
            from liftgate.usage_calls import UsageCalls  # noqa: PLC0415 - as late as the meter

        return UsageCalls(self.api())

    def _is_in_use(self) -> bool:
        if self._is_closed:
            return False
        return self._open_bindings > 0 or monotonic() - self._last_use < self._settings.idle_after_seconds


_feeds: WeakSet[Feed] = WeakSet()
_holds_imports: list[bool] = []
_exits = threading.Event()
"""Set once this process reports at its end, too."""


def _ensure_exit() -> None:
    """Have the process report what was counted last when it ends without closing its clients."""
    if _exits.is_set():
        return
    _exits.set()
    # Imported late: a process that only imports a module with gates counts nothing.
    import atexit  # noqa: PLC0415

    atexit.unregister(_finish_reports)
    atexit.register(_finish_reports)
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        # A child of multiprocessing ends without the exit functions, but not without these.
        util.Finalize(None, _finish_reports, exitpriority=0)


def _finish_reports() -> None:
    deadline = monotonic() + _LAST_REPORT_SECONDS
    # All are told before any is waited for: one that hangs must not use up the time of the others.
    for feed in list(_feeds):
        feed.finish(seconds=0.0)
    for feed in list(_feeds):
        feed.finish(seconds=max(0.0, deadline - monotonic()))
        feed.seal()


def _wait_for_imports() -> None:
    """Let our threads finish what they import; it takes milliseconds, and no fork waits for more than that."""
    _holds_imports.append(imports.acquire(timeout=_IMPORT_SECONDS))


def _go_on() -> None:
    if _holds_imports.pop():
        imports.release()


def _stand_alone() -> None:
    """Have every client of a forked child let go of its parent's locks, threads and sockets."""
    _go_on()
    _exits.clear()
    for feed in list(_feeds):
        feed.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=_wait_for_imports, after_in_parent=_go_on, after_in_child=_stand_alone)
