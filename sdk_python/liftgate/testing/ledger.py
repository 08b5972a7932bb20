"""The ledger of a test: entries in memory, and counters that are always the sum of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from liftgate.engine.allocation import Part
from liftgate.engine.allowance import BASE, Allowance, Window
from liftgate.engine.customer_state import UsageKey
from liftgate.errors import ApiError

__all__ = ["NAMED", "Entry", "Held", "Ledger"]

NAMED: Final = ("bucket:", "trial:")
"""What a promotion, an add-on or a trial by uses counts for itself; every other window is counted by its time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Units of one customer at an instant, and what they took from which bucket.

    ``named`` are the units by the counters that are not counted by time.
    """

    customer: str
    feature: str
    user: str | None
    at: datetime
    parts: tuple[Part, ...]
    named: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    allowance: Allowance | None = None

    @property
    def units(self) -> int:
        """All units, whatever they were taken from."""
        return sum(part.units for part in self.parts)

    def with_parts(self, parts: tuple[Part, ...]) -> Entry:
        """Return the same use with other units, in the counters that its allowance names."""
        named: dict[tuple[str, str | None], int] = {}
        for bucket in () if self.allowance is None else self.allowance.buckets:
            units = sum(part.units for part in parts if part.bucket == bucket.key)
            for counter in {window.counter for window in bucket.windows() if window.key.startswith(NAMED)}:
                named[counter] = named.get(counter, 0) + units
        return replace(self, parts=parts, named=named)


@dataclass(frozen=True, slots=True)
class Held:
    """The units of a reservation that is open."""

    entry: Entry
    expires_at: datetime


class Ledger:
    """Entries and open reservations of all customers. Keys belong to a customer."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        self._keys: dict[tuple[str, str], tuple[tuple[object, ...], object]] = {}
        self._refundable: dict[tuple[str, str], Entry] = {}
        self._held: dict[tuple[str, str], Held] = {}
        self._ended: dict[tuple[str, str], str] = {}
        self._set: dict[tuple[str, UsageKey], tuple[int, int]] = {}

    def answered(self, customer: str, key: str, payload: tuple[object, ...]) -> object | None:
        """Return the answer that a key was given before; another payload under it is refused."""
        known = self._keys.get((customer, key))
        if known is None:
            return None
        if known[0] != payload:
            raise ApiError("idempotency_conflict", status=409, detail=f"The key {key!r} was used for {known[0]!r}.")
        return known[1]

    def remember(self, customer: str, key: str, payload: tuple[object, ...], answer: object) -> None:
        """Keep the answer of a key."""
        self._keys[customer, key] = (payload, answer)

    def count(self, counted: Entry, *, key: str | None = None) -> None:
        """Add an entry; with a key it can be given back."""
        self._of(counted.customer, counted.feature).append(counted)
        if key is not None:
            self._refundable[counted.customer, key] = counted

    def give_back(self, customer: str, key: str, units: int | None) -> None:
        """Undo a use, what was taken last first."""
        used = self._refundable.get((customer, key))
        if used is None:
            raise ApiError("unknown_usage", status=404, detail=f"Nothing was counted under the key {key!r}.")
        wanted = used.units if units is None else units
        if not used.units or wanted > used.units:
            raise ApiError("beyond_refundable", status=409, detail=f"{used.units} units can still be given back.")
        kept = used.units - wanted
        left = _first_of(used.parts, kept)
        back = tuple(Part(part.bucket, had - part.units) for part, had in _side_by_side(used.parts, left))
        self._of(customer, used.feature).append(used.with_parts(tuple(part for part in back if part.units)))
        self._refundable[customer, key] = used.with_parts(left)

    def hold(self, key: str, held: Held) -> None:
        """Hold units until they are settled or expire."""
        self._held[held.entry.customer, key] = held

    def settle(self, customer: str, key: str, units: int | None, *, at: datetime) -> None:
        """Count so many of the held units, none of them without a number, and free the rest."""
        self.sweep(at)
        held = self._held.get((customer, key))
        if held is None:
            state = self._ended.get((customer, key))
            if state is None:
                raise ApiError("unknown_reservation", status=404, detail=f"There is no reservation {key!r}.")
            raise ApiError(f"reservation_{state}", status=409, detail=f"The reservation {key!r} is {state}.")
        if units is not None and units > held.entry.units:
            raise ApiError("beyond_reservation", status=422, detail=f"Only {held.entry.units} units were reserved.")
        del self._held[customer, key]
        self._ended[customer, key] = "released" if units is None else "committed"
        if units:
            self.count(held.entry.with_parts(_first_of(held.entry.parts, units)), key=key)

    def is_held(self, customer: str, key: str) -> bool:
        """Whether a reservation is open."""
        return (customer, key) in self._held

    def sweep(self, at: datetime) -> None:
        """Free what expired reservations hold."""
        for name in [name for name, held in self._held.items() if held.expires_at <= at]:
            del self._held[name]
            self._ended[name] = "expired"

    def set_counter(self, customer: str, counter: UsageKey, used: int) -> None:
        """Say what a counter stands at now; what comes later counts on top."""
        self._set[customer, counter] = (used, len(self._of(customer, counter[0])))

    def stands_at(self, customer: str, feature: str, window: Window) -> int:
        """Return what is used and held in a window."""
        used, since = self._set.get((customer, (feature, window.user, window.key)), (0, 0))
        held = [it.entry for it in self._held.values() if (it.entry.customer, it.entry.feature) == (customer, feature)]
        return used + sum(_share(it, window) for it in (*self._of(customer, feature)[since:], *held))

    def subjects(self, customer: str) -> set[tuple[str, str | None]]:
        """Return the features that the customer used, with the users who did."""
        found = {(it.feature, it.user) for it in self._all(customer)}
        return found | {(feature, user) for owner, (feature, user, _) in self._set if owner == customer}

    def customers(self) -> set[str]:
        """Return the customers of whom anything is counted."""
        return {customer for customer, _ in self._entries} | {customer for customer, _ in self._held}

    def named(self, customer: str) -> dict[UsageKey, int]:
        """Return the counters that are not counted by time."""
        counters: dict[UsageKey, int] = {}
        for it in self._all(customer):
            for (window, user), units in it.named.items():
                counters[it.feature, user, window] = counters.get((it.feature, user, window), 0) + units
        return counters

    def set_counters(self, customer: str) -> Iterator[tuple[UsageKey, int]]:
        """Yield the counters that were set by hand, as they were set."""
        for (owner, counter), (used, _) in self._set.items():
            if owner == customer:
                yield counter, used

    def units_of(self, customer: str, feature: str, user: str | None) -> int:
        """Return all units that were ever counted of a feature or a value metric."""
        return sum(it.units for it in self._of(customer, feature) if user is None or it.user == user)

    def _of(self, customer: str, feature: str) -> list[Entry]:
        return self._entries.setdefault((customer, feature), [])

    def _all(self, customer: str) -> Iterator[Entry]:
        for (owner, _), entries in self._entries.items():
            if owner == customer:
                yield from entries
        for (owner, _), held in self._held.items():
            if owner == customer:
                yield held.entry


def _share(counted: Entry, window: Window) -> int:
    """Return the units of an entry that count in a window."""
    if window.key.startswith(NAMED):
        return counted.named.get(window.counter, 0)
    begun = window.starts_at is None or window.starts_at <= counted.at
    if not begun or (window.ends_at is not None and counted.at >= window.ends_at):
        return 0
    if window.user is not None and window.user != counted.user:
        return 0
    return sum(part.units for part in counted.parts if part.bucket == BASE)


def _first_of(parts: tuple[Part, ...], units: int) -> tuple[Part, ...]:
    taken: list[Part] = []
    for part in parts:
        some = min(part.units, units)
        units -= some
        if some:
            taken.append(Part(part.bucket, some))
    return tuple(taken)


def _side_by_side(parts: tuple[Part, ...], left: tuple[Part, ...]) -> Iterator[tuple[Part, int]]:
    remaining = {part.bucket: part.units for part in left}
    for part in parts:
        yield part, remaining.get(part.bucket, 0)
