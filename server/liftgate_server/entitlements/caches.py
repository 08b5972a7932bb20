"""What this process remembers: snapshots, customer states, and answers ready to send.

Everything here is proven fresh by one bare read a request, the environment's latest change number: while it stands,
nothing changed; when it has moved, the changes since say what to forget. So an answer is never older than the request,
however many processes there are.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from liftgate.engine.allowance import allowance_of
from liftgate.engine.allowance_model import Allowance, Bucket, Window
from liftgate.engine.catalogue_model import Snapshot
from liftgate.engine.customer_state import CustomerState, UsageKey
from liftgate.engine.wire import encode_snapshot, encode_state
from liftgate_server.entitlements.counters import CountedWindows, counted_windows
from liftgate_server.entitlements.views import Reader, View
from liftgate_server.plumbing.changes import ChangeKind, ChangePage

__all__ = ["EnvironmentCache", "KnownCustomer", "LoadedCustomer", "Terms"]

# About 30 kB each once thirty gates were asked for, so this is up to about 100 MB a process.
_MOST_CUSTOMERS = 4_000
_MOST_VIEWS = 32
_MOST_ALLOWANCES = 128
# Late events lie in other windows than those of now, mostly the ones just before.
_ALLOWANCES_OF_ONE = 4
_MOST_COUNTED = 64
_ANYBODY = "-"
_NOBODY = CustomerState(environment="", customer="", version=0)


@dataclass(frozen=True, slots=True)
class LoadedCustomer:
    """What was read about a customer, the change number it was read at, and that of the catalogue it belongs to."""

    number: int
    snapshot: Snapshot
    state: CustomerState
    catalogue_number: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """An allowance from an instant on, and the same as JSON for the ledger."""

    allowance: Allowance
    document: bytes
    since: datetime

    def holds(self, at: datetime) -> bool:
        """Whether these are the terms of that instant."""
        until = self.allowance.valid_until
        return self.since <= at and (until is None or at < until)


@dataclass(slots=True)
class KnownCustomer:
    """A customer in the cache: snapshot and state that belong together, and what was made of them.

    The state knows no use: that changes with every consume, and is read from the counters by each request.
    """

    snapshot: Snapshot
    state: CustomerState
    catalogue_number: int = 0
    _views: dict[Reader, View] = field(default_factory=dict)
    _terms: dict[tuple[str, str | None], list[Terms]] = field(default_factory=dict)
    _counted: dict[tuple[tuple[str, ...] | None, str | None], CountedWindows] = field(default_factory=dict)
    _document: dict[str, object] | None = None

    def view(self, reader: Reader) -> View:
        view = self._views.get(reader)
        if view is None:
            if len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            view = self._views[reader] = View(self.snapshot, self.state, reader)
        return view

    @property
    def gates(self) -> list[str]:
        """Every gate there is: the declared ones, and the implicit one of each feature."""
        catalogue = self.snapshot.catalogue
        return list(dict.fromkeys((*catalogue.gates, *catalogue.features)))

    def encoded(self, usage: Mapping[UsageKey, int]) -> bytes:
        """Return the state as JSON, with the use that was read."""
        if self._document is None:
            self._document = encode_state(self.state)
        if not usage:
            return orjson.dumps(self._document)
        return orjson.dumps(self._document | {"usage": encode_state(replace(_NOBODY, usage=usage))["usage"]})

    def terms(self, feature: str, *, at: datetime, user: str | None) -> Terms | None:
        """Return what may be used of a counted feature at an instant; ``None`` for what is not counted, or unknown."""
        for owner in (None,) if user is None else (user, None):
            for terms in self._terms.get((feature, owner), ()):
                # Where no limit counts each user's own use, the terms are everybody's.
                if terms.holds(at) and (owner == user or not terms.allowance.needs_user):
                    return terms
        allowance = allowance_of(self.snapshot, self.state, feature, at=at, user=user)
        if allowance is None:
            return None
        terms = Terms(allowance, orjson.dumps(allowance.as_document()), at)
        is_personal = any(window.user is not None for window in allowance.windows())
        self._keep((feature, user if is_personal else None), terms)
        return terms

    def terms_of_account(self, feature: str, *, at: datetime) -> Terms | None:
        """Return the terms of an instant without the limits that count each user's own use."""
        terms = self.terms(feature, at=at, user=None)
        return None if terms is None else self._without_users(terms)

    def _without_users(self, terms: Terms) -> Terms:
        if not terms.allowance.needs_user:
            return terms
        allowance = allowance_of(self.snapshot, self.state, terms.allowance.feature, at=terms.since, user=_ANYBODY)
        if allowance is None:
            return terms
        allowance = replace(allowance, buckets=tuple(_of_account(bucket) for bucket in allowance.buckets))
        return Terms(allowance, orjson.dumps(allowance.as_document()), terms.since)

    def _keep(self, place: tuple[str, str | None], terms: Terms) -> None:
        if len(self._terms) >= _MOST_ALLOWANCES:
            self._terms.clear()
        kept = self._terms.get(place, [])
        self._terms[place] = [terms, *kept][:_ALLOWANCES_OF_ONE]

    def counted(
        self, environment_id: int, gates: tuple[str, ...] | None, *, at: datetime, user: str | None
    ) -> CountedWindows | None:
        """Return the counters behind some gates, or behind all; ``None`` where nothing is counted."""
        known = self._counted.get((gates, user))
        if known is not None and known.holds(at):
            return known
        features = {gate: self._counted_features(gate) for gate in (self.gates if gates is None else gates)}
        wanted = dict.fromkeys(feature for its in features.values() for feature in its)
        windows = {feature: self._windows(feature, at=at, user=user) for feature in wanted}
        if not any(windows.values()):
            return None
        ends = [self._until(feature, at=at, user=user) for feature in wanted]
        counted = counted_windows(
            environment_id,
            self.state.customer,
            windows,
            features,
            span=(at, min((end for end in ends if end is not None), default=None)),
        )
        if len(self._counted) >= _MOST_COUNTED:
            self._counted.clear()
        self._counted[gates, user] = counted
        return counted

    def _counted_features(self, key: str) -> Sequence[str]:
        gate = self.snapshot.gate(key)
        features = self.snapshot.catalogue.features
        asked = (features.get(requirement.feature) for requirement in (gate.requirements if gate is not None else ()))
        return [feature.key for feature in asked if feature is not None and feature.kind.is_counted]

    def _windows(self, feature: str, *, at: datetime, user: str | None) -> tuple[Window, ...]:
        terms = self.terms(feature, at=at, user=user)
        if terms is None:
            return ()
        # Nobody in particular has used nothing of what is counted by user.
        return self._without_users(terms).allowance.windows()

    def _until(self, feature: str, *, at: datetime, user: str | None) -> datetime | None:
        terms = self.terms(feature, at=at, user=user)
        return None if terms is None else terms.allowance.valid_until


def _of_account(bucket: Bucket) -> Bucket:
    return replace(
        bucket,
        alternatives=tuple(
            tuple(window for window in windows if window.user is None) for windows in bucket.alternatives
        ),
    )


class EnvironmentCache:
    """One environment's part, valid at ``number``."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._lock = threading.Lock()
        self._customers: OrderedDict[str, KnownCustomer] = OrderedDict()
        self._snapshot: tuple[Snapshot, bytes] | None = None

    def customer(self, customer: str) -> KnownCustomer | None:
        """Return what is known of a customer."""
        with self._lock:
            known = self._customers.get(customer)
            if known is not None:
                self._customers.move_to_end(customer)
            return known

    def keep(self, loaded: LoadedCustomer) -> KnownCustomer:
        """Remember what was read, unless something changed since; give it back in either case."""
        known = KnownCustomer(loaded.snapshot, loaded.state, loaded.catalogue_number)
        with self._lock:
            if loaded.number == self.number:
                self._customers[loaded.state.customer] = known
                while len(self._customers) > _MOST_CUSTOMERS:
                    self._customers.popitem(last=False)
        return known

    def snapshot_bytes(self, snapshot: Snapshot) -> bytes:
        """Return a snapshot as JSON."""
        kept = self._snapshot
        if kept is None or kept[0] is not snapshot:
            kept = self._snapshot = (snapshot, orjson.dumps(encode_snapshot(snapshot)))
        return kept[1]

    def catch_up(self, seen: int, page: ChangePage) -> None:
        """Forget what the changes after ``seen`` concern."""
        with self._lock:
            if self.number != seen:
                return  # another thread was here first
            if page.reset or any(change.kind is ChangeKind.CATALOGUE for change in page.changes):
                # A state holds the versions its snapshot lacks, so a new snapshot takes every state with it.
                self._customers.clear()
            for change in page.changes:
                if change.kind is ChangeKind.CUSTOMER:
                    self._customers.pop(change.key, None)
            self.number = page.changes[-1].number if page.changes and not page.reset else page.latest
