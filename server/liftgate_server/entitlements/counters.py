"""What the counters of the ledger say now: the windows that gates are judged by, read in one bare statement.

A counter that is not there yet is the sum of the ledger's entries of its time, as the ledger itself would make it:
after a change of plan the use of the running month may lie in a window that nobody has counted in so far. Which those
are is known from the last time, so the statement asks for their sums as well. What is held by reservations counts as
used, until they expire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from liftgate.engine.allowance_model import Window
from liftgate.engine.customer_state import UsageKey
from liftgate_server.entitlements.holds import expired_holds
from liftgate_server.plumbing.db import hot_rows, read_stored, stored
from liftgate_server.usage.facts import BEGINNING, FOREVER, is_kept_by_ledger

__all__ = [
    "NOTHING_COUNTED",
    "CountedWindows",
    "Reading",
    "counted_windows",
    "read_counters",
    "read_counters_of_users",
]

# A statement cannot be put together from any number of others.
_SUMS_AT_ONCE = 200
# A state is sent whole, so it has no more counters of users.
_MOST_OF_USERS = 1_000
# Which windows have no counter changes when they begin and when they are first counted in, and then not for long.
_MOST_STATEMENTS = 8

_OWN = "environment_id = ? AND customer = ? AND feature = ?"
_COUNTERS = (
    'SELECT feature, "user", "window", used, held FROM usage_counters'
    " WHERE environment_id = ? AND customer = ? AND feature IN ({features}) AND {users} AND ends_at > ?"
)
_SUMS = f"""
    SELECT '', '', '{{place}}',
      coalesce((SELECT CAST(sum(base_quantity) AS bigint) FROM usage_events
                WHERE {_OWN} AND at >= ? AND at < ?{{of_user}}{{used_at_all}}), 0),
      coalesce((SELECT CAST(sum(base_units) AS bigint) FROM usage_reservations
                WHERE {_OWN} AND state = 'open' AND created_at >= ? AND created_at < ?{{of_user}}), 0)"""  # noqa: S608 - our own words
# Most users have used nothing in a window that is not counted yet, which their days say without a look at the account's
# other entries.
_OF_USER = ' AND "user" = ?'
_USED_AT_ALL = f' AND EXISTS (SELECT 1 FROM usage_days WHERE {_OWN} AND "user" = ? AND day >= ? AND day <= ?)'  # noqa: S608 - our own words
_OF_USERS = f"""
    SELECT feature, "user", "window", used, held, starts_at, ends_at FROM usage_counters
    WHERE environment_id = ? AND customer = ? AND "user" <> '' AND ends_at > ?
    ORDER BY feature, "user", "window" LIMIT {_MOST_OF_USERS}"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class _Statement:
    """One bare read of numbers; the instant of asking stands at ``place_of_now`` among its values."""

    text: str
    values: tuple[Any, ...]
    place_of_now: int | None = None

    def rows(self, now: Any) -> list[tuple[Any, ...]]:
        if self.place_of_now is None:
            return hot_rows(self.text, *self.values)
        return hot_rows(self.text, *self.values[: self.place_of_now], now, *self.values[self.place_of_now :])


@dataclass(slots=True)
class CountedWindows:
    """The windows that some gates are judged by for one reader, over ``[since, until)``.

    ``positions`` says where the numbers of each gate stand among all; ``without_counter`` which windows had no counter
    when they were last read.
    """

    environment_id: int
    customer: str
    windows: tuple[tuple[str, Window], ...]
    keys: tuple[UsageKey, ...]
    positions: Mapping[str, tuple[int, ...]]
    since: datetime
    until: datetime | None
    without_counter: tuple[int, ...]
    _statements: dict[tuple[int, ...], tuple[_Statement, ...]] = field(default_factory=dict)

    def holds(self, at: datetime) -> bool:
        """Whether these are still the windows that run."""
        return self.since <= at and (self.until is None or at < self.until)

    def statements(self, summed: tuple[int, ...]) -> tuple[_Statement, ...]:
        """Return what reads the counters, and the sums of the windows at some places."""
        known = self._statements.get(summed)
        if known is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            known = self._statements[summed] = tuple(_statements(self, summed))
        return known


@dataclass(frozen=True, slots=True)
class Reading:
    """What the counters said when a request looked."""

    positions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    keys: tuple[UsageKey, ...] = ()
    numbers: tuple[int, ...] = ()

    @property
    def usage(self) -> dict[UsageKey, int]:
        """The numbers as a customer state has them."""
        return dict(zip(self.keys, self.numbers, strict=True))

    def of(self, gate: str) -> tuple[int, ...]:
        """Return the numbers that a gate is judged by."""
        positions = self.positions.get(gate)
        return tuple([self.numbers[position] for position in positions]) if positions else ()


NOTHING_COUNTED = Reading()


def counted_windows(
    environment_id: int,
    customer: str,
    by_feature: Mapping[str, Sequence[Window]],
    gates: Mapping[str, Sequence[str]],
    *,
    span: tuple[datetime, datetime | None],
) -> CountedWindows:
    """Prepare the reading of the counters behind some gates, each with its features; ``span`` is how long they run."""
    windows = tuple((feature, window) for feature, its in by_feature.items() for window in its)
    places: dict[str, list[int]] = {feature: [] for feature in by_feature}
    for place, (feature, _) in enumerate(windows):
        places[feature].append(place)
    return CountedWindows(
        environment_id=environment_id,
        customer=customer,
        windows=windows,
        keys=tuple((feature, window.user, window.key) for feature, window in windows),
        positions={gate: tuple(place for key in keys for place in places.get(key, ())) for gate, keys in gates.items()},
        since=span[0],
        until=span[1],
        # Until the first look nobody knows. Most have one, and the sum of a long window would be all of its entries.
        without_counter=(),
    )


def read_counters(counted: CountedWindows, at: datetime) -> Reading:
    """Read what the windows stand at."""
    now, summed = stored(at), counted.without_counter
    found = _found(counted, summed, now)
    missing = tuple(place for place, key in enumerate(counted.keys) if key not in found)
    counted.without_counter = missing
    if not set(missing) <= set(summed):
        found = _found(counted, missing, now)
    counts = [found.get(key) or found.get(("", None, str(place)), (0, 0)) for place, key in enumerate(counted.keys)]
    numbers = [used + held for used, held in counts]
    if any(held for _, held in counts):
        given_back = expired_holds(counted.environment_id, counted.customer, counted.windows, at=at)
        numbers = [number - back for number, back in zip(numbers, given_back, strict=True)]
    return Reading(counted.positions, counted.keys, tuple(numbers))


def _found(counted: CountedWindows, summed: tuple[int, ...], now: Any) -> dict[UsageKey, tuple[int, int]]:
    return {
        (row[0], row[1] or None, row[2]): (row[3], row[4])
        for statement in counted.statements(summed)
        for row in statement.rows(now)
    }


def read_counters_of_users(environment_id: int, customer: str, at: datetime) -> dict[UsageKey, int]:
    """Read the running counters of a customer's users, as many as a state has room for."""
    rows = hot_rows(_OF_USERS, environment_id, customer, stored(at))
    held = [row for row in rows if row[4]]
    windows = [(row[0], _window_of(row)) for row in held]
    expired = expired_holds(environment_id, customer, windows, at=at) if held else []
    numbers = {(row[0], row[1], row[2]): row[3] + row[4] for row in rows}
    for row, given_back in zip(held, expired, strict=True):
        numbers[row[0], row[1], row[2]] -= given_back
    return dict(numbers)


def _window_of(row: tuple[Any, ...]) -> Window:
    """Give the window of a counter as far as reservations are looked up by it."""
    bounds = (read_stored(row[5]), read_stored(row[6]))
    return Window(row[2], row[1], *bounds, limit=None, ceiling=None, shown_limit=None)


def _statements(counted: CountedWindows, summed: Sequence[int]) -> Iterator[_Statement]:
    own = (counted.environment_id, counted.customer)
    features = dict.fromkeys(feature for feature, _ in counted.windows)
    user = next((window.user for _, window in counted.windows if window.user is not None), None)
    text = _COUNTERS.format(
        features=", ".join("?" * len(features)), users="\"user\" = ''" if user is None else "\"user\" IN ('', ?)"
    )
    values = (*own, *features) if user is None else (*own, *features, user)
    sums = [_sum(own, place, *counted.windows[place]) for place in summed]
    kept = [it for it in sums if it is not None]
    first, *others = [kept[start : start + _SUMS_AT_ONCE] for start in range(0, len(kept), _SUMS_AT_ONCE)] or [[]]
    yield _Statement(
        " UNION ALL ".join([text, *(it.text for it in first)]),
        (*values, *(value for it in first for value in it.values)),
        place_of_now=len(values),
    )
    for some in others:
        yield _Statement(" UNION ALL ".join(it.text for it in some), tuple(value for it in some for value in it.values))


def _sum(owner: tuple[int, str], place: int, feature: str, window: Window) -> _Statement | None:
    if not is_kept_by_ledger(window.key):
        return None  # what counts by name starts at nothing
    own = (*owner, feature)
    starts_at, ends_at = window.starts_at or BEGINNING, window.ends_at or FOREVER
    bounds = (stored(starts_at), stored(ends_at))
    if window.user is None:
        return _Statement(_SUMS.format(place=place, of_user="", used_at_all=""), (*own, *bounds, *own, *bounds))
    days = (*own, window.user, stored(starts_at.date()), stored(ends_at.date()))
    text = _SUMS.format(place=place, of_user=_OF_USER, used_at_all=_USED_AT_ALL)
    return _Statement(text, (*own, *bounds, window.user, *days, *own, *bounds, window.user))
