"""What the client knows: the snapshot and, bounded, the states of the customers seen last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakValueDictionary, ref

from liftgate.configuration import Settings
from liftgate.counting import Tally
from liftgate.engine.decision import Reason
from liftgate.pins import VersionArchive, is_complete
from liftgate.views import Material, Reader, View

if TYPE_CHECKING:
    from liftgate.engine.catalogue_model import Snapshot
    from liftgate.engine.customer_state import CustomerState, UsageKey

__all__ = ["Cache", "CachedCustomer"]

_MAX_IDLE_VIEWS: Final = 4_096
"""Views kept for the next request of the same reader. One holds a few hundred bytes and its decisions."""

_MOST_COUNTERS: Final = 500
"""Of one customer, told since the state came: some for each user who was counted."""

_MOST_USAGE: Final = 2_000
"""Counters of one customer: a state brings some thousand, and windows of a minute add many in a day."""

_SOME_VIEWS: Final = 16
"""Beyond this many readers of one customer, the remains of forgotten views are swept."""


class _Counted(NamedTuple):
    """What a counter said, when that came here (monotonic seconds), and whether units had been given back."""

    used: int
    at: float
    gave_back: bool


class CachedCustomer:
    """One customer: the state as loaded, and the views that were made from it.

    ``not_before`` (monotonic seconds) keeps apart the loads of a customer that cannot be loaded, ``not_forced_before``
    those that a request asked for. ``told_at`` is when the state came, ``counted`` what counters said since, and when.
    """

    __slots__ = (
        "__weakref__",
        "_views",
        "counted",
        "customer",
        "etag",
        "is_unknown",
        "not_before",
        "not_forced_before",
        "state",
        "told_at",
    )

    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.state: CustomerState | None = None
        self.etag: str | None = None
        self.is_unknown = False
        self.not_before = 0.0
        self.not_forced_before = 0.0
        self.told_at = 0.0
        self.counted: dict[UsageKey, _Counted] | None = None
        # Held weakly, and by hand: a WeakValueDictionary alone would be a third of what a customer costs.
        self._views: dict[Reader, ref[View]] = {}

    def views(self) -> Iterator[View]:
        """Yield the views that somebody still holds."""
        for reference in list(self._views.values()):
            view = reference()
            if view is not None:
                yield view

    def find_view(self, reader: Reader) -> View | None:
        """Return the view of a reader if it is still held."""
        reference = self._views.get(reader)
        return reference() if reference is not None else None

    def add_view(self, view: View) -> None:
        """Let a view take part in refreshes for as long as somebody holds it."""
        if len(self._views) >= _SOME_VIEWS:
            self._views = {reader: held for reader, held in self._views.items() if held() is not None}
        self._views[view.reader] = ref(view)


class Cache:
    """Snapshot and customers, shared by all threads of a client. New data reaches every view at once.

    Customers and views are held weakly beside bounded lists of recent ones: what falls off a list while somebody is
    bound to it keeps being refreshed, and what nobody is bound to is gone.
    """

    def __init__(self, settings: Settings, tally: Tally | None = None) -> None:
        self._settings = settings
        self._tally = tally
        self._lock = threading.Lock()
        self._customers: WeakValueDictionary[str, CachedCustomer] = WeakValueDictionary()
        self._recent: OrderedDict[str, CachedCustomer] = OrderedDict()
        self._recent_views: OrderedDict[View, None] = OrderedDict()
        self._archive = VersionArchive()
        self._is_stale = False
        self.snapshot: Snapshot | None = None
        self.snapshot_etag: str | None = None

    def customer(self, customer: str) -> CachedCustomer:
        """Return the entry of a customer, a new and empty one when it is not cached, as the most recent one."""
        with self._lock:
            entry = self._customers.get(customer)
            if entry is None:
                entry = self._customers[customer] = CachedCustomer(customer)
            self._recent[customer] = entry
            self._recent.move_to_end(customer)
            if len(self._recent) > self._settings.max_customers:
                self._recent.popitem(last=False)
            return entry

    def find(self, customer: str) -> CachedCustomer | None:
        """Return the entry of a customer that is cached."""
        with self._lock:
            return self._customers.get(customer)

    def customers(self) -> list[CachedCustomer]:
        """Return every cached customer."""
        with self._lock:
            return list(self._customers.values())

    def view(self, entry: CachedCustomer, reader: Reader) -> View:
        """Return the view of a reader, the same one for everybody who is bound alike."""
        with self._lock:
            view = entry.find_view(reader)
            if view is None:
                view = View(
                    self._material(entry), owner=entry, reader=reader, settings=self._settings, tally=self._tally
                )
                entry.add_view(view)
            self._recent_views[view] = None
            self._recent_views.move_to_end(view)
            if len(self._recent_views) > min(_MAX_IDLE_VIEWS, self._settings.max_customers):
                self._recent_views.popitem(last=False)
            return view

    def is_complete(self, entry: CachedCustomer) -> bool:
        """Whether everything is there that decisions about the customer need."""
        with self._lock:
            return self._material(entry).state is not None

    def store_snapshot(self, snapshot: Snapshot, *, etag: str | None, may_be_older: bool = False) -> None:
        """Take over a snapshot; an older one than we have only after the server said that history was reset."""
        with self._lock:
            have = self.snapshot
            if have is not None:
                if snapshot.version < have.version and not may_be_older:
                    return
                self._archive.remember(have)
            self.snapshot, self.snapshot_etag = snapshot, etag
            self._renew(self._customers.values())

    def store_state(
        self,
        entry: CachedCustomer,
        state: CustomerState,
        *,
        etag: str | None,
        may_be_older: bool = False,
        asked_at: float | None = None,
    ) -> None:
        """Take over a customer's state, with the same rule for older ones.

        ``asked_at`` (monotonic seconds) is when the server was asked: what counters have said since is newer.
        """
        with self._lock:
            have = entry.state
            if have is not None and state.version < have.version and not may_be_older:
                return
            if entry.counted is not None:
                state = _with_newer_counters(entry, state, asked_at)
            entry.state, entry.etag, entry.is_unknown, entry.told_at = state, etag, False, monotonic()
            self._renew([entry])

    def note_counters(
        self, customer: str, told: Mapping[UsageKey, int], *, asked_at: float, gave_back: bool = False
    ) -> None:
        """Take over what counters said in answer to something that was asked at that moment (monotonic seconds).

        An answer that was asked for after the last one had come is newer, whatever it says. Of two that were under way
        at the same time the higher one is, as counting goes on in between; unless this one ``gave_back`` units, which
        whoever did so should see at once.
        """
        with self._lock:
            entry = self._customers.get(customer)
            if entry is not None and entry.state is not None:
                usage = dict(entry.state.usage)
                for key, used in told.items():
                    known = (entry.counted or {}).get(key)
                    since = entry.told_at if known is None else max(known.at, entry.told_at)
                    is_newer = gave_back or asked_at >= since
                    usage[key] = used if is_newer else max(used, usage.get(key, 0))
                self._store_counters(entry, entry.state, usage, told, gave_back=gave_back)

    def add_to_counters(self, customer: str, changes: Mapping[UsageKey, int]) -> None:
        """Change counters by what this process counted without being told what they say now."""
        with self._lock:
            entry = self._customers.get(customer)
            if entry is not None and entry.state is not None and changes:
                usage = dict(entry.state.usage)
                for key, change in changes.items():
                    usage[key] = max(0, usage.get(key, 0) + change)
                self._store_counters(entry, entry.state, usage, changes)

    def store_unknown(self, entry: CachedCustomer) -> None:
        """Note that the server has no such customer (any more)."""
        with self._lock:
            entry.state, entry.etag, entry.is_unknown = None, None, True
            self._renew([entry])

    def mark_stale(self, *, is_stale: bool) -> None:
        """Mark every answer from now on, or stop marking."""
        with self._lock:
            if self._is_stale is not is_stale:
                self._is_stale = is_stale
                self._renew(self._customers.values())

    def renew(self) -> None:
        """Decide everything anew, as after a clock was turned back."""
        with self._lock:
            self._renew(self._customers.values())

    def after_fork(self) -> None:
        """Replace the locks: a thread of the parent may have held them at the moment of the fork."""
        self._lock = threading.Lock()
        for entry in self._customers.values():
            for view in entry.views():
                view.after_fork()
        # An answer may have been under way, too.
        self.renew()

    def _store_counters(
        self,
        entry: CachedCustomer,
        state: CustomerState,
        usage: dict[UsageKey, int],
        changed: Collection[UsageKey],
        *,
        gave_back: bool = False,
    ) -> None:
        now, counted = monotonic(), entry.counted or {}
        for key in changed:
            counted.pop(key, None)  # the newest ones stand last
            counted[key] = _Counted(usage[key], now, gave_back)
        while len(counted) > _MOST_COUNTERS:
            # The one that nobody has counted into for longest: most likely its window is over.
            oldest = next(iter(counted))
            del counted[oldest]
            if len(usage) > _MOST_USAGE:
                usage.pop(oldest, None)
        entry.counted = counted
        entry.state = replace(state, usage=usage)
        material, features = self._material(entry), {feature for feature, _, _ in changed}
        for view in entry.views():
            view.replace_counters(material, features)

    def _renew(self, entries: Iterable[CachedCustomer]) -> None:
        for entry in list(entries):
            views = list(entry.views())
            if views:
                material = self._material(entry)
                for view in views:
                    view.replace_material(material)

    def _material(self, entry: CachedCustomer) -> Material:
        snapshot, state = self.snapshot, entry.state
        if snapshot is not None and state is not None:
            state = self._archive.complete(state, snapshot)
            if not is_complete(state, snapshot):
                # A plan that cannot be found is missing data. Deciding without it would refuse, and offer an upgrade
                # to, somebody who has paid.
                state = None
        missing = Reason.NO_CUSTOMER if entry.is_unknown else Reason.UNAVAILABLE
        return Material(snapshot=snapshot, state=state, is_stale=self._is_stale, missing=missing)


def _with_newer_counters(entry: CachedCustomer, state: CustomerState, asked_at: float | None) -> CustomerState:
    """Return a state with what counters said while it was on its way, and forget what it knows better."""
    kept = {} if asked_at is None else {key: it for key, it in (entry.counted or {}).items() if it.at > asked_at}
    entry.counted = kept or None
    if not kept:
        return state
    newer = {key: it.used if it.gave_back else max(it.used, state.usage.get(key, 0)) for key, it in kept.items()}
    return replace(state, usage={**state.usage, **newer})
