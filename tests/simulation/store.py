"""PostgreSQL's READ COMMITTED in memory: of a database only that is modelled on which correctness hangs.

Each statement sees what was committed before it; a row that another transaction has written is waited for and then read
anew; advisory locks last until the end. A transaction is durable at its commit and not a moment before, and whoever
crashes leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Place = tuple[str, Hashable]
"""A table and the key of a row."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Open a transaction that writes."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Make what was written durable and let go of every lock."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Hold an advisory lock until the end of the transaction."""

    name: str
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """Answer a row, or ``None``."""

    table: str
    key: Hashable


@dataclass(frozen=True, slots=True)
class Scan:
    """Answer the rows that fit, by key."""

    table: str
    fits: Callable[[Hashable, Row], bool]


@dataclass(frozen=True, slots=True)
class Insert:
    """Write a new row and answer whether it is new; where it is not, nothing changes."""

    table: str
    key: Hashable
    row: Row


@dataclass(frozen=True, slots=True)
class Change:
    """Write a row anew from what it is now (``None``: not there) and answer it; ``None`` leaves it alone.

    With ``lambda row: row`` it is SELECT … FOR UPDATE.
    """

    table: str
    key: Hashable
    change: Callable[[Row | None], Row | None]


Step = Begin | Commit | Lock | Read | Scan | Insert | Change


@dataclass(eq=False)
class Session:
    """One connection: what it has written and not committed, and the locks it holds."""

    name: str
    is_open: bool = False
    written: dict[Place, Row] = field(default_factory=dict)


class Store:
    """Tables of committed rows, and the locks that keep sessions from each other."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Hashable, Row]] = {}
        self.commits = 0
        self._rows: dict[Place, Session] = {}
        self._advisory: dict[str, dict[Session, bool]] = {}

    def connect(self, name: str) -> Session:
        """Open a connection."""
        return Session(name)

    def rows(self, table: str) -> dict[Hashable, Row]:
        """Give what is committed."""
        return self.tables.setdefault(table, {})

    def is_blocked(self, session: Session, step: Step) -> bool:
        """Whether another session has to end before this step can be taken."""
        match step:
            case Lock(name, exclusive):
                others = [held for holder, held in self._advisory.get(name, {}).items() if holder is not session]
                return any(exclusive or held for held in others)
            case Insert(table, key) | Change(table, key):
                if isinstance(step, Insert) and key in self.rows(table):
                    return False  # a row that is there is a conflict at once, whoever may be changing it
                return self._rows.get((table, key), session) is not session
        return False

    def take(self, session: Session, step: Step) -> Any:
        """Carry out a step that is not blocked; outside of a transaction it is one of its own."""
        match step:
            case Begin():
                self._begin(session)
            case Commit():
                self._commit(session)
            case _:
                answer = self._carry_out(session, step)
                if not session.is_open:
                    self._commit(session)
                return answer
        return None

    def abandon(self, session: Session) -> None:
        """Forget a session's transaction, as when its process dies."""
        session.written.clear()
        self._let_go(session)

    def _begin(self, session: Session) -> None:
        assert not session.is_open, "a transaction within a transaction"
        session.is_open = True

    def _commit(self, session: Session) -> None:
        if session.written:
            self.commits += 1
        for (table, key), row in session.written.items():
            self.rows(table)[key] = row
        self.abandon(session)

    def _let_go(self, session: Session) -> None:
        session.is_open = False
        self._rows = {place: holder for place, holder in self._rows.items() if holder is not session}
        for holders in self._advisory.values():
            holders.pop(session, None)

    def _carry_out(self, session: Session, step: Step) -> Any:
        match step:
            case Lock(name, exclusive):
                holders = self._advisory.setdefault(name, {})
                holders[session] = exclusive or holders.get(session, False)
                return None
            case Read(table, key):
                return self._seen(session, table, key)
            case Scan(table, fits):
                return self._scan(session, table, fits)
            case Insert(table, key, row):
                if self._seen(session, table, key) is not None:
                    return False
                self._write(session, table, key, row)
                return True
            case Change(table, key, change):
                changed = change(self._seen(session, table, key))
                if changed is not None:
                    self._write(session, table, key, changed)
                return changed
        raise AssertionError(step)

    def _seen(self, session: Session, table: str, key: Hashable) -> Row | None:
        return session.written.get((table, key), self.rows(table).get(key))

    def _scan(self, session: Session, table: str, fits: Callable[[Hashable, Row], bool]) -> dict[Hashable, Row]:
        seen = dict(self.rows(table))
        seen.update({key: row for (of, key), row in session.written.items() if of == table})
        return {key: row for key, row in seen.items() if fits(key, row)}

    def _write(self, session: Session, table: str, key: Hashable, row: Row) -> None:
        session.written[table, key] = row
        self._rows[table, key] = session
