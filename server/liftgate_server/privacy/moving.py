"""Moves the rows of somebody who is forgotten to the pseudonym, so many at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from liftgate_server.privacy.pseudonyms import Pseudonyms
from liftgate_server.privacy.tables import PersonalTable

__all__ = ["forget_some", "rows_about"]

_Row = dict[str, Any]
# Names of parameters must not be those of columns.
_OLD = "old_"


def rows_about(table: PersonalTable, environment_id: int, customer: str, user: str | None = None) -> Select[Any]:
    """Select what a table has of an account, or of one person in it."""
    columns = table.table.c
    query = select(table.table).where(columns.environment_id == environment_id, columns[table.customer] == customer)
    if user is None:
        return query
    names = (*table.users, *table.deciders)
    return query.where(or_(*(columns[name] == user for name in names)))


def forget_some(
    session: Session, table: PersonalTable, environment_id: int, whom: Pseudonyms, *, most: int | None = None
) -> int:
    """Move, blank or drop up to ``most`` rows of a table; give how many there were."""
    if whom.user is not None and not (table.users or table.deciders):
        return 0
    query = rows_about(table, environment_id, whom.customer, whom.user).limit(most).with_for_update()
    rows = [dict(row) for row in session.execute(query).mappings()]
    if not rows:
        return 0
    if table.is_dropped:
        _drop(session, table, rows)
        return len(rows)
    moved = [_rewritten(table, row, whom) for row in rows]
    if any(row[column.name] != old[column.name] for row, old in zip(moved, rows, strict=True) for column in table.key):
        _put(session, table, moved)
        _drop(session, table, rows)
    else:
        _change(session, table, rows, moved)
    return len(rows)


def _rewritten(table: PersonalTable, row: _Row, whom: Pseudonyms) -> _Row:
    new: _Row = {**row, **table.blank}
    new[table.customer] = whom.of_customer(row[table.customer])
    for name in table.users:
        new[name] = whom.of_user(row[name])
    for name in table.deciders:
        # In an account that goes altogether it cannot be said which of these were its own people.
        new[name] = None if whom.is_of_account else whom.of_user(row[name])
    for name in table.keys:
        new[name] = None if row[name] is None else whom.of_key(row[name])
    for name in table.documents:
        for person in {row[user] for user in table.users}:
            new[name] = whom.within(_without_what_was_sent(new[name]), person)
    return new


def _without_what_was_sent(document: Any) -> Any:
    """Take out the request as the host sent it, which only serves to name a difference to another one."""
    return {**document, "sent": {}} if isinstance(document, dict) and "sent" in document else document


def _put(session: Session, table: PersonalTable, rows: Sequence[_Row]) -> None:
    """Write rows under the pseudonym; one that is there already, because the host went on reporting, is joined."""
    statement = _insert(session, table)
    told, kept = statement.excluded, table.table.c
    joined = {name: kept[name] + told[name] for name in table.sums} | {
        name: case(
            (told[name] > func.coalesce(kept[name], told[name]), told[name]),
            else_=func.coalesce(kept[name], told[name]),
        )
        for name in table.newest
    }
    key = [column.name for column in table.key]
    if joined:
        statement = statement.on_conflict_do_update(index_elements=key, set_=joined)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    # Below the session, which would look for objects to bring up to date.
    session.connection().execute(statement, list(rows))


def _drop(session: Session, table: PersonalTable, rows: Sequence[_Row]) -> None:
    statement = delete(table.table).where(*_is_old(table))
    session.connection().execute(statement, [_old_key(table, row) for row in rows])


def _change(session: Session, table: PersonalTable, old: Sequence[_Row], new: Sequence[_Row]) -> None:
    keys = {column.name for column in table.key}
    names = [column.name for column in table.table.c if column.name not in keys]
    statement = update(table.table).where(*_is_old(table)).values({name: bindparam(f"new_{name}") for name in names})
    session.connection().execute(
        statement,
        [
            _old_key(table, was) | {f"new_{name}": row[name] for name in names}
            for was, row in zip(old, new, strict=True)
        ],
    )


def _is_old(table: PersonalTable) -> list[ColumnElement[bool]]:
    return [column == bindparam(_OLD + column.name) for column in table.key]


def _old_key(table: PersonalTable, row: _Row) -> _Row:
    return {_OLD + column.name: row[column.name] for column in table.key}


def _insert(session: Session, table: PersonalTable) -> postgresql.Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table.table)
    # Both databases have the same clause, in SQLAlchemy two classes with the same methods.
    return cast("postgresql.Insert", sqlite.insert(table.table))
