"""Runs the migrations on the engine of the app in whose context it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from liftgate_server.plumbing.db import UtcDateTime, db, finish_schema, schema_connection

# No logging is configured here: the server has its own, and a file's configuration would silence existing loggers.


def _render(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types by the names in `script.py.mako`, so that no migration depends on today's code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "INSTANT"
    return {sa.BigInteger: "WHOLE_NUMBER", sa.JSON: "DOCUMENT"}.get(type(item), False)


def run() -> None:
    with schema_connection() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            compare_server_default=True,
            # SQLite changes a column by copying its table.
            render_as_batch=True,
            render_item=_render,
            # The app begins transactions itself, so that a failed migration leaves nothing behind on SQLite either.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            finish_schema(connection)


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database; there is no offline mode.")
run()
