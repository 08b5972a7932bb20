"""The statements of the ledger, in words that both databases understand; `posting_steps` says when each is used."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

__all__ = ["COMMIT", "Rows", "Statement", "Steps", "begin"]

T = TypeVar("T")

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """One read or write with values for its `?`. Instants, documents and bytes come as they are."""

    text: str
    values: tuple[Any, ...] = ()


Steps = Generator[Statement, Rows, T]
"""Asks for statements one at a time and is sent the rows of each; what it returns is the outcome.

The first is ``begin``, the last one ``COMMIT``; until then nothing has happened. Whoever carries the steps out rolls
back what is open when they end otherwise.
"""

BEGIN: Final = "BEGIN"


def begin(environment_id: int, customer: str) -> Statement:
    """Begin a transaction that has the customer's ledger to itself, and under which the terms do not change."""
    return Statement(BEGIN, (environment_id, customer))


COMMIT: Final = Statement("COMMIT")

TERMS: Final = """
    SELECT catalogue_number, access_number, COALESCE((
        SELECT version FROM customers WHERE environment_id = ? AND id = ?
    ), 0) FROM change_counters WHERE environment_id = ?"""

ENTRY: Final = """
    SELECT operation, digest, refused, at, receipt FROM usage_events
    WHERE environment_id = ? AND customer = ? AND key = ?"""

RESERVATION: Final = """
    SELECT state, digest, created_at, expires_at, receipt, gate, feature, "user", units, settled, properties
    FROM usage_reservations WHERE environment_id = ? AND customer = ? AND key = ?"""

EXPIRED: Final = """
    SELECT key FROM usage_reservations
    WHERE environment_id = ? AND customer = ? AND feature = ? AND state = 'open' AND expires_at <= ? ORDER BY key"""

# The counters of the customer and of one user that an instant lies within.
_WITHIN = """environment_id = ? AND customer = ? AND feature = ? AND "user" IN ('', ?)
        AND starts_at <= ? AND ends_at > ?"""

COUNTERS: Final = f"""
    SELECT "user", "window", used, held, level_at FROM usage_counters
    WHERE {_WITHIN} ORDER BY "user", "window\""""  # noqa: S608 - our own words

ADD_TO_BASE: Final = f"""
    UPDATE usage_counters SET used = used + ?, held = held + ?
    WHERE {_WITHIN} AND "window" NOT LIKE 'bucket:%' AND "window" NOT LIKE 'trial:%'"""  # noqa: S608 - our own words

ADD_TO_WINDOW: Final = """
    UPDATE usage_counters SET used = used + ?, held = held + ?
    WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" = ? AND "window" = ?"""

SET_LEVEL_AT: Final = """
    UPDATE usage_counters SET level_at = ?
    WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" = ? AND "window" = ?"""

USED: Final = """
    SELECT COALESCE(sum(base_quantity), 0), max(CASE WHEN operation = 'level' THEN at END) FROM usage_events
    WHERE environment_id = ? AND customer = ? AND feature = ? AND at >= ? AND at < ? AND (? = '' OR "user" = ?)"""

HELD: Final = """
    SELECT COALESCE(sum(base_units), 0) FROM usage_reservations
    WHERE environment_id = ? AND customer = ? AND feature = ? AND state = 'open' AND created_at >= ? AND created_at < ?
        AND (? = '' OR "user" = ?)"""

NEW_COUNTER: Final = """
    INSERT INTO usage_counters (
        environment_id, customer, feature, "user", "window", starts_at, ends_at, used, held, level_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

NEW_ENTRY: Final = """
    INSERT INTO usage_events (
        environment_id, customer, key, operation, gate, feature, "user", quantity, base_quantity, uses,
        at, received_at, refused, of_key, digest, properties, receipt)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

NEW_RESERVATION: Final = """
    INSERT INTO usage_reservations (
        environment_id, customer, key, gate, feature, "user", units, base_units, digest, properties, receipt,
        created_at, expires_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

SETTLE: Final = """
    UPDATE usage_reservations SET state = ?, settled = ?, settled_at = ?, receipt = ?
    WHERE environment_id = ? AND customer = ? AND key = ?"""

COUNT_DAY: Final = """
    INSERT INTO usage_days (environment_id, customer, feature, "user", day, units, uses, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (environment_id, customer, feature, "user", day) DO UPDATE SET
        units = usage_days.units + excluded.units, uses = usage_days.uses + excluded.uses,
        last_at = CASE WHEN excluded.uses > 0 AND excluded.last_at > usage_days.last_at
            THEN excluded.last_at ELSE usage_days.last_at END"""

NEW_CROSSING: Final = """
    INSERT INTO usage_crossings (
        environment_id, customer, feature, "user", "window", percent, "limit", used, at, announced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING percent"""

ANNOUNCE_AGAIN: Final = """
    UPDATE usage_crossings SET announced = ?
    WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" = ? AND "window" = ? AND percent = ?"""

LIMITS_REACHED: Final = """
    SELECT "user", "window", "limit" FROM usage_crossings
    WHERE environment_id = ? AND customer = ? AND feature = ? AND "user" IN ('', ?) AND percent = 100"""

REFUNDED: Final = """
    SELECT operation, gate, feature, "user", at, refused, receipt FROM usage_events
    WHERE environment_id = ? AND customer = ? AND key = ?"""

GIVEN_BACK: Final = "SELECT receipt FROM usage_events WHERE environment_id = ? AND customer = ? AND of_key = ?"
