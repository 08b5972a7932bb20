"""What the counters of the ledger say now: the windows that gates are judged by, read in one bare statement.

A counter that is not there yet is the sum of the ledger's entries of its time, as the ledger itself would make it:
after a change of plan the use of the running month may lie in a window that nobody has counted in so far. What is held
by reservations counts as used, until they expire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from liftgate.engine.allowance_model import Window
from liftgate.engine.customer_state import UsageKey
from liftgate_server.entitlements.holds import expired_holds
from liftgate_server.plumbing.db import hot_row, hot_rows, read_stored, stored
from liftgate_server.usage.facts import BEGINNING, FOREVER, is_kept_by_ledger

__all__ = [
    "NOTHING_COUNTED",
    "CountedWindows",
    "Reading",
    "counted_windows",
    "read_counters",
    "read_counters_of_users",
]

# A statement cannot have any number of columns.
_WINDOWS_AT_ONCE = 200
# A state is sent whole, so it has no more counters of users.
_MOST_OF_USERS = 1_000

_OWN = "environment_id = ? AND customer = ? AND feature = ?"
_COUNTER = f'(SELECT used + held FROM usage_counters WHERE {_OWN} AND "user" = ? AND "window" = ?)'  # noqa: S608 - our own words
_OF_ACCOUNT = f"""
    coalesce({_COUNTER},
      coalesce((SELECT CAST(sum(base_quantity) AS bigint) FROM usage_events
                WHERE {_OWN} AND at >= ? AND at < ?), 0)
      + coalesce((SELECT CAST(sum(base_units) AS bigint) FROM usage_reservations
                  WHERE {_OWN} AND state = 'open' AND created_at >= ? AND created_at < ?), 0))"""  # noqa: S608 - our own words
# Most users have used nothing in a window that is not counted yet, which their days say without a look at the account's
# other entries.
_OF_USER = f"""
    coalesce({_COUNTER},
      coalesce(CASE WHEN EXISTS (SELECT 1 FROM usage_days WHERE {_OWN} AND "user" = ? AND day >= ? AND day <= ?) THEN
                 (SELECT CAST(sum(base_quantity) AS bigint) FROM usage_events
                  WHERE {_OWN} AND at >= ? AND at < ? AND "user" = ?) END, 0)
      + coalesce((SELECT CAST(sum(base_units) AS bigint) FROM usage_reservations
                  WHERE {_OWN} AND state = 'open' AND created_at >= ? AND created_at < ? AND "user" = ?), 0))"""  # noqa: S608 - our own words
_OF_BUCKET = f"coalesce({_COUNTER}, 0)"
_ANY_EXPIRED = (
    "EXISTS (SELECT 1 FROM usage_reservations WHERE environment_id = ? AND customer = ? AND state = 'open'"
    " AND feature IN ({features}) AND expires_at <= ?)"
)
_OF_USERS = f"""
    SELECT feature, "user", "window", used, held, starts_at, ends_at FROM usage_counters
    WHERE environment_id = ? AND customer = ? AND "user" <> '' AND ends_at > ?
    ORDER BY feature, "user", "window" LIMIT {_MOST_OF_USERS}"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class _Statement:
    """One bare read of the numbers of some windows; the instant of asking comes last among its values."""

    text: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CountedWindows:
    """The windows that some gates are judged by for one reader, over ``[since, until)``.

    ``positions`` says where the numbers of each gate stand among all.
    """

    customer: str
    windows: tuple[tuple[str, Window], ...]
    keys: tuple[UsageKey, ...]
    positions: Mapping[str, tuple[int, ...]]
    statements: tuple[_Statement, ...]
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether these are still the windows that run."""
        return self.since <= at and (self.until is None or at < self.until)


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
        customer=customer,
        windows=windows,
        keys=tuple((feature, window.user, window.key) for feature, window in windows),
        positions={gate: tuple(place for key in keys for place in places.get(key, ())) for gate, keys in gates.items()},
        statements=tuple(
            _statement(environment_id, customer, windows[start : start + _WINDOWS_AT_ONCE])
            for start in range(0, len(windows), _WINDOWS_AT_ONCE)
        ),
        since=span[0],
        until=span[1],
    )


def read_counters(environment_id: int, counted: CountedWindows, at: datetime) -> Reading:
    """Read what the windows stand at."""
    now = stored(at)
    numbers: list[int] = []
    any_expired = False
    for statement in counted.statements:
        row = hot_row(statement.text, *statement.values, now) or ()
        numbers.extend(row[:-1])
        any_expired = any_expired or bool(row[-1])
    if any_expired:
        given_back = expired_holds(environment_id, counted.customer, counted.windows, at=at)
        numbers = [number - back for number, back in zip(numbers, given_back, strict=True)]
    return Reading(counted.positions, counted.keys, tuple(numbers))


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


def _statement(environment_id: int, customer: str, windows: Sequence[tuple[str, Window]]) -> _Statement:
    columns: list[str] = []
    values: list[Any] = []
    for feature, window in windows:
        column, its_values = _column((environment_id, customer, feature), window)
        columns.append(column)
        values.extend(its_values)
    features = dict.fromkeys(feature for feature, _ in windows)
    columns.append(_ANY_EXPIRED.format(features=", ".join("?" * len(features))))
    return _Statement(f"SELECT {', '.join(columns)}", (*values, environment_id, customer, *features))


def _column(own: tuple[int, str, str], window: Window) -> tuple[str, Iterable[Any]]:
    user = window.user or ""
    counter = (*own, user, window.key)
    if not is_kept_by_ledger(window.key):
        return _OF_BUCKET, counter
    starts_at, ends_at = window.starts_at or BEGINNING, window.ends_at or FOREVER
    bounds = (stored(starts_at), stored(ends_at))
    if window.user is None:
        return _OF_ACCOUNT, (*counter, *own, *bounds, *own, *bounds)
    days = (stored(starts_at.date()), stored(ends_at.date()))
    return _OF_USER, (*counter, *own, user, *days, *own, *bounds, user, *own, *bounds, user)
