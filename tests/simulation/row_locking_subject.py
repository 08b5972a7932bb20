"""The ledger on PostgreSQL as a subject of the simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulation.facts import Counter, Day, Event, Facts, Reservation
from tests.simulation.row_locking import RowLocking
from tests.simulation.store import Row, Store
from tests.simulation.terms import CUSTOMERS


class RowLockingSubject:
    """A store of PostgreSQL's discipline with the customers in it; ``RowLocking`` or a mutant of it runs there."""

    def __init__(self, ledger: RowLocking | None = None) -> None:
        self.storage = Store()
        self.ledger = ledger or RowLocking()
        self._known: dict[tuple[str, Any], tuple[Row, Any]] = {}
        self.storage.rows("catalogue")["now"] = {"number": 1, "publication": 0}
        for customer in CUSTOMERS:
            self.storage.rows("customers")[customer] = {"version": 1, "plan": "free", "gift": customer == "acme"}

    def facts(self) -> Facts:
        """Tell what is committed."""
        customers = self.storage.rows("customers")
        return Facts(
            events=self._all("events", _event),
            reservations=self._all("reservations", _reservation),
            counters=self._all("counters", _counter),
            days=self._all("days", _day),
            publication=self.storage.rows("catalogue")["now"]["publication"],
            held={customer: (customers[customer]["plan"], customers[customer]["gift"]) for customer in CUSTOMERS},
        )

    def _all(self, table: str, told: Callable[[Any, Row], Any]) -> tuple[Any, ...]:
        return tuple(self._told(table, key, row, told) for key, row in self.storage.rows(table).items())

    def _told(self, table: str, key: Any, row: Row, told: Callable[[Any, Row], Any]) -> Any:
        known = self._known.get((table, key))
        if known is None or known[0] is not row:
            known = self._known[table, key] = (row, told(key, row))
        return known[1]


def _event(key: Any, row: Row) -> Event:
    return Event(
        key[0],
        key[1],
        row["operation"],
        row["feature"],
        row["user"],
        row["quantity"],
        row["base_quantity"],
        row["at"],
        row["parts"],
        row["is_refused"],
    )


def _reservation(key: Any, row: Row) -> Reservation:
    return Reservation(
        key[0],
        key[1],
        row["feature"],
        row["user"],
        row["quantity"],
        row["parts"],
        row["at"],
        row["expires_at"],
        row["state"],
        row["settled"],
        row["settled_at"],
    )


def _counter(key: Any, row: Row) -> Counter:
    return Counter(key[0], key[1], key[2], key[3], row["used"], row["held"], row["starts_at"], row["ends_at"])


def _day(key: Any, row: Row) -> Day:
    return Day(key[0], key[1], key[2], key[3], row["units"])
